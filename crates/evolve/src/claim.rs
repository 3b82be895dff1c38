//! Evidence for a claim, with something set aside for beginning again.

use serde::{Deserialize, Serialize};
use stats::sequential::{GAIN_GRID, GridEProcess};

/// What the first process counts for. Chosen: the rest lets the claim go on after a stroke beyond the floor,
/// for one sixtieth of a claim's time.
const FIRST_SHARE: f64 = 0.95;

/// Whether gains are above zero on average: an e-process, and its successors. A loss beyond the floor ends a
/// process for good. The next one counts for what was set aside: shares add up to one, so that all of them
/// together reach 1/α without a reason with probability α at most (a mean of e-processes is one).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    loss_most: f64,
    ended: u32,
    process: GridEProcess,
}

impl Claim {
    /// Nothing heard. `loss_most` is the largest loss possible, positive, in the unit of the gains.
    pub fn new(loss_most: f64) -> Claim {
        Claim { loss_most, ended: 0, process: GridEProcess::new(loss_most, &GAIN_GRID) }
    }

    /// Takes in a gain, negative for a loss, which is never clipped.
    pub fn observe(&mut self, gain: f64) {
        self.process.observe(gain);
        if self.process.is_ruined() {
            let ended = self.ended.saturating_add(1);
            *self = Claim { ended, ..Claim::new(self.loss_most) };
        }
    }

    /// The evidence: 1 says nothing, 20 is as good as p = .05 at every look.
    pub fn evidence(&self) -> f64 {
        self.process.evidence() * self.share()
    }

    /// Whether the evidence is at least 1 / `alpha`.
    pub fn rejects(&self, alpha: f64) -> bool {
        alpha > 0.0 && self.evidence() >= 1.0 / alpha
    }

    /// How often a loss went beyond the floor.
    pub fn ended(&self) -> u32 {
        self.ended
    }

    /// The share of the process that runs: of what is set aside, 6/π²k² for the k-th anew.
    fn share(&self) -> f64 {
        if self.ended == 0 {
            return FIRST_SHARE;
        }
        let k = f64::from(self.ended);
        (1.0 - FIRST_SHARE) * 6.0 / (std::f64::consts::PI * std::f64::consts::PI * k * k)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_beyond_the_floor_ends_a_process_and_what_follows_costs() {
        let mut claim = Claim::new(1.0);
        (0..200).for_each(|_| claim.observe(0.5));
        assert!(claim.rejects(0.05));
        claim.observe(-1.01);
        assert!(claim.evidence() < 0.05 && claim.ended() == 1);
        let mut fresh = Claim::new(1.0);
        for _ in 0..40 {
            claim.observe(0.5);
            fresh.observe(0.5);
        }
        let price = fresh.evidence() / claim.evidence();
        assert!((25.0..40.0).contains(&price), "{price}");
    }

    #[test]
    fn all_processes_together_count_for_one() {
        let mut claim = Claim::new(1.0);
        let mut all = 0.0;
        for _ in 0..100_000 {
            all += claim.share();
            claim.ended += 1;
        }
        assert!(all < 1.0 && all > 0.999, "{all}");
    }
}
