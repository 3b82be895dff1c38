//! Every head is tested by being on its list, and by what it says of rows whose meaning is plain.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

mod stage;

use std::collections::BTreeSet;

use domain::{HeadName, Row, Side, Vote, Votes};
use forecast::{FEATURE_COUNT, HEADS, feature_at, vote};
use scenarios::{Dice, Market};
use stage::{Example, REVERTING, TRENDING, history, rows_of};

/// The heads that wait for their inputs.
const WAITING: [HeadName; 1] = [HeadName::Models];

/// Rows of markets, rows of any numbers at all, each with some features absent.
fn examples(seed: u64, count: usize) -> Vec<Example> {
    let mut dice = Dice::new(seed);
    let mut made = Vec::new();
    for market in [TRENDING, REVERTING, Market::Walk { volatility: 0.02 }] {
        made.extend(rows_of(seed, market, count));
    }
    for _ in 0..count {
        made.push(Example {
            values: (0..FEATURE_COUNT).map(|_| any_number(&mut dice)).collect(),
            present: dice.bits() | dice.bits(),
        });
    }
    made
}

/// Finite, of any size, extremes among them.
fn any_number(dice: &mut Dice) -> f64 {
    const EXTREMES: [f64; 8] =
        [0.0, -0.0, f64::MAX, f64::MIN, f64::MIN_POSITIVE, -f64::MIN_POSITIVE, 5e-324, 1.0];
    if dice.happens(0.3) {
        return EXTREMES[dice.below(EXTREMES.len() as u64) as usize];
    }
    dice.normal() * libm::pow(10.0, 12.0 * dice.uniform() - 6.0)
}

fn is_sane(vote: Option<Vote>) -> bool {
    vote.is_none_or(|vote| (0.0..=1.0).contains(&vote.confidence))
}

#[test]
fn heads_are_listed_in_the_order_of_their_names() {
    let listed: Vec<HeadName> = HEADS.iter().map(|head| head.name).collect();
    assert_eq!(listed, HeadName::ALL);
    for head in &HEADS {
        let waits = head.what.starts_with("abstains: waits for ");
        assert_eq!(waits, WAITING.contains(&head.name), "{}", head.name.name());
    }
}

#[test]
fn every_head_keeps_its_promises() {
    for head in &HEADS {
        let name = head.name.name();
        for (at, example) in examples(7, 500).iter().enumerate() {
            let said = (head.vote)(&example.row());
            assert!(is_sane(said), "{name} on example {at}: {said:?}");
            assert_eq!(said, (head.vote)(&example.row()), "{name}: voting changed the head");
            let absent = Row { present: 0, ..example.row() };
            assert_eq!((head.vote)(&absent), None, "{name} votes on nothing");
        }
    }
}

#[test]
fn no_head_reads_what_is_absent() {
    for (at, example) in examples(11, 500).iter().enumerate() {
        let mut blank = Example { values: example.values.clone(), present: example.present };
        for (feature, value) in blank.values.iter_mut().enumerate() {
            if example.row().get(feature).is_none() {
                *value = 0.25;
            }
        }
        assert_eq!(vote(&example.row()), vote(&blank.row()), "example {at}");
    }
}

#[test]
fn a_row_that_ends_early_makes_heads_abstain() {
    let short = Row { values: &[], present: u64::MAX };
    assert!(vote(&short).is_silent());
}

#[test]
fn asking_all_is_asking_each() {
    for example in &examples(13, 300) {
        let all = vote(&example.row());
        for head in &HEADS {
            let mut alone = Votes::default();
            alone.set(head.name, (head.vote)(&example.row()));
            assert_eq!(all.get(head.name), alone.get(head.name), "{}", head.name.name());
        }
    }
}

#[test]
fn heads_with_inputs_vote_both_ways_and_the_others_never() {
    for market in [TRENDING, REVERTING] {
        let rows = rows_of(5, market, 5_000);
        for head in &HEADS {
            let votes = rows.iter().filter_map(|row| (head.vote)(&row.row()));
            let sides: BTreeSet<Side> = votes.map(|vote| vote.side).collect();
            let expected = if WAITING.contains(&head.name) { 0 } else { 2 };
            assert_eq!(sides.len(), expected, "{} in {market:?}", head.name.name());
        }
    }
    for head in WAITING {
        for example in &examples(17, 500) {
            assert_eq!((HEADS[head.at()].vote)(&example.row()), None, "{}", head.name());
        }
    }
}

/// The share of a head's votes, weighed by confidence, on the side of the next bar.
fn right_fraction(head: HeadName, market: Market) -> f64 {
    const BARS: usize = 20_000;
    let (bars, rows) = (history(19, market, BARS), rows_of(19, market, BARS));
    let (mut right, mut all) = (0.0, 0.0);
    for (row, next) in rows.iter().zip(&bars[1..]) {
        let Some(vote) = (HEADS[head.at()].vote)(&row.row()) else { continue };
        all += vote.confidence;
        if (next.close() - next.open()) * vote.side.sign() > 0.0 {
            right += vote.confidence;
        }
    }
    right / all
}

#[test]
fn followers_are_right_where_moves_carry_on_and_the_contrarian_where_they_do_not() {
    const BY_PRICE: [HeadName; 6] = [
        HeadName::Trend,
        HeadName::Momentum,
        HeadName::MeanReversion,
        HeadName::Breakout,
        HeadName::Volatility,
        HeadName::Structure,
    ];
    for head in BY_PRICE {
        let (carried_on, turned) =
            (right_fraction(head, TRENDING), right_fraction(head, REVERTING));
        let follows = head != HeadName::MeanReversion;
        assert_eq!(carried_on > 0.5, follows, "{} where moves carry on: {carried_on}", head.name());
        assert_eq!(turned > 0.5, !follows, "{} where moves turn: {turned}", head.name());
    }
}

/// What a head says of a row that holds only these features, one case a line:
/// `feature value, feature value: long .75`, `short`, or `nothing`.
fn check_said(head: HeadName, cases: &str) {
    for line in cases.lines() {
        let (row, expected) = line.trim().split_once(':').unwrap();
        let mut example = Example { values: vec![0.0; FEATURE_COUNT], present: 0 };
        for told in row.split(',').filter(|told| !told.trim().is_empty()) {
            let (name, value) = told.trim().split_once(' ').unwrap();
            example.values[feature_at(name)] = value.parse().unwrap();
            example.present |= 1 << feature_at(name);
        }
        let said = match (HEADS[head.at()].vote)(&example.row()) {
            Some(vote) => format!("{} {:.2}", vote.side.name(), vote.confidence),
            None => "nothing".to_owned(),
        };
        assert_eq!(said, expected.trim(), "{}: {line}", head.name());
    }
}

#[test]
fn order_flow_goes_with_takers_and_needs_to_be_told_who_took() {
    check_said(
        HeadName::OrderFlow,
        "taker_share_12 0.1: long 0.75
         taker_share_12 -0.1: short 0.75
         taker_share_12 0.1, obv_slope_24 1: long 1.00
         taker_share_12 0.1, obv_slope_24 -1: long 0.50
         taker_share_12 0.1, flow_12 -0.2: nothing
         flow_12 -0.2: short 0.75
         taker_share_12 0.02: nothing
         obv_slope_24 1: nothing",
    );
}

#[test]
fn volatility_goes_with_the_step_out_of_a_squeeze_and_needs_a_regime() {
    check_said(
        HeadName::Volatility,
        "squeeze 0.8, range_ratio 3, body 0.8, regime_turbulent 0: long 0.80
         squeeze 0.8, range_ratio 3, body -0.8, regime_turbulent 0.5: short 0.40
         squeeze 0.8, range_ratio 3, body -0.8, regime_turbulent 1: nothing
         squeeze 0.8, range_ratio 3, body 0.8: nothing
         squeeze 1.5, range_ratio 3, body 0.8, regime_turbulent 0: nothing
         squeeze 0.8, range_ratio 1, body 0.8, regime_turbulent 0: nothing",
    );
}

#[test]
fn sentiment_goes_against_crowds_and_with_headlines() {
    check_said(
        HeadName::Sentiment,
        "funding_z 4: short 1.00
         funding_z -4: long 1.00
         funding_z 1: nothing
         funding_z 4, long_short_z 0: short 0.50
         fear_greed -1: long 1.00
         fear_greed 0.4: nothing
         headline_mood 1.5: long 1.00
         headline_mood 1.5, fear_greed 1: nothing
         funding 0.001: nothing",
    );
}

#[test]
fn structure_goes_with_the_order_of_swings_and_waits_before_a_level() {
    check_said(
        HeadName::Structure,
        "structure 1, swing_high_gap -2, swing_low_gap 2: long 0.45
         structure 1, swing_high_gap -0.2, swing_low_gap 2: long 0.23
         structure 1, swing_high_gap 1, swing_low_gap 4, higher_channel 1: long 1.00
         structure -1, swing_high_gap -3, swing_low_gap 2, higher_channel 0: short 0.65
         structure 0, swing_high_gap -3, swing_low_gap -1: short 0.35
         structure 0, swing_high_gap -3, swing_low_gap 1: nothing
         structure 1: nothing",
    );
}
