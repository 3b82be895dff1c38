//! How far the close has gone, how wildly, and how straight.

use super::senses::Moment;
use super::window::{highest, mean, mean_and_variance, sum_of, sum_of_pairs};

/// A variance of changes below this is rounding, not movement: a millionth of a millionth of the price
/// and less.
const VARIANCE_MIN: f64 = 1e-24;

/// Change of the close over `bars` bars, as a fraction.
#[inline]
pub(super) fn change(now: &Moment<'_>, bars: usize) -> Option<f64> {
    now.past.closes.ago(bars).map(|before| now.bar.close() / before - 1.0)
}

/// How the one-bar changes of a stretch lie about their mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spread {
    /// n in the denominator.
    pub(super) variance: f64,
    /// Mean of the deviations' cubes.
    pub(super) cube: f64,
    /// Mean product of each deviation with the one before.
    pub(super) product: f64,
    /// Share of the squared changes that were falls.
    pub(super) downside: Option<f64>,
}

impl Spread {
    #[inline]
    pub(super) fn of(changes: &[f64]) -> Spread {
        let (mean, count) = (mean(changes), changes.len() as f64);
        let squares = sum_of(changes, |change| (change - mean) * (change - mean));
        let cubes = sum_of(changes, |c| (c - mean) * (c - mean) * (c - mean));
        let products = sum_of_pairs(changes, |one, next| (one - mean) * (next - mean));
        let all = sum_of(changes, |change| change * change);
        let falls = sum_of(changes, |change| if change < 0.0 { change * change } else { 0.0 });
        Spread {
            variance: squares / count,
            cube: cubes / count,
            product: products / count,
            downside: (all > VARIANCE_MIN).then(|| falls / all),
        }
    }
}

#[inline]
pub(super) fn volatility_24(now: &Moment<'_>) -> Option<f64> {
    now.spread.map(|spread| spread.variance.sqrt())
}

#[inline]
pub(super) fn autocorrelation_24(now: &Moment<'_>) -> Option<f64> {
    let spread = now.spread.filter(|spread| spread.variance > VARIANCE_MIN)?;
    Some(spread.product / spread.variance)
}

#[inline]
pub(super) fn skew_24(now: &Moment<'_>) -> Option<f64> {
    let spread = now.spread.filter(|spread| spread.variance > VARIANCE_MIN)?;
    Some(spread.cube / (spread.variance * spread.variance.sqrt()))
}

#[inline]
pub(super) fn downside_share_24(now: &Moment<'_>) -> Option<f64> {
    now.spread?.downside
}

#[inline]
pub(super) fn volatility_ratio(now: &Moment<'_>) -> Option<f64> {
    let (_, long) = mean_and_variance(now.past.changes.last(48)?);
    let (_, short) = mean_and_variance(now.past.changes.last(6)?);
    (long > VARIANCE_MIN).then(|| (short / long).sqrt())
}

/// Net move over the path walked: 1 is a straight line, 0 went nowhere.
#[inline]
pub(super) fn efficiency(now: &Moment<'_>, bars: usize) -> Option<f64> {
    let closes = now.past.closes.last(bars + 1)?;
    let path = sum_of_pairs(closes, |one, next| (next - one).abs());
    let net = (now.bar.close() - closes[0]).abs();
    // A market that did not move at all went nowhere; rounding must not make it more than straight.
    Some(if path > 0.0 { (net / path).min(1.0) } else { 0.0 })
}

#[inline]
pub(super) fn drawdown(now: &Moment<'_>, bars: usize) -> Option<f64> {
    now.past.closes.last(bars).map(|closes| 1.0 - now.bar.close() / highest(closes))
}
