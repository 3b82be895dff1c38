//! What each member counts for: logistic regression on members' log-odds, no weight below zero.

use domain::MODEL_COUNT;

/// Members' log-odds above the base rate's on one row; 0 where a member is silent, as if it expected the
/// base rate.
pub(super) type Leans = [f64; MODEL_COUNT];

/// One row to weigh members by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heard {
    /// What members said.
    pub leans: Leans,
    /// Whether the decided side won.
    pub won: bool,
    /// What the row is worth: its uniqueness.
    pub worth: f64,
}

/// A number added, and what each member counts for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stack {
    /// Log-odds where no member leans either way.
    pub intercept: f64,
    /// At least zero each: a member that errs against itself is left out, never turned round.
    pub weights: [f64; MODEL_COUNT],
}

/// Chosen: a weight of one costs as much as half an outcome, so that a member nobody has heard yet counts
/// for nothing.
const RIDGE: f64 = 1.0;
/// Chosen: a convex function of five numbers needs about ten.
const NEWTON_MOST: u32 = 40;
/// Chosen: sweeps over four coordinates end to the last bits long before.
const SWEEPS: u32 = 200;
const SIZE: usize = MODEL_COUNT + 1;

impl Stack {
    /// Log-odds of a row.
    pub(super) fn log_odds(&self, leans: &Leans) -> f64 {
        self.weights.iter().zip(leans).map(|(weight, lean)| weight * lean).sum::<f64>()
            + self.intercept
    }

    /// The weights under which what happened was likeliest, less what the ridge costs, among those of
    /// `active` members and not below zero (Breiman 1996, "Stacked regressions", asks for the latter).
    /// Newton's steps, each to the least of its parabola within the bounds, halved where they overshoot.
    pub(super) fn fit(rows: &[Heard], active: [bool; MODEL_COUNT]) -> Stack {
        let mut at = Stack { intercept: 0.0, weights: [0.0; MODEL_COUNT] };
        let mut loss = at.loss(rows);
        for _ in 0..NEWTON_MOST {
            let parabola = Parabola::at(&at, rows);
            let aim = parabola.least(&at, active);
            let (mut part, mut next) = (1.0, at.toward(&aim, 1.0));
            while next.loss(rows) > loss && part > 1e-9 {
                part *= 0.5;
                next = at.toward(&aim, part);
            }
            let moved = at.distance(&next);
            let after = next.loss(rows);
            if after > loss {
                break;
            }
            (at, loss) = (next, after);
            if moved < 1e-10 {
                break;
            }
        }
        at
    }

    fn toward(&self, aim: &Stack, part: f64) -> Stack {
        let between = |from: f64, to: f64| from + part * (to - from);
        let mut weights = self.weights;
        weights.iter_mut().zip(aim.weights).for_each(|(weight, to)| *weight = between(*weight, to));
        Stack { intercept: between(self.intercept, aim.intercept), weights }
    }

    fn distance(&self, other: &Stack) -> f64 {
        let weights = self.weights.iter().zip(other.weights).map(|(one, two)| (one - two).abs());
        weights.fold((self.intercept - other.intercept).abs(), f64::max)
    }

    /// Negative log likelihood, and the ridge.
    fn loss(&self, rows: &[Heard]) -> f64 {
        let of = |row: &Heard| {
            let z = self.log_odds(&row.leans);
            let surprise = if row.won { -z } else { z };
            row.worth * (surprise.max(0.0) + libm::log1p(libm::exp(-surprise.abs())))
        };
        let ridge: f64 = self.weights.iter().map(|weight| weight * weight).sum();
        rows.iter().map(of).sum::<f64>() + 0.5 * RIDGE * ridge
    }
}

/// The probability of log-odds.
pub(super) fn probability(log_odds: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-log_odds))
}

/// Slope and curvature of the loss at a place; the last coordinate is the intercept.
struct Parabola {
    slope: [f64; SIZE],
    curve: [[f64; SIZE]; SIZE],
}

impl Parabola {
    fn at(stack: &Stack, rows: &[Heard]) -> Parabola {
        let (mut slope, mut curve) = ([0.0; SIZE], [[0.0; SIZE]; SIZE]);
        for row in rows {
            let p = probability(stack.log_odds(&row.leans));
            let off = row.worth * (p - f64::from(u8::from(row.won)));
            let bend = row.worth * p * (1.0 - p);
            let mut x = [1.0; SIZE];
            x[..MODEL_COUNT].copy_from_slice(&row.leans);
            for one in 0..SIZE {
                slope[one] += off * x[one];
                for two in 0..SIZE {
                    curve[one][two] += bend * x[one] * x[two];
                }
            }
        }
        for (at, weight) in stack.weights.iter().enumerate() {
            slope[at] += RIDGE * weight;
            curve[at][at] += RIDGE;
        }
        // Where every row is certain nothing bends: the step stays finite.
        curve[MODEL_COUNT][MODEL_COUNT] += 1e-9;
        Parabola { slope, curve }
    }

    /// Its least within the bounds, one coordinate after the other until none moves.
    fn least(&self, from: &Stack, active: [bool; MODEL_COUNT]) -> Stack {
        let mut step = [0.0; SIZE];
        for _ in 0..SWEEPS {
            let mut moved = 0.0_f64;
            for at in 0..SIZE {
                if at < MODEL_COUNT && !active[at] {
                    continue;
                }
                let pull: f64 = (0..SIZE).map(|other| self.curve[at][other] * step[other]).sum();
                let free = step[at] - (self.slope[at] + pull) / self.curve[at][at];
                let held = if at < MODEL_COUNT { free.max(-from.weights[at]) } else { free };
                moved = moved.max((held - step[at]).abs());
                step[at] = held;
            }
            if moved < 1e-13 {
                break;
            }
        }
        let mut weights = from.weights;
        weights.iter_mut().zip(step).for_each(|(weight, step)| *weight = (*weight + step).max(0.0));
        Stack { intercept: from.intercept + step[MODEL_COUNT], weights }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use scenarios::Dice;

    fn rows(seed: u64, count: usize, truth: impl Fn(&Leans) -> f64) -> Vec<Heard> {
        let mut dice = Dice::new(seed);
        let row = |_| {
            let leans = [0.0; MODEL_COUNT].map(|_: f64| 0.5 * dice.normal());
            let won = dice.happens(probability(truth(&leans)));
            Heard { leans, won, worth: 1.0 }
        };
        (0..count).map(row).collect()
    }

    #[test]
    fn weights_that_made_the_world_are_found_again() {
        let rows = rows(1, 40_000, |leans| 0.3 + 1.2 * leans[0] + 0.4 * leans[2]);
        let found = Stack::fit(&rows, [true; MODEL_COUNT]);
        let wanted = [1.2, 0.0, 0.4, 0.0];
        assert!((found.intercept - 0.3).abs() < 0.05, "{found:?}");
        for (found, wanted) in found.weights.iter().zip(wanted) {
            assert!((found - wanted).abs() < 0.06, "{found} {wanted}");
        }
    }

    #[test]
    fn who_errs_against_itself_counts_for_nothing_and_who_is_not_asked_neither() {
        let rows = rows(2, 5_000, |leans| 0.8 * leans[0] - 0.8 * leans[1] + 0.8 * leans[3]);
        let found = Stack::fit(&rows, [true, true, true, false]);
        assert!(found.weights[0] > 0.6, "{found:?}");
        assert_eq!((found.weights[1], found.weights[3]), (0.0, 0.0));
    }

    #[test]
    fn at_the_least_no_small_move_lowers_the_loss() {
        for seed in 0..20 {
            let rows = rows(seed, 300, |leans| 0.5 * leans[0] - 0.2 * leans[1]);
            let found = Stack::fit(&rows, [true; MODEL_COUNT]);
            let least = found.loss(&rows);
            for at in 0..SIZE {
                for step in [-1e-4, 1e-4] {
                    let mut moved = found;
                    match moved.weights.get_mut(at) {
                        Some(weight) => *weight = (*weight + step).max(0.0),
                        None => moved.intercept += step,
                    }
                    assert!(moved.loss(&rows) >= least - 1e-9, "seed {seed}, {at}, {step}");
                }
            }
        }
    }

    #[test]
    fn no_rows_and_rows_of_one_kind_do_no_harm() {
        let none = Stack::fit(&[], [true; MODEL_COUNT]);
        assert_eq!(none.weights, [0.0; MODEL_COUNT]);
        let sure = Heard { leans: [4.0; MODEL_COUNT], won: true, worth: 1.0 };
        let found = Stack::fit(&[sure; 30], [true; MODEL_COUNT]);
        assert!(found.log_odds(&sure.leans).is_finite());
    }
}
