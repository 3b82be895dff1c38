//! The watchlist: a symbol that comes, goes or halts is nobody else's business.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

mod theatre;

use domain::{Bar, Decision, Interval, SymbolIx};
use engine::Settings;
use scenarios::{Market, bars};
use theatre::{START, Told, eager, run, two_symbols};

/// What was seen and wanted of a symbol: when, on which row, with which votes and which plan. What all
/// share (money, records of similar candidates and of strategies, the regime of all together) is left aside, and so
/// is in which order the strategies' candidates of one moment were decided.
fn seen_of(told: &Told, symbol: u16) -> Vec<(&Decision, &Vec<f64>)> {
    let of_it = |(decision, _): &(&Decision, &Vec<f64>)| decision.symbol == SymbolIx(symbol);
    let mut seen: Vec<_> = told.decisions.iter().zip(&told.rows).filter(of_it).collect();
    seen.sort_by_key(|(decision, _)| (decision.decided_at, decision.id));
    seen
}

fn check_same(one: &Told, other: &Told, symbol: u16) {
    let (one, other) = (seen_of(one, symbol), seen_of(other, symbol));
    assert!(one.len() > 500, "{} decisions are too few to compare", one.len());
    assert_eq!(one.len(), other.len());
    for ((decision, row), (also, also_row)) in one.into_iter().zip(other) {
        assert_eq!(decision.id, also.id);
        assert_eq!(row, also_row, "the row of {:?}", decision.id);
        assert_eq!(decision.signal, also.signal, "the signal of {:?}", decision.id);
        assert_eq!(decision.climate.regime, also.climate.regime);
        let at = |decision: &Decision| (decision.decided_at, decision.price);
        assert_eq!(at(decision), at(also));
    }
}

/// Nothing is learned, so that policies are the same and only rows and votes are compared.
fn settings() -> Settings {
    Settings { learns: false, ..eager() }
}

fn third(count: usize) -> Vec<Bar> {
    let market = Market::Trending { volatility: 0.05, carry: 0.1 };
    bars(99, market, Interval::HOUR, START, count)
}

#[test]
fn a_symbol_more_changes_no_row_and_no_signal_of_the_others() {
    let two = two_symbols(3, 2_000);
    let mut three = two.clone();
    three.push(third(2_000));
    let (without, with) = (run(settings(), &two).told, run(settings(), &three).told);
    for symbol in [0, 1] {
        check_same(&without, &with, symbol);
    }
}

#[test]
fn a_symbol_that_halts_or_is_delisted_changes_nothing_of_the_others() {
    let mut three = two_symbols(4, 2_000);
    three.push(third(2_000));
    let mut halted = three.clone();
    halted[2].drain(700..1_100);
    let mut delisted = three.clone();
    delisted[2].truncate(900);
    let lived = run(settings(), &three).told;
    for other in [halted, delisted] {
        let told = run(settings(), &other).told;
        for symbol in [0, 1] {
            check_same(&lived, &told, symbol);
        }
    }
}
