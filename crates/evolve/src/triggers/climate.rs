//! Has the kind of market changed since the last fit, and stayed so?

use domain::{Climate, MODEL_COUNT, ModelKind, Regime, SymbolIx, Timestamp};
use serde::{Deserialize, Serialize};

const DAY_MS: i64 = 86_400_000;

/// The share of symbols whose own change counts as the market's. Chosen: the majority.
const SHARE_LEAST: f64 = 0.5;

/// One market's regime: what it is, since when, and which was the last that stayed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Spell {
    now: Regime,
    since: Timestamp,
    settled: Option<Regime>,
    settled_since: Timestamp,
    /// What it was when each model was fitted last.
    at_fit: [Option<Regime>; MODEL_COUNT],
}

impl Spell {
    fn observe(&mut self, regime: Regime, at: Timestamp, held_ms: i64) {
        // Too few bars to tell are no news.
        if regime == Regime::Forming {
            return;
        }
        if regime != self.now {
            (self.now, self.since) = (regime, at);
        } else if at.ms_since(self.since) >= held_ms {
            (self.settled, self.settled_since) = (Some(regime), self.since);
        }
    }

    /// From which regime to which it has changed for good since a model was fitted.
    fn change(&self, kind: ModelKind) -> Option<(Regime, Regime)> {
        self.at_fit[kind.at()].zip(self.settled).filter(|(from, to)| from != to)
    }

    /// What stays counts, not what is passing; before anything has stayed, what is.
    fn fitted(&mut self, kind: ModelKind) {
        let seen = (self.now != Regime::Forming).then_some(self.now);
        self.at_fit[kind.at()] = self.settled.or(seen);
    }
}

/// The regimes of all symbols and of all together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Weather {
    global: Spell,
    symbols: Vec<Spell>,
}

/// What has changed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Change {
    /// The market as a whole, from one regime to another, which began then.
    Global(Regime, Regime, Timestamp),
    /// So large a share of symbols, each in its own way.
    Symbols(f64),
}

impl Weather {
    pub(super) fn new(symbols: usize) -> Weather {
        Weather { global: Spell::default(), symbols: vec![Spell::default(); symbols] }
    }

    pub(super) fn observe(&mut self, symbol: SymbolIx, climate: Climate, at: Timestamp, days: u32) {
        let held_ms = i64::from(days) * DAY_MS;
        self.global.observe(climate.global, at, held_ms);
        if let Some(spell) = self.symbols.get_mut(usize::from(symbol.0)) {
            spell.observe(climate.regime, at, held_ms);
        }
    }

    /// A model was fitted; what the others were fitted in stays as it was.
    pub(super) fn fitted(&mut self, kind: ModelKind) {
        self.global.fitted(kind);
        self.symbols.iter_mut().for_each(|spell| spell.fitted(kind));
    }

    /// What has changed since a model was fitted and stayed; nothing before the first fit.
    pub(super) fn change(&self, kind: ModelKind) -> Option<Change> {
        if let Some((from, to)) = self.global.change(kind) {
            return Some(Change::Global(from, to, self.global.settled_since));
        }
        let known = self.symbols.iter().filter(|spell| spell.at_fit[kind.at()].is_some()).count();
        let changed = self.symbols.iter().filter(|spell| spell.change(kind).is_some()).count();
        let share = changed as f64 / known.max(1) as f64;
        (share > SHARE_LEAST).then_some(Change::Symbols(share))
    }
}
