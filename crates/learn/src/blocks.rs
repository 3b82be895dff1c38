//! Blocks of outcomes that share nothing with each other, as learners hear them.

use domain::{Outcome, Timestamp};
use serde::{Deserialize, Serialize};
use stats::blocks::Dated;

/// Moments of decision in a block. Chosen: with one, a quarter of a crowded stream's worth is lost in waiting;
/// with ten, a strong effect in a sparse one is blurred.
const MOMENTS: u32 = 4;

/// A stream of outcomes that gives a value for every block that is complete.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Blocks(stats::blocks::Blocks<MOMENTS>);

impl Blocks {
    /// An empty stream of what is decided from `from` on.
    pub(crate) fn from(from: Timestamp) -> Blocks {
        Blocks(stats::blocks::Blocks::from(from.ms()))
    }

    /// Hears a result and hands on the mean of every block that is complete with it, units of initial risk.
    pub(crate) fn hear(&mut self, outcome: &Outcome, complete: impl FnMut(f64)) {
        const MINUTE_MS: f64 = 60_000.0;
        let result = Dated {
            decided_ms: outcome.decided_at.ms(),
            closed_ms: outcome.closed_at.ms(),
            hold_ms: (f64::from(outcome.basis.hold_min) * MINUTE_MS) as i64,
            value: outcome.r,
        };
        self.0.hear(result, complete);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use scenarios::{BEGIN, Dice, HOUR_MS, outcome};

    fn blocks_of(outcomes: impl IntoIterator<Item = Outcome>) -> Vec<f64> {
        let (mut blocks, mut made) = (Blocks::from(BEGIN), Vec::new());
        for outcome in outcomes {
            blocks.hear(&outcome, |block| made.push(block));
        }
        made
    }

    #[test]
    fn four_moments_make_a_block_and_what_one_moment_brought_counts_once() {
        let alone = blocks_of((0..40).map(|hour| outcome(hour, (hour % 4) as f64)));
        assert_eq!(alone.len(), 9);
        assert!(alone.iter().all(|block| *block == 1.5), "{alone:?}");
        let copies = (0..40).flat_map(|hour| [outcome(hour, (hour % 4) as f64); 10]);
        assert_eq!(blocks_of(copies), alone);
    }

    #[test]
    fn the_order_of_closing_changes_nothing() {
        let mut dice = Dice::new(7);
        let mut outcomes: Vec<Outcome> = (0..200)
            .map(|hour| {
                let mut outcome = outcome(hour, dice.normal());
                outcome.closed_at =
                    outcome.decided_at.plus_ms((dice.uniform() * 9.0 * HOUR_MS as f64) as i64);
                outcome.basis.hold_min = 600.0;
                outcome
            })
            .collect();
        let by_decision = blocks_of(outcomes.clone());
        outcomes.sort_by_key(|outcome| outcome.closed_at);
        let by_close = blocks_of(outcomes);
        assert!(by_close.len() > 5);
        assert_eq!(by_close[..5], by_decision[..5]);
    }
}
