//! How long a symbol's forecast takes per bar: `cargo run --release -p forecast --example forecaster_speed`.
//!
//! CPU time, ten symbols of made-up hours, each as long as the data of three and a half years.

use std::hint::black_box;

use domain::{
    Bar, Calendar, Instrument, InstrumentKind, Interval, Margin, Money, Reading, Series, Timestamp,
};
use forecast::{Forecaster, FrameRules, vote};
use rustix::time::{ClockId, clock_gettime};
use scenarios::{Market, bars};

const BARS: usize = 30_647;
const FROM: Timestamp = Timestamp::from_ms(1_600_000_000_000);
const MARKET: Market = Market::Trending { volatility: 0.006, carry: 0.05 };

#[expect(clippy::print_stdout, reason = "a stopwatch prints its figures")]
fn main() {
    let symbols: Vec<Vec<Bar>> =
        (0..10).map(|seed| bars(seed, MARKET, Interval::HOUR, FROM, BARS)).collect();
    let all = (BARS * symbols.len()) as f64;
    for round in 0..7 {
        let (mut hearing, mut voting) = (0.0, 0.0);
        for bars in &symbols {
            let mut forecaster = Forecaster::new(&instrument(), &FrameRules::default());
            forecaster.hear_reading(&Reading {
                at: FROM,
                symbol: None,
                series: Series::Headlines,
                value: 0.5,
            });
            let begun = cpu_ns();
            for bar in bars {
                forecaster.hear(black_box(bar));
            }
            hearing += cpu_ns() - begun;
            let begun = cpu_ns();
            for _ in 0..BARS {
                black_box(vote(black_box(&forecaster.row())));
            }
            voting += cpu_ns() - begun;
        }
        println!(
            "round {round}: hears in {:.0} ns, votes in {:.0} ns",
            hearing / all,
            voting / all
        );
    }
}

fn instrument() -> Instrument {
    Instrument {
        symbol: "MADEUP".to_owned(),
        interval: Interval::HOUR,
        calendar: Calendar::Always,
        tick: Money::new(1, 2),
        step: Money::new(1, 5),
        notional_min: Money::new(5, 0),
        kind: InstrumentKind::Spot,
        margin: Margin::NONE,
        has_volume: true,
    }
}

fn cpu_ns() -> f64 {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    spent.tv_sec as f64 * 1e9 + spent.tv_nsec as f64
}
