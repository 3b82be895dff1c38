//! A component is tested by being on the list.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::collections::BTreeSet;

use domain::{COMPONENT_NAMES, COMPONENTS_MAX, Leans, Row};
use forecast::{COMPONENTS, FEATURE_COUNT, FEATURES, feature_at, leans};
use scenarios::Dice;

/// The features that a component goes by, with the sign of its lean where they are up; the rest of the row
/// is absent. The volatility is what others are measured by.
const GOES_BY: [(&str, &[&str], f64); 15] = [
    ("ofi", &["flow_12"], 1.0),
    ("takers", &["taker_share_12"], 1.0),
    ("volume_balance", &["obv_slope_24"], 1.0),
    ("momentum", &["return_24", "volatility_24"], 1.0),
    ("trend", &["ema_spread"], 1.0),
    ("reversion", &["band_z"], -1.0),
    ("channel", &["channel_55"], 1.0),
    ("vwap", &["vwap_gap_24", "volatility_24"], -1.0),
    ("autocorrelation", &["autocorrelation_24", "return_1", "volatility_24"], 1.0),
    ("funding", &["funding_z"], -1.0),
    ("crowd", &["long_short_z"], -1.0),
    ("open_interest", &["open_interest_change", "return_24"], 1.0),
    ("mood", &["fear_greed"], -1.0),
    ("headlines", &["headline_mood"], 1.0),
    ("ensemble", &[], 0.0),
];

fn place(name: &str) -> usize {
    COMPONENTS.iter().position(|component| component.name == name).unwrap()
}

/// A row on which these features have this value and nothing else is known.
fn row_of(features: &[&str], value: f64) -> ([f64; FEATURE_COUNT], u64) {
    let (mut values, mut present) = ([0.0; FEATURE_COUNT], 0);
    for feature in features {
        values[feature_at(feature)] = value;
        present |= 1 << feature_at(feature);
    }
    (values, present)
}

#[test]
fn every_component_has_one_name_everywhere_and_says_what_it_goes_by() {
    assert!(COMPONENTS.len() <= COMPONENTS_MAX);
    let names: Vec<&str> = COMPONENTS.iter().map(|component| component.name).collect();
    assert_eq!(names, COMPONENT_NAMES);
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    assert!(COMPONENTS.iter().all(|component| component.what.len() > component.name.len()));
    assert_eq!(GOES_BY.map(|(name, _, _)| name)[..], names);
}

#[test]
fn every_component_leans_the_way_its_features_say_and_is_silent_without_any_of_them() {
    for (name, features, sign) in GOES_BY {
        let lean = COMPONENTS[place(name)].lean;
        let (values, present) = row_of(features, 0.9);
        let said = lean(&Row { values: &values, present }).unwrap_or(0.0);
        assert!(said * sign > 0.0 || sign == 0.0, "{name}: {said}");
        for feature in features {
            let without = present & !(1 << feature_at(feature));
            assert_eq!(lean(&Row { values: &values, present: without }), None, "{name}, {feature}");
        }
    }
    let nothing = leans(&Row { values: &[], present: u64::MAX });
    assert_eq!(nothing, Leans::SILENT);
}

#[test]
fn whatever_a_row_holds_leans_are_numbers_between_minus_one_and_one_and_asking_changes_nothing() {
    let mut dice = Dice::new(11);
    for _ in 0..2_000 {
        let mut values = [0.0; FEATURE_COUNT];
        for value in &mut values {
            *value = dice.normal() * libm::exp(3.0 * dice.normal());
        }
        let row = Row { values: &values, present: dice.bits() };
        let leans = forecast::leans(&row);
        for at in 0..COMPONENTS_MAX {
            assert!(leans.at(at).is_none_or(|lean| (-1.0..=1.0).contains(&lean)));
        }
        assert_eq!(leans, forecast::leans(&row));
    }
    assert_eq!(FEATURES.len(), FEATURE_COUNT);
}

#[test]
fn open_interest_that_leaves_speaks_against_the_move() {
    let lean = COMPONENTS[place("open_interest")].lean;
    let (mut values, present) = row_of(&["open_interest_change", "return_24"], 0.02);
    let row = |values: &[f64; FEATURE_COUNT]| lean(&Row { values, present }).unwrap();
    assert!(row(&values) > 0.0);
    values[feature_at("open_interest_change")] = -0.02;
    assert!(row(&values) < 0.0);
    values[feature_at("return_24")] = -0.02;
    assert!(row(&values) > 0.0);
}

#[test]
fn calm_moods_lean_nowhere() {
    let lean = COMPONENTS[place("mood")].lean;
    for (mood, said) in [(0.0, 0.0), (0.5, 0.0), (-0.5, 0.0), (1.0, -1.0), (-0.75, 0.5)] {
        let (values, present) = row_of(&["fear_greed"], mood);
        let leaned = lean(&Row { values: &values, present }).unwrap();
        assert!((leaned - said).abs() < 1e-12, "{mood}: {leaned}");
    }
}
