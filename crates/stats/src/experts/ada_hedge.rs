//! AdaHedge: Hedge that finds its own rate.

use super::{least, mixed, softmax, uniform};
use serde::{Deserialize, Serialize};

/// Hedge at the rate ln n / mixability gap so far (de Rooij, van Erven, Grunwald & Koolen 2014).
/// Its regret is at most twice that gap, whatever the losses were.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AdaHedge {
    losses: Vec<f64>,
    own_loss: f64,
    gap: f64,
    range_most: f64,
    least_sum: f64,
    most_sum: f64,
}

impl AdaHedge {
    /// Equal weights for `experts` experts.
    pub fn new(experts: usize) -> AdaHedge {
        AdaHedge {
            losses: vec![0.0; experts],
            own_loss: 0.0,
            gap: 0.0,
            range_most: 0.0,
            least_sum: 0.0,
            most_sum: 0.0,
        }
    }

    /// The weights to predict the next round with. While there is no gap yet, the leaders share.
    pub fn weights(&self) -> Vec<f64> {
        match self.rate() {
            Some(rate) => softmax(&self.losses.iter().map(|l| -rate * l).collect::<Vec<_>>()),
            None => self.leaders(),
        }
    }

    /// Takes in what each expert lost in one round.
    pub fn observe(&mut self, losses: &[f64]) {
        if losses.is_empty() {
            return;
        }
        let own = mixed(&self.weights(), losses);
        let floor = least(losses);
        let ceiling = losses.iter().fold(f64::MIN, |most, &l| most.max(l));
        // The rate is that of the weights just used, for both sides of the difference.
        let rate = self.rate();
        let before = mixability(&self.losses, rate);
        self.losses.iter_mut().zip(losses).for_each(|(sum, loss)| *sum += loss);
        let mix = mixability(&self.losses, rate) - before;
        // The gap is never negative; rounding may say otherwise.
        self.gap += (own - mix).max(0.0);
        self.own_loss += own;
        self.range_most = self.range_most.max(ceiling - floor);
        self.least_sum += floor;
        self.most_sum += ceiling;
    }

    /// The summed loss of the weighted mixture.
    pub fn own_loss(&self) -> f64 {
        self.own_loss
    }

    /// The summed mixability gap.
    pub fn mixability_gap(&self) -> f64 {
        self.gap
    }

    /// By how much the best single expert would have done better.
    pub fn regret(&self) -> f64 {
        self.own_loss - least(&self.losses)
    }

    /// The regret it cannot exceed on the losses seen (de Rooij et al. 2014, theorem 8):
    /// 2 sqrt(S (L+ - L*)(L* - L-) / (L+ - L-) ln n) + S (16/3 ln n + 2).
    pub fn regret_bound(&self) -> f64 {
        let best = least(&self.losses);
        let width = self.most_sum - self.least_sum;
        let log_n = libm::log(self.losses.len().max(1) as f64);
        let inner = if width > 0.0 {
            (self.most_sum - best).max(0.0) * (best - self.least_sum).max(0.0) / width
        } else {
            0.0
        };
        2.0 * libm::sqrt(self.range_most * inner * log_n)
            + self.range_most * (16.0 / 3.0 * log_n + 2.0)
    }

    /// `None` stands for an infinite rate: follow the leader.
    fn rate(&self) -> Option<f64> {
        (self.gap > 0.0).then(|| libm::log(self.losses.len() as f64) / self.gap)
    }

    fn leaders(&self) -> Vec<f64> {
        let best = least(&self.losses);
        let count = self.losses.iter().filter(|&&loss| loss == best).count();
        if count == 0 {
            return uniform(self.losses.len());
        }
        let share = 1.0 / count as f64;
        self.losses.iter().map(|&loss| if loss == best { share } else { 0.0 }).collect()
    }
}

/// The loss of the best mixture in hindsight at this rate: -1/rate ln of the mean of
/// exp(-rate * loss). Taken from the least loss upwards, so that a vanished weight is no division
/// by zero.
fn mixability(losses: &[f64], rate: Option<f64>) -> f64 {
    let best = least(losses);
    let Some(rate) = rate else {
        return best;
    };
    let kept: f64 = losses.iter().map(|loss| libm::exp(-rate * (loss - best))).sum();
    best - libm::log(kept / losses.len() as f64) / rate
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hair_of_a_gap_does_not_hide_the_next_surprise() {
        // Equal losses leave a gap of rounding size and with it a rate near 1e16.
        let mut learner = AdaHedge::new(3);
        for round in [[0.3, 0.3, 0.3], [0.0, 0.5, 0.5], [1.0, 0.0, 1.0], [1.0, 0.0, 1.0]] {
            learner.observe(&round);
        }
        assert!(learner.mixability_gap() > 0.5, "{}", learner.mixability_gap());
        assert!(learner.regret() <= 2.0 * learner.mixability_gap() + 1e-12);
        assert!((learner.weights().iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_regret_keeps_its_promise_on_a_switching_world() {
        let mut learner = AdaHedge::new(2);
        for round in 0..2_000 {
            let first = if round < 1_000 { 0.4 } else { 0.7 };
            learner.observe(&[first, 0.5 + 0.4 * f64::from(round % 2)]);
        }
        assert!(learner.regret() <= 2.0 * learner.mixability_gap());
        assert!(learner.regret() <= learner.regret_bound());
    }
}
