//! What the market did so long after each decision, whatever became of the position.
//!
//! All decisions of one bar share the window that follows it, so the extremes over it are kept once
//! per horizon and not once per decision.

use domain::{Bar, HORIZONS, HorizonOutcome, Instrument, Side};
use forecast::features::window::Extremes;
use serde::{Deserialize, Serialize};

/// Decisions that one symbol can bring in one bar: one per strategy. Chosen well above the registry.
const DECISIONS_A_BAR: usize = 4;

/// A bar and what was decided at its close.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Mark {
    open: f64,
    decided: [Option<(u64, Side)>; DECISIONS_A_BAR],
}

/// One horizon that the bars can resolve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Span {
    horizon: u8,
    bars: u32,
    extremes: Extremes,
}

/// Pending horizons of one symbol.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Horizons {
    spans: Vec<Span>,
    /// The last bars, as many as the longest horizon and one; bar number n lies at n modulo the length.
    marks: Vec<Mark>,
    heard: u64,
}

impl Horizons {
    pub(crate) fn new(instrument: &Instrument) -> Horizons {
        let spans: Vec<Span> = HORIZONS
            .iter()
            .enumerate()
            .filter_map(|(at, horizon)| {
                let bars = instrument.calendar.bars_within(horizon.ms, instrument.interval)?;
                Some(Span { horizon: at as u8, bars, extremes: Extremes::over(bars) })
            })
            .collect();
        let longest = spans.iter().map(|span| span.bars).max().unwrap_or(0) as usize;
        Horizons { spans, marks: vec![Mark::default(); longest + 1], heard: 0 }
    }

    /// Forgets everything pending: a move across missing bars is not a label.
    pub(crate) fn clear(&mut self) {
        self.heard = 0;
        for span in &mut self.spans {
            span.extremes.clear();
        }
    }

    /// Takes a bar in and tells the moves that are complete with it.
    pub(crate) fn meet(&mut self, bar: &Bar, cost_bps: f64, matured: &mut Vec<HorizonOutcome>) {
        let length = self.marks.len() as u64;
        let now = self.heard;
        self.heard += 1;
        self.marks[(now % length) as usize] =
            Mark { open: bar.open(), decided: [None; DECISIONS_A_BAR] };
        for span in &mut self.spans {
            span.extremes.push(bar.high(), bar.low());
            let Some(decided_on) = now.checked_sub(u64::from(span.bars)) else { continue };
            let Some((high, low)) = span.extremes.range() else { continue };
            let decided = self.marks[(decided_on % length) as usize].decided;
            if decided[0].is_none() {
                continue;
            }
            let open = self.marks[((decided_on + 1) % length) as usize].open;
            for (decision_no, side) in decided.into_iter().flatten() {
                let moves = crate::shadows::Excursion::of(side, open, high, low);
                let move_bps = side.sign() * (bar.close() / open - 1.0) * 1e4;
                matured.push(HorizonOutcome {
                    decision_no,
                    horizon: span.horizon,
                    move_bps,
                    value_bps: move_bps - cost_bps,
                    favourable_bps: moves.favourable_bps,
                    adverse_bps: moves.adverse_bps,
                });
            }
        }
    }

    /// Notes a decision taken at the close of the last bar.
    pub(crate) fn note(&mut self, decision_no: u64, side: Side) {
        let Some(last) = self.heard.checked_sub(1) else { return };
        let at = (last % self.marks.len() as u64) as usize;
        if let Some(free) = self.marks[at].decided.iter_mut().find(|place| place.is_none()) {
            *free = Some((decision_no, side));
        }
    }
}
