//! Do two samples come from one distribution? (Kolmogorov 1933; Smirnov 1939)

use super::{kolmogorov, sorted};

/// How far two samples' distribution functions are apart at most, and what that is worth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KolmogorovSmirnov {
    /// The largest distance, 0..=1.
    pub statistic: f64,
    /// Values of the first sample.
    pub first: u64,
    /// Values of the second.
    pub second: u64,
}

/// Compares two samples; `None` where either holds no number.
pub fn kolmogorov_smirnov(first: &[f64], second: &[f64]) -> Option<KolmogorovSmirnov> {
    let (first, second) = (sorted(first), sorted(second));
    if first.is_empty() || second.is_empty() {
        return None;
    }
    let (n, m) = (first.len(), second.len());
    let (mut i, mut j, mut statistic) = (0, 0, 0.0_f64);
    while i < n && j < m {
        let at = first[i].min(second[j]);
        i += first[i..].iter().take_while(|value| **value <= at).count();
        j += second[j..].iter().take_while(|value| **value <= at).count();
        statistic = statistic.max((i as f64 / n as f64 - j as f64 / m as f64).abs());
    }
    Some(KolmogorovSmirnov { statistic, first: n as u64, second: m as u64 })
}

impl KolmogorovSmirnov {
    /// Probability of so large a distance under one distribution, for large samples: that of one sample of
    /// nm / (n + m) values against its law.
    pub fn p_asymptotic(&self) -> f64 {
        let (n, m) = (self.first as f64, self.second as f64);
        kolmogorov::above(self.statistic, libm::round(n * m / (n + m)) as u64)
    }

    /// The same exactly, for values without ties: the share of the orders of both samples in which the distance
    /// is reached. Takes time as the product of their sizes.
    pub fn p_exact(&self) -> f64 {
        let (n, m) = (self.first as f64, self.second as f64);
        // Distances are multiples of 1 / nm, and half of one keeps what is equal on the far side.
        let reached = self.statistic - 0.5 / (n * m);
        let is_inside = |i: f64, j: f64| (i / n - j / m).abs() < reached;
        // Of the orders of the first i and j values, the share that never reached it.
        let mut shares = vec![0.0; self.second as usize + 1];
        for i in 0..=self.first {
            let i = i as f64;
            let mut before = 0.0;
            for (j, share) in shares.iter_mut().enumerate() {
                let j = j as f64;
                *share = if i + j == 0.0 {
                    1.0
                } else if is_inside(i, j) {
                    (*share * i + before * j) / (i + j)
                } else {
                    0.0
                };
                before = *share;
            }
        }
        if self.statistic <= 0.0 {
            return 1.0;
        }
        (1.0 - shares.last().copied().unwrap_or(0.0)).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_samples_are_counted_by_hand() {
        // Of the six orders of two and two values, two keep the samples wholly apart.
        let apart = kolmogorov_smirnov(&[1.0, 2.0], &[3.0, 4.0]).unwrap();
        assert_eq!(apart.statistic, 1.0);
        assert!((apart.p_exact() - 2.0 / 6.0).abs() < 1e-12);
        let same = kolmogorov_smirnov(&[1.0, 2.0], &[2.0, 1.0]).unwrap();
        assert_eq!((same.statistic, same.p_exact(), same.p_asymptotic()), (0.0, 1.0, 1.0));
        assert_eq!(kolmogorov_smirnov(&[f64::NAN], &[1.0]), None);
    }
}
