//! What trained models expect. A row alone tells nothing of it: the engine asks the model in charge and puts
//! its vote in this place.

use domain::{Chances, Row, Vote};

/// A difference of this much between the chances of both sides is as sure as a vote gets. Chosen: a fifth is
/// more than honest models of these markets show.
const SURE: f64 = 0.20;

/// How models lean that expect this, −1..=1, up for rising prices.
pub fn models_lean(chances: &Chances) -> f64 {
    let lean = (chances.long - chances.short) / SURE;
    if lean.is_nan() { 0.0 } else { lean.clamp(-1.0, 1.0) }
}

pub(super) fn vote(_: &Row<'_>) -> Option<Vote> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_lean_to_the_side_with_the_better_chances() {
        for (long, short, lean) in
            [(0.5, 0.4, 0.5), (0.4, 0.5, -0.5), (0.9, 0.1, 1.0), (0.4, 0.4, 0.0)]
        {
            assert!((models_lean(&Chances { long, short }) - lean).abs() < 1e-12, "{long} {short}");
        }
        assert_eq!(models_lean(&Chances { long: f64::NAN, short: 0.5 }), 0.0);
    }
}
