//! Weights keep their promises for any covariance, and correlations for any returns.

use proptest::prelude::*;
use stats::portfolio::{
    EwmaCorrelation, equal_risk, hierarchical_parity, inverse_volatility, ledoit_wolf, min_variance,
};

/// Returns of some symbols over more bars than symbols, of very different sizes.
fn returns() -> impl Strategy<Value = Vec<Vec<f64>>> {
    (2_usize..12).prop_flat_map(|symbols| {
        let bar = prop::collection::vec(-1.0_f64..1.0, symbols);
        let sizes = prop::collection::vec(1e-4_f64..1.0, symbols);
        (prop::collection::vec(bar, 40), sizes).prop_map(|(bars, sizes)| {
            let scaled = |bar: Vec<f64>| bar.iter().zip(&sizes).map(|(r, s)| r * s).collect();
            bars.into_iter().map(scaled).collect()
        })
    })
}

fn times(table: &[Vec<f64>], weights: &[f64]) -> Vec<f64> {
    table.iter().map(|row| row.iter().zip(weights).map(|(c, w)| c * w).sum()).collect()
}

fn variance(table: &[Vec<f64>], weights: &[f64]) -> f64 {
    times(table, weights).iter().zip(weights).map(|(c, w)| c * w).sum()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn weights_sum_to_one_and_do_what_they_are_named_after(returns in returns()) {
        let shrunk = ledoit_wolf(&returns).expect("forty bars");
        prop_assert!((0.0..=1.0).contains(&shrunk.shrunk_fraction));
        let table = shrunk.covariance;
        let equal = equal_risk(&table).expect("a covariance");
        let least = min_variance(&table).expect("not singular");
        let alike = hierarchical_parity(&table).expect("a covariance").weights;
        let inverse = inverse_volatility(&table).expect("a covariance");
        for weights in [&equal, &least, &alike, &inverse] {
            prop_assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            prop_assert!(variance(&table, &least) <= variance(&table, weights) * (1.0 + 1e-9));
        }
        prop_assert!(equal.iter().chain(&alike).chain(&inverse).all(|weight| *weight > 0.0));
        let share = variance(&table, &equal) / equal.len() as f64;
        for (weight, marginal) in equal.iter().zip(times(&table, &equal)) {
            prop_assert!((weight * marginal / share - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn correlations_stay_within_their_bounds(returns in returns(), absent in any::<u64>()) {
        let symbols = returns[0].len();
        let mut lived = EwmaCorrelation::new(symbols, 15.0);
        for (bar, row) in returns.iter().enumerate() {
            let here = |s: usize| absent >> ((bar * 5 + s * 3) % 64) & 1 == 1;
            let row: Vec<Option<f64>> =
                row.iter().enumerate().map(|(s, r)| here(s).then_some(*r)).collect();
            lived.observe(&row);
        }
        for (i, j) in (0..symbols).flat_map(|i| (0..symbols).map(move |j| (i, j))) {
            prop_assert!(lived.correlation(i, j).is_none_or(|c| (-1.0..=1.0).contains(&c)));
            prop_assert_eq!(lived.correlation(i, j), lived.correlation(j, i));
        }
    }
}
