//! The worst days, with what made them: kept while they happen, so that no day has to be read again.

use std::collections::BTreeMap;

use domain::{ExitReason, Money, Regime, SymbolIx, Trade};

const DAY_MS: i64 = 86_400_000;
/// Days that are kept.
const KEPT: usize = 5;

/// Trades of one UTC day, by the day on which they closed.
#[derive(Clone, Debug, Default)]
pub struct Day {
    /// Days since 1970.
    pub day: i64,
    /// Closed trades.
    pub trades: u64,
    /// Those that lost.
    pub lost: u64,
    /// What they came to.
    pub net: Money,
    /// Fees, spread, slippage and funding.
    pub costs: Money,
    /// Per symbol: trades and what they came to.
    pub symbols: BTreeMap<SymbolIx, (u64, Money)>,
    /// Per exit reason: trades and what they came to.
    pub exits: BTreeMap<ExitReason, (u64, Money)>,
    /// Per regime in which they were decided: trades and what they came to.
    pub regimes: BTreeMap<Regime, (u64, Money)>,
    /// The worst trade's result in R, at most zero: below one a stop was gapped through.
    pub worst_r: f64,
}

impl Day {
    fn add(&mut self, trade: &Trade) {
        self.trades += 1;
        self.lost += u64::from(trade.net < Money::ZERO);
        self.net += trade.net;
        self.worst_r = self.worst_r.min(trade.r);
        self.costs += trade.fees + trade.slipped + trade.funding;
        put(&mut self.symbols, trade.symbol, trade.net);
        put(&mut self.exits, trade.reason, trade.net);
        put(&mut self.regimes, trade.climate.regime, trade.net);
    }
}

fn put<K: Ord>(counts: &mut BTreeMap<K, (u64, Money)>, key: K, net: Money) {
    let count = counts.entry(key).or_default();
    count.0 += 1;
    count.1 += net;
}

/// Days on which trades closed, of which only the worst are kept.
#[derive(Clone, Debug, Default)]
pub struct Days {
    today: Option<Day>,
    worst: Vec<Day>,
    days: u64,
    lost: u64,
}

impl Days {
    pub(super) fn trade(&mut self, trade: &Trade) {
        let day = trade.closed_at.day_closed();
        if self.today.as_ref().is_none_or(|today| today.day != day) {
            self.seal();
            self.today = Some(Day { day, ..Day::default() });
        }
        if let Some(today) = &mut self.today {
            today.add(trade);
        }
    }

    fn seal(&mut self) {
        let Some(today) = self.today.take() else { return };
        self.days += 1;
        self.lost += u64::from(today.net < Money::ZERO);
        self.worst.push(today);
        self.worst.sort_by(|a, b| a.net.cmp(&b.net).then(a.day.cmp(&b.day)));
        self.worst.truncate(KEPT);
    }

    /// The worst days that lost anything, worst first.
    pub fn worst(&self) -> Vec<Day> {
        let mut all = self.clone();
        all.seal();
        all.worst.into_iter().filter(|day| day.net < Money::ZERO).collect()
    }

    /// Days on which anything closed, and those of them that lost.
    pub fn counted(&self) -> (u64, u64) {
        let mut all = self.clone();
        all.seal();
        (all.days, all.lost)
    }

    /// The start of a day in milliseconds.
    pub fn start_ms(day: &Day) -> i64 {
        day.day * DAY_MS
    }
}

#[cfg(test)]
mod tests {
    use super::super::made_up::trade;
    use super::*;

    #[test]
    fn the_worst_five_losing_days_are_kept_and_the_last_counts() {
        let mut days = Days::default();
        for (at, net) in ["-5", "3", "-1", "-9", "-2", "-7", "-4", "-6"].into_iter().enumerate() {
            days.trade(&trade(at as u64 * 24, -1.0, net));
            days.trade(&trade(at as u64 * 24 + 1, 0.1, "0.5"));
        }
        let nets: Vec<String> = days.worst().iter().map(|day| day.net.to_string()).collect();
        assert_eq!(nets, ["-8.5", "-6.5", "-5.5", "-4.5", "-3.5"]);
        assert_eq!(days.counted(), (8, 7));
        let worst = &days.worst()[0];
        assert_eq!((worst.trades, worst.lost, worst.day, worst.worst_r), (2, 1, 3, -1.0));
        assert_eq!(worst.symbols[&SymbolIx(0)].0, 2);
    }

    #[test]
    fn a_day_that_gained_is_no_worst_day() {
        let mut days = Days::default();
        days.trade(&trade(1, 1.0, "2"));
        assert!(days.worst().is_empty());
    }
}
