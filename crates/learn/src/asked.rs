//! Whether the refused would have gained, or what passed loses: a question to blocks of results, with the
//! price of having asked before.

use serde::{Deserialize, Serialize};
use stats::sequential::GridEProcess;

/// Stakes relative to one over the worst block. Chosen: blocks vary half as much as results, so that stakes
/// may be twice those for single trades.
const STAKES: [f64; 5] = [0.05, 0.1, 0.2, 0.4, 0.8];

/// What is asked of results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Claim {
    /// They gain.
    Gain,
    /// They lose.
    Loss,
}

impl Claim {
    /// The most that a block may speak against the claim, units of initial risk. Chosen: blocks average four
    /// moments, stops lose one and targets bring one and a half; only gaps through most stops at once, or a
    /// run of far trailing stops, go beyond these, and then the evidence starts over.
    const fn worst_r(self) -> f64 {
        match self {
            Claim::Gain => 2.0,
            Claim::Loss => 3.0,
        }
    }

    const fn gain(self, r: f64) -> f64 {
        match self {
            Claim::Gain => r,
            Claim::Loss => -r,
        }
    }
}

/// A claim's evidence so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Asked {
    claim: Claim,
    /// How often it was asked anew before.
    before: u32,
    process: GridEProcess,
}

impl Asked {
    pub(crate) fn new(claim: Claim) -> Asked {
        Asked { claim, before: 0, process: GridEProcess::new(claim.worst_r(), &STAKES) }
    }

    /// The same claim from nothing, about something that has changed. It costs.
    pub(crate) fn anew(&self) -> Asked {
        Asked { before: self.before + 1, ..Asked::new(self.claim) }
    }

    /// Takes in a block's mean, units of initial risk.
    pub(crate) fn hear(&mut self, block_r: f64) {
        self.process.observe(self.claim.gain(block_r));
        if self.process.is_ruined() {
            *self = self.anew();
        }
    }

    /// The evidence, times 6/π²k² where it is asked for the k-th time: these sum to one over all k, so that
    /// however often it is asked anew, chance brings it beyond 1/α with probability α at most.
    pub(crate) fn e_value(&self) -> f64 {
        let k = f64::from(self.before) + 1.0;
        let share = 6.0 / (std::f64::consts::PI * std::f64::consts::PI * k * k);
        self.process.evidence() * share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asking_anew_begins_from_nothing_and_costs() {
        let mut asked = Asked::new(Claim::Loss);
        (0..100).for_each(|_| asked.hear(-0.5));
        assert!(asked.e_value() > 1e3);
        let second = asked.anew();
        assert!((second.e_value() * 4.0 / Asked::new(Claim::Loss).e_value() - 1.0).abs() < 1e-12);
        asked.hear(3.1);
        assert_eq!(asked, second, "a block beyond the floor ends it, and it is asked anew");
    }
}
