//! The layer as it was, so that an outcome is scored by what was known when it was decided.

use std::collections::VecDeque;

use domain::{FastLayer, Timestamp};
use serde::{Deserialize, Serialize};

/// Layers kept. What is open at any moment is worth a handful of effective outcomes; this many are worth more.
const LAYERS_MOST: usize = 64;

/// What the layer was, by the moment from which it was that, oldest first. Positions that are open at one
/// time share a stretch of the market: a layer that has heard how the first of them ended would be scored on
/// the others by what it knows of that stretch already, and luck would look like skill.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Earlier {
    layers: VecDeque<(Timestamp, FastLayer)>,
    /// Effective outcomes heard since the last of them.
    since: f64,
}

impl Earlier {
    /// From a moment on it was this; of before nothing is known.
    pub(super) fn from(at: Timestamp, layer: FastLayer) -> Earlier {
        Earlier { layers: VecDeque::from([(at, layer)]), since: 0.0 }
    }

    /// Keeps what it has become, once an effective outcome has gone into it.
    pub(super) fn note(&mut self, at: Timestamp, layer: &FastLayer, uniqueness: f64) {
        self.since += uniqueness;
        let is_later = self.layers.back().is_none_or(|(last, _)| at > *last);
        if self.since < 1.0 || !is_later {
            return;
        }
        if self.layers.len() == LAYERS_MOST {
            self.layers.pop_front();
        }
        self.layers.push_back((at, *layer));
        self.since = 0.0;
    }

    /// What it was at a moment, if that is known.
    pub(super) fn at(&self, decided_at: Timestamp) -> Option<&FastLayer> {
        let known = self.layers.iter().rev().find(|(from, _)| *from <= decided_at);
        known.map(|(_, layer)| layer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_decided_earlier_is_scored_by_what_was_known_then() {
        let layer = |bias: f64| FastLayer { bias, ..FastLayer::default() };
        let at = Timestamp::from_ms;
        let mut earlier = Earlier::from(at(0), layer(0.0));
        for nth in 1..=100 {
            earlier.note(at(nth), &layer(nth as f64), 0.5);
        }
        assert_eq!(earlier.at(at(100)), Some(&layer(100.0)));
        assert_eq!(earlier.at(at(51)), Some(&layer(50.0)));
        earlier.note(at(100), &layer(-1.0), 5.0);
        assert_eq!(earlier.at(at(100)), Some(&layer(100.0)), "of one moment the first stays");
        for nth in 101..=200 {
            earlier.note(at(nth), &layer(nth as f64), 1.0);
        }
        assert_eq!(earlier.at(at(100)), None, "too long ago to tell");
    }
}
