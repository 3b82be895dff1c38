//! Hard limits. They only shrink.

use domain::SizingLimit;
use serde::{Deserialize, Serialize};

use crate::Portfolio;

/// What a position and all of them together may not exceed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// One position's value over equity.
    pub position_fraction_max: f64,
    /// All positions' value over equity.
    pub exposure_fraction_max: f64,
    /// The day's loss over the day's first equity at which no more positions are opened.
    pub daily_loss_fraction: f64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            position_fraction_max: 0.50,
            exposure_fraction_max: 2.0,
            daily_loss_fraction: 0.05,
        }
    }
}

/// The notional after limits, quote units, and which one had the last word.
pub fn cap(
    notional: f64,
    notional_min: f64,
    portfolio: &Portfolio<'_>,
    limits: &Limits,
) -> (f64, SizingLimit) {
    let equity = portfolio.equity.max(0.0);
    let lost = portfolio.equity_day_began - portfolio.equity;
    if lost >= limits.daily_loss_fraction * portfolio.equity_day_began {
        return (0.0, SizingLimit::DailyLoss);
    }
    let room = (limits.exposure_fraction_max * equity - portfolio.exposure).max(0.0);
    let mut capped = (notional, SizingLimit::None);
    for (most, limit) in [
        (limits.position_fraction_max * equity, SizingLimit::PositionNotional),
        (room, SizingLimit::GrossExposure),
    ] {
        if capped.0 > most {
            capped = (most, limit);
        }
    }
    if capped.0 < notional_min { (0.0, SizingLimit::NotionalMin) } else { capped }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn portfolio() -> Portfolio<'static> {
        Portfolio {
            equity: 10_000.0,
            equity_day_began: 10_000.0,
            equity_high: 10_000.0,
            holdings: &[],
            regime_entries: 0,
            exposure: 0.0,
            positions: 0,
            positions_on_symbol: 0,
            symbol_traded_at: None,
        }
    }

    #[test]
    fn each_limit_has_its_case() {
        let limits = Limits::default();
        let full = Portfolio { exposure: 19_000.0, ..portfolio() };
        let losing = Portfolio { equity: 9_400.0, ..portfolio() };
        let cases = [
            (4_000.0, portfolio(), (4_000.0, SizingLimit::None)),
            (9_000.0, portfolio(), (5_000.0, SizingLimit::PositionNotional)),
            (4_000.0, full, (1_000.0, SizingLimit::GrossExposure)),
            (4_000.0, losing, (0.0, SizingLimit::DailyLoss)),
            (4.0, portfolio(), (0.0, SizingLimit::NotionalMin)),
        ];
        for (asked, portfolio, expected) in cases {
            assert_eq!(cap(asked, 5.0, &portfolio, &limits), expected);
        }
    }

    proptest! {
        #[test]
        fn limits_only_shrink(asked in 0.0..1e6_f64, exposure in 0.0..1e5_f64, equity in -1e4..1e5_f64) {
            let portfolio = Portfolio { equity, exposure, ..portfolio() };
            let (capped, _) = cap(asked, 5.0, &portfolio, &Limits::default());
            prop_assert!(capped >= 0.0 && capped <= asked);
        }
    }
}
