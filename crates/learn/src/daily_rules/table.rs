//! What each value of a candidate, and each pair of values, has come to: counted as it is heard.

use domain::{Condition, Occurrence, Regime, Side, StrategyIx, SymbolIx};
use serde::{Deserialize, Serialize};

/// Symbols that are told apart; what is traded beyond them is counted under everything else that holds of it.
pub(super) const SYMBOLS: usize = 64;
const STRATEGIES: usize = 8;
const SIDES: usize = 2;
const REGIMES: usize = Regime::ALL.len();
const HOURS: usize = 6;
const WEEKDAYS: usize = 7;
const TENTHS: usize = 10;

/// Where each kind of value begins, in the order of [`Condition`].
const BEGINS: [usize; 8] = [
    0,
    SYMBOLS,
    SYMBOLS + STRATEGIES,
    SYMBOLS + STRATEGIES + SIDES,
    SYMBOLS + STRATEGIES + SIDES + REGIMES,
    SYMBOLS + STRATEGIES + SIDES + 2 * REGIMES,
    SYMBOLS + STRATEGIES + SIDES + 2 * REGIMES + HOURS,
    SYMBOLS + STRATEGIES + SIDES + 2 * REGIMES + HOURS + WEEKDAYS,
];
const VALUES: usize = BEGINS[7] + TENTHS;

/// One value, or two of different kinds: both hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pattern {
    first: u8,
    /// The same as the first where there is only one.
    second: u8,
}

impl Pattern {
    /// In words of the policy.
    pub(super) fn conditions(self) -> Vec<Condition> {
        let mut conditions = vec![condition(usize::from(self.first))];
        if self.second != self.first {
            conditions.push(condition(usize::from(self.second)));
        }
        conditions
    }

    pub(super) fn holds(self, of: &Values) -> bool {
        let has = |value: u8| of.0.contains(&Some(value));
        has(self.first) && (self.second == self.first || has(self.second))
    }

    /// Whether a value of the one is a value of the other.
    pub(super) fn shares(self, other: Pattern) -> bool {
        [self.first, self.second].iter().any(|v| *v == other.first || *v == other.second)
    }

    /// Whether one is a part of the other.
    pub(super) fn is_within(self, other: Pattern) -> bool {
        let single = |one: Pattern| one.first == one.second;
        self == other || ((single(self) || single(other)) && self.shares(other))
    }

    fn at(self) -> usize {
        let (first, second) = (usize::from(self.first), usize::from(self.second));
        second * (second + 1) / 2 + first
    }
}

/// Which values hold of a candidate, one of each kind.
pub(super) struct Values([Option<u8>; 8]);

impl Values {
    pub(super) fn of(occurrence: &Occurrence) -> Values {
        let tenth = ((occurrence.conviction * 10.0) as usize).min(TENTHS - 1);
        let within = |kind: usize, value: usize, count: usize| {
            (value < count).then_some((BEGINS[kind] + value) as u8)
        };
        Values([
            within(0, occurrence.symbol.at(), SYMBOLS),
            within(1, usize::from(occurrence.strategy.0), STRATEGIES),
            within(2, usize::from(occurrence.side == Side::Short), SIDES),
            within(3, occurrence.regime.at(), REGIMES),
            within(4, occurrence.global.at(), REGIMES),
            within(5, usize::from(occurrence.hour / 4), HOURS),
            within(6, usize::from(occurrence.weekday), WEEKDAYS),
            within(7, tenth, TENTHS),
        ])
    }
}

fn condition(value: usize) -> Condition {
    let kind = BEGINS.partition_point(|&begin| begin <= value) - 1;
    let at = value - BEGINS[kind];
    let regime = || Regime::ALL.get(at).copied().unwrap_or_default();
    match kind {
        0 => Condition::Symbol(SymbolIx(at as u16)),
        1 => Condition::Strategy(StrategyIx(at as u8)),
        2 => Condition::Side(if at == 0 { Side::Long } else { Side::Short }),
        3 => Condition::Regime(regime()),
        4 => Condition::Global(regime()),
        5 => Condition::HoursFrom(4 * at as u8),
        6 => Condition::Weekday(at as u8),
        _ => Condition::ConvictionTenth(at as u8),
    }
}

/// What some outcomes came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Sums {
    /// Overlap discounted.
    pub(super) worth: f64,
    r: f64,
    square: f64,
}

impl Sums {
    pub(super) fn hear(&mut self, r: f64, worth: f64) {
        self.worth += worth;
        self.r += worth * r;
        self.square += worth * r * r;
    }

    fn keep(&mut self, fraction: f64) {
        self.worth *= fraction;
        self.r *= fraction;
        self.square *= fraction;
    }

    /// The mean result; 0 of nothing.
    pub(super) fn mean(&self) -> f64 {
        if self.worth > 0.0 { self.r / self.worth } else { 0.0 }
    }

    /// Its standard error; infinite of fewer than two.
    pub(super) fn error(&self) -> f64 {
        if self.worth <= 1.0 {
            return f64::INFINITY;
        }
        let mean = self.mean();
        ((self.square / self.worth - mean * mean).max(0.0) / (self.worth - 1.0)).sqrt()
    }
}

/// All patterns. About six thousand, whatever is heard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Table {
    all: Sums,
    patterns: Vec<Sums>,
}

impl Table {
    pub(super) fn new() -> Table {
        Table { all: Sums::default(), patterns: vec![Sums::default(); VALUES * (VALUES + 1) / 2] }
    }

    pub(super) fn hear(&mut self, values: &Values, r: f64, worth: f64) {
        self.all.hear(r, worth);
        for (at, second) in values.0.iter().enumerate() {
            let Some(second) = *second else { continue };
            let row = usize::from(second) * (usize::from(second) + 1) / 2;
            for first in values.0[..=at].iter().flatten() {
                self.patterns[row + usize::from(*first)].hear(r, worth);
            }
        }
    }

    /// Lets the past count for less.
    pub(super) fn keep(&mut self, fraction: f64) {
        self.all.keep(fraction);
        self.patterns.iter_mut().for_each(|sums| sums.keep(fraction));
    }

    /// Whether what was saved has the size this house knows.
    pub(super) fn is_whole(&self) -> bool {
        self.patterns.len() == VALUES * (VALUES + 1) / 2
    }

    pub(super) fn sums(&self, pattern: Pattern) -> &Sums {
        &self.patterns[pattern.at()]
    }

    /// All outcomes.
    pub(super) fn all(&self) -> &Sums {
        &self.all
    }

    /// Every pattern of at least so many effective outcomes.
    pub(super) fn heard(&self, worth_min: f64) -> impl Iterator<Item = (Pattern, &Sums)> {
        let pairs = (0..VALUES).flat_map(|second| (0..=second).map(move |first| (first, second)));
        let patterns = pairs.map(|(a, b)| Pattern { first: a as u8, second: b as u8 });
        patterns.zip(&self.patterns).filter(move |(_, sums)| sums.worth >= worth_min)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_of_a_candidate_comes_back_as_a_condition_that_holds_of_it() {
        let occurrence = Occurrence {
            symbol: SymbolIx(63),
            strategy: StrategyIx(7),
            side: Side::Short,
            regime: Regime::HighVolatility,
            global: Regime::Range,
            hour: 23,
            weekday: 6,
            conviction: 1.0,
        };
        let values = Values::of(&occurrence);
        for value in values.0.iter().flatten() {
            assert!(condition(usize::from(*value)).holds(&occurrence), "{value}");
        }
        let mut table = Table::new();
        table.hear(&values, -1.0, 1.0);
        let heard: Vec<Pattern> = table.heard(1.0).map(|(pattern, _)| pattern).collect();
        assert_eq!(heard.len(), 36, "eight values and twenty-eight pairs");
        assert!(heard.iter().all(|pattern| pattern.holds(&values)));
        let beyond = Values::of(&Occurrence { symbol: SymbolIx(64), ..occurrence });
        assert_eq!(beyond.0[0], None);
    }
}
