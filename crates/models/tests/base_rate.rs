//! The yardstick counts right, and what was saved comes back or is refused.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use domain::{
    DecisionId, ExitReason, Model, Outcome, Row, Side, Standing, StrategyIx, SymbolIx, Timestamp,
    View, Votes,
};
use models::{BaseRate, ModelError};
use proptest::prelude::*;

fn outcome(r: f64, uniqueness: f64) -> Outcome {
    let at = Timestamp::from_ms(1_600_000_000_000);
    Outcome {
        decision_no: 0,
        decision: DecisionId(0),
        symbol: SymbolIx(0),
        strategy: StrategyIx(0),
        side: Side::Long,
        standing: Standing::Refused,
        refused: 1,
        votes: Votes::default(),
        conviction: 0.5,
        decided_at: at,
        opened_at: at,
        closed_at: at,
        entry: 100.0,
        exit: 100.0,
        reason: ExitReason::Time,
        r,
        net_bps: 0.0,
        cost_bps: 0.0,
        funding_bps: 0.0,
        near_target: false,
        climate: domain::Climate::default(),
        favourable_bps: 0.0,
        adverse_bps: 0.0,
        bars: 1,
        uniqueness,
        basis: domain::Basis::default(),
        marks: domain::Marks::default(),
    }
}

fn fitted() -> BaseRate {
    let outcomes = [outcome(1.4, 1.0), outcome(-1.1, 0.5), outcome(-1.0, 0.5), outcome(0.3, 0.7)];
    BaseRate::fit(outcomes.iter()).unwrap()
}

#[test]
fn every_outcome_weighs_its_uniqueness() {
    let model = fitted();
    assert!((model.win_probability() - 1.7 / 2.7).abs() < 1e-12);
    assert!((model.outcomes_effective() - 2.7).abs() < 1e-12);
    let even = [outcome(1.4, 0.6), outcome(0.0, 0.6)];
    assert_eq!(
        BaseRate::fit(even.iter()).unwrap().win_probability(),
        0.5,
        "nothing earned, not won"
    );
}

#[test]
fn less_than_one_outcome_is_no_model() {
    assert_eq!(BaseRate::fit([].iter()), None);
    assert_eq!(BaseRate::fit([outcome(1.0, 0.5), outcome(1.0, 0.49)].iter()), None);
    assert_eq!(BaseRate::fit([outcome(1.0, 0.0)].iter()), None);
    assert!(BaseRate::fit([outcome(1.0, 0.5), outcome(1.0, 0.5)].iter()).is_some());
    let nonsense = outcome(1.0, f64::NAN);
    assert_eq!(BaseRate::fit([nonsense, outcome(1.0, 1.0)].iter()), None);
}

#[test]
fn results_across_missing_bars_do_not_count() {
    let gapped = Outcome { reason: ExitReason::Gap, ..outcome(5.0, 1.0) };
    assert_eq!(BaseRate::fit([gapped].iter()), None);
    let model = BaseRate::fit([gapped, outcome(-1.0, 1.0)].iter()).unwrap();
    assert_eq!(model.win_probability(), 0.0);
}

#[test]
fn it_expects_the_same_whatever_it_is_shown() {
    let model = fitted();
    let views = [(vec![], vec![], 0), (vec![f64::MAX, -1.0], vec![100.0, 101.0], 3)];
    for (values, window, present) in views {
        let view = View { row: Row { values: &values, present }, window: &window };
        let opinion = model.predict(&view).unwrap();
        assert_eq!(opinion.chances.unwrap().long, model.win_probability());
    }
}

#[test]
fn every_flipped_byte_and_every_cut_is_refused() {
    let saved = fitted().save();
    for at in 0..saved.len() {
        for flip in 1..=u8::MAX {
            let mut bytes = saved.clone();
            bytes[at] ^= flip;
            assert!(BaseRate::load(&bytes).is_err(), "byte {at} flipped by {flip}");
        }
        assert!(BaseRate::load(&saved[..at]).is_err(), "cut to {at} bytes");
    }
}

#[test]
fn whole_bytes_that_make_no_sense_are_refused() {
    // Layout and hash are right, the numbers are not: only a faulty writer makes such a file.
    let forged = |numbers: &[f64]| {
        let body: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        let mut bytes = fitted().save()[..12].to_vec();
        bytes.extend_from_slice(&(body.len() as u32).to_le_bytes());
        bytes.extend_from_slice(blake3::hash(&body).as_bytes());
        bytes.extend_from_slice(&body);
        BaseRate::load(&bytes)
    };
    assert!(forged(&[0.5, 10.0]).is_ok());
    let nonsense: [&[f64]; 8] = [
        &[1.5, 10.0],
        &[-0.1, 10.0],
        &[f64::NAN, 10.0],
        &[0.5, 0.5],
        &[0.5, f64::INFINITY],
        &[0.5, f64::NAN],
        &[0.5],
        &[0.5, 10.0, 1.0],
    ];
    for numbers in nonsense {
        assert_eq!(forged(numbers), Err(ModelError::Nonsense), "{numbers:?}");
    }
}

proptest! {
    #[test]
    fn what_was_saved_comes_back_to_the_bit(heard in prop::collection::vec((-3.0..3.0_f64, 0.0..=1.0_f64), 0..200)) {
        let outcomes: Vec<Outcome> = heard.iter().map(|&(r, uniqueness)| outcome(r, uniqueness)).collect();
        if let Some(model) = BaseRate::fit(outcomes.iter()) {
            prop_assert!((0.0..=1.0).contains(&model.win_probability()));
            prop_assert_eq!(BaseRate::load(&model.save()), Ok(model));
        }
    }

    #[test]
    fn damage_is_refused_or_harmless(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let model = fitted();
        let mut bytes = model.save();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let harmless = bytes == model.save();
        prop_assert_eq!(BaseRate::load(&bytes).ok(), harmless.then_some(model));
    }

    #[test]
    fn swapped_bytes_are_refused_or_equal(one in any::<prop::sample::Index>(), other in any::<prop::sample::Index>()) {
        let model = fitted();
        let mut bytes = model.save();
        let length = bytes.len();
        bytes.swap(one.index(length), other.index(length));
        match BaseRate::load(&bytes) {
            Ok(loaded) => prop_assert_eq!(loaded, model),
            Err(why) => prop_assert!(!why.to_string().contains('\n')),
        }
    }

    #[test]
    fn junk_is_refused(junk in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(BaseRate::load(&junk).is_err());
    }
}
