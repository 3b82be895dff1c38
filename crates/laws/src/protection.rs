//! What a bar does to what the venue holds for a position: its stop, its target, the part that leaves
//! early, and the price at which its margin is gone.

use domain::{Bar, ExitPlan, Grid, PartialExit, Protection, Side};
use serde::{Deserialize, Serialize};

/// What a plan asks the venue to hold.
pub const fn protection(plan: &ExitPlan) -> Protection {
    Protection {
        stop_fraction: plan.stop_fraction,
        target_fraction: plan.target_fraction,
        partial: plan.partial,
        liquidation_fraction: plan.liquidation_fraction,
    }
}

/// Prices at which a position, or a part of it, ends.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Levels {
    /// The stop.
    pub stop: f64,
    /// The target, if there is one.
    pub target: Option<f64>,
    /// Where a part leaves early, as long as it has not.
    pub partial: Option<f64>,
    /// Where the venue takes the margin.
    pub liquidation: Option<f64>,
}

impl Levels {
    /// The levels of a protection around an entry price, on the sides where they belong and on the grid.
    pub fn around(side: Side, entry: f64, protection: &Protection, grid: Grid) -> Levels {
        let away = |fraction: f64| grid.near(entry * (1.0 + side.sign() * fraction));
        // Nothing that was bought can fall below zero: without a loan there is no margin to take.
        let is_part =
            |partial: &PartialExit| partial.share_fraction > 0.0 && partial.share_fraction < 1.0;
        let is_reachable = |fraction: &f64| side == Side::Short || *fraction < 1.0;
        Levels {
            stop: away(-protection.stop_fraction),
            target: protection.target_fraction.map(away),
            partial: protection.partial.filter(is_part).map(|partial| away(partial.at_fraction)),
            liquidation: protection
                .liquidation_fraction
                .filter(is_reachable)
                .map(|fraction| away(-fraction)),
        }
    }

    /// The nearest prices below and above at which any of them acts.
    pub fn nearest(&self, side: Side) -> (f64, f64) {
        const NEVER: f64 = f64::INFINITY;
        match side {
            Side::Long => (
                self.stop.max(self.liquidation.unwrap_or(-NEVER)),
                self.target.unwrap_or(NEVER).min(self.partial.unwrap_or(NEVER)),
            ),
            Side::Short => (
                self.target.unwrap_or(-NEVER).max(self.partial.unwrap_or(-NEVER)),
                self.stop.min(self.liquidation.unwrap_or(NEVER)),
            ),
        }
    }
}

/// Which level ended a position, and the market price there before spread and slippage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Touch {
    /// The stop; at the open where the bar opened beyond it.
    Stop(f64),
    /// The target, never better than asked.
    Target(f64),
    /// The venue took the margin, and nothing beyond it however far the price had jumped.
    Liquidation(f64),
}

/// What a bar did to a position, in this order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Touched {
    /// The market price at which a part left.
    pub partial: Option<f64>,
    /// How the position, or what the part left of it, ended.
    pub end: Option<Touch>,
}

/// What `bar` does to a position held through it or opened at its open.
///
/// A bar does not tell which of two touched levels came first, so a stop touched with anything else counts
/// as stopped before it. The stop lies nearer than liquidation: only a jump over both meets the margin.
pub fn touch(bar: &Bar, side: Side, levels: &Levels) -> Touched {
    let (worst, best) = match side {
        Side::Long => (bar.low(), bar.high()),
        Side::Short => (bar.high(), bar.low()),
    };
    if let Some(end) = lost(bar.open(), worst, side, levels) {
        return Touched { partial: None, end: Some(end) };
    }
    let is_reached = |level: &f64| is_at_least(side, best, *level);
    let is_first = |level: &f64| levels.target.is_none_or(|target| is_before(side, *level, target));
    Touched {
        partial: levels.partial.filter(is_reached).filter(is_first),
        end: levels.target.filter(is_reached).map(Touch::Target),
    }
}

/// How a bar that opened at `open` and went as far against a position as `worst` ended it, if it did.
fn lost(open: f64, worst: f64, side: Side, levels: &Levels) -> Option<Touch> {
    let is_beyond = |price: f64, level: f64| is_at_least(side, level, price);
    if let Some(liquidation) = levels.liquidation {
        let jumped = is_beyond(open, liquidation);
        let is_nearer = is_before(side, levels.stop, liquidation);
        if jumped || (is_nearer && is_beyond(worst, liquidation)) {
            return Some(Touch::Liquidation(liquidation));
        }
    }
    let at = if is_beyond(open, levels.stop) { open } else { levels.stop };
    is_beyond(worst, levels.stop).then_some(Touch::Stop(at))
}

/// Whether `price` lies at least as far in favour as `level`.
fn is_at_least(side: Side, price: f64, level: f64) -> bool {
    match side {
        Side::Long => price >= level,
        Side::Short => price <= level,
    }
}

/// Whether `price` lies less far in favour than `level`.
fn is_before(side: Side, price: f64, level: f64) -> bool {
    !is_at_least(side, price, level)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        Calendar, Instrument, InstrumentKind, Interval, PartialExit, RawBar, Timestamp, decimal,
    };
    use proptest::prelude::*;

    fn bar(open: f64, high: f64, low: f64, close: f64) -> Bar {
        let raw = RawBar {
            opened_at: Timestamp::from_ms(1_600_000_000_000),
            open,
            high,
            low,
            close,
            volume: 1.0,
            taker_buy_volume: None,
            flow: None,
        };
        Bar::admit(raw, Interval::HOUR).unwrap()
    }

    fn grid(tick: f64) -> Grid {
        let instrument = Instrument {
            symbol: "BTCUSDT".to_owned(),
            interval: Interval::HOUR,
            calendar: Calendar::Always,
            tick: decimal(tick),
            step: decimal(0.001),
            notional_min: decimal(5.0),
            kind: InstrumentKind::Perpetual,
            margin: domain::Margin::NONE,
            has_volume: true,
        };
        instrument.grid()
    }

    const PROTECTION: Protection = Protection {
        stop_fraction: 0.05,
        target_fraction: Some(0.10),
        partial: Some(PartialExit { at_fraction: 0.04, share_fraction: 0.5 }),
        liquidation_fraction: Some(0.20),
    };

    /// Entered at 100, longs are stopped at 95, a part leaves at 104, the rest at 110, and the margin is
    /// gone at 80; shorts at 105, 96, 90 and 120. A line: side, the bar's open, high, low and close, and
    /// what it does.
    fn check_touch(table: &str) {
        for line in table.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let price = |at: usize| words[at].parse::<f64>().unwrap();
            let side = if words[0] == "long" { Side::Long } else { Side::Short };
            let levels = Levels::around(side, 100.0, &PROTECTION, grid(1.0));
            let said = touch(&bar(price(1), price(2), price(3), price(4)), side, &levels);
            let mut expected = Touched { partial: None, end: None };
            for at in (5..words.len()).step_by(2) {
                match words[at] {
                    "partial" => expected.partial = Some(price(at + 1)),
                    "stop" => expected.end = Some(Touch::Stop(price(at + 1))),
                    "target" => expected.end = Some(Touch::Target(price(at + 1))),
                    "liquidation" => expected.end = Some(Touch::Liquidation(price(at + 1))),
                    _ => {}
                }
            }
            assert_eq!(said, expected, "{line}");
        }
    }

    #[test]
    fn a_bar_reaches_stop_or_target_and_both_is_stopped() {
        check_touch(
            "long  100 103.9 95.1 100 nothing
             long  100 101   94    99 stop 95
             long  100 111   94   100 stop 95
             short 100 104   99   100 nothing
             short 100 106   99   100 stop 105
             short 100 105   90    95 stop 105",
        );
    }

    #[test]
    fn a_part_leaves_before_the_target_and_never_before_the_stop() {
        check_touch(
            "long  100 104   99   100 partial 104
             long  100 109.9 99   105 partial 104
             long  100 111   99   105 partial 104 target 110
             long  100 105   95   100 stop 95
             short 100 101   96    97 partial 96
             short 100 101   89    95 partial 96 target 90
             short 100 105   96   100 stop 105",
        );
    }

    #[test]
    fn a_gapped_stop_fills_at_the_open_and_a_gapped_target_at_the_target() {
        check_touch(
            "long   93  99   92    98 stop 93
             long  115 116  112   113 partial 104 target 110
             short 108 109  107   108 stop 108",
        );
    }

    #[test]
    fn only_a_jump_over_stop_and_margin_takes_the_margin_and_no_more() {
        check_touch(
            "long    81     82     1     2 stop 81
             long    80     82    79    81 liquidation 80
             long     1      2   0.5     1 liquidation 80
             long   100    101     1     2 stop 95
             short  119    900   118   900 stop 119
             short  120    121   119   120 liquidation 120
             short 1e5   1e5   9e4   1e5 liquidation 120
             short  100    1e5   100   1e5 stop 105",
        );
    }

    #[test]
    fn a_position_without_a_target_ends_at_its_stop_alone() {
        let bare = Protection {
            stop_fraction: 0.05,
            target_fraction: None,
            partial: None,
            liquidation_fraction: None,
        };
        let levels = Levels::around(Side::Long, 100.0, &bare, grid(0.01));
        let nothing = Touched { partial: None, end: None };
        assert_eq!(touch(&bar(100.0, 900.0, 96.0, 800.0), Side::Long, &levels), nothing);
    }

    #[test]
    fn what_was_bought_without_a_loan_has_no_margin_to_take() {
        let paid = Protection { liquidation_fraction: Some(1.0), ..PROTECTION };
        assert_eq!(Levels::around(Side::Long, 100.0, &paid, grid(0.01)).liquidation, None);
        assert_eq!(Levels::around(Side::Short, 100.0, &paid, grid(0.01)).liquidation, Some(200.0));
    }

    #[test]
    fn a_margin_that_ends_before_the_stop_is_gone_first() {
        let thin = Protection { liquidation_fraction: Some(0.03), ..PROTECTION };
        let levels = Levels::around(Side::Long, 100.0, &thin, grid(0.01));
        let end = |bar: &Bar| touch(bar, Side::Long, &levels).end;
        assert_eq!(end(&bar(100.0, 101.0, 96.0, 99.0)), Some(Touch::Liquidation(97.0)));
    }

    proptest! {
        /// What lies between the nearest levels touches nothing, and what reaches one touches something.
        #[test]
        fn nothing_happens_between_the_nearest_levels(
            long in any::<bool>(),
            open in 70.0..130.0_f64,
            up in 0.0..30.0_f64,
            down in 0.0..30.0_f64,
            partial in any::<bool>(),
            target in any::<bool>(),
        ) {
            let side = if long { Side::Long } else { Side::Short };
            let protection = Protection {
                partial: PROTECTION.partial.filter(|_| partial),
                target_fraction: PROTECTION.target_fraction.filter(|_| target),
                ..PROTECTION
            };
            let levels = Levels::around(side, 100.0, &protection, grid(0.01));
            let (below, above) = levels.nearest(side);
            let bar = bar(open, open + up, open - down, open);
            let touched = touch(&bar, side, &levels);
            let is_quiet = bar.low() > below && bar.high() < above;
            prop_assert_eq!(touched == Touched { partial: None, end: None }, is_quiet);
        }
    }
}
