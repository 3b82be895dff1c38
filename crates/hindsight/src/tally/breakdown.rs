//! The same results cut along every line a person asks about: head, strategy, regime, hour and so on.

use domain::{HeadName, Outcome, Regime, Standing, Timestamp, Trade, Votes};

use super::results::{ResultTally, Slice, worth};

const DAY_MS: i64 = 86_400_000;
const HOUR_MS: i64 = 3_600_000;

/// One line to cut along. Adding one is a line in [`DIMENSIONS`].
pub struct Dimension {
    /// Its name in figures.
    pub name: &'static str,
    /// Where an outcome falls; a head's agreement may put one in several places.
    of_outcome: fn(&Outcome, &mut dyn FnMut(usize)),
    /// The same for a trade.
    of_trade: fn(&Trade, &mut dyn FnMut(usize)),
}

/// All of them. Hours and weekdays are those of the entry, UTC.
pub const DIMENSIONS: &[Dimension] = &[
    Dimension {
        name: "regime",
        of_outcome: |o, put| put(o.climate.regime.at()),
        of_trade: |t, put| put(t.climate.regime.at()),
    },
    Dimension {
        name: "global_regime",
        of_outcome: |o, put| put(o.climate.global.at()),
        of_trade: |t, put| put(t.climate.global.at()),
    },
    Dimension {
        name: "strategy",
        of_outcome: |o, put| put(usize::from(o.strategy.0)),
        of_trade: |t, put| put(usize::from(t.strategy.0)),
    },
    Dimension {
        name: "symbol",
        of_outcome: |o, put| put(o.symbol.at()),
        of_trade: |t, put| put(t.symbol.at()),
    },
    Dimension {
        name: "exit",
        of_outcome: |o, put| put(o.reason as usize),
        of_trade: |t, put| put(t.reason as usize),
    },
    Dimension {
        name: "standing",
        of_outcome: |o, put| put(o.standing as usize),
        of_trade: |t, put| put(t.standing as usize),
    },
    Dimension {
        name: "head_agreed",
        of_outcome: |o, put| agreeing(&o.votes, o.side, put),
        of_trade: |t, put| agreeing(&t.votes, t.side, put),
    },
    Dimension {
        name: "weekday",
        of_outcome: |o, put| put(weekday(o.opened_at)),
        of_trade: |t, put| put(weekday(t.opened_at)),
    },
    Dimension {
        name: "hour",
        of_outcome: |o, put| put(hour(o.opened_at)),
        of_trade: |t, put| put(hour(t.opened_at)),
    },
];

fn agreeing(votes: &Votes, side: domain::Side, put: &mut dyn FnMut(usize)) {
    for head in HeadName::ALL {
        if votes.get(head).is_some_and(|vote| vote.side == side) {
            put(head.at());
        }
    }
}

/// Monday is 0; the first of January 1970 was a Thursday.
fn weekday(at: Timestamp) -> usize {
    (at.ms().div_euclid(DAY_MS) + 3).rem_euclid(7) as usize
}

fn hour(at: Timestamp) -> usize {
    (at.ms().rem_euclid(DAY_MS) / HOUR_MS) as usize
}

/// Slices of one dimension, in the order of what they are named after.
#[derive(Clone, Debug, Default)]
pub struct Cut {
    /// Executed decisions, with their trades.
    pub executed: Vec<Slice>,
    /// Every decision, the declined under the same exits and costs.
    pub all: Vec<Slice>,
}

/// Every cut, in the order of [`DIMENSIONS`].
#[derive(Clone, Debug)]
pub struct Breakdown {
    cuts: Vec<Cut>,
    executed: ResultTally,
    all: ResultTally,
}

impl Breakdown {
    pub(super) fn new() -> Breakdown {
        Breakdown {
            cuts: vec![Cut::default(); DIMENSIONS.len()],
            executed: ResultTally::default(),
            all: ResultTally::default(),
        }
    }

    /// Takes in an outcome that teaches.
    pub(super) fn outcome(&mut self, outcome: &Outcome) {
        self.all.add(outcome, outcome.uniqueness);
        if outcome.standing.is_executed() {
            self.executed.add(outcome, worth(outcome));
        }
        for (cut, dimension) in self.cuts.iter_mut().zip(DIMENSIONS) {
            (dimension.of_outcome)(outcome, &mut |at| {
                place(&mut cut.all, at).add(outcome, outcome.uniqueness);
                if outcome.standing.is_executed() {
                    place(&mut cut.executed, at).add(outcome, worth(outcome));
                }
            });
        }
    }

    /// Takes in a closed trade.
    pub(super) fn trade(&mut self, trade: &Trade) {
        for (cut, dimension) in self.cuts.iter_mut().zip(DIMENSIONS) {
            (dimension.of_trade)(trade, &mut |at| place(&mut cut.executed, at).book(trade.net));
        }
    }

    /// Executed results, uncut.
    pub fn executed(&self) -> &ResultTally {
        &self.executed
    }

    /// All results, uncut.
    pub fn all(&self) -> &ResultTally {
        &self.all
    }

    /// The cut of that name.
    pub fn cut(&self, name: &str) -> Option<&Cut> {
        DIMENSIONS.iter().zip(&self.cuts).find(|(line, _)| line.name == name).map(|(_, cut)| cut)
    }

    /// Dimensions with their cuts.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Cut)> {
        DIMENSIONS.iter().map(|line| line.name).zip(&self.cuts)
    }
}

/// The slice at a place. Registries are small, so there is never much room to make.
fn place(slices: &mut Vec<Slice>, at: usize) -> &mut Slice {
    if slices.len() <= at {
        slices.resize(at + 1, Slice::default());
    }
    &mut slices[at]
}

/// What the slice at a place is called; `strategies` and `symbols` are the run's.
pub fn slice_name(
    dimension: &str,
    at: usize,
    strategies: &[&str],
    symbols: &[String],
) -> Option<String> {
    const WEEKDAYS: [&str; 7] =
        ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    let of = |name: Option<&str>| name.map(str::to_owned);
    match dimension {
        "regime" | "global_regime" => of(Regime::ALL.get(at).map(|regime| regime.name())),
        "strategy" => of(strategies.get(at).copied()),
        "symbol" => symbols.get(at).cloned(),
        "exit" => of(domain::ExitReason::ALL.get(at).map(|reason| reason.name())),
        "standing" => of(Standing::ALL.get(at).map(|standing| standing.name())),
        "head_agreed" => of(HeadName::ALL.get(at).map(|head| head.name())),
        "weekday" => of(WEEKDAYS.get(at).copied()),
        "hour" => Some(format!("{at:02}:00")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::made_up::{outcome, trade};
    use super::*;

    #[test]
    fn every_place_has_a_name_and_every_code_is_its_place() {
        let symbols = vec!["A".to_owned()];
        for (at, regime) in Regime::ALL.into_iter().enumerate() {
            assert_eq!(regime.at(), at);
        }
        for (at, reason) in domain::ExitReason::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, at);
        }
        for (at, standing) in Standing::ALL.into_iter().enumerate() {
            assert_eq!(standing as usize, at);
        }
        for line in DIMENSIONS {
            assert!(slice_name(line.name, 0, &["alpha"], &symbols).is_some(), "{}", line.name);
        }
    }

    #[test]
    fn hours_and_weekdays_are_utc() {
        let at = Timestamp::from_ms(1_621_432_800_000); // 2021-05-19 14:00, a Wednesday.
        assert_eq!((hour(at), weekday(at)), (14, 2));
        assert_eq!((hour(Timestamp::from_ms(-1)), weekday(Timestamp::from_ms(-1))), (23, 2));
    }

    #[test]
    fn declined_decisions_are_told_apart_from_executed_ones() {
        let mut breakdown = Breakdown::new();
        breakdown.outcome(&outcome(0, Standing::Refused, -1.0));
        breakdown.outcome(&outcome(1, Standing::Probe, 1.5));
        breakdown.trade(&trade(1, 1.5, "3.25"));
        for (name, cut) in breakdown.iter().filter(|(name, _)| *name != "head_agreed") {
            let sum =
                |slices: &[Slice]| -> u64 { slices.iter().map(|s| s.results().count()).sum() };
            assert_eq!((sum(&cut.all), sum(&cut.executed)), (2, 1), "{name}");
            let net: f64 = cut.executed.iter().map(Slice::net).sum();
            assert!((net - 3.25).abs() < 1e-12, "{name}");
        }
    }
}
