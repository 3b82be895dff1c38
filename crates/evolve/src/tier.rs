//! How large does the gain look? The seed's tiers (seed 004), kept as a proposal only: the largest
//! measured gains are also the luckiest.

use serde::{Deserialize, Serialize};

/// What an effect of this size would deserve, if it were real.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Less than 2 %: not worth a change.
    KeepOld,
    /// From 2 % to 5 %, both included: worth a small share of size.
    Canary,
    /// More than 5 %: worth replacing the champion.
    DeployCandidate,
}

impl Tier {
    /// As it is written everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Tier::KeepOld => "keep_old",
            Tier::Canary => "canary",
            Tier::DeployCandidate => "deploy_candidate",
        }
    }

    /// The tier of a relative improvement (.05 is 5 %). What is no number improves nothing.
    pub fn of(relative_improvement: f64) -> Tier {
        if relative_improvement > 0.05 {
            Tier::DeployCandidate
        } else if relative_improvement >= 0.02 {
            Tier::Canary
        } else {
            Tier::KeepOld
        }
    }
}

/// (new - old) / old; `None` where the old figure is not positive and the ratio has no meaning.
pub fn relative_improvement(new: f64, old: f64) -> Option<f64> {
    let ratio = (new - old) / old;
    (old > 0.0 && ratio.is_finite()).then_some(ratio)
}

/// A gain over the size of what the champion makes, or over the floor where that is larger (mission row M3): a
/// champion that hardly earns, or loses, is no yardstick of its own. Zero where that is no number.
pub fn improvement_over(gain_r: f64, champion_mean_r: f64, floor_r: f64) -> f64 {
    let ratio = gain_r / champion_mean_r.abs().max(floor_r);
    if ratio.is_finite() { ratio } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_of_the_canary_tier_belong_to_it() {
        for (improvement, tier) in [
            (0.0501, Tier::DeployCandidate),
            (0.05, Tier::Canary),
            (0.02, Tier::Canary),
            (0.0199, Tier::KeepOld),
            (-0.03, Tier::KeepOld),
            (f64::NAN, Tier::KeepOld),
        ] {
            assert_eq!(Tier::of(improvement), tier, "{improvement}");
        }
    }

    #[test]
    fn a_champion_that_earns_nothing_cannot_be_improved_by_a_ratio() {
        assert_eq!(relative_improvement(0.2, 0.0), None);
        assert_eq!(relative_improvement(0.2, -0.1), None);
        assert_eq!(relative_improvement(0.75, 0.5), Some(0.5));
    }

    #[test]
    fn a_gain_is_measured_against_the_champion_or_the_floor() {
        for (gain, champion, wanted) in
            [(0.01, 0.5, 0.02), (0.01, -0.5, 0.02), (0.01, 0.0, 0.2), (-0.01, 0.001, -0.2)]
        {
            let improvement = improvement_over(gain, champion, 0.05);
            assert!((improvement - wanted).abs() < 1e-12, "{improvement} of {wanted}");
        }
        assert_eq!(improvement_over(0.01, 0.0, 0.0), 0.0);
    }
}
