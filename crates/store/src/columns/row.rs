//! One record across all columns: the pen that writes it, the row it is read from, and what can be
//! wrong with it.

use domain::{HEAD_COUNT, HeadName, Money, Side, Timestamp, Vote, Votes};

use crate::StoreError;

/// Why bytes are not what they should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// They are not what was written, for the reason given as the second half of a sentence.
    Wrong(String),
    /// They are whole, but of an earlier version.
    Earlier,
}

impl Flaw {
    pub(crate) fn wrong(why: impl Into<String>) -> Flaw {
        Flaw::Wrong(why.into())
    }

    /// The whole sentence, about `what`.
    pub(crate) fn of(self, what: impl Into<String>) -> StoreError {
        match self {
            Flaw::Wrong(why) => StoreError::Damaged { what: what.into(), why },
            Flaw::Earlier => StoreError::Earlier { what: what.into() },
        }
    }

    /// The same about `what` a caller handed in.
    pub(crate) fn unfit(self, what: impl Into<String>) -> StoreError {
        match self {
            Flaw::Wrong(why) => StoreError::Unfit { what: what.into(), why },
            Flaw::Earlier => StoreError::Earlier { what: what.into() },
        }
    }
}

/// Columns that every vote record takes.
pub(crate) const VOTE_COLUMNS: usize = 1 + HEAD_COUNT;
/// Columns that every exact number takes.
pub(crate) const EXACT_COLUMNS: usize = 3;

/// Writes the cells of one line in turn.
pub struct Pen<'a>(std::slice::IterMut<'a, u64>);

impl<'a> Pen<'a> {
    pub(crate) fn new(line: &'a mut [u64]) -> Pen<'a> {
        Pen(line.iter_mut())
    }

    #[inline]
    pub(crate) fn bits(&mut self, cell: u64) {
        if let Some(place) = self.0.next() {
            *place = cell;
        }
    }

    #[inline]
    pub(crate) fn real(&mut self, number: f64) {
        self.bits(number.to_bits());
    }

    #[inline]
    pub(crate) fn time(&mut self, at: Timestamp) {
        self.bits(at.ms() as u64);
    }

    #[inline]
    pub(crate) fn side(&mut self, side: Side) {
        self.bits(u64::from(side == Side::Short));
    }

    pub(crate) fn votes(&mut self, votes: &Votes) {
        let mut cells = [0_u64; HEAD_COUNT];
        let mut cast = 0;
        for (at, cell) in cells.iter_mut().enumerate() {
            if let Some(vote) = votes.at(at) {
                // Votes keep single precision, so nothing is lost here.
                *cell = u64::from((vote.confidence as f32).to_bits());
                cast |= 1 << at | u64::from(vote.side == Side::Long) << (16 + at);
            }
        }
        self.bits(cast);
        cells.into_iter().for_each(|cell| self.bits(cell));
    }

    /// All digits and the scale: 1.50 stays 1.50.
    pub(crate) fn exact(&mut self, number: Money) {
        let digits = number.mantissa();
        self.bits(digits as u64);
        self.bits((digits >> 64) as u64);
        self.bits(u64::from(number.scale()));
    }
}

/// Reads the cells of one line in turn.
pub struct Row<'a>(std::slice::Iter<'a, u64>);

impl<'a> Row<'a> {
    pub(crate) fn new(line: &'a [u64]) -> Row<'a> {
        Row(line.iter())
    }

    /// Cells not yet read.
    pub(crate) fn left(&self) -> usize {
        self.0.len()
    }

    /// The next cell; zero beyond the last.
    #[inline]
    pub(crate) fn bits(&mut self) -> u64 {
        self.0.next().copied().unwrap_or(0)
    }

    #[inline]
    pub(crate) fn real(&mut self) -> f64 {
        f64::from_bits(self.bits())
    }

    #[inline]
    pub(crate) fn time(&mut self) -> Timestamp {
        Timestamp::from_ms(self.bits() as i64)
    }

    /// A number that must fit a smaller type.
    pub(crate) fn small<T: TryFrom<u64>>(&mut self, what: &str) -> Result<T, Flaw> {
        let cell = self.bits();
        T::try_from(cell).map_err(|_| Flaw::wrong(format!("{what} {cell} is out of range")))
    }

    /// One of a list.
    pub(crate) fn one_of<T: Copy>(&mut self, all: &[T], what: &str) -> Result<T, Flaw> {
        let at: usize = self.small(what)?;
        all.get(at).copied().ok_or_else(|| Flaw::wrong(format!("there is no {what} {at}")))
    }

    pub(crate) fn side(&mut self) -> Result<Side, Flaw> {
        self.one_of(&[Side::Long, Side::Short], "side")
    }

    pub(crate) fn votes(&mut self) -> Result<Votes, Flaw> {
        let cast = self.bits();
        let mut votes = Votes::default();
        for (at, head) in HeadName::ALL.into_iter().enumerate() {
            let bits: u32 = self.small("confidence")?;
            if cast & (1 << at) != 0 {
                let side = if cast & (1 << (16 + at)) == 0 { Side::Short } else { Side::Long };
                votes.set(head, Some(Vote { side, confidence: f64::from(f32::from_bits(bits)) }));
            }
        }
        Ok(votes)
    }

    pub(crate) fn exact(&mut self) -> Result<Money, Flaw> {
        let low = self.bits();
        let high = self.bits() as i64;
        let scale = self.small("scale")?;
        let digits = i128::from(high) << 64 | i128::from(low);
        Money::try_from_i128_with_scale(digits, scale).map_err(|_| {
            Flaw::wrong(format!("{digits} with {scale} decimals is not an exact number"))
        })
    }
}
