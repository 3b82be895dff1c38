//! Math AI (seed 004): from win probability, target, stop, costs and capital, the size, the leverage
//! and what may be expected, in closed form, with its arithmetic shown.
//!
//! For a bet that wins `b` per unit lost with probability `p`, log growth is greatest at
//! f* = p − (1 − p)/b (Kelly 1956). Here the unit lost is the loss after costs, b is win over loss
//! after costs, and p is a lower bound, so that an edge not proven stakes nothing.

use domain::Margin;
use stats::sizing::{DrawdownLimit, Wager};

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
    /// Stop distance, fraction of the entry price.
    pub stop_fraction: f64,
    /// Target distance, fraction of the entry price, if there is a target.
    pub target_fraction: Option<f64>,
    /// What a round trip costs, fraction of notional; within the win and the loss already.
    pub cost_fraction: f64,
    /// What the venue lends, and when it takes it back.
    pub margin: Margin,
    /// Liquidation lies at least this many stop distances away.
    pub liquidation_stops: f64,
    /// Capital, quote units.
    pub equity: f64,
    /// The share of Kelly to stake, 0..=1.
    pub kelly_multiplier: f64,
    /// Most equity at risk, whatever Kelly says.
    pub risk_fraction_max: f64,
    /// The fall that is to stay unlikely.
    pub drawdown: DrawdownLimit,
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
    /// Half of it, zero where there is no edge.
    pub half_kelly: f64,
    /// The most that keeps the fall unlikely, at the lower bound; zero where there is no edge.
    pub drawdown_fraction: f64,
    /// Equity share to put at risk.
    pub risk_fraction: f64,
    /// Notional, quote units: a loss takes `risk_fraction` of equity.
    pub notional: f64,
    /// Notional over equity.
    pub leverage: f64,
    /// The greatest leverage at which liquidation lies far enough beyond the stop.
    pub leverage_max: f64,
    /// Costs of the round trip, quote units.
    pub cost: f64,
    /// Expected profit per unit of notional at the estimated win probability.
    pub expected_fraction: f64,
    /// Expected profit, quote units.
    pub expected: f64,
}

/// One line of the arithmetic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// What it is.
    pub what: &'static str,
    /// How it is computed.
    pub how: &'static str,
    /// What comes of it.
    pub value: f64,
}

impl MathAi {
    /// Solves for the size.
    pub fn solve(terms: &Terms) -> MathAi {
        let payoff = terms.win_fraction / terms.loss_fraction;
        let low = terms.win_probability_low;
        let kelly = kelly_fraction(low, payoff);
        let drawdown_fraction = Wager { p: low, payoff }.within_drawdown(&terms.drawdown);
        let risk_fraction = (kelly * terms.kelly_multiplier)
            .min(drawdown_fraction)
            .clamp(0.0, terms.risk_fraction_max);
        let notional = terms.equity.max(0.0) * risk_fraction / terms.loss_fraction;
        let p = terms.win_probability;
        let expected_fraction = p * terms.win_fraction - (1.0 - p) * terms.loss_fraction;
        MathAi {
            payoff,
            break_even: 1.0 / (1.0 + payoff),
            kelly_fraction: kelly,
            half_kelly: (0.5 * kelly).max(0.0),
            drawdown_fraction,
            risk_fraction,
            notional,
            leverage: if terms.equity > 0.0 { notional / terms.equity } else { 0.0 },
            leverage_max: leverage_max(&terms.margin, terms.stop_fraction, terms.liquidation_stops),
            cost: terms.cost_fraction * notional,
            expected_fraction,
            expected: expected_fraction * notional,
        }
    }

    /// The arithmetic, line by line; sizers and limits come after it.
    pub fn steps(&self, terms: &Terms) -> Vec<Step> {
        let step = |what, how, value| Step { what, how, value };
        let mut steps = vec![
            step("stop", "distance over entry price", terms.stop_fraction),
            step("costs", "fees, spread and slippage of a round trip", terms.cost_fraction),
            step("win", "mean win after costs over notional", terms.win_fraction),
            step("loss", "mean loss after costs over notional", terms.loss_fraction),
            step("payoff", "win / loss", self.payoff),
            step("break-even", "1 / (1 + payoff)", self.break_even),
            step("win probability, at least", "95 % lower bound", terms.win_probability_low),
            step("kelly", "p − (1 − p) / payoff", self.kelly_fraction),
            step("half kelly", "kelly / 2, at least 0", self.half_kelly),
            step("drawdown bound", "most f with E[(1 + fX)^−λ] ≤ 1", self.drawdown_fraction),
            step("risk", "kelly × multiplier, at most bound and cap", self.risk_fraction),
            step("notional", "equity × risk / loss", self.notional),
            step("leverage", "notional / equity", self.leverage),
            step("leverage, at most", "1 / (maintenance + stops × stop)", self.leverage_max),
            step("cost", "costs × notional", self.cost),
            step("expected", "(p × win − (1 − p) × loss) × notional", self.expected),
        ];
        if let Some(target) = terms.target_fraction {
            steps.insert(1, step("target", "distance over entry price", target));
        }
        steps
    }
}

/// The share of wealth at which log growth is greatest; negative where the bet loses, and −1, all of
/// it, where nothing can be won.
pub fn kelly_fraction(probability: f64, payoff: f64) -> f64 {
    if payoff > 0.0 { probability - (1.0 - probability) / payoff } else { -1.0 }
}

/// The greatest leverage at which the venue's liquidation lies at least `liquidation_stops` stop
/// distances from entry: 1/L − maintenance = stops × stop.
pub(crate) fn leverage_max(margin: &Margin, stop_fraction: f64, liquidation_stops: f64) -> f64 {
    let needed = f64::from(margin.maintenance_bps) * 1e-4 + liquidation_stops * stop_fraction;
    let lent = f64::from(margin.leverage_max);
    if needed > 0.0 { lent.min(1.0 / needed) } else { lent }
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
            stop_fraction: 0.008,
            target_fraction: Some(0.016),
            cost_fraction: 0.001,
            margin: Margin { leverage_max: 20, maintenance_bps: 50 },
            liquidation_stops: 1.5,
            equity: 10_000.0,
            kelly_multiplier: 0.25,
            risk_fraction_max: 0.05,
            drawdown: DrawdownLimit { wealth_fraction: 0.7, probability: 0.1 },
        }
    }

    #[test]
    fn the_arithmetic_is_kelly_on_the_lower_bound() {
        let sized = MathAi::solve(&terms());
        assert!((sized.payoff - 15.0 / 9.0).abs() < 1e-12);
        assert!((sized.break_even - 0.375).abs() < 1e-12);
        assert!((sized.kelly_fraction - 0.20).abs() < 1e-12);
        assert!((sized.half_kelly - 0.10).abs() < 1e-12);
        assert!((sized.risk_fraction - 0.05).abs() < 1e-12);
        assert!((sized.notional * 0.009 - 500.0).abs() < 1e-9, "a loss takes 5 % of equity");
        assert!((sized.cost - 0.001 * sized.notional).abs() < 1e-9);
        assert!((sized.expected_fraction - (0.55 * 0.015 - 0.45 * 0.009)).abs() < 1e-12);
        assert!(
            (sized.leverage_max - 20.0).abs() < 1e-12,
            "1 / (0.5 % + 1.2 %) is more than is lent"
        );
    }

    /// The seed says 300 quote units at 3×, and 422 expected: more than the 14.40 of every single win.
    #[test]
    fn the_seeds_position_cannot_expect_what_the_seed_says() {
        let notional = 300.0 * 3.0;
        let sized = MathAi::solve(&terms());
        assert!((notional * 0.016 - 14.4_f64).abs() < 1e-9);
        assert!(sized.expected_fraction * notional < 4.0);
    }

    #[test]
    fn half_kelly_needs_the_drawdown_bound() {
        let half = Terms { kelly_multiplier: 0.5, risk_fraction_max: 1.0, ..terms() };
        let sized = MathAi::solve(&half);
        assert!(sized.drawdown_fraction < sized.half_kelly, "{sized:?}");
        assert_eq!(sized.risk_fraction, sized.drawdown_fraction);
        let quarter = MathAi::solve(&Terms { kelly_multiplier: 0.25, ..half });
        assert_eq!(quarter.risk_fraction, 0.25 * quarter.kelly_fraction);
    }

    #[test]
    fn without_a_proven_edge_nothing_is_staked() {
        let sized = MathAi::solve(&Terms { win_probability_low: 0.37, ..terms() });
        assert!(sized.kelly_fraction < 0.0);
        assert_eq!((sized.notional, sized.half_kelly, sized.drawdown_fraction), (0.0, 0.0, 0.0));
    }

    #[test]
    fn the_steps_lead_from_stop_and_target_to_what_is_expected() {
        let sized = MathAi::solve(&terms());
        let steps = sized.steps(&terms());
        let named = |what| steps.iter().find(|step| step.what == what).map(|step| step.value);
        assert_eq!(named("target"), Some(0.016));
        assert_eq!(named("kelly"), Some(sized.kelly_fraction));
        assert_eq!(steps.last().unwrap().value, sized.expected);
        let without = Terms { target_fraction: None, ..terms() };
        assert_eq!(sized.steps(&without).len(), steps.len() - 1);
    }

    proptest! {
        #[test]
        fn no_loss_takes_more_than_the_most_allowed(low in 0.0..1.0_f64, win in 1e-4..0.2_f64, loss in 1e-4..0.2_f64) {
            let sized = MathAi::solve(&Terms { win_probability_low: low, win_fraction: win, loss_fraction: loss, ..terms() });
            prop_assert!(sized.notional >= 0.0);
            prop_assert!(sized.notional * loss <= 10_000.0 * 0.05 * (1.0 + 1e-12));
        }

        #[test]
        fn liquidation_lies_beyond_the_stop_at_the_greatest_leverage(stop in 1e-4..0.3_f64, lent in 1_u32..126, maintenance_bps in 0_u32..500) {
            let margin = Margin { leverage_max: lent, maintenance_bps };
            let most = leverage_max(&margin, stop, 1.5);
            prop_assert!(most > 0.0 && most <= f64::from(lent));
            if most >= 1.0 {
                prop_assert!(margin.liquidation_fraction(most) >= 1.5 * stop - 1e-12);
            }
        }
    }
}
