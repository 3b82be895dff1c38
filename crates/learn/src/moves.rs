//! Moves in their market's own units, so that symbols and horizons compare.

use domain::{HORIZON_COUNT, HorizonLesson};
use serde::{Deserialize, Serialize};

/// The moves of one market over one horizon, with the past forgotten: Σ w, Σ w·move, Σ w·move².
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Record {
    kept: f64,
    sum: f64,
    squares: f64,
}

/// The usual move of every market over every horizon.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Moves {
    symbols: Vec<[Record; HORIZON_COUNT]>,
}

/// As if so many moves of nothing had been seen: a market's drift is not known from its first move. Chosen.
const PRIOR_MOVES: f64 = 10.0;

impl Moves {
    /// A move beyond the market's drift, in standard deviations of moves over its horizon. Who always leans
    /// up earns the drift and knows nothing, so the drift is taken out (methods §1.1, the agreement bias).
    /// The drift is that before this move; the spread counts it too, so that no first move is endless.
    /// Nothing on a market that stands still.
    pub(crate) fn in_own_units(
        &mut self,
        lesson: &HorizonLesson,
        keep_fraction: f64,
    ) -> Option<f64> {
        let (symbol, weight) = (lesson.symbol.at(), lesson.uniqueness);
        if self.symbols.len() <= symbol {
            self.symbols.resize(symbol + 1, Default::default());
        }
        let record = self.symbols[symbol].get_mut(usize::from(lesson.horizon))?;
        let up = lesson.up_bps;
        if !up.is_finite() || weight.is_nan() || weight <= 0.0 {
            return None;
        }
        let drift = record.sum / (record.kept + PRIOR_MOVES);
        let keep = 1.0 - (1.0 - keep_fraction) * weight;
        record.kept = record.kept * keep + weight;
        record.sum = record.sum * keep + weight * up;
        record.squares = record.squares * keep + weight * up * up;
        let spread = (record.squares / record.kept).sqrt();
        (spread > 0.0).then(|| (up - drift) / spread)
    }
}
