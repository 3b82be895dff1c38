//! Every feature is tested by being on its list, and consensus by its properties.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::collections::BTreeSet;

use domain::{Bar, HEAD_COUNT, HeadName, Interval, RawBar, Row, Timestamp, Vote, Votes};
use forecast::features::{FEATURES, feature_at};
use forecast::{FeatureRow, FeatureSet, fuse};
use proptest::prelude::*;
use scenarios::{Dice, Market, bars};

const START: Timestamp = Timestamp::from_ms(1_600_000_000_000);

const TRENDING: Market = Market::Trending { volatility: 0.01, carry: 0.4 };
const REVERTING: Market = Market::Trending { volatility: 0.01, carry: -0.4 };

fn history(seed: u64, market: Market, count: usize) -> Vec<Bar> {
    bars(seed, market, Interval::HOUR, START, count)
}

/// The same with order flow told: half of what takers bought more than sold.
fn told_history(seed: u64, market: Market, count: usize) -> Vec<Bar> {
    let told = |bar: Bar| {
        let flow = bar.taker_buy_volume().map(|bought| bought - bar.volume() / 2.0);
        Bar::admit(RawBar { flow, ..*bar.raw() }, Interval::HOUR).unwrap()
    };
    history(seed, market, count).into_iter().map(told).collect()
}

fn rows_of(bars: &[Bar]) -> Vec<FeatureRow> {
    let (mut features, mut row) = (FeatureSet::new(), FeatureRow::default());
    let hear = |bar| {
        features.hear(bar, &mut row);
        row
    };
    bars.iter().map(hear).collect()
}

#[test]
fn every_feature_has_a_name_of_its_own_and_says_what_it_is() {
    let names: BTreeSet<&str> = FEATURES.iter().map(|feature| feature.name).collect();
    assert_eq!(names.len(), FEATURES.len());
    for (at, feature) in FEATURES.iter().enumerate() {
        assert!(feature.what.len() > feature.name.len(), "{}", feature.name);
        assert_eq!(feature_at(feature.name), at);
    }
}

#[test]
fn every_feature_speaks_once_it_has_warmed_up_and_is_never_nonsense() {
    const WARMED_UP: usize = 64;
    for market in [TRENDING, REVERTING] {
        for (at, row) in rows_of(&told_history(3, market, 1_000)).iter().enumerate() {
            let row = row.row();
            for (feature, spec) in FEATURES.iter().enumerate() {
                let value = row.get(feature);
                assert!(value.is_none_or(f64::is_finite), "{} at bar {at}", spec.name);
                assert!(value.is_some() || at < WARMED_UP, "{} absent at bar {at}", spec.name);
            }
        }
    }
}

/// Features that weigh what is long gone ever less, instead of forgetting it.
const FADING: [&str; 15] = [
    "atr_fraction",
    "ema_spread",
    "ema_slope",
    "ema_cross",
    "rsi_14",
    "taker_share_12",
    "macd_histogram",
    "adx_14",
    "di_spread",
    "range_ratio",
    "squeeze",
    "volume_trend",
    "flow_12",
    "swing_high_gap",
    "swing_low_gap",
];

/// Nothing drifts: what is said after a long life is what is said after a short one.
#[test]
fn a_long_history_says_what_its_last_bars_say() {
    const RECENT: usize = 700;
    for seed in 0..12 {
        let market = if seed % 2 == 0 { TRENDING } else { REVERTING };
        let long = told_history(seed, market, 4_000 + 137 * seed as usize);
        let (lived, fresh) = (rows_of(&long), rows_of(&long[long.len() - RECENT..]));
        for (lived, fresh) in lived[lived.len() - 50..].iter().zip(&fresh[RECENT - 50..]) {
            check_same(&lived.row(), &fresh.row(), seed);
        }
    }
}

/// To the bit where memory is finite; where it fades, up to what has not quite faded.
fn check_same(lived: &Row<'_>, fresh: &Row<'_>, seed: u64) {
    for (at, spec) in FEATURES.iter().enumerate() {
        let (lived, fresh) = (lived.get(at), fresh.get(at));
        if !FADING.contains(&spec.name) {
            assert_eq!(lived, fresh, "{} of seed {seed}", spec.name);
            continue;
        }
        let apart = (lived.unwrap() - fresh.unwrap()).abs();
        assert!(apart < 1e-9, "{} of seed {seed}: {lived:?} {fresh:?}", spec.name);
    }
}

/// A market that halts, jumps and is flooded: stretches without a trade, volumes over fifteen orders
/// of magnitude, prices that stand still and then double.
fn wild_history(seed: u64, count: usize) -> Vec<Bar> {
    let mut dice = Dice::new(seed);
    let (mut price, mut halted) = (100.0, 0);
    let mut made = Vec::with_capacity(count);
    for at in 0..count {
        if halted == 0 && dice.happens(0.02) {
            halted = dice.below(60);
        }
        let trades = halted == 0;
        halted = halted.saturating_sub(1);
        let open = price;
        if trades {
            let step = if dice.happens(0.02) { 0.7 } else { 0.01 };
            price = (price * libm::exp(step * dice.normal())).clamp(1e-3, 1e6);
        }
        let volume = if trades { libm::pow(10.0, 15.0 * dice.uniform() - 3.0) } else { 0.0 };
        let raw = RawBar {
            opened_at: START.plus_ms(Interval::HOUR.ms() * at as i64),
            open,
            high: open.max(price),
            low: open.min(price),
            close: price,
            volume,
            taker_buy_volume: Some(volume * dice.uniform()),
            flow: Some(volume * dice.normal()),
        };
        made.push(Bar::admit(raw, Interval::HOUR).unwrap());
    }
    made
}

proptest! {
    #[test]
    fn what_has_left_a_window_is_forgotten_to_the_bit(seed in any::<u64>(), count in 400_usize..3_000) {
        const RECENT: usize = 400;
        let long = wild_history(seed, count);
        let (lived, fresh) = (rows_of(&long), rows_of(&long[count - RECENT..]));
        for (lived, fresh) in lived[count - 200..].iter().zip(&fresh[RECENT - 200..]) {
            for (at, spec) in FEATURES.iter().enumerate().filter(|(_, spec)| !FADING.contains(&spec.name)) {
                prop_assert_eq!(lived.row().get(at), fresh.row().get(at), "{}", spec.name);
            }
        }
    }
}

/// What features are bound to, whatever the market does.
const BOUNDS: &str = "efficiency_24 0 1
    body -1 1
    ema_cross -1 1
    rsi_14 0 100
    taker_share -1 1
    taker_share_12 -1 1
    adx_14 0 100
    di_spread -100 100
    obv_slope_24 -1 1
    mfi_14 0 100
    stoch_k 0 100
    autocorrelation_24 -1 1
    downside_share_24 0 1
    close_place 0 1
    upper_wick 0 1
    lower_wick 0 1
    structure -1 1
    drawdown_55 0 1
    hour_sin -1 1
    hour_cos -1 1
    weekday -1 1";

/// A price that never moves, without trades or with always the same.
fn still_history(volume: f64, count: usize) -> Vec<Bar> {
    let bar = |at: usize| RawBar {
        opened_at: START.plus_ms(Interval::HOUR.ms() * at as i64),
        open: 104.7,
        high: 104.7,
        low: 104.7,
        close: 104.7,
        volume,
        taker_buy_volume: Some(volume / 3.0),
        flow: Some(0.0),
    };
    (0..count).map(|at| Bar::admit(bar(at), Interval::HOUR).unwrap()).collect()
}

#[test]
fn every_feature_is_finite_and_within_its_bounds_whatever_happens() {
    let bounds: Vec<(usize, f64, f64)> = BOUNDS
        .lines()
        .map(|line| {
            let [name, low, high] = line.split_whitespace().collect::<Vec<_>>()[..] else {
                panic!("{line} is no bound")
            };
            (feature_at(name), low.parse().unwrap(), high.parse().unwrap())
        })
        .collect();
    let mut histories: Vec<Vec<Bar>> = (0..20).map(|seed| wild_history(seed, 2_000)).collect();
    histories.extend([0.0, 1e-3, 1e17].map(|volume| still_history(volume, 1_000)));
    // From nearly nothing to nearly too much and back: a jump of 1e20.
    histories
        .push(priced(&histories[20], |at, price| if at == 500 { 1e10 } else { price * 1e-12 }));
    for (which, history) in histories.iter().enumerate() {
        for (at, row) in rows_of(history).iter().enumerate() {
            let row = row.row();
            for (feature, spec) in FEATURES.iter().enumerate() {
                let value = row.get(feature).unwrap_or(0.0);
                assert!(value.is_finite(), "{} at bar {at} of history {which}", spec.name);
            }
            for &(feature, low, high) in &bounds {
                let Some(value) = row.get(feature) else { continue };
                let within = low - 1e-9 <= value && value <= high + 1e-9;
                assert!(within, "{} {value} at {at} of {which}", FEATURES[feature].name);
            }
        }
    }
}

/// The same bars at other prices.
fn priced(bars: &[Bar], price: impl Fn(usize, f64) -> f64) -> Vec<Bar> {
    let at_price = |(at, bar): (usize, &Bar)| {
        let raw = *bar.raw();
        let [open, high, low, close] =
            [raw.open, raw.high, raw.low, raw.close].map(|value| price(at, value));
        Bar::admit(RawBar { open, high, low, close, ..raw }, Interval::HOUR).unwrap()
    };
    bars.iter().enumerate().map(at_price).collect()
}

#[test]
fn a_market_that_stands_still_moves_no_feature() {
    /// What moves with the clock, and what is in the middle or at the mean of what does not move.
    const SPEAK: [&str; 6] =
        ["hour_sin", "hour_cos", "weekday", "close_place", "volume_ratio", "volume_trend"];
    for row in rows_of(&still_history(7.7, 300)) {
        for (at, spec) in FEATURES.iter().enumerate() {
            let still = match spec.name {
                name if SPEAK.contains(&name) => continue,
                "taker_share" | "taker_share_12" => -1.0 / 3.0,
                _ => 0.0,
            };
            let said = row.row().get(at).unwrap_or(still);
            assert!((said - still).abs() < 1e-9, "{} says {said}", spec.name);
        }
    }
}

/// A stock before its split and after, a coin counted in thousands: the same market, the same row.
#[test]
fn no_feature_knows_what_a_unit_is_worth() {
    let scaled = |bar: &Bar| {
        let raw = *bar.raw();
        let [open, high, low, close] = [raw.open, raw.high, raw.low, raw.close].map(|p| p * 7.3e-5);
        let [taker_buy_volume, flow] =
            [raw.taker_buy_volume, raw.flow].map(|size| size.map(|size| size * 3_100.0));
        let volume = raw.volume * 3_100.0;
        let raw = RawBar { open, high, low, close, volume, taker_buy_volume, flow, ..raw };
        Bar::admit(raw, Interval::HOUR).unwrap()
    };
    for market in [TRENDING, REVERTING] {
        let bars = told_history(23, market, 1_500);
        let others: Vec<Bar> = bars.iter().map(scaled).collect();
        for (at, (one, other)) in rows_of(&bars).iter().zip(&rows_of(&others)).enumerate() {
            for (feature, spec) in FEATURES.iter().enumerate() {
                let (one, other) = (one.row().get(feature), other.row().get(feature));
                let apart = one.zip(other).map_or(0.0, |(one, other)| (one - other).abs());
                let same = one.is_some() == other.is_some() && apart < 1e-7;
                assert!(same, "{} at bar {at}: {one:?} {other:?}", spec.name);
            }
        }
    }
}

#[test]
fn features_restored_say_what_those_say_that_lived_on() {
    for seed in 0..4 {
        let bars = wild_history(seed, 700);
        for cut in [0, 1, 13, 14, 27, 60, 333] {
            let (mut lived, mut row) = (FeatureSet::new(), FeatureRow::default());
            for bar in &bars[..cut] {
                lived.hear(bar, &mut row);
            }
            let saved = serde_json::to_string(&(&lived, &row)).unwrap();
            let (mut restored, mut restored_row): (FeatureSet, FeatureRow) =
                serde_json::from_str(&saved).unwrap();
            assert_eq!((&restored, &restored_row), (&lived, &row), "seed {seed}, cut at {cut}");
            for bar in &bars[cut..] {
                lived.hear(bar, &mut row);
                restored.hear(bar, &mut restored_row);
                assert_eq!(restored_row, row, "seed {seed}, cut at {cut}");
            }
            assert_eq!(restored, lived, "seed {seed}, cut at {cut}");
        }
    }
}

#[test]
fn a_row_of_another_length_is_not_read() {
    assert!(serde_json::from_str::<FeatureRow>(r#"{"values":[1.0,2.0],"present":3}"#).is_err());
}

#[test]
fn what_came_after_changes_no_row() {
    let bars = told_history(29, TRENDING, 400);
    let whole = rows_of(&bars);
    for cut in [1, 20, 57, 123, 399] {
        let mut other = bars[..cut].to_vec();
        other.extend(told_history(31, REVERTING, 400).into_iter().skip(cut));
        assert_eq!(rows_of(&other)[..cut], whole[..cut], "cut at {cut}");
    }
}

fn any_votes() -> impl Strategy<Value = Votes> {
    let lean = prop_oneof![1 => Just(0.0), 3 => -1.0..=1.0_f64, 1 => Just(1.0), 1 => Just(-1.0)];
    prop::collection::vec(lean, HEAD_COUNT).prop_map(|leans| {
        let mut votes = Votes::default();
        for (head, lean) in HeadName::ALL.into_iter().zip(leans) {
            votes.set(head, Vote::leaning(lean));
        }
        votes
    })
}

fn any_weights() -> impl Strategy<Value = [f64; HEAD_COUNT]> {
    prop::array::uniform9(prop_oneof![1 => Just(0.0), 5 => 1e-6..1.0_f64])
}

fn lean(votes: &Votes, weights: &[f64; HEAD_COUNT]) -> f64 {
    let said = HeadName::ALL.into_iter().filter_map(|head| Some((head, votes.get(head)?)));
    said.map(|(head, vote)| weights[head.at()] * vote.side.sign() * vote.confidence).sum()
}

proptest! {
    #[test]
    fn a_signal_is_within_its_bounds_and_on_the_side_of_the_weighted_vote(votes in any_votes(), weights in any_weights()) {
        let lean = lean(&votes, &weights);
        match fuse(&votes, &weights) {
            None => prop_assert_eq!(lean, 0.0),
            Some(signal) => {
                prop_assert!((0.0..=1.0).contains(&signal.conviction), "{}", signal.conviction);
                prop_assert!((0.0..=1.0).contains(&signal.confluence), "{}", signal.confluence);
                prop_assert!(lean * signal.side.sign() > 0.0);
                prop_assert_eq!(signal.votes, votes);
            }
        }
    }

    #[test]
    fn weights_count_only_against_one_another(votes in any_votes(), weights in any_weights(), scale in 1e-3..1e3_f64) {
        let (one, other) = (fuse(&votes, &weights), fuse(&votes, &weights.map(|weight| weight * scale)));
        // What is decided by the last bit of a sum is a tie, whichever way rounding breaks it.
        let near_tie = |signal: &Option<domain::Signal>| signal.is_none_or(|signal| signal.conviction < 1e-12);
        if let (Some(one), Some(other)) = (one, other) {
            prop_assert!((one.conviction - other.conviction).abs() < 1e-12);
            prop_assert!((one.confluence - other.confluence).abs() < 1e-12 || one.side != other.side);
            prop_assert!(one.side == other.side || near_tie(&Some(one)));
        } else {
            prop_assert!(near_tie(&one) && near_tie(&other));
        }
    }

    #[test]
    fn a_head_that_abstains_weighs_nothing(votes in any_votes(), weights in any_weights(), other in 0.0..1.0_f64) {
        let mut changed = weights;
        for head in HeadName::ALL.into_iter().filter(|head| votes.get(*head).is_none()) {
            changed[head.at()] = other;
        }
        prop_assert_eq!(fuse(&votes, &weights), fuse(&votes, &changed));
    }
}
