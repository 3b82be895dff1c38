//! Which of several strategies' candidates on one symbol is to be traded, and in which order all are
//! decided.

use decide::{CONTENDERS_MAX, Selection, is_refused_by_itself};
use domain::{DecisionId, StrategyIx, Timestamp, draw, name_hash};

use crate::Engine;
use crate::candidates::Candidate;

/// When a candidate is decided: what is strongest on any symbol first, and on one symbol those that
/// compete before those that do not. Of those that compete the chosen one comes last: its rivals take
/// nothing, so that all of them meet the same portfolio.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turn {
    /// The strongest conviction on the symbol.
    pub(crate) conviction: f64,
    pub(crate) within: Within,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Within {
    Rival,
    Chosen,
    Alone,
}

impl Engine {
    /// Where several strategies have a candidate on one symbol that none of its stateless gates refuses, one
    /// of them is chosen, by one draw per symbol and bar.
    pub(crate) fn hold_contests(&mut self, candidates: &mut [Candidate], now: Timestamp) {
        // They were found symbol by symbol.
        for group in candidates.chunk_by_mut(|one, other| one.symbol == other.symbol) {
            if group.len() < 2 {
                continue;
            }
            let strongest = group.iter().map(|one| one.signal.conviction).fold(0.0, f64::max);
            let mut contenders = [StrategyIx(0); CONTENDERS_MAX];
            let mut count = 0;
            for candidate in group.iter_mut() {
                candidate.turn.conviction = strongest;
                let competes =
                    self.with_case(candidate, now, |_, case| !is_refused_by_itself(case));
                if competes && count < CONTENDERS_MAX {
                    candidate.turn.within = Within::Rival;
                    contenders[count] = self.strategies[candidate.strategy].ix;
                    count += 1;
                }
            }
            self.choose_among(group, &contenders[..count], now);
        }
    }

    fn choose_among(&self, group: &mut [Candidate], contenders: &[StrategyIx], now: Timestamp) {
        let Some(first) = group.first() else { return };
        let symbol = &self.state.symbols[first.symbol.at()];
        let regime = symbol.forecaster.regime();
        let id = DecisionId::of(SELECTOR, symbol.name_hash, now);
        let u = draw(self.settings.seed, id, STREAM_SELECT);
        let mut selections = [Selection::SOLE; CONTENDERS_MAX];
        let selections = &mut selections[..contenders.len()];
        self.state.meta.select(contenders, regime, u, selections);
        let competing = group.iter_mut().filter(|one| one.turn.within == Within::Rival);
        for (candidate, selection) in competing.zip(selections) {
            candidate.selection = *selection;
            if selection.is_chosen() {
                candidate.turn.within = Within::Chosen;
            }
        }
    }
}

/// The strongest first; symbols were sorted by name, so ties go by name, then by registry.
pub(crate) fn in_turn(candidates: &mut [Candidate]) {
    candidates.sort_unstable_by(|left, right| {
        let stronger = right.turn.conviction.total_cmp(&left.turn.conviction);
        let within = || {
            let order = left.turn.within.cmp(&right.turn.within);
            order.then(right.signal.conviction.total_cmp(&left.signal.conviction))
        };
        let symbol = left.symbol.cmp(&right.symbol);
        stronger.then(symbol).then_with(within).then(left.strategy.cmp(&right.strategy))
    });
}

/// The name of the draws between strategies; no strategy bears it.
const SELECTOR: u64 = name_hash("meta-strategy selector");

/// Chance streams are kept apart by number; slippage has 1 and 2, exploring 3.
const STREAM_SELECT: u64 = 4;
