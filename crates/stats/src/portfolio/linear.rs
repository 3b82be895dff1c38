//! Small dense systems of equations.

/// Solves `matrix` x = `right` by elimination with row exchanges; `None` where the matrix is
/// singular to working precision.
pub(super) fn solve(matrix: &[Vec<f64>], right: &[f64]) -> Option<Vec<f64>> {
    let n = right.len();
    let mut rows: Vec<Vec<f64>> = matrix
        .iter()
        .zip(right)
        .map(|(row, &r)| row.iter().copied().chain([r]).collect())
        .collect();
    let size = rows.iter().flatten().fold(0.0_f64, |most, value| most.max(value.abs()));
    for column in 0..n {
        let by_size =
            |a: &usize, b: &usize| rows[*a][column].abs().total_cmp(&rows[*b][column].abs());
        let pivot = (column..n).max_by(by_size)?;
        rows.swap(column, pivot);
        let (done, below) = rows.split_at_mut(column + 1);
        let row = &done[column];
        if row[column].abs() <= 1e-14 * size || row[column].is_nan() {
            return None;
        }
        for other in below {
            let times = other[column] / row[column];
            other.iter_mut().zip(row).skip(column).for_each(|(value, from)| *value -= times * from);
        }
    }
    let mut solution = vec![0.0; n];
    for i in (0..n).rev() {
        let known: f64 = (i + 1..n).map(|j| rows[i][j] * solution[j]).sum();
        solution[i] = (rows[i][n] - known) / rows[i][i];
    }
    solution.iter().all(|value| value.is_finite()).then_some(solution)
}

/// Whether the table is square and every variance on its diagonal positive and finite.
pub(super) fn is_covariance(table: &[Vec<f64>]) -> bool {
    let usable = |(i, row): (usize, &Vec<f64>)| {
        row.len() == table.len() && row[i] > 0.0 && row.iter().all(|value| value.is_finite())
    };
    !table.is_empty() && table.iter().enumerate().all(usable)
}

/// The values scaled to sum one; `None` where their sum is not positive.
pub(super) fn scaled_to_one(values: Vec<f64>) -> Option<Vec<f64>> {
    let sum: f64 = values.iter().sum();
    (sum > 0.0 && sum.is_finite()).then(|| values.iter().map(|value| value / sum).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_is_solved_whatever_the_order_of_its_rows() {
        let matrix = [vec![0.0, 2.0, 1.0], vec![1.0, 1.0, 1.0], vec![4.0, 0.0, -1.0]];
        let solution = solve(&matrix, &[7.0, 6.0, 1.0]).unwrap();
        for (got, want) in solution.iter().zip([1.0, 2.0, 3.0]) {
            assert!((got - want).abs() < 1e-12, "{solution:?}");
        }
    }

    #[test]
    fn a_singular_system_has_no_solution() {
        assert_eq!(solve(&[vec![1.0, 2.0], vec![2.0, 4.0]], &[1.0, 1.0]), None);
        assert_eq!(solve(&[vec![f64::NAN]], &[1.0]), None);
    }
}
