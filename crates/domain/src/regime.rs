//! What kind of market it is, and what stands because of it.

use serde::{Deserialize, Serialize};

/// The kind of market, one label at a time (seeds 003, 004).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Regime {
    /// Too few bars to tell.
    #[default]
    Forming,
    /// Moves of usual size that lead nowhere.
    Range,
    /// Moves of usual size that lead up.
    TrendUp,
    /// Moves of usual size that lead down.
    TrendDown,
    /// Small moves for this market.
    LowVolatility,
    /// Large moves for this market.
    HighVolatility,
}

impl Regime {
    /// Every regime, in the order of its code in the store.
    pub const ALL: [Regime; 6] = [
        Regime::Forming,
        Regime::Range,
        Regime::TrendUp,
        Regime::TrendDown,
        Regime::LowVolatility,
        Regime::HighVolatility,
    ];

    /// Its place among them.
    pub const fn at(self) -> usize {
        self as usize
    }

    /// As it is written everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Regime::Forming => "forming",
            Regime::Range => "range",
            Regime::TrendUp => "trend_up",
            Regime::TrendDown => "trend_down",
            Regime::LowVolatility => "low_volatility",
            Regime::HighVolatility => "high_volatility",
        }
    }
}

/// The kind of market a candidate arose in, and the frame it was seen on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Climate {
    /// Of the symbol.
    pub regime: Regime,
    /// Of all symbols together.
    pub global: Regime,
    /// Bars of data in one bar of the working frame.
    pub frame_bars: u8,
}

/// How positions are to be left while a standing order holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExitMode {
    /// As planned.
    #[default]
    AsPlanned,
    /// Stops follow closer.
    Tight,
    /// At once.
    Flat,
}

impl ExitMode {
    /// Every mode, in the order of its code in the store.
    pub const ALL: [ExitMode; 3] = [ExitMode::AsPlanned, ExitMode::Tight, ExitMode::Flat];

    /// As it is written everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            ExitMode::AsPlanned => "as_planned",
            ExitMode::Tight => "tight",
            ExitMode::Flat => "flat",
        }
    }
}

/// What restricts trading now, for one symbol (mission row D9). It can only restrict.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StandingOrder {
    /// Whether positions may be opened.
    pub may_enter: bool,
    /// Least conviction asked for on top of the gate's, 0..=1.
    pub conviction_min: f64,
    /// What sizes are multiplied by, 0..=1.
    pub risk_scale: f64,
    /// How positions are to be left.
    pub exits: ExitMode,
    /// What brought it about, one bit per [`Restriction`].
    pub because: u16,
}

impl StandingOrder {
    /// No restriction.
    pub const FREE: StandingOrder = StandingOrder {
        may_enter: true,
        conviction_min: 0.0,
        risk_scale: 1.0,
        exits: ExitMode::AsPlanned,
        because: 0,
    };

    /// What brought it about.
    pub fn restrictions(&self) -> impl Iterator<Item = Restriction> {
        let because = self.because;
        Restriction::ALL.into_iter().filter(move |cause| because & cause.bit() != 0)
    }
}

impl Default for StandingOrder {
    fn default() -> StandingOrder {
        StandingOrder::FREE
    }
}

/// Why a standing order restricts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Restriction {
    /// The symbol's regime.
    Regime,
    /// The regime of all symbols together.
    GlobalRegime,
    /// Costs are high against the size of moves.
    Costs,
    /// The symbol has been losing, with evidence.
    SymbolPerformance,
    /// The day's loss.
    DailyLoss,
    /// The fall from the highest equity.
    Drawdown,
    /// A person paused it.
    Paused,
    /// A person allows reducing only.
    ReduceOnly,
    /// A person stopped everything.
    Killed,
    /// Data or venue are not as they should be.
    Degraded,
}

impl Restriction {
    /// All of them, in the order of their bits.
    pub const ALL: [Restriction; 10] = [
        Restriction::Regime,
        Restriction::GlobalRegime,
        Restriction::Costs,
        Restriction::SymbolPerformance,
        Restriction::DailyLoss,
        Restriction::Drawdown,
        Restriction::Paused,
        Restriction::ReduceOnly,
        Restriction::Killed,
        Restriction::Degraded,
    ];

    /// Its bit in [`StandingOrder::because`].
    pub const fn bit(self) -> u16 {
        1 << self as u16
    }

    /// As it is written everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Restriction::Regime => "regime",
            Restriction::GlobalRegime => "global_regime",
            Restriction::Costs => "costs",
            Restriction::SymbolPerformance => "symbol_performance",
            Restriction::DailyLoss => "daily_loss",
            Restriction::Drawdown => "drawdown",
            Restriction::Paused => "paused",
            Restriction::ReduceOnly => "reduce_only",
            Restriction::Killed => "killed",
            Restriction::Degraded => "degraded",
        }
    }
}
