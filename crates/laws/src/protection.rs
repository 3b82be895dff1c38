//! What a bar does to a stop and a target, and how a trailing stop follows.

use domain::{Bar, Side, Trail};
use serde::{Deserialize, Serialize};

/// Prices at which a position ends.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Levels {
    /// The stop.
    pub stop: f64,
    /// The target, if there is one.
    pub target: Option<f64>,
}

impl Levels {
    /// Levels at these distances, fractions of the entry price, on the sides where they belong.
    pub fn around(
        side: Side,
        entry: f64,
        stop_fraction: f64,
        target_fraction: Option<f64>,
    ) -> Levels {
        Levels {
            stop: entry * (1.0 - side.sign() * stop_fraction),
            target: target_fraction.map(|fraction| entry * (1.0 + side.sign() * fraction)),
        }
    }
}

/// Which level a bar reached, and the market price there before spread and slippage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Touch {
    /// The stop; at the open where the bar opened beyond it.
    Stop(f64),
    /// The target, never better than asked.
    Target(f64),
}

/// What `bar` does to a position held through it or opened at its open.
///
/// A bar does not tell which of two touched levels came first, so both touched counts as stopped.
pub fn touch(bar: &Bar, side: Side, levels: &Levels) -> Option<Touch> {
    match side {
        Side::Long if bar.low() <= levels.stop => Some(Touch::Stop(bar.open().min(levels.stop))),
        Side::Short if bar.high() >= levels.stop => Some(Touch::Stop(bar.open().max(levels.stop))),
        _ => {
            let target = levels.target?;
            let reached = match side {
                Side::Long => bar.high() >= target,
                Side::Short => bar.low() <= target,
            };
            reached.then_some(Touch::Target(target))
        }
    }
}

/// Where the stop belongs once the best price since entry is `best`; never farther than it is.
pub fn trailed_stop(side: Side, entry: f64, best: f64, stop: f64, trail: &Trail) -> f64 {
    let gained = side.sign() * (best - entry);
    if gained < trail.after_fraction * entry {
        return stop;
    }
    let followed = best - side.sign() * trail.behind_fraction * entry;
    match side {
        Side::Long => stop.max(followed),
        Side::Short => stop.min(followed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Interval, RawBar, Timestamp};
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

    /// Longs are stopped at 95 and taken at 110, shorts at 105 and 90. A line: side, the bar's open, high,
    /// low and close, and what it does.
    fn check_touch(table: &str) {
        for line in table.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let price = |at: usize| words[at].parse::<f64>().unwrap();
            let (side, levels) = match words[0] {
                "long" => (Side::Long, Levels { stop: 95.0, target: Some(110.0) }),
                _ => (Side::Short, Levels { stop: 105.0, target: Some(90.0) }),
            };
            let said = touch(&bar(price(1), price(2), price(3), price(4)), side, &levels);
            let expected = match words[5] {
                "nothing" => None,
                "stop" => Some(Touch::Stop(price(6))),
                _ => Some(Touch::Target(price(6))),
            };
            assert_eq!(said, expected, "{line}");
        }
    }

    #[test]
    fn a_bar_reaches_stop_or_target_and_both_is_stopped() {
        check_touch(
            "long  100 109.9 95.1 100 nothing
             long  100 101   94    99 stop 95
             long  100 111   99   105 target 110
             long  100 111   94   100 stop 95
             short 100 106   99   100 stop 105
             short 100 101   89    95 target 90
             short 100 105   90    95 stop 105",
        );
    }

    #[test]
    fn a_gapped_stop_fills_at_the_open_and_a_gapped_target_at_the_target() {
        check_touch(
            "long   93  99   92    98 stop 93
             long  115 116  112   113 target 110
             short 108 109  107   108 stop 108",
        );
    }

    #[test]
    fn a_position_without_a_target_ends_at_its_stop_alone() {
        let levels = Levels::around(Side::Long, 100.0, 0.05, None);
        assert_eq!(touch(&bar(100.0, 900.0, 96.0, 800.0), Side::Long, &levels), None);
    }

    proptest! {
        #[test]
        fn a_trailing_stop_only_follows(best in 100.0..200.0_f64, earlier in 90.0..150.0_f64) {
            let trail = Trail { after_fraction: 0.02, behind_fraction: 0.03 };
            let moved = trailed_stop(Side::Long, 100.0, best, earlier, &trail);
            prop_assert!(moved >= earlier);
            let mirrored = trailed_stop(Side::Short, 100.0, 200.0 - best, 200.0 - earlier, &trail);
            prop_assert!((mirrored - (200.0 - moved)).abs() < 1e-9);
        }
    }
}
