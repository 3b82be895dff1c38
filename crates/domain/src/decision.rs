//! What was done about a candidate, recorded whole: what was seen, asked, computed and chosen.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{Basis, Climate, DecisionId, Side, StandingOrder, SymbolIx, Timestamp, Votes};

/// Room for this many gates in a record; the seeds name nine.
pub const GATES_MAX: usize = 16;

/// Room for this many sizers in a record.
pub const SIZERS_MAX: usize = 12;

/// A strategy's place in the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StrategyIx(pub u8);

/// What consensus makes of the votes for one candidate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Signal {
    /// The sign of the weighted vote.
    pub side: Side,
    /// |Σ w·c·side| over Σ w of those who voted, 0..=1: how strongly the voters lean, together; as components
    /// tilted it.
    pub conviction: f64,
    /// Weight of those who agree over weight of those who voted, 0..=1.
    pub confluence: f64,
    /// How the components leaned together, −1..=1, up for rising prices.
    pub tilt: f64,
    /// What each head said.
    pub votes: Votes,
}

/// A gate's answer with the two numbers that made it. Which way they compare is the gate's to say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    /// Whether the candidate may pass.
    pub passed: bool,
    /// What was measured.
    pub measured: f64,
    /// What was asked for.
    pub needed: f64,
}

/// All gates' answers, in the order of the registry.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Verdicts {
    refused: u16,
    asked: u8,
    measured: [f64; GATES_MAX],
    needed: [f64; GATES_MAX],
}

impl Verdicts {
    /// Adds the next gate's answer. More than [`GATES_MAX`] cannot be recorded.
    pub fn push(&mut self, verdict: Verdict) {
        let at = usize::from(self.asked);
        assert!(at < GATES_MAX, "a decision records at most {GATES_MAX} gates");
        self.measured[at] = verdict.measured;
        self.needed[at] = verdict.needed;
        if !verdict.passed {
            self.refused |= 1 << at;
        }
        self.asked += 1;
    }

    /// The answers in order.
    pub fn iter(&self) -> impl Iterator<Item = Verdict> + '_ {
        (0..usize::from(self.asked)).map(|at| Verdict {
            passed: self.refused & (1 << at) == 0,
            measured: self.measured[at],
            needed: self.needed[at],
        })
    }

    /// One bit per gate that refused, lowest first.
    pub const fn refused(&self) -> u16 {
        self.refused
    }

    /// Whether every gate let it pass.
    pub const fn all_passed(&self) -> bool {
        self.refused == 0
    }
}

/// A stop that follows the best price.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trail {
    /// It starts once price has gone this far, as a fraction of the entry price.
    pub after_fraction: f64,
    /// And stays this far behind the best price, as a fraction of the entry price.
    pub behind_fraction: f64,
}

/// A part of the position that is taken off early.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartialExit {
    /// Once price has gone this far in favour, as a fraction of the entry price.
    pub at_fraction: f64,
    /// The share of the size that leaves there, 0..1.
    pub share_fraction: f64,
}

/// How a position is to end, as distances from its entry price.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExitPlan {
    /// Stop distance as a fraction of the entry price: the initial risk, 1 R.
    pub stop_fraction: f64,
    /// Target distance as a fraction of the entry price.
    pub target_fraction: Option<f64>,
    /// The trailing stop, if any.
    pub trail: Option<Trail>,
    /// The part taken off early, if any.
    pub partial: Option<PartialExit>,
    /// The longest hold in milliseconds.
    pub hold_ms_max: i64,
    /// It leaves at the open of the bar in which this moment falls, if not before.
    pub leave_by: Option<Timestamp>,
    /// Where the venue would take the margin, as a fraction of the entry price against it; nothing where
    /// the position is paid for in full and cannot lose more than that.
    pub liquidation_fraction: Option<f64>,
}

impl ExitPlan {
    /// What a plan without a target hopes for, in units of initial risk.
    pub const NO_TARGET_R: f64 = 2.0;

    /// The move hoped for, as a fraction: the target, or [`ExitPlan::NO_TARGET_R`] where there is none.
    pub fn reward_fraction(&self) -> f64 {
        self.target_fraction.unwrap_or(ExitPlan::NO_TARGET_R * self.stop_fraction)
    }

    /// Whether a best move of so many basis points in favour came near the target without reaching it.
    pub fn nearly_reached(&self, favourable_bps: f64) -> bool {
        const NEAR_BPS: f64 = 10.0;
        let Some(target_fraction) = self.target_fraction else { return false };
        (0.0..=NEAR_BPS).contains(&(target_fraction * 1e4 - favourable_bps))
    }
}

/// What became of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Traded at the size its edge earns.
    Conviction,
    /// Traded at probe size: allowed, but with no proven edge.
    Probe,
    /// Traded at probe size against one gate's refusal, by a draw.
    Explored,
    /// Declined by a gate.
    Refused,
    /// Allowed, but declined by a draw.
    Withheld,
    /// Allowed, but limits left nothing that the venue would take.
    TooSmall,
    /// Asked for, but nothing was filled. Decisions never bear this; their outcomes do, and they
    /// were followed as shadows like any other.
    Unfilled,
}

impl Standing {
    /// Every standing, in the order of its code in the store.
    pub const ALL: [Standing; 7] = [
        Standing::Conviction,
        Standing::Probe,
        Standing::Explored,
        Standing::Refused,
        Standing::Withheld,
        Standing::TooSmall,
        Standing::Unfilled,
    ];

    /// Whether an order was asked for.
    pub const fn is_executed(self) -> bool {
        matches!(self, Standing::Conviction | Standing::Probe | Standing::Explored)
    }

    /// As it is written everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Standing::Conviction => "conviction",
            Standing::Probe => "probe",
            Standing::Explored => "explored",
            Standing::Refused => "refused",
            Standing::Withheld => "withheld",
            Standing::TooSmall => "too_small",
            Standing::Unfilled => "unfilled",
        }
    }
}

/// Which limit had the last word on a size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SizingLimit {
    /// None: the size is what the arithmetic asked for.
    #[default]
    None,
    /// One position's share of equity.
    PositionNotional,
    /// All positions' share of equity.
    GrossExposure,
    /// The day's loss so far.
    DailyLoss,
    /// Too little left for the venue's smallest order.
    NotionalMin,
    /// The stop would lie within two ticks: the grid is too coarse to tell a gain from a loss.
    Tick,
    /// Positions that move together.
    Correlation,
    /// One symbol's or one side's share of all exposure.
    Concentration,
    /// The most leverage, or the stop would lie beyond liquidation.
    Leverage,
    /// The fall from the highest equity.
    Drawdown,
    /// A standing order.
    StandingOrder,
}

impl SizingLimit {
    /// Every limit, in the order of its code in the store.
    pub const ALL: [SizingLimit; 11] = [
        SizingLimit::None,
        SizingLimit::PositionNotional,
        SizingLimit::GrossExposure,
        SizingLimit::DailyLoss,
        SizingLimit::NotionalMin,
        SizingLimit::Tick,
        SizingLimit::Correlation,
        SizingLimit::Concentration,
        SizingLimit::Leverage,
        SizingLimit::Drawdown,
        SizingLimit::StandingOrder,
    ];

    /// As it is written everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            SizingLimit::None => "none",
            SizingLimit::PositionNotional => "position_notional",
            SizingLimit::GrossExposure => "gross_exposure",
            SizingLimit::DailyLoss => "daily_loss",
            SizingLimit::NotionalMin => "notional_min",
            SizingLimit::Tick => "tick",
            SizingLimit::Correlation => "correlation",
            SizingLimit::Concentration => "concentration",
            SizingLimit::Leverage => "leverage",
            SizingLimit::Drawdown => "drawdown",
            SizingLimit::StandingOrder => "standing_order",
        }
    }
}

/// The size and the steps that led to it, so that `explain` can show the arithmetic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sizing {
    /// Equity at the decision, quote units.
    pub equity: f64,
    /// Outcomes behind the win probability, after overlap is discounted.
    pub outcomes_effective: f64,
    /// Estimated probability of ending above zero after costs.
    pub win_probability: f64,
    /// Its lower bound, which is what sizes.
    pub win_probability_low: f64,
    /// What a win brings, in units of initial risk.
    pub win_r: f64,
    /// What a loss takes, in units of initial risk, positive.
    pub loss_r: f64,
    /// Round-trip cost as a fraction of notional.
    pub cost_fraction: f64,
    /// Kelly fraction at the lower bound: the share of equity to put at risk, may be negative.
    pub kelly_fraction: f64,
    /// Equity share put at risk after the Kelly multiplier, or the probe's.
    pub risk_fraction: f64,
    /// What each sizer multiplied that by, in the order of the registry; 1 where there is none.
    pub factors: [f64; SIZERS_MAX],
    /// Expected profit per unit of notional at the estimated win probability, after costs.
    pub expected_fraction: f64,
    /// Notional the arithmetic asked for, quote units.
    pub notional_asked: f64,
    /// Notional after limits, quote units.
    pub notional: f64,
    /// Notional over equity.
    pub leverage: f64,
    /// The leverage at which liquidation would lie just beyond the stop.
    pub leverage_max: f64,
    /// Expected profit of the size after limits, quote units.
    pub expected_profit: f64,
    /// Which limit shrank it last.
    pub limit: SizingLimit,
    /// The size in base units, exact; zero when nothing was ordered.
    pub quantity: Decimal,
}

/// One decision, whole. Its feature row lies beside it in the effects.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decision {
    /// Its number in the run, from 0.
    pub no: u64,
    /// Its name, the same in every run.
    pub id: DecisionId,
    /// When the bar closed that brought it.
    pub decided_at: Timestamp,
    /// On what.
    pub symbol: SymbolIx,
    /// Whose candidate it was.
    pub strategy: StrategyIx,
    /// What consensus said.
    pub signal: Signal,
    /// The close it was taken at; entry is at the next open.
    pub price: f64,
    /// How the position, or its shadow, is to end.
    pub plan: ExitPlan,
    /// Every gate's answer.
    pub verdicts: Verdicts,
    /// What was done.
    pub standing: Standing,
    /// How the size came about.
    pub sizing: Sizing,
    /// What kind of market it was.
    pub climate: Climate,
    /// What restricted it.
    pub order: StandingOrder,
    /// What it was based on, as far as learners ask when it has turned out.
    pub basis: Basis,
    /// The probability with which this action, among trade and decline, was chosen.
    pub propensity: f64,
    /// The policy version it saw.
    pub policy_version: u64,
    /// The model version it saw; 0 where no model voted.
    pub model_version: u64,
}
