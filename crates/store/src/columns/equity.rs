//! The equity curve as columns.

use domain::EquityPoint;

use super::row::EXACT_COLUMNS;
use super::sealed::Layout;
use super::{Flaw, Pen, Record, Row};

impl Record for EquityPoint {}

impl Layout for EquityPoint {
    const KIND: u8 = 4;
    const NAME: &'static str = "equity";
    const COLUMNS: usize = 3 + EXACT_COLUMNS;

    /// They carry no number of their own.
    fn place(&self) -> (u64, i64) {
        (0, self.at.ms())
    }

    fn write(&self, pen: &mut Pen<'_>) {
        pen.time(self.at);
        pen.real(self.equity);
        pen.exact(self.cash);
        pen.bits(u64::from(self.positions));
    }

    fn read(row: &mut Row<'_>) -> Result<EquityPoint, Flaw> {
        Ok(EquityPoint {
            at: row.time(),
            equity: row.real(),
            cash: row.exact()?,
            positions: row.small("number of positions")?,
        })
    }
}
