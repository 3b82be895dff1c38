//! How far the close has strayed from its mean, and where it stands in the range before it.

use super::senses::Moment;
use super::window::Range;

/// Distance from the mean in standard deviations.
#[inline]
pub(super) fn band_z(now: &Moment<'_>) -> Option<f64> {
    let (mean, variance) = now.band?;
    let deviation = variance.sqrt();
    // Below a millionth of the price the deviation is rounding, not movement.
    (deviation > mean * 1e-6).then(|| (now.bar.close() - mean) / deviation)
}

/// Standard deviation over the mean.
#[inline]
pub(super) fn band_width(now: &Moment<'_>) -> Option<f64> {
    now.band.map(|(mean, variance)| variance.sqrt() / mean)
}

/// Width of Bollinger's bands over width of Keltner's channel: below 1 they lie inside it, as Carter's
/// squeeze (2005) asks with these factors.
#[inline]
pub(super) fn squeeze(now: &Moment<'_>) -> Option<f64> {
    const DEVIATIONS: f64 = 2.0;
    const TRUE_RANGES: f64 = 1.5;
    let (_, variance) = now.band?;
    now.in_ranges(variance.sqrt() * (DEVIATIONS / TRUE_RANGES))
}

/// Place of the close between lowest low and highest high of the bars before: 0 and 1 are the edges,
/// below 0 and above 1 it has broken out.
#[inline]
pub(super) fn channel(now: &Moment<'_>, before: Option<Range>) -> Option<f64> {
    before?.place(now.bar.close())
}
