//! What a conviction is worth.

use serde::{Deserialize, Serialize};

/// From conviction to the probability of ending above zero after costs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Calibration {
    /// Not known yet.
    #[default]
    None,
    /// p = 1 / (1 + exp(slope·conviction + offset)) (Platt 1999).
    Platt {
        /// Below zero where conviction is worth something.
        slope: f64,
        /// Its place.
        offset: f64,
    },
    /// Straight lines between these points, flat outside; probabilities never fall.
    Isotonic {
        /// Convictions, rising.
        at: Vec<f64>,
        /// Their probabilities.
        probability: Vec<f64>,
    },
}

impl Calibration {
    /// Whether all its numbers are numbers, its points rise, and its probabilities never fall.
    pub fn is_sane(&self) -> bool {
        match self {
            Calibration::None => true,
            Calibration::Platt { slope, offset } => slope.is_finite() && offset.is_finite(),
            Calibration::Isotonic { at, probability } => {
                at.len() == probability.len()
                    && !at.is_empty()
                    && at.iter().all(|x| x.is_finite())
                    && at.windows(2).all(|pair| pair[0] < pair[1])
                    && probability.iter().all(|p| (0.0..=1.0).contains(p))
                    && probability.windows(2).all(|pair| pair[0] <= pair[1])
            }
        }
    }

    /// The probability at this conviction; nothing where none is known.
    pub fn probability(&self, conviction: f64) -> Option<f64> {
        match self {
            Calibration::None => None,
            Calibration::Platt { slope, offset } => {
                Some(1.0 / (1.0 + libm::exp(slope * conviction + offset)))
            }
            Calibration::Isotonic { at, probability } => {
                let right = at.partition_point(|&x| x < conviction);
                if right == 0 {
                    return probability.first().copied();
                }
                if right == at.len() {
                    return probability.last().copied();
                }
                let share = (conviction - at[right - 1]) / (at[right] - at[right - 1]);
                Some(probability[right - 1] + share * (probability[right] - probability[right - 1]))
            }
        }
    }
}
