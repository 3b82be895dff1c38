//! What is traded, and exact money.

use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};
use serde::{Deserialize, Serialize};

use crate::{Bar, Calendar, Interval, Side, Timestamp};

/// Quote units owed or owned, exact.
pub type Money = Decimal;
/// Quote units per base unit, exact, a multiple of the instrument's tick.
pub type Price = Decimal;
/// Base units, exact, a multiple of the instrument's step.
pub type Quantity = Decimal;

/// A symbol's place in a run, in the order of names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SymbolIx(pub u16);

impl SymbolIx {
    /// As an index into lists kept per symbol.
    pub const fn at(self) -> usize {
        self.0 as usize
    }
}

/// What sort of thing it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstrumentKind {
    /// Bought and owned.
    #[default]
    Spot,
    /// A contract without an end, kept near the spot by funding.
    Perpetual,
    /// A share.
    Equity,
    /// A pair of currencies.
    Fx,
}

impl InstrumentKind {
    /// Every kind, as configurations write it.
    pub const ALL: [InstrumentKind; 4] = [
        InstrumentKind::Spot,
        InstrumentKind::Perpetual,
        InstrumentKind::Equity,
        InstrumentKind::Fx,
    ];

    /// As it is written everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            InstrumentKind::Spot => "spot",
            InstrumentKind::Perpetual => "perpetual",
            InstrumentKind::Equity => "equity",
            InstrumentKind::Fx => "fx",
        }
    }
}

/// What a venue lends, and when it takes it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Margin {
    /// Most notional over margin.
    pub leverage_max: u32,
    /// Margin below this share of notional, basis points, is taken by the venue.
    pub maintenance_bps: u32,
}

impl Margin {
    /// A position paid for in full; one may be short of it, and then lose at most what it was worth.
    pub const NONE: Margin = Margin { leverage_max: 1, maintenance_bps: 0 };

    /// How far price may go against a position of this leverage before the venue takes its margin,
    /// fraction of the entry price.
    pub fn liquidation_fraction(&self, leverage: f64) -> f64 {
        (1.0 / leverage.max(1.0) - f64::from(self.maintenance_bps) * 1e-4).max(0.0)
    }
}

/// A tradable thing and the grid its prices and sizes lie on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instrument {
    /// Its name at the venue, `BTCUSDT`.
    pub symbol: String,
    /// The length of its bars.
    pub interval: Interval,
    /// When it trades.
    pub calendar: Calendar,
    /// Smallest price difference.
    pub tick: Price,
    /// Smallest size difference.
    pub step: Quantity,
    /// Smallest order value in quote units; the seeds' venues use 5.
    pub notional_min: Money,
    /// What sort of thing it is.
    pub kind: InstrumentKind,
    /// What the venue lends on it.
    pub margin: Margin,
    /// Whether its bars tell volumes. Where they do not, nothing can be said of how much could be filled.
    pub has_volume: bool,
}

impl Instrument {
    /// How many bars are missing inside a session before `bar`, after one that closed at `closed_at`.
    pub fn bars_missing(&self, closed_at: Timestamp, bar: &Bar) -> u32 {
        if closed_at == bar.opened_at() {
            return 0;
        }
        self.calendar.bars_missing(closed_at, bar.opened_at(), self.interval)
    }

    /// An estimated price put on the tick grid, to the nearest tick and never to zero.
    pub fn price(&self, estimated: f64) -> Price {
        whole(self.grid().ticks_near(estimated)) * self.tick
    }

    /// A price paid (long) or got (short) put on the grid against us: rounding creates no money.
    pub fn price_against(&self, side: Side, estimated: f64) -> Price {
        whole(self.grid().ticks_against(side, estimated)) * self.tick
    }

    /// Its tick grid for estimates.
    pub fn grid(&self) -> Grid {
        Grid { tick: estimate(self.tick) }
    }

    /// An estimated size cut down to the step grid: rounding never buys more than was meant.
    pub fn quantity(&self, estimated: f64) -> Quantity {
        let steps = whole((estimated / estimate(self.step)).floor());
        steps.max(Decimal::ZERO) * self.step
    }
}

/// The tick grid in estimates, for what is followed and not owned.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Grid {
    tick: f64,
}

impl Grid {
    /// The smallest price difference.
    pub const fn tick(&self) -> f64 {
        self.tick
    }

    /// As [`Instrument::price`].
    pub fn near(&self, estimated: f64) -> f64 {
        self.ticks_near(estimated) * self.tick
    }

    /// As [`Instrument::price_against`].
    pub fn against(&self, side: Side, estimated: f64) -> f64 {
        self.ticks_against(side, estimated) * self.tick
    }

    fn ticks_near(&self, estimated: f64) -> f64 {
        (estimated / self.tick).round().max(1.0)
    }

    fn ticks_against(&self, side: Side, estimated: f64) -> f64 {
        // A price that lies on the grid up to the last bits of an estimate is on it.
        const ON_THE_GRID: f64 = 1e-9;
        let ticks = estimated / self.tick;
        let slack = ON_THE_GRID * ticks.abs().max(1.0);
        let count = match side {
            Side::Long => (ticks - slack).ceil(),
            Side::Short => (ticks + slack).floor(),
        };
        count.max(1.0)
    }
}

/// A whole number of ticks or steps, exact as far as a `f64` counts without holes.
fn whole(count: f64) -> Decimal {
    const COUNTS_WITHOUT_HOLES: f64 = 9_007_199_254_740_992.0;
    if count.abs() < COUNTS_WITHOUT_HOLES { Decimal::from(count as i64) } else { decimal(count) }
}

/// An estimate as an exact number; what cannot be money (not finite, beyond 7.9·10²⁸) is zero.
pub fn decimal(estimate: f64) -> Decimal {
    Decimal::from_f64(estimate).unwrap_or_default()
}

/// An exact number as an estimate, for statistics only.
pub fn estimate(exact: Decimal) -> f64 {
    exact.to_f64().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn instrument() -> Instrument {
        Instrument {
            symbol: "BTCUSDT".to_owned(),
            interval: Interval::HOUR,
            calendar: Calendar::Always,
            tick: Decimal::new(1, 2),
            step: Decimal::new(1, 5),
            notional_min: Decimal::new(5, 0),
            kind: InstrumentKind::Spot,
            margin: Margin::NONE,
            has_volume: true,
        }
    }

    proptest! {
        #[test]
        fn a_size_is_never_rounded_up(estimate_base in 0.0..1e6_f64) {
            let cut = estimate(instrument().quantity(estimate_base));
            prop_assert!(cut <= estimate_base * (1.0 + 1e-12));
            prop_assert!(estimate_base - cut < 1e-5 + 1e-9 * estimate_base);
        }

        #[test]
        fn a_price_lies_on_the_grid_and_above_zero(raw in 1e-6..1e6_f64) {
            let price = instrument().price(raw);
            prop_assert!(price > Decimal::ZERO);
            prop_assert_eq!(price % instrument().tick, Decimal::ZERO);
        }
    }

    #[test]
    fn what_is_paid_rounds_up_and_what_is_got_rounds_down() {
        let instrument = instrument();
        assert_eq!(instrument.price_against(Side::Long, 100.001), Decimal::new(10_001, 2));
        assert_eq!(instrument.price_against(Side::Short, 100.009), Decimal::new(10_000, 2));
        for (side, raw) in [(Side::Long, 100.001), (Side::Short, 7.777)] {
            let exact = estimate(instrument.price_against(side, raw));
            assert!((instrument.grid().against(side, raw) - exact).abs() < 1e-12);
        }
        for side in [Side::Long, Side::Short] {
            assert_eq!(instrument.price_against(side, 98.01), Decimal::new(9_801, 2));
        }
    }

    #[test]
    fn what_cannot_be_money_is_zero() {
        for odd in [f64::NAN, f64::INFINITY, 1e300] {
            assert_eq!(decimal(odd), Decimal::ZERO);
        }
    }
}
