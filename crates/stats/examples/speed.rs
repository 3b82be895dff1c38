//! How long one observation takes the models a live engine would carry:
//! `cargo run --release -p stats --example speed`.

use stats::change_point::{ChangePoint, SegmentPrior};
use stats::hmm::{HmmSettings, OnlineHmm};
use stats::portfolio::{EwmaCorrelation, equal_risk, hierarchical_parity};
use std::hint::black_box;

fn main() {
    let wave = |i: u32| libm::sin(f64::from(i) * 0.7) * (1.0 + libm::sin(f64::from(i) * 0.01));
    let waves: Vec<f64> = (0..4_096).map(wave).collect();
    let at = |i: u32| waves[(i % 4_096) as usize];

    let mut hmm = OnlineHmm::<3, 2>::new(HmmSettings::default());
    timed("hidden Markov model, 3 states, 2 dimensions", 5_000, |i| {
        hmm.observe(black_box(&[0.001 * at(i), at(i / 64)]));
    });

    let mut correlation = EwmaCorrelation::new(50, 500.0);
    timed("correlations of 50 symbols", 200, |i| {
        let own = |s: usize| at(i * 31 + (s * s * 17) as u32);
        let returns: [Option<f64>; 50] = std::array::from_fn(|s| Some(at(i * 7) + own(s)));
        correlation.observe(black_box(&returns));
    });
    let table = correlation.table().unwrap_or_default();
    timed("hierarchical parity of 50 symbols", 1, |_| drop(black_box(hierarchical_parity(&table))));
    timed("equal risk of 50 symbols", 1, |_| drop(black_box(equal_risk(&table))));

    let prior = SegmentPrior { mean: 0.0, mean_count: 1.0, shape: 1.0, scale: 1.0 };
    let mut change = ChangePoint::new(prior, 1.0 / 250.0, 500);
    (0..600).for_each(|i| change.observe(at(i)));
    timed("change point, runs up to 500", 50, |i| change.observe(black_box(at(i))));
}

/// Prints the fastest of many rounds: what else the machine does only ever adds.
#[expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a stopwatch reads the clock")]
fn timed(what: &str, times: u32, mut work: impl FnMut(u32)) {
    let mut round = |_| {
        let begun = std::time::Instant::now();
        (0..times).for_each(&mut work);
        begun.elapsed().as_nanos() as f64 / f64::from(times)
    };
    println!("{what}: {:.0} ns", (0..200).map(&mut round).fold(f64::INFINITY, f64::min));
}
