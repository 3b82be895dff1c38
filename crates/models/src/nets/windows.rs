//! What a network learns from: windows of a series and what came after each.

use std::ops::Range;

/// Pairs of a window and the values that followed it, lent out of series that somebody else owns.
/// A series is one channel without a gap: give each run between gaps as a series of its own.
#[derive(Clone, Debug)]
pub struct WindowSet<'a> {
    window: usize,
    horizon: usize,
    series: Vec<&'a [f32]>,
    places: Vec<(u32, u32)>,
}

impl<'a> WindowSet<'a> {
    /// None yet; each window has `window` values and is followed by `horizon` more.
    pub fn new(window: usize, horizon: usize) -> WindowSet<'a> {
        WindowSet { window, horizon, series: Vec::new(), places: Vec::new() }
    }

    /// Adds the windows of one series that lie, with what followed them, inside `range`; each begins
    /// `stride` values after the one before, and the newest ends where the range does. A range beyond
    /// the series is cut to it.
    pub fn add(&mut self, series: &'a [f32], range: Range<usize>, stride: usize) {
        let series = &series[..series.len().min(range.end).min(u32::MAX as usize)];
        let whole = self.window + self.horizon;
        let room = series.len().saturating_sub(range.start);
        if room < whole || whole == 0 {
            return;
        }
        let which = self.series.len() as u32;
        let last = series.len() - whole;
        let steps = (last - range.start) / stride.max(1);
        let starts = (0..=steps).rev().map(|back| (last - back * stride.max(1)) as u32);
        self.places.extend(starts.map(|start| (which, start)));
        self.series.push(series);
    }

    /// How many windows there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Values in a window.
    pub fn window_len(&self) -> usize {
        self.window
    }

    /// Values that follow it.
    pub fn horizon(&self) -> usize {
        self.horizon
    }

    /// The window at a place.
    pub fn window(&self, at: usize) -> &'a [f32] {
        let (series, start) = self.places[at];
        &self.series[series as usize][start as usize..][..self.window]
    }

    /// What followed the window at a place.
    pub fn target(&self, at: usize) -> &'a [f32] {
        let (series, start) = self.places[at];
        &self.series[series as usize][start as usize + self.window..][..self.horizon]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_stay_inside_their_range_and_end_with_it() {
        let series: Vec<f32> = (0..10).map(|at| at as f32).collect();
        let mut set = WindowSet::new(3, 2);
        set.add(&series, 1..10, 2);
        let starts: Vec<f32> = (0..set.len()).map(|at| set.window(at)[0]).collect();
        assert_eq!(starts, [1.0, 3.0, 5.0]);
        assert_eq!(set.target(2), [8.0, 9.0]);
        set.add(&series, 6..10, 1);
        set.add(&series, 8..50, 1);
        assert_eq!(set.len(), 3, "no room for a whole window and what follows it");
        set.add(&series, 0..6, 1);
        assert_eq!((set.len(), set.window(4)[0], set.target(4)[1]), (5, 1.0, 5.0));
    }
}
