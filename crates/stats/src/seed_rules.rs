//! What would the seeds' own rules have done? Kept to the letter, as a control: the honesty bench
//! must see them fail. Deployment tiers live in `evolve`.

use serde::{Deserialize, Serialize};

/// The share of outcomes told right that an online update has to exceed (seed 002). A model that knows nothing
/// exceeds it with probability .62 at a hundred outcomes (methods §1.4).
pub const UPDATE_ACCURACY_MIN: f64 = 0.48;
/// Samples without which there is no online update (seed 002).
pub const UPDATE_SAMPLES_MIN: usize = 20;
/// Hours that an online update looks back on (seed 002).
pub const UPDATE_LOOK_BACK_HOURS: u32 = 24;

/// Seed 001 kills a symbol and direction that wins less often than this.
pub const KILL_WIN_RATE: f64 = 0.40;

/// The trades of one symbol and direction.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComboRecord {
    /// How many closed.
    pub trades: u64,
    /// How many of them won.
    pub wins: u64,
    /// What they made together.
    pub pnl: f64,
}

impl ComboRecord {
    /// Seed 001: wins less than 40 % of the time and has lost money. It asks for no minimum.
    pub fn is_killed(&self) -> bool {
        // Division rounds once, so exactly 40 % compares equal to .40.
        self.wins as f64 / (self.trades as f64) < KILL_WIN_RATE && self.pnl < 0.0
    }

    /// The same once `trades_min` trades have closed.
    pub fn is_killed_after(&self, trades_min: u64) -> bool {
        self.trades >= trades_min && self.is_killed()
    }

    /// How often so few wins would be seen if the true win rate were 40 %: one-sided, exact.
    pub fn kill_p_value(&self) -> f64 {
        binomial_cdf(self.wins, self.trades, KILL_WIN_RATE)
    }
}

/// P(X <= wins) for X binomial with `trades` and `win_rate`.
///
/// Terms are taken relative to the largest one and grow from it by their ratios, so neither a
/// factorial nor a power can over- or underflow.
pub fn binomial_cdf(wins: u64, trades: u64, win_rate: f64) -> f64 {
    if wins >= trades || win_rate <= 0.0 {
        return 1.0;
    }
    if win_rate >= 1.0 {
        return 0.0;
    }
    let odds = win_rate / (1.0 - win_rate);
    let mode = (((trades + 1) as f64 * win_rate) as u64).min(trades);
    let (mut below, mut all) = (0.0, 0.0);
    let mut count = |k: u64, term: f64| {
        all += term;
        if k <= wins {
            below += term;
        }
    };
    let mut term = 1.0;
    count(mode, term);
    for k in (0..mode).rev() {
        term *= (k + 1) as f64 / ((trades - k) as f64 * odds);
        count(k, term);
    }
    term = 1.0;
    for k in mode + 1..=trades {
        term *= (trades - k + 1) as f64 * odds / k as f64;
        count(k, term);
    }
    below / all
}

/// How far a signal's weight may move (seed 001: 20 % once 50 outcomes are in).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct WeightRule {
    /// The greatest relative change in one update.
    pub step_fraction: f64,
    /// Below so many outcomes nothing moves at all.
    pub outcomes_min: u64,
}

impl WeightRule {
    /// The weight after the rule has had its say about a proposed one.
    pub fn bound(&self, weight: f64, proposed: f64, outcomes: u64) -> f64 {
        if outcomes < self.outcomes_min || proposed.is_nan() {
            return weight;
        }
        let step = (weight * self.step_fraction).abs();
        proposed.max(weight - step).min(weight + step)
    }
}

/// An exponentially weighted mean of signed moves (seed 001's "EV"), as the seed has it and
/// without its start-up bias.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ewma {
    alpha: f64,
    start: f64,
    raw: f64,
    start_share: f64,
}

impl Ewma {
    /// Each value enters with weight `alpha`; before the first one the mean is `start`.
    pub fn new(alpha: f64, start: f64) -> Ewma {
        Ewma { alpha, start, raw: start, start_share: 1.0 }
    }

    /// Takes in one value.
    pub fn observe(&mut self, value: f64) {
        self.raw = (1.0 - self.alpha) * self.raw + self.alpha * value;
        self.start_share *= 1.0 - self.alpha;
    }

    /// The mean as the seed writes it, pulled towards the start.
    pub fn raw(&self) -> f64 {
        self.raw
    }

    /// The mean of what was seen alone; `None` before the first value.
    pub fn debiased(&self) -> Option<f64> {
        let seen_share = 1.0 - self.start_share;
        (seen_share > 0.0).then(|| (self.raw - self.start * self.start_share) / seen_share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_binomial_adds_up_at_both_ends() {
        assert_eq!(binomial_cdf(10, 10, 0.4), 1.0);
        assert_eq!(binomial_cdf(0, 0, 0.4), 1.0);
        assert!((binomial_cdf(0, 10, 0.4) - libm::pow(0.6, 10.0)).abs() < 1e-15);
        // One in a very long row of trades: terms far from the mode vanish instead of overflowing.
        assert!((binomial_cdf(40_000, 100_000, 0.4) - 0.5).abs() < 2e-3);
    }

    #[test]
    fn forty_percent_of_trades_is_not_less_than_forty_percent() {
        for trades in 1..2_000 {
            let record = ComboRecord { trades: 5 * trades, wins: 2 * trades, pnl: -1.0 };
            assert!(!record.is_killed(), "{record:?}");
        }
    }
}
