//! Wins and losses in a row, in the order in which trades closed.

use domain::{Money, Timestamp, Trade, estimate};

/// Trades in a row that all won, or all lost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Streak {
    /// How many.
    pub trades: u64,
    /// What they came to, quote units.
    pub net: f64,
    /// When the first closed.
    pub from: Timestamp,
    /// When the last closed.
    pub to: Timestamp,
}

/// The longest of either kind, and the one that is running.
#[derive(Clone, Debug, Default)]
pub struct Streaks {
    /// The most wins in a row.
    pub winning: Streak,
    /// The most losses in a row.
    pub losing: Streak,
    now: Streak,
    now_wins: bool,
}

impl Streaks {
    /// A flat trade ends a row.
    pub(super) fn trade(&mut self, trade: &Trade) {
        if trade.net == Money::ZERO {
            self.now = Streak::default();
            return;
        }
        let wins = trade.net > Money::ZERO;
        if self.now.trades == 0 || wins != self.now_wins {
            self.now = Streak { from: trade.closed_at, ..Streak::default() };
            self.now_wins = wins;
        }
        self.now.trades += 1;
        self.now.net += estimate(trade.net);
        self.now.to = trade.closed_at;
        let longest = if wins { &mut self.winning } else { &mut self.losing };
        if self.now.trades > longest.trades {
            *longest = self.now;
        }
    }
}

/// How long the longest row among `trades` is on average, where each is of its kind with probability
/// `share` and none minds the others (Gordon, Schilling & Waterman 1986).
pub fn longest_by_chance(trades: u64, share: f64) -> Option<f64> {
    const EULER: f64 = 0.577_215_664_901_532_9;
    let expected = (trades as f64 * (1.0 - share)).ln() / (1.0 / share).ln()
        + EULER / (1.0 / share).ln()
        - 0.5;
    (share > 0.0 && share < 1.0 && expected.is_finite()).then_some(expected.max(0.0))
}

#[cfg(test)]
mod tests {
    use super::super::made_up::trade;
    use super::*;

    #[test]
    fn rows_are_counted_and_a_flat_trade_ends_them() {
        let mut streaks = Streaks::default();
        for (at, net) in ["1", "1", "-1", "-2", "-3", "0", "-4", "5"].into_iter().enumerate() {
            streaks.trade(&trade(at as u64, 0.0, net));
        }
        assert_eq!((streaks.winning.trades, streaks.losing.trades), (2, 3));
        assert!((streaks.losing.net + 6.0).abs() < 1e-12);
        assert!(streaks.losing.from < streaks.losing.to);
    }

    #[test]
    fn chance_alone_makes_long_rows() {
        // 200 fair coins: the longest run of heads is about 7.
        let expected = longest_by_chance(200, 0.5).unwrap();
        assert!((6.0..7.5).contains(&expected), "{expected}");
        assert_eq!(longest_by_chance(100, 1.0), None);
        assert_eq!(longest_by_chance(0, 0.5), None);
    }
}
