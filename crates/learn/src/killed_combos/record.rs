//! What one symbol and side has shown, and the evidence for and against it.

use domain::{Outcome, Timestamp};
use serde::{Deserialize, Serialize};
use stats::seed_rules::KILL_WIN_RATE;
use stats::sequential::{GAIN_GRID, HARM_GRID};

use crate::blocks::BlockedEvidence;
use crate::results::Results;

/// One symbol and side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    /// Everything, with the old forgotten: what throttles.
    pub(super) all: Results,
    /// Since it was last let in: what kills.
    pub(super) since: Results,
    loses: BlockedEvidence,
    pub(super) killed: Option<Killed>,
    pub(super) let_in_at: Option<Timestamp>,
}

/// While it is not traded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Killed {
    /// The evidence it was killed on.
    e_value: f64,
    earns: BlockedEvidence,
    /// What its shadows have come to.
    pub(super) shadows: Results,
}

/// Where the bound on a gain is not known, because nothing but a trailing stop ends a win: this is what is
/// bet as if it were. Chosen.
const GAIN_R_UNKNOWN: f64 = 3.0;

/// A target nearer than this is bet on as if it were here, so that funding received cannot ruin the evidence.
/// Chosen.
const GAIN_R_MIN: f64 = 0.5;

/// So many times the best possible result may a result be before the evidence is ruined. The largest stake,
/// 0.35 of that result, stands up to 2.86.
const ROOM: f64 = 2.5;

/// A stop may slip by one more unit of risk before the evidence for a way back starts over. Chosen.
const LOSS_R_MOST: f64 = 2.0;

impl Record {
    pub(super) fn new() -> Record {
        Record {
            all: Results::default(),
            since: Results::default(),
            loses: loses(),
            killed: None,
            let_in_at: None,
        }
    }

    pub(super) fn hear(&mut self, outcome: &Outcome, keep_fraction: f64) {
        self.all.hear(outcome, keep_fraction);
        match &mut self.killed {
            None => {
                self.since.hear(outcome, 1.0);
                self.loses.hear(-outcome.r / gain_most_r(outcome), outcome.uniqueness);
            }
            Some(killed) => killed.hear(outcome),
        }
    }

    /// The evidence that it loses: what it is, or what it was killed on.
    pub(super) fn e_value(&self) -> f64 {
        self.killed.as_ref().map_or_else(|| self.loses.evidence(), |killed| killed.e_value)
    }

    /// Seed 001's condition on what was heard since it was last let in: wins less than 40 % of the time and
    /// has lost money.
    pub(super) fn seed_kills(&self) -> bool {
        self.since.win_rate().is_some_and(|rate| rate < KILL_WIN_RATE) && self.since.total_r() < 0.0
    }

    /// It is not traded from here on.
    pub(super) fn kill(&mut self) {
        if self.killed.is_none() {
            let e_value = self.loses.evidence();
            self.killed = Some(Killed { e_value, earns: earns(), shadows: Results::default() });
        }
    }

    /// It is traded again, and what spoke against it is spent: it would be killed by new evidence alone.
    pub(super) fn let_in(&mut self, at: Timestamp) {
        if self.killed.take().is_some() {
            (self.since, self.loses) = (Results::default(), loses());
            self.let_in_at = Some(at);
        }
    }
}

impl Killed {
    fn hear(&mut self, outcome: &Outcome) {
        self.shadows.hear(outcome, 1.0);
        self.earns.hear(outcome.r, outcome.uniqueness);
        if self.earns.is_ruined() {
            self.earns = earns();
        }
    }

    /// The evidence that it earns again.
    pub(super) fn e_value_back(&self) -> f64 {
        self.earns.evidence()
    }
}

/// The most this outcome could have gained, known when it was decided: its own target before costs. Each bet
/// is a share of it, so that combos and plans with other targets are bet on alike. Clipping the gain instead
/// would make a good combo look worse than it is; this way a gain beyond the bound weighs in full.
fn gain_most_r(outcome: &Outcome) -> f64 {
    outcome.basis.target_r.map_or(GAIN_R_UNKNOWN, |target| f64::from(target).max(GAIN_R_MIN))
}

/// H0: on average it loses nothing (methods §1.3).
fn loses() -> BlockedEvidence {
    BlockedEvidence::new(ROOM, &HARM_GRID.map(|stake| stake * ROOM))
}

/// H0: on average it earns nothing.
fn earns() -> BlockedEvidence {
    BlockedEvidence::new(LOSS_R_MOST, &GAIN_GRID)
}
