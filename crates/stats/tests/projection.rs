//! The projection keeps its promises: in the box, sum one, no step too far, and it is the right one.

use proptest::prelude::*;
use stats::simplex::{Bounds, Reach, project_kl};

const SEED_BOUNDS: Bounds = Bounds { least: 0.05, most: 0.30, step_fraction: 0.20 };

/// The same projection by brute force: bisect the scale c of clip(c v).
fn by_bisection(target: &[f64], reach: &Reach) -> Vec<f64> {
    let at = |c: f64| -> Vec<f64> {
        let clip = |i: usize| (c * target[i]).max(reach.lower[i]).min(reach.upper[i]);
        (0..target.len()).map(clip).collect()
    };
    let (mut low, mut high) = (0.0, 1.0);
    while at(high).iter().sum::<f64>() < 1.0 && high < 1e300 {
        high *= 2.0;
    }
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if at(middle).iter().sum::<f64>() < 1.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    at(high)
}

fn keeps_its_promises(bounds: &Bounds, previous: &[f64], next: &[f64]) -> Result<(), String> {
    let sum: f64 = next.iter().sum();
    if (sum - 1.0).abs() > 1e-12 {
        return Err(format!("sum off by {}", sum - 1.0));
    }
    for (before, after) in previous.iter().zip(next) {
        if !(bounds.least <= *after && *after <= bounds.most) {
            return Err(format!("{after} outside the bounds"));
        }
        if (after / before - 1.0).abs() > bounds.step_fraction + 1e-9 {
            return Err(format!("{before} to {after} is too far"));
        }
    }
    Ok(())
}

/// Weights inside the seed's bounds: any wishes, projected.
fn nine_weights() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(0.001_f64..1.0, 9).prop_map(|wishes| {
        Reach::uniform(&SEED_BOUNDS, 9).project_kl(&wishes).expect("nine heads fit the bounds")
    })
}

fn wish() -> impl Strategy<Value = f64> {
    prop_oneof![4 => 0.0_f64..1.0, 1 => Just(0.0), 1 => 1e-12_f64..1e-9, 1 => 1.0_f64..1e9]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn every_step_stays_in_the_box_and_sums_to_one(
        previous in nine_weights(),
        target in prop::collection::vec(wish(), 9),
    ) {
        let reach = SEED_BOUNDS.around(&previous);
        let next = reach.project_kl(&target).expect("the box holds the weights it was built around");
        keeps_its_promises(&SEED_BOUNDS, &previous, &next).map_err(TestCaseError::fail)?;
        let euclid = reach.project_euclid(&target).expect("the same box");
        keeps_its_promises(&SEED_BOUNDS, &previous, &euclid).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn breakpoints_and_bisection_agree(
        previous in nine_weights(),
        target in prop::collection::vec(1e-6_f64..1.0, 9),
    ) {
        let reach = SEED_BOUNDS.around(&previous);
        let exact = reach.project_kl(&target).expect("the box holds the weights it was built around");
        for (exact, searched) in exact.iter().zip(by_bisection(&target, &reach)) {
            prop_assert!((exact - searched).abs() < 1e-12, "{exact} against {searched}");
        }
    }

    #[test]
    fn any_length_is_projected_as_bisection_would(
        wishes in prop::collection::vec(1e-6_f64..1.0, 1..40),
        least in 0.0_f64..1.0,
        most in 1.0_f64..4.0,
    ) {
        let len = wishes.len() as f64;
        let bounds = Bounds { least: least / len, most: most / len, step_fraction: f64::INFINITY };
        let reach = Reach::uniform(&bounds, wishes.len());
        let exact = reach.project_kl(&wishes).expect("the mean lies inside the bounds");
        for (exact, searched) in exact.iter().zip(by_bisection(&wishes, &reach)) {
            prop_assert!((exact - searched).abs() < 1e-11, "{exact} against {searched}");
        }
    }
}

#[test]
fn a_million_updates_never_leave_the_box() {
    let mut state = 42_u64;
    let mut chance = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut weights = [1.0 / 9.0; 9];
    for update in 0..1_000_000 {
        let lean = chance() * chance() * 4.0;
        let target = weights.map(|w| w * (1.0 + lean * (chance() - 0.2)).max(0.0));
        let next = SEED_BOUNDS.step(&weights, &target);
        if let Err(why) = keeps_its_promises(&SEED_BOUNDS, &weights, &next) {
            panic!("update {update}: {why}");
        }
        weights = next;
    }
}

#[test]
fn wishes_that_are_no_numbers_still_end_in_the_box() {
    let previous = [1.0 / 9.0; 9];
    for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, 5e-324, -1.0] {
        for others in [0.0, 0.1, f64::MAX, f64::NAN] {
            let mut target = [others; 9];
            target[4] = odd;
            let next = SEED_BOUNDS.step(&previous, &target);
            keeps_its_promises(&SEED_BOUNDS, &previous, &next).unwrap();
            let reach = SEED_BOUNDS.around(&previous);
            let next = reach.project_euclid(&target).unwrap();
            keeps_its_promises(&SEED_BOUNDS, &previous, &next).unwrap();
        }
    }
}

#[test]
fn a_box_without_a_distribution_has_no_projection() {
    let tight = Bounds { least: 0.0, most: 0.1, step_fraction: 0.2 };
    assert_eq!(Reach::uniform(&tight, 9).project_kl(&[0.1; 9]), None);
    assert_eq!(Reach::uniform(&tight, 9).project_euclid(&[0.1; 9]), None);
    assert_eq!(Reach::uniform(&SEED_BOUNDS, 9).project_kl(&[0.1; 8]), None);
    // The array version answers with the nearest corner.
    assert_eq!(project_kl(&[1.0; 3], &[0.0; 3], &[0.1; 3]), [0.1; 3]);
    assert_eq!(project_kl::<0>(&[], &[], &[]), [0.0; 0]);
}
