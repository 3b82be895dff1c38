//! What is to be done about a challenger: safety first, patience second, skill last.

use crate::duel::Duel;
use crate::tier::{Tier, relative_improvement};
use serde::{Deserialize, Serialize};

/// What a challenger may cost, and what it must show.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CanaryRules {
    /// The largest difference between two results on one signal, in R: what hard stops guarantee.
    /// A looser figure is safe but slow; one that is exceeded ends the evidence.
    pub difference_r_most: f64,
    /// Below so many paired decisions nothing but safety is ruled on.
    pub decisions_min: u64,
    /// The deepest fall of a challenger that is borne, in R.
    pub drawdown_r_max: f64,
    /// The error with which a harmless challenger may be dropped.
    pub harm_alpha: f64,
}

impl Default for CanaryRules {
    /// Stops at 1 R with a little slippage and targets at 1.45 R, 50 decisions (seed 001's count),
    /// harm at evidence 20 (methods 1.4). The drawdown is chosen: 60 R at a tenth of 1 % risk is
    /// 6 % of equity.
    fn default() -> CanaryRules {
        CanaryRules {
            difference_r_most: 2.5,
            decisions_min: 50,
            drawdown_r_max: 60.0,
            harm_alpha: 0.05,
        }
    }
}

/// The numbers a ruling rests on. They go to the journal as they are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// Paired decisions so far.
    pub decisions: u64,
    /// The effect the tiers propose by.
    pub tier: Tier,
    /// (challenger - champion) / champion of the mean results; `None` where the champion does not
    /// earn.
    pub relative_improvement: Option<f64>,
    /// The mean gain per decision, in R.
    pub gain_mean_r: f64,
    /// Evidence that the gain is real: 1 says nothing.
    pub evidence: f64,
    /// What the evidence must reach: one over the error this duel may spend.
    pub evidence_needed: f64,
}

/// Why a challenger is sent away.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Harm {
    /// It fell further than is borne.
    TooDeep {
        /// Its deepest fall, in R.
        drawdown_r: f64,
        /// What is borne.
        drawdown_r_max: f64,
    },
    /// There is evidence that it does worse than the champion.
    Worse {
        /// That evidence.
        evidence: f64,
        /// What it had to reach.
        evidence_needed: f64,
    },
}

/// What is to be done. Only promotion and rollback end a duel; the others hold until the next look.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ruling {
    /// Too early to say anything.
    KeepWatching {
        /// Paired decisions so far.
        decisions: u64,
        /// How many it takes.
        decisions_min: u64,
    },
    /// The champion stays: the gain is too small to be worth a change.
    Keep(Standing),
    /// A share of size, to learn more: the gain is worth it but small, or not yet sure.
    Canary(Standing),
    /// The challenger takes over: the gain is large, and real.
    Promote(Standing),
    /// The challenger goes.
    Rollback(Harm),
}

/// Rules on a challenger. It may be asked after every decision: the evidence holds at every look.
pub fn judge(duel: &Duel, rules: &CanaryRules) -> Ruling {
    if let Some(harm) = harm(duel, rules) {
        return Ruling::Rollback(harm);
    }
    if duel.decisions() < rules.decisions_min {
        return Ruling::KeepWatching {
            decisions: duel.decisions(),
            decisions_min: rules.decisions_min,
        };
    }
    let standing = Standing::of(duel);
    match standing.tier {
        Tier::KeepOld => Ruling::Keep(standing),
        // The seed would deploy on size alone, where luck is greatest.
        Tier::DeployCandidate if duel.gain().rejects(duel.alpha()) => Ruling::Promote(standing),
        Tier::DeployCandidate | Tier::Canary => Ruling::Canary(standing),
    }
}

fn harm(duel: &Duel, rules: &CanaryRules) -> Option<Harm> {
    if duel.drawdown_r() > rules.drawdown_r_max {
        return Some(Harm::TooDeep {
            drawdown_r: duel.drawdown_r(),
            drawdown_r_max: rules.drawdown_r_max,
        });
    }
    let evidence_needed = 1.0 / rules.harm_alpha;
    let evidence = duel.harm().evidence();
    duel.harm().rejects(rules.harm_alpha).then_some(Harm::Worse { evidence, evidence_needed })
}

impl Standing {
    /// How a duel stands now.
    pub fn of(duel: &Duel) -> Standing {
        let champion = duel.champion_mean_r().unwrap_or(0.0);
        let challenger = duel.challenger_mean_r().unwrap_or(0.0);
        let relative_improvement = relative_improvement(challenger, champion);
        let tier = match relative_improvement {
            Some(ratio) => Tier::of(ratio),
            // Any gain over a champion that does not earn is large; the evidence still decides.
            None if challenger > champion => Tier::DeployCandidate,
            None => Tier::KeepOld,
        };
        Standing {
            decisions: duel.decisions(),
            tier,
            relative_improvement,
            gain_mean_r: challenger - champion,
            evidence: duel.gain().evidence(),
            evidence_needed: 1.0 / duel.alpha(),
        }
    }
}
