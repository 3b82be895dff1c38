//! Nine heads, their votes, and how a vote is packed so that a pending outcome stays small.

use serde::{Deserialize, Serialize};

/// How many heads there are (seed 003).
pub const HEAD_COUNT: usize = 9;

/// Which way a trade or a vote goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Gains when the price rises.
    Long,
    /// Gains when the price falls.
    Short,
}

impl Side {
    /// +1 for long, −1 for short.
    pub const fn sign(self) -> f64 {
        match self {
            Side::Long => 1.0,
            Side::Short => -1.0,
        }
    }

    /// The other side.
    pub const fn opposite(self) -> Side {
        match self {
            Side::Long => Side::Short,
            Side::Short => Side::Long,
        }
    }

    /// As it is written everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Side::Long => "long",
            Side::Short => "short",
        }
    }
}

/// The nine heads, in the order of their aliases `HEAD_A` … `HEAD_I`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeadName {
    /// Where the averages point.
    Trend,
    /// How fast price has been going.
    Momentum,
    /// How far price has strayed from its mean.
    MeanReversion,
    /// Whether price has left its range.
    Breakout,
    /// Who has been the taker.
    OrderFlow,
    /// What the size of moves says.
    Volatility,
    /// What others feel and pay.
    Sentiment,
    /// Highs, lows and levels.
    Structure,
    /// The trained models' ensemble.
    Models,
}

impl HeadName {
    /// All nine, in order.
    pub const ALL: [HeadName; HEAD_COUNT] = [
        HeadName::Trend,
        HeadName::Momentum,
        HeadName::MeanReversion,
        HeadName::Breakout,
        HeadName::OrderFlow,
        HeadName::Volatility,
        HeadName::Sentiment,
        HeadName::Structure,
        HeadName::Models,
    ];

    /// Its place among the nine.
    pub const fn at(self) -> usize {
        self as usize
    }

    /// As it is written in files and answers.
    pub const fn name(self) -> &'static str {
        match self {
            HeadName::Trend => "trend",
            HeadName::Momentum => "momentum",
            HeadName::MeanReversion => "mean_reversion",
            HeadName::Breakout => "breakout",
            HeadName::OrderFlow => "order_flow",
            HeadName::Volatility => "volatility",
            HeadName::Sentiment => "sentiment",
            HeadName::Structure => "structure",
            HeadName::Models => "models",
        }
    }

    /// The name seed 003 gave it.
    pub const fn alias(self) -> &'static str {
        const ALIASES: [&str; HEAD_COUNT] = [
            "HEAD_A", "HEAD_B", "HEAD_C", "HEAD_D", "HEAD_E", "HEAD_F", "HEAD_G", "HEAD_H",
            "HEAD_I",
        ];
        ALIASES[self.at()]
    }
}

/// A side and how sure of it, in 0..=1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Vote {
    /// Which way.
    pub side: Side,
    /// How sure, in 0..=1.
    pub confidence: f64,
}

impl Vote {
    /// A vote for the sign of `lean`, as sure as its size; no vote when it is zero or not a number.
    pub fn leaning(lean: f64) -> Option<Vote> {
        if lean > 0.0 {
            Some(Vote { side: Side::Long, confidence: lean.min(1.0) })
        } else if lean < 0.0 {
            Some(Vote { side: Side::Short, confidence: (-lean).min(1.0) })
        } else {
            None
        }
    }
}

/// What the nine heads said, packed into forty bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Votes {
    voted: u16,
    long: u16,
    confidence: [f32; HEAD_COUNT],
}

impl Votes {
    /// Records one head's vote or abstention. Confidence is kept in single precision.
    pub fn set(&mut self, head: HeadName, vote: Option<Vote>) {
        let bit = 1 << head.at();
        self.voted &= !bit;
        self.long &= !bit;
        self.confidence[head.at()] = 0.0;
        if let Some(vote) = vote {
            self.voted |= bit;
            if vote.side == Side::Long {
                self.long |= bit;
            }
            self.confidence[head.at()] = vote.confidence as f32;
        }
    }

    /// What one head said; nothing when it abstained.
    pub fn get(&self, head: HeadName) -> Option<Vote> {
        self.at(head.at())
    }

    /// What the head at place `index` said; nothing when it abstained or there is none.
    pub fn at(&self, index: usize) -> Option<Vote> {
        if index >= HEAD_COUNT || self.voted & (1 << index) == 0 {
            return None;
        }
        let side = if self.long & (1 << index) != 0 { Side::Long } else { Side::Short };
        Some(Vote { side, confidence: f64::from(self.confidence[index]) })
    }

    /// Whether nobody voted.
    pub const fn is_silent(&self) -> bool {
        self.voted == 0
    }

    /// How many voted.
    pub const fn count(&self) -> u32 {
        self.voted.count_ones()
    }

    /// These votes with only the listed heads heard.
    pub fn only(&self, heads: &[HeadName]) -> Votes {
        let mut kept = Votes::default();
        for &head in heads {
            kept.set(head, self.get(head));
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn votes_come_back_as_they_were_cast() {
        let mut votes = Votes::default();
        votes.set(HeadName::Trend, Vote::leaning(0.5));
        votes.set(HeadName::Models, Vote::leaning(-0.25));
        assert_eq!(votes.get(HeadName::Trend), Some(Vote { side: Side::Long, confidence: 0.5 }));
        assert_eq!(votes.get(HeadName::Models), Some(Vote { side: Side::Short, confidence: 0.25 }));
        assert_eq!(votes.get(HeadName::Breakout), None);
        assert_eq!(votes.at(99), None);
        votes.set(HeadName::Trend, None);
        assert_eq!(votes.only(&[HeadName::Trend]), Votes::default());
        assert_eq!(votes.count(), 1);
        assert_eq!(Vote::leaning(f64::NAN), None);
        assert_eq!(Vote::leaning(3.0), Some(Vote { side: Side::Long, confidence: 1.0 }));
    }
}
