//! How long one observation takes a live model: `cargo run --release -p stats --example hmm_speed`.

use stats::hmm::{HmmSettings, OnlineHmm};
use std::hint::black_box;

const OBSERVATIONS: u32 = 2_000_000;

#[expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a stopwatch reads the clock")]
fn main() {
    let mut hmm = OnlineHmm::<3, 2>::new(HmmSettings::default());
    let observation = |i: u32| {
        let wave = libm::sin(f64::from(i) * 0.7) * (1.0 + libm::sin(f64::from(i) * 0.01));
        [0.001 * wave, libm::cos(f64::from(i) * 0.013)]
    };
    let observations: Vec<[f64; 2]> = (0..4_096).map(observation).collect();
    for round in 0..5 {
        let begun = std::time::Instant::now();
        for i in 0..OBSERVATIONS {
            hmm.observe(black_box(&observations[(i % 4_096) as usize]));
        }
        let ns = begun.elapsed().as_nanos() as f64 / f64::from(OBSERVATIONS);
        println!("round {round}: {ns:.0} ns per observation, {:?}", hmm.posterior());
    }
}
