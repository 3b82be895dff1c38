//! The evidence that something loses and, once it is no longer traded, that it earns again (methods §1.3).

use domain::Outcome;
use serde::{Deserialize, Serialize};

use crate::asked::{Asked, Claim, gain_most_r};
use crate::results::Results;

/// Evidence that brings back what was stopped (methods §1.3).
pub(crate) const E_VALUE_BACK: f64 = 10.0;

/// The evidence about one symbol, or one symbol and side. Every beginning anew is paid for, on both ways.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Harm {
    loses: Asked,
    earns: Asked,
    stopped: Option<Stopped>,
}

/// While it is not traded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Stopped {
    /// The evidence it was stopped on.
    e_value: f64,
    shadows: Results,
}

impl Harm {
    /// Nothing heard, and traded.
    pub(crate) fn new() -> Harm {
        Harm { loses: Asked::new(Claim::Harm), earns: Asked::new(Claim::Recovery), stopped: None }
    }

    pub(crate) fn hear(&mut self, outcome: &Outcome) {
        match &mut self.stopped {
            None => self.loses.hear_part(outcome.r / gain_most_r(outcome), outcome.uniqueness),
            Some(stopped) => {
                stopped.shadows.hear(outcome, 1.0);
                self.earns.hear_part(outcome.r, outcome.uniqueness);
            }
        }
    }

    /// The evidence that it loses: what it is, or what it was stopped on.
    pub(crate) fn e_value(&self) -> f64 {
        self.stopped.as_ref().map_or_else(|| self.loses.e_value(), |stopped| stopped.e_value)
    }

    /// Whether it is not traded.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.is_some()
    }

    /// The evidence that it earns again; nothing while it is traded.
    pub(crate) fn e_value_back(&self) -> Option<f64> {
        self.stopped.as_ref().map(|_| self.earns.e_value())
    }

    /// Effective outcomes that the evidence for a way back rests on: shadows since it was stopped, or since
    /// the evidence started over.
    pub(crate) fn heard_back(&self) -> f64 {
        self.earns.heard()
    }

    /// What its shadows have come to; nothing while it is traded.
    pub(crate) fn shadows(&self) -> Option<&Results> {
        self.stopped.as_ref().map(|stopped| &stopped.shadows)
    }

    /// It is not traded from here on.
    pub(crate) fn stop(&mut self) {
        if self.stopped.is_none() {
            let e_value = self.loses.e_value();
            self.stopped = Some(Stopped { e_value, shadows: Results::default() });
        }
    }

    /// It is traded again, and what spoke against it is spent: new evidence alone would stop it again. Says
    /// whether it had been stopped.
    pub(crate) fn let_in(&mut self) -> bool {
        let was_stopped = self.stopped.take().is_some();
        if was_stopped {
            (self.loses, self.earns) = (self.loses.anew(), self.earns.anew());
        }
        was_stopped
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Basis;
    use stats::sequential::HARM_GRID;

    /// What nothing heard counts for, asked for the first and for the second time.
    fn nothing() -> [f64; 2] {
        let first = Asked::new(Claim::Harm);
        [first.e_value(), first.anew().e_value()]
    }

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
            nothing()[0] * HARM_GRID.map(product).iter().sum::<f64>() / 4.0
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
        assert_eq!(with(9.0), nothing()[1], "beyond all bounds it begins anew, at a price");
    }

    #[test]
    fn one_large_win_does_not_make_immortal() {
        let mut harm = Harm::new();
        harm.hear(&scenarios::outcome(0, 9.0));
        (1..80).for_each(|hours| harm.hear(&scenarios::outcome(hours, -1.0)));
        assert!(harm.e_value() > 100.0);
    }

    #[test]
    fn what_comes_back_starts_anew_and_pays_for_it() {
        let mut harm = Harm::new();
        (0..60).for_each(|hours| harm.hear(&scenarios::outcome(hours, -1.0)));
        harm.stop();
        let stopped_on = harm.e_value();
        assert!(stopped_on > 100.0 && harm.e_value_back() == Some(nothing()[0]));
        (0..60).for_each(|hours| harm.hear(&scenarios::outcome(hours, 0.5)));
        assert!(harm.e_value() == stopped_on && harm.e_value_back().unwrap() > E_VALUE_BACK);
        assert!(harm.shadows().unwrap().outcomes == 60 && harm.heard_back() == 60.0);
        assert!(harm.let_in() && !harm.let_in() && harm.e_value() == nothing()[1]);
        harm.stop();
        assert_eq!(harm.e_value_back(), Some(nothing()[1]));
    }
}
