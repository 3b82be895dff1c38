//! What a close is looked at for before anything learns from it: the class of the position, what other exits
//! would have brought, and its target.

use domain::{DecisionId, Outcome, PilClass, Position, SymbolIx, WhatIfOutcome};
use learn::{OpenClass, Pal, Pil, TpTracker};
use serde::{Deserialize, Serialize};

use crate::Engine;

/// What closes have shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Review {
    pil: Pil,
    pal: Pal,
    targets: TpTracker,
    /// The class at its last mark of each position that has reached one where classes are known.
    open: Vec<(DecisionId, OpenClass)>,
    /// Closed positions by symbol and class.
    closed: Vec<[u32; PilClass::ALL.len()]>,
}

impl Review {
    pub(crate) fn new(symbols: usize) -> Review {
        Review {
            pil: Pil::default(),
            pal: Pal::default(),
            targets: TpTracker::default(),
            open: Vec::new(),
            closed: vec![[0; PilClass::ALL.len()]; symbols],
        }
    }

    /// Classifies a position at the mark it has just reached, after this share of its longest hold.
    pub(crate) fn classify(&mut self, position: &Position, r: f64, used_fraction: f64) {
        let Some(class) = self.pil.classify(r, used_fraction, position.climate) else { return };
        self.open.retain(|(decision, _)| *decision != position.decision);
        self.open.push((position.decision, class));
    }

    pub(crate) fn class_of(&self, decision: DecisionId) -> Option<OpenClass> {
        self.open.iter().find(|(open, _)| *open == decision).map(|(_, class)| *class)
    }

    /// Counts the class of a closed position and, where something is to learn, what its marks say of those
    /// still open.
    pub(crate) fn classify_closed(&mut self, outcome: &Outcome, learns: bool) {
        if learns {
            self.pil.observe(outcome);
        }
        if outcome.standing.is_executed() {
            self.closed[outcome.symbol.at()][PilClass::of_closed(outcome.r) as usize] += 1;
        }
    }

    /// What a closed position would have earned, left at another time.
    pub(crate) fn analyse(&mut self, outcome: &Outcome) {
        if outcome.standing.is_executed() {
            self.pal.observe(outcome);
        }
    }

    /// Whether a closed position reached its target.
    pub(crate) fn track_target(&mut self, outcome: &Outcome) {
        if outcome.standing.is_executed() {
            self.targets.observe(outcome);
        }
    }

    /// Takes over what was learned from other closes; what is open stays as it is.
    pub(crate) fn take_over(&mut self, learned: Review) {
        let open = std::mem::take(&mut self.open);
        *self = Review { open, ..learned };
    }

    /// A position is closed, whatever it teaches.
    pub(crate) fn forget(&mut self, decision: DecisionId) {
        self.open.retain(|(open, _)| *open != decision);
    }

    pub(crate) fn hear_what_if(&mut self, pair: &WhatIfOutcome) {
        self.pal.observe_what_if(pair);
    }
}

impl Engine {
    /// What became of positions by how they stood on their way.
    pub fn pil(&self) -> &Pil {
        &self.state.review.pil
    }

    /// What executed decisions would have come to under other exits.
    pub fn pal(&self) -> &Pal {
        &self.state.review.pal
    }

    /// What became of targets.
    pub fn targets(&self) -> &TpTracker {
        &self.state.review.targets
    }

    /// The class of an open position; nothing before its first mark, or while too little is known.
    pub fn open_class(&self, decision: DecisionId) -> Option<OpenClass> {
        self.state.review.class_of(decision)
    }

    /// Closed positions on a symbol, by class in the order of [`PilClass::ALL`].
    pub fn closed_classes(&self, symbol: SymbolIx) -> [u32; PilClass::ALL.len()] {
        self.state.review.closed[symbol.at()]
    }
}
