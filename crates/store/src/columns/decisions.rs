//! Decisions as columns, each with the feature row it was taken on.

use domain::{
    Basis, Climate, Decision, DecisionId, ExitMode, ExitPlan, GATES_MAX, PartialExit, Regime,
    SIZERS_MAX, Signal, Sizing, SizingLimit, Standing, StandingOrder, StrategyIx, SymbolIx,
    Timestamp, Trail, Verdict, Verdicts,
};

use super::basis::{LEAN_COLUMNS, read_leans, write_leans};
use super::row::{EXACT_COLUMNS, VOTE_COLUMNS};
use super::sealed::Layout;
use super::{Columns, DecisionColumns, Flaw, Pen, Record, Row};

/// A decision with what it was taken on.
#[derive(Clone, Debug, PartialEq)]
pub struct DecisionRecord {
    /// The decision, whole.
    pub decision: Decision,
    /// Its feature row.
    pub row: Vec<f64>,
    /// Which features were present, lowest bit first.
    pub present: u64,
}

const HAS_TARGET: u64 = 1;
const HAS_TRAIL: u64 = 2;
const HAS_PARTIAL: u64 = 4;
const HAS_END: u64 = 8;
const HAS_LIQUIDATION: u64 = 16;

/// Where the decision's id lies, so that a search reads nothing else.
pub(crate) const ID_COLUMN: usize = 1;

const NAME_COLUMNS: usize = 5;
const SIGNAL_COLUMNS: usize = 4 + VOTE_COLUMNS;
const PLAN_COLUMNS: usize = 10;
const VERDICT_COLUMNS: usize = 2 + 2 * GATES_MAX;
const SIZING_COLUMNS: usize = 16 + SIZERS_MAX + EXACT_COLUMNS;
const CLIMATE_COLUMNS: usize = 3;
const ORDER_COLUMNS: usize = 5;
const REST_COLUMNS: usize = 6 + LEAN_COLUMNS;

impl Record for DecisionRecord {}

impl Layout for DecisionRecord {
    const KIND: u8 = 1;
    const NAME: &'static str = "decisions";
    const COLUMNS: usize = NAME_COLUMNS
        + SIGNAL_COLUMNS
        + PLAN_COLUMNS
        + VERDICT_COLUMNS
        + SIZING_COLUMNS
        + CLIMATE_COLUMNS
        + ORDER_COLUMNS
        + REST_COLUMNS;
    const OPEN_ENDED: bool = true;

    fn place(&self) -> (u64, i64) {
        place(&self.decision)
    }

    fn write(&self, pen: &mut Pen<'_>) {
        write(&self.decision, &self.row, self.present, pen);
    }

    fn read(row: &mut Row<'_>) -> Result<DecisionRecord, Flaw> {
        let decision = Decision {
            no: row.bits(),
            id: DecisionId(row.bits()),
            decided_at: row.time(),
            symbol: SymbolIx(row.small("symbol")?),
            strategy: StrategyIx(row.small("strategy")?),
            signal: read_signal(row)?,
            plan: read_plan(row),
            verdicts: read_verdicts(row)?,
            sizing: read_sizing(row)?,
            climate: read_climate(row)?,
            order: read_order(row)?,
            price: row.real(),
            standing: row.one_of(&Standing::ALL, "standing")?,
            // The rest of it is stored with the outcome, where learners look for it.
            basis: Basis { leans: read_leans(row), ..Basis::default() },
            propensity: row.real(),
            policy_version: row.bits(),
            model_version: row.bits(),
        };
        let present = row.bits();
        let features = (0..row.left()).map(|_| row.real()).collect();
        Ok(DecisionRecord { decision, row: features, present })
    }
}

impl DecisionColumns {
    /// No decisions yet; each will come with a row of `features` numbers.
    pub fn of_features(features: usize) -> DecisionColumns {
        Columns::with_columns(DecisionRecord::COLUMNS + features)
    }

    /// Adds a decision with its feature row. A row of another length cannot be recorded.
    pub fn record(&mut self, decision: &Decision, row: &[f64], present: u64) {
        let features = self.stage.width() - DecisionRecord::COLUMNS;
        assert_eq!(row.len(), features, "every row of a run has the registry's length");
        let (no, at) = place(decision);
        self.span.include(no, at);
        self.stage.push(|line| write(decision, row, present, &mut Pen::new(line)));
    }
}

fn place(decision: &Decision) -> (u64, i64) {
    (decision.no, decision.decided_at.ms())
}

fn write(decision: &Decision, row: &[f64], present: u64, pen: &mut Pen<'_>) {
    pen.bits(decision.no);
    pen.bits(decision.id.0);
    pen.time(decision.decided_at);
    pen.bits(u64::from(decision.symbol.0));
    pen.bits(u64::from(decision.strategy.0));
    write_signal(&decision.signal, pen);
    write_plan(&decision.plan, pen);
    write_verdicts(&decision.verdicts, pen);
    write_sizing(&decision.sizing, pen);
    write_climate(decision.climate, pen);
    write_order(&decision.order, pen);
    pen.real(decision.price);
    pen.bits(decision.standing as u64);
    write_leans(&decision.basis.leans, pen);
    pen.real(decision.propensity);
    pen.bits(decision.policy_version);
    pen.bits(decision.model_version);
    pen.bits(present);
    row.iter().for_each(|&feature| pen.real(feature));
}

fn write_signal(signal: &Signal, pen: &mut Pen<'_>) {
    pen.side(signal.side);
    pen.real(signal.conviction);
    pen.real(signal.confluence);
    pen.real(signal.tilt);
    pen.votes(&signal.votes);
}

fn read_signal(row: &mut Row<'_>) -> Result<Signal, Flaw> {
    Ok(Signal {
        side: row.side()?,
        conviction: row.real(),
        confluence: row.real(),
        tilt: row.real(),
        votes: row.votes()?,
    })
}

fn write_plan(plan: &ExitPlan, pen: &mut Pen<'_>) {
    let has = |bit, is_there| if is_there { bit } else { 0 };
    pen.bits(
        has(HAS_TARGET, plan.target_fraction.is_some())
            | has(HAS_TRAIL, plan.trail.is_some())
            | has(HAS_PARTIAL, plan.partial.is_some())
            | has(HAS_END, plan.leave_by.is_some())
            | has(HAS_LIQUIDATION, plan.liquidation_fraction.is_some()),
    );
    pen.real(plan.stop_fraction);
    pen.real(plan.target_fraction.unwrap_or(0.0));
    pen.real(plan.trail.map_or(0.0, |trail| trail.after_fraction));
    pen.real(plan.trail.map_or(0.0, |trail| trail.behind_fraction));
    pen.bits(plan.hold_ms_max as u64);
    pen.real(plan.partial.map_or(0.0, |partial| partial.at_fraction));
    pen.real(plan.partial.map_or(0.0, |partial| partial.share_fraction));
    pen.bits(plan.leave_by.map_or(0, |at| at.ms() as u64));
    pen.real(plan.liquidation_fraction.unwrap_or(0.0));
}

fn read_plan(row: &mut Row<'_>) -> ExitPlan {
    let has = row.bits();
    let stop_fraction = row.real();
    let target = row.real();
    let trail = Trail { after_fraction: row.real(), behind_fraction: row.real() };
    let hold_ms_max = row.bits() as i64;
    let partial = PartialExit { at_fraction: row.real(), share_fraction: row.real() };
    let leave_by = Timestamp::from_ms(row.bits() as i64);
    let liquidation = row.real();
    ExitPlan {
        stop_fraction,
        target_fraction: (has & HAS_TARGET != 0).then_some(target),
        trail: (has & HAS_TRAIL != 0).then_some(trail),
        partial: (has & HAS_PARTIAL != 0).then_some(partial),
        hold_ms_max,
        leave_by: (has & HAS_END != 0).then_some(leave_by),
        liquidation_fraction: (has & HAS_LIQUIDATION != 0).then_some(liquidation),
    }
}

fn write_climate(climate: Climate, pen: &mut Pen<'_>) {
    pen.bits(climate.regime as u64);
    pen.bits(climate.global as u64);
    pen.bits(u64::from(climate.frame_bars));
}

fn read_climate(row: &mut Row<'_>) -> Result<Climate, Flaw> {
    Ok(Climate {
        regime: row.one_of(&Regime::ALL, "regime")?,
        global: row.one_of(&Regime::ALL, "global regime")?,
        frame_bars: row.small("frame")?,
    })
}

fn write_order(order: &StandingOrder, pen: &mut Pen<'_>) {
    pen.bits(u64::from(order.may_enter));
    pen.real(order.conviction_min);
    pen.real(order.risk_scale);
    pen.bits(order.exits as u64);
    pen.bits(u64::from(order.because));
}

fn read_order(row: &mut Row<'_>) -> Result<StandingOrder, Flaw> {
    Ok(StandingOrder {
        may_enter: row.bits() != 0,
        conviction_min: row.real(),
        risk_scale: row.real(),
        exits: row.one_of(&ExitMode::ALL, "exit mode")?,
        because: row.small("restrictions")?,
    })
}

/// Gates that were not asked fill constant columns, which cost nothing.
fn write_verdicts(verdicts: &Verdicts, pen: &mut Pen<'_>) {
    pen.bits(u64::from(verdicts.refused()));
    pen.bits(verdicts.iter().count() as u64);
    let mut asked = verdicts.iter();
    for _ in 0..GATES_MAX {
        let (measured, needed) = asked.next().map_or((0.0, 0.0), |v| (v.measured, v.needed));
        pen.real(measured);
        pen.real(needed);
    }
}

fn read_verdicts(row: &mut Row<'_>) -> Result<Verdicts, Flaw> {
    let refused = row.bits();
    let asked: usize = row.small("number of gates")?;
    if asked > GATES_MAX {
        return Err(Flaw::wrong(format!("{asked} gates are more than {GATES_MAX}")));
    }
    let mut verdicts = Verdicts::default();
    for at in 0..GATES_MAX {
        let (measured, needed) = (row.real(), row.real());
        if at < asked {
            verdicts.push(Verdict { passed: refused & (1 << at) == 0, measured, needed });
        }
    }
    Ok(verdicts)
}

fn write_sizing(sizing: &Sizing, pen: &mut Pen<'_>) {
    pen.real(sizing.equity);
    pen.real(sizing.outcomes_effective);
    pen.real(sizing.win_probability);
    pen.real(sizing.win_probability_low);
    pen.real(sizing.win_r);
    pen.real(sizing.loss_r);
    pen.real(sizing.cost_fraction);
    pen.real(sizing.kelly_fraction);
    pen.real(sizing.risk_fraction);
    sizing.factors.iter().for_each(|&factor| pen.real(factor));
    pen.real(sizing.expected_fraction);
    pen.real(sizing.notional_asked);
    pen.real(sizing.notional);
    pen.real(sizing.leverage);
    pen.real(sizing.leverage_max);
    pen.real(sizing.expected_profit);
    pen.bits(sizing.limit as u64);
    pen.exact(sizing.quantity);
}

fn read_sizing(row: &mut Row<'_>) -> Result<Sizing, Flaw> {
    Ok(Sizing {
        equity: row.real(),
        outcomes_effective: row.real(),
        win_probability: row.real(),
        win_probability_low: row.real(),
        win_r: row.real(),
        loss_r: row.real(),
        cost_fraction: row.real(),
        kelly_fraction: row.real(),
        risk_fraction: row.real(),
        factors: std::array::from_fn(|_| row.real()),
        expected_fraction: row.real(),
        notional_asked: row.real(),
        notional: row.real(),
        leverage: row.real(),
        leverage_max: row.real(),
        expected_profit: row.real(),
        limit: row.one_of(&SizingLimit::ALL, "sizing limit")?,
        quantity: row.exact()?,
    })
}
