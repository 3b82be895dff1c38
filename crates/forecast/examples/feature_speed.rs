//! How long the features of one bar take: `cargo run --release -p forecast --example feature_speed`.
//!
//! CPU time, ten symbols of made-up hours, each as long as the data of three and a half years.

use std::hint::black_box;

use domain::{Bar, Interval, Timestamp};
use forecast::{FEATURES, FeatureRow, FeatureSet};
use rustix::time::{ClockId, clock_gettime};
use scenarios::{Market, bars};

const BARS: usize = 30_647;
const FROM: Timestamp = Timestamp::from_ms(1_600_000_000_000);
const MARKET: Market = Market::Trending { volatility: 0.006, carry: 0.05 };

#[expect(clippy::print_stdout, reason = "a stopwatch prints its figures")]
fn main() {
    let symbols: Vec<Vec<Bar>> =
        (0..10).map(|seed| bars(seed, MARKET, Interval::HOUR, FROM, BARS)).collect();
    for round in 0..7 {
        let begun = cpu_ns();
        for bars in &symbols {
            let (mut features, mut row) = (FeatureSet::new(), FeatureRow::default());
            for bar in bars {
                features.hear(black_box(bar), &mut row);
                black_box(&row);
            }
        }
        let ns = (cpu_ns() - begun) / (BARS * symbols.len()) as f64;
        println!("round {round}: {ns:.0} ns a bar, {} features", FEATURES.len());
    }
}

fn cpu_ns() -> f64 {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    spent.tv_sec as f64 * 1e9 + spent.tv_nsec as f64
}
