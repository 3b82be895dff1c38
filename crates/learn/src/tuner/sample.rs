//! The outcomes the tuner searches.

use domain::{Climate, Occurrence, Outcome, Regime, Side, StrategyIx, SymbolIx, Threshold};
use serde::{Deserialize, Serialize};

/// Outcomes kept (methods, Decision 12).
pub(super) const KEPT_MAX: usize = 20_000;

/// Effective outcomes of the first search. Chosen: four times the least that anything may rest on.
pub(super) const FIRST_SEARCH: f64 = 200.0;

/// One outcome, as much of it as thresholds ask about.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Kept {
    /// When it was decided, seconds.
    pub(super) decided_s: u32,
    /// From then until it was known, seconds.
    pub(super) open_s: u32,
    pub(super) conviction: f32,
    pub(super) confluence: f32,
    pub(super) edge_ratio: f32,
    /// Its result, whole: what is clipped here is clipped also where it speaks against a claim.
    pub(super) r: f32,
    /// Its uniqueness.
    pub(super) worth: f32,
    pub(super) symbol: u16,
    pub(super) strategy: u8,
    pub(super) regime: u8,
    pub(super) hour: u8,
    pub(super) is_short: bool,
}

impl Kept {
    /// Of outcomes that no threshold within its bounds would let through nothing can be learned here.
    pub(super) fn of(outcome: &Outcome) -> Option<Kept> {
        let reaches = |threshold: Threshold, value: f64| value >= threshold.bounds().0;
        let basis = &outcome.basis;
        let counts = reaches(Threshold::Conviction, outcome.conviction)
            && reaches(Threshold::Confluence, f64::from(basis.confluence))
            && reaches(Threshold::FeeMargin, f64::from(basis.edge_ratio));
        let seconds = |ms: i64| u32::try_from(ms / 1_000).unwrap_or(0);
        counts.then(|| Kept {
            decided_s: seconds(outcome.decided_at.ms()),
            open_s: seconds(outcome.closed_at.ms_since(outcome.decided_at)),
            conviction: outcome.conviction as f32,
            confluence: basis.confluence,
            edge_ratio: basis.edge_ratio,
            r: outcome.r as f32,
            worth: outcome.uniqueness as f32,
            symbol: outcome.symbol.0,
            strategy: outcome.strategy.0,
            regime: outcome.climate.regime.at() as u8,
            hour: basis.hour,
            is_short: outcome.side == Side::Short,
        })
    }

    /// When it was known, seconds.
    pub(super) fn closed_s(&self) -> u32 {
        self.decided_s.saturating_add(self.open_s)
    }

    /// As slices see it. Slices of the tuner ask for nothing beyond what is kept.
    pub(super) fn occurrence(&self) -> Occurrence {
        let regime = Regime::ALL.get(usize::from(self.regime)).copied().unwrap_or_default();
        Occurrence {
            symbol: SymbolIx(self.symbol),
            strategy: StrategyIx(self.strategy),
            side: if self.is_short { Side::Short } else { Side::Long },
            regime,
            global: Climate::default().global,
            hour: self.hour,
            weekday: 0,
            conviction: f64::from(self.conviction),
        }
    }
}

/// What is kept, in the order in which it was known, and when it is to be searched again: by counts alone, and
/// seldom, since every search names anew.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Sample {
    kept: Vec<Kept>,
    searched_worth: f64,
    fresh_worth: f64,
}

impl Sample {
    /// Keeps one more; says whether it is time to search.
    pub(super) fn push(&mut self, kept: Kept) -> bool {
        // Chosen: half as much again as was searched, and as much again once that is a lot.
        let again = if self.kept.len() < KEPT_MAX / 2 { 0.5 } else { 1.0 };
        if self.kept.capacity() < KEPT_MAX {
            self.kept.reserve_exact(KEPT_MAX - self.kept.len());
        }
        if self.kept.len() == KEPT_MAX {
            self.kept.drain(..KEPT_MAX / 2);
            self.searched_worth = self.kept.iter().map(|one| f64::from(one.worth)).sum();
        }
        self.kept.push(kept);
        self.fresh_worth += f64::from(kept.worth);
        let is_due = self.fresh_worth >= (again * self.searched_worth).max(FIRST_SEARCH);
        if is_due {
            self.begin_epoch();
        }
        is_due
    }

    /// What follows is fresh.
    pub(super) fn begin_epoch(&mut self) {
        self.searched_worth = self.kept.iter().map(|one| f64::from(one.worth)).sum();
        self.fresh_worth = 0.0;
    }

    /// All that is kept.
    pub(super) fn all(&self) -> &[Kept] {
        &self.kept
    }

    /// When the last of what is kept was known, seconds.
    pub(super) fn known_s(&self) -> u32 {
        self.kept.iter().map(Kept::closed_s).max().unwrap_or(0)
    }

    /// Overlap discounted: what was searched, and what came since.
    pub(super) fn effective(&self) -> (f64, f64) {
        (self.searched_worth, self.fresh_worth)
    }
}
