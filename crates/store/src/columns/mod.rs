//! Many alike records as columns: the bytes that are hashed, compressed and stored.
//!
//! The bytes depend on nothing but the records: no run, no path, no seed, no capacity. Every cell is
//! 64 bits wide in memory; in the bytes a column keeps only those that tell its cells apart.

mod basis;
mod canonical;
mod closes;
mod decisions;
mod equity;
mod horizons;
mod outcomes;
mod pack;
mod row;
mod stage;
mod what_ifs;

use std::marker::PhantomData;

use domain::{EquityPoint, HorizonOutcome, Outcome, WhatIfOutcome};

pub use canonical::CanonicalBytes;
pub use closes::CloseRecord;
pub use decisions::DecisionRecord;
pub(crate) use decisions::ID_COLUMN;
pub(crate) use pack::{Packed, Span, header};
pub(crate) use row::{Flaw, Pen, Row};
pub(crate) use stage::Stage;

use crate::StoreError;

/// Decisions with their feature rows.
pub type DecisionColumns = Columns<DecisionRecord>;
/// Outcomes, in the order they were learned from.
pub type OutcomeColumns = Columns<Outcome>;
/// Matured horizons.
pub type HorizonColumns = Columns<HorizonOutcome>;
/// The same entries under other exit plans.
pub type WhatIfColumns = Columns<WhatIfOutcome>;
/// Points of the equity curve.
pub type EquityColumns = Columns<EquityPoint>;
/// Closes of bars, each symbol's in order.
pub type CloseColumns = Columns<CloseRecord>;

/// The most rows of one chunk: what a reader is willing to hold at once.
pub const CHUNK_ROWS_MAX: usize = 1 << 18;

/// A record that columns can hold. The six kinds of this crate are all there are.
pub trait Record: sealed::Layout {}

pub(crate) mod sealed {
    use super::{Flaw, Pen, Row};

    /// How a record lies in its columns.
    pub trait Layout: Sized {
        /// Its number in the header.
        const KIND: u8;
        /// What its chunks are called in sentences.
        const NAME: &'static str;
        /// Columns that every chunk of its kind has.
        const COLUMNS: usize;
        /// Whether more columns may follow those, one per feature.
        const OPEN_ENDED: bool = false;

        /// The number and the moment its chunk is found by.
        fn place(&self) -> (u64, i64);

        /// Writes one cell to every column.
        fn write(&self, pen: &mut Pen<'_>);

        /// Reads what [`Layout::write`] wrote.
        fn read(row: &mut Row<'_>) -> Result<Self, Flaw>;
    }
}

/// Records of one kind on their way into columns. `clear` keeps the room.
#[derive(Clone, Debug)]
pub struct Columns<R> {
    stage: Stage,
    span: Span,
    kind: PhantomData<R>,
}

impl<R: Record> Columns<R> {
    fn with_columns(count: usize) -> Columns<R> {
        Columns { stage: Stage::of_width(count), span: Span::default(), kind: PhantomData }
    }

    /// How many records it holds.
    pub const fn len(&self) -> usize {
        self.span.rows as usize
    }

    /// Whether it holds none.
    pub const fn is_empty(&self) -> bool {
        self.span.rows == 0
    }

    /// Forgets the records and keeps the room.
    pub fn clear(&mut self) {
        self.stage.clear();
        self.span = Span::default();
    }

    /// Replaces what `out` holds by the canonical bytes: the same records give the same bytes, bit for
    /// bit. No records give no bytes.
    pub fn to_bytes(&self, out: &mut CanonicalBytes) {
        out.rewrite(|bytes| {
            if !self.is_empty() {
                pack::write(R::KIND, &self.span, &self.stage, bytes);
            }
        });
    }

    /// Reads what [`Columns::to_bytes`] wrote. Bytes that it did not write are an error, never a panic.
    pub fn read(bytes: &[u8]) -> Result<Vec<R>, StoreError> {
        let mut records = Vec::new();
        if !bytes.is_empty() {
            read_each(bytes, |record| records.push(record)).map_err(|flaw| flaw.of(R::NAME))?;
        }
        Ok(records)
    }
}

impl<R: Record> Columns<R>
where
    R: Copy,
{
    /// No records yet.
    pub fn new() -> Columns<R> {
        Columns::with_columns(R::COLUMNS)
    }

    /// Adds a record.
    pub fn push(&mut self, record: &R) {
        let (no, at) = record.place();
        self.span.include(no, at);
        self.stage.push(|line| record.write(&mut Pen::new(line)));
    }
}

impl<R: Record + Copy> Default for Columns<R> {
    fn default() -> Columns<R> {
        Columns::new()
    }
}

/// Opens bytes as columns of `R`.
pub(crate) fn open<R: Record>(bytes: &[u8]) -> Result<Packed<'_>, Flaw> {
    Packed::open(bytes, R::KIND, R::COLUMNS, R::OPEN_ENDED)
}

/// Hands every record to `each`, in the order they were pushed.
pub(crate) fn read_each<R: Record>(bytes: &[u8], mut each: impl FnMut(R)) -> Result<(), Flaw> {
    let packed = open::<R>(bytes)?;
    let mut lines = Vec::new();
    for tile in (0..packed.rows()).step_by(pack::TILE_ROWS) {
        packed.tile(tile, pack::TILE_ROWS, &mut lines);
        for line in lines.chunks_exact(packed.width()) {
            each(R::read(&mut Row::new(line))?);
        }
    }
    Ok(())
}

/// Reads one record and no other.
pub(crate) fn read_one<R: Record>(packed: &Packed<'_>, row: usize) -> Result<R, Flaw> {
    let mut line = Vec::new();
    packed.tile(row, 1, &mut line);
    R::read(&mut Row::new(&line))
}
