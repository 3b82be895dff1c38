//! How far from its law does a sample of n stray? Kolmogorov's distribution for a finite sample.

/// So large a sample is answered by the limit, with the correction of [`limit_above`].
const COUNT_EXACT_MOST: u64 = 1_000;

/// Probability that the distribution function of `count` values strays from their law by at least `distance`:
/// exact (Marsaglia, Tsang & Wang 2003) up to a thousand values, to four decimals beyond.
pub fn above(distance: f64, count: u64) -> f64 {
    if count == 0 || distance.is_nan() || distance <= 0.5 / count as f64 {
        return 1.0;
    }
    if distance >= 1.0 {
        return 0.0;
    }
    let n = count as f64;
    // Where so little is left the first term of the limit is all of it.
    if n * distance * distance > 9.0 {
        return (2.0 * libm::exp(-2.0 * n * distance * distance)).min(1.0);
    }
    let above = if count <= COUNT_EXACT_MOST {
        1.0 - below(distance, count)
    } else {
        limit_above(distance, n)
    };
    above.clamp(0.0, 1.0)
}

/// The limit for large samples, its argument corrected for the sample's size (Vrbik 2018).
fn limit_above(distance: f64, n: f64) -> f64 {
    let plain = libm::sqrt(n) * distance;
    let x = plain + 1.0 / (6.0 * libm::sqrt(n)) + (plain - 1.0) / (4.0 * n);
    let term = |k: i32| {
        let k = f64::from(k);
        let sign = if k % 2.0 == 0.0 { -1.0 } else { 1.0 };
        sign * libm::exp(-2.0 * k * k * x * x)
    };
    2.0 * (1..=100).map(term).sum::<f64>()
}

/// n! / n^n times the middle of a matrix' n-th power.
fn below(distance: f64, count: u64) -> f64 {
    let n = count as f64;
    let k = libm::floor(n * distance) as usize + 1;
    let mut answer = Matrix::strips(2 * k - 1, k as f64 - n * distance).raised(count);
    let mut value = answer.cells[(k - 1) * answer.side + k - 1];
    for i in 1..=count {
        value *= i as f64 / n;
        // Kept among the numbers that a double holds.
        if value < 1e-140 {
            value *= 1e140;
            answer.exponent -= 140;
        }
    }
    value * libm::pow(10.0, f64::from(answer.exponent))
}

/// A square matrix times a power of ten.
#[derive(Clone)]
struct Matrix {
    side: usize,
    cells: Vec<f64>,
    exponent: i32,
}

impl Matrix {
    /// The matrix whose power counts the ways to stay within a strip of so many steps; `rest` is what its edge
    /// has left of a step.
    fn strips(side: usize, rest: f64) -> Matrix {
        let mut cells = vec![0.0; side * side];
        for (row, column) in (0..side).flat_map(|row| (0..side).map(move |column| (row, column))) {
            cells[row * side + column] = if row + 1 >= column { 1.0 } else { 0.0 };
        }
        for at in 0..side {
            cells[at * side] -= libm::pow(rest, (at + 1) as f64);
            cells[(side - 1) * side + at] -= libm::pow(rest, (side - at) as f64);
        }
        let corner = (2.0 * rest - 1.0).max(0.0);
        cells[(side - 1) * side] += libm::pow(corner, side as f64);
        let mut factorials = vec![1.0; side + 2];
        for at in 1..side + 2 {
            factorials[at] = factorials[at - 1] * at as f64;
        }
        for (row, column) in (0..side).flat_map(|row| (0..side).map(move |column| (row, column))) {
            if row + 1 > column {
                cells[row * side + column] /= factorials[row + 1 - column];
            }
        }
        Matrix { side, cells, exponent: 0 }
    }

    fn one(side: usize) -> Matrix {
        let cells = (0..side * side).map(|at| if at % (side + 1) == 0 { 1.0 } else { 0.0 });
        Matrix { side, cells: cells.collect(), exponent: 0 }
    }

    fn raised(self, mut power: u64) -> Matrix {
        let mut answer = Matrix::one(self.side);
        let mut square = self;
        while power > 0 {
            if power % 2 == 1 {
                answer = answer.times(&square);
            }
            power /= 2;
            if power > 0 {
                square = square.times(&square);
            }
        }
        answer
    }

    fn times(&self, other: &Matrix) -> Matrix {
        let side = self.side;
        let mut cells = vec![0.0; side * side];
        for (into, row) in cells.chunks_mut(side).zip(self.cells.chunks(side)) {
            for (factor, others) in row.iter().zip(other.cells.chunks(side)) {
                into.iter_mut().zip(others).for_each(|(cell, other)| *cell += factor * other);
            }
        }
        let mut exponent = self.exponent + other.exponent;
        if cells[(side / 2) * side + side / 2] > 1e140 {
            cells.iter_mut().for_each(|cell| *cell *= 1e-140);
            exponent += 140;
        }
        Matrix { side, cells, exponent }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distribution_has_its_published_figures() {
        // Marsaglia, Tsang & Wang 2003: below .274 with ten values.
        let published = below(0.274, 10);
        assert!((published - 0.628_479_615_456_504_2).abs() < 1e-13, "{published}");
        // One value strays by at least d with probability 2 - 2 d, above a half.
        assert!((above(0.7, 1) - 0.6).abs() < 1e-12);
        assert_eq!((above(0.0, 5), above(1.0, 5), above(0.3, 0)), (1.0, 0.0, 1.0));
    }

    #[test]
    fn the_limit_takes_over_without_a_step() {
        for distance in [0.02, 0.03, 0.04, 0.05, 0.06] {
            let (exact, limit) = (1.0 - below(distance, 1_000), limit_above(distance, 1_000.0));
            assert!((exact - limit).abs() < 3e-5, "{distance}: {exact} {limit}");
        }
        let (near, far) = (above(0.094_868, 1_000), above(0.094_869, 1_000));
        assert!((near - far).abs() < 1e-8, "{near} {far}");
    }
}
