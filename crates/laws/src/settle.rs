//! What a closed position earned, in fractions of its entry and in units of its risk.

use domain::Side;

use crate::Costs;

/// A position from its entry to its end, at fill prices, spread and slippage within.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RoundTrip {
    /// Which way.
    pub side: Side,
    /// Entry price.
    pub entry: f64,
    /// What one unit of it brought at its end: the mean of the exit prices by their shares.
    pub exit: f64,
    /// The part of `exit` on which the venue charged a fee: all of it, unless it took the margin.
    pub exit_charged: f64,
    /// Funding paid, fraction of the entry price.
    pub funding_fraction: f64,
    /// The initial risk, fraction of the entry price.
    pub stop_fraction: f64,
}

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

/// Settles a position.
pub fn settle(costs: &Costs, trip: &RoundTrip) -> Settled {
    let gross_fraction = trip.side.sign() * (trip.exit / trip.entry - 1.0);
    let fee_fraction = costs.fee(1.0 + trip.exit_charged / trip.entry);
    let net_fraction = gross_fraction - fee_fraction - trip.funding_fraction;
    Settled { net_fraction, fee_fraction, r: net_fraction / trip.stop_fraction }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trip(side: Side, exit: f64) -> RoundTrip {
        RoundTrip {
            side,
            entry: 100.0,
            exit,
            exit_charged: exit,
            funding_fraction: 0.0,
            stop_fraction: 0.02,
        }
    }

    #[test]
    fn a_stop_at_the_planned_price_loses_one_r_and_the_costs() {
        let costs = Costs::default();
        let settled = settle(&costs, &trip(Side::Long, 98.0));
        assert!((settled.r + 1.0 + 0.0004 * 1.98 / 0.02).abs() < 1e-12, "{settled:?}");
        let mirrored = settle(&costs, &trip(Side::Short, 102.0));
        assert!(mirrored.r < -1.0);
    }

    #[test]
    fn funding_is_paid_out_of_the_result() {
        let costs = Costs::default();
        let free = settle(&costs, &trip(Side::Long, 103.0));
        let paid =
            settle(&costs, &RoundTrip { funding_fraction: 0.001, ..trip(Side::Long, 103.0) });
        assert!((free.net_fraction - paid.net_fraction - 0.001).abs() < 1e-15);
        assert_eq!(free.fee_fraction, paid.fee_fraction);
    }
}
