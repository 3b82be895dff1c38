//! The figures of a run, by the names that people and scripts rely on.

use std::collections::BTreeMap;

use domain::Timestamp;
use serde::Serialize;

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
    /// Earned over lost.
    pub profit_factor: Option<f64>,
    /// Net result over the start.
    pub net_return: f64,
    /// Annualised, from daily UTC equity.
    pub sharpe: Option<f64>,
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
    /// Runs on some of the same bars in this store, this one included; the deflated Sharpe counts them.
    pub trials: u64,
    /// What holding all symbols equally would have returned, without costs.
    pub hold_return: f64,
    /// The run's name in the store.
    pub run: String,
    /// Bad rows left out.
    pub rows_refused: u64,
    /// Bars missing inside sessions.
    pub bars_missing: u64,
}

fn as_rfc_3339<S: serde::Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(at)
}
