//! What leaving earlier would have come to: the mean result at a quarter, a half, three quarters and the
//! whole of the longest hold.

use domain::{Marks, Outcome};
use serde::{Deserialize, Serialize};
use stats::moments::Moments;

/// Mean results by the share of the longest hold after which everything is left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct HoldCurve {
    pub(crate) outcomes: u64,
    results: [Moments; HoldCurve::POINTS],
}

impl HoldCurve {
    const POINTS: usize = Marks::COUNT + 1;

    /// The share of the longest hold at a place.
    pub(crate) fn share(at: usize) -> f64 {
        Marks::AT.get(at).copied().unwrap_or(1.0)
    }

    /// Takes in a result. Marks are before the costs of leaving, which whoever leaves there pays; what ended
    /// before a mark came to what it came to.
    pub(crate) fn hear(&mut self, outcome: &Outcome) {
        let stop_bps = f64::from(outcome.basis.stop_fraction) * 1e4;
        let leaving_r = if stop_bps > 0.0 { 0.5 * outcome.cost_bps / stop_bps } else { 0.0 };
        self.outcomes += 1;
        for (at, results) in self.results.iter_mut().enumerate() {
            let r = outcome.marks.at(at).map_or(outcome.r, |r| r - leaving_r);
            results.observe_weighted(r, outcome.uniqueness);
        }
    }

    /// Outcomes with overlap discounted.
    pub(crate) fn effective(&self) -> f64 {
        self.results[HoldCurve::POINTS - 1].weight_sum()
    }

    /// The mean result at a place.
    pub(crate) fn mean(&self, at: usize) -> Option<f64> {
        self.results[at].mean()
    }

    /// The place of the best mean, the longest hold among equals.
    pub(crate) fn best(&self) -> Option<usize> {
        let means = (0..HoldCurve::POINTS).map(|at| Some((at, self.mean(at)?)));
        let means: Option<Vec<(usize, f64)>> = means.collect();
        means?.into_iter().max_by(|a, b| a.1.total_cmp(&b.1)).map(|(at, _)| at)
    }

    /// The shortest hold whose mean lies within one standard error of the best (methods §1.12): shorter is
    /// taken unless longer has shown more.
    pub(crate) fn shortest_of_the_best(&self) -> Option<usize> {
        let best = self.best()?;
        let variance = self.results[best].variance()?;
        let error = libm::sqrt(variance / self.effective());
        let enough = self.mean(best)? - error;
        (0..HoldCurve::POINTS).find(|&at| self.mean(at).is_some_and(|mean| mean >= enough))
    }
}
