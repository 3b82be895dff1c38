//! Parameters of strategies: what other exits would have brought, told by pairs on the same entry.

use domain::{Change, ExitFactors, StrategyIx, WhatIf, WhatIfOutcome};
use serde::{Deserialize, Serialize};
use stats::sequential::GAIN_GRID;

use super::proof::Proof;
use super::sample::R_MOST;

/// Strategies that are told apart.
const STRATEGIES_MAX: usize = 16;

/// A planned result counts up to [`R_MOST`]; the other plan may lose half as much again as a stop and a gap.
const LOSS_MOST: f64 = R_MOST + 1.5;

/// Other exits that a factor can bring about. Adding to a position is none of them.
const VARIANTS: [WhatIf; 5] = [
    WhatIf::HoldHalf,
    WhatIf::HoldDouble,
    WhatIf::TargetNear,
    WhatIf::TargetFar,
    WhatIf::PartialHalf,
];

/// What each other plan has added, per strategy, since its exits last changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Exits {
    strategies: Vec<[Proof; VARIANTS.len()]>,
    standing: Vec<ExitFactors>,
}

/// One plan of one strategy with what it has added.
pub(super) struct Variant<'a> {
    pub(super) strategy: u8,
    pub(super) what_if: WhatIf,
    pub(super) proof: &'a Proof,
}

impl Variant<'_> {
    pub(super) fn words(&self) -> String {
        format!("strategy {}: {}", self.strategy, self.what_if.name())
    }

    /// One step towards the plan.
    pub(super) fn change(&self, standing: ExitFactors, step_fraction: f64) -> Change {
        // As far as the governor lets a share of nothing go.
        const SHARE_STEP: f64 = 0.05;
        let (nearer, farther) = (1.0 - step_fraction, 1.0 + step_fraction);
        let ExitFactors { target, hold, partial_share, .. } = standing;
        let factors = match self.what_if {
            WhatIf::HoldHalf => ExitFactors { hold: hold * nearer, ..standing },
            WhatIf::HoldDouble => ExitFactors { hold: hold * farther, ..standing },
            WhatIf::TargetNear => ExitFactors { target: target * nearer, ..standing },
            WhatIf::TargetFar => ExitFactors { target: target * farther, ..standing },
            WhatIf::PartialHalf => {
                ExitFactors { partial_share: partial_share + SHARE_STEP, ..standing }
            }
            WhatIf::ScaleIn => standing,
        };
        Change::Exits { strategy: self.strategy, factors }
    }
}

impl Exits {
    pub(super) fn hear(&mut self, heard: &WhatIfOutcome) {
        let at = usize::from(heard.strategy.0);
        let Some(variant) = VARIANTS.iter().position(|what_if| *what_if == heard.what_if) else {
            return;
        };
        if at >= STRATEGIES_MAX {
            return;
        }
        while self.strategies.len() <= at {
            self.strategies.push(unproven());
        }
        let gain = heard.r_instead.min(R_MOST) - heard.r.min(R_MOST);
        self.strategies[at][variant].hear(gain, heard.uniqueness);
    }

    /// What other exits added was added to those that stood.
    pub(super) fn adopt(&mut self, standing: &[ExitFactors]) {
        let changed = |at: usize| {
            let of = |list: &[ExitFactors]| list.get(at).copied().unwrap_or_default();
            of(&self.standing) != of(standing)
        };
        let changed: Vec<usize> = (0..self.strategies.len()).filter(|&at| changed(at)).collect();
        changed.into_iter().for_each(|at| self.strategies[at] = unproven());
        self.standing = standing.to_vec();
    }

    pub(super) fn forget(&mut self) {
        self.strategies.iter_mut().for_each(|variants| *variants = unproven());
    }

    /// Every plan of every strategy of which anything was heard.
    pub(super) fn variants(&self) -> impl Iterator<Item = Variant<'_>> {
        self.strategies.iter().enumerate().flat_map(|(at, variants)| {
            let heard = VARIANTS.iter().zip(variants).filter(|(_, proof)| proof.outcomes() > 0);
            heard.map(move |(&what_if, proof)| Variant { strategy: at as u8, what_if, proof })
        })
    }

    pub(super) fn standing(&self, strategy: StrategyIx) -> ExitFactors {
        self.standing.get(usize::from(strategy.0)).copied().unwrap_or_default()
    }
}

fn unproven() -> [Proof; VARIANTS.len()] {
    core::array::from_fn(|_| Proof::new(LOSS_MOST, &GAIN_GRID))
}
