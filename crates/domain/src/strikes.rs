//! Which stretches a person has struck: the one place that says what is struck and what is not.

use serde::{Deserialize, Serialize};

use crate::{Command, Timestamp};

/// Stretches in force, in the order in which they were struck.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Strikes(Vec<(Timestamp, Timestamp)>);

impl Strikes {
    /// Whether what was decided then is struck. A stretch begins with its first moment and ends before
    /// its last.
    pub fn holds(&self, decided_at: Timestamp) -> bool {
        self.0.iter().any(|(from, to)| *from <= decided_at && decided_at < *to)
    }

    /// One more stretch.
    pub fn add(&mut self, from: Timestamp, to: Timestamp) {
        self.0.push((from, to));
    }

    /// Lets the newest stretch go that is this one; says whether there was one.
    pub fn take_back(&mut self, from: Timestamp, to: Timestamp) -> bool {
        let found = self.0.iter().rposition(|stretch| *stretch == (from, to));
        found.map(|at| self.0.remove(at)).is_some()
    }

    /// The newest.
    pub fn newest(&self) -> Option<(Timestamp, Timestamp)> {
        self.0.last().copied()
    }

    /// Hears of an order that was carried out.
    pub fn hear(&mut self, order: &Command) {
        match order {
            Command::Strike { from, to, .. } => self.add(*from, *to),
            Command::Unstrike { from, to, .. } => {
                self.take_back(*from, *to);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_struck_twice_is_struck_until_both_are_taken_back() {
        let at = Timestamp::from_ms;
        let mut strikes = Strikes::default();
        strikes.add(at(3), at(7));
        strikes.add(at(5), at(9));
        strikes.add(at(3), at(7));
        assert_eq!([2, 3, 8, 9].map(|ms| strikes.holds(at(ms))), [false, true, true, false]);
        assert!(strikes.take_back(at(3), at(7)) && strikes.holds(at(3)));
        assert_eq!(strikes.newest(), Some((at(5), at(9))));
        assert!(strikes.take_back(at(3), at(7)) && !strikes.holds(at(3)));
        assert!(!strikes.take_back(at(3), at(7)));
    }
}
