//! Which rows a tree is grown on.

use super::spec::{Sampling, TreeSpec};

/// Rows that a tree sees, in order, and those it does not.
pub(super) struct Sample {
    pub seen: Vec<usize>,
    pub unseen: Vec<usize>,
}

/// Draws by SplitMix64 (Steele, Lea & Flood 2014): small, and the same everywhere.
pub(super) struct Draws(u64);

impl Draws {
    pub(super) fn new(seed: u64) -> Draws {
        Draws(seed)
    }

    /// A number in [0, 1).
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let word = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((word ^ (word >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// The rows for the tree at a place, or nothing where it sees all. Rows drawn for others get their slopes and
/// curvatures multiplied by what they stand for.
pub(super) fn sample(
    spec: &TreeSpec,
    tree: usize,
    draws: &mut Draws,
    slopes: &mut [f32],
    curvatures: &mut [f32],
) -> Option<Sample> {
    match spec.sampling {
        Sampling::Share(share) if share < 1.0 => Some(shared(share, draws, slopes.len())),
        Sampling::Goss { top, other } if tree >= (1.0 / spec.rate) as usize => {
            goss(top, other, draws, slopes, curvatures)
        }
        _ => None,
    }
}

fn shared(share: f64, draws: &mut Draws, rows: usize) -> Sample {
    let (seen, unseen) = (0..rows).partition(|_| draws.next() < share);
    Sample { seen, unseen }
}

fn goss(
    top: f64,
    other: f64,
    draws: &mut Draws,
    slopes: &mut [f32],
    curvatures: &mut [f32],
) -> Option<Sample> {
    let rows = slopes.len();
    let errors: Vec<f32> = slopes.iter().zip(&*curvatures).map(|(g, h)| (g * h).abs()).collect();
    let (top, other) = ((rows as f64 * top) as usize, (rows as f64 * other) as usize);
    if top == 0 || other == 0 {
        return None;
    }
    let mut largest = errors.clone();
    let (_, least_of_top, _) = largest.select_nth_unstable_by(top - 1, |a, b| b.total_cmp(a));
    let kept = errors.iter().filter(|error| *error >= least_of_top).count();
    let mut rest = rows - kept;
    let mut wanted = other.min(rest);
    let stands_for = rest as f32 / wanted.max(1) as f32;
    let mut sample = Sample { seen: Vec::with_capacity(kept + wanted), unseen: Vec::new() };
    for (row, error) in errors.iter().enumerate() {
        if error >= least_of_top {
            sample.seen.push(row);
            continue;
        }
        // Draws exactly as many as are wanted, each row as likely as any other.
        if draws.next() * (rest as f64) < wanted as f64 {
            wanted -= 1;
            slopes[row] *= stands_for;
            curvatures[row] *= stands_for;
            sample.seen.push(row);
        } else {
            sample.unseen.push(row);
        }
        rest -= 1;
    }
    Some(sample)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_err_most_stay_and_the_rest_stand_for_all_others() {
        let mut slopes: Vec<f32> = (0..1000).map(|row| ((row * 37) % 1000 + 1) as f32).collect();
        let mut curvatures = vec![1.0_f32; 1000];
        let before = slopes.clone();
        let sample = goss(0.2, 0.1, &mut Draws::new(3), &mut slopes, &mut curvatures).unwrap();
        assert_eq!((sample.seen.len(), sample.unseen.len()), (300, 700));
        assert!(sample.seen.is_sorted());
        for row in sample.seen {
            let weight = if before[row] > 800.0 { 1.0 } else { 8.0 };
            assert_eq!(slopes[row], before[row] * weight, "row {row}");
            assert_eq!(curvatures[row], weight);
        }
        assert!(
            sample.unseen.iter().all(|row| slopes[*row] == before[*row] && before[*row] <= 800.0)
        );
    }

    #[test]
    fn where_all_err_alike_all_are_seen() {
        let sample = goss(0.2, 0.1, &mut Draws::new(3), &mut [1.0; 50], &mut [0.25; 50]).unwrap();
        assert_eq!((sample.seen.len(), sample.unseen.len()), (50, 0));
    }
}
