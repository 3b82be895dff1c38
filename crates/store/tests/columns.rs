//! The bytes of columns: canonical, exact, and harmless when they are not ours.
#![allow(missing_docs, clippy::unwrap_used)]

mod support;

use domain::{Money, Outcome, Verdicts};
use proptest::prelude::*;
use store::{
    CanonicalBytes, CloseColumns, DecisionColumns, EquityColumns, HorizonColumns, OutcomeColumns,
    StoreError,
};
use support::{Dice, FEATURES};

fn decisions(seed: u64, rows: u64) -> (DecisionColumns, Vec<u8>) {
    let mut dice = Dice(seed);
    let mut columns = DecisionColumns::of_features(FEATURES);
    for no in 0..rows {
        let row = dice.row(FEATURES);
        columns.record(&dice.decision(no), &row, dice.word());
    }
    let mut bytes = CanonicalBytes::default();
    columns.to_bytes(&mut bytes);
    (columns, bytes.bytes().to_vec())
}

fn outcomes(seed: u64, rows: u64) -> (Vec<Outcome>, Vec<u8>) {
    let mut dice = Dice(seed);
    let records: Vec<Outcome> = (0..rows).map(|no| dice.outcome(no)).collect();
    let mut columns = OutcomeColumns::new();
    records.iter().for_each(|record| columns.push(record));
    let mut bytes = CanonicalBytes::default();
    columns.to_bytes(&mut bytes);
    (records, bytes.bytes().to_vec())
}

#[test]
fn cleared_columns_give_the_same_bytes_as_fresh_ones() {
    let (mut columns, first) = decisions(1, 50);
    columns.clear();
    assert!(columns.is_empty());
    let mut again = CanonicalBytes::default();
    columns.to_bytes(&mut again);
    assert!(again.is_empty(), "no records give no bytes");
    for record in DecisionColumns::read(&first).unwrap() {
        columns.record(&record.decision, &record.row, record.present);
    }
    columns.to_bytes(&mut again);
    assert_eq!(again.bytes(), first);
    assert_eq!(again.hash(), blake3::hash(&first).as_bytes());
    assert_eq!(columns.len(), 50);
}

#[test]
fn odd_numbers_come_back_to_the_bit() {
    let odd = [f64::NAN, f64::INFINITY, -0.0, f64::MIN_POSITIVE, f64::MAX, 5e-324];
    let mut columns = DecisionColumns::of_features(odd.len());
    let mut decision = Dice(3).decision(u64::MAX);
    decision.sizing.quantity = Money::MIN;
    decision.verdicts = Verdicts::default();
    columns.record(&decision, &odd, u64::MAX);
    decision.sizing.quantity = Money::new(150, 2);
    columns.record(&decision, &odd, 0);
    let mut bytes = CanonicalBytes::default();
    columns.to_bytes(&mut bytes);
    let back = DecisionColumns::read(bytes.bytes()).unwrap();
    let bits = |row: &[f64]| row.iter().map(|number| number.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&back[0].row), bits(&odd));
    assert_eq!(back[0].present, u64::MAX);
    assert_eq!(back[0].decision.sizing.quantity, Money::MIN);
    assert_eq!(back[1].decision, decision);
    assert_eq!(back[1].decision.sizing.quantity.to_string(), "1.50");
}

#[test]
fn bytes_of_another_kind_are_refused() {
    let (_, bytes) = outcomes(1, 5);
    let said = HorizonColumns::read(&bytes).unwrap_err().to_string();
    assert_eq!(said, "horizon outcomes is damaged: it holds records of kind 2, not 3");
    assert!(EquityColumns::read(b"SQLite format 3\0 and so on, far longer than a header").is_err());
    assert!(DecisionColumns::read(&[]).unwrap().is_empty());
}

#[test]
fn every_cut_is_found() {
    let (_, bytes) = decisions(2, 3);
    for end in 1..bytes.len() {
        let read = DecisionColumns::read(&bytes[..end]);
        assert!(matches!(read, Err(StoreError::Damaged { .. })), "cut at {end}");
    }
}

proptest! {
    #[test]
    fn records_come_back_as_they_were(seed: u64, rows in 1..40_u64) {
        let (records, bytes) = outcomes(seed, rows);
        prop_assert_eq!(OutcomeColumns::read(&bytes).unwrap(), records);
    }

    #[test]
    fn changed_bytes_are_never_a_panic(seed: u64, at: prop::sample::Index, byte: u8) {
        let (_, mut bytes) = decisions(seed, 4);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        drop(DecisionColumns::read(&bytes));
        let (_, mut bytes) = outcomes(seed, 4);
        let at = at % bytes.len();
        bytes[at] ^= byte;
        drop(OutcomeColumns::read(&bytes));
    }

    #[test]
    fn noise_is_never_a_panic(mut noise in prop::collection::vec(any::<u8>(), 0..400), kind in 1..7_u8) {
        drop(EquityColumns::read(&noise));
        // The same with a header that gets it past the door.
        if noise.len() > 12 {
            noise[..6].copy_from_slice(&[b'H', b'S', b'C', b'O', kind, 4]);
            noise[7] = 0;
            noise[9..12].fill(0);
        }
        drop(DecisionColumns::read(&noise));
        drop(OutcomeColumns::read(&noise));
        drop(HorizonColumns::read(&noise));
        drop(EquityColumns::read(&noise));
        drop(CloseColumns::read(&noise));
    }
}
