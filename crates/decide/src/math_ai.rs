//! Math AI (seed 004): from win probability, reward, risk, costs and capital, the size in closed
//! form, with its arithmetic shown.
//!
//! For a bet that wins `b` per unit lost with probability `p`, log growth is greatest at
//! f* = p − (1 − p)/b (Kelly 1956). Here the unit lost is the loss after costs, b is win over loss
//! after costs, and p is a lower bound, so that an edge not proven stakes nothing.

/// What is known of a candidate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Terms {
    /// Estimated win probability.
    pub win_probability: f64,
    /// Its lower bound.
    pub win_probability_low: f64,
    /// What a win brings after costs, fraction of notional.
    pub win_fraction: f64,
    /// What a loss takes after costs, fraction of notional, positive.
    pub loss_fraction: f64,
    /// Capital, quote units.
    pub equity: f64,
    /// The share of Kelly to stake, 0..=1.
    pub kelly_multiplier: f64,
    /// Most equity at risk, whatever Kelly says.
    pub risk_fraction_max: f64,
}

/// The size and every step to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MathAi {
    /// Win over loss, after costs.
    pub payoff: f64,
    /// Win probability at which the bet earns nothing.
    pub break_even: f64,
    /// Kelly fraction at the lower bound; negative where there is no edge.
    pub kelly_fraction: f64,
    /// Equity share to put at risk.
    pub risk_fraction: f64,
    /// Notional, quote units: a loss takes `risk_fraction` of equity.
    pub notional: f64,
    /// Notional over equity.
    pub leverage: f64,
    /// Expected profit per unit of notional at the estimated win probability.
    pub expected_fraction: f64,
    /// Expected profit, quote units.
    pub expected: f64,
}

impl MathAi {
    /// Solves for the size.
    pub fn solve(terms: &Terms) -> MathAi {
        let payoff = terms.win_fraction / terms.loss_fraction;
        let low = terms.win_probability_low;
        let kelly_fraction = if payoff > 0.0 { low - (1.0 - low) / payoff } else { -1.0 };
        let risk_fraction =
            (kelly_fraction * terms.kelly_multiplier).clamp(0.0, terms.risk_fraction_max);
        let notional = terms.equity.max(0.0) * risk_fraction / terms.loss_fraction;
        let p = terms.win_probability;
        let expected_fraction = p * terms.win_fraction - (1.0 - p) * terms.loss_fraction;
        MathAi {
            payoff,
            break_even: 1.0 / (1.0 + payoff),
            kelly_fraction,
            risk_fraction,
            notional,
            leverage: if terms.equity > 0.0 { notional / terms.equity } else { 0.0 },
            expected_fraction,
            expected: expected_fraction * notional,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Seed 004's worked position: 300 quote units at 3×, target 1.6 %, stop 0.8 %.
    fn terms() -> Terms {
        Terms {
            win_probability: 0.55,
            win_probability_low: 0.50,
            win_fraction: 0.016 - 0.001,
            loss_fraction: 0.008 + 0.001,
            equity: 10_000.0,
            kelly_multiplier: 0.25,
            risk_fraction_max: 0.05,
        }
    }

    #[test]
    fn the_arithmetic_is_kelly_on_the_lower_bound() {
        let sized = MathAi::solve(&terms());
        assert!((sized.payoff - 15.0 / 9.0).abs() < 1e-12);
        assert!((sized.break_even - 0.375).abs() < 1e-12);
        assert!((sized.kelly_fraction - 0.20).abs() < 1e-12);
        assert!((sized.risk_fraction - 0.05).abs() < 1e-12);
        assert!((sized.notional * 0.009 - 500.0).abs() < 1e-9, "a loss takes 5 % of equity");
        assert!((sized.expected_fraction - (0.55 * 0.015 - 0.45 * 0.009)).abs() < 1e-12);
    }

    #[test]
    fn kelly_matches_the_reference_where_costs_are_nil() {
        for (p, payoff, kelly) in [(0.55, 1.0, 0.10), (0.40, 1.5, 0.0), (0.60, 2.0, 0.40)] {
            let even = Terms {
                win_probability_low: p,
                win_fraction: payoff * 0.01,
                loss_fraction: 0.01,
                ..terms()
            };
            assert!((MathAi::solve(&even).kelly_fraction - kelly).abs() < 1e-12, "{p} {payoff}");
        }
    }

    #[test]
    fn without_a_proven_edge_nothing_is_staked() {
        let sized = MathAi::solve(&Terms { win_probability_low: 0.37, ..terms() });
        assert!(sized.kelly_fraction < 0.0);
        assert_eq!(sized.notional, 0.0);
    }

    proptest! {
        #[test]
        fn no_loss_takes_more_than_the_most_allowed(low in 0.0..1.0_f64, win in 1e-4..0.2_f64, loss in 1e-4..0.2_f64) {
            let sized = MathAi::solve(&Terms { win_probability_low: low, win_fraction: win, loss_fraction: loss, ..terms() });
            prop_assert!(sized.notional >= 0.0);
            prop_assert!(sized.notional * loss <= 10_000.0 * 0.05 * (1.0 + 1e-12));
        }
    }
}
