//! What the market did so long after each decision, whatever became of the position.
//!
//! All decisions of one bar share the window that follows it, so the extremes over it are kept once
//! per horizon and not once per decision.

use std::collections::VecDeque;

use domain::{Bar, HORIZONS, HorizonOutcome, Instrument, Side};
use forecast::features::window::Extremes;
use serde::{Deserialize, Serialize};

use crate::shadow::Excursion;

/// A horizon of more bars than this is not measured: a week of minutes is 10,080, and finer bars would
/// keep more pending than a symbol is worth. Chosen.
const BARS_MAX: u32 = 20_000;

/// A decision whose horizons have not all matured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Pending {
    /// Number of the bar at whose close it was taken.
    bar: u64,
    decision_no: u64,
    side: Side,
    /// Open of the bar after it: the first price it could have had.
    open: f64,
}

/// One horizon that the bars can resolve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Span {
    horizon: u8,
    bars: u32,
    extremes: Extremes,
    /// How many of all decisions ever noted have matured here.
    matured: u64,
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

impl Horizons {
    pub(crate) fn new(instrument: &Instrument) -> Horizons {
        let span = |(at, horizon): (usize, &domain::Horizon)| {
            let bars = instrument.calendar.bars_within(horizon.ms, instrument.interval)?;
            let extremes = Extremes::over(bars);
            (bars <= BARS_MAX).then_some(Span { horizon: at as u8, bars, extremes, matured: 0 })
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
        }
    }

    /// Takes a bar in and tells the moves that are complete with it.
    pub(crate) fn meet(&mut self, bar: &Bar, cost_bps: f64, matured: &mut Vec<HorizonOutcome>) {
        let now = self.heard;
        self.heard += 1;
        for pending in self.pending.iter_mut().rev().take_while(|pending| pending.bar + 1 == now) {
            pending.open = bar.open();
        }
        for span in &mut self.spans {
            span.extremes.push(bar.high(), bar.low());
            let Some((high, low)) = span.extremes.range() else { continue };
            let due = self.pending.iter().skip((span.matured - self.gone) as usize);
            for pending in due.take_while(|pending| pending.bar + u64::from(span.bars) <= now) {
                matured.push(pending.turned_out(span.horizon, bar, (high, low), cost_bps));
                span.matured += 1;
            }
        }
        let all_matured = self.spans.iter().map(|span| span.matured).min().unwrap_or(u64::MAX);
        while self.gone < all_matured && self.pending.pop_front().is_some() {
            self.gone += 1;
        }
    }

    /// Notes a decision taken at the close of the last bar.
    pub(crate) fn note(&mut self, decision_no: u64, side: Side) {
        if let Some(bar) = self.heard.checked_sub(1).filter(|_| !self.spans.is_empty()) {
            self.pending.push_back(Pending { bar, decision_no, side, open: 0.0 });
        }
    }
}

impl Pending {
    fn turned_out(
        &self,
        horizon: u8,
        bar: &Bar,
        (high, low): (f64, f64),
        cost_bps: f64,
    ) -> HorizonOutcome {
        let moves = Excursion::of(self.side, self.open, high, low);
        let move_bps = self.side.sign() * (bar.close() / self.open - 1.0) * 1e4;
        HorizonOutcome {
            decision_no: self.decision_no,
            horizon,
            move_bps: single(move_bps),
            value_bps: single(move_bps - cost_bps),
            favourable_bps: single(moves.favourable_bps),
            adverse_bps: single(moves.adverse_bps),
            known_at: bar.closed_at(),
            uniqueness: 1.0,
        }
    }
}

/// Seven digits of a basis point are more than any market means, and half the room in the store.
fn single(bps: f64) -> f64 {
    f64::from(bps as f32)
}
