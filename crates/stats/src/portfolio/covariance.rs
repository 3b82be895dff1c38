//! Covariance from a table of returns, and what it looks like without its scale.

use super::linear::is_covariance;

/// The correlations behind a covariance, -1..1 with ones on the diagonal.
pub fn correlation_of(covariance: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
    if !is_covariance(covariance) {
        return None;
    }
    let deviation: Vec<f64> = (0..covariance.len()).map(|i| libm::sqrt(covariance[i][i])).collect();
    let at = |i: usize, j: usize| {
        if i == j { 1.0 } else { (covariance[i][j] / deviation[i] / deviation[j]).clamp(-1.0, 1.0) }
    };
    let each = 0..covariance.len();
    Some(each.clone().map(|i| each.clone().map(|j| at(i, j)).collect()).collect())
}

/// A covariance drawn towards equal variances without correlation.
#[derive(Clone, Debug, PartialEq)]
pub struct ShrunkCovariance {
    /// Square and symmetric, in the square of the unit of the returns.
    pub covariance: Vec<Vec<f64>>,
    /// How far it was drawn: 0 the sample's own, 1 all the way.
    pub shrunk_fraction: f64,
}

/// The linear shrinkage of least expected square error (Ledoit & Wolf 2004, "A well-conditioned
/// estimator for large-dimensional covariance matrices"). One row of returns per bar, one column
/// per symbol; `None` with fewer than two rows or rows of different lengths.
pub fn ledoit_wolf(returns: &[Vec<f64>]) -> Option<ShrunkCovariance> {
    let (bars, symbols) = (returns.len(), returns.first()?.len());
    if bars < 2 || symbols == 0 || returns.iter().any(|row| row.len() != symbols) {
        return None;
    }
    let mean = |j: usize| returns.iter().map(|row| row[j]).sum::<f64>() / bars as f64;
    let means: Vec<f64> = (0..symbols).map(mean).collect();
    let centred: Vec<Vec<f64>> =
        returns.iter().map(|row| row.iter().zip(&means).map(|(r, m)| r - m).collect()).collect();
    let mut covariance = vec![vec![0.0; symbols]; symbols];
    for row in &centred {
        for (i, from) in row.iter().enumerate() {
            for (j, with) in row.iter().enumerate() {
                covariance[i][j] += from * with / bars as f64;
            }
        }
    }
    let shrunk_fraction = shrinkage(&centred, &covariance)?;
    let middle = (0..symbols).map(|i| covariance[i][i]).sum::<f64>() / symbols as f64;
    for (i, row) in covariance.iter_mut().enumerate() {
        row.iter_mut().for_each(|value| *value *= 1.0 - shrunk_fraction);
        row[i] += shrunk_fraction * middle;
    }
    Some(ShrunkCovariance { covariance, shrunk_fraction })
}

/// The error of the sample covariance as a share of its distance from the target.
fn shrinkage(centred: &[Vec<f64>], covariance: &[Vec<f64>]) -> Option<f64> {
    let symbols = covariance.len();
    let middle = (0..symbols).map(|i| covariance[i][i]).sum::<f64>() / symbols as f64;
    let squares: f64 = covariance.iter().flatten().map(|value| value * value).sum();
    let distance = squares - middle * middle * symbols as f64;
    let length = |row: &Vec<f64>| row.iter().map(|value| value * value).sum::<f64>();
    let fourth: f64 = centred.iter().map(|row| length(row) * length(row)).sum();
    let bars = centred.len() as f64;
    let error = (fourth / bars - squares) / bars;
    if !(distance.is_finite() && error.is_finite()) {
        return None;
    }
    // Rounding alone may leave a distance where there is none.
    Some(if distance > 1e-14 * squares { (error / distance).clamp(0.0, 1.0) } else { 1.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_bars_of_a_clear_structure_are_hardly_shrunk() {
        let bar = |i: i32| {
            let first = libm::sin(f64::from(i));
            vec![first, 2.0 * first + libm::cos(f64::from(i) * 1.7)]
        };
        let few = ledoit_wolf(&(0..8).map(bar).collect::<Vec<_>>()).unwrap();
        let many = ledoit_wolf(&(0..4_000).map(bar).collect::<Vec<_>>()).unwrap();
        assert!(many.shrunk_fraction < 0.01 && few.shrunk_fraction > many.shrunk_fraction);
        // Variances 1/2 and 2 + 1/2, covariance 1.
        assert!((many.covariance[0][1] - 1.0).abs() < 0.02, "{many:?}");
    }

    #[test]
    fn fewer_bars_than_symbols_still_give_a_usable_covariance() {
        let bar = |i: i32| (0..6).map(|j| libm::sin(f64::from(i * 7 + j * j))).collect();
        let shrunk = ledoit_wolf(&(0..4).map(bar).collect::<Vec<_>>()).unwrap();
        assert!(crate::portfolio::min_variance(&shrunk.covariance).is_some(), "{shrunk:?}");
    }

    #[test]
    fn one_bar_says_nothing() {
        assert_eq!(ledoit_wolf(&[vec![1.0, 2.0]]), None);
        assert_eq!(ledoit_wolf(&[vec![1.0], vec![1.0, 2.0]]), None);
        assert_eq!(correlation_of(&[vec![0.0]]), None);
    }
}
