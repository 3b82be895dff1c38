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
