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
/// A standard deviation of leans below this is none: they are stored in hundredths.
const SPREAD_MIN: f64 = 1e-6;

/// How leans go together, the past forgotten: Σ w·f, Σ w·f·lean per component; Σ w·f and Σ w·f·c·c per pair
/// that both spoke, c the lean beyond its mean.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Together {
    /// Effective outcomes per strategy: two strategies' candidates of one bar lean alike and count once.
    heard: Vec<f64>,
    spoke: Lanes,
    leaned: Lanes,
    weights: Pairs,
    products: Pairs,
}

impl Together {
    pub(super) fn hear(&mut self, outcome: &Outcome, keep_fraction: f64) {
        let weight = outcome.uniqueness;
        let strategy = usize::from(outcome.strategy.0);
        if self.heard.len() <= strategy {
            self.heard.resize(strategy + 1, 0.0);
        }
        self.heard[strategy] += weight;
        let keep = 1.0 - (1.0 - keep_fraction) * weight;
        let (mut beyond, mut spoke): (Lanes, Lanes) =
            ([0.0; COMPONENTS_MAX], [0.0; COMPONENTS_MAX]);
        for at in 0..COMPONENTS_MAX {
            let said = outcome.basis.leans.at(at);
            (self.spoke[at], self.leaned[at]) = (self.spoke[at] * keep, self.leaned[at] * keep);
            let Some(lean) = said else { continue };
            spoke[at] = 1.0;
            self.spoke[at] += weight;
            self.leaned[at] += weight * lean;
            beyond[at] = lean - self.leaned[at] / self.spoke[at].max(f64::MIN_POSITIVE);
        }
        // Whole rows without a branch, so that they are added several at a time.
        for at in 0..COMPONENTS_MAX {
            let (by, own) = (weight * beyond[at], weight * spoke[at]);
            let (products, weights) = (&mut self.products[at], &mut self.weights[at]);
            for other in 0..COMPONENTS_MAX {
                products[other] = products[other] * keep + by * beyond[other];
                weights[other] = weights[other] * keep + own * spoke[other];
            }
        }
    }

    /// Effective outcomes of the strategy of which there are most.
    pub(super) fn heard(&self) -> f64 {
        self.heard.iter().copied().fold(0.0, f64::max)
    }

    fn correlation(&self, one: usize, other: usize) -> Option<f64> {
        let mean = |a: usize, b: usize| {
            let weight = self.weights[a][b];
            (weight > 0.0).then(|| self.products[a][b] / weight)
        };
        let spread = |at: usize| mean(at, at).map(f64::sqrt).filter(|spread| *spread > SPREAD_MIN);
        let correlation = mean(one, other)? / (spread(one)? * spread(other)?);
        correlation.is_finite().then(|| correlation.clamp(-1.0, 1.0))
    }

    /// What of a correlation is no chance: its lower bound (Fisher 1921), 0 where that is below 0.
    fn surely(&self, one: usize, other: usize, least: f64) -> f64 {
        let count = self.weights[one][other];
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
