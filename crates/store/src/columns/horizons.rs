//! Matured horizons as columns.

use domain::{HORIZONS, HorizonOutcome};

use super::sealed::Layout;
use super::{Flaw, Pen, Record, Row};

impl Record for HorizonOutcome {}

impl Layout for HorizonOutcome {
    const KIND: u8 = 3;
    const NAME: &'static str = "horizon outcomes";
    const COLUMNS: usize = 8;

    fn place(&self) -> (u64, i64) {
        (self.decision_no, self.known_at.ms())
    }

    fn write(&self, pen: &mut Pen<'_>) {
        pen.bits(self.decision_no);
        pen.bits(u64::from(self.horizon));
        pen.real(self.move_bps);
        pen.real(self.value_bps);
        pen.real(self.favourable_bps);
        pen.real(self.adverse_bps);
        pen.time(self.known_at);
        pen.real(self.uniqueness);
    }

    fn read(row: &mut Row<'_>) -> Result<HorizonOutcome, Flaw> {
        let decision_no = row.bits();
        let horizon: u8 = row.small("horizon")?;
        // Whoever reads it looks it up in the list.
        if usize::from(horizon) >= HORIZONS.len() {
            return Err(Flaw::wrong(format!("there is no horizon {horizon}")));
        }
        Ok(HorizonOutcome {
            decision_no,
            horizon,
            move_bps: row.real(),
            value_bps: row.real(),
            favourable_bps: row.real(),
            adverse_bps: row.real(),
            known_at: row.time(),
            uniqueness: row.real(),
        })
    }
}
