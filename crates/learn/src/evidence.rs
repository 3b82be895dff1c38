//! Evidence from outcomes that overlap.

use serde::{Deserialize, Serialize};
use stats::sequential::GridEProcess;

/// An e-process over blocks of outcomes. One that overlaps nothing is a block of its own; others are
/// averaged until they are worth three together.
///
/// Neighbouring blocks of overlapping outcomes still share their seam. Where labels slide evenly, blocks of n
/// effective outcomes vary by 1 − 1/(3n) of what they vary in the long run, and evidence of 1/α means
/// about α to that power: at blocks of one 0.05 would be 0.14, at blocks of three it is 0.07. Outcomes come in
/// the order of their closing, so that stops are heard a little before the wins of the same time; what is
/// open at any moment is worth a block or two, against the fifty outcomes that anything rests on. No outcome
/// is left out for overlapping: that would take most of the power away.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct BlockedEvidence {
    process: GridEProcess,
    outcomes: u32,
    weight: f64,
    weighted: f64,
}

/// Effective outcomes in a block of those that overlap. Chosen.
const OVERLAPPING: f64 = 3.0;

/// Ten tenths sum to a little less than one.
const ROUNDING: f64 = 1e-9;

impl BlockedEvidence {
    /// Evidence of one; the arguments are those of [`GridEProcess::new`].
    pub(crate) fn new(loss_most: f64, fractions: &[f64]) -> BlockedEvidence {
        let process = GridEProcess::new(loss_most, fractions);
        BlockedEvidence { process, outcomes: 0, weight: 0.0, weighted: 0.0 }
    }

    /// Takes in one gain with its uniqueness.
    pub(crate) fn hear(&mut self, gain: f64, uniqueness: f64) {
        if !(gain.is_finite() && uniqueness > 0.0) {
            return;
        }
        self.outcomes += 1;
        self.weight += uniqueness;
        self.weighted += uniqueness * gain;
        let needed = if self.outcomes == 1 { 1.0 } else { OVERLAPPING };
        if self.weight >= needed - ROUNDING {
            self.process.observe(self.weighted / self.weight);
            (self.outcomes, self.weight, self.weighted) = (0, 0.0, 0.0);
        }
    }

    /// The evidence; outcomes that fill no block yet do not count.
    pub(crate) fn evidence(&self) -> f64 {
        self.process.evidence()
    }

    /// Whether a loss beyond the floor ended it.
    pub(crate) fn is_ruined(&self) -> bool {
        self.process.is_ruined()
    }
}

/// An e-value as it is told; beyond a million another digit says nothing.
pub(crate) fn says_e(e_value: f64) -> String {
    const MOST: f64 = 1e6;
    if e_value > MOST { "over 1,000,000".to_owned() } else { format!("{e_value:.1}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_of_their_own_are_blocks_of_one_and_copies_are_no_evidence() {
        let [mut alone, mut copied] = [(); 2].map(|()| BlockedEvidence::new(2.0, &[0.1, 0.3]));
        let mut plain = GridEProcess::new(2.0, &[0.1, 0.3]);
        for at in 0..60 {
            let gain = if at % 3 == 0 { -1.0 } else { 1.0 };
            plain.observe(gain);
            alone.hear(gain, 1.0);
            (0..10).for_each(|_| copied.hear(gain, 0.1));
        }
        assert_eq!(alone.evidence(), plain.evidence());
        assert!(copied.evidence() < 1.5 * alone.evidence(), "{}", copied.evidence());
    }
}
