//! What outcomes of one kind have come to: a level, an hour, a symbol, a combo. Overlapping ones weigh
//! their uniqueness, so that ten copies count as one.

use domain::{Outcome, PilClass};
use serde::{Deserialize, Serialize};
use stats::interval::Z_95;

/// Sums of results, all of them and with the old forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Results {
    /// Outcomes heard.
    pub(crate) outcomes: u64,
    /// By class, in the order of [`PilClass::ALL`].
    pub(crate) classes: [u64; 3],
    /// Σ weight, Σ weight·won, Σ weight·R, Σ weight·R².
    effective: f64,
    won: f64,
    sum: f64,
    squares: f64,
    /// With the past forgotten by a factor f: Σ w·f, Σ w·f², Σ w·f·R, Σ w·f·R².
    kept: f64,
    kept_squares: f64,
    kept_sum: f64,
    kept_square_sum: f64,
}

/// A mean of results with what it rests on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct MeanR {
    /// Units of initial risk.
    pub(crate) mean: f64,
    /// Its squared standard error.
    pub(crate) error_variance: f64,
    /// Independent outcomes behind it.
    pub(crate) effective: f64,
}

impl MeanR {
    /// The ends of its 95 % interval.
    pub(crate) fn interval(&self) -> (f64, f64) {
        let reach = Z_95 * self.error_variance.sqrt();
        (self.mean - reach, self.mean + reach)
    }

    /// As it is told: `+0.12 R (−0.03 to +0.27)`.
    pub(crate) fn says(&self) -> String {
        let (low, high) = self.interval();
        format!("{:+.2} R ({low:+.2} to {high:+.2})", self.mean)
    }
}

impl Results {
    /// Hears one outcome. A result that is no number says nothing.
    pub(crate) fn hear(&mut self, outcome: &Outcome, keep_fraction: f64) {
        let (r, weight) = (outcome.r, outcome.uniqueness);
        if !(r.is_finite() && weight > 0.0) {
            return;
        }
        self.outcomes += 1;
        self.classes[PilClass::of_closed(r) as usize] += 1;
        self.effective += weight;
        self.won += if outcome.won() { weight } else { 0.0 };
        self.sum += weight * r;
        self.squares += weight * r * r;
        // An outcome worth a tenth of an independent one makes the past a tenth as much older.
        let keep = 1.0 - (1.0 - keep_fraction) * weight;
        self.kept = self.kept * keep + weight;
        self.kept_squares = self.kept_squares * keep * keep + weight;
        self.kept_sum = self.kept_sum * keep + weight * r;
        self.kept_square_sum = self.kept_square_sum * keep + weight * r * r;
    }

    /// Takes in what others have come to, as if each outcome of theirs were worth this share of itself.
    pub(crate) fn take_in(&mut self, other: &Results, share: f64) {
        self.outcomes += other.outcomes;
        self.effective += share * other.effective;
        self.won += share * other.won;
        self.sum += share * other.sum;
        self.squares += share * other.squares;
        self.kept += share * other.kept;
        self.kept_squares += share * share * other.kept_squares;
        self.kept_sum += share * other.kept_sum;
        self.kept_square_sum += share * other.kept_square_sum;
    }

    /// The sums of all without those of some of them, which were heard here too.
    pub(crate) fn without(&self, some: &Results) -> Results {
        Results {
            outcomes: self.outcomes - some.outcomes,
            effective: self.effective - some.effective,
            won: self.won - some.won,
            sum: self.sum - some.sum,
            squares: self.squares - some.squares,
            ..Results::default()
        }
    }

    /// Outcomes with overlap discounted.
    pub(crate) fn effective(&self) -> f64 {
        self.effective
    }

    /// What was won and lost together, units of initial risk, overlap discounted.
    pub(crate) fn total_r(&self) -> f64 {
        self.sum
    }

    /// The share of outcomes that won; nothing before the first.
    pub(crate) fn win_rate(&self) -> Option<f64> {
        (self.effective > 0.0).then(|| self.won / self.effective)
    }

    /// The mean of all; nothing with at most one effective outcome.
    pub(crate) fn mean_r(&self) -> Option<MeanR> {
        mean_r(self.effective, self.effective, self.sum, self.squares)
    }

    /// The mean with the past forgotten. Only forgetting is squared in its count (Kish): a weight says how
    /// much of an outcome is its own.
    pub(crate) fn recent_r(&self) -> Option<MeanR> {
        let effective = self.kept * self.kept / self.kept_squares;
        mean_r(effective, self.kept, self.kept_sum, self.kept_square_sum)
    }

    /// Counts by class, as they are told.
    pub(crate) fn says_classes(&self) -> String {
        let each = PilClass::ALL.iter().zip(self.classes);
        let each = each.map(|(class, count)| format!("{count} {}", class.name()));
        each.collect::<Vec<_>>().join(", ")
    }
}

fn mean_r(effective: f64, weight: f64, sum: f64, squares: f64) -> Option<MeanR> {
    if effective.is_nan() || effective <= 1.0 {
        return None;
    }
    let mean = sum / weight;
    let variance = (squares / weight - mean * mean).max(0.0) * effective / (effective - 1.0);
    Some(MeanR { mean, error_variance: variance / effective, effective })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(results: &[f64], uniqueness: f64, copies: usize) -> Results {
        let mut all = Results::default();
        for (at, r) in results.iter().enumerate() {
            let outcome = Outcome { uniqueness, ..scenarios::outcome(at as u64, *r) };
            (0..copies).for_each(|_| all.hear(&outcome, 1.0));
        }
        all
    }

    #[test]
    fn ten_copies_of_a_tenth_say_what_one_says() {
        let said = [1.45, -1.05, -1.05, 0.1, 1.45];
        let (one, ten) = (heard(&said, 1.0, 1), heard(&said, 0.1, 10));
        let (one, ten) = (one.recent_r().unwrap(), ten.recent_r().unwrap());
        assert!((one.mean - ten.mean).abs() < 1e-12);
        assert!((one.error_variance - ten.error_variance).abs() < 1e-12);
        assert!((ten.effective - 5.0).abs() < 1e-9);
    }

    #[test]
    fn a_mean_and_its_error_are_the_textbooks() {
        let mean = heard(&[1.0, 2.0, 3.0, 4.0], 1.0, 1).mean_r().unwrap();
        assert!((mean.mean - 2.5).abs() < 1e-12);
        assert!((mean.error_variance - 5.0 / 12.0).abs() < 1e-12, "{mean:?}");
        assert!(heard(&[1.0], 1.0, 1).mean_r().is_none());
        assert_eq!(heard(&[f64::NAN, 1.0], 1.0, 1).outcomes, 1);
    }

    #[test]
    fn classes_are_counted_as_they_close() {
        assert_eq!(
            heard(&[1.0, -1.0, 0.1, -2.0], 1.0, 1).says_classes(),
            "1 WINNER, 2 LOSER, 1 STRUGGLING"
        );
    }
}
