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
        };
        Bar::admit(raw, Interval::HOUR).unwrap()
    }

    #[test]
    fn a_bar_touches_as_the_table_says() {
        let long = Levels { stop: 95.0, target: Some(110.0) };
        let short = Levels { stop: 105.0, target: Some(90.0) };
        let cases = [
            ("nothing reached", Side::Long, long, bar(100.0, 109.9, 95.1, 100.0), None),
            (
                "stop inside the bar",
                Side::Long,
                long,
                bar(100.0, 101.0, 94.0, 99.0),
                Some(Touch::Stop(95.0)),
            ),
            (
                "gapped stop at the open",
                Side::Long,
                long,
                bar(93.0, 99.0, 92.0, 98.0),
                Some(Touch::Stop(93.0)),
            ),
            (
                "target",
                Side::Long,
                long,
                bar(100.0, 111.0, 99.0, 105.0),
                Some(Touch::Target(110.0)),
            ),
            (
                "gap over the target",
                Side::Long,
                long,
                bar(115.0, 116.0, 112.0, 113.0),
                Some(Touch::Target(110.0)),
            ),
            (
                "both is stopped",
                Side::Long,
                long,
                bar(100.0, 111.0, 94.0, 100.0),
                Some(Touch::Stop(95.0)),
            ),
            (
                "short stop",
                Side::Short,
                short,
                bar(100.0, 106.0, 99.0, 100.0),
                Some(Touch::Stop(105.0)),
            ),
            (
                "short gap",
                Side::Short,
                short,
                bar(108.0, 109.0, 107.0, 108.0),
                Some(Touch::Stop(108.0)),
            ),
            (
                "short target",
                Side::Short,
                short,
                bar(100.0, 101.0, 89.0, 95.0),
                Some(Touch::Target(90.0)),
            ),
            (
                "short both",
                Side::Short,
                short,
                bar(100.0, 105.0, 90.0, 95.0),
                Some(Touch::Stop(105.0)),
            ),
        ];
        for (what, side, levels, bar, expected) in cases {
            assert_eq!(touch(&bar, side, &levels), expected, "{what}");
        }
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
