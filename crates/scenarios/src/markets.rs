//! Bars of known making.

use domain::{Bar, Interval, RawBar, Timestamp};

use crate::Dice;

/// How a market moves from bar to bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Market {
    /// A Gaussian walk without drift: nothing can be earned.
    Walk {
        /// Standard deviation of one bar's change, fraction.
        volatility: f64,
    },
    /// Changes that carry on: each keeps `carry` of the one before.
    Trending {
        /// Standard deviation of one bar's shock, fraction.
        volatility: f64,
        /// Autocorrelation of changes, −1..1; above 0 momentum pays.
        carry: f64,
    },
}

/// `count` bars of a market from a seed, starting at `from`. Volumes and taker volumes vary too.
pub fn bars(
    seed: u64,
    market: Market,
    interval: Interval,
    from: Timestamp,
    count: usize,
) -> Vec<Bar> {
    const STEPS_A_BAR: u32 = 8;
    let mut dice = Dice::new(seed);
    let (mut price, mut change) = (100.0, 0.0);
    let mut made = Vec::with_capacity(count);
    for at in 0..count {
        change = match market {
            Market::Walk { volatility } => volatility * dice.normal(),
            Market::Trending { volatility, carry } => carry * change + volatility * dice.normal(),
        };
        let opened_at = from.plus_ms(interval.ms().saturating_mul(at as i64));
        let raw = path(&mut dice, opened_at, price, change, STEPS_A_BAR);
        price = raw.close;
        made.extend(Bar::admit(raw, interval));
    }
    made
}

/// A bar that goes from `open` by `change`, wandering on its way.
fn path(dice: &mut Dice, opened_at: Timestamp, open: f64, change: f64, steps: u32) -> RawBar {
    let close = open * libm::exp(change);
    let (mut high, mut low) = (open.max(close), open.min(close));
    for step in 1..steps {
        let along = f64::from(step) / f64::from(steps);
        let straight = open + (close - open) * along;
        let strayed = straight * (1.0 + 0.5 * change.abs() * dice.normal());
        high = high.max(strayed);
        low = low.min(strayed);
    }
    let volume = 1_000.0 * (0.5 + dice.uniform());
    RawBar {
        opened_at,
        open,
        high,
        low,
        close,
        volume,
        taker_buy_volume: Some(volume * dice.uniform()),
        flow: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_bars_and_all_of_them_pass_the_door() {
        for market in
            [Market::Walk { volatility: 0.01 }, Market::Trending { volatility: 0.01, carry: 0.3 }]
        {
            let made = |seed| {
                bars(seed, market, Interval::HOUR, Timestamp::from_ms(1_600_000_000_000), 2_000)
            };
            assert_eq!(made(7).len(), 2_000);
            assert_eq!(made(7), made(7));
            assert_ne!(made(7), made(8));
        }
    }

    #[test]
    fn a_trending_market_carries_on() {
        let market = Market::Trending { volatility: 0.01, carry: 0.3 };
        let made = bars(7, market, Interval::HOUR, Timestamp::from_ms(1_600_000_000_000), 5_000);
        let changes: Vec<f64> = made.iter().map(|bar| bar.close() / bar.open() - 1.0).collect();
        let together: f64 = changes.windows(2).map(|pair| pair[0] * pair[1]).sum();
        let alone: f64 = changes.iter().map(|change| change * change).sum();
        assert!((together / alone - 0.3).abs() < 0.05, "{}", together / alone);
    }
}
