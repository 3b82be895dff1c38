//! A question to results, with the price of having asked before: whether the refused would have gained,
//! whether what passed loses, whether what was stopped earns again.

use domain::Outcome;
use serde::{Deserialize, Serialize};
use stats::sequential::{GAIN_GRID, HARM_GRID};

use crate::evidence::BlockedEvidence;

/// Stakes relative to one over the worst block. Chosen: blocks vary half as much as results, so that stakes
/// may be twice those for single trades.
const BLOCK_STAKES: [f64; 5] = [0.05, 0.1, 0.2, 0.4, 0.8];

/// So many times the best possible result may a result be before evidence of harm starts over. The largest
/// stake, 0.35 of that result, stands up to 2.86.
const HARM_ROOM: f64 = 2.5;

/// Where the bound on a gain is not known, because nothing but a trailing stop ends a win: this is what is
/// bet as if it were. Chosen.
const GAIN_R_UNKNOWN: f64 = 3.0;

/// A target nearer than this is bet on as if it were here, so that funding received cannot end the evidence.
/// Chosen.
const GAIN_R_MIN: f64 = 0.5;

/// What the first asking counts for. Chosen: the second then asks for six times as much and a little more, and
/// the first, which most things are never asked beyond, for a quarter more.
const FIRST_SHARE: f64 = 0.8;

/// What is asked of results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Claim {
    /// Blocks of what was refused gain.
    Gain,
    /// Blocks of what passed lose.
    Loss,
    /// What is traded loses: each result as a share of the most it could have gained.
    Harm,
    /// What is not traded earns again.
    Recovery,
}

impl Claim {
    /// The most that a result may speak against the claim; beyond it the evidence starts over. Chosen: blocks
    /// average four moments, stops lose one and targets bring one and a half; only gaps through most stops at
    /// once, or a run of far trailing stops, go beyond. A single stop may slip by one more unit of risk.
    const fn worst(self) -> f64 {
        match self {
            Claim::Gain | Claim::Recovery => 2.0,
            Claim::Loss => 3.0,
            Claim::Harm => HARM_ROOM,
        }
    }

    const fn gain(self, r: f64) -> f64 {
        match self {
            Claim::Gain | Claim::Recovery => r,
            Claim::Loss | Claim::Harm => -r,
        }
    }

    fn process(self) -> BlockedEvidence {
        match self {
            Claim::Gain | Claim::Loss => BlockedEvidence::new(self.worst(), &BLOCK_STAKES),
            Claim::Harm => BlockedEvidence::new(self.worst(), &HARM_GRID.map(|s| s * HARM_ROOM)),
            Claim::Recovery => BlockedEvidence::new(self.worst(), &GAIN_GRID),
        }
    }
}

/// The most this outcome could have gained, known when it was decided: its own target before costs, units of
/// initial risk. Bets on harm are shares of it, so that plans with other targets are bet on alike. Clipping
/// the gain instead would make what is good look worse than it is; this way a gain beyond it weighs in full.
pub(crate) fn gain_most_r(outcome: &Outcome) -> f64 {
    outcome.basis.target_r.map_or(GAIN_R_UNKNOWN, |target| f64::from(target).max(GAIN_R_MIN))
}

/// A claim's evidence so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Asked {
    claim: Claim,
    /// How often it was asked anew before.
    before: u32,
    process: BlockedEvidence,
    /// Effective outcomes, or blocks, heard since it was last asked anew.
    heard: f64,
}

impl Asked {
    pub(crate) fn new(claim: Claim) -> Asked {
        Asked { claim, before: 0, process: claim.process(), heard: 0.0 }
    }

    /// The same claim from nothing, about something that has changed. It costs.
    pub(crate) fn anew(&self) -> Asked {
        Asked { before: self.before.saturating_add(1), ..Asked::new(self.claim) }
    }

    /// Takes in a block's mean, units of initial risk.
    pub(crate) fn hear(&mut self, block_r: f64) {
        self.hear_part(block_r, 1.0);
    }

    /// Takes in a result with its uniqueness.
    pub(crate) fn hear_part(&mut self, r: f64, uniqueness: f64) {
        self.heard += uniqueness;
        self.process.hear(self.claim.gain(r), uniqueness);
        if self.process.is_ruined() {
            *self = self.anew();
        }
    }

    /// Effective outcomes that the evidence rests on.
    pub(crate) fn heard(&self) -> f64 {
        self.heard
    }

    /// The evidence as if it were asked for the first and only time. It expires by this, it claims nothing.
    pub(crate) fn unpaid(&self) -> f64 {
        self.process.evidence()
    }

    /// The evidence, times this asking's share of a whole: the shares sum to one, so that however often it is
    /// asked anew, chance brings it beyond 1/α with probability α at most.
    pub(crate) fn e_value(&self) -> f64 {
        self.process.evidence() * share(self.before)
    }
}

/// The share of one asking after so many before: most for the first, which everything is asked, and of the
/// rest 6/π²k² for the k-th anew.
fn share(before: u32) -> f64 {
    if before == 0 {
        return FIRST_SHARE;
    }
    let k = f64::from(before);
    (1.0 - FIRST_SHARE) * 6.0 / (std::f64::consts::PI * std::f64::consts::PI * k * k)
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
        assert!(second.e_value() < 0.2 && second.anew().e_value() < second.e_value());
        asked.hear(3.1);
        assert_eq!(asked, second, "a block beyond the floor ends it, and it is asked anew");
    }

    #[test]
    fn all_askings_together_cost_one() {
        let all: f64 = (0..100_000).map(share).sum();
        assert!(all < 1.0 && all > 0.999, "{all}");
    }
}
