//! Is the best of many tried better than what stands, or lucky? Hansen's test of superior predictive
//! ability with the consistent recentring (Hansen 2005) and the stationary bootstrap (Politis & Romano
//! 1994). Chance comes from a seed: the same gains give the same answer.

/// What to resample, and how often.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpaRules {
    /// Resamples. Chosen: with 499 a p of .05 is known to about .01.
    pub resamples: u32,
    /// Mean length of a resampled stretch, periods.
    pub stretch: f64,
    /// Where the chance begins.
    pub seed: u64,
}

impl Default for SpaRules {
    fn default() -> SpaRules {
        SpaRules { resamples: 499, stretch: 4.0, seed: 0 }
    }
}

/// What the test found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Superiority {
    /// Which has the largest studentised gain.
    pub best: usize,
    /// That gain: root n times the mean over its deviation; 0 where none gained.
    pub statistic: f64,
    /// Probability of as much among as many that gain nothing.
    pub p: f64,
}

/// Tests gains over what stands, one row per alternative, one column per period. Rows that never differ
/// from what stands, and rows of another length than the first, cannot be the best and are left out; `None`
/// where no row is left or there are fewer than eight periods.
pub fn superiority(gains: &[Vec<f64>], rules: &SpaRules) -> Option<Superiority> {
    const PERIODS_MIN: usize = 8;
    let periods = gains.first()?.len();
    if periods < PERIODS_MIN {
        return None;
    }
    let keep = 1.0 - 1.0 / rules.stretch.clamp(1.0, periods as f64);
    let alternatives: Vec<Alternative> = (gains.iter().enumerate())
        .filter(|(_, row)| row.len() == periods)
        .filter_map(|(at, row)| Alternative::of(at, row, keep))
        .collect();
    let best = alternatives.iter().max_by(|a, b| a.student.total_cmp(&b.student))?;
    let statistic = best.student.max(0.0);
    let mut dice = rules.seed;
    let mut counts = vec![0.0; periods];
    let mut as_good = 0_u32;
    for _ in 0..rules.resamples {
        resample(&mut counts, keep, &mut dice);
        let most = alternatives.iter().map(|one| one.resampled(&counts)).fold(0.0, f64::max);
        as_good += u32::from(most >= statistic);
    }
    // The sample itself counts as one, so that no p is ever zero (Davison & Hinkley 1997).
    let p = f64::from(as_good + 1) / f64::from(rules.resamples + 1);
    Some(Superiority { best: best.at, statistic, p })
}

/// One row that may be the best.
struct Alternative<'a> {
    at: usize,
    row: &'a [f64],
    /// Root n times its mean, over its deviation.
    student: f64,
    /// What is subtracted from a resample's mean: its own mean, unless it is so poor that it would only
    /// dull the test.
    centre: f64,
    /// Root n over its deviation.
    scale: f64,
    mean: f64,
    /// What a resample's distance from the mean is multiplied by.
    widen: f64,
}

impl<'a> Alternative<'a> {
    fn of(at: usize, row: &'a [f64], keep: f64) -> Option<Alternative<'a>> {
        let n = row.len() as f64;
        let mean = row.iter().sum::<f64>() / n;
        let (variance, used) = long_run_variance(row, mean, keep);
        if !(variance > 0.0 && variance.is_finite()) {
            return None;
        }
        let scale = (n / variance).sqrt();
        let student = mean * scale;
        let poor = -(2.0 * libm::log(libm::log(n))).sqrt();
        let centre = if student >= poor { mean } else { 0.0 };
        let widen = 1.0 / (1.0 - used / n).max(0.25).sqrt();
        Some(Alternative { at, row, student, centre, scale, mean, widen })
    }

    fn resampled(&self, counts: &[f64]) -> f64 {
        // Eight sums side by side: one after the other each would wait for the one before.
        let mut lanes = [0.0; 8];
        for (values, counts) in self.row.chunks(8).zip(counts.chunks(8)) {
            for ((lane, value), count) in lanes.iter_mut().zip(values).zip(counts) {
                *lane += value * count;
            }
        }
        let mean = lanes.iter().sum::<f64>() / self.row.len() as f64;
        ((mean - self.mean) * self.widen + self.mean - self.centre) * self.scale
    }
}

/// Variance of root n times the mean as the stationary bootstrap has it (Politis & Romano 1994, lemma 1), and
/// the sum of its kernel: of the true variance one n-th of that is lost, because each covariance is taken
/// around the sample's mean. What is resampled is widened by as much, or short samples pass too often.
fn long_run_variance(row: &[f64], mean: f64, keep: f64) -> (f64, f64) {
    let n = row.len();
    let together = |lag: usize| {
        let pairs = row[lag..].iter().zip(row);
        pairs.map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>() / n as f64
    };
    let (mut variance, mut used) = (together(0), 1.0);
    // `kept` is keep^lag, `back` keep^(n - lag).
    let (mut kept, mut back) = (1.0, libm::pow(keep, n as f64));
    for lag in 1..n {
        kept *= keep;
        back = if keep > 0.0 { back / keep } else { 0.0 };
        let share = lag as f64 / n as f64;
        let kernel = (1.0 - share) * kept + share * back;
        if kernel > 1e-6 {
            variance += 2.0 * kernel * together(lag);
            used += 2.0 * kernel;
        }
    }
    (variance, used)
}

/// How often each period is drawn: stretches of geometric length that go round at the end.
fn resample(counts: &mut [f64], keep: f64, dice: &mut u64) {
    counts.fill(0.0);
    let n = counts.len();
    let mut at = (uniform(dice) * n as f64) as usize;
    for _ in 0..n {
        counts[at.min(n - 1)] += 1.0;
        at = if uniform(dice) < keep { (at + 1) % n } else { (uniform(dice) * n as f64) as usize };
    }
}

/// The next number in [0, 1) (SplitMix64; Steele, Lea & Flood 2014).
fn uniform(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((word ^ (word >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: SpaRules = SpaRules { resamples: 199, stretch: 4.0, seed: 7 };

    fn normal(dice: &mut u64) -> f64 {
        let sum: f64 = (0..12).map(|_| uniform(dice)).sum();
        sum - 6.0
    }

    /// Alternatives of autocorrelated gains, of which each shares half with all others.
    fn gains(seed: u64, alternatives: usize, lift: f64, carry: f64) -> Vec<Vec<f64>> {
        let mut dice = seed.wrapping_mul(0x5851_f42d_4c95_7f2d);
        let mut stream = || {
            let mut last = 0.0;
            (0..120)
                .map(|_| {
                    last = carry * last + normal(&mut dice);
                    last
                })
                .collect::<Vec<f64>>()
        };
        let shared = stream();
        (0..alternatives)
            .map(|at| {
                let lift = if at == 0 { lift } else { 0.0 };
                let own = stream();
                own.iter().zip(&shared).map(|(own, shared)| own + shared + lift).collect()
            })
            .collect()
    }

    #[test]
    fn of_twenty_alternatives_that_gain_nothing_the_best_seldom_passes() {
        for (carry, most) in [(0.0, 33), (0.15, 44)] {
            let p = |seed| superiority(&gains(seed, 20, 0.0, carry), &RULES).unwrap().p;
            let passes = (0..400).filter(|&seed| p(seed) < 0.05).count();
            eprintln!("{passes} of 400 passed at .05 with a carry of {carry}");
            // Above 33 would be beyond three standard errors of one in twenty. Where periods carry on the
            // test is known to pass too often in 120 of them: measured 34, .085 instead of .05.
            assert!(passes <= most, "{passes}");
        }
    }

    #[test]
    fn one_that_gains_is_found_among_twenty() {
        let found = |seed| {
            let found = superiority(&gains(seed, 20, 1.0, 0.15), &RULES).unwrap();
            found.best == 0 && found.p < 0.05
        };
        let found = (0..50).filter(|&seed| found(seed)).count();
        assert!(found >= 40, "{found}");
    }

    #[test]
    fn poor_alternatives_do_not_hide_a_good_one() {
        let mut many = gains(3, 5, 1.2, 0.15);
        let alone = superiority(&many, &RULES).unwrap();
        many.extend(
            gains(4, 60, 0.0, 0.15).into_iter().map(|row| row.iter().map(|g| g - 5.0).collect()),
        );
        let among = superiority(&many, &RULES).unwrap();
        assert_eq!((alone.best, among.best), (0, 0));
        assert!(among.p <= alone.p + 0.01, "{} {}", among.p, alone.p);
    }

    #[test]
    fn what_cannot_be_asked_has_no_answer() {
        assert_eq!(superiority(&[], &RULES), None);
        assert_eq!(superiority(&[vec![1.0; 4]], &RULES), None);
        assert_eq!(superiority(&[vec![0.0; 40], vec![f64::NAN; 40]], &RULES), None);
        let worse: Vec<f64> = (0..40).map(|at| -1.0 - f64::from(at % 3)).collect();
        let found = superiority(&[worse], &RULES).unwrap();
        assert_eq!((found.statistic, found.p), (0.0, 1.0));
    }
}
