//! What a closed position earned, in fractions of its entry and in units of its risk.

use domain::Side;

use crate::Costs;

/// A result after costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settled {
    /// Net result as a fraction of the entry price.
    pub net_fraction: f64,
    /// Fees on both sides as a fraction of the entry price.
    pub fee_fraction: f64,
    /// Net result in units of initial risk.
    pub r: f64,
}

/// Settles a position entered and left at these fill prices, spread and slippage within.
pub fn settle(costs: &Costs, side: Side, entry: f64, exit: f64, stop_fraction: f64) -> Settled {
    let gross_fraction = side.sign() * (exit / entry - 1.0);
    let fee_fraction = costs.fee(1.0 + exit / entry);
    let net_fraction = gross_fraction - fee_fraction;
    Settled { net_fraction, fee_fraction, r: net_fraction / stop_fraction }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_at_the_planned_price_loses_one_r_and_the_costs() {
        let costs = Costs::default();
        let settled = settle(&costs, Side::Long, 100.0, 98.0, 0.02);
        assert!((settled.r + 1.0 + 0.0004 * 1.98 / 0.02).abs() < 1e-12, "{settled:?}");
        let mirrored = settle(&costs, Side::Short, 100.0, 102.0, 0.02);
        assert!(mirrored.r < -1.0);
    }
}
