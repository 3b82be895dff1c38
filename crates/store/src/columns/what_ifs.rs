//! The same entries under other exit plans, as columns.

use domain::{Climate, Regime, StrategyIx, SymbolIx, WhatIf, WhatIfOutcome};

use super::sealed::Layout;
use super::{Flaw, Pen, Record, Row};

impl Record for WhatIfOutcome {}

impl Layout for WhatIfOutcome {
    const KIND: u8 = 5;
    const NAME: &'static str = "what-ifs";
    const COLUMNS: usize = 14;

    fn place(&self) -> (u64, i64) {
        (self.decision_no, self.known_at.ms())
    }

    fn write(&self, pen: &mut Pen<'_>) {
        pen.bits(self.decision_no);
        pen.bits(u64::from(self.symbol.0));
        pen.bits(u64::from(self.strategy.0));
        pen.side(self.side);
        pen.time(self.decided_at);
        pen.bits(self.climate.regime as u64);
        pen.bits(self.climate.global as u64);
        pen.bits(u64::from(self.climate.frame_bars));
        pen.bits(self.what_if as u64);
        pen.time(self.known_at);
        pen.real(self.r);
        pen.real(self.r_instead);
        pen.bits(u64::from(self.was_executed));
        pen.real(self.uniqueness);
    }

    fn read(row: &mut Row<'_>) -> Result<WhatIfOutcome, Flaw> {
        Ok(WhatIfOutcome {
            decision_no: row.bits(),
            symbol: SymbolIx(row.small("symbol")?),
            strategy: StrategyIx(row.small("strategy")?),
            side: row.side()?,
            decided_at: row.time(),
            climate: Climate {
                regime: row.one_of(&Regime::ALL, "regime")?,
                global: row.one_of(&Regime::ALL, "global regime")?,
                frame_bars: row.small("frame")?,
            },
            what_if: row.one_of(&WhatIf::ALL, "other plan")?,
            known_at: row.time(),
            r: row.real(),
            r_instead: row.real(),
            was_executed: row.bits() != 0,
            uniqueness: row.real(),
        })
    }
}
