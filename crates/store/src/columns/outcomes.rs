//! Outcomes as columns.

use domain::{
    Basis, Climate, DecisionId, ExitReason, Marks, Outcome, Regime, Standing, StrategyIx, SymbolIx,
};

use super::basis::{self, BASIS_COLUMNS};
use super::row::VOTE_COLUMNS;
use super::sealed::Layout;
use super::{Flaw, Pen, Record, Row};

impl Record for Outcome {}

impl Layout for Outcome {
    const KIND: u8 = 2;
    const NAME: &'static str = "outcomes";
    const COLUMNS: usize = 26 + VOTE_COLUMNS + BASIS_COLUMNS;

    fn place(&self) -> (u64, i64) {
        (self.decision_no, self.closed_at.ms())
    }

    fn write(&self, pen: &mut Pen<'_>) {
        pen.bits(self.decision_no);
        pen.bits(self.decision.0);
        pen.bits(u64::from(self.symbol.0));
        pen.bits(u64::from(self.strategy.0));
        pen.side(self.side);
        pen.bits(self.standing as u64);
        pen.bits(u64::from(self.refused));
        pen.votes(&self.votes);
        pen.real(self.conviction);
        pen.bits(self.climate.regime as u64);
        pen.bits(self.climate.global as u64);
        pen.bits(u64::from(self.climate.frame_bars));
        pen.time(self.decided_at);
        pen.time(self.opened_at);
        pen.time(self.closed_at);
        pen.real(self.entry);
        pen.real(self.exit);
        pen.bits(self.reason as u64);
        pen.real(self.r);
        pen.real(self.net_bps);
        pen.real(self.cost_bps);
        pen.real(self.funding_bps);
        pen.real(self.favourable_bps);
        pen.real(self.adverse_bps);
        pen.bits(u64::from(self.near_target));
        pen.bits(u64::from(self.bars));
        pen.real(self.uniqueness);
        basis::write(&self.basis, &self.marks, pen);
    }

    fn read(row: &mut Row<'_>) -> Result<Outcome, Flaw> {
        let mut outcome = Outcome {
            decision_no: row.bits(),
            decision: DecisionId(row.bits()),
            symbol: SymbolIx(row.small("symbol")?),
            strategy: StrategyIx(row.small("strategy")?),
            side: row.side()?,
            standing: row.one_of(&Standing::ALL, "standing")?,
            refused: row.small("refusal mask")?,
            votes: row.votes()?,
            conviction: row.real(),
            climate: Climate {
                regime: row.one_of(&Regime::ALL, "regime")?,
                global: row.one_of(&Regime::ALL, "global regime")?,
                frame_bars: row.small("frame")?,
            },
            decided_at: row.time(),
            opened_at: row.time(),
            closed_at: row.time(),
            entry: row.real(),
            exit: row.real(),
            reason: row.one_of(&ExitReason::ALL, "exit reason")?,
            r: row.real(),
            net_bps: row.real(),
            cost_bps: row.real(),
            funding_bps: row.real(),
            favourable_bps: row.real(),
            adverse_bps: row.real(),
            near_target: row.bits() != 0,
            bars: row.small("number of bars")?,
            uniqueness: row.real(),
            basis: Basis::default(),
            marks: Marks::default(),
        };
        (outcome.basis, outcome.marks) = basis::read(row)?;
        Ok(outcome)
    }
}
