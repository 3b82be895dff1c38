//! The forecasting papers' protocol, worked by hand, and the sentence that goes with a figure.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::ops::ControlFlow;

use models::FitError;
use models::bench::{
    ForecastModel, ForecastSpec, Forecaster, Protocol, Repeat, Splits, Table, forecast, judge,
};
use scenarios::Dice;

fn table(name: &str, columns: Vec<Vec<f64>>) -> Table {
    Table { name: name.into(), columns }
}

fn counted(rows: usize) -> Vec<f64> {
    (0..rows).map(|row| row as f64).collect()
}

fn walk(seed: u64, rows: usize) -> Vec<f64> {
    let mut dice = Dice::new(seed);
    let mut at = 0.0;
    let step = |_| {
        at += dice.normal();
        at
    };
    (0..rows).map(step).collect()
}

fn heard(_: models::Progress<'_>) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

#[test]
fn ett_sets_split_by_months_and_others_by_tenths() {
    let parts = |name: &str, rows: usize, splits: Splits| {
        let table = table(name, vec![counted(rows)]);
        let protocol = Protocol::of(&table, 10, 5, splits).unwrap();
        [protocol.train, protocol.validation, protocol.test]
    };
    assert_eq!(parts("ETTh1", 17_420, Splits::Papers), [0..8_640, 8_640..11_520, 11_520..14_400]);
    assert_eq!(parts("ETTm2", 69_680, Splits::Papers), [0..34_560, 34_560..46_080, 46_080..57_600]);
    // 7,588 rows: 5,311.6 and 1,517.6 are rounded down, and validation gets the 760 that remain.
    assert_eq!(
        parts("exchange_rate", 7_588, Splits::Papers),
        [0..5_311, 5_311..6_071, 6_071..7_588]
    );
    assert_eq!(parts("x", 100, "60/20/20".parse().unwrap()), [0..60, 60..80, 80..100]);
    assert_eq!(parts("x", 100, ".5/.3/.2".parse().unwrap()), [0..50, 50..80, 80..100]);
    assert_eq!(parts("ETTh1", 100, "30/20/10".parse().unwrap()), [0..30, 30..50, 50..60]);
}

#[test]
fn a_split_that_is_none_is_refused_in_a_sentence() {
    for text in ["", "70/30", "70/10/20/0", "a/b/c", "-1/2/3", "1.5/2/3", "NaN/1/1", "inf/1/1"] {
        let refused = text.parse::<Splits>().unwrap_err().to_string();
        assert!(refused.starts_with("a split is three numbers"), "{text}: {refused}");
    }
}

#[test]
fn a_channel_is_told_in_standard_deviations_of_its_training_part() {
    // Training holds 2, 4, 4, 4, 5, 5, 7, 9: mean 5 and population deviation 2.
    let column = vec![2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0, 11.0, 5.0, -1.0, 6.0];
    let still = vec![0.1; 12];
    let table = table("x", vec![column, still]);
    let protocol = Protocol::of(&table, 2, 1, Splits::Steps([8, 2, 2])).unwrap();
    let expected = [-1.5, -0.5, -0.5, -0.5, 0.0, 0.0, 1.0, 2.0, 3.0, 0.0, -3.0, 0.5];
    assert_eq!(protocol.channels[0], expected);
    assert!(protocol.channels[1].iter().all(|value| value.abs() < 1e-6), "one that stands still");
}

#[test]
fn every_part_is_forecast_from_its_border_and_windows_reach_back_over_it() {
    let table = table("x", vec![counted(20)]);
    let protocol = Protocol::of(&table, 3, 2, Splits::Steps([10, 4, 6])).unwrap();
    assert_eq!(protocol.origins(&protocol.train), 3..9);
    assert_eq!(protocol.origins(&protocol.validation), 10..13);
    assert_eq!(protocol.origins(&protocol.test), 14..19);
    let unscaled = |values: &[f32]| -> Vec<f32> {
        // Training holds 0..=9: mean 4.5, population deviation the root of 8.25.
        values.iter().map(|value| (value * 8.25_f32.sqrt() + 4.5).round()).collect()
    };
    assert_eq!(unscaled(protocol.looks_at(0, 14)), [11.0, 12.0, 13.0], "back into validation");
    assert_eq!(unscaled(protocol.came(0, 14)), [14.0, 15.0], "the first test steps");
    assert_eq!(unscaled(protocol.came(0, 18)), [18.0, 19.0], "the last steps of all");
}

#[test]
fn repeating_misses_what_it_misses_by_hand() {
    // Rising by one a step, in units of the root of 8.25: one step ahead is missed by 1, two by 2.
    let table = table("x", vec![counted(20)]);
    let spec = ForecastSpec {
        model: ForecastModel::Repeat,
        window: 3,
        horizon: 2,
        splits: Splits::Steps([10, 4, 6]),
    };
    let figures = forecast(&table, &spec, &mut heard).unwrap();
    assert!((figures.mse - (1.0 + 4.0) / 2.0 / 8.25).abs() < 1e-6, "{figures:?}");
    assert!((figures.mae - 1.5 / 8.25_f64.sqrt()).abs() < 1e-6, "{figures:?}");
    assert_eq!((figures.mse, figures.mae), (figures.repeat_mse, figures.repeat_mae));
    assert_eq!((figures.windows, figures.channels, figures.difference), (5, 1, None));
    assert_eq!(figures.says, "repeating the last value comes to 0.303");
}

#[test]
fn tables_that_cannot_be_forecast_are_refused_in_a_sentence() {
    let of = |columns: Vec<Vec<f64>>, window, horizon, splits| {
        Protocol::of(&table("x", columns), window, horizon, splits).unwrap_err().to_string()
    };
    let steps = Splits::Steps([10, 4, 6]);
    assert_eq!(of(vec![], 3, 2, steps), "x has no numbers to forecast");
    assert_eq!(of(vec![vec![], vec![]], 3, 2, steps), "x has no numbers to forecast");
    let uneven = vec![counted(20), counted(19)];
    assert_eq!(of(uneven, 3, 2, steps), "column 1 has 19 rows, and column 0 has 20");
    let mut holed = counted(20);
    holed[7] = f64::NAN;
    assert_eq!(of(vec![holed], 3, 2, steps), "row 7 of column 0 is not a number");
    let zero = "a window of 3 and a horizon of 0 forecast nothing";
    assert_eq!(of(vec![counted(20)], 3, 0, steps), zero);
    let short = |has, needed| {
        format!(
            "{has} samples are too few to fit a forecast over this window and horizon: it takes {needed}"
        )
    };
    assert_eq!(of(vec![counted(19)], 3, 2, steps), short(19, 20));
    assert_eq!(of(vec![counted(20)], 9, 2, steps), short(10, 11));
    assert_eq!(of(vec![counted(20)], 3, 5, steps), short(4, 5));
    assert_eq!(of(vec![counted(20)], usize::MAX, 2, steps), short(10, usize::MAX));
    let endless = Splits::Steps([usize::MAX, 1, 1]);
    assert_eq!(of(vec![counted(20)], 3, 2, endless), short(20, usize::MAX));
}

/// Expects the last move to go on: what looks like skill on anything with a trend.
struct Momentum;

impl Forecaster for Momentum {
    fn forecast(&self, window: &[f32], out: &mut [f32]) {
        let [.., before, last] = window else { return out.fill(0.0) };
        for (ahead, value) in out.iter_mut().enumerate() {
            *value = last + (last - before) * (ahead + 1) as f32;
        }
    }
}

/// Knows that what was seven steps ago comes again.
struct Weekly;

impl Forecaster for Weekly {
    fn forecast(&self, window: &[f32], out: &mut [f32]) {
        let week = &window[window.len() - 7..];
        for (ahead, value) in out.iter_mut().enumerate() {
            *value = week[ahead % 7];
        }
    }
}

#[test]
fn on_a_random_walk_it_says_that_repeating_is_as_good() {
    for seed in 0..20 {
        let table = table("walk", (0..3).map(|at| walk(seed * 3 + at, 2_000)).collect());
        let protocol = Protocol::of(&table, 16, 8, Splits::Papers).unwrap();
        let figures = judge(&protocol, "momentum", &Momentum, &mut heard).unwrap();
        assert!(
            figures.says.starts_with("no better than repeating the last value ("),
            "{figures:?}"
        );
        assert!(figures.says.ends_with("; the ensemble falls back to repeat"), "{figures:?}");
        assert_eq!(figures.blend.weight, 0.0);
        assert!((figures.blend.mse - figures.repeat_mse).abs() < 1e-12, "{figures:?}");
        assert!((figures.blend.mae - figures.repeat_mae).abs() < 1e-12, "{figures:?}");
    }
}

#[test]
fn on_a_week_that_comes_again_it_says_that_the_model_is_better() {
    let mut dice = Dice::new(5);
    let day = |at: usize| [3.0, 1.0, 0.0, -2.0, 4.0, 9.0, 7.0][at % 7] + 0.1 * dice.normal();
    let table = table("week", vec![(0..2_000).map(day).collect()]);
    let protocol = Protocol::of(&table, 14, 7, Splits::Papers).unwrap();
    let figures = judge(&protocol, "weekly", &Weekly, &mut heard).unwrap();
    assert!(figures.says.starts_with("better than repeating the last value ("), "{figures:?}");
    assert!(
        figures.says.contains("; the ensemble gives weekly 1.00 and comes to 0.00"),
        "{figures:?}"
    );
    assert!(figures.difference.unwrap().high < 0.0 && figures.mse < 0.01 * figures.repeat_mse);
}

#[test]
fn what_repeats_is_never_called_better_than_repeating() {
    let table = table("walk", vec![walk(1, 1_000)]);
    let protocol = Protocol::of(&table, 16, 8, Splits::Papers).unwrap();
    let figures = judge(&protocol, "another", &Repeat, &mut heard).unwrap();
    assert!(figures.says.starts_with("no better than repeating the last value ("), "{figures:?}");
    assert_eq!(figures.blend.weight, 0.0);
}

#[test]
fn who_listens_can_stop_a_measurement_at_every_step() {
    let table = table("walk", vec![walk(1, 8_000)]);
    let protocol = Protocol::of(&table, 16, 8, Splits::Papers).unwrap();
    let mut asked = 0;
    judge(&protocol, "momentum", &Momentum, &mut |_| {
        asked += 1;
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!(asked > 4, "two parts of several batches: {asked}");
    for stop_at in 0..asked {
        let mut left = stop_at;
        let stopped = judge(&protocol, "momentum", &Momentum, &mut |_| {
            if left == 0 {
                return ControlFlow::Break(());
            }
            left -= 1;
            ControlFlow::Continue(())
        });
        assert_eq!(stopped, Err(FitError::Interrupted), "at step {stop_at}");
    }
}

#[test]
fn any_number_of_threads_measures_the_same_to_the_bit() {
    let table = table("walk", (0..3).map(|at| walk(at, 2_000)).collect());
    let protocol = Protocol::of(&table, 16, 8, Splits::Papers).unwrap();
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| judge(&protocol, "momentum", &Momentum, &mut heard).unwrap())
    };
    let alone = with(1);
    assert_eq!(alone, with(2));
    assert_eq!(alone.mse.to_bits(), with(3).mse.to_bits());
}
