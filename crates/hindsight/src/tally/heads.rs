//! What each head's agreement told: how often candidates paid with it and against it.
//!
//! How often a head was right would not tell: where targets lie farther than stops, fewer than half
//! of all candidates pay, and a head that always disagrees is right most of the time.

use domain::{HEAD_COUNT, HeadName, Outcome};
use stats::interval::wilson;

use super::results::Z_95;
use crate::report::Estimate;

/// Outcomes a head was on one side of, overlap discounted.
#[derive(Clone, Copy, Debug, Default)]
struct Sided {
    n: u64,
    effective: f64,
    won: f64,
}

impl Sided {
    fn add(&mut self, outcome: &Outcome) {
        self.n += 1;
        self.effective += outcome.uniqueness;
        self.won += if outcome.won() { outcome.uniqueness } else { 0.0 };
    }

    /// Win rate with its 95 % interval (Wilson 1927).
    fn rate(&self) -> Option<Estimate> {
        if self.effective <= 0.0 {
            return None;
        }
        let interval = wilson(self.won, self.effective, Z_95);
        Some(Estimate {
            value: self.won / self.effective,
            low: interval.low,
            high: interval.high,
            n: self.n,
            n_effective: self.effective,
        })
    }
}

/// Outcomes with and against each of the nine heads.
#[derive(Clone, Debug, Default)]
pub struct HeadTally {
    agreed: [Sided; HEAD_COUNT],
    disagreed: [Sided; HEAD_COUNT],
}

impl HeadTally {
    /// Adds an outcome.
    pub fn add(&mut self, outcome: &Outcome) {
        for at in 0..HEAD_COUNT {
            match outcome.votes.at(at) {
                Some(vote) if vote.side == outcome.side => self.agreed[at].add(outcome),
                Some(_) => self.disagreed[at].add(outcome),
                None => {}
            }
        }
    }

    /// Outcomes a head voted on, overlap discounted.
    pub fn votes_effective(&self, head: HeadName) -> f64 {
        self.agreed[head.at()].effective + self.disagreed[head.at()].effective
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
    use super::*;
    use domain::{
        DecisionId, ExitReason, Side, Standing, StrategyIx, SymbolIx, Timestamp, Vote, Votes,
    };

    fn outcome(head: HeadName, side: Side, won: bool) -> Outcome {
        let mut votes = Votes::default();
        votes.set(head, Some(Vote { side, confidence: 1.0 }));
        let at = Timestamp::from_ms(0);
        Outcome {
            decision_no: 0,
            decision: DecisionId(0),
            symbol: SymbolIx(0),
            strategy: StrategyIx(0),
            side: Side::Long,
            standing: Standing::Refused,
            refused: 0,
            votes,
            conviction: 0.5,
            decided_at: at,
            opened_at: at,
            closed_at: at,
            entry: 1.0,
            exit: 1.0,
            reason: ExitReason::Time,
            r: if won { 1.0 } else { -1.0 },
            net_bps: 0.0,
            cost_bps: 0.0,
            funding_bps: 0.0,
            climate: domain::Climate::default(),
            favourable_bps: 0.0,
            adverse_bps: 0.0,
            bars: 1,
            uniqueness: 1.0,
        }
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
