//! Counts what a run does while it does it, so that summary and report need not read it all again.

mod blocks;
mod breakdown;
mod curve;
mod days;
mod heads;
#[cfg(test)]
pub(crate) mod made_up;
mod results;
mod searched;
mod streaks;
mod twin;
mod weeks;

pub use blocks::{Blocks, FLOOR_R, GAIN_R_MAX};
pub use breakdown::{Breakdown, Cut, DIMENSIONS, Dimension, slice_name};
pub use curve::{Curve, EquityCurve};
pub use days::{Day, Days};
pub use heads::HeadTally;
pub use results::{ResultTally, Slice, WinTally};
pub use searched::Searched;
pub use streaks::{Streak, Streaks, longest_by_chance};
pub use twin::Twin;

pub use weeks::{Direction, Trend, Weeks};

use std::collections::BTreeMap;

use domain::{
    Decision, Effects, ExitReason, Instrument, Money, Outcome, PilClass, PolicyVersion, Standing,
    TimedBar, Trade,
};

/// Everything counted.
pub struct Tally {
    /// Bars through the loop.
    pub bars: u64,
    /// Decisions taken.
    pub decisions: u64,
    /// Outcomes known.
    pub outcomes: u64,
    /// Outcomes of declined decisions.
    pub shadow_outcomes: u64,
    /// Outcomes across missing bars, which teach nothing and stand in no mean.
    pub outcomes_unlearned: u64,
    /// Per standing: decisions, and results of those that turned out.
    pub standings: BTreeMap<&'static str, (Standing, u64, ResultTally)>,
    /// Per gate, in the order of the registry: how many it refused, how many were left after it,
    /// and what became of the refused.
    pub gates: Vec<GateTally>,
    /// The nine heads.
    pub heads: HeadTally,
    /// Trades, in the order in which they closed.
    pub trades: Vec<Trade>,
    /// Per exit reason: trades and their net.
    pub exits: BTreeMap<ExitReason, (u64, Money)>,
    /// Versions published.
    pub versions: Vec<PolicyVersion>,
    /// How often something was ruled on models.
    pub model_rulings: u64,
    /// What searches tried.
    pub searched: Searched,
    /// Equity.
    pub equity: EquityCurve,
    /// Bars missing inside sessions, per symbol.
    pub missing: Vec<(u64, u64)>,
    /// Results by regime, hour, symbol and so on.
    pub breakdown: Breakdown,
    /// Results by the week in which they ended.
    pub weeks: Weeks,
    /// The worst days.
    pub days: Days,
    /// Wins and losses in a row.
    pub streaks: Streaks,
    /// Executed outcomes by their class.
    pub classes: BTreeMap<PilClass, u64>,
    /// Executed outcomes whose price came within a tenth of a per cent of the target and turned.
    pub near_targets: u64,
    /// Per symbol: decisions whose outcome is not known yet.
    pub awaited: Vec<u64>,
    /// Shadows given up for want of room.
    pub evicted_shadows: u64,
    /// The engine that learns beside the one that does not, where a world runs both.
    pub twin: Option<Twin>,
}

/// One gate's count.
#[derive(Clone, Debug, Default)]
pub struct GateTally {
    /// Candidates it refused, whatever the others said.
    pub refused: u64,
    /// Candidates that it and all before it let pass.
    pub left: u64,
    /// What the refused came to.
    pub results: ResultTally,
    /// What became of those that no other gate refused.
    pub alone: ResultTally,
}

impl Tally {
    /// Nothing counted yet.
    pub fn new(instruments: &[Instrument], equity_start: f64) -> Tally {
        Tally {
            bars: 0,
            decisions: 0,
            outcomes: 0,
            shadow_outcomes: 0,
            outcomes_unlearned: 0,
            standings: Standing::ALL.map(|s| (s.name(), (s, 0, ResultTally::default()))).into(),
            gates: vec![GateTally::default(); decide::GATES.len()],
            heads: HeadTally::default(),
            trades: Vec::new(),
            exits: BTreeMap::new(),
            versions: Vec::new(),
            model_rulings: 0,
            searched: Searched::default(),
            equity: EquityCurve::new(instruments.len(), equity_start),
            missing: vec![(0, 0); instruments.len()],
            breakdown: Breakdown::new(),
            weeks: Weeks::default(),
            days: Days::default(),
            streaks: Streaks::default(),
            classes: PilClass::ALL.map(|class| (class, 0)).into(),
            near_targets: 0,
            awaited: vec![0; instruments.len()],
            evicted_shadows: 0,
            twin: None,
        }
    }

    /// Compares with a twin that keeps the policy of day one, from the same money. From then on
    /// [`Tally::record_frozen`] has to hear that twin's effects.
    #[must_use]
    pub fn with_twin(mut self, equity_start: f64) -> Tally {
        self.twin = Some(Twin::new(equity_start));
        self
    }

    /// Takes in what a step of the frozen twin led to. Both hear one moment before either hears the next.
    pub fn record_frozen(&mut self, effects: &Effects) {
        if let Some(twin) = &mut self.twin {
            twin.record_frozen(effects);
        }
    }

    /// Takes in bars that closed together.
    pub fn bars(&mut self, bars: &[TimedBar]) {
        self.bars += bars.len() as u64;
        self.equity.hold(bars);
    }

    /// Takes in what a step led to.
    pub fn record(&mut self, effects: &Effects) {
        effects.decisions.iter().for_each(|decision| self.decision(decision));
        effects.outcomes.iter().for_each(|outcome| self.outcome(outcome));
        for trade in &effects.trades {
            let exits = self.exits.entry(trade.reason).or_default();
            exits.0 += 1;
            exits.1 += trade.net;
            self.breakdown.trade(trade);
            self.weeks.trade(trade);
            self.days.trade(trade);
            self.streaks.trade(trade);
            self.trades.push(trade.clone());
        }
        self.evicted_shadows += u64::from(effects.evicted);
        self.versions.extend_from_slice(&effects.versions);
        self.model_rulings += effects.rulings.len() as u64;
        self.searched.record(&effects.trials);
        for gap in &effects.gaps {
            let missing = &mut self.missing[gap.symbol.at()];
            missing.0 += 1;
            missing.1 += u64::from(gap.bars_missing);
        }
        if let Some(point) = &effects.equity {
            self.equity.mark(point.at, point.equity);
        }
        if let Some(twin) = &mut self.twin {
            twin.record_learning(effects);
        }
    }

    fn decision(&mut self, decision: &Decision) {
        self.decisions += 1;
        self.awaited[decision.symbol.at()] += 1;
        if let Some(standing) = self.standings.get_mut(decision.standing.name()) {
            standing.1 += 1;
        }
        let mut still_in = true;
        for (gate, verdict) in self.gates.iter_mut().zip(decision.verdicts.iter()) {
            gate.refused += u64::from(!verdict.passed);
            still_in &= verdict.passed;
            gate.left += u64::from(still_in);
        }
    }

    fn outcome(&mut self, outcome: &Outcome) {
        self.outcomes += 1;
        let awaited = &mut self.awaited[outcome.symbol.at()];
        *awaited = awaited.saturating_sub(1);
        self.shadow_outcomes += u64::from(!outcome.standing.is_executed());
        if outcome.standing.is_executed() {
            *self.classes.entry(PilClass::of_closed(outcome.r)).or_default() += 1;
            self.near_targets += u64::from(outcome.near_target);
        }
        // No decision is unfilled when it is taken; only its outcome tells.
        if outcome.standing == Standing::Unfilled
            && let Some(unfilled) = self.standings.get_mut(Standing::Unfilled.name())
        {
            unfilled.1 += 1;
        }
        if !outcome.teaches() {
            self.outcomes_unlearned += 1;
            return;
        }
        if let Some(standing) = self.standings.get_mut(outcome.standing.name()) {
            standing.2.add(outcome, results::worth(outcome));
        }
        for (at, gate) in self.gates.iter_mut().enumerate() {
            if outcome.refused & (1 << at) != 0 {
                gate.results.add(outcome, outcome.uniqueness);
                if outcome.refused.count_ones() == 1 {
                    gate.alone.add(outcome, outcome.uniqueness);
                }
            }
        }
        self.heads.add(outcome);
        self.breakdown.outcome(outcome);
        self.weeks.outcome(outcome);
    }
}
