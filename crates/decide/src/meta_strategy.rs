//! The meta-strategy selector (mission row D7): which strategy trades where several want to.
//!
//! A candidate competes when no stateless gate refuses it: what would not be traded anyway shall not
//! keep another from being traded. Candidates on one symbol at one bar compete, whichever side they are
//! on. One of them is chosen by Thompson sampling over what each strategy has paid in the symbol's
//! regime, with probabilities computed exactly, and one draw per symbol and bar decides.
//!
//! Rewards are the results, in units of initial risk, of decisions that competed or would have:
//! executed ones and shadows alike, each weighing its uniqueness. Of the past 0.995 is kept per reward of
//! the same strategy in the same regime. Idle ones forget nothing: a regime that rests, or a strategy
//! that seldom has a candidate, would otherwise be unlearned by the others' bustle.

use domain::{Outcome, Regime, StrategyIx};
use serde::{Deserialize, Serialize};
use stats::seed_rules::Ewma;
use stats::thompson::{BELIEFS_MAX, Belief, Prior, Rewards, probabilities_best};

/// Of the past, what one whole reward leaves: 200 rewards are remembered (methods §1.14: .99 to .998).
const KEEP_FRACTION: f64 = 0.995;

/// Believed before the first reward: nothing is earned, give or take 1.4 R a trade, and that belief is worth
/// two rewards. Chosen: targets lie 1.5 R away and stops 1 R, and ten rewards shall outweigh it.
const PRIOR: Prior = Prior { mean: 0.0, weight: 2.0, shape: 2.0, rate: 2.0 };

/// What a reward weighs in the seed's mean. Chosen: seed 000 names rewards but no rate; this is what
/// seed 003 calls its learning rate.
const SEED_RATE: f64 = 0.05;

const REGIMES: usize = Regime::ALL.len();

/// As many candidates as can compete on one symbol.
pub const CONTENDERS_MAX: usize = BELIEFS_MAX;

/// How one of several strategies is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SelectionRule {
    /// Each with the probability that it pays best.
    #[default]
    Evidence,
    /// The one with the highest exponentially weighted mean of rewards, always (seed 000).
    Seed,
}

/// With which probability a candidate was to be chosen among its rivals, and what the draw asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Selection {
    /// The probability, 0..=1; 1 where nobody competes with it.
    pub probability: f64,
    /// The draw, counted around the circle from where the candidate's share of it begins, 0..1. It is
    /// chosen where this is less than its probability.
    pub drawn: f64,
}

impl Selection {
    /// Nobody competes with it.
    pub const SOLE: Selection = Selection { probability: 1.0, drawn: 0.0 };

    /// Whether it is the one.
    pub fn is_chosen(&self) -> bool {
        self.drawn < self.probability
    }
}

/// What one strategy has paid in one regime.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Arm {
    rewards: Rewards,
    seed: Ewma,
}

/// Chooses between strategies and is rewarded on every close.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetaStrategy {
    rule: SelectionRule,
    arms: Vec<[Arm; REGIMES]>,
}

impl MetaStrategy {
    /// Nothing known of so many strategies.
    pub fn new(strategies: usize, rule: SelectionRule) -> MetaStrategy {
        let arm = Arm { rewards: Rewards::default(), seed: Ewma::new(SEED_RATE, 0.0) };
        MetaStrategy { rule, arms: vec![[arm; REGIMES]; strategies] }
    }

    /// Hears how a decision turned out. What its own gates refused says nothing about choosing among
    /// those they let pass, and does not count.
    pub fn reward(&mut self, outcome: &Outcome) {
        if outcome.basis.stake <= 0.0 && !outcome.standing.is_executed() {
            return;
        }
        let Some(arms) = self.arms.get_mut(usize::from(outcome.strategy.0)) else { return };
        let arm = &mut arms[outcome.climate.regime.at()];
        arm.rewards.observe(outcome.r, outcome.uniqueness, KEEP_FRACTION);
        arm.seed.observe(outcome.r);
    }

    /// What is believed a strategy earns per decision in a regime, units of initial risk, and on how many
    /// rewards that rests, overlap and forgetting discounted.
    pub fn belief(&self, strategy: StrategyIx, regime: Regime) -> (Belief, f64) {
        let rewards = self.arm(strategy, regime).map_or(Rewards::default(), |arm| arm.rewards);
        (rewards.belief(&PRIOR), rewards.count())
    }

    /// Shares the draw `u`, 0..1, out among these strategies' candidates in a regime: exactly one is
    /// chosen. `out` has the length of `contenders`; beyond [`CONTENDERS_MAX`] nobody has a chance.
    pub fn select(&self, contenders: &[StrategyIx], regime: Regime, u: f64, out: &mut [Selection]) {
        let mut probabilities = [0.0; CONTENDERS_MAX];
        let count = contenders.len().min(CONTENDERS_MAX);
        match self.rule {
            SelectionRule::Evidence => {
                let mut beliefs = [PRIOR_BELIEF; CONTENDERS_MAX];
                for (belief, &strategy) in beliefs.iter_mut().zip(contenders) {
                    *belief = self.belief(strategy, regime).0;
                }
                probabilities_best(&beliefs[..count], &mut probabilities[..count]);
            }
            SelectionRule::Seed => {
                let mean =
                    |at: usize| self.arm(contenders[at], regime).map_or(0.0, |arm| arm.seed.raw());
                // Of equals the first on the registry's list.
                let better = |best: usize, at: usize| if mean(at) > mean(best) { at } else { best };
                if let Some(best) = (0..count).reduce(better) {
                    probabilities[best] = 1.0;
                }
            }
        }
        share_out(&probabilities[..count], u, out);
    }

    fn arm(&self, strategy: StrategyIx, regime: Regime) -> Option<&Arm> {
        Some(&self.arms.get(usize::from(strategy.0))?[regime.at()])
    }
}

const PRIOR_BELIEF: Belief = Belief { mean: 0.0, scale: 1.0, freedom: 1.0 };

/// The circle of draws is cut into shares, one after another; the draw falls into one of them.
fn share_out(probabilities: &[f64], u: f64, out: &mut [Selection]) {
    out.fill(Selection { probability: 0.0, drawn: 0.0 });
    let Some(last) = probabilities.iter().rposition(|p| *p > 0.0) else { return };
    let mut begin = 0.0;
    for (at, (selection, &probability)) in out.iter_mut().zip(probabilities).enumerate() {
        // The last share ends where the circle does: rounding leaves no gap in which nobody is chosen.
        let end = if at >= last { 1.0 } else { begin + probability };
        let drawn = if u >= begin { u - begin } else { u - begin + 1.0 };
        let share = if at == last { end - begin } else { probability };
        *selection = Selection { probability: share, drawn };
        begin = end;
    }
}
