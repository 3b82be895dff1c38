//! What similar candidates have come to, executed or declined, so that a size can rest on it.

use domain::{Outcome, Side, StrategyIx};
use serde::{Deserialize, Serialize};

/// Candidates are alike when strategy, side and third of conviction are the same.
const CONVICTION_EDGES: [f64; 2] = [0.40, 0.60];
const BUCKETS_PER_STRATEGY: usize = 2 * (CONVICTION_EDGES.len() + 1);

/// Weight of the starting belief, in outcomes. Chosen: well below the 50 that anything may rest on.
const PRIOR_OUTCOMES: f64 = 20.0;

/// What one kind of candidate has come to; every outcome weighs its uniqueness.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Bucket {
    outcomes: f64,
    wins: f64,
    won_r: f64,
    lost_r: f64,
}

/// What is to be expected of a candidate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prospects {
    /// Outcomes behind it, overlap discounted.
    pub outcomes_effective: f64,
    /// Estimated probability of ending above zero after costs.
    pub win_probability: f64,
    /// Its one-sided 95 % lower bound.
    pub win_probability_low: f64,
    /// What a win brings, in units of initial risk.
    pub win_r: f64,
    /// What a loss takes, in units of initial risk, positive.
    pub loss_r: f64,
}

/// Records of all kinds of candidates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct History {
    buckets: Vec<Bucket>,
}

impl History {
    /// No record yet of so many strategies.
    pub fn new(strategies: usize) -> History {
        History { buckets: vec![Bucket::default(); strategies * BUCKETS_PER_STRATEGY] }
    }

    /// Hears how a decision turned out.
    pub fn observe(&mut self, outcome: &Outcome) {
        let at = bucket(outcome.strategy, outcome.side, outcome.conviction);
        let bucket = &mut self.buckets[at];
        bucket.outcomes += outcome.uniqueness;
        if outcome.won() {
            bucket.wins += outcome.uniqueness;
            bucket.won_r += outcome.uniqueness * outcome.r;
        } else {
            bucket.lost_r -= outcome.uniqueness * outcome.r;
        }
    }

    /// What a candidate with this plan may expect: the record, and before there is one a market
    /// without edge, in which the target is reached first with probability risk / (reward + risk)
    /// and costs come on top.
    pub fn prospects(
        &self,
        strategy: StrategyIx,
        side: Side,
        conviction: f64,
        reward_r: f64,
        cost_r: f64,
    ) -> Prospects {
        const Z_95_ONE_SIDED: f64 = 1.645;
        let record = self.buckets[bucket(strategy, side, conviction)];
        let believed = 1.0 / (1.0 + reward_r);
        let n = record.outcomes + PRIOR_OUTCOMES;
        let p = (record.wins + PRIOR_OUTCOMES * believed) / n;
        let prior_wins = PRIOR_OUTCOMES * believed;
        let prior_losses = PRIOR_OUTCOMES - prior_wins;
        let losses = record.outcomes - record.wins;
        Prospects {
            outcomes_effective: record.outcomes,
            win_probability: p,
            win_probability_low: (p - Z_95_ONE_SIDED * (p * (1.0 - p) / n).sqrt()).max(0.0),
            win_r: (record.won_r + prior_wins * (reward_r - cost_r).max(0.0))
                / (record.wins + prior_wins),
            loss_r: (record.lost_r + prior_losses * (1.0 + cost_r)) / (losses + prior_losses),
        }
    }
}

fn bucket(strategy: StrategyIx, side: Side, conviction: f64) -> usize {
    let third = CONVICTION_EDGES.iter().filter(|&&edge| conviction >= edge).count();
    let side = usize::from(side == Side::Short);
    usize::from(strategy.0) * BUCKETS_PER_STRATEGY + side * (CONVICTION_EDGES.len() + 1) + third
}
