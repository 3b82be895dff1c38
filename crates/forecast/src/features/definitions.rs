//! Features that no reference library has, worked out once more from their definitions over the whole
//! history, without windows or memory.

use domain::{Bar, Interval, RawBar, Timestamp};
use scenarios::{Market, bars};

use super::{FeatureRow, FeatureSet, feature_at};

const FROM: Timestamp = Timestamp::from_ms(1_600_000_000_000);

fn history(seed: u64) -> Vec<Bar> {
    let market = Market::Trending { volatility: 0.01, carry: 0.1 };
    let told = |bar: Bar| {
        let flow = bar.taker_buy_volume().map(|bought| bought - bar.volume() / 2.0);
        Bar::admit(RawBar { flow, ..*bar.raw() }, Interval::HOUR).expect("a flow makes sense")
    };
    bars(seed, market, Interval::HOUR, FROM, 400).into_iter().map(told).collect()
}

/// Compares a feature with its definition, which is given the history up to each bar.
fn check(name: &str, definition: impl Fn(&[Bar]) -> Option<f64>) {
    for seed in 0..5 {
        let history = history(seed);
        let (mut features, mut row) = (FeatureSet::new(), FeatureRow::default());
        for (at, bar) in history.iter().enumerate() {
            features.hear(bar, &mut row);
            let got = row.row().get(feature_at(name));
            let want = definition(&history[..=at]);
            let agrees = match (got, want) {
                (Some(got), Some(want)) => (got - want).abs() <= 1e-9 * (1.0 + want.abs()),
                (got, want) => got == want,
            };
            assert!(agrees, "{name} at bar {at} of seed {seed}: {got:?}, want {want:?}");
        }
    }
}

/// The last `count`, once there are so many.
fn last<T>(values: &[T], count: usize) -> Option<&[T]> {
    values.len().checked_sub(count).map(|from| &values[from..])
}

fn changes(bars: &[Bar], count: usize) -> Option<Vec<f64>> {
    let change = |pair: &[Bar]| pair[1].close() / pair[0].close() - 1.0;
    Some(last(bars, count + 1)?.windows(2).map(change).collect())
}

/// Mean of a power of the deviations.
fn moment(values: &[f64], power: i32) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let deviation = |value: &f64| libm::pow(value - mean, f64::from(power));
    values.iter().map(deviation).sum::<f64>() / values.len() as f64
}

#[test]
fn shapes_of_changes_are_what_they_say() {
    check("roc_10", |bars| last(bars, 11).map(|bars| bars[10].close() / bars[0].close() - 1.0));
    check("volatility_24", |bars| Some(moment(&changes(bars, 24)?, 2).sqrt()));
    check("skew_24", |bars| {
        let changes = changes(bars, 24)?;
        Some(moment(&changes, 3) / libm::pow(moment(&changes, 2), 1.5))
    });
    check("autocorrelation_24", |bars| {
        let changes = changes(bars, 24)?;
        let mean = changes.iter().sum::<f64>() / 24.0;
        let product = |pair: &[f64]| (pair[0] - mean) * (pair[1] - mean);
        let products: f64 = changes.windows(2).map(product).sum();
        Some(products / (24.0 * moment(&changes, 2)))
    });
    check("downside_share_24", |bars| {
        let changes = changes(bars, 24)?;
        let squares = |keep: fn(&f64) -> bool| -> f64 {
            changes.iter().filter(|change| keep(change)).map(|change| change * change).sum()
        };
        Some(squares(|&change| change < 0.0) / squares(|_| true))
    });
    check("volatility_ratio", |bars| {
        let long = moment(&changes(bars, 48)?, 2);
        Some((moment(&changes(bars, 6)?, 2) / long).sqrt())
    });
    check("drawdown_55", |bars| {
        let highest = last(bars, 55)?.iter().map(Bar::close).fold(0.0, f64::max);
        Some(1.0 - bars[bars.len() - 1].close() / highest)
    });
}

#[test]
fn shapes_of_bars_are_what_they_say() {
    let of_reach = |bars: &[Bar], part: fn(&Bar) -> f64| {
        let bar = &bars[bars.len() - 1];
        Some(part(bar) / (bar.high() - bar.low()))
    };
    check("close_place", |bars| of_reach(bars, |bar| bar.close() - bar.low()));
    check("upper_wick", |bars| of_reach(bars, |bar| bar.high() - bar.open().max(bar.close())));
    check("lower_wick", |bars| of_reach(bars, |bar| bar.open().min(bar.close()) - bar.low()));
    check("gap_open", |bars| last(bars, 2).map(|pair| pair[1].open() / pair[0].close() - 1.0));
}

#[test]
fn what_is_said_of_volume_is_what_it_says() {
    check("obv_slope_24", |bars| {
        let signed = |pair: &[Bar]| {
            let change = pair[1].close() - pair[0].close();
            if change == 0.0 { 0.0 } else { pair[1].volume() * change.signum() }
        };
        let change: f64 = last(bars, 25)?.windows(2).map(signed).sum();
        Some(change / last(bars, 24)?.iter().map(Bar::volume).sum::<f64>())
    });
    check("volume_shock", |bars| {
        let sizes: Vec<f64> = last(bars, 48)?.iter().map(|bar| libm::log(bar.volume())).collect();
        let mean = sizes.iter().sum::<f64>() / 48.0;
        Some((sizes[47] - mean) / moment(&sizes, 2).sqrt())
    });
    check("flow_share", |bars| {
        let bar = &bars[bars.len() - 1];
        Some(bar.flow()? / bar.volume())
    });
}

/// Places of bars that lie beyond the three before and that none of the three after lies beyond.
fn swings(bars: &[Bar], beyond: fn(&Bar, &Bar) -> bool) -> Vec<&Bar> {
    let is_swing = |near: &&[Bar]| {
        near[..3].iter().all(|bar| beyond(&near[3], bar))
            && !near[4..].iter().any(|bar| beyond(bar, &near[3]))
    };
    let recent = &bars[bars.len().saturating_sub(120 + 6)..];
    recent.windows(7).filter(is_swing).map(|near| &near[3]).collect()
}

fn highs(bars: &[Bar]) -> Vec<&Bar> {
    swings(bars, |one, other| one.high() > other.high())
}

fn lows(bars: &[Bar]) -> Vec<&Bar> {
    swings(bars, |one, other| one.low() < other.low())
}

#[test]
fn swings_are_where_the_market_turned() {
    check("structure", |bars| {
        let [.., high_before, high] = highs(bars)[..] else { return None };
        let [.., low_before, low] = lows(bars)[..] else { return None };
        let rises = [high.high() > high_before.high(), low.low() > low_before.low()];
        let falls = [high.high() < high_before.high(), low.low() < low_before.low()];
        Some(f64::from(rises == [true; 2]) - f64::from(falls == [true; 2]))
    });
    check("swing_high_gap", |bars| {
        let gap = bars[bars.len() - 1].close() - highs(bars).last()?.high();
        Some(gap / average_true_range(bars)?)
    });
    check("swing_low_gap", |bars| {
        let gap = bars[bars.len() - 1].close() - lows(bars).last()?.low();
        Some(gap / average_true_range(bars)?)
    });
}

fn true_ranges(bars: &[Bar]) -> Vec<f64> {
    let range =
        |pair: &[Bar]| pair[1].high().max(pair[0].close()) - pair[1].low().min(pair[0].close());
    bars.windows(2).map(range).collect()
}

fn average_true_range(bars: &[Bar]) -> Option<f64> {
    let ranges = true_ranges(bars);
    let seed = ranges.get(..14)?.iter().sum::<f64>() / 14.0;
    Some(ranges[14..].iter().fold(seed, |mean, range| (mean * 13.0 + range) / 14.0))
}

#[test]
fn ranges_are_what_they_say() {
    check("atr_fraction", |bars| Some(average_true_range(bars)? / bars[bars.len() - 1].close()));
    check("range_ratio", |bars| Some(true_ranges(bars).last()? / average_true_range(bars)?));
    check("squeeze", |bars| {
        let closes: Vec<f64> = last(bars, 20)?.iter().map(Bar::close).collect();
        Some(2.0 * moment(&closes, 2).sqrt() / (1.5 * average_true_range(bars)?))
    });
}

#[test]
fn the_week_begins_on_monday_and_midnight_ends_a_day() {
    const MONDAY_MS: i64 = 19_723 * 86_400_000; // 2024-01-01.
    let plain = history(1)[0];
    let mut said = Vec::new();
    for hour in 0..8 * 24 {
        let opened_at = Timestamp::from_ms(MONDAY_MS + hour * 3_600_000);
        let bar = Bar::admit(RawBar { opened_at, ..*plain.raw() }, Interval::HOUR);
        let mut row = FeatureRow::default();
        FeatureSet::new().hear(&bar.expect("the same bar at another hour"), &mut row);
        said.push(row.row().get(feature_at("weekday")).expect("a bar has a day"));
    }
    for (hour, said) in said.into_iter().enumerate() {
        assert!((said - ((hour / 24 % 7) as f64 / 3.0 - 1.0)).abs() < 1e-12, "hour {hour}: {said}");
    }
}
