//! Changes of the policy in words: what moved from where to where, and what that rests on. Narrator,
//! commands and report say the same thing in the same words.

mod evidence;
mod lines;
mod moves;

pub(crate) use evidence::rests;
pub(crate) use lines::lacks;
pub(crate) use moves::{Moved, moves, moves_of};

use domain::{Combo, Condition, Instrument, PinnedValue, Regime, RunHeader, Side, SymbolIx};

/// What places in lists are called.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    pub(crate) symbols: Vec<String>,
    pub(crate) strategies: Vec<String>,
}

impl Names {
    /// Those of a stored run.
    pub(crate) fn of(header: &RunHeader) -> Names {
        Names {
            strategies: header.strategies.clone(),
            ..Names::of_instruments(&header.instruments)
        }
    }

    /// Those of instruments, with the strategies of this program.
    pub(crate) fn of_instruments(instruments: &[Instrument]) -> Names {
        Names {
            symbols: instruments.iter().map(|instrument| instrument.symbol.clone()).collect(),
            strategies: decide::STRATEGIES.iter().map(|one| one.name().to_owned()).collect(),
        }
    }

    /// A symbol.
    pub(crate) fn symbol(&self, symbol: SymbolIx) -> String {
        named(&self.symbols, symbol.at(), "symbol")
    }

    /// A strategy.
    pub(crate) fn strategy(&self, at: usize) -> String {
        named(&self.strategies, at, "strategy")
    }

    fn combo(&self, combo: Combo) -> String {
        self.way(combo.symbol, combo.side)
    }

    fn way(&self, symbol: SymbolIx, side: Side) -> String {
        format!("{} {}", self.symbol(symbol), side.name())
    }

    /// Where a rule or a slice holds.
    pub(crate) fn conditions(&self, conditions: &[Condition]) -> String {
        conditions.iter().map(|one| self.condition(*one)).collect::<Vec<_>>().join(" and ")
    }

    fn condition(&self, condition: Condition) -> String {
        const DAYS: [&str; 7] =
            ["Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays"];
        let spoken = |regime: Regime| regime.name().replace('_', " ");
        match condition {
            Condition::Symbol(symbol) => self.symbol(symbol),
            Condition::Strategy(strategy) => self.strategy(usize::from(strategy.0)),
            Condition::Side(side) => side.name().to_owned(),
            Condition::Regime(regime) => format!("regime {}", spoken(regime)),
            Condition::Global(regime) => format!("all symbols in {}", spoken(regime)),
            Condition::HoursFrom(hour) => format!("hours {hour} to {}", hour.saturating_add(3)),
            Condition::Weekday(day) => {
                DAYS.get(usize::from(day)).map_or_else(|| format!("day {day}"), |d| (*d).to_owned())
            }
            Condition::ConvictionTenth(tenth) => {
                format!("conviction 0.{tenth} to {:.1}", (f64::from(tenth) + 1.0) / 10.0)
            }
        }
    }

    /// What a person holds fast, as `learn pin` reads it.
    pub(crate) fn pinned(&self, value: PinnedValue) -> String {
        match value {
            PinnedValue::HeadWeight(head) => format!("head.{}", head.name()),
            PinnedValue::Threshold(threshold) => format!("gate.{}", threshold.gate()),
            PinnedValue::SymbolFactor(symbol) => format!("symbol.{}", self.symbol(symbol)),
            PinnedValue::HourFactor(hour) => format!("hour.{hour}"),
        }
    }
}

fn named(names: &[String], at: usize, kind: &str) -> String {
    names.get(at).cloned().unwrap_or_else(|| format!("{kind} {at}"))
}

/// Thousands separated.
pub(crate) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
