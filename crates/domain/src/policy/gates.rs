//! What the gates ask for, and which of it may be learned.

use serde::{Deserialize, Serialize};

/// What the gates ask for. Learners move these within bounds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GatePolicy {
    /// Least conviction, 0..=1. Chosen so that 98–99 % of candidates are rejected, as seed 003 expects.
    pub conviction_min: f64,
    /// Least confluence, 0..=1 (seed 003: 70 %).
    pub confluence_min: f64,
    /// The claimed edge must be this many times the round trip's cost.
    pub fee_margin: f64,
    /// Minutes between trades on one symbol (seed 003: 15–60).
    pub cooldown_min: i64,
    /// Most positions and entries at once (seed 002: 8).
    pub positions_max: u32,
    /// Most entries on one symbol while its regime lasts (seed 003: 1–3).
    pub regime_entries_max: u32,
    /// Most correlation, weighted by exposure, with what is held on the same side, 0..=1.
    pub correlation_max: f64,
    /// Outcomes, overlap discounted, before the record of similar candidates may refuse one
    /// (architecture, "Honest, and yet not idle").
    pub history_outcomes_min: f64,
}

impl Default for GatePolicy {
    fn default() -> GatePolicy {
        GatePolicy {
            conviction_min: 0.60,
            confluence_min: 0.70,
            fee_margin: 1.5,
            cooldown_min: 60,
            positions_max: 8,
            regime_entries_max: 3,
            correlation_max: 0.80,
            history_outcomes_min: 50.0,
        }
    }
}

/// A threshold that may be learned (mission row A4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Threshold {
    /// [`GatePolicy::conviction_min`].
    Conviction,
    /// [`GatePolicy::confluence_min`].
    Confluence,
    /// [`GatePolicy::fee_margin`].
    FeeMargin,
    /// [`GatePolicy::cooldown_min`].
    Cooldown,
    /// [`GatePolicy::regime_entries_max`].
    RegimeEntries,
    /// [`GatePolicy::correlation_max`].
    Correlation,
}

impl Threshold {
    /// All of them.
    pub const ALL: [Threshold; 6] = [
        Threshold::Conviction,
        Threshold::Confluence,
        Threshold::FeeMargin,
        Threshold::Cooldown,
        Threshold::RegimeEntries,
        Threshold::Correlation,
    ];

    /// The gate that asks for it.
    pub const fn gate(self) -> &'static str {
        match self {
            Threshold::Conviction => "conviction",
            Threshold::Confluence => "confluence",
            Threshold::FeeMargin => "fee",
            Threshold::Cooldown => "cooldown",
            Threshold::RegimeEntries => "regime_entries",
            Threshold::Correlation => "correlation",
        }
    }

    /// Whether a larger value refuses more.
    pub const fn is_least(self) -> bool {
        !matches!(self, Threshold::RegimeEntries | Threshold::Correlation)
    }

    /// Where it stays, ever: seed 003's 15 to 60 minutes and 1 to 3 entries; the others are chosen, so
    /// that no learner can open a gate wholly or close it for good.
    pub const fn bounds(self) -> (f64, f64) {
        match self {
            Threshold::Conviction => (0.40, 0.90),
            Threshold::Confluence => (0.50, 0.95),
            Threshold::FeeMargin => (1.0, 4.0),
            Threshold::Cooldown => (15.0, 60.0),
            Threshold::RegimeEntries => (1.0, 3.0),
            Threshold::Correlation => (0.40, 0.95),
        }
    }

    /// Its value.
    pub fn of(self, gates: &GatePolicy) -> f64 {
        match self {
            Threshold::Conviction => gates.conviction_min,
            Threshold::Confluence => gates.confluence_min,
            Threshold::FeeMargin => gates.fee_margin,
            Threshold::Cooldown => gates.cooldown_min as f64,
            Threshold::RegimeEntries => f64::from(gates.regime_entries_max),
            Threshold::Correlation => gates.correlation_max,
        }
    }

    /// Sets it; minutes and entries are whole.
    pub fn set(self, gates: &mut GatePolicy, value: f64) {
        match self {
            Threshold::Conviction => gates.conviction_min = value,
            Threshold::Confluence => gates.confluence_min = value,
            Threshold::FeeMargin => gates.fee_margin = value,
            Threshold::Cooldown => gates.cooldown_min = value.round() as i64,
            Threshold::RegimeEntries => gates.regime_entries_max = value.round() as u32,
            Threshold::Correlation => gates.correlation_max = value,
        }
    }
}
