//! Equity over time: every point for the worst fall, one a day for the Sharpe ratio, few for a chart.

use domain::{TimedBar, Timestamp};

use crate::report::EquityPlace;

/// A chart's points, thinned out evenly as they become too many.
#[derive(Clone, Debug)]
pub struct Curve<T> {
    points: Vec<T>,
    every: usize,
    heard: usize,
}

/// Points a chart may have (interface: at most 5,000).
const POINTS_MAX: usize = 5_000;

impl<T> Curve<T> {
    fn new() -> Curve<T> {
        Curve { points: Vec::new(), every: 1, heard: 0 }
    }

    fn push(&mut self, point: T) {
        if self.heard.is_multiple_of(self.every) {
            if self.points.len() == POINTS_MAX {
                let mut at = 0;
                self.points.retain(|_| {
                    at += 1;
                    at % 2 == 1
                });
                self.every *= 2;
            }
            if self.heard.is_multiple_of(self.every) {
                self.points.push(point);
            }
        }
        self.heard += 1;
    }
}

/// Equity beside holding.
#[derive(Clone, Debug)]
pub struct EquityCurve {
    start: f64,
    chart: Curve<EquityPlace>,
    last: Option<EquityPlace>,
    days: Vec<f64>,
    day: i64,
    peak: f64,
    worst_fall: f64,
    /// Per symbol: first open and last close.
    held: Vec<Option<(f64, f64)>>,
}

impl EquityCurve {
    pub(super) fn new(symbols: usize, start: f64) -> EquityCurve {
        EquityCurve {
            start,
            chart: Curve::new(),
            last: None,
            days: Vec::new(),
            day: i64::MIN,
            peak: start,
            worst_fall: 0.0,
            held: vec![None; symbols],
        }
    }

    pub(super) fn hold(&mut self, bars: &[TimedBar]) {
        for timed in bars {
            let held = &mut self.held[timed.symbol.at()];
            let bought = held.map_or(timed.bar.open(), |(bought, _)| bought);
            *held = Some((bought, timed.bar.close()));
        }
    }

    pub(super) fn mark(&mut self, at: Timestamp, equity: f64) {
        let place = EquityPlace { at, equity, held: self.held_value() };
        self.chart.push(place);
        self.last = Some(place);
        self.peak = self.peak.max(equity);
        self.worst_fall = self.worst_fall.max(1.0 - equity / self.peak);
        let day = at.day_closed();
        if day != self.day {
            self.day = day;
            self.days.push(equity);
        } else if let Some(last) = self.days.last_mut() {
            *last = equity;
        }
    }

    /// The start put equally into all symbols at their first open; cash until then.
    fn held_value(&self) -> f64 {
        let each = self.start / self.held.len().max(1) as f64;
        self.held
            .iter()
            .map(|held| held.map_or(each, |(bought, close)| each * close / bought))
            .sum()
    }

    /// What is owned at the end.
    pub fn equity(&self) -> f64 {
        self.last.map_or(self.start, |last| last.equity)
    }

    /// What was earned, positions that are still open included.
    pub fn profit(&self) -> f64 {
        self.equity() - self.start
    }

    /// Whether equity ever fell to zero.
    pub fn was_ruined(&self) -> bool {
        self.worst_fall >= 1.0
    }

    /// Net result over the start.
    pub fn net_return(&self) -> f64 {
        self.equity() / self.start - 1.0
    }

    /// What holding would have returned, without costs.
    pub fn hold_return(&self) -> f64 {
        self.held_value() / self.start - 1.0
    }

    /// Largest fall from a peak, over every point.
    pub fn worst_fall(&self) -> f64 {
        self.worst_fall
    }

    /// Returns from one UTC day's last equity to the next, the start before the first.
    pub fn daily_returns(&self) -> Vec<f64> {
        let mut before = self.start;
        self.days
            .iter()
            .map(|&equity| {
                let change = equity / before - 1.0;
                before = equity;
                change
            })
            .collect()
    }

    /// Points for a chart, the last one always among them.
    pub fn chart(&self) -> Vec<EquityPlace> {
        let mut points = self.chart.points.clone();
        if let Some(last) =
            self.last.filter(|last| points.last().is_none_or(|point| point.at < last.at))
        {
            if points.len() == POINTS_MAX {
                points.pop();
            }
            points.push(last);
        }
        points
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_keeps_its_size_and_its_last_point() {
        let mut curve = EquityCurve::new(1, 100.0);
        for at in 0..123_457_i64 {
            curve.mark(Timestamp::from_ms(at * 60_000), 100.0 + at as f64);
        }
        let chart = curve.chart();
        assert!((2_000..=5_000).contains(&chart.len()), "{}", chart.len());
        assert_eq!(chart.last().map(|point| point.equity), Some(100.0 + 123_456.0));
        let gaps: Vec<i64> = chart.windows(2).map(|pair| pair[1].at.ms_since(pair[0].at)).collect();
        assert!(
            gaps[..gaps.len() - 1].iter().all(|gap| *gap == gaps[0]),
            "points are evenly spaced"
        );
    }

    #[test]
    fn the_worst_fall_is_measured_from_the_peak() {
        let mut curve = EquityCurve::new(0, 100.0);
        for (at, equity) in [120.0, 90.0, 130.0, 110.0].into_iter().enumerate() {
            curve.mark(Timestamp::from_ms(at as i64 * 86_400_000 + 1), equity);
        }
        assert!((curve.worst_fall() - 0.25).abs() < 1e-12);
        assert_eq!(curve.daily_returns().len(), 4);
        assert!((curve.daily_returns()[0] - 0.20).abs() < 1e-12);
    }
}
