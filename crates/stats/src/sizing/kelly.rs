//! The stake that makes wealth grow fastest, and the stakes below it that survive.

/// A bet that wins `payoff` times the stake with probability `p` and otherwise loses the stake.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wager {
    /// Probability to win, 0..1.
    pub p: f64,
    /// Gain per unit staked; positive.
    pub payoff: f64,
}

/// "Wealth ever falls to this fraction with at most this probability."
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DrawdownLimit {
    /// The fraction of the start wealth not to be reached, between 0 and 1.
    pub wealth_fraction: f64,
    /// The probability allowed for it, between 0 and 1.
    pub probability: f64,
}

impl DrawdownLimit {
    /// The risk aversion that keeps the limit: ln probability / ln fraction.
    pub fn aversion(&self) -> f64 {
        libm::log(self.probability) / libm::log(self.wealth_fraction)
    }
}

impl Wager {
    /// The stake, as a fraction of wealth, that makes it grow fastest (Kelly 1956); zero without
    /// an edge.
    pub fn kelly(&self) -> f64 {
        let fraction = self.p - (1.0 - self.p) / self.payoff;
        if fraction > 0.0 { fraction.min(1.0) } else { 0.0 }
    }

    /// Half of [`Wager::kelly`]: three quarters of the growth at half the volatility.
    pub fn half_kelly(&self) -> f64 {
        0.5 * self.kelly()
    }

    /// The expected log growth of wealth per bet at a stake; minus infinity at one that ruins.
    pub fn growth(&self, fraction: f64) -> f64 {
        if fraction == 0.0 {
            return 0.0;
        }
        self.p * libm::log1p(self.payoff * fraction) + (1.0 - self.p) * libm::log1p(-fraction)
    }

    /// The largest stake up to [`Wager::kelly`] that keeps the limit (Busseti, Ryu & Boyd 2016):
    /// there E[(1 + stake x return)^-aversion] is at most one.
    pub fn within_drawdown(&self, limit: &DrawdownLimit) -> f64 {
        let aversion = limit.aversion();
        let keeps = |fraction: f64| {
            let log_cost = |wealth: f64| libm::exp(-aversion * libm::log(wealth));
            let cost = self.p * log_cost(1.0 + self.payoff * fraction)
                + (1.0 - self.p) * log_cost(1.0 - fraction);
            cost <= 1.0
        };
        let most = self.kelly();
        if most <= 0.0 || keeps(most) {
            return most;
        }
        // Convex, one at zero and falling there: it crosses one once, and bisection finds it.
        let (mut low, mut high) = (0.0, most);
        for _ in 0..100 {
            let middle = 0.5 * (low + high);
            if keeps(middle) { low = middle } else { high = middle }
        }
        low
    }

    /// The probability of winning at which the bet is worth nothing.
    pub fn break_even(payoff: f64) -> f64 {
        1.0 / (1.0 + payoff)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAGER: Wager = Wager { p: 0.55, payoff: 1.0 };

    #[test]
    fn no_other_stake_grows_faster_than_kelly() {
        let best = WAGER.growth(WAGER.kelly());
        for stake in [0.02, 0.05, 0.09, 0.11, 0.2, 0.5] {
            assert!(WAGER.growth(stake) < best, "{stake}");
        }
        assert!((WAGER.growth(WAGER.half_kelly()) / best - 0.75).abs() < 0.01);
    }

    #[test]
    fn a_looser_limit_allows_a_larger_stake() {
        let stake = |probability| {
            WAGER.within_drawdown(&DrawdownLimit { wealth_fraction: 0.7, probability })
        };
        assert!(stake(0.01) < stake(0.1) && stake(0.1) < stake(0.5));
        assert_eq!(stake(0.9), WAGER.kelly());
    }

    #[test]
    fn without_an_edge_nothing_is_staked() {
        let poor = Wager { p: 0.3, payoff: 1.0 };
        let limit = DrawdownLimit { wealth_fraction: 0.7, probability: 0.1 };
        assert_eq!((poor.kelly(), poor.within_drawdown(&limit)), (0.0, 0.0));
        assert_eq!(Wager { p: 0.9, payoff: 0.0 }.kelly(), 0.0);
        assert_eq!(WAGER.growth(1.0), f64::NEG_INFINITY);
    }
}
