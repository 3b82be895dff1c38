//! What another exit plan gained over the planned one, pair by pair, and the evidence that it does.

use domain::{Effect, WhatIf, WhatIfOutcome};
use serde::{Deserialize, Serialize};
use stats::interval::{MeanInterval, Z_95};
use stats::moments::Moments;
use stats::sequential::{GAIN_GRID, GridEProcess};

/// The largest loss a bet has to survive: how much worse than planned the other plan can come out, units of
/// initial risk. With a target at most four risks away, less than this is lost by any of them; without one a
/// half hold can miss more, and the evidence then ends for good (methods §1.4), which keeps it honest. Chosen.
const fn loss_most(what_if: WhatIf) -> f64 {
    match what_if {
        // It gives up the last quarter of the way, or half of it from one risk on.
        WhatIf::TargetNear | WhatIf::PartialHalf => 2.0,
        // What was won as planned may be lost down to the stop.
        WhatIf::HoldHalf | WhatIf::HoldDouble | WhatIf::TargetFar | WhatIf::ScaleIn => 5.0,
    }
}

/// Gains beyond this many units of risk count as this many where evidence is gathered. Chosen.
const GAIN_MOST: f64 = 10.0;

/// Paired gains of one what-if.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct PairedGains {
    pub(crate) pairs: u64,
    gains: Moments,
    planned: Moments,
    instead: Moments,
    /// Weighted gains and weights of the block that is not full yet.
    block: (f64, f64),
    evidence: GridEProcess,
}

impl PairedGains {
    pub(crate) fn of(what_if: WhatIf) -> PairedGains {
        PairedGains {
            pairs: 0,
            gains: Moments::default(),
            planned: Moments::default(),
            instead: Moments::default(),
            block: (0.0, 0.0),
            evidence: GridEProcess::new(loss_most(what_if), &GAIN_GRID),
        }
    }

    /// Takes in a pair. Pairs that overlap are one bet together: their mean, once they are worth one of their
    /// own, so that ten copies of a pair are bet on once.
    pub(crate) fn hear(&mut self, pair: &WhatIfOutcome) {
        let (gain, worth) = (pair.gain_r(), pair.uniqueness);
        self.pairs += 1;
        self.gains.observe_weighted(gain, worth);
        self.planned.observe_weighted(pair.r, worth);
        self.instead.observe_weighted(pair.r_instead, worth);
        let (sum, weight) = &mut self.block;
        *sum += gain.min(GAIN_MOST) * worth;
        *weight += worth;
        // A hair less than one: ten tenths do not add up to it.
        if *weight >= 1.0 - 1e-9 {
            self.evidence.observe(*sum / *weight);
            self.block = (0.0, 0.0);
        }
    }

    /// Pairs with overlap discounted.
    pub(crate) fn effective(&self) -> f64 {
        self.gains.weight_sum()
    }

    /// How sure it is that the other plan gains: 20 is as good as p = .05 at every look.
    pub(crate) fn e_value(&self) -> f64 {
        self.evidence.evidence()
    }

    /// Whether a loss beyond the floor has ended the evidence.
    pub(crate) fn is_over(&self) -> bool {
        self.evidence.is_ruined()
    }

    /// The mean gain with its 95 % interval, units of initial risk.
    pub(crate) fn mean(&self) -> Option<Effect> {
        let MeanInterval { mean, low, high, .. } =
            MeanInterval::with_count(&self.gains, self.effective(), Z_95)?;
        Some(Effect { mean, low, high })
    }

    /// The mean gain and its ratio to its deviation; 0 where nothing is known.
    pub(crate) fn mean_and_sharpe(&self) -> (f64, f64) {
        let mean = self.gains.mean().unwrap_or(0.0);
        let deviation = self.gains.variance().unwrap_or(0.0).sqrt();
        (mean, if deviation > 0.0 { mean / deviation } else { 0.0 })
    }

    /// Whether results under the other plan lie closer together, by a tenth of their variance at least.
    pub(crate) fn is_steadier(&self) -> bool {
        const LESS: f64 = 0.9;
        match (self.instead.variance(), self.planned.variance()) {
            (Some(instead), Some(planned)) => instead <= LESS * planned,
            _ => false,
        }
    }
}
