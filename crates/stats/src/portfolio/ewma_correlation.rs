//! How symbols move together, bar by bar, the recent past counting most.

use serde::{Deserialize, Serialize};

/// Exponentially weighted covariances of a fixed number of symbols.
///
/// Means are taken to be zero (RiskMetrics 1996): over a bar they are far below the noise. A
/// symbol may be absent from a bar; a pair then keeps what it has, faded by that bar. A bar costs
/// one pass over all pairs, some 1,300 for 50 symbols.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EwmaCorrelation {
    symbols: usize,
    keep_fraction: f64,
    /// Row by row of the lower triangle, diagonal included.
    pairs: Vec<Pair>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Pair {
    weight: f64,
    product: f64,
    bars: u32,
}

/// Chosen: below this many common bars the correlation of two strangers strays by more than a fifth.
const BARS_MIN: u32 = 20;

impl EwmaCorrelation {
    /// Symbols that were never seen. A bar's weight halves in `half_life_bars` bars.
    pub fn new(symbols: usize, half_life_bars: f64) -> EwmaCorrelation {
        let keep_fraction = libm::exp2(-1.0 / half_life_bars.max(1e-3));
        EwmaCorrelation {
            symbols,
            keep_fraction,
            pairs: vec![Pair::default(); symbols * (symbols + 1) / 2],
        }
    }

    /// Takes in one bar: the return of each symbol, `None` where it had no bar. Symbols beyond
    /// those given count as absent; a return that is not finite too.
    pub fn observe(&mut self, returns: &[Option<f64>]) {
        let present = |i: usize| returns.get(i).copied().flatten().filter(|r| r.is_finite());
        let mut pairs = self.pairs.iter_mut();
        for i in 0..self.symbols {
            let own = present(i);
            for (j, pair) in pairs.by_ref().take(i + 1).enumerate() {
                pair.weight *= self.keep_fraction;
                pair.product *= self.keep_fraction;
                if let (Some(own), Some(other)) = (own, present(j)) {
                    pair.weight += 1.0 - self.keep_fraction;
                    pair.product += (1.0 - self.keep_fraction) * own * other;
                    pair.bars = pair.bars.saturating_add(1);
                }
            }
        }
    }

    /// The covariance of two symbols per bar; `None` before they have shared 20 bars.
    pub fn covariance(&self, i: usize, j: usize) -> Option<f64> {
        let (high, low) = (i.max(j), i.min(j));
        let known = high < self.symbols;
        let pair = self.pairs.get(high * (high + 1) / 2 + low).filter(|_| known)?;
        crate::finite(pair.product / pair.weight).filter(|_| pair.bars >= BARS_MIN)
    }

    /// The correlation of two symbols, -1..1; `None` as for [`EwmaCorrelation::covariance`] and
    /// where one of them does not move.
    pub fn correlation(&self, i: usize, j: usize) -> Option<f64> {
        let scale = libm::sqrt(self.covariance(i, i)?) * libm::sqrt(self.covariance(j, j)?);
        crate::finite(self.covariance(i, j)? / scale).map(|c| c.clamp(-1.0, 1.0))
    }

    /// All covariances. Symbols that have not yet shared enough bars count as uncorrelated;
    /// `None` while some symbol has no variance of its own.
    pub fn table(&self) -> Option<Vec<Vec<f64>>> {
        let at = |i: usize, j: usize| match self.covariance(i, j) {
            None if i != j => Some(0.0),
            known => known,
        };
        let row = |i: usize| (0..self.symbols).map(|j| at(i, j)).collect();
        (0..self.symbols).map(row).collect()
    }

    /// How many symbols there are.
    pub fn symbols(&self) -> usize {
        self.symbols
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_weighted_mean_of_products() {
        let bar = |i: i32| [libm::sin(f64::from(i)), libm::cos(f64::from(i) * 1.3)];
        let mut lived = EwmaCorrelation::new(2, 10.0);
        (0..60).for_each(|i| lived.observe(&bar(i).map(Some)));
        let weight = |i: i32| libm::exp2(f64::from(i - 59) / 10.0);
        let total: f64 = (0..60).map(weight).sum();
        let want: f64 = (0..60).map(|i| weight(i) / total * bar(i)[0] * bar(i)[1]).sum();
        assert!((lived.covariance(0, 1).unwrap() - want).abs() < 1e-12);
        assert_eq!(lived.covariance(0, 1), lived.covariance(1, 0));
        assert_eq!(lived.correlation(1, 1), Some(1.0));
    }

    #[test]
    fn opposites_and_strangers_are_told_apart() {
        let mut lived = EwmaCorrelation::new(3, 200.0);
        for i in 0..2_000 {
            let one = libm::sin(f64::from(i));
            lived.observe(&[Some(one), Some(-3.0 * one), Some(libm::sin(f64::from(i) * 2.3))]);
        }
        assert!((lived.correlation(0, 1).unwrap() + 1.0).abs() < 1e-12);
        assert!(lived.correlation(0, 2).unwrap().abs() < 0.05);
        assert_eq!(lived.table().unwrap().len(), 3);
    }

    #[test]
    fn an_absent_symbol_is_no_zero_return() {
        let mut lived = EwmaCorrelation::new(2, 10.0);
        (0..40).for_each(|_| lived.observe(&[Some(0.01), Some(0.02)]));
        let before = lived.covariance(1, 1).unwrap();
        (0..5).for_each(|_| lived.observe(&[Some(0.01), None]));
        assert!((lived.covariance(1, 1).unwrap() - before).abs() < 1e-15);
    }

    #[test]
    fn little_seen_is_not_told() {
        let mut lived = EwmaCorrelation::new(2, 10.0);
        (0..19).for_each(|_| lived.observe(&[Some(0.01), Some(f64::NAN)]));
        assert_eq!(lived.covariance(0, 0), None);
        lived.observe(&[Some(0.01)]);
        assert!(lived.covariance(0, 0).is_some());
        assert_eq!(lived.covariance(0, 1), None);
        assert_eq!(lived.covariance(0, 2), None);
        assert_eq!(lived.table(), None);
    }
}
