//! Which of several noisy rewards is the largest, with which probability, exactly?
//!
//! Thompson sampling (Thompson 1933) chooses each arm with the probability that its mean is the largest
//! under the posterior. Here that probability is computed and not drawn, so that it can be recorded as a
//! propensity.

use crate::shrinkage::beta::{log_beta, regularised_beta};
use serde::{Deserialize, Serialize};

/// A belief about a mean: a Student-t around `mean`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Belief {
    /// Its middle.
    pub mean: f64,
    /// Its scale, positive.
    pub scale: f64,
    /// Degrees of freedom, at least 1; the more, the more Gaussian.
    pub freedom: f64,
}

impl Belief {
    /// The probability that the mean lies below `x`.
    pub fn below(&self, x: f64) -> f64 {
        let t = (x - self.mean) / self.scale;
        let square = t * t;
        // One tail, by the incomplete beta function (Abramowitz & Stegun 26.7.1).
        let tail =
            0.5 * regularised_beta(0.5 * self.freedom, 0.5, self.freedom / (self.freedom + square));
        if t > 0.0 { 1.0 - tail } else { tail }
    }

    /// The density at `x`.
    pub fn density(&self, x: f64) -> f64 {
        self.standard_density((x - self.mean) / self.scale, self.log_norm()) / self.scale
    }

    fn log_norm(&self) -> f64 {
        log_beta(0.5, 0.5 * self.freedom) + 0.5 * libm::log(self.freedom)
    }

    fn standard_density(&self, t: f64, log_norm: f64) -> f64 {
        let power = -0.5 * (self.freedom + 1.0) * libm::log1p(t * t / self.freedom);
        libm::exp(power - log_norm)
    }
}

/// Steps of the rule on either side of the middle, and their width. In z with t = sinh z the density
/// falls off faster than exponentially and has no singularity within π/2 of the real line, so that the
/// plain sum converges like exp(−π² / width). Measured: 1e-11 at half of these steps.
const STEPS: i32 = 48;
const WIDTH: f64 = 0.25;

/// P(`one` > `other`) for independent beliefs.
///
/// The wide one's smooth distribution is integrated against the narrow one's density: the other way
/// round a step would have to be resolved.
pub fn probability_greater(one: &Belief, other: &Belief) -> f64 {
    if one.scale > other.scale {
        return 1.0 - probability_greater(other, one);
    }
    let log_norm = one.log_norm();
    let (mut whole, mut below) = (0.0, 0.0);
    for step in -STEPS..=STEPS {
        let z = f64::from(step) * WIDTH;
        let t = libm::sinh(z);
        let mass = one.standard_density(t, log_norm) * libm::cosh(z);
        // What cannot matter to the last digit asked for is not asked for.
        if mass > 1e-16 {
            whole += mass;
            below += mass * other.below(one.mean + one.scale * t);
        }
    }
    (below / whole).clamp(0.0, 1.0)
}

/// As many beliefs as can be compared at once.
pub const BELIEFS_MAX: usize = 16;

/// For each belief the probability that it is the largest; they sum to one. Beliefs beyond
/// [`BELIEFS_MAX`] have no chance.
///
/// `out` has the length of `beliefs`. Two are compared by [`probability_greater`]; more by a sum over
/// all beliefs' own grids together, so that the narrowest and the widest are both resolved.
pub fn probabilities_best(beliefs: &[Belief], out: &mut [f64]) {
    out.fill(0.0);
    let beliefs = &beliefs[..beliefs.len().min(BELIEFS_MAX).min(out.len())];
    match beliefs {
        [] => {}
        [_] => out[0] = 1.0,
        [one, other] => {
            out[0] = probability_greater(one, other);
            out[1] = 1.0 - out[0];
        }
        many => by_panels(many, out),
    }
}

/// Gauss–Legendre nodes and weights on −1..1, five of them (Abramowitz & Stegun, table 25.4).
const NODES: [(f64, f64); 5] = [
    (-0.906_179_845_938_664, 0.236_926_885_056_189_1),
    (-0.538_469_310_105_683_1, 0.478_628_670_499_366_5),
    (0.0, 0.568_888_888_888_888_9),
    (0.538_469_310_105_683_1, 0.478_628_670_499_366_5),
    (0.906_179_845_938_664, 0.236_926_885_056_189_1),
];

/// Panels end wherever one of the beliefs' own grids does.
fn by_panels(beliefs: &[Belief], out: &mut [f64]) {
    const SIDE: i32 = 30;
    const PANEL: f64 = 0.3;
    const EDGES: usize = 2 * SIDE as usize + 1;
    let mut edges = [0.0; BELIEFS_MAX * EDGES];
    let count = beliefs.len() * EDGES;
    for (belief, edges) in beliefs.iter().zip(edges.chunks_mut(EDGES)) {
        for (edge, step) in edges.iter_mut().zip(-SIDE..) {
            *edge = belief.mean + belief.scale * libm::sinh(f64::from(step) * PANEL);
        }
    }
    let edges = &mut edges[..count];
    edges.sort_unstable_by(f64::total_cmp);
    for pair in edges.windows(2) {
        let (middle, half) = (0.5 * (pair[0] + pair[1]), 0.5 * (pair[1] - pair[0]));
        if half <= 0.0 {
            continue;
        }
        for (node, weight) in NODES {
            add_node(beliefs, middle + half * node, half * weight, out);
        }
    }
    let whole: f64 = out.iter().sum();
    out.iter_mut().for_each(|share| *share /= whole);
}

fn add_node(beliefs: &[Belief], x: f64, weight: f64, out: &mut [f64]) {
    let mut below = [1.0; BELIEFS_MAX];
    for (below, belief) in below.iter_mut().zip(beliefs) {
        *below = belief.below(x);
    }
    for (at, belief) in beliefs.iter().enumerate() {
        let others: f64 =
            (0..beliefs.len()).filter(|other| *other != at).map(|other| below[other]).product();
        if others > 0.0 {
            out[at] += weight * belief.density(x) * others;
        }
    }
}

/// The prior of a mean and a variance: normal-inverse-gamma.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prior {
    /// Where the mean is believed to lie.
    pub mean: f64,
    /// How many values that belief is worth.
    pub weight: f64,
    /// Shape of the variance's inverse gamma; twice it are the degrees of freedom.
    pub shape: f64,
    /// Its rate: shape − 1 times the expected variance.
    pub rate: f64,
}

/// What an arm has paid, the past forgotten with every reward.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rewards {
    weight: f64,
    sum: f64,
    squares: f64,
}

impl Rewards {
    /// Takes in a reward of this weight, 0..=1; of the past `keep_fraction` is kept at weight 1 and
    /// accordingly more below. A reward that is no number, or weighs nothing, teaches nothing.
    pub fn observe(&mut self, reward: f64, weight: f64, keep_fraction: f64) {
        if !(reward.is_finite() && weight > 0.0 && weight <= 1.0) {
            return;
        }
        let keep = 1.0 - (1.0 - keep_fraction) * weight;
        self.weight = self.weight * keep + weight;
        self.sum = self.sum * keep + weight * reward;
        self.squares = self.squares * keep + weight * reward * reward;
    }

    /// How many rewards are remembered, overlap and forgetting discounted.
    pub fn count(&self) -> f64 {
        self.weight
    }

    /// Their mean; 0 before the first.
    pub fn mean(&self) -> f64 {
        if self.weight > 0.0 { self.sum / self.weight } else { 0.0 }
    }

    /// What is believed of the mean after them (Murphy 2007, section 3).
    pub fn belief(&self, prior: &Prior) -> Belief {
        let n = self.weight;
        let mean = self.mean();
        let scatter = (self.squares - n * mean * mean).max(0.0);
        let weight = prior.weight + n;
        let shape = prior.shape + 0.5 * n;
        let off = mean - prior.mean;
        let rate = prior.rate + 0.5 * scatter + 0.5 * prior.weight * n * off * off / weight;
        Belief {
            mean: (prior.weight * prior.mean + self.sum) / weight,
            scale: libm::sqrt(rate / (shape * weight)),
            freedom: 2.0 * shape,
        }
    }
}

#[cfg(test)]
mod tests {
    use core::f64::consts::PI;

    use super::*;

    /// P(`one` > `other`) for two Gaussians: what [`probability_greater`] tends to.
    fn gaussian_greater(one: &Belief, other: &Belief) -> f64 {
        let scale = libm::sqrt(one.scale * one.scale + other.scale * other.scale);
        crate::normal::cdf((one.mean - other.mean) / scale)
    }

    const fn belief(mean: f64, scale: f64, freedom: f64) -> Belief {
        Belief { mean, scale, freedom }
    }

    /// SplitMix64, as everywhere.
    struct Chance(u64);

    impl Chance {
        fn uniform(&mut self) -> f64 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let word = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((word ^ (word >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
        }

        fn normal(&mut self) -> f64 {
            let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.uniform()));
            radius * libm::cos(2.0 * PI * self.uniform())
        }

        /// Of whole degrees of freedom: a normal over the root of a mean of squares.
        fn student(&mut self, belief: &Belief) -> f64 {
            let normal = self.normal();
            let squares: f64 =
                (0..belief.freedom as u32).map(|_| self.normal()).map(|z| z * z).sum();
            belief.mean + belief.scale * normal / libm::sqrt(squares / belief.freedom)
        }
    }

    #[test]
    fn density_and_distribution_are_those_of_the_tables() {
        let standard = |freedom| belief(0.0, 1.0, freedom);
        assert!((standard(1.0).density(0.7) - 1.0 / (PI * 1.49)).abs() < 1e-14);
        // Two-sided 5 % points of Student's table.
        for (freedom, t) in
            [(1.0, 12.706_204_736_432_1), (4.0, 2.776_445_105_197_79), (30.0, 2.042_272_456_301_24)]
        {
            assert!((standard(freedom).below(t) - 0.975).abs() < 1e-12, "{freedom}");
            assert!((standard(freedom).below(-t) - 0.025).abs() < 1e-12, "{freedom}");
        }
    }

    #[test]
    fn many_degrees_of_freedom_give_the_closed_form_of_two_gaussians() {
        for (one, other) in [
            (belief(0.1, 0.2, 1e7), belief(0.0, 0.1, 1e7)),
            (belief(-1.0, 0.01, 1e7), belief(0.0, 3.0, 1e7)),
            (belief(0.3, 5.0, 1e7), belief(0.2, 0.02, 1e7)),
            (belief(0.0, 1.0, 1e7), belief(0.0, 1.0, 1e7)),
        ] {
            let exact = gaussian_greater(&one, &other);
            let got = probability_greater(&one, &other);
            assert!((got - exact).abs() < 1e-6, "{got} not {exact}");
        }
    }

    #[test]
    fn a_million_draws_come_near_the_computed_probabilities() {
        const DRAWS: u32 = 1_000_000;
        let beliefs = [belief(0.10, 0.10, 8.0), belief(0.0, 0.30, 4.0), belief(0.05, 0.05, 20.0)];
        let mut exact = [0.0; 3];
        probabilities_best(&beliefs, &mut exact);
        let two = probability_greater(&beliefs[0], &beliefs[1]);
        let (mut chance, mut best, mut first) = (Chance(7), [0_u32; 3], 0_u32);
        for _ in 0..DRAWS {
            let drawn = beliefs.each_ref().map(|belief| chance.student(belief));
            first += u32::from(drawn[0] > drawn[1]);
            let top = (0..3).max_by(|a, b| drawn[*a].total_cmp(&drawn[*b])).unwrap();
            best[top] += 1;
        }
        for (times, exact) in best.into_iter().zip(exact).chain([(first, two)]) {
            let share = f64::from(times) / f64::from(DRAWS);
            let error = libm::sqrt(exact * (1.0 - exact) / f64::from(DRAWS));
            assert!((share - exact).abs() < 4.0 * error, "{share} not {exact}");
        }
    }

    #[test]
    fn probabilities_sum_to_one_and_both_ways_of_computing_agree() {
        let cases = [
            [belief(0.0, 0.1, 4.0), belief(0.05, 0.4, 6.0)],
            [belief(-0.2, 0.9, 4.0), belief(0.3, 0.02, 300.0)],
            [belief(0.0, 0.1, 4.0), belief(0.0, 0.1, 4.0)],
        ];
        for pair in cases {
            let mut out = [0.0; 2];
            by_panels(&pair, &mut out);
            let fast = probability_greater(&pair[0], &pair[1]);
            assert!((out[0] - fast).abs() < 1e-9, "{} {fast}", out[0]);
            assert!((fast + probability_greater(&pair[1], &pair[0]) - 1.0).abs() < 1e-9);
            // One that never wins changes nothing.
            let hopeless = belief(-1e6, 0.1, 1e6);
            let mut three = [0.0; 3];
            probabilities_best(&[pair[0], pair[1], hopeless], &mut three);
            assert!((three.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            assert!((three[0] - fast).abs() < 1e-9 && three[2] < 1e-9, "{three:?} {fast}");
        }
    }

    #[test]
    fn one_alone_is_the_largest_and_none_have_no_chance() {
        let mut out = [0.0; 1];
        probabilities_best(&[belief(-5.0, 1.0, 4.0)], &mut out);
        assert_eq!(out, [1.0]);
        probabilities_best(&[], &mut []);
    }

    #[test]
    fn rewards_are_forgotten_by_their_weight_and_copies_say_no_more_than_one() {
        let prior = Prior { mean: 0.0, weight: 2.0, shape: 2.0, rate: 2.0 };
        let (mut alone, mut copies) = (Rewards::default(), Rewards::default());
        for no in 0..2_000 {
            let reward = f64::from(no % 5) - 2.0;
            alone.observe(reward, 1.0, 0.995);
            (0..10).for_each(|_| copies.observe(reward, 0.1, 0.995));
        }
        assert!((alone.count() - 200.0).abs() < 1.0 && (copies.count() - 200.0).abs() < 1.0);
        let (one, other) = (alone.belief(&prior), copies.belief(&prior));
        assert!((one.scale / other.scale - 1.0).abs() < 0.01, "{one:?} {other:?}");
        alone.observe(f64::NAN, 1.0, 0.995);
        assert!(alone.belief(&prior).mean.is_finite());
        assert_eq!(Rewards::default().belief(&prior), belief(0.0, libm::sqrt(0.5), 4.0));
    }
}
