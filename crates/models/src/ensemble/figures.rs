//! How good probabilities were on rows nobody had fitted them on.

use stats::calibration::{brier, calibration_error, calibration_error_floor, log_loss};

/// Probabilities beside what came of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Judged {
    /// Expected of the decided side.
    pub expected: Vec<f64>,
    /// Whether it won.
    pub won: Vec<bool>,
    /// What each row is worth: its uniqueness.
    pub worth: Vec<f64>,
}

/// Points of a calibration plot.
const POINTS: usize = 10;

impl Judged {
    /// Adds a row.
    pub(crate) fn push(&mut self, expected: f64, won: bool, worth: f64) {
        self.expected.push(expected);
        self.won.push(won);
        self.worth.push(worth);
    }

    fn worth_of(&self, counts: impl Fn(usize) -> bool) -> f64 {
        (0..self.won.len()).filter(|at| counts(*at)).map(|at| self.worth[at]).sum()
    }

    /// The share that won; a half of none.
    pub(crate) fn base_rate(&self) -> f64 {
        let all = self.worth_of(|_| true);
        if all > 0.0 { self.worth_of(|at| self.won[at]) / all } else { 0.5 }
    }

    /// What is told of it, by name; nothing of no rows.
    pub(crate) fn figures(&self) -> Vec<(String, f64)> {
        let base = vec![self.base_rate(); self.won.len()];
        let effective = self.worth_of(|_| true);
        let right = self.worth_of(|at| (self.expected[at] >= 0.5) == self.won[at]);
        let told = [
            ("log_loss", log_loss(&self.expected, &self.won, &self.worth)),
            ("base_log_loss", log_loss(&base, &self.won, &self.worth)),
            ("brier", brier(&self.expected, &self.won, &self.worth)),
            ("auc", self.auc()),
            ("accuracy", (effective > 0.0).then(|| right / effective)),
            ("ece", calibration_error(&self.expected, &self.won, &self.worth)),
            ("ece_floor", calibration_error_floor(effective)),
            ("samples", Some(self.won.len() as f64)),
            ("effective", Some(effective)),
        ];
        told.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }

    /// Rows by what was expected, rising; equal expectations in the order of rows.
    fn rising(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.won.len()).collect();
        order.sort_by(|one, two| self.expected[*one].total_cmp(&self.expected[*two]));
        order
    }

    /// How probable it is that one that won was expected to win rather than one that lost; ties count half.
    fn auc(&self) -> Option<f64> {
        let (mut below, mut ranked, mut won) = (0.0, 0.0, 0.0);
        for equal in self.rising().chunk_by(|one, two| self.expected[*one] == self.expected[*two]) {
            let sum = |side: bool| -> f64 {
                equal.iter().filter(|at| self.won[**at] == side).map(|at| self.worth[*at]).sum()
            };
            let (up, down) = (sum(true), sum(false));
            ranked += up * (below + 0.5 * down);
            below += down;
            won += up;
        }
        (won > 0.0 && below > 0.0).then(|| ranked / (won * below))
    }

    /// What was expected, how often it came, and how many: tenths of the rows, rising.
    pub(crate) fn points(&self) -> Vec<(f64, f64, u64)> {
        let order = self.rising();
        let parts = POINTS.min(order.len());
        let begin = |part: usize| part * order.len() / parts.max(1);
        let point = |part: usize| {
            let rows = &order[begin(part)..begin(part + 1)];
            let sum = |of: &dyn Fn(usize) -> f64| -> f64 { rows.iter().map(|at| of(*at)).sum() };
            let all = sum(&|at| self.worth[at]);
            let expected = sum(&|at| self.worth[at] * self.expected[at]);
            let won = sum(&|at| if self.won[at] { self.worth[at] } else { 0.0 });
            (all > 0.0).then(|| (expected / all, won / all, rows.len() as u64))
        };
        (0..parts).filter_map(point).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(rows: &[(f64, bool)]) -> Judged {
        let mut judged = Judged::default();
        rows.iter().for_each(|&(expected, won)| judged.push(expected, won, 1.0));
        judged
    }

    fn figure(judged: &Judged, name: &str) -> Option<f64> {
        judged.figures().into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    #[test]
    fn the_area_counts_pairs_in_the_right_order_and_ties_half() {
        let all = judged(&[(0.1, false), (0.4, true), (0.35, false), (0.8, true)]);
        assert_eq!(figure(&all, "auc"), Some(1.0));
        let some = judged(&[(0.1, true), (0.4, true), (0.4, false), (0.8, false)]);
        assert_eq!(figure(&some, "auc"), Some(0.125));
        assert_eq!(figure(&judged(&[(0.1, true), (0.2, true)]), "auc"), None);
    }

    #[test]
    fn who_says_the_base_rate_is_as_good_as_the_base_rate() {
        let even = judged(&[(0.25, false), (0.25, true), (0.25, false), (0.25, false)]);
        assert_eq!(figure(&even, "log_loss"), figure(&even, "base_log_loss"));
        assert_eq!(figure(&even, "ece"), Some(0.0));
        assert_eq!(figure(&even, "accuracy"), Some(0.75));
        assert_eq!(even.points(), [(0.25, 0.0, 1), (0.25, 1.0, 1), (0.25, 0.0, 1), (0.25, 0.0, 1)]);
    }

    #[test]
    fn a_plot_has_ten_points_at_most_that_rise_and_hold_every_row() {
        let many: Vec<(f64, bool)> =
            (0..1_003).map(|at| (f64::from(at * 37 % 1_003) / 1_003.0, at % 3 == 0)).collect();
        let points = judged(&many).points();
        assert_eq!(points.len(), 10);
        assert_eq!(points.iter().map(|point| point.2).sum::<u64>(), 1_003);
        assert!(points.is_sorted_by(|one, two| one.0 < two.0));
        assert!(judged(&[]).points().is_empty() && judged(&[]).figures().len() == 2);
    }
}
