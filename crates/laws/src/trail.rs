//! How a stop follows the best price.

use domain::{ExitPlan, Side, Trail};

/// Where the stop belongs once the best price since entry is `best`; never farther than it is.
pub fn trailed_stop(side: Side, entry: f64, best: f64, stop: f64, trail: &Trail) -> f64 {
    let gained = side.sign() * (best - entry);
    if gained < trail.after_fraction * entry {
        return stop;
    }
    let followed = best - side.sign() * trail.behind_fraction * entry;
    match side {
        Side::Long => stop.max(followed),
        Side::Short => stop.min(followed),
    }
}

/// How a stop follows once exits have been tightened: from now on, and half as far behind as planned. A
/// stop that was not to follow does so at half its distance.
pub fn tightened(plan: &ExitPlan) -> Trail {
    let behind_fraction = plan.trail.map_or(plan.stop_fraction, |trail| trail.behind_fraction);
    Trail { after_fraction: 0.0, behind_fraction: behind_fraction / 2.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_trailing_stop_only_follows(best in 100.0..200.0_f64, earlier in 90.0..150.0_f64) {
            let trail = Trail { after_fraction: 0.02, behind_fraction: 0.03 };
            let moved = trailed_stop(Side::Long, 100.0, best, earlier, &trail);
            prop_assert!(moved >= earlier);
            let mirrored = trailed_stop(Side::Short, 100.0, 200.0 - best, 200.0 - earlier, &trail);
            prop_assert!((mirrored - (200.0 - moved)).abs() < 1e-9);
        }

        #[test]
        fn a_tightened_stop_is_never_farther_than_the_planned_one(
            best in 100.0..200.0_f64,
            earlier in 90.0..100.0_f64,
            follows in any::<bool>(),
        ) {
            let trail = Trail { after_fraction: 0.02, behind_fraction: 0.03 };
            let plan = ExitPlan {
                stop_fraction: 0.02,
                target_fraction: None,
                trail: follows.then_some(trail),
                partial: None,
                hold_ms_max: 1,
                leave_by: None,
                liquidation_fraction: None,
            };
            let stop = |trail: &Trail| trailed_stop(Side::Long, 100.0, best, earlier, trail);
            prop_assert!(stop(&tightened(&plan)) >= plan.trail.as_ref().map_or(earlier, stop));
        }
    }
}
