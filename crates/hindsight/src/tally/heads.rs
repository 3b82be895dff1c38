//! What each head's agreement told: how often candidates paid with it and against it.
//!
//! How often a head was right would not tell: where targets lie farther than stops, fewer than half
//! of all candidates pay, and a head that always disagrees is right most of the time.

use domain::{HEAD_COUNT, HeadName, Outcome};

use super::results::WinTally;
use crate::report::Estimate;

/// Outcomes with and against each of the nine heads.
#[derive(Clone, Debug, Default)]
pub struct HeadTally {
    agreed: [WinTally; HEAD_COUNT],
    disagreed: [WinTally; HEAD_COUNT],
}

impl HeadTally {
    /// Adds an outcome.
    pub fn add(&mut self, outcome: &Outcome) {
        for at in 0..HEAD_COUNT {
            match outcome.votes.at(at) {
                Some(vote) if vote.side == outcome.side => {
                    self.agreed[at].add(outcome, outcome.uniqueness)
                }
                Some(_) => self.disagreed[at].add(outcome, outcome.uniqueness),
                None => {}
            }
        }
    }

    /// Outcomes a head voted on, overlap discounted.
    pub fn votes_effective(&self, head: HeadName) -> f64 {
        self.agreed[head.at()].effective() + self.disagreed[head.at()].effective()
    }

    /// Share of candidates that paid among those it agreed with.
    pub fn agreed(&self, head: HeadName) -> Option<Estimate> {
        self.agreed[head.at()].rate()
    }

    /// Share of candidates that paid among those it disagreed with.
    pub fn disagreed(&self, head: HeadName) -> Option<Estimate> {
        self.disagreed[head.at()].rate()
    }

    /// The first minus the second, with the interval of Newcombe (1998, method 10) from the two.
    pub fn lead(&self, head: HeadName) -> Option<Estimate> {
        let (with, against) = (self.agreed(head)?, self.disagreed(head)?);
        let value = with.value - against.value;
        let below =
            ((with.value - with.low).powi(2) + (against.high - against.value).powi(2)).sqrt();
        let above =
            ((with.high - with.value).powi(2) + (against.value - against.low).powi(2)).sqrt();
        Some(Estimate {
            value,
            low: value - below,
            high: value + above,
            n: with.n + against.n,
            n_effective: with.n_effective + against.n_effective,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::made_up::outcome as one;
    use super::*;
    use domain::{Side, Standing, Vote};

    fn outcome(head: HeadName, side: Side, won: bool) -> Outcome {
        let mut outcome = one(0, Standing::Refused, if won { 1.0 } else { -1.0 });
        outcome.votes.set(head, Some(Vote { side, confidence: 1.0 }));
        outcome
    }

    #[test]
    fn a_head_leads_by_what_its_agreement_tells_and_not_by_disagreeing_with_losers() {
        let mut tally = HeadTally::default();
        for at in 0..1_000 {
            // Four in ten pay, whatever the contrarian says; the skilled head is for those that do.
            let won = at % 10 < 4;
            let contrary = if at % 3 == 0 { Side::Long } else { Side::Short };
            tally.add(&outcome(HeadName::MeanReversion, contrary, won));
            tally.add(&outcome(HeadName::Trend, if won { Side::Long } else { Side::Short }, won));
        }
        let contrarian = tally.lead(HeadName::MeanReversion).unwrap();
        assert!(contrarian.low < 0.0 && contrarian.high > 0.0, "{contrarian:?}");
        assert!(tally.lead(HeadName::Trend).unwrap().low > 0.9);
        assert!(tally.lead(HeadName::Volatility).is_none());
    }
}
