//! How many labels share a bar, and how much of each is its own.

use super::Span;

/// How many of the spans hold each of `bars` bars, both ends included.
pub fn concurrency(spans: &[Span], bars: usize) -> Vec<f64> {
    let mut open = vec![0.0; bars];
    for span in spans {
        (span.from..=span.to).filter(|&bar| bar < bars).for_each(|bar| open[bar] += 1.0);
    }
    open
}

/// The mean of one over the concurrency, over each span's bars.
pub fn average_uniqueness(spans: &[Span], bars: usize) -> Vec<f64> {
    let open = concurrency(spans, bars);
    let of = |span: &Span| {
        let held = &open[span.from.min(bars)..(span.to + 1).clamp(span.from.min(bars), bars)];
        let sum: f64 = held.iter().map(|open| 1.0 / open).sum();
        if held.is_empty() { 1.0 } else { sum / held.len() as f64 }
    };
    spans.iter().map(of).collect()
}

/// How much each label's span earned of its own: log returns over (from, to], each shared among those open,
/// without their sign, scaled to sum to the number of labels. All ones where nothing moved.
pub fn attribution_weights(spans: &[Span], close: &[f64]) -> Vec<f64> {
    let open = concurrency(spans, close.len());
    let of = |span: &Span| {
        let last = span.to.min(close.len().saturating_sub(1));
        let shared = |bar: usize| libm::log(close[bar] / close[bar - 1]) / open[bar];
        (span.from + 1..=last).map(shared).sum::<f64>().abs()
    };
    let raw: Vec<f64> = spans.iter().map(of).collect();
    let sum: f64 = raw.iter().sum();
    if !(sum > 0.0 && sum.is_finite()) {
        return vec![1.0; spans.len()];
    }
    raw.iter().map(|weight| weight * spans.len() as f64 / sum).collect()
}
