//! Week over week: what each came to, and whether weeks are getting better, with evidence or not at all.

use std::collections::BTreeMap;

use domain::{Outcome, SymbolIx, Timestamp, Trade};
use stats::sequential::GridEProcess;

use super::results::{ResultTally, Slice, worth};
use crate::report::Estimate;

const DAY_MS: i64 = 86_400_000;
/// Stakes on a week's rank, chosen: small, middling and large bets, a third each.
const STAKES: [f64; 3] = [0.2, 0.45, 0.7];
/// Evidence asked for before a trend is named: p = .05 at every look.
pub(crate) const EVIDENCE_NEEDED: f64 = 20.0;

/// Executed results per ISO week (UTC) in which they ended.
#[derive(Clone, Debug, Default)]
pub struct Weeks {
    all: BTreeMap<i64, Slice>,
    /// The same per symbol, as sum of R and count.
    symbols: BTreeMap<SymbolIx, BTreeMap<i64, (f64, u32)>>,
}

/// Where weeks are going.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Later weeks rank higher, with evidence.
    Improving,
    /// There is no evidence either way.
    Stable,
    /// Later weeks rank lower, with evidence.
    Declining,
}

impl Direction {
    /// As it is written everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Direction::Improving => "improving",
            Direction::Stable => "stable",
            Direction::Declining => "declining",
        }
    }
}

/// A trend with what it rests on.
#[derive(Clone, Copy, Debug)]
pub struct Trend {
    /// Which way.
    pub direction: Direction,
    /// Finished weeks with a result.
    pub weeks: u64,
    /// Evidence that later weeks rank higher; 20 would do.
    pub e_improving: f64,
    /// Evidence that they rank lower.
    pub e_declining: f64,
}

impl Weeks {
    pub(super) fn outcome(&mut self, outcome: &Outcome) {
        if outcome.standing.is_executed() {
            let week = week(outcome.closed_at);
            self.all.entry(week).or_default().add(outcome, worth(outcome));
            if outcome.teaches() {
                let of_symbol = self.symbols.entry(outcome.symbol).or_default();
                let (sum, count) = of_symbol.entry(week).or_default();
                *sum += outcome.r;
                *count += 1;
            }
        }
    }

    pub(super) fn trade(&mut self, trade: &Trade) {
        self.all.entry(week(trade.closed_at)).or_default().book(trade.net);
    }

    /// Weeks in which anything ended, oldest first: the Monday each begins on, and what it came to.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Timestamp, &Slice)> {
        self.all.iter().map(|(week, slice)| (Timestamp::from_ms((week * 7 - 3) * DAY_MS), slice))
    }

    /// The last week's mean less the one before, in R; `usual` are executed results of any week.
    pub fn change(&self, usual: &ResultTally) -> Option<Estimate> {
        let mut latest = self.all.values().rev();
        let (last, before) = (latest.next()?, latest.next()?);
        last.results().less(before.results(), usual)
    }

    /// Whether later weeks rank higher among those before them than chance would have it. The week
    /// that may still be running is left out.
    ///
    /// Where no week differs from another but by luck, the rank of each among its predecessors is
    /// uniform and independent of theirs (Rényi 1962), so a bet on ranks is fair and its gains are
    /// evidence at every look. Each symbol is ranked among its own weeks and the evidence averaged:
    /// that one symbol comes and another goes is no trend.
    pub fn trend(&self) -> Trend {
        let last = self.all.keys().next_back().copied();
        let (mut e_improving, mut e_declining) = (0.0, 0.0);
        for weeks in self.symbols.values() {
            let finished = weeks.iter().filter(|(week, _)| Some(**week) != last);
            let (up, down) = rank_bets(finished.map(|(_, (sum, count))| sum / f64::from(*count)));
            e_improving += up;
            e_declining += down;
        }
        let symbols = self.symbols.len().max(1) as f64;
        (e_improving, e_declining) = (e_improving / symbols, e_declining / symbols);
        let direction = if e_improving >= EVIDENCE_NEEDED {
            Direction::Improving
        } else if e_declining >= EVIDENCE_NEEDED {
            Direction::Declining
        } else {
            Direction::Stable
        };
        let weeks = self.all.len().saturating_sub(1) as u64;
        Trend { direction, weeks, e_improving, e_declining }
    }
}

/// Evidence that later ones rank higher, and that they rank lower.
fn rank_bets(means: impl Iterator<Item = f64>) -> (f64, f64) {
    let (mut up, mut down) = (GridEProcess::new(1.0, &STAKES), GridEProcess::new(1.0, &STAKES));
    let mut seen: Vec<f64> = Vec::new();
    for mean in means {
        let below = seen.iter().filter(|&&one| one < mean).count() as f64;
        let level = seen.iter().filter(|&&one| one == mean).count() as f64;
        // Ties share their ranks, so that the expected rank stays one half.
        let rank = (below + (level + 1.0) / 2.0) / (seen.len() + 1) as f64;
        up.observe(2.0 * rank - 1.0);
        down.observe(1.0 - 2.0 * rank);
        seen.push(mean);
    }
    (up.evidence(), down.evidence())
}

/// Weeks since the Monday before 1970.
fn week(at: Timestamp) -> i64 {
    (at.ms().div_euclid(DAY_MS) + 3).div_euclid(7)
}

#[cfg(test)]
mod tests {
    use super::super::made_up::outcome;
    use super::*;
    use domain::Standing;

    const WEEK_HOURS: u64 = 7 * 24;

    fn weeks_of(means: impl Iterator<Item = f64>) -> Weeks {
        let mut weeks = Weeks::default();
        for (at, mean) in means.enumerate() {
            for (trade, off) in [-0.5, 0.0, 0.5].into_iter().enumerate() {
                let no = at as u64 * WEEK_HOURS + trade as u64;
                weeks.outcome(&outcome(no, Standing::Probe, mean + off));
            }
        }
        weeks
    }

    #[test]
    fn a_week_begins_on_monday() {
        let monday = Timestamp::from_ms(1_621_209_600_000); // 2021-05-17 00:00.
        assert_eq!(week(monday), week(monday.plus_ms(7 * DAY_MS - 1)));
        assert_eq!(week(monday), week(monday.plus_ms(-1)) + 1);
        let mut weeks = Weeks::default();
        weeks.all.insert(week(monday.plus_ms(5 * DAY_MS)), Slice::default());
        assert_eq!(weeks.iter().next().unwrap().0, monday);
    }

    #[test]
    fn weeks_that_keep_rising_improve_and_weeks_that_keep_falling_decline() {
        let rising = weeks_of((0..40).map(|at| 0.01 * f64::from(at))).trend();
        assert_eq!(rising.direction, Direction::Improving);
        assert_eq!(rising.weeks, 39);
        let falling = weeks_of((0..40).map(|at| -0.01 * f64::from(at))).trend();
        assert_eq!(falling.direction, Direction::Declining);
        assert!(falling.e_improving < 0.1);
    }

    #[test]
    fn luck_alone_names_a_trend_in_few_of_many_runs() {
        let mut state = 9_u64;
        let mut dice = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
        };
        let named = (0..1_000)
            .filter(|_| {
                let means: Vec<f64> = (0..104).map(|_| dice()).collect();
                (1..=8).any(|quarters| {
                    let trend = weeks_of(means[..13 * quarters].iter().copied()).trend();
                    trend.direction == Direction::Improving
                })
            })
            .count();
        assert!(named <= 50, "{named} of 1,000");
    }

    #[test]
    fn weeks_that_are_all_alike_are_no_evidence() {
        let trend = weeks_of((0..60).map(|_| 0.1)).trend();
        assert_eq!((trend.e_improving, trend.e_declining), (1.0, 1.0));
    }

    #[test]
    fn the_change_is_between_the_last_two_weeks() {
        let usual = ResultTally::default();
        let change = weeks_of([0.9, 0.1, 0.3].into_iter()).change(&usual).unwrap();
        assert!((change.value - 0.2).abs() < 1e-12);
        assert!(change.low < 0.0 && change.high > 0.0);
        assert!(weeks_of([0.9].into_iter()).change(&usual).is_none());
    }
}
