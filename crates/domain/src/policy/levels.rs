//! Levels by which stakes are learned: how strongly the heads lean, and how far the claimed edge is
//! beyond its costs.

/// Levels of conviction, a fifth each. Chosen, as seed 001 speaks of levels and names none.
pub const CONVICTION_LEVELS: usize = 5;

/// Where one level of the claimed edge over a round trip's cost ends and the next begins. Chosen: the fee
/// gate's own 1.5 first, then about equal steps of the logarithm.
pub const EDGE_LEVEL_ENDS: [f64; 4] = [1.5, 2.0, 3.0, 5.0];

/// Levels of the claimed edge over cost.
pub const EDGE_LEVELS: usize = EDGE_LEVEL_ENDS.len() + 1;

/// The level of a conviction, 0..=1; each begins with its lower end.
pub fn conviction_level(conviction: f64) -> usize {
    ((conviction * CONVICTION_LEVELS as f64).max(0.0) as usize).min(CONVICTION_LEVELS - 1)
}

/// The level of a claimed edge over a round trip's cost; each begins with its lower end.
pub fn edge_level(edge_ratio: f64) -> usize {
    EDGE_LEVEL_ENDS.partition_point(|end| *end <= edge_ratio)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_begins_with_its_lower_end_and_the_last_takes_the_rest() {
        let convictions = [-1.0, 0.0, 0.19, 0.2, 0.5, 0.6, 0.8, 1.0, 7.0];
        assert_eq!(convictions.map(conviction_level), [0, 0, 0, 1, 2, 3, 4, 4, 4]);
        let edges = [0.0, 1.49, 1.5, 2.0, 2.9, 3.0, 4.9, 5.0, f64::INFINITY];
        assert_eq!(edges.map(edge_level), [0, 0, 1, 2, 2, 3, 3, 4, 4]);
    }

    #[test]
    fn what_is_no_number_has_the_least_level() {
        assert_eq!((conviction_level(f64::NAN), edge_level(f64::NAN)), (0, 0));
    }
}
