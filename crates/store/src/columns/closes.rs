//! Closes as columns: what windows are made of.

use domain::{SymbolIx, Timestamp};

use super::sealed::Layout;
use super::{Flaw, Pen, Record, Row};

/// The close of one bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CloseRecord {
    /// Of what.
    pub symbol: SymbolIx,
    /// When the bar closed.
    pub closed_at: Timestamp,
    /// Its close, in single precision: what models look at, to the bit.
    pub close: f32,
    /// How many bars in a row end with it: windows do not reach across a gap.
    pub in_a_row: u32,
}

impl Record for CloseRecord {}

impl Layout for CloseRecord {
    const KIND: u8 = 6;
    const NAME: &'static str = "closes";
    const COLUMNS: usize = 4;

    /// They carry no number of their own.
    fn place(&self) -> (u64, i64) {
        (0, self.closed_at.ms())
    }

    fn write(&self, pen: &mut Pen<'_>) {
        pen.bits(u64::from(self.symbol.0));
        pen.time(self.closed_at);
        pen.bits(u64::from(self.close.to_bits()));
        pen.bits(u64::from(self.in_a_row));
    }

    fn read(row: &mut Row<'_>) -> Result<CloseRecord, Flaw> {
        Ok(CloseRecord {
            symbol: SymbolIx(row.small("symbol")?),
            closed_at: row.time(),
            close: f32::from_bits(row.bits() as u32),
            in_a_row: row.small("bars in a row")?,
        })
    }
}
