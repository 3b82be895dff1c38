//! What one symbol earned one way in one regime, and what speaks for closing it or opening it again.

use domain::{Effect, Outcome, Timestamp};
use serde::{Deserialize, Serialize};
use stats::seed_rules::Ewma;

use crate::asked::{Asked, Claim, gain_most_r};
use crate::evidence::says_e;
use crate::harm::E_VALUE_BACK;
use crate::{LearnRules, Rule};

/// Weight of the newest effective outcome in what is shown (methods §1.2: half is forgotten after 13.5). It
/// is the seed's too, who says none.
const ALPHA: f64 = 0.05;
/// Seed 001: nothing below 50 outcomes.
const SEED_OUTCOMES_MIN: u64 = 50;
/// A closed route opens again when its shadows earn it, or at the earliest after so many days, when they no longer show any harm (methods §1.3).
const DAYS_CLOSED_MIN: i64 = 30;
const DAY_MS: i64 = 86_400_000;
/// Normal quantile of a 95 % interval.
const Z_95: f64 = 1.959_963_984_540_054;

/// What was heard in the present month of a closed route. Every month is a new look: what was lost before it
/// would bury a gain for as long as the loss had lasted (methods, Decision 6).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Closed {
    began_at: Timestamp,
    outcomes: u64,
    count: f64,
    harm: Asked,
}

impl Closed {
    fn month_from(began_at: Timestamp) -> Closed {
        Closed { began_at, outcomes: 0, count: 0.0, harm: Asked::new(Claim::Harm) }
    }

    /// Whether a month is over and was heard enough of; with a day more, so that the night has looked at it.
    fn is_over(&self, now: Timestamp, days: i64, outcomes_min: f64) -> bool {
        now.ms_since(self.began_at) >= days * DAY_MS && self.count >= outcomes_min
    }
}

/// One route's record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct RouteRecord {
    outcomes: u64,
    outcomes_open: u64,
    /// Effective outcomes ever, and those that count for closing: since it was last opened.
    count: f64,
    count_open: f64,
    /// Results with the past forgotten by a factor f: Σ w·f, Σ w·f², Σ w·f·r, Σ w·f·r².
    kept: f64,
    kept_squares: f64,
    r: f64,
    r_squares: f64,
    /// As seed 001 has it: every outcome whole.
    letter: Ewma,
    /// That it loses, and more than all routes do. Every beginning is paid for, so that trying often is no way
    /// to be right by chance; so is every month of the claim that it gains while closed.
    harm: Asked,
    gain: Asked,
    closed: Option<Closed>,
}

impl RouteRecord {
    pub(super) fn new() -> RouteRecord {
        RouteRecord {
            outcomes: 0,
            outcomes_open: 0,
            count: 0.0,
            count_open: 0.0,
            kept: 0.0,
            kept_squares: 0.0,
            r: 0.0,
            r_squares: 0.0,
            letter: Ewma::new(ALPHA, 0.0),
            harm: Asked::new(Claim::Harm),
            gain: Asked::new(Claim::Recovery),
            closed: None,
        }
    }

    /// Hears a result, of a position or of a shadow; `all_r` is what all routes brought before it.
    pub(super) fn hear(&mut self, outcome: &Outcome, all_r: f64, outcomes_min: f64) {
        let (r, weight) = (outcome.r, outcome.uniqueness);
        self.outcomes += 1;
        self.count += weight;
        let keep = 1.0 - ALPHA * weight;
        self.kept = self.kept * keep + weight;
        self.kept_squares = self.kept_squares * keep * keep + weight;
        self.r = self.r * keep + weight * r;
        self.r_squares = self.r_squares * keep + weight * r * r;
        self.letter.observe(r);
        // Where all lose, costs say nothing about this route: it has to lose more. Where all gain, less is no
        // harm: it has to lose.
        let worse = (r - all_r.min(0.0)) / gain_most_r(outcome);
        match &mut self.closed {
            Some(closed) => {
                if closed.is_over(outcome.closed_at, DAYS_CLOSED_MIN + 1, outcomes_min) {
                    *closed = Closed::month_from(outcome.closed_at);
                    self.gain = self.gain.anew();
                }
                closed.outcomes += 1;
                closed.count += weight;
                closed.harm.hear_part(worse, weight);
                self.gain.hear_part(r, weight);
            }
            None => {
                self.outcomes_open += 1;
                self.count_open += weight;
                self.harm.hear_part(worse, weight);
            }
        }
    }

    pub(super) fn outcomes(&self) -> u64 {
        self.outcomes
    }

    pub(super) fn count(&self) -> f64 {
        self.count
    }

    /// Evidence that it loses more than all routes do, 1 below the least count.
    pub(super) fn harm(&self, least: f64) -> f64 {
        if self.count_open < least { 1.0 } else { self.harm.e_value() }
    }

    /// Evidence that it gains in the present month of being closed.
    pub(super) fn way_back(&self) -> f64 {
        self.closed.as_ref().map_or(1.0, |_| self.gain.e_value())
    }

    /// Whether a closed route may be entered again: its shadows gain, or over a month and as many outcomes as
    /// closing asks for they have not shown harm again: the old evidence has expired.
    pub(super) fn opens(&self, rules: &LearnRules, now: Timestamp) -> bool {
        let Some(closed) = &self.closed else { return false };
        match rules.rule {
            Rule::Seed => self.letter.raw() >= 0.0,
            Rule::Evidence => {
                let is_over = closed.is_over(now, DAYS_CLOSED_MIN, rules.outcomes_min);
                let has_expired = is_over && closed.harm.unpaid() < 1.0;
                let is_heard = self.gain.heard() >= rules.outcomes_min;
                (is_heard && self.gain.e_value() >= E_VALUE_BACK) || has_expired
            }
        }
    }

    /// Seed 001 to the letter: fifty outcomes, and their exponential mean below zero.
    pub(super) fn loses_to_the_letter(&self) -> bool {
        self.outcomes >= SEED_OUTCOMES_MIN && self.letter.raw() < 0.0
    }

    /// How it stands from now on.
    pub(super) fn stand(&mut self, is_closed: bool, at: Timestamp) {
        if is_closed == self.closed.is_some() {
            return;
        }
        self.closed = is_closed.then(|| Closed::month_from(at));
        if !is_closed {
            // What closed it has been answered, by its shadows or by a person: only what comes now counts.
            (self.harm, self.gain) = (self.harm.anew(), self.gain.anew());
            (self.outcomes_open, self.count_open) = (0, 0.0);
        }
    }

    /// Outcomes and effective outcomes that a change of it rests on: since it was opened, or in the present
    /// month of being closed.
    pub(super) fn rests_on(&self, rule: Rule) -> (u64, f64) {
        match (rule, &self.closed) {
            (Rule::Seed, _) => (self.outcomes, self.outcomes as f64),
            (Rule::Evidence, None) => (self.outcomes_open, self.count_open),
            (Rule::Evidence, Some(closed)) => (closed.outcomes, closed.count),
        }
    }

    /// Its exponential mean result with the interval of what it remembers, units of initial risk.
    pub(super) fn effect(&self) -> Effect {
        if self.kept <= 0.0 {
            return Effect::default();
        }
        let mean = self.r / self.kept;
        let variance = (self.r_squares / self.kept - mean * mean).max(0.0);
        let error = (variance * self.kept_squares).sqrt() / self.kept;
        Effect { mean, low: mean - Z_95 * error, high: mean + Z_95 * error }
    }

    pub(super) fn says(&self) -> String {
        let shown = self.effect();
        format!(
            "{:+.2} R lately ({:+.2} to {:+.2}) over {:.0} effective outcomes",
            shown.mean, shown.low, shown.high, self.count
        )
    }

    /// What speaks for closing it, or for opening it again, beside what would do.
    pub(super) fn says_evidence(&self, rule: Rule, bar: f64) -> String {
        match (rule, self.closed.is_some()) {
            (Rule::Evidence, false) => {
                format!("e = {} of {bar:.0} that it loses", says_e(self.harm(0.0)))
            }
            (Rule::Evidence, true) => {
                format!("e = {} of {E_VALUE_BACK:.0} that it gains", says_e(self.way_back()))
            }
            (Rule::Seed, _) => format!(
                "by seed 001 open while its exponential mean, {:+.2} R now, is not below zero over {SEED_OUTCOMES_MIN} outcomes",
                self.letter.raw()
            ),
        }
    }
}
