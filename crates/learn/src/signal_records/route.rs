//! What one symbol earned one way in one regime, and what speaks for closing it or opening it again.

use domain::{Effect, Outcome, Timestamp};
use serde::{Deserialize, Serialize};
use stats::seed_rules::Ewma;
use stats::sequential::{GAIN_GRID, GridEProcess, HARM_GRID};

use crate::evidence::says_e;
use crate::{LearnRules, Rule};

/// Weight of the newest effective outcome in what is shown (methods §1.2: half is forgotten after 13.5). It
/// is the seed's too, who says none.
const ALPHA: f64 = 0.05;
/// Seed 001: nothing below 50 outcomes.
const SEED_OUTCOMES_MIN: u64 = 50;
/// A result may exceed its target by so much, units of initial risk: funding received. Chosen.
const BEYOND_TARGET_R: f64 = 0.25;
/// And where there is no target it is taken to be at most this. Chosen: beyond it, evidence of harm ends for
/// good, which errs on the side of trading.
const TARGETLESS_R: f64 = 10.0;
/// The worst a stop that is gapped through is taken to cost, units of initial risk. Chosen: beyond it,
/// evidence of gain ends, which errs on the side of staying closed.
const LOSS_MOST_R: f64 = 3.0;
/// A closed route opens again when its shadows show this much evidence of a gain (methods §1.3).
const WAY_BACK: f64 = 10.0;
/// Or, at the earliest after so many days, when they no longer show any harm (methods §1.3).
const DAYS_CLOSED_MIN: i64 = 30;
const DAY_MS: i64 = 86_400_000;
/// Normal quantile of a 95 % interval.
const Z_95: f64 = 1.959_963_984_540_054;

/// A bet on a stream of overlapping results: gathered until they are worth one outcome together, because
/// copies of one result would each be a bet won or lost again (methods §5).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Bet {
    process: GridEProcess,
    weight: f64,
    sum: f64,
}

impl Bet {
    fn on(loss_most: f64, stakes: &[f64]) -> Bet {
        Bet { process: GridEProcess::new(loss_most, stakes), weight: 0.0, sum: 0.0 }
    }

    fn hear(&mut self, gain: f64, weight: f64) {
        // Sums of tenths miss whole outcomes by rounding.
        const WHOLE: f64 = 1.0 - 1e-9;
        self.weight += weight;
        self.sum += weight * gain;
        if self.weight >= WHOLE {
            self.process.observe(self.sum / self.weight);
            (self.weight, self.sum) = (0.0, 0.0);
        }
    }

    fn evidence(&self) -> f64 {
        self.process.evidence()
    }
}

/// A bet that results are below zero. A result is measured by the best it could have been, known at entry,
/// so that no win can cost more than the stake.
fn on_harm() -> Bet {
    Bet::on(1.0, &HARM_GRID)
}

/// What was heard in the present month of a closed route. Every month is a new look: what was lost before it
/// would bury a gain for as long as the loss had lasted (methods, Decision 6).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Closed {
    began_at: Timestamp,
    count: f64,
    harm: Bet,
    gain: Bet,
}

impl Closed {
    fn month_from(began_at: Timestamp) -> Closed {
        let gain = Bet::on(LOSS_MOST_R, &GAIN_GRID);
        Closed { began_at, count: 0.0, harm: on_harm(), gain }
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
    harm: Bet,
    closed: Option<Closed>,
    times_opened: u32,
}

impl RouteRecord {
    pub(super) fn new() -> RouteRecord {
        RouteRecord {
            outcomes: 0,
            count: 0.0,
            count_open: 0.0,
            kept: 0.0,
            kept_squares: 0.0,
            r: 0.0,
            r_squares: 0.0,
            letter: Ewma::new(ALPHA, 0.0),
            harm: on_harm(),
            closed: None,
            times_opened: 0,
        }
    }

    /// Hears a result, of a position or of a shadow.
    pub(super) fn hear(&mut self, outcome: &Outcome, outcomes_min: f64) {
        let (r, weight) = (outcome.r, outcome.uniqueness);
        self.outcomes += 1;
        self.count += weight;
        let keep = 1.0 - ALPHA * weight;
        self.kept = self.kept * keep + weight;
        self.kept_squares = self.kept_squares * keep * keep + weight;
        self.r = self.r * keep + weight * r;
        self.r_squares = self.r_squares * keep + weight * r * r;
        self.letter.observe(r);
        let target_r = outcome.basis.target_r.map(f64::from);
        let best_r = target_r.map_or(TARGETLESS_R, |target| target + BEYOND_TARGET_R);
        let loss = -r / best_r;
        match &mut self.closed {
            Some(closed) => {
                if closed.is_over(outcome.closed_at, DAYS_CLOSED_MIN + 1, outcomes_min) {
                    *closed = Closed::month_from(outcome.closed_at);
                }
                closed.count += weight;
                closed.harm.hear(loss, weight);
                closed.gain.hear(r, weight);
            }
            None => {
                self.count_open += weight;
                self.harm.hear(loss, weight);
            }
        }
    }

    pub(super) fn outcomes(&self) -> u64 {
        self.outcomes
    }

    pub(super) fn count(&self) -> f64 {
        self.count
    }

    /// Evidence that it loses, 1 below the least count. A route that was opened again has begun anew, and
    /// pays for every beginning, so that trying often is no way to be right by chance.
    pub(super) fn harm(&self, least: f64) -> f64 {
        if self.count_open < least {
            return 1.0;
        }
        let begun = f64::from(self.times_opened + 1);
        self.harm.evidence() / (begun * begun)
    }

    /// Evidence that it gains in the present month of being closed.
    pub(super) fn way_back(&self) -> f64 {
        self.closed.as_ref().map_or(1.0, |closed| closed.gain.evidence())
    }

    /// Whether a closed route may be entered again: its shadows gain, or over a month and as many outcomes as
    /// closing asks for they have not shown harm again: the old evidence has expired.
    pub(super) fn opens(&self, rules: &LearnRules, now: Timestamp) -> bool {
        let Some(closed) = &self.closed else { return false };
        match rules.rule {
            Rule::Seed => self.letter.raw() >= 0.0,
            Rule::Evidence => {
                let is_over = closed.is_over(now, DAYS_CLOSED_MIN, rules.outcomes_min);
                let has_expired = is_over && closed.harm.evidence() < 1.0;
                closed.gain.evidence() >= WAY_BACK || has_expired
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
            self.harm = on_harm();
            self.count_open = 0.0;
            self.times_opened += 1;
        }
    }

    /// Outcomes that a change of it rests on.
    pub(super) fn rests_on(&self, rule: Rule) -> f64 {
        match rule {
            Rule::Evidence => self.count,
            Rule::Seed => self.outcomes as f64,
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
                format!("e = {} of {WAY_BACK:.0} that it gains", says_e(self.way_back()))
            }
            (Rule::Seed, _) => format!(
                "by seed 001 open while its exponential mean, {:+.2} R now, is not below zero over {SEED_OUTCOMES_MIN} outcomes",
                self.letter.raw()
            ),
        }
    }
}
