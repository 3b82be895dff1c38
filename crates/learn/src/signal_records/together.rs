//! Which components say what others say, and what of each is its own.

use domain::{COMPONENT_NAMES, COMPONENTS_MAX, Outcome};
use serde::{Deserialize, Serialize};

use crate::component_weights::name;

/// A number per component, and per pair.
type Lanes = [f64; COMPONENTS_MAX];
type Pairs = [Lanes; COMPONENTS_MAX];

/// Standard errors a correlation must exceed zero by before any of it counts. Chosen: of 105 pairs that have
/// nothing in common one exceeds it in 300 looks at new outcomes.
const ERRORS_MIN: f64 = 4.0;
/// Who says what others say changes more slowly than what it is worth: so many times as slowly is it
/// forgotten. Chosen.
const SLOWER: f64 = 4.0;
/// A standard deviation of leans below this is none: they are stored in hundredths.
const SPREAD_MIN: f64 = 1e-6;

/// How leans go together: Σ w, Σ w·lean per component, Σ w·c·c per pair, c the lean beyond its mean and 0
/// where silent: who seldom speaks shares little. The past is forgotten by letting the newest weigh ever more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Together {
    /// Effective outcomes per strategy: two strategies' candidates of one bar lean alike and count once.
    heard: Vec<f64>,
    /// What a whole outcome weighs now, 1 at the first.
    newest: f64,
    spoke: Lanes,
    leaned: Lanes,
    products: Pairs,
}

impl Together {
    pub(super) fn new() -> Together {
        Together {
            heard: Vec::new(),
            newest: 1.0,
            spoke: [0.0; COMPONENTS_MAX],
            leaned: [0.0; COMPONENTS_MAX],
            products: [[0.0; COMPONENTS_MAX]; COMPONENTS_MAX],
        }
    }

    pub(super) fn hear(&mut self, outcome: &Outcome, keep_fraction: f64) {
        let strategy = usize::from(outcome.strategy.0);
        if self.heard.len() <= strategy {
            self.heard.resize(strategy + 1, 0.0);
        }
        self.heard[strategy] += outcome.uniqueness;
        self.newest /= 1.0 - (1.0 - keep_fraction) / SLOWER * outcome.uniqueness;
        self.start_small_again();
        let weight = outcome.uniqueness * self.newest;
        let (leans, spoke) = (outcome.basis.leans.values(), outcome.basis.leans.spoke());
        let mut beyond = [0.0; COMPONENTS_MAX];
        for at in 0..COMPONENTS_MAX {
            self.spoke[at] += weight * spoke[at];
            self.leaned[at] += weight * leans[at];
            let mean = self.leaned[at] / self.spoke[at].max(f64::MIN_POSITIVE);
            beyond[at] = spoke[at] * (leans[at] - mean);
        }
        for at in (0..COMPONENTS_MAX).filter(|&at| spoke[at] > 0.0) {
            let (row, by) = (&mut self.products[at], weight * beyond[at]);
            for (product, other) in row.iter_mut().zip(&beyond) {
                *product += by * other;
            }
        }
    }

    /// Before weights leave the numbers, all of them are made small at once.
    fn start_small_again(&mut self) {
        const LARGE: f64 = 1e100;
        if self.newest < LARGE {
            return;
        }
        let lanes = [&mut self.spoke, &mut self.leaned].into_iter().chain(&mut self.products);
        lanes.flatten().for_each(|sum| *sum /= LARGE);
        self.newest /= LARGE;
    }

    /// Effective outcomes of the strategy of which there are most.
    pub(super) fn heard(&self) -> f64 {
        self.heard.iter().copied().fold(0.0, f64::max)
    }

    fn correlation(&self, one: usize, other: usize) -> Option<f64> {
        let squares = |at: usize| {
            let squares = self.products[at][at];
            (squares > SPREAD_MIN * SPREAD_MIN * self.spoke[at]).then_some(squares)
        };
        let correlation = self.products[one][other] / (squares(one)? * squares(other)?).sqrt();
        correlation.is_finite().then(|| correlation.clamp(-1.0, 1.0))
    }

    /// What of a correlation is no chance: its lower bound (Fisher 1921), 0 where that is below 0.
    fn surely(&self, one: usize, other: usize, least: f64) -> f64 {
        let count = self.spoke[one].min(self.spoke[other]) / self.newest;
        if count < least || self.heard() < least {
            return 0.0;
        }
        // Short of one, where Fisher's scale has no end.
        const MOST: f64 = 0.999;
        let correlation = self.correlation(one, other).unwrap_or(0.0).min(MOST);
        if correlation <= 0.0 {
            return 0.0;
        }
        let low = libm::atanh(correlation) - ERRORS_MIN / (count - 3.0).sqrt();
        libm::tanh(low).max(0.0)
    }

    /// What of each counts: 1 over 1 and the squares of what it surely shares with each other. Two that say
    /// the same count half each, so that together they are one voice.
    pub(super) fn discounts(&self, least: f64) -> Lanes {
        std::array::from_fn(|at| {
            let others = (0..COMPONENTS_MAX).filter(|&other| other != at);
            let shared = others.map(|other| self.surely(at, other, least));
            1.0 / (1.0 + shared.map(|share| share * share).sum::<f64>())
        })
    }

    /// The pairs that surely go together, in words.
    pub(super) fn says(&self, least: f64) -> String {
        let mut said = Vec::new();
        for one in 0..COMPONENT_NAMES.len() {
            for other in one + 1..COMPONENT_NAMES.len() {
                let low = self.surely(one, other, least);
                if low > 0.0 {
                    let at = self.correlation(one, other).unwrap_or(0.0);
                    said.push(format!(
                        "{} and {} {at:.2} (at least {low:.2})",
                        name(one),
                        name(other)
                    ));
                }
            }
        }
        if said.is_empty() {
            return "no two components surely lean together".to_owned();
        }
        format!("components that lean together: {}", said.join(", "))
    }
}
