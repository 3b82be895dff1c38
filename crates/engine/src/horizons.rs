//! What the market did so long after each decision, whatever became of the position, and what that teaches
//! about the components that leaned when it began.
//!
//! All decisions of one bar share the window that follows it, so the extremes over it are kept once
//! per horizon and not once per decision, and components are taught by it once: they are the symbol's, and
//! no strategy's.

use std::collections::VecDeque;

use domain::{
    Bar, Decision, Effects, HORIZON_COUNT, HORIZONS, HorizonLesson, HorizonOutcome, Instrument,
    SymbolIx, Timestamp,
};
use forecast::features::window::Extremes;
use serde::{Deserialize, Serialize};
use stats::uniqueness::Concurrency;

use crate::shadow::Excursion;
use crate::{Engine, Telling};

/// A horizon of more bars than this is not measured: a week of minutes is 10,080, and finer bars would
/// keep more pending than a symbol is worth. Chosen.
const BARS_MAX: u32 = 20_000;

/// A decision whose horizons have not all matured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Pending {
    /// Number of the bar at whose close it was taken.
    bar: u64,
    /// Open of the bar after it: the first price it could have had.
    open: f64,
    begun: HorizonLesson,
    /// Whether it was the first of its bar, and so the one that teaches.
    teaches: bool,
}

/// One horizon that the bars can resolve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Span {
    horizon: u8,
    bars: u32,
    extremes: Extremes,
    /// How many of all decisions ever noted have matured here.
    matured: u64,
    /// How many windows of this length overlap.
    overlap: Concurrency,
    /// Its sum when each window that is open now began, the oldest first.
    begun: VecDeque<f64>,
}

/// Pending horizons of one symbol.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Horizons {
    spans: Vec<Span>,
    pending: VecDeque<Pending>,
    /// How many decisions have left `pending` at its front.
    gone: u64,
    heard: u64,
}

/// What the bars of one window came to.
#[derive(Clone, Copy)]
struct Stretch {
    horizon: u8,
    close: f64,
    closed_at: Timestamp,
    high: f64,
    low: f64,
    cost_bps: f64,
}

impl Horizons {
    pub(crate) fn new(instrument: &Instrument) -> Horizons {
        let span = |(at, horizon): (usize, &domain::Horizon)| {
            let bars = instrument.calendar.bars_within(horizon.ms, instrument.interval)?;
            (bars <= BARS_MAX).then(|| Span {
                horizon: at as u8,
                bars,
                extremes: Extremes::over(bars),
                matured: 0,
                overlap: Concurrency::default(),
                begun: VecDeque::new(),
            })
        };
        let spans = HORIZONS.iter().enumerate().filter_map(span).collect();
        Horizons { spans, pending: VecDeque::new(), gone: 0, heard: 0 }
    }

    /// Measures none.
    pub(crate) fn none() -> Horizons {
        Horizons { spans: Vec::new(), pending: VecDeque::new(), gone: 0, heard: 0 }
    }

    /// Forgets everything pending: a move across missing bars is not a label.
    pub(crate) fn clear(&mut self) {
        self.heard = 0;
        self.gone = 0;
        self.pending.clear();
        for span in &mut self.spans {
            span.extremes.clear();
            span.matured = 0;
            span.overlap = Concurrency::default();
            span.begun.clear();
        }
    }

    /// Takes a bar in, tells the moves that are complete with it, and what they teach.
    pub(crate) fn meet(
        &mut self,
        bar: &Bar,
        cost_bps: f64,
        matured: &mut Vec<HorizonOutcome>,
        lessons: &mut Vec<HorizonLesson>,
    ) {
        let now = self.heard;
        self.heard += 1;
        for pending in self.pending.iter_mut().rev().take_while(|pending| pending.bar + 1 == now) {
            pending.open = bar.open();
        }
        for span in &mut self.spans {
            span.overlap.bar(span.begun.len() as u32);
            span.extremes.push(bar.high(), bar.low());
            let Some((high, low)) = span.extremes.range() else { continue };
            let stretch = Stretch {
                horizon: span.horizon,
                close: bar.close(),
                closed_at: bar.closed_at(),
                high,
                low,
                cost_bps,
            };
            let due = self.pending.iter().skip((span.matured - self.gone) as usize);
            for pending in due.take_while(|pending| pending.bar + u64::from(span.bars) <= now) {
                span.matured += 1;
                let mut outcome = pending.turned_out(&stretch);
                if pending.teaches {
                    let begun = span.begun.pop_front().unwrap_or(0.0);
                    outcome.uniqueness = span.overlap.uniqueness(begun, span.bars);
                    lessons.push(pending.begun.completed(&outcome));
                }
                matured.push(outcome);
            }
        }
        let all_matured = self.spans.iter().map(|span| span.matured).min().unwrap_or(u64::MAX);
        while self.gone < all_matured && self.pending.pop_front().is_some() {
            self.gone += 1;
        }
    }

    /// Notes a decision taken at the close of the last bar.
    pub(crate) fn note(&mut self, decision: &Decision) {
        let Some(bar) = self.heard.checked_sub(1).filter(|_| !self.spans.is_empty()) else {
            return;
        };
        let teaches = self.pending.back().is_none_or(|last| last.bar != bar);
        if teaches {
            for span in &mut self.spans {
                span.begun.push_back(span.overlap.inverse_sum);
            }
        }
        self.pending.push_back(Pending {
            bar,
            open: 0.0,
            begun: HorizonLesson::begun(decision),
            teaches,
        });
    }
}

impl Pending {
    fn turned_out(&self, stretch: &Stretch) -> HorizonOutcome {
        let side = self.begun.side;
        let moves = Excursion::of(side, self.open, stretch.high, stretch.low);
        let move_bps = side.sign() * (stretch.close / self.open - 1.0) * 1e4;
        HorizonOutcome {
            decision_no: self.begun.decision_no,
            horizon: stretch.horizon,
            move_bps: single(move_bps),
            value_bps: single(move_bps - stretch.cost_bps),
            favourable_bps: single(moves.favourable_bps),
            adverse_bps: single(moves.adverse_bps),
            known_at: stretch.closed_at,
            uniqueness: 0.0,
        }
    }
}

impl Engine {
    /// Learners hear the horizons that matured with these bars, by the decisions' numbers: no order of
    /// symbols can change what is learned. Symbols that move alike are not as many lessons as they are.
    pub(crate) fn teach_horizons(&mut self, effects: &mut Effects) {
        let shares = self.shares_of_symbols();
        for outcome in &mut effects.horizons {
            outcome.uniqueness *= shares[usize::from(outcome.horizon)];
        }
        let mut lessons = std::mem::take(&mut self.bench.lessons);
        lessons.sort_unstable_by_key(|lesson| (lesson.decision_no, lesson.horizon));
        for mut lesson in lessons.drain(..) {
            lesson.uniqueness *= shares[usize::from(lesson.horizon)];
            self.learn_horizon(&lesson);
        }
        self.bench.lessons = lessons;
        if self.settings.telling == Telling::Results {
            effects.horizons.clear();
        }
    }

    /// Per horizon, what the window of one of m symbols is worth beside those of the others that ended with
    /// it: 1 / (1 + (m − 1)·ρ), ρ the mean correlation of their returns (Kish 1965), 1 where it is not known.
    fn shares_of_symbols(&self) -> [f64; HORIZON_COUNT] {
        let mut symbols = [(0.0, 0.0); HORIZON_COUNT];
        let mut last: [Option<SymbolIx>; HORIZON_COUNT] = [None; HORIZON_COUNT];
        for lesson in &self.bench.lessons {
            let at = usize::from(lesson.horizon);
            let (count, together) = &mut symbols[at];
            // Neighbours stand for all pairs: a hundred symbols cost a hundred looks and not five thousand.
            if let Some(before) = last[at].replace(lesson.symbol) {
                let known = self.state.together.correlation(before.at(), lesson.symbol.at());
                *together += known.unwrap_or(1.0).max(0.0);
            }
            *count += 1.0;
        }
        symbols.map(|(count, together)| if count > 1.0 { 1.0 / (1.0 + together) } else { 1.0 })
    }
}

/// Seven digits of a basis point are more than any market means, and half the room in the store.
fn single(bps: f64) -> f64 {
    f64::from(bps as f32)
}
