//! The numbers of the seed documents, quoted: where one of them changes, somebody has to say why.
#![allow(missing_docs)]

use domain::{HORIZONS, Threshold};
use learn::LearnRules;
use stats::seed_rules::{
    ComboRecord, KILL_WIN_RATE, UPDATE_ACCURACY_MIN, UPDATE_LOOK_BACK_HOURS, UPDATE_SAMPLES_MIN,
};

#[test]
fn weights_keep_to_the_numbers_of_seed_003() {
    let rules = LearnRules::default();
    assert_eq!((rules.weight_min, rules.weight_max), (0.05, 0.30));
    assert_eq!(rules.step_fraction_max, 0.20, "no weight moves more than 20 % in one update");
    assert_eq!(rules.publish_fraction_min, 0.01, "changes under 1 % are not published");
    assert_eq!(rules.seed_outcomes_min, 10.0, "nothing before 10 outcomes");
    assert_eq!(rules.seed_rate, 0.05, "5 % learning rate");
}

#[test]
fn nothing_moves_before_the_fifty_outcomes_of_seed_001() {
    assert_eq!(LearnRules::default().outcomes_min, 50.0);
}

#[test]
fn a_combo_dies_below_forty_per_cent_with_money_lost() {
    assert_eq!(KILL_WIN_RATE, 0.40);
    let combo = |wins, pnl| ComboRecord { trades: 100, wins, pnl };
    assert!(combo(39, -1.0).is_killed());
    assert!(!combo(40, -1.0).is_killed(), "40 % is not below 40 %");
    assert!(!combo(39, 1.0).is_killed(), "it has to have lost money too");
}

#[test]
fn thresholds_stay_where_the_seeds_put_them() {
    assert_eq!(Threshold::Cooldown.bounds(), (15.0, 60.0), "minutes, seed 003");
    assert_eq!(Threshold::RegimeEntries.bounds(), (1.0, 3.0), "signals a regime, seed 003");
}

#[test]
fn horizons_are_those_of_seed_001() {
    let names: Vec<&str> = HORIZONS.iter().map(|horizon| horizon.name).collect();
    assert_eq!(names, ["1m", "5m", "15m", "30m", "1h", "1d", "1w"]);
}

#[test]
fn an_online_update_keeps_to_the_numbers_of_seed_002() {
    assert_eq!((UPDATE_ACCURACY_MIN, UPDATE_SAMPLES_MIN, UPDATE_LOOK_BACK_HOURS), (0.48, 20, 24));
}
