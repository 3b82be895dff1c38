//! Where one step of a threshold would lead, and whom it would let in or turn away.

use domain::{GatePolicy, Outcome, Threshold};
use serde::{Deserialize, Serialize};

use crate::asked::Claim;

/// Measured values are kept in single precision: one at the edge shall not fall outside by that.
const ROUNDING: f64 = 1e-6;

/// Which way a threshold moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Move {
    /// It refuses less.
    Looser,
    /// It refuses more.
    Tighter,
}

impl Move {
    pub(super) const BOTH: [Move; 2] = [Move::Looser, Move::Tighter];

    /// What those whom it would treat otherwise must be shown to do.
    pub(super) const fn claim(self) -> Claim {
        match self {
            Move::Looser => Claim::Gain,
            Move::Tighter => Claim::Loss,
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Move::Looser => "looser",
            Move::Tighter => "tighter",
        }
    }
}

/// Where a step of `fraction` of what stands would lead; nothing where its box leaves no room. Minutes and
/// entries are whole and move by at least one.
pub(super) fn one_step(
    threshold: Threshold,
    gates: &GatePolicy,
    to: Move,
    fraction: f64,
) -> Option<f64> {
    let standing = threshold.of(gates);
    let is_whole = matches!(threshold, Threshold::Cooldown | Threshold::RegimeEntries);
    let reach = fraction * standing.abs();
    let reach = if is_whole { reach.max(1.0).floor() } else { reach };
    let rises = threshold.is_least() == (to == Move::Tighter);
    let (least, most) = threshold.bounds();
    let wanted = if rises { standing + reach } else { standing - reach };
    let to = wanted.clamp(least.min(standing), most.max(standing));
    // Nothing is asked about a step of nothing.
    ((to - standing).abs() > ROUNDING).then_some(to)
}

/// What the threshold's gate measured.
pub(super) fn measured(threshold: Threshold, outcome: &Outcome) -> f64 {
    let basis = &outcome.basis;
    match threshold {
        Threshold::Conviction => outcome.conviction,
        Threshold::Confluence => f64::from(basis.confluence),
        Threshold::FeeMargin => f64::from(basis.edge_ratio),
        Threshold::Cooldown => f64::from(basis.rested_min),
        // The gate counts the entry that it is asked about.
        Threshold::RegimeEntries => f64::from(basis.regime_entries) + 1.0,
        Threshold::Correlation => f64::from(basis.correlation),
    }
}

/// Whether a value that is on the near side of what stands lies within the step to `to`: it is whom the step
/// would treat otherwise.
pub(super) fn is_within(threshold: Threshold, measured: f64, way: Move, to: f64) -> bool {
    match (threshold.is_least(), way) {
        (true, Move::Looser) => measured >= to - ROUNDING,
        (true, Move::Tighter) => measured < to - ROUNDING,
        (false, Move::Looser) => measured <= to + ROUNDING,
        (false, Move::Tighter) => measured > to + ROUNDING,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_a_fifth_within_the_box_and_whole_where_it_counts() {
        let gates = GatePolicy::default();
        let step = |threshold, way| one_step(threshold, &gates, way, 0.20);
        let near = |got: Option<f64>, want: f64| (got.unwrap_or(f64::NAN) - want).abs() < 1e-12;
        assert!(near(step(Threshold::Conviction, Move::Looser), 0.48));
        assert!(near(step(Threshold::Conviction, Move::Tighter), 0.72));
        assert!(near(step(Threshold::Confluence, Move::Tighter), 0.84));
        assert!(near(step(Threshold::Cooldown, Move::Looser), 48.0));
        assert_eq!(step(Threshold::Cooldown, Move::Tighter), None, "seed 003 rests at most 60");
        assert_eq!(step(Threshold::RegimeEntries, Move::Looser), None, "and takes at most 3");
        assert!(near(step(Threshold::RegimeEntries, Move::Tighter), 2.0));
        assert!(near(step(Threshold::Correlation, Move::Looser), 0.95));
        assert!(near(step(Threshold::Correlation, Move::Tighter), 0.64));
    }

    #[test]
    fn the_band_holds_whom_the_step_would_treat_otherwise() {
        let least = |measured, way, to| is_within(Threshold::Conviction, measured, way, to);
        assert!(least(0.5, Move::Looser, 0.48) && !least(0.47, Move::Looser, 0.48));
        assert!(least(0.7, Move::Tighter, 0.72) && !least(0.72, Move::Tighter, 0.72));
        let most = |measured, way, to| is_within(Threshold::RegimeEntries, measured, way, to);
        assert!(most(3.0, Move::Tighter, 2.0) && !most(2.0, Move::Tighter, 2.0));
        assert!(most(3.0, Move::Looser, 3.0) && !most(4.0, Move::Looser, 3.0));
    }
}
