//! How decisions turned out, executed or declined.

use serde::{Deserialize, Serialize};

use crate::{
    Basis, Climate, DecisionId, Marks, Occurrence, Side, Standing, StrategyIx, SymbolIx, Timestamp,
    Votes,
};

/// Why a position, or its shadow, ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExitReason {
    /// The stop where it was first set.
    Stop,
    /// The stop after it had followed the price.
    TrailingStop,
    /// The target.
    Target,
    /// The longest hold.
    Time,
    /// The day's trading was about to end.
    SessionEnd,
    /// The venue took the margin.
    Liquidated,
    /// A standing order or a person's.
    Ordered,
    /// Bars went missing while it was open; closed at the first price after, and not learned from.
    Gap,
}

impl ExitReason {
    /// Every reason, in the order of its code in the store.
    pub const ALL: [ExitReason; 8] = [
        ExitReason::Stop,
        ExitReason::TrailingStop,
        ExitReason::Target,
        ExitReason::Time,
        ExitReason::SessionEnd,
        ExitReason::Liquidated,
        ExitReason::Ordered,
        ExitReason::Gap,
    ];

    /// As it is written everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            ExitReason::Stop => "stop",
            ExitReason::TrailingStop => "trailing_stop",
            ExitReason::Target => "target",
            ExitReason::Time => "time",
            ExitReason::SessionEnd => "session_end",
            ExitReason::Liquidated => "liquidated",
            ExitReason::Ordered => "ordered",
            ExitReason::Gap => "gap",
        }
    }
}

/// How one decision turned out, after costs, under the same exits and laws for all.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The decision's number in the run.
    pub decision_no: u64,
    /// The decision's name.
    pub decision: DecisionId,
    /// On what.
    pub symbol: SymbolIx,
    /// Whose candidate.
    pub strategy: StrategyIx,
    /// Which way.
    pub side: Side,
    /// What was done about the candidate.
    pub standing: Standing,
    /// Which gates refused, one bit each.
    pub refused: u16,
    /// What the heads had said; only those the strategy heard.
    pub votes: Votes,
    /// Conviction at the decision.
    pub conviction: f64,
    /// What kind of market it was decided in.
    pub climate: Climate,
    /// When it was decided.
    pub decided_at: Timestamp,
    /// When the entry was filled.
    pub opened_at: Timestamp,
    /// When it ended.
    pub closed_at: Timestamp,
    /// Entry price, costs within.
    pub entry: f64,
    /// Exit price, costs within.
    pub exit: f64,
    /// Why it ended.
    pub reason: ExitReason,
    /// Net result in units of initial risk.
    pub r: f64,
    /// Net result, basis points of the entry price.
    pub net_bps: f64,
    /// What fees, spread and slippage took, basis points of the entry price.
    pub cost_bps: f64,
    /// What funding took (below zero: gave), basis points of the entry price; within `net_bps`.
    pub funding_bps: f64,
    /// Best move in favour while open, basis points.
    pub favourable_bps: f64,
    /// Worst move against while open, basis points, positive.
    pub adverse_bps: f64,
    /// Whether price came within a tenth of a per cent of its target and turned (seed 003's tolerance; a fill
    /// needs the price itself).
    pub near_target: bool,
    /// Bars it was open.
    pub bars: u32,
    /// Its share of independent information, 0..=1: one over the labels open at once, averaged.
    pub uniqueness: f64,
    /// What the decision was based on.
    pub basis: Basis,
    /// How it stood on its way.
    pub marks: Marks,
}

impl Outcome {
    /// Whether it earned anything after costs.
    pub fn won(&self) -> bool {
        self.r > 0.0
    }

    /// As rules and slices see it.
    pub fn occurrence(&self) -> Occurrence {
        Occurrence {
            symbol: self.symbol,
            strategy: self.strategy,
            side: self.side,
            regime: self.climate.regime,
            global: self.climate.global,
            hour: self.basis.hour,
            weekday: self.basis.weekday,
            conviction: self.conviction,
        }
    }

    /// Whether learners may hear it: a result across missing bars is not evidence.
    pub fn teaches(&self) -> bool {
        self.reason != ExitReason::Gap
    }
}

/// What a result counts as (seed 000's PIL; thresholds of methods §1.13).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum PilClass {
    /// It earned at least a quarter of its risk.
    Winner,
    /// It lost at least a quarter of its risk.
    Loser,
    /// Neither.
    Struggling,
}

impl PilClass {
    /// Every class.
    pub const ALL: [PilClass; 3] = [PilClass::Winner, PilClass::Loser, PilClass::Struggling];

    /// The class of what closed at this result, in units of initial risk.
    pub fn of_closed(r: f64) -> PilClass {
        const QUARTER_R: f64 = 0.25;
        if r >= QUARTER_R {
            PilClass::Winner
        } else if r <= -QUARTER_R {
            PilClass::Loser
        } else {
            PilClass::Struggling
        }
    }

    /// As the seed writes it.
    pub const fn name(self) -> &'static str {
        match self {
            PilClass::Winner => "WINNER",
            PilClass::Loser => "LOSER",
            PilClass::Struggling => "STRUGGLING",
        }
    }
}

/// A span after a decision at which the move is measured (seed 001).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Horizon {
    /// As it is written.
    pub name: &'static str,
    /// Its length in milliseconds.
    pub ms: i64,
}

/// How many horizons there are.
pub const HORIZON_COUNT: usize = HORIZONS.len();

/// Signal horizons 1 m … 1 h and attribution horizons 5 m, 60 m, 1 d, 1 w, merged.
pub const HORIZONS: [Horizon; 7] = [
    Horizon { name: "1m", ms: 60_000 },
    Horizon { name: "5m", ms: 300_000 },
    Horizon { name: "15m", ms: 900_000 },
    Horizon { name: "30m", ms: 1_800_000 },
    Horizon { name: "1h", ms: 3_600_000 },
    Horizon { name: "1d", ms: 86_400_000 },
    Horizon { name: "1w", ms: 604_800_000 },
];

/// What the market did over one horizon after a decision, from the first open at which it could trade.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct HorizonOutcome {
    /// The decision's number in the run.
    pub decision_no: u64,
    /// Which of [`HORIZONS`].
    pub horizon: u8,
    /// Move in the decision's direction, basis points; right when positive.
    pub move_bps: f64,
    /// The same after a round trip's expected costs.
    pub value_bps: f64,
    /// Best move in favour within the horizon, basis points.
    pub favourable_bps: f64,
    /// Worst move against within the horizon, basis points, positive.
    pub adverse_bps: f64,
    /// When it was known: at the close of the horizon's last bar.
    pub known_at: Timestamp,
    /// Its share of independent information among the windows of the same length, 0..=1; 0 where it taught
    /// nothing, because another strategy's candidate on the same bar had taught it.
    pub uniqueness: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_within_a_quarter_of_its_risk_is_neither_won_nor_lost() {
        let cases = [
            (1.4, PilClass::Winner),
            (0.25, PilClass::Winner),
            (0.249, PilClass::Struggling),
            (0.0, PilClass::Struggling),
            (-0.249, PilClass::Struggling),
            (-0.25, PilClass::Loser),
            (-1.1, PilClass::Loser),
        ];
        for (r, class) in cases {
            assert_eq!(PilClass::of_closed(r), class, "{r}");
        }
    }
}
