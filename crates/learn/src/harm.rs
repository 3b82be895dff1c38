//! The evidence that something loses and, once it is no longer traded, that it earns again (methods §1.3).

use domain::Outcome;
use serde::{Deserialize, Serialize};
use stats::sequential::{GAIN_GRID, HARM_GRID};

use crate::evidence::BlockedEvidence;
use crate::results::Results;

/// Evidence that brings back what was stopped (methods §1.3).
pub(crate) const E_VALUE_BACK: f64 = 10.0;

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

/// The evidence about one symbol, or one symbol and side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Harm {
    loses: BlockedEvidence,
    stopped: Option<Stopped>,
}

/// While it is not traded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Stopped {
    /// The evidence it was stopped on.
    e_value: f64,
    earns: BlockedEvidence,
    shadows: Results,
}

impl Harm {
    /// Nothing heard, and traded.
    pub(crate) fn new() -> Harm {
        Harm { loses: loses(), stopped: None }
    }

    pub(crate) fn hear(&mut self, outcome: &Outcome) {
        match &mut self.stopped {
            None => self.loses.hear(-outcome.r / gain_most_r(outcome), outcome.uniqueness),
            Some(stopped) => stopped.hear(outcome),
        }
    }

    /// The evidence that it loses: what it is, or what it was stopped on.
    pub(crate) fn e_value(&self) -> f64 {
        self.stopped.as_ref().map_or_else(|| self.loses.evidence(), |stopped| stopped.e_value)
    }

    /// Whether it is not traded.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.is_some()
    }

    /// The evidence that it earns again; nothing while it is traded.
    pub(crate) fn e_value_back(&self) -> Option<f64> {
        self.stopped.as_ref().map(|stopped| stopped.earns.evidence())
    }

    /// What its shadows have come to; nothing while it is traded.
    pub(crate) fn shadows(&self) -> Option<&Results> {
        self.stopped.as_ref().map(|stopped| &stopped.shadows)
    }

    /// It is not traded from here on.
    pub(crate) fn stop(&mut self) {
        if self.stopped.is_none() {
            let e_value = self.loses.evidence();
            self.stopped = Some(Stopped { e_value, earns: earns(), shadows: Results::default() });
        }
    }

    /// It is traded again, and what spoke against it is spent: new evidence alone would stop it again. Says
    /// whether it had been stopped.
    pub(crate) fn let_in(&mut self) -> bool {
        let was_stopped = self.stopped.take().is_some();
        if was_stopped {
            self.loses = loses();
        }
        was_stopped
    }
}

impl Stopped {
    fn hear(&mut self, outcome: &Outcome) {
        self.shadows.hear(outcome, 1.0);
        self.earns.hear(outcome.r, outcome.uniqueness);
        if self.earns.is_ruined() {
            self.earns = earns();
        }
    }
}

/// The most this outcome could have gained, known when it was decided: its own target before costs. Each bet
/// is a share of it, so that plans with other targets are bet on alike. Clipping the gain instead would make
/// what is good look worse than it is; this way a gain beyond the bound weighs in full.
fn gain_most_r(outcome: &Outcome) -> f64 {
    outcome.basis.target_r.map_or(GAIN_R_UNKNOWN, |target| f64::from(target).max(GAIN_R_MIN))
}

/// H0: on average it loses nothing.
fn loses() -> BlockedEvidence {
    BlockedEvidence::new(ROOM, &HARM_GRID.map(|stake| stake * ROOM))
}

/// H0: on average it earns nothing.
fn earns() -> BlockedEvidence {
    BlockedEvidence::new(LOSS_R_MOST, &GAIN_GRID)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Basis;

    fn heard(results: &[f64], target_r: Option<f32>) -> f64 {
        let mut harm = Harm::new();
        for (at, r) in results.iter().enumerate() {
            let made = scenarios::outcome(at as u64, *r);
            harm.hear(&Outcome { basis: Basis { target_r, ..made.basis }, ..made });
        }
        harm.e_value()
    }

    #[test]
    fn a_bet_is_a_share_of_the_target() {
        let expected = |bound: f64| {
            let product = |stake: f64| (1.0 + stake * 1.05 / bound) * (1.0 - stake * 0.4 / bound);
            HARM_GRID.map(product).iter().sum::<f64>() / 4.0
        };
        for (target_r, bound) in [(Some(1.5), 1.5), (None, 3.0), (Some(0.1), 0.5)] {
            assert!((heard(&[-1.05, 0.4], target_r) - expected(bound)).abs() < 1e-9, "{bound}");
        }
    }

    #[test]
    fn a_gain_beyond_the_target_weighs_in_full() {
        let lost = [-1.05; 40];
        let with = |gain: f64| heard(&[&lost[..], &[gain]].concat(), Some(1.5));
        assert!(with(3.0) < with(1.5));
        assert_eq!(with(9.0), 0.0, "beyond all bounds the evidence is gone, and that is valid too");
    }

    #[test]
    fn what_comes_back_starts_anew() {
        let mut harm = Harm::new();
        (0..60).for_each(|hours| harm.hear(&scenarios::outcome(hours, -1.0)));
        harm.stop();
        let stopped_on = harm.e_value();
        assert!(stopped_on > 100.0 && harm.e_value_back() == Some(1.0));
        (0..60).for_each(|hours| harm.hear(&scenarios::outcome(hours, 0.5)));
        assert!(harm.e_value() == stopped_on && harm.e_value_back().unwrap() > E_VALUE_BACK);
        assert_eq!(harm.shadows().unwrap().outcomes, 60);
        assert!(harm.let_in() && !harm.let_in() && harm.e_value() == 1.0);
    }
}
