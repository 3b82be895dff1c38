//! Which members earn their place, and whether all of them together say more than the base rate does.
//! Every judgement is of rows that neither a member nor the weights had seen.

use domain::MODEL_COUNT;
use stats::labels::purged_folds;

use super::blend::{Active, Blend, Unseen};
use super::figures::Judged;
use super::stacking::{Heard, Stack, probability};

/// Chosen: as many as leave four fifths of the rows to weigh members by.
const FOLDS: usize = 5;
/// Chosen: gains are told apart by blocks of rows, since labels side by side share prices; so many blocks are
/// enough for an error of the error of a sixth.
const BLOCKS: usize = 20;
/// How many of its own errors the whole must gain on the base rate before it speaks: the upper 5 % point of
/// Student's t with one degree of freedom less than there are blocks.
const ERRORS_TO_SPEAK: f64 = 1.729;

/// What was composed, and how it did.
#[derive(Clone, Debug)]
pub(crate) struct Composed {
    /// What it makes of scores. No weight at all where it says nothing.
    pub blend: Blend,
    /// The whole, on rows its weights had not seen.
    pub whole: Judged,
    /// Each member alone, likewise.
    pub members: [Judged; MODEL_COUNT],
    /// What the whole gains on the base rate.
    pub gain: Gain,
    /// What is to be said of each member, in words.
    pub verdicts: [String; MODEL_COUNT],
}

/// By how much one log loss is smaller than another, a row.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Gain {
    /// The mean.
    pub mean: f64,
    /// Its standard error by blocks.
    pub error: f64,
}

impl Gain {
    /// Of `after` on `before`, row by row.
    fn between(before: &[f64], after: &[f64], worth: &[f64]) -> Gain {
        let all: f64 = worth.iter().sum();
        if all <= 0.0 {
            return Gain::default();
        }
        let gains: Vec<f64> =
            before.iter().zip(after).zip(worth).map(|((b, a), w)| (b - a) * w).collect();
        let mean = gains.iter().sum::<f64>() / all;
        let size = gains.len().div_ceil(BLOCKS).max(1);
        let blocks = gains.chunks(size).zip(worth.chunks(size));
        let count = gains.len().div_ceil(size) as f64;
        let off = |(gains, worth): (&[f64], &[f64])| {
            let off = gains.iter().sum::<f64>() - mean * worth.iter().sum::<f64>();
            off * off
        };
        let squares: f64 = blocks.map(off).sum();
        let error = if count > 1.0 { (squares * count / (count - 1.0)).sqrt() / all } else { 0.0 };
        Gain { mean, error }
    }

    /// In its own errors; a gain that only rounding made is none.
    fn errors(&self) -> f64 {
        const ROUNDING: f64 = 1e-9;
        if self.error > ROUNDING { self.mean / self.error } else { 0.0 }
    }
}

/// Rows in folds, with what members say of every row as the rest of the rows had taught it.
struct Crossed<'a> {
    rows: &'a Unseen,
    folds: Vec<Fold>,
}

struct Fold {
    blend: Blend,
    learned: Vec<Heard>,
    tested: Vec<Heard>,
    tests: std::ops::Range<usize>,
}

impl Crossed<'_> {
    fn new(rows: &Unseen) -> Crossed<'_> {
        let fold = |split: stats::labels::Split| {
            let tests: Vec<usize> = split.test.clone().collect();
            let blend = rows.sigmoids(&split.train);
            let learned = rows.heard(&blend, &split.train);
            let tested = rows.heard(&blend, &tests);
            Fold { blend, learned, tested, tests: split.test }
        };
        Crossed { rows, folds: purged_folds(&rows.spans, FOLDS, 0).into_iter().map(fold).collect() }
    }

    /// What these members expect of each row together.
    fn stacked(&self, active: Active) -> Vec<f64> {
        let of = |fold: &Fold| -> Vec<f64> {
            let stack = Stack::fit(&fold.learned, active);
            fold.tested.iter().map(|row| probability(stack.log_odds(&row.leans))).collect()
        };
        self.folds.iter().flat_map(of).collect()
    }

    /// The same, calibrated as the whole will be.
    fn whole(&self, active: Active) -> Vec<f64> {
        let of = |fold: &Fold| -> Vec<f64> {
            let blend = fold.blend.clone().weigh(&fold.learned, active);
            let expected = |at: usize| {
                let own = self.rows.own(&blend, at);
                blend.whole(own).unwrap_or_else(|| probability(blend.base))
            };
            fold.tests.clone().map(expected).collect()
        };
        self.folds.iter().flat_map(of).collect()
    }

    /// Rows on which a member spoke, with its own calibrated probability.
    fn member(&self, member: usize) -> Judged {
        let mut judged = Judged::default();
        for fold in &self.folds {
            for at in fold.tests.clone() {
                if let Some(p) = self.rows.own(&fold.blend, at)[member] {
                    judged.push(p, self.rows.won[at], self.rows.worth[at]);
                }
            }
        }
        judged
    }

    fn losses(&self, expected: &[f64]) -> Vec<f64> {
        let loss = |(p, won): (&f64, &bool)| {
            let right = if *won { *p } else { 1.0 - p };
            -libm::log(right.max(1e-15))
        };
        expected.iter().zip(&self.rows.won).map(loss).collect()
    }

    /// What a member adds to the others, on rows that had taught nothing.
    fn added(&self, active: Active, member: usize) -> Gain {
        let mut without = active;
        without[member] = false;
        let (with, without) = (self.stacked(active), self.stacked(without));
        Gain::between(&self.losses(&without), &self.losses(&with), &self.rows.worth)
    }
}

/// Sends away, one after the other, members whose contribution is within one standard error of nothing, the
/// least first; weighs the rest; and lets them speak if together they beat the base rate.
pub(crate) fn compose(rows: &Unseen) -> Composed {
    let all: Vec<usize> = (0..rows.won.len()).collect();
    let crossed = Crossed::new(rows);
    let alone = rows.sigmoids(&all);
    let members: [Judged; MODEL_COUNT] = std::array::from_fn(|member| crossed.member(member));
    let mut active: Active = std::array::from_fn(|at| alone.ranks(at));
    let mut verdicts = std::array::from_fn(|at| match &alone.sigmoids[at] {
        None => "no row to judge it by".to_owned(),
        Some(_) if !active[at] => {
            "adds nothing: what it ranks higher wins no more often".to_owned()
        }
        Some(_) => String::new(),
    });
    while active.iter().filter(|active| **active).count() > 1 {
        let added = (0..MODEL_COUNT).filter(|at| active[*at]);
        let added = added.map(|member| (member, crossed.added(active, member)));
        let least = added.min_by(|one, two| one.1.errors().total_cmp(&two.1.errors()));
        let Some((member, gain)) = least.filter(|(_, gain)| gain.errors() <= 1.0) else { break };
        active[member] = false;
        verdicts[member] = adds_nothing(gain);
    }
    let mut whole = Judged::default();
    let expected = crossed.whole(active);
    for (at, p) in expected.iter().enumerate() {
        whole.push(*p, rows.won[at], rows.worth[at]);
    }
    let base = crossed.losses(&vec![whole.base_rate(); expected.len()]);
    let gain = Gain::between(&base, &crossed.losses(&expected), &rows.worth);
    let heard = rows.heard(&alone, &all);
    let mut blend = alone.weigh(&heard, active);
    for member in (0..MODEL_COUNT).filter(|at| active[*at]) {
        verdicts[member] = verdict(&crossed, active, member, blend.weights[member]);
    }
    if gain.errors() <= ERRORS_TO_SPEAK {
        blend.weights = [0.0; MODEL_COUNT];
        for member in (0..MODEL_COUNT).filter(|at| active[*at]) {
            verdicts[member] = no_better(gain);
        }
    }
    Composed { blend, whole, members, gain, verdicts }
}

fn verdict(crossed: &Crossed<'_>, active: Active, member: usize, weight: f64) -> String {
    let gain = crossed.added(active, member);
    if weight == 0.0 {
        return adds_nothing(gain);
    }
    let Gain { mean, error } = gain;
    format!("counts: log loss a row changes by {:+.4} with it, with an error of {error:.4}", -mean)
}

fn adds_nothing(gain: Gain) -> String {
    let Gain { mean, error } = gain;
    if mean < -error {
        let more = -mean;
        return format!(
            "adds nothing: log loss a row is {more:.4} higher with it, with an error of {error:.4}"
        );
    }
    if mean > error {
        return "adds nothing: weighed on all rows it comes to 0".to_owned();
    }
    let moved = -mean;
    format!("adds nothing: it moves log loss a row by {moved:+.4}, within its error of {error:.4}")
}

fn no_better(gain: Gain) -> String {
    let needed = ERRORS_TO_SPEAK * gain.error;
    if gain.mean <= 0.0 {
        let more = -gain.mean;
        return format!("no better than the base rate: log loss a row is {more:.4} higher");
    }
    format!(
        "not proven better than the base rate: log loss a row is {:.4} lower, more than {needed:.4} would speak",
        gain.mean
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ModelKind;
    use scenarios::Dice;
    use stats::labels::Span;

    /// Rows whose truth is known: members' scores are the truth with noise, or noise alone.
    fn world(seed: u64, count: usize, edge: f64, noise: [Option<f64>; MODEL_COUNT]) -> Unseen {
        let mut dice = Dice::new(seed);
        let mut rows = Unseen::default();
        for at in 0..count {
            let truth = dice.normal();
            rows.won.push(dice.happens(probability(-0.2 + edge * truth)));
            rows.worth.push(1.0);
            rows.spans.push(Span { from: at, to: at });
            rows.scores.push(noise.map(|noise| {
                let noise = noise?;
                let heard =
                    if noise.is_finite() { truth + noise * dice.normal() } else { dice.normal() };
                Some(3.0 * heard)
            }));
        }
        rows
    }

    fn counting(blend: &Blend) -> Vec<ModelKind> {
        ModelKind::ALL.into_iter().filter(|kind| blend.weights[kind.at()] > 0.0).collect()
    }

    const NOISE: f64 = f64::INFINITY;

    #[test]
    fn who_knows_something_counts_and_who_guesses_does_not() {
        for seed in 0..20 {
            let composed =
                compose(&world(seed, 2_000, 0.5, [Some(0.2), Some(NOISE), None, Some(NOISE)]));
            assert_eq!(counting(&composed.blend), [ModelKind::Xgboost], "seed {seed}");
            assert_eq!(composed.verdicts[2], "no row to judge it by");
            assert!(composed.verdicts[1].starts_with("adds nothing"), "{:?}", composed.verdicts);
            assert!(
                composed.verdicts[0].starts_with("counts: log loss a row changes by -"),
                "{:?}",
                composed.verdicts
            );
        }
    }

    #[test]
    fn what_is_said_of_a_gain_is_what_it_is() {
        let said = |mean, error| adds_nothing(Gain { mean, error });
        assert!(said(-0.0096, 0.0064).contains("is 0.0096 higher with it, with an error"));
        assert!(said(-0.0050, 0.0064).contains("by +0.0050, within its error of 0.0064"));
        assert!(said(0.0050, 0.0064).contains("by -0.0050, within its error"));
        assert!(!said(0.0100, 0.0064).contains("within"));
        let said = |mean| no_better(Gain { mean, error: 0.01 });
        assert!(said(0.005).starts_with("not proven better than the base rate"));
        assert!(said(-0.005).starts_with("no better than the base rate"));
    }

    #[test]
    fn two_who_hear_different_things_both_count() {
        let both = |seed| {
            counting(&compose(&world(seed, 4_000, 0.6, [Some(1.5), None, Some(1.5), None])).blend)
                .len()
        };
        assert!((0..20).filter(|seed| both(*seed) == 2).count() >= 18);
    }

    #[test]
    fn four_who_guess_say_nothing() {
        let speaks = |seed: &u64| {
            compose(&world(*seed, 300, 0.0, [Some(NOISE); MODEL_COUNT])).blend.speaks()
        };
        let spoken = (0..100).filter(speaks).count();
        assert!(spoken <= 5, "{spoken} of 100 spoke");
    }

    #[test]
    fn what_is_expected_is_what_comes() {
        let mut above = 0;
        for seed in 0..20 {
            let composed = compose(&world(seed, 2_000, 0.8, [Some(0.3), Some(0.5), None, None]));
            assert!(composed.blend.speaks());
            let figures = composed.whole.figures();
            let of = |name: &str| figures.iter().find(|(known, _)| known == name).unwrap().1;
            assert!(of("log_loss") < of("base_log_loss"));
            above += u32::from(of("ece") > of("ece_floor"));
        }
        assert!(above <= 3, "{above} of 20 beyond what one of twenty perfect ones would be");
    }
}
