//! A5: how much more is staked where conviction, or the claimed edge over cost, is of a higher level; by
//! evidence and, beside it, by the letter of seed 001.

mod evidence;
mod levels;
mod literal;

pub use evidence::SizeMultipliers;
pub use literal::LiteralSizeMultipliers;

use domain::{
    CONVICTION_LEVELS, Change, EDGE_LEVEL_ENDS, EDGE_LEVELS, Outcome, Policy, conviction_level,
    edge_level,
};
use serde::{Deserialize, Serialize};

/// What stakes are sized by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum SizedBy {
    /// How strongly the heads lean.
    Conviction,
    /// The claimed edge over a round trip's cost.
    Edge,
}

impl SizedBy {
    const ALL: [SizedBy; 2] = [SizedBy::Conviction, SizedBy::Edge];

    const fn name(self) -> &'static str {
        match self {
            SizedBy::Conviction => "conviction",
            SizedBy::Edge => "edge over cost",
        }
    }

    const fn levels(self) -> usize {
        match self {
            SizedBy::Conviction => CONVICTION_LEVELS,
            SizedBy::Edge => EDGE_LEVELS,
        }
    }

    fn level(self, outcome: &Outcome) -> usize {
        match self {
            SizedBy::Conviction => conviction_level(outcome.conviction),
            SizedBy::Edge => edge_level(f64::from(outcome.basis.edge_ratio)),
        }
    }

    fn standing(self, policy: &Policy) -> &[f64] {
        match self {
            SizedBy::Conviction => &policy.conviction_sizes,
            SizedBy::Edge => &policy.edge_sizes,
        }
    }

    fn change(self, sizes: Vec<f64>) -> Change {
        match self {
            SizedBy::Conviction => Change::ConvictionSizes(sizes),
            SizedBy::Edge => Change::EdgeSizes(sizes),
        }
    }

    /// A level as it is told: where it begins.
    fn says_level(self, level: usize) -> String {
        match (self, level) {
            (SizedBy::Conviction, _) => {
                format!("conviction from {:.1}", level as f64 / CONVICTION_LEVELS as f64)
            }
            (SizedBy::Edge, 0) => format!("edge below {:.1} times costs", EDGE_LEVEL_ENDS[0]),
            (SizedBy::Edge, _) => {
                format!("edge from {:.1} times costs", EDGE_LEVEL_ENDS[level - 1])
            }
        }
    }
}
