//! One outcome as the fast layer learns from it.

use domain::{FastLayer, MODEL_COUNT, Outcome};
use serde::{Deserialize, Serialize};

use crate::governor::{FAST_BIAS_MOST, FAST_SLOPE_MOST};

/// A step of the layer for an outcome of average weight. Chosen: a few hundred outcomes move it by what the
/// governor lets it go in one version.
const RATE: f64 = 0.01;
/// How strongly it is drawn back to saying nothing, a step. Chosen.
const DECAY: f64 = 1e-3;
/// Results this many times their usual size weigh no more, and those below the other no less. Chosen.
const WEIGHT_MOST: f64 = 3.0;
const WEIGHT_LEAST: f64 = 0.25;
/// A member's log-odds count for no more than this in a step. Chosen: 95 %, beyond which models only boast.
const LOG_ODDS_MOST: f64 = 3.0;

/// What models had expected of one side, and whether it won.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lesson {
    pub(super) ensemble: f64,
    pub(super) members: [Option<f64>; MODEL_COUNT],
    pub(super) won: bool,
    /// The size of its result, beside that of others that won, or lost; uniqueness in it.
    pub(super) weight: f64,
}

impl Lesson {
    /// Nothing where no model had said anything.
    pub(super) fn of(outcome: &Outcome, sizes: &Sizes) -> Option<Lesson> {
        let modelled = &outcome.basis.modelled;
        Some(Lesson {
            ensemble: modelled.ensemble()?,
            members: modelled.members(),
            won: outcome.won(),
            weight: sizes.weight(outcome),
        })
    }

    pub(super) fn expected_by(&self, layer: &FastLayer) -> f64 {
        layer.refined(self.ensemble, self.members)
    }

    fn result(&self) -> f64 {
        f64::from(u8::from(self.won))
    }

    /// One step of the layer down the log loss (a logistic regression by stochastic gradient), within what the
    /// governor would ever let stand: evidence for a layer beyond it would be evidence for none.
    pub(super) fn teach(&self, layer: &mut FastLayer, weight: f64) {
        let step = RATE * weight * (self.result() - self.expected_by(layer));
        let moved =
            |from: f64, by: f64, most: f64| (from + by - RATE * DECAY * from).clamp(-most, most);
        layer.bias = moved(layer.bias, step, FAST_BIAS_MOST);
        for (slope, said) in layer.slopes.iter_mut().zip(self.members) {
            let log_odds = said.map_or(0.0, FastLayer::log_odds);
            let by = step * log_odds.clamp(-LOG_ODDS_MOST, LOG_ODDS_MOST);
            *slope = moved(*slope, by, FAST_SLOPE_MOST);
        }
    }

    /// By how much one layer expected better than another, as a share of what it could have been: the
    /// difference of squared errors over twice the difference of what they expected, which was known before.
    /// It lies within one, and where the other layer is right it is below zero on average.
    pub(super) fn gain(&self, layer: &FastLayer, over: &FastLayer) -> f64 {
        let (own, other) = (self.expected_by(layer), self.expected_by(over));
        let lean = own - other;
        if lean == 0.0 {
            return 0.0;
        }
        lean.signum() * (self.result() - 0.5 * (own + other))
    }
}

/// The usual size of a win and of a loss. Weighing by size alone would make models expect to win more often
/// wherever targets lie farther than stops; beside their own kind, winners and losers weigh alike on average,
/// and what is learned stays a probability.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Sizes {
    won: Size,
    lost: Size,
}

/// The usual size of one kind of result, units of initial risk.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Size {
    usual: f64,
    /// Effective results it rests on, the guess it began with as a few of them.
    known: f64,
}

impl Size {
    /// It is an ordinary mean of so many results, and later ones crowd the old ones out. Chosen.
    const KNOWN_MOST: f64 = 50.0;
    /// What the guess is worth. Chosen: little, for exits are learned too.
    const KNOWN_FIRST: f64 = 3.0;
    /// It is never below this.
    const LEAST: f64 = 0.05;

    fn guessed(usual: f64) -> Size {
        Size { usual, known: Size::KNOWN_FIRST }
    }

    fn hear(&mut self, outcome: &Outcome) {
        self.known = (self.known + outcome.uniqueness).min(Size::KNOWN_MOST);
        self.usual += outcome.uniqueness / self.known * (outcome.r.abs() - self.usual);
        self.usual = self.usual.max(Size::LEAST);
    }
}

impl Sizes {
    /// Stops lose one unit, and targets bring one and a half.
    pub(super) fn before_any() -> Sizes {
        Sizes { won: Size::guessed(1.5), lost: Size::guessed(1.0) }
    }

    fn weight(&self, outcome: &Outcome) -> f64 {
        let usual = if outcome.won() { self.won.usual } else { self.lost.usual };
        (outcome.r.abs() / usual).clamp(WEIGHT_LEAST, WEIGHT_MOST) * outcome.uniqueness
    }

    pub(super) fn hear(&mut self, outcome: &Outcome) {
        if outcome.won() { self.won.hear(outcome) } else { self.lost.hear(outcome) }
    }
}
