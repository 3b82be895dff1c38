//! All shadows of a symbol, and the order in which they, its positions and its horizons meet a bar.

use domain::{Effects, ExitReason, InstrumentKind, Reading, SymbolIx, TimedBar, Timestamp};
use laws::funding_rates;
use serde::{Deserialize, Serialize};
use stats::uniqueness::Concurrency;

use crate::cascade::Ended;
use crate::shadow::{Declined, Ending, Laws, Next, Shadow, Watch};
use crate::{Engine, State};

/// The shadows of one symbol. Nothing rests on their order: what ends is sorted by the cascade.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Shadows {
    /// They enter at the next price they can have.
    waiting: Vec<Declined>,
    /// What every bar is compared with, apart from the rest so that thousands of them stay close together.
    watches: Vec<Watch>,
    /// The shadow behind the watch at the same place.
    open: Vec<Shadow>,
    /// They leave at the next price they can have.
    leaving: Vec<Leaving>,
    /// How many labels are open, per strategy.
    labels: Vec<u32>,
    /// Bars met.
    bar_no: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Leaving {
    shadow: Shadow,
    watch: Watch,
    reason: ExitReason,
    asked_at: Timestamp,
}

/// A bar, what it is judged by, and where what ends in it goes.
struct Meeting<'a> {
    timed: &'a TimedBar,
    laws: Laws,
    overlap: &'a [Concurrency],
    ended: &'a mut Vec<Ended>,
}

impl Meeting<'_> {
    fn end(&mut self, shadow: &Shadow, watch: &Watch, ending: &Ending) {
        let mut over = shadow.end(ending, watch, &self.laws);
        over.settle_overlap(&self.overlap[usize::from(shadow.declined.strategy.0)]);
        self.ended.push(over);
    }

    fn end_at_open(&mut self, shadow: &Shadow, watch: &Watch, reason: ExitReason, bar_no: u64) {
        let bar = &self.timed.bar;
        let ending = Ending { at: bar.opened_at(), market: bar.open(), reason, bar_no };
        self.end(shadow, watch, &ending);
    }

    fn end_within(&mut self, shadow: &Shadow, watch: &Watch, end: (f64, ExitReason), bar_no: u64) {
        let (market, reason) = end;
        let ending = Ending { at: self.timed.bar.closed_at(), market, reason, bar_no };
        self.end(shadow, watch, &ending);
    }
}

impl Shadows {
    pub(crate) fn new(strategies: usize) -> Shadows {
        Shadows {
            waiting: Vec::new(),
            watches: Vec::new(),
            open: Vec::new(),
            leaving: Vec::new(),
            labels: vec![0; strategies],
            bar_no: 0,
        }
    }

    /// How many labels are open, per strategy.
    pub(crate) fn labels(&self) -> &[u32] {
        &self.labels
    }

    /// Follows what was declined from the next price it could have had.
    pub(crate) fn follow(&mut self, declined: Declined) {
        self.waiting.push(declined);
    }

    /// What was open over missing bars ends at the first price after them; what had not entered is void.
    fn end_across_gap(&mut self, meeting: &mut Meeting<'_>) {
        let bar_no = self.bar_no;
        for (shadow, watch) in self.open.drain(..).zip(self.watches.drain(..)) {
            meeting.end_at_open(&shadow, &watch, ExitReason::Gap, bar_no);
        }
        for Leaving { shadow, watch, .. } in self.leaving.drain(..) {
            meeting.end_at_open(&shadow, &watch, ExitReason::Gap, bar_no);
        }
        self.waiting.clear();
        self.labels.fill(0);
    }

    /// At the open: those whose time was up leave, and those that wait enter, as far as the latency lets
    /// them.
    fn meet_open(&mut self, meeting: &mut Meeting<'_>) {
        let Shadows { waiting, watches, open, leaving, labels, bar_no } = self;
        let opened_at = meeting.timed.bar.opened_at();
        let costs = meeting.laws.costs;
        leaving.retain(|left| {
            if !costs.arrives_by(left.asked_at, opened_at) {
                return true;
            }
            // It left at the open, so this bar's overlap is none of its business.
            meeting.end_at_open(&left.shadow, &left.watch, left.reason, *bar_no);
            labels[usize::from(left.shadow.declined.strategy.0)] -= 1;
            false
        });
        waiting.retain(|declined| {
            // A price from before the decision is not one it could have had.
            if !costs.arrives_by(declined.decided_at, opened_at) {
                return true;
            }
            let strategy = usize::from(declined.strategy.0);
            let sum = meeting.overlap[strategy].inverse_sum;
            let bar = &meeting.timed.bar;
            let (shadow, watch) = Shadow::enter(declined, bar, *bar_no, &meeting.laws, sum);
            open.push(shadow);
            watches.push(watch);
            labels[strategy] += 1;
            false
        });
    }

    /// Gives up the oldest until at most `most` are open; says how many had to go.
    fn evict(&mut self, most: usize) -> u32 {
        let mut evicted = 0;
        while self.open.len() > most {
            let numbers = self.watches.iter().enumerate().map(|(at, w)| (w.decision_no, at));
            let Some((_, oldest)) = numbers.min() else { break };
            self.remove(oldest);
            evicted += 1;
        }
        evicted
    }

    /// How many should have entered or ended by now: they wait for bars that do not come.
    pub(crate) fn overdue(&self, now: Timestamp) -> usize {
        let open = self.watches.iter().filter(|watch| watch.until <= now).count();
        open + self.waiting.len() + self.leaving.len()
    }

    fn remove(&mut self, at: usize) -> (Shadow, Watch) {
        let shadow = self.open.swap_remove(at);
        self.labels[usize::from(shadow.declined.strategy.0)] -= 1;
        (shadow, self.watches.swap_remove(at))
    }

    /// Through the bar: what is open or leaving meets it.
    fn meet(&mut self, meeting: &mut Meeting<'_>) {
        self.bar_no += 1;
        self.meet_leaving(meeting);
        let timed = meeting.timed;
        let mut at = 0;
        while at < self.watches.len() {
            let watch = &mut self.watches[at];
            if watch.is_quiet(&timed.bar) {
                watch.see(&timed.bar);
                at += 1;
                continue;
            }
            match self.open[at].meet(&timed.bar, watch, &meeting.laws) {
                Next::Stays => at += 1,
                Next::Ends(market, reason) => {
                    let (shadow, watch) = self.remove(at);
                    meeting.end_within(&shadow, &watch, (market, reason), self.bar_no);
                }
                Next::Leaves(reason) => {
                    let (shadow, watch) = self.remove(at);
                    let asked_at = timed.bar.closed_at();
                    self.labels[usize::from(shadow.declined.strategy.0)] += 1;
                    self.leaving.push(Leaving { shadow, watch, reason, asked_at });
                }
            }
        }
    }

    /// Until its order to leave arrives, what a venue holds for it acts as ever; its stop stays.
    fn meet_leaving(&mut self, meeting: &mut Meeting<'_>) {
        let Shadows { leaving, labels, bar_no, .. } = self;
        let timed = meeting.timed;
        leaving.retain_mut(|left| {
            let Some(end) = left.shadow.touched(&timed.bar) else {
                left.watch.see(&timed.bar);
                return true;
            };
            meeting.end_within(&left.shadow, &left.watch, end, *bar_no);
            labels[usize::from(left.shadow.declined.strategy.0)] -= 1;
            false
        });
    }

    fn pay_funding(&mut self, rate: f64, close: f64) {
        let leaving = self.leaving.iter_mut().map(|left| &mut left.shadow);
        self.open.iter_mut().chain(leaving).for_each(|shadow| shadow.pay_funding(rate, close));
    }
}

impl Engine {
    /// Shadows and horizons of one symbol meet its bar. What ended waits for the cascade, where it is
    /// taken in the order of opening.
    pub(crate) fn meet_shadows_and_horizons(&mut self, timed: &TimedBar, effects: &mut Effects) {
        let instrument = &self.instruments[timed.symbol.at()];
        let gap = self.state.symbols[timed.symbol.at()].gap_before(instrument, timed);
        self.meet_what_ifs(timed, gap.is_some());
        if let Some(gap) = gap {
            effects.gaps.push(gap);
            self.with_shadows(timed, Shadows::end_across_gap);
            self.state.symbols[timed.symbol.at()].horizons.clear();
        }
        self.with_shadows(timed, Shadows::meet_open);
        let shadows = &mut self.state.symbols[timed.symbol.at()].shadows;
        effects.evicted += shadows.evict(self.settings.shadows_max);
        self.release_ended(timed, |position| !position.within_bar);
        self.count_overlap(timed);
        self.with_shadows(timed, Shadows::meet);
        self.release_ended(timed, |position| position.within_bar);
        let cost_bps = self.settings.costs.round_trip_fraction() * 1e4;
        self.state.symbols[timed.symbol.at()].horizons.meet(
            &timed.bar,
            cost_bps,
            &mut effects.horizons,
            &mut self.bench.lessons,
        );
    }

    fn with_shadows(
        &mut self,
        timed: &TimedBar,
        meet: impl FnOnce(&mut Shadows, &mut Meeting<'_>),
    ) {
        let laws = self.laws(timed.symbol);
        let symbol = &mut self.state.symbols[timed.symbol.at()];
        let (overlap, ended) = (&symbol.overlap, &mut self.bench.ended);
        meet(&mut symbol.shadows, &mut Meeting { timed, laws, overlap, ended });
    }

    /// What shadows on a symbol obey.
    pub(crate) fn laws(&self, symbol: SymbolIx) -> Laws {
        let costs = self.settings.costs;
        let bar_ms = self.instruments[symbol.at()].interval.ms();
        Laws {
            symbol,
            costs,
            grid: self.state.symbols[symbol.at()].grid,
            seed: self.settings.seed,
            lead_ms: laws::lead_ms(bar_ms, costs.latency_ms),
        }
    }

    /// Shadows of perpetuals pay the funding that positions pay.
    pub(crate) fn fund_shadows(&mut self, readings: &[Reading]) {
        let symbols = self.state.symbols.iter_mut().zip(&self.instruments);
        for (at, (symbol, instrument)) in symbols.enumerate() {
            if instrument.kind != InstrumentKind::Perpetual || symbol.last_closed_at.is_none() {
                continue;
            }
            let close = symbol.grid.near(symbol.last_close);
            for rate in funding_rates(readings, domain::SymbolIx(at as u16), instrument) {
                symbol.shadows.pay_funding(rate.value, close);
                symbol.what_ifs.pay_funding(rate.value, close);
            }
        }
    }

    /// Labels open during this bar, per strategy: shadows, positions, and positions that ended in it.
    fn count_overlap(&mut self, timed: &TimedBar) {
        let State { symbols, book, ended, beside, .. } = &mut self.state;
        let share = beside.share(timed.symbol);
        let symbol = &mut symbols[timed.symbol.at()];
        let labels = &mut self.bench.labels;
        labels.clear();
        for at in 0..symbol.overlap.len() {
            let held = book.open_on(timed.symbol).filter(|p| usize::from(p.strategy.0) == at);
            let just_ended = ended.iter().filter(|e| {
                e.within_bar
                    && e.outcome.symbol == timed.symbol
                    && usize::from(e.outcome.strategy.0) == at
            });
            let positions = (held.count() + just_ended.count()) as u32;
            labels.push(symbol.shadows.labels[at] + positions);
        }
        // Strategies on one symbol look at the same prices, whichever way they go.
        let strategies = labels.iter().filter(|labels| **labels > 0).count().max(1);
        for (overlap, labels) in symbol.overlap.iter_mut().zip(labels) {
            overlap.bar_shared(*labels, share / strategies as f64);
        }
    }

    /// Executed positions of this symbol that ended since its last bar join the shadows' outcomes: those
    /// that left at the open before this bar's overlap is counted, the others after it.
    fn release_ended(&mut self, timed: &TimedBar, now: impl Fn(&Ended) -> bool) {
        let State { symbols, ended, .. } = &mut self.state;
        let overlap = &symbols[timed.symbol.at()].overlap;
        let out = &mut self.bench.ended;
        ended.retain_mut(|position| {
            let stays = position.outcome.symbol != timed.symbol || !now(position);
            if !stays {
                position.settle_overlap(&overlap[usize::from(position.outcome.strategy.0)]);
                out.push(position.clone());
            }
            stays
        });
    }
}
