//! The kind of market that all symbols are in together.

use domain::Regime;
use serde::{Deserialize, Serialize};

use super::{RegimeFilter, RegimeRules, Stride};

/// Fewer symbols are no cross-section: their own regimes have said it already, and what restricts
/// trading must not count one fact twice.
const SYMBOLS_MIN: usize = 2;

/// Tells the regime of all symbols from their mean move, with the same machinery as for one.
///
/// Every move is taken in the units of its own symbol, so that a symbol that comes, halts or is far
/// wilder than the others does not look like a change of the market.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GlobalRegime {
    filter: RegimeFilter,
}

impl GlobalRegime {
    /// One that has heard nothing.
    pub fn new(rules: &RegimeRules) -> GlobalRegime {
        GlobalRegime { filter: RegimeFilter::new(rules) }
    }

    /// Hears the moves of one moment, each in its symbol's own units. Fewer than two change nothing.
    pub fn hear(&mut self, strides: impl Iterator<Item = Stride>) {
        let (mut count, mut sum) = (0, Stride { change: 0.0, body: 0.0, reach: 0.0 });
        for stride in strides {
            count += 1;
            sum.change += stride.change;
            sum.body += stride.body;
            sum.reach += stride.reach;
        }
        if count >= SYMBOLS_MIN {
            let share = 1.0 / count as f64;
            self.filter.hear(&Stride {
                change: sum.change * share,
                body: sum.body * share,
                reach: sum.reach * share,
            });
        }
    }

    /// The label that stands; with one symbol it never leaves [`Regime::Forming`].
    pub fn regime(&self) -> Regime {
        self.filter.label()
    }

    /// Probability that moves are small and that they are large, each 0..=1.
    pub fn quiet_and_turbulent(&self) -> Option<(f64, f64)> {
        self.filter.kinds().map(|kinds| (kinds[super::QUIET], kinds[super::TURBULENT]))
    }
}
