//! Mean results and shares won, with intervals that know about overlap.

use domain::{Money, Outcome, estimate};
use stats::interval::{MeanInterval, wilson};
use stats::moments::Moments;

use crate::report::Estimate;

/// 95 % of a normal lies within so many standard errors.
pub(crate) const Z_95: f64 = 1.959_964;

/// What an outcome is worth among those it is averaged with. Declined ones overlap with all that came
/// up meanwhile; executed ones are averaged with one another, and of one symbol never two are open.
pub(super) fn worth(outcome: &Outcome) -> f64 {
    if outcome.standing.is_executed() { 1.0 } else { outcome.uniqueness }
}

/// Results in R of a kind of decision.
#[derive(Clone, Debug, Default)]
pub struct ResultTally {
    n: u64,
    effective: f64,
    moments: Moments,
}

impl ResultTally {
    /// Adds a result.
    pub fn add(&mut self, outcome: &Outcome, worth: f64) {
        self.observe(outcome.r, worth);
    }

    /// Adds a value that is worth `weight` independent ones.
    pub(super) fn observe(&mut self, r: f64, weight: f64) {
        self.n += 1;
        self.effective += weight;
        self.moments.observe_weighted(r, weight);
    }

    /// How many came in.
    pub fn count(&self) -> u64 {
        self.n
    }

    /// Mean in R, from the first result on.
    pub fn value(&self) -> Option<f64> {
        self.moments.mean()
    }

    /// Standard deviation of one result; nothing with at most one effective value.
    pub(super) fn deviation(&self) -> Option<f64> {
        self.moments.variance().map(f64::sqrt)
    }

    /// Mean in R with its 95 % interval; overlapping outcomes count for what they are worth together.
    pub fn mean(&self) -> Option<Estimate> {
        let interval = MeanInterval::with_count(&self.moments, self.effective, Z_95)?;
        Some(Estimate {
            value: interval.mean,
            low: interval.low,
            high: interval.high,
            n: self.n,
            n_effective: self.effective,
        })
    }

    /// The same where there are few: two results that happen to be alike are no reason to be sure, so
    /// the spread is then at least that of all of their kind, `usual`.
    pub fn mean_of_few(&self, usual: &ResultTally) -> Option<Estimate> {
        const FEW: f64 = 12.0;
        let (value, spread) = (self.value()?, usual.deviation());
        if self.effective >= FEW || self.effective <= 0.0 || spread.is_none() {
            return self.mean();
        }
        let spread = spread?.max(self.deviation().unwrap_or(0.0));
        let half = Z_95 * spread / self.effective.sqrt();
        let (low, high) = (value - half, value + half);
        Some(Estimate { value, low, high, n: self.n, n_effective: self.effective })
    }

    /// This mean less another's, with the interval of two independent means.
    pub fn less(&self, other: &ResultTally, usual: &ResultTally) -> Option<Estimate> {
        let (mine, theirs) = (self.mean_of_few(usual)?, other.mean_of_few(usual)?);
        let value = mine.value - theirs.value;
        let half = (mine.high - mine.value).hypot(theirs.high - theirs.value);
        Some(Estimate {
            value,
            low: value - half,
            high: value + half,
            n: mine.n + theirs.n,
            n_effective: mine.n_effective + theirs.n_effective,
        })
    }
}

/// Shares of outcomes that earned anything, overlap discounted.
#[derive(Clone, Copy, Debug, Default)]
pub struct WinTally {
    n: u64,
    effective: f64,
    won: f64,
}

impl WinTally {
    /// Adds an outcome.
    pub fn add(&mut self, outcome: &Outcome, worth: f64) {
        self.n += 1;
        self.effective += worth;
        self.won += if outcome.won() { worth } else { 0.0 };
    }

    /// Outcomes, overlap discounted.
    pub fn effective(&self) -> f64 {
        self.effective
    }

    /// Win rate with its 95 % interval (Wilson 1927).
    pub fn rate(&self) -> Option<Estimate> {
        if self.effective <= 0.0 {
            return None;
        }
        let interval = wilson(self.won, self.effective, Z_95);
        Some(Estimate {
            value: self.won / self.effective,
            low: interval.low,
            high: interval.high,
            n: self.n,
            n_effective: self.effective,
        })
    }
}

/// One slice of all results: means, shares won, and what trades in it came to.
#[derive(Clone, Debug, Default)]
pub struct Slice {
    results: ResultTally,
    wins: WinTally,
    sum_r: f64,
    net: Money,
    trades: u64,
}

impl Slice {
    pub(super) fn add(&mut self, outcome: &Outcome, worth: f64) {
        self.results.add(outcome, worth);
        self.wins.add(outcome, worth);
        self.sum_r += outcome.r;
    }

    pub(super) fn book(&mut self, net: Money) {
        self.net += net;
        self.trades += 1;
    }

    /// Results in R.
    pub fn results(&self) -> &ResultTally {
        &self.results
    }

    /// Shares won.
    pub fn wins(&self) -> &WinTally {
        &self.wins
    }

    /// Sum of results in R, every outcome counted whole.
    pub fn sum_r(&self) -> f64 {
        self.sum_r
    }

    /// What closed trades in it came to, quote units.
    pub fn net(&self) -> f64 {
        estimate(self.net)
    }

    /// Closed trades in it.
    pub fn trades(&self) -> u64 {
        self.trades
    }

    /// Whether nothing fell into it.
    pub fn is_empty(&self) -> bool {
        self.results.count() == 0 && self.trades == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_results_that_happen_to_be_alike_are_no_reason_to_be_sure() {
        let (mut usual, mut few) = (ResultTally::default(), ResultTally::default());
        (0..100).for_each(|at| usual.observe(if at % 2 == 0 { 1.5 } else { -1.0 }, 1.0));
        assert!(few.mean_of_few(&usual).is_none());
        few.observe(-1.04, 1.0);
        let one = few.mean_of_few(&usual).unwrap();
        assert!(one.high > 1.0, "{one:?}");
        few.observe(-1.03, 1.0);
        let two = few.mean_of_few(&usual).unwrap();
        assert!(two.high > 0.5 && two.high < one.high, "{two:?}");
        assert!(few.mean().unwrap().high < -1.0);
        assert_eq!(usual.mean_of_few(&few), usual.mean(), "many speak for themselves");
    }
}
