//! What the same entries would have come to under other exit plans, both sides of each pair followed as
//! shadows under the same laws. Every executed decision is compared, and a sample of the declined.
//!
//! None of these shadows is an outcome, none counts as a label, and none is given up for new ones: where there
//! are too many, new decisions are not compared, so that no result decides who is looked at.

use decide::STRATEGIES;
use domain::{
    Climate, Decision, DecisionId, ExitPlan, ExitReason, Outcome, PartialExit, Policy, Side,
    StrategyIx, SymbolIx, TimedBar, Timestamp, WhatIf, WhatIfOutcome, draw,
};
use serde::{Deserialize, Serialize};
use stats::uniqueness::Concurrency;

use crate::scale_in::ScaleIn;
use crate::shadow::{Declined, Ending, Laws, Next, Shadow, Watch};
use crate::{Engine, Settings, State};

/// Of declined decisions this share is compared, by a draw. Chosen: seven shadows for one in sixteen are less
/// than half of what following all declined decisions costs.
const SAMPLED_FRACTION: f64 = 1.0 / 16.0;
/// The draw's stream; 1 and 2 are slippage's, 3 is exploring's.
const STREAM_SAMPLE: u64 = 5;
/// Plans followed of one decision: its own, and each other one.
const PLANS: usize = 1 + WhatIf::ALL.len();

/// All comparisons of one symbol. Nothing rests on the order of its shadows: pairs are sorted by the cascade.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct WhatIfs {
    /// What runs, by rising number of the decision.
    studies: Vec<Study>,
    /// They enter at the next price they can have.
    waiting: Vec<Declined>,
    /// What every bar is compared with, and the shadow behind it at the same place.
    watches: Vec<Watch>,
    open: Vec<Followed>,
    /// They leave at the next price they can have.
    leaving: Vec<Leaving>,
    /// Decisions followed under their own plan, per strategy: how many, and how much they overlap.
    labels: Vec<u32>,
    overlap: Vec<Concurrency>,
    /// Bars met.
    bar_no: u64,
}

/// One decision under several plans.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Study {
    decision_no: u64,
    strategy: StrategyIx,
    side: Side,
    decided_at: Timestamp,
    climate: Climate,
    was_executed: bool,
    /// What is still to be told, one bit each.
    asked: u8,
    /// What it came to under its own plan, and how unique that is.
    planned: Option<(Lived, f64)>,
    instead: [Option<Lived>; WhatIf::ALL.len()],
}

/// What one plan came to, and how long it took.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Lived {
    r: f64,
    bars: u32,
}

impl Lived {
    /// How much of the uniqueness told under this plan a pair with another keeps. A pair overlaps its neighbours
    /// for as long as the longer of its lives, and more of them the longer that is.
    fn share_kept_beside(&self, other: &Lived) -> f64 {
        let bars = |lived: &Lived| f64::from(lived.bars.max(1));
        bars(self) / bars(self).max(bars(other))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Followed {
    shadow: Shadow,
    /// Under which other plan; none for its own.
    what_if: Option<WhatIf>,
    scale_in: Option<ScaleIn>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Leaving {
    followed: Followed,
    watch: Watch,
    reason: ExitReason,
    asked_at: Timestamp,
}

/// A bar, what it is judged by, and where pairs go that are known with it.
struct Meeting<'a> {
    timed: &'a TimedBar,
    bar_ms: i64,
    laws: Laws,
    /// What this symbol's labels are worth beside those of others.
    share: f64,
    told: &'a mut Vec<WhatIfOutcome>,
}

/// The plan under which a what-if follows; nothing where it would be no other than the decision's own.
fn instead(plan: &ExitPlan, what_if: WhatIf, bar_ms: i64) -> Option<ExitPlan> {
    const NEAR: f64 = 3.0 / 4.0;
    const FAR: f64 = 4.0 / 3.0;
    let hold = |hold_ms_max: i64| Some(ExitPlan { hold_ms_max: hold_ms_max.max(bar_ms), ..*plan });
    let target = |factor: f64| {
        Some(ExitPlan { target_fraction: Some(plan.target_fraction? * factor), ..*plan })
    };
    let other = match what_if {
        WhatIf::HoldHalf => hold(plan.hold_ms_max / 2),
        WhatIf::HoldDouble => hold(plan.hold_ms_max.saturating_mul(2)),
        WhatIf::TargetNear => target(NEAR),
        WhatIf::TargetFar => target(FAR),
        WhatIf::PartialHalf => {
            let half = PartialExit { at_fraction: plan.stop_fraction, share_fraction: 0.5 };
            let is_early = plan.target_fraction.is_none_or(|target| half.at_fraction < target);
            is_early.then_some(ExitPlan { partial: Some(half), ..*plan })
        }
        WhatIf::ScaleIn => return Some(*plan),
    };
    other.filter(|other| other != plan)
}

impl Study {
    /// The pairs that are known by now, each told once.
    fn tell(&mut self, symbol: SymbolIx, known_at: Timestamp, told: &mut Vec<WhatIfOutcome>) {
        let Some((planned, uniqueness)) = self.planned else { return };
        for (at, what_if) in WhatIf::ALL.into_iter().enumerate() {
            let Some(instead) = self.instead[at] else { continue };
            if self.asked & (1 << at) == 0 {
                continue;
            }
            self.asked &= !(1 << at);
            told.push(WhatIfOutcome {
                decision_no: self.decision_no,
                symbol,
                strategy: self.strategy,
                side: self.side,
                decided_at: self.decided_at,
                climate: self.climate,
                what_if,
                known_at,
                r: planned.r,
                r_instead: instead.r,
                was_executed: self.was_executed,
                uniqueness: uniqueness * planned.share_kept_beside(&instead),
            });
        }
    }
}

impl Followed {
    fn meet(&mut self, timed: &TimedBar, watch: &mut Watch, laws: &Laws) -> Next {
        let Followed { shadow, scale_in, .. } = self;
        if let Some(scale_in) = scale_in {
            scale_in.open(&timed.bar, shadow, laws);
        }
        let next = shadow.meet(&timed.bar, watch, laws);
        if let (Next::Stays, Some(scale_in)) = (&next, scale_in) {
            scale_in.close(&timed.bar, shadow, watch, laws);
        }
        next
    }

    fn pay_funding(&mut self, rate: f64, close: f64) {
        let more = self.scale_in.map_or(0.0, |added| added.funding(&self.shadow, rate, close));
        self.shadow.pay_funding(rate, close);
        self.shadow.funding_fraction += more;
    }
}

impl WhatIfs {
    pub(crate) fn new(strategies: usize) -> WhatIfs {
        WhatIfs {
            studies: Vec::new(),
            waiting: Vec::new(),
            watches: Vec::new(),
            open: Vec::new(),
            leaving: Vec::new(),
            labels: vec![0; strategies],
            overlap: vec![Concurrency::default(); strategies],
            bar_no: 0,
        }
    }

    /// Follows a decision under all plans from the next price it could have had, while fewer than `most`
    /// are followed.
    fn begin(&mut self, declined: Declined, most: usize, bar_ms: i64) {
        if self.studies.len() >= most {
            return;
        }
        let differs = |what_if: &WhatIf| instead(&declined.plan, *what_if, bar_ms).is_some();
        let asked = WhatIf::ALL.iter().enumerate().filter(|(_, what_if)| differs(what_if));
        self.studies.push(Study {
            decision_no: declined.decision_no,
            strategy: declined.strategy,
            side: declined.side,
            decided_at: declined.decided_at,
            climate: declined.climate,
            was_executed: declined.standing.is_executed(),
            asked: asked.fold(0, |bits, (at, _)| bits | 1 << at),
            planned: None,
            instead: [None; WhatIf::ALL.len()],
        });
        self.waiting.push(declined);
    }

    /// Of an executed decision nothing was filled.
    pub(crate) fn unfilled(&mut self, decision_no: u64) {
        if let Ok(at) = self.studies.binary_search_by_key(&decision_no, |s| s.decision_no) {
            self.studies[at].was_executed = false;
        }
    }

    /// Across missing bars nothing can be compared.
    fn void(&mut self) {
        self.studies.clear();
        self.waiting.clear();
        self.watches.clear();
        self.open.clear();
        self.leaving.clear();
        self.labels.fill(0);
    }

    /// A strategy's plans have changed: what was compared with the plans before says nothing about these.
    fn void_of(&mut self, strategy: StrategyIx) {
        self.studies.retain(|study| study.strategy != strategy);
        self.waiting.retain(|declined| declined.strategy != strategy);
        self.leaving.retain(|left| left.followed.shadow.declined.strategy != strategy);
        let mut stays = self.open.iter().map(|it| it.shadow.declined.strategy != strategy);
        self.watches.retain(|_| stays.next().unwrap_or(true));
        self.open.retain(|it| it.shadow.declined.strategy != strategy);
        self.labels[usize::from(strategy.0)] = 0;
    }

    fn meet(&mut self, meeting: &mut Meeting<'_>) {
        if !self.studies.is_empty() {
            self.meet_open(meeting);
            for (overlap, &labels) in self.overlap.iter_mut().zip(&self.labels) {
                overlap.bar_shared(labels, meeting.share);
            }
        }
        self.bar_no += 1;
        if !self.studies.is_empty() {
            self.meet_leaving(meeting);
            self.meet_bar(meeting);
        }
    }

    /// At the open: those whose time was up leave, and those that wait enter.
    fn meet_open(&mut self, meeting: &mut Meeting<'_>) {
        let bar = &meeting.timed.bar;
        let costs = meeting.laws.costs;
        let (at, market, bar_no) = (bar.opened_at(), bar.open(), self.bar_no);
        for place in (0..self.leaving.len()).rev() {
            if costs.arrives_by(self.leaving[place].asked_at, at) {
                let left = self.leaving.swap_remove(place);
                let ending = Ending { at, market, reason: left.reason, bar_no };
                self.end(&left.followed, &left.watch, &ending, meeting);
            }
        }
        for place in (0..self.waiting.len()).rev() {
            if costs.arrives_by(self.waiting[place].decided_at, at) {
                let declined = self.waiting.swap_remove(place);
                self.enter(&declined, meeting);
            }
        }
    }

    fn enter(&mut self, declined: &Declined, meeting: &Meeting<'_>) {
        let strategy = usize::from(declined.strategy.0);
        let bar = &meeting.timed.bar;
        let others = WhatIf::ALL.into_iter().filter_map(|what_if| {
            let plan = instead(&declined.plan, what_if, meeting.bar_ms)?;
            Some((Some(what_if), Declined { plan, ..*declined }))
        });
        for (what_if, declined) in std::iter::once((None, *declined)).chain(others) {
            let sum = self.overlap[strategy].inverse_sum;
            let (shadow, mut watch) =
                Shadow::enter(&declined, bar, self.bar_no, &meeting.laws, sum);
            let scales_in = what_if == Some(WhatIf::ScaleIn);
            let scale_in = scales_in.then(|| ScaleIn::of(&shadow, &meeting.laws));
            if scales_in {
                // It looks at its first bar whatever that does, and from then on as it says.
                watch.until = bar.opened_at();
            }
            self.open.push(Followed { shadow, what_if, scale_in });
            self.watches.push(watch);
        }
        self.labels[strategy] += 1;
    }

    fn meet_bar(&mut self, meeting: &mut Meeting<'_>) {
        let timed = meeting.timed;
        let mut at = 0;
        while at < self.watches.len() {
            let watch = &mut self.watches[at];
            if watch.is_quiet(&timed.bar) {
                watch.see(&timed.bar);
                at += 1;
                continue;
            }
            let next = self.open[at].meet(timed, watch, &meeting.laws);
            if matches!(next, Next::Stays) {
                at += 1;
                continue;
            }
            let (followed, watch) = (self.open.swap_remove(at), self.watches.swap_remove(at));
            match next {
                Next::Ends(market, reason) => {
                    let ending =
                        Ending { at: timed.bar.closed_at(), market, reason, bar_no: self.bar_no };
                    self.end(&followed, &watch, &ending, meeting);
                }
                Next::Leaves(reason) => {
                    let asked_at = timed.bar.closed_at();
                    self.leaving.push(Leaving { followed, watch, reason, asked_at });
                }
                Next::Stays => {}
            }
        }
    }

    /// Until its order to leave arrives, what a venue holds for it acts as ever.
    fn meet_leaving(&mut self, meeting: &mut Meeting<'_>) {
        let bar = &meeting.timed.bar;
        for place in (0..self.leaving.len()).rev() {
            let left = &mut self.leaving[place];
            let Some((market, reason)) = left.followed.shadow.touched(bar) else {
                left.watch.see(bar);
                continue;
            };
            let left = self.leaving.swap_remove(place);
            let ending = Ending { at: bar.closed_at(), market, reason, bar_no: self.bar_no };
            self.end(&left.followed, &left.watch, &ending, meeting);
        }
    }

    /// Notes a result, and tells the pairs that are known with it.
    fn end(
        &mut self,
        followed: &Followed,
        watch: &Watch,
        ending: &Ending,
        meeting: &mut Meeting<'_>,
    ) {
        let Followed { shadow, what_if, scale_in } = followed;
        let declined = &shadow.declined;
        let strategy = usize::from(declined.strategy.0);
        let mut ended = shadow.end(ending, watch, &meeting.laws);
        if what_if.is_none() {
            self.labels[strategy] -= 1;
            ended.settle_overlap(&self.overlap[strategy]);
        }
        let number = &declined.decision_no;
        let Ok(at) = self.studies.binary_search_by_key(number, |s| s.decision_no) else { return };
        let study = &mut self.studies[at];
        let added = scale_in.map_or(0.0, |added| added.r(shadow, ending, &meeting.laws));
        let Outcome { r, bars, uniqueness, .. } = ended.outcome;
        match what_if {
            None => study.planned = Some((Lived { r, bars }, uniqueness)),
            Some(what_if) => {
                study.instead[*what_if as usize] = Some(Lived { r: r + added, bars });
            }
        }
        study.tell(meeting.laws.symbol, meeting.timed.bar.closed_at(), meeting.told);
        if study.planned.is_some() && study.asked == 0 {
            self.studies.remove(at);
        }
    }

    pub(crate) fn pay_funding(&mut self, rate: f64, close: f64) {
        let leaving = self.leaving.iter_mut().map(|left| &mut left.followed);
        self.open.iter_mut().chain(leaving).for_each(|it| it.pay_funding(rate, close));
    }
}

impl Settings {
    /// Whether other plans are followed at all: where nobody learns from them they are not.
    fn follows_what_ifs(&self) -> bool {
        self.learns
    }

    /// Most decisions of one symbol that are followed under other plans: half as many shadows as those of
    /// declined decisions may be.
    fn studies_max(&self) -> usize {
        self.shadows_max / (2 * PLANS)
    }
}

impl Engine {
    /// Compares a decision's exits with others: where it was executed, or drawn; declined ones leave half of
    /// the room to those that were executed.
    pub(crate) fn ask_what_if(&mut self, decision: &Decision) {
        if !self.settings.follows_what_ifs() {
            return;
        }
        let is_executed = decision.standing.is_executed();
        if !is_executed && !is_sampled(self.settings.seed, decision.id) {
            return;
        }
        let room = self.settings.studies_max();
        let most = if is_executed { room } else { room / 2 };
        let bar_ms = self.instruments[decision.symbol.at()].interval.ms();
        let symbol = &mut self.state.symbols[decision.symbol.at()];
        symbol.what_ifs.begin(Declined::of(decision), most, bar_ms);
    }

    /// What is followed under other plans meets its symbol's bar. Pairs wait for the cascade.
    pub(crate) fn meet_what_ifs(&mut self, timed: &TimedBar, is_after_gap: bool) {
        let laws = self.laws(timed.symbol);
        let bar_ms = self.instruments[timed.symbol.at()].interval.ms();
        let what_ifs = &mut self.state.symbols[timed.symbol.at()].what_ifs;
        if is_after_gap {
            what_ifs.void();
        }
        let told = &mut self.bench.what_ifs;
        let share = self.state.beside.share(timed.symbol);
        what_ifs.meet(&mut Meeting { timed, bar_ms, laws, share, told });
    }

    /// Where a strategy's exits change with the next policy, its comparisons begin anew.
    pub(crate) fn compare_changed_exits_anew(&mut self, next: &Policy) {
        let State { symbols, policy, .. } = &mut self.state;
        for strategy in (0..STRATEGIES.len()).map(|at| StrategyIx(at as u8)) {
            if next.exits_of(strategy) != policy.exits_of(strategy) {
                symbols.iter_mut().for_each(|symbol| symbol.what_ifs.void_of(strategy));
            }
        }
    }
}

fn is_sampled(seed: u64, decision: DecisionId) -> bool {
    draw(seed, decision, STREAM_SAMPLE) < SAMPLED_FRACTION
}
