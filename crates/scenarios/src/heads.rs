//! Nine voters of known skill (worlds P4 and c3 of the honesty bench).

use domain::{HEAD_COUNT, HeadName, Side, Vote, Votes};

use crate::Dice;

/// A world of voters. A head of skill .56 is right 56 times in a hundred, whichever side is true.
#[derive(Clone, Debug)]
pub struct HeadWorld {
    /// Probability of each head to be right.
    pub skill: [f64; HEAD_COUNT],
    /// A head that always says what the candidate's side is, and knows nothing.
    pub yes_head: Option<HeadName>,
    /// Probability that the candidate's side pays, where it does not follow from the votes.
    pub base_win_rate: f64,
}

/// One signal: what was said, which side was traded and whether it paid.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// The votes, each fully confident.
    pub votes: Votes,
    /// The candidate's side.
    pub side: Side,
    /// Whether that side paid.
    pub won: bool,
}

impl HeadWorld {
    /// Heads that know nothing, in a market where half of all candidates pay.
    pub fn null() -> HeadWorld {
        HeadWorld { skill: [0.5; HEAD_COUNT], yes_head: None, base_win_rate: 0.5 }
    }

    /// The same with heads of these skills.
    pub fn with_skill(mut self, skills: &[(HeadName, f64)]) -> HeadWorld {
        for &(head, skill) in skills {
            self.skill[head.at()] = skill;
        }
        self
    }

    /// The next signal.
    pub fn say(&self, dice: &mut Dice) -> Said {
        let side = if dice.happens(0.5) { Side::Long } else { Side::Short };
        let won = dice.happens(self.base_win_rate);
        let paid = if won { side } else { side.opposite() };
        let mut votes = Votes::default();
        for head in HeadName::ALL {
            let right = dice.happens(self.skill[head.at()]);
            let said = if self.yes_head == Some(head) {
                side
            } else if right {
                paid
            } else {
                paid.opposite()
            };
            votes.set(head, Some(Vote { side: said, confidence: 1.0 }));
        }
        Said { votes, side, won }
    }
}
