//! The figures of a run, by the names that people and scripts rely on.

use std::collections::BTreeMap;

use domain::Timestamp;
use serde::Serialize;

use crate::report::{Estimate, SliceFigures};

/// What `replay --json` and `demo --json` print. Fractions are 0..=1, an undefined figure is null.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// Bars that went through the loop.
    pub bars: u64,
    /// Symbols, by name.
    pub symbols: Vec<String>,
    /// First bar's open.
    #[serde(serialize_with = "as_rfc_3339")]
    pub from: Timestamp,
    /// Last bar's close.
    #[serde(serialize_with = "as_rfc_3339")]
    pub to: Timestamp,
    /// Candidates that came up.
    pub candidates: u64,
    /// Decisions taken: one per candidate.
    pub decisions: u64,
    /// Positions closed.
    pub trades: u64,
    /// Those of them that were traded to learn: probes and explorations.
    pub probes: u64,
    /// Outcomes of executed and declined decisions.
    pub outcomes: u64,
    /// Outcomes of declined decisions.
    pub shadow_outcomes: u64,
    /// Policy versions published, the first included.
    pub policy_versions: u64,
    /// Rulings on models.
    pub model_rulings: u64,
    /// Share of closed trades that earned anything.
    pub win_rate: Option<f64>,
    /// Its 95 % interval (Wilson), trades taken for independent.
    pub win_rate_interval: Option<[f64; 2]>,
    /// Earned over lost.
    pub profit_factor: Option<f64>,
    /// Net result over the start.
    pub net_return: f64,
    /// Annualised, from daily UTC equity.
    pub sharpe: Option<f64>,
    /// Its 95 % interval, from skew and kurtosis of the days.
    pub sharpe_interval: Option<[f64; 2]>,
    /// Probability that it is not the luck of the best of all trials.
    pub deflated_sharpe: Option<f64>,
    /// Largest fall from a peak, positive.
    pub max_drawdown: f64,
    /// Fees paid, quote units.
    pub fees: f64,
    /// Hash of everything decided and learned.
    pub digest: String,
    /// Wall seconds it took.
    pub seconds: f64,
    /// Bars over wall seconds.
    pub bars_per_second: f64,
    /// Spread and slippage paid on closed trades, quote units.
    pub slipped: f64,
    /// Net of closed trades, quote units.
    pub net: f64,
    /// Positions still open at the end.
    pub positions_open: u64,
    /// What they were worth at the last closes, fees so far within; it is in `net_return` and not in `net`.
    pub open_profit: f64,
    /// Decisions by what was done: `conviction`, `probe`, `explored`, `refused`, `withheld`, `too_small`;
    /// and `unfilled`, outcomes of the first three of which nothing was filled.
    pub standings: BTreeMap<&'static str, u64>,
    /// Outcomes across missing bars: kept, and counted in no mean.
    pub outcomes_unlearned: u64,
    /// Runs on some of the same bars in this store, this one included, and every cell that this one's searches
    /// tried; the deflated Sharpe counts them.
    pub trials: u64,
    /// What holding all symbols equally would have returned, without costs.
    pub hold_return: f64,
    /// The run's name in the store.
    pub run: String,
    /// Bad rows left out.
    pub rows_refused: u64,
    /// Bars missing inside sessions.
    pub bars_missing: u64,
    /// Funding paid on closed trades, quote units; below zero where it was received.
    pub funding: f64,
    /// Results by the regime of the symbol, executed and all.
    pub regimes: BTreeMap<String, RegimeFigures>,
    /// The same by the regime of all symbols together.
    pub global_regimes: BTreeMap<String, RegimeFigures>,
    /// The most wins and losses in a row.
    pub streaks: StreakFigures,
    /// Week over week.
    pub weeks: WeeksFigures,
    /// Executed outcomes by class: WINNER, LOSER, STRUGGLING.
    pub pil: BTreeMap<&'static str, u64>,
    /// Executed outcomes that came within 0.1 % of their target and turned.
    pub near_targets: u64,
    /// Shadows given up for want of room.
    pub evicted_shadows: u64,
    /// Learning beside a twin that keeps the policy of day one; null where none ran.
    pub twin: Option<TwinFigures>,
    /// What came of models; null where none was switched on.
    pub models: Option<ModelsFigures>,
    /// What always deploying the latest model would have done; null where nothing was compared.
    pub always_latest: Option<LatestFigures>,
}

/// What one regime came to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RegimeFigures {
    /// Closed trades.
    pub trades: u64,
    /// What they came to, quote units.
    pub net: f64,
    /// Executed decisions.
    pub executed: SliceFigures,
    /// Every decision, the declined under the same exits and costs.
    pub all: SliceFigures,
}

/// The most in a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct StreakFigures {
    /// Wins.
    pub winning: u64,
    /// Losses.
    pub losing: u64,
}

/// Week over week.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct WeeksFigures {
    /// Weeks in which anything ended.
    pub count: u64,
    /// The last of them.
    pub latest: Option<WeekFigures>,
    /// Its mean less that of the one before, in R.
    pub change: Option<Estimate>,
    /// Where weeks are going.
    pub trend: TrendFigures,
}

/// One week.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WeekFigures {
    /// The Monday it begins on.
    #[serde(serialize_with = "as_rfc_3339")]
    pub from: Timestamp,
    /// Closed trades.
    pub trades: u64,
    /// What they came to, quote units.
    pub net: f64,
    /// Executed outcomes.
    pub executed: SliceFigures,
}

/// A trend with its evidence; `improving` and `declining` are said from 20 on.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TrendFigures {
    /// `improving`, `stable` or `declining`.
    pub direction: &'static str,
    /// Finished weeks behind it.
    pub weeks: u64,
    /// Evidence that later weeks rank higher.
    pub e_improving: f64,
    /// Evidence that they rank lower.
    pub e_declining: f64,
}

/// Learning beside a twin that keeps the policy of day one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TwinFigures {
    /// Net return of the engine that learns.
    pub net_return: f64,
    /// Net return of the one that does not.
    pub net_return_frozen: f64,
    /// Its largest fall from a peak.
    pub max_drawdown_frozen: f64,
    /// Decisions that the first executed.
    pub executed: u64,
    /// Decisions that the second executed.
    pub executed_frozen: u64,
    /// Decisions on which they differed and that are over.
    pub differing: u64,
    /// Decisions that both executed, whatever they staked.
    pub alike: u64,
    /// What learning staked on those over what day one did.
    pub stake_ratio: Option<f64>,
    /// What those differing stakes came to, quote units; no part of the difference.
    pub from_stakes: f64,
    /// What learning earned more per differing decision, in R.
    pub difference: Option<Estimate>,
    /// Evidence that it earned more.
    pub evidence: f64,
    /// Evidence that it earned less.
    pub evidence_worse: f64,
    /// Evidence that would do.
    pub evidence_needed: f64,
    /// Differing decisions that an effect of this size would need.
    pub needed: Option<u64>,
    /// All that in a sentence.
    pub says: String,
}

/// What came of models.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ModelsFigures {
    /// Versions trained.
    pub trained: u64,
    /// The version in charge at the end; null where none is.
    pub in_charge: Option<u64>,
    /// Rulings on versions.
    pub rulings: u64,
    /// Trainings asked for.
    pub trainings: u64,
    /// Those of them that came to nothing.
    pub failed: u64,
    /// Who is in charge, and on which evidence.
    pub says: String,
}

/// What was done beside what always deploying the latest model would have done.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LatestFigures {
    /// Decisions compared.
    pub decisions: u64,
    /// What was done less what the latest would have done, R a decision.
    pub difference_r: f64,
    /// Lower end of its 95 % interval, which holds at every look.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// All that in a sentence.
    pub says: String,
}

fn as_rfc_3339<S: serde::Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(at)
}
