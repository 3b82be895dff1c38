//! What is to be done about a challenger: safety first, patience second, skill last.

use crate::duel::{Duel, Means};
use crate::tier::{Tier, improvement_over};
use serde::{Deserialize, Serialize};

/// What a challenger may cost, and what it must show.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CanaryRules {
    /// The largest difference between two results on one signal, in R: what hard stops guarantee.
    /// A looser figure is safe but slow; one that is exceeded ends the evidence.
    pub difference_r_most: f64,
    /// What a champion's mean result counts as at least when a gain is measured against it, in R.
    pub floor_r: f64,
    /// Below so many paired decisions nothing but safety is ruled on.
    pub decisions_min: u64,
    /// The deepest fall of a challenger's gain over the champion that is borne, in R.
    pub drawdown_r_max: f64,
    /// The error with which a harmless challenger may be dropped.
    pub harm_alpha: f64,
}

impl Default for CanaryRules {
    /// Stops at 1 R with a little slippage and targets at 1.45 R, 50 decisions (seed 001's count),
    /// harm at evidence 20 (methods 1.4). Chosen: the drawdown, 60 R at a tenth of 1 % risk is
    /// 6 % of equity; the floor, which is what costs take of a trade.
    fn default() -> CanaryRules {
        CanaryRules {
            difference_r_most: 2.5,
            floor_r: 0.05,
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
    /// The mean gain over the size of the champion's mean result or the floor, whichever is larger.
    pub improvement: f64,
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
        /// The deepest fall of its gain, in R.
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
    let standing = match waited(duel.means(), duel, rules) {
        Ok(standing) => standing,
        Err(waits) => return waits,
    };
    match standing.tier {
        Tier::KeepOld => Ruling::Keep(standing),
        // The seed would deploy on size alone, where luck is greatest.
        Tier::DeployCandidate if duel.gain().rejects(duel.alpha()) => Ruling::Promote(standing),
        Tier::DeployCandidate | Tier::Canary => Ruling::Canary(standing),
    }
}

/// Rules on a challenger as seed 004 does: by the size of what was measured alone. It asks neither for
/// evidence nor for safety.
pub fn judge_by_size(means: &Means, duel: &Duel, rules: &CanaryRules) -> Ruling {
    let standing = match waited(means, duel, rules) {
        Ok(standing) => standing,
        Err(waits) => return waits,
    };
    match standing.tier {
        Tier::KeepOld => Ruling::Keep(standing),
        Tier::Canary => Ruling::Canary(standing),
        Tier::DeployCandidate => Ruling::Promote(standing),
    }
}

fn waited(means: &Means, duel: &Duel, rules: &CanaryRules) -> Result<Standing, Ruling> {
    let (decisions, decisions_min) = (means.decisions(), rules.decisions_min);
    if decisions < decisions_min || decisions == 0 {
        return Err(Ruling::KeepWatching { decisions, decisions_min });
    }
    Ok(Standing::of(means, duel, rules))
}

fn harm(duel: &Duel, rules: &CanaryRules) -> Option<Harm> {
    let drawdown_r = duel.drawdown_r();
    if drawdown_r > rules.drawdown_r_max {
        return Some(Harm::TooDeep { drawdown_r, drawdown_r_max: rules.drawdown_r_max });
    }
    let evidence_needed = 1.0 / rules.harm_alpha;
    let evidence = duel.harm().evidence();
    duel.harm().rejects(rules.harm_alpha).then_some(Harm::Worse { evidence, evidence_needed })
}

impl Standing {
    /// How a duel stands now, the size of the gain by these means.
    pub fn of(means: &Means, duel: &Duel, rules: &CanaryRules) -> Standing {
        let champion = means.champion_r().unwrap_or(0.0);
        let gain_mean_r = means.challenger_r().unwrap_or(0.0) - champion;
        let improvement = improvement_over(gain_mean_r, champion, rules.floor_r);
        Standing {
            decisions: means.decisions(),
            tier: Tier::of(improvement),
            improvement,
            gain_mean_r,
            evidence: duel.gain().evidence(),
            evidence_needed: 1.0 / duel.alpha(),
        }
    }
}
