//! What similar candidates have come to, executed or declined, so that a size can rest on it.

use domain::{Calibration, Outcome, Regime, Side, StrategyIx};
use serde::{Deserialize, Serialize};

/// Candidates are alike when strategy, side and third of conviction are the same.
const CONVICTION_EDGES: [f64; 2] = [0.40, 0.60];
const KINDS_PER_STRATEGY: usize = 2 * (CONVICTION_EDGES.len() + 1);
const REGIMES: usize = Regime::ALL.len();

/// Weight of the starting belief, in outcomes. Chosen: well below the 50 that anything may rest on.
const PRIOR_OUTCOMES: f64 = 20.0;

/// The most outcomes that all other regimes together may count for. Chosen: win probabilities of
/// regimes then differ by a standard deviation of seven points at one half, √(¼ / 51). It is also
/// the 50 from which a record may refuse, so that other regimes alone never refuse.
const BORROWED_OUTCOMES_MAX: f64 = 50.0;

/// A calibration is read as no surer than this. Chosen: no conviction wins, or loses, always.
const CALIBRATED: std::ops::RangeInclusive<f64> = 0.01..=0.99;

/// Standard errors from a mean to its one-sided 95 % bound.
pub(crate) const Z_95_ONE_SIDED: f64 = 1.645;

/// What one kind of candidate has come to in one regime; every outcome weighs its uniqueness.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Bucket {
    outcomes: f64,
    wins: f64,
    won_r: f64,
    lost_r: f64,
}

impl Bucket {
    fn add(&mut self, other: &Bucket, weight: f64) {
        self.outcomes += other.outcomes * weight;
        self.wins += other.wins * weight;
        self.won_r += other.won_r * weight;
        self.lost_r += other.lost_r * weight;
    }
}

/// A candidate, as far as it matters what similar ones have come to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Question<'a> {
    /// Whose candidate.
    pub strategy: StrategyIx,
    /// Which way.
    pub side: Side,
    /// How strongly the heads lean.
    pub conviction: f64,
    /// The symbol's regime.
    pub regime: Regime,
    /// The move hoped for, in units of initial risk.
    pub reward_r: f64,
    /// What a round trip is expected to take, in units of initial risk.
    pub cost_r: f64,
    /// What a conviction is worth to the strategy, as far as it has been learned.
    pub calibration: Option<&'a Calibration>,
}

/// By what measure the record of similar candidates may refuse one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HistoryRule {
    /// Once there is evidence that it would lose after costs.
    #[default]
    Evidence,
    /// Below a win rate of 60 %, to the letter of seed 003.
    Seed,
}

/// What is to be expected of a candidate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prospects {
    /// Outcomes behind it, overlap discounted.
    pub outcomes_effective: f64,
    /// Of these the share that won; nothing before the first.
    pub win_rate: Option<f64>,
    /// Estimated probability of ending above zero after costs.
    pub win_probability: f64,
    /// Its one-sided 95 % lower bound.
    pub win_probability_low: f64,
    /// What a win brings, in units of initial risk.
    pub win_r: f64,
    /// What a loss takes, in units of initial risk, positive.
    pub loss_r: f64,
}

impl Prospects {
    /// The one-sided 95 % upper bound of the win probability.
    pub fn win_probability_high(&self) -> f64 {
        (self.win_probability + self.bound_half_width()).min(1.0)
    }

    /// The win probability at which it earns nothing: of its own stop, target and costs, and the more
    /// there is a record, of what wins have brought and losses taken.
    pub fn break_even(&self) -> f64 {
        self.loss_r / (self.win_r + self.loss_r)
    }

    fn bound_half_width(&self) -> f64 {
        half_width(self.win_probability, self.outcomes_effective + PRIOR_OUTCOMES)
    }
}

fn half_width(p: f64, outcomes: f64) -> f64 {
    Z_95_ONE_SIDED * (p * (1.0 - p) / outcomes).sqrt()
}

/// Records of all kinds of candidates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct History {
    kinds: Vec<[Bucket; REGIMES]>,
}

impl History {
    /// No record yet of so many strategies.
    pub fn new(strategies: usize) -> History {
        History { kinds: vec![[Bucket::default(); REGIMES]; strategies * KINDS_PER_STRATEGY] }
    }

    /// Hears how a decision turned out. Those struck or across missing bars must not arrive here.
    pub fn observe(&mut self, outcome: &Outcome) {
        let kind = kind(outcome.strategy, outcome.side, outcome.conviction);
        let bucket = &mut self.kinds[kind][outcome.climate.regime.at()];
        bucket.outcomes += outcome.uniqueness;
        if outcome.won() {
            bucket.wins += outcome.uniqueness;
            bucket.won_r += outcome.uniqueness * outcome.r;
        } else {
            bucket.lost_r -= outcome.uniqueness * outcome.r;
        }
    }

    /// What a candidate may expect: the record, and before there is one a belief. That is what its
    /// conviction has been worth to the strategy where that is known, else a market without edge, in
    /// which the target is reached first with probability risk / (reward + risk). Costs come on top.
    pub fn prospects(&self, asked: &Question<'_>) -> Prospects {
        let record = self.record(asked);
        let prior_wins = PRIOR_OUTCOMES * believed(asked);
        let prior_losses = PRIOR_OUTCOMES - prior_wins;
        let n = record.outcomes + PRIOR_OUTCOMES;
        let p = (record.wins + prior_wins) / n;
        let (win_r, loss_r) = ((asked.reward_r - asked.cost_r).max(0.0), 1.0 + asked.cost_r);
        let losses = record.outcomes - record.wins;
        Prospects {
            outcomes_effective: record.outcomes,
            win_rate: (record.outcomes > 0.0).then(|| record.wins / record.outcomes),
            win_probability: p,
            win_probability_low: (p - half_width(p, n)).max(0.0),
            win_r: (record.won_r + prior_wins * win_r) / (record.wins + prior_wins),
            loss_r: (record.lost_r + prior_losses * loss_r) / (losses + prior_losses),
        }
    }

    /// The record in the same regime, and that of other regimes as far as it may be borrowed: N
    /// outcomes elsewhere weigh k / (k + N) each, k together at most. That is the posterior mean of a
    /// beta-binomial whose prior is centred on the others (Efron and Morris 1975), discounted for
    /// how well that centre is known.
    fn record(&self, asked: &Question<'_>) -> Bucket {
        let regimes = &self.kinds[kind(asked.strategy, asked.side, asked.conviction)];
        let own = asked.regime.at();
        let mut elsewhere = Bucket::default();
        for (at, bucket) in regimes.iter().enumerate() {
            if at != own {
                elsewhere.add(bucket, 1.0);
            }
        }
        let weight = BORROWED_OUTCOMES_MAX / (BORROWED_OUTCOMES_MAX + elsewhere.outcomes);
        let mut record = regimes[own];
        record.add(&elsewhere, weight);
        record
    }
}

fn believed(asked: &Question<'_>) -> f64 {
    let calibrated = asked.calibration.and_then(|known| known.probability(asked.conviction));
    match calibrated {
        Some(p) => p.clamp(*CALIBRATED.start(), *CALIBRATED.end()),
        None => 1.0 / (1.0 + asked.reward_r),
    }
}

fn kind(strategy: StrategyIx, side: Side, conviction: f64) -> usize {
    let third = CONVICTION_EDGES.iter().filter(|&&edge| conviction >= edge).count();
    let side = usize::from(side == Side::Short);
    usize::from(strategy.0) * KINDS_PER_STRATEGY + side * (CONVICTION_EDGES.len() + 1) + third
}
