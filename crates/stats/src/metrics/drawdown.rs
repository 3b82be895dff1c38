//! How far, and for how long, was equity below its best? The best includes the start.

/// The deepest fall from a peak, as a positive fraction of it; `None` of nothing.
pub fn max_drawdown(returns: &[f64]) -> Option<f64> {
    if returns.is_empty() {
        return None;
    }
    crate::finite(underwater(returns).fold(0.0, f64::max))
}

/// The greatest number of periods in a row below an earlier peak.
pub fn longest_underwater(returns: &[f64]) -> usize {
    let (mut longest, mut now) = (0, 0);
    for depth in underwater(returns) {
        now = if depth > 0.0 { now + 1 } else { 0 };
        longest = longest.max(now);
    }
    longest
}

/// The root mean square depth under water (Martin 1987; n - 1 as quantstats has it); `None` of
/// fewer than two returns.
pub fn ulcer_index(returns: &[f64]) -> Option<f64> {
    if returns.len() < 2 {
        return None;
    }
    let squares: f64 = underwater(returns).map(|depth| depth * depth).sum();
    crate::finite(libm::sqrt(squares / (returns.len() - 1) as f64))
}

fn underwater(returns: &[f64]) -> impl Iterator<Item = f64> {
    let (mut equity, mut peak) = (1.0_f64, 1.0_f64);
    returns.iter().map(move |r| {
        equity *= 1.0 + r;
        peak = peak.max(equity);
        1.0 - equity / peak
    })
}
