//! A hidden Markov model that learns as it filters, for a live engine.

use super::recursion::Recursion;
use super::seed::Seed;
use serde::{Deserialize, Serialize};

/// How an [`OnlineHmm`] starts and how fast it learns. The defaults meet the test bench's row g
/// (`tests/regime.rs`); where a number is not measured there it is chosen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HmmSettings {
    /// Observations that only place the states, before the first probability.
    pub bootstrap_bars: u64,
    /// Deviation of the loudest seeded state over that of the quietest.
    pub deviation_ratio: f64,
    /// How long a seeded state lasts on average, in observations; at least 1.
    pub dwell_bars: f64,
    /// How many observations the statistics remember once all are learned in; at least 1.
    /// It must span several dwells, or a state is forgotten while it is away.
    pub memory_bars: f64,
}

impl Default for HmmSettings {
    fn default() -> HmmSettings {
        HmmSettings {
            bootstrap_bars: 200,
            deviation_ratio: 3.0,
            dwell_bars: 100.0,
            memory_bars: 2_000.0,
        }
    }
}

/// The weight of an observation is its number to minus this: see `OnlineHmm::step`.
const STEP_EXPONENT: f64 = 0.8;

/// Filtered probabilities of K states from observations of D dimensions, learned online.
///
/// State 0 has the least variance in the first dimension, state K-1 the most: labels keep their
/// meaning while the parameters move. Each observation costs the same, nothing is allocated,
/// and a probability, once given, is never revised. Measured for 3 states and 2 dimensions: 105 ns
/// per observation (`examples/speed.rs`). Finite for any finite observations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound(
    serialize = "[f64; D]: Serialize, Seed<D>: Serialize, Recursion<K, D>: Serialize",
    deserialize = "[f64; D]: Deserialize<'de>, Seed<D>: Deserialize<'de>, \
                   Recursion<K, D>: Deserialize<'de>"
))]
pub struct OnlineHmm<const K: usize, const D: usize> {
    settings: HmmSettings,
    observed: u64,
    /// From this observation on the step is constant.
    learned_in_at: u64,
    /// The step in use.
    step: f64,
    seed: Seed<D>,
    centre: [f64; D],
    scale: [f64; D],
    recursion: Option<Recursion<K, D>>,
}

impl<const K: usize, const D: usize> OnlineHmm<K, D> {
    /// A model that has seen nothing. There are at least two states and one dimension.
    pub fn new(settings: HmmSettings) -> OnlineHmm<K, D> {
        const { assert!(K >= 2 && D >= 1, "a hidden Markov model has states and dimensions") };
        let memory_bars = settings.memory_bars.max(1.0);
        OnlineHmm {
            settings,
            observed: 0,
            learned_in_at: libm::ceil(libm::pow(memory_bars, 1.0 / STEP_EXPONENT)) as u64,
            step: 1.0,
            seed: Seed::new(),
            centre: [0.0; D],
            scale: [1.0; D],
            recursion: None,
        }
    }

    /// Takes in one observation; one that holds anything but finite numbers is passed over.
    pub fn observe(&mut self, observation: &[f64; D]) {
        if !observation.iter().all(|value| value.is_finite()) {
            return;
        }
        self.observed += 1;
        // From a thousand observations on it falls by at most a fortieth in this many: not worth a power each.
        const STEP_HOLDS: u64 = 32;
        if self.observed < 1_000 || self.observed.is_multiple_of(STEP_HOLDS) {
            self.step = self.next_step();
        }
        let step = self.step;
        match &mut self.recursion {
            Some(recursion) => {
                let standard = |d: usize| (observation[d] - self.centre[d]) / self.scale[d];
                recursion.observe(&std::array::from_fn(standard), step);
            }
            None => {
                self.seed.observe(observation);
                if self.observed >= self.settings.bootstrap_bars {
                    self.begin();
                }
            }
        }
    }

    /// The probability of each state given the observations so far; `None` while the first ones
    /// are still being collected.
    pub fn posterior(&self) -> Option<&[f64; K]> {
        self.recursion.as_ref().map(|recursion| &recursion.posterior)
    }

    /// How many observations were taken in.
    pub fn observed(&self) -> u64 {
        self.observed
    }

    /// `[i][j]`: probability to go from state i to state j within one observation.
    pub fn transitions(&self) -> Option<&[[f64; K]; K]> {
        self.recursion.as_ref().map(|recursion| &recursion.transitions)
    }

    /// `[k][d]`: mean of dimension d in state k, in its unit.
    pub fn means(&self) -> Option<[[f64; D]; K]> {
        let means = self.recursion.as_ref()?.means;
        Some(means.map(|mean| std::array::from_fn(|d| self.centre[d] + self.scale[d] * mean[d])))
    }

    /// `[k][d]`: standard deviation of dimension d in state k, in its unit.
    pub fn deviations(&self) -> Option<[[f64; D]; K]> {
        let variances = self.recursion.as_ref()?.variances;
        Some(variances.map(|of| std::array::from_fn(|d| self.scale[d] * libm::sqrt(of[d]))))
    }

    /// The weight of the next observation in the statistics: n^-.8 while it learns in, then
    /// constant, which forgets exponentially.
    ///
    /// Cappé & Moulines 2009 allow exponents from .5 to 1; Cappé 2011 takes .6 for long series.
    /// Measured on row g with a start twice too wide: .6 loses 3 points of accuracy to .8, for it
    /// forgets a state while it is away, and 1 loses 4, for it never forgets a wrong start.
    fn next_step(&self) -> f64 {
        if self.observed >= self.learned_in_at {
            return 1.0 / self.settings.memory_bars.max(1.0);
        }
        libm::pow(self.observed as f64, -STEP_EXPONENT)
    }

    /// Places the states: deviations in a geometric ladder around the pooled one, means leaning
    /// the way each dimension leaned when the first was large.
    fn begin(&mut self) {
        let start = self.seed.start();
        let (centre, scale) = (start.centre, start.scale);
        let rungs: [f64; K] = std::array::from_fn(|k| 2.0 * k as f64 / (K as f64 - 1.0) - 1.0);
        let loudness = rungs.map(|rung| libm::pow(self.settings.deviation_ratio.max(1.0), rung));
        let whole = loudness.iter().sum::<f64>() / K as f64;
        let mut variances = [[1.0; D]; K];
        let mut means = [[0.0; D]; K];
        for k in 0..K {
            variances[k][0] = loudness[k] / whole;
            for d in 1..D {
                means[k][d] = start.lean[d] * rungs[k];
                variances[k][d] = 1.0 - start.lean[d] * start.lean[d] * 0.5;
            }
        }
        let leave = (1.0 / self.settings.dwell_bars.max(1.0)).min(0.5);
        let mut transitions = [[leave / (K as f64 - 1.0); K]; K];
        (0..K).for_each(|k| transitions[k][k] = 1.0 - leave);
        (self.centre, self.scale) = (centre, scale);
        self.recursion = Some(Recursion::new(transitions, means, variances));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(i: u32) -> [f64; 2] {
        let loud = if i % 600 < 300 { 0.2 } else { 1.0 };
        [loud * libm::sin(f64::from(i) * 1.7), loud + 0.1 * libm::cos(f64::from(i))]
    }

    fn ordered<const K: usize, const D: usize>(hmm: &OnlineHmm<K, D>) -> bool {
        hmm.deviations().is_none_or(|of| of.windows(2).all(|pair| pair[0][0] <= pair[1][0]))
    }

    fn sound<const K: usize, const D: usize>(hmm: &OnlineHmm<K, D>) -> bool {
        let shares = |row: &[f64; K]| {
            row.iter().all(|p| (0.0..=1.0).contains(p))
                && (row.iter().sum::<f64>() - 1.0).abs() < 1e-9
        };
        let finite = |rows: [[f64; D]; K]| rows.iter().flatten().all(|value| value.is_finite());
        hmm.posterior().is_none_or(shares)
            && hmm.transitions().is_none_or(|rows| rows.iter().all(shares))
            && hmm.means().is_none_or(finite)
            && hmm.deviations().is_none_or(finite)
            && ordered(hmm)
    }

    #[test]
    fn nothing_is_said_before_the_states_are_placed() {
        let mut hmm = OnlineHmm::<3, 2>::new(HmmSettings::default());
        (0..199).for_each(|i| hmm.observe(&wave(i)));
        assert_eq!(hmm.posterior(), None);
        hmm.observe(&wave(199));
        assert_eq!(hmm.posterior(), Some(&[1.0 / 3.0; 3]));
    }

    #[test]
    fn parameters_come_back_in_the_units_of_the_observations() {
        let mut hmm = OnlineHmm::<2, 2>::new(HmmSettings::default());
        (0..30_000).for_each(|i| hmm.observe(&wave(i)));
        let (means, deviations) = (hmm.means().unwrap(), hmm.deviations().unwrap());
        assert!((means[0][1] - 0.2).abs() < 0.05 && (means[1][1] - 1.0).abs() < 0.05, "{means:?}");
        // A sine of height h deviates by h / sqrt 2.
        assert!((deviations[0][0] - 0.1414).abs() < 0.01, "{deviations:?}");
        assert!((deviations[1][0] - 0.71).abs() < 0.01, "{deviations:?}");
        assert!(hmm.transitions().unwrap()[0][0] > 0.98);
    }

    #[test]
    fn no_finite_series_breaks_it() {
        let series: [fn(u32) -> f64; 8] = [
            |_| 0.0,
            |_| 5.0,
            |i| if i < 500 { 1e-3 } else { 1e9 },
            |i| if i % 777 == 776 { 1e9 } else { 1e-3 * libm::sin(f64::from(i)) },
            |i| if i % 2 == 0 { f64::MAX } else { f64::MIN },
            |i| if i < 1_000 { 1e-300 * f64::from(i % 7) } else { 1e300 },
            |i| libm::exp(f64::from(i % 1_000) * 0.6),
            |i| f64::from(i) * 1e5,
        ];
        for (at, value) in series.iter().enumerate() {
            let mut hmm = OnlineHmm::<3, 2>::new(HmmSettings::default());
            for i in 0..20_000 {
                hmm.observe(&[value(i), value(i / 3)]);
                assert!(sound(&hmm), "series {at}, observation {i}: {hmm:?}");
            }
        }
    }

    #[test]
    fn one_bad_tick_is_forgotten() {
        let mut hmm = OnlineHmm::<2, 2>::new(HmmSettings::default());
        (0..5_000).for_each(|i| hmm.observe(&wave(i)));
        let before = hmm.deviations().unwrap();
        hmm.observe(&[1e9, -1e9]);
        let after = hmm.deviations().unwrap();
        assert!(after[1][0] < before[1][0] * 1.2, "{before:?} {after:?}");
    }

    #[test]
    fn what_is_no_number_is_passed_over() {
        let mut hmm = OnlineHmm::<2, 2>::new(HmmSettings::default());
        (0..300).for_each(|i| hmm.observe(&wave(i)));
        let before = hmm.clone();
        hmm.observe(&[f64::NAN, 0.0]);
        hmm.observe(&[0.0, f64::INFINITY]);
        assert_eq!(hmm, before);
    }

    #[test]
    fn it_goes_on_from_where_it_was_saved() {
        let mut lived = OnlineHmm::<3, 2>::new(HmmSettings::default());
        (0..700).for_each(|i| lived.observe(&wave(i)));
        let text = serde_json::to_string(&lived).unwrap();
        let mut restored: OnlineHmm<3, 2> = serde_json::from_str(&text).unwrap();
        (700..900).for_each(|i| {
            lived.observe(&wave(i));
            restored.observe(&wave(i));
        });
        assert_eq!(lived, restored);
    }
}
