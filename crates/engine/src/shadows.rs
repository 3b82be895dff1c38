//! Declined decisions, followed under the same exits and laws as if they had been taken.

use domain::{
    Bar, Climate, DecisionId, Effects, ExitPlan, ExitReason, Grid, Outcome, Position, Side,
    Standing, StrategyIx, SymbolIx, TimedBar, Timestamp, Votes,
};
use laws::{Costs, Levels, Touch, settle, slippage_bps, touch, trailed_stop};
use serde::{Deserialize, Serialize};

use crate::cascade::Ended;
use crate::{Engine, State};

/// One declined decision.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Shadow {
    pub(crate) stage: Stage,
    pub(crate) side: Side,
    pub(crate) strategy: StrategyIx,
    pub(crate) standing: Standing,
    pub(crate) refused: u16,
    pub(crate) bars: u32,
    entry: f64,
    entry_shown: f64,
    levels: Levels,
    stop_first: f64,
    high: f64,
    low: f64,
    opened_at: Timestamp,
    pub(crate) plan: ExitPlan,
    overlap_at_open: f64,
    exit_slip_bps: f64,
    pub(crate) decision_no: u64,
    pub(crate) decision: DecisionId,
    pub(crate) conviction: f64,
    pub(crate) climate: Climate,
    pub(crate) decided_at: Timestamp,
    pub(crate) votes: Votes,
}

/// What a shadow obeys, the same as a position at the venue.
#[derive(Clone, Copy)]
struct Laws {
    costs: Costs,
    grid: Grid,
    seed: u64,
}

/// How far a shadow has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Stage {
    /// It enters at the next open.
    Waiting,
    /// It is open.
    Open,
    /// Its time is up; it leaves at the next open.
    Leaving,
}

/// What a shadow is made of when it is declined.
pub(crate) struct Declined {
    pub(crate) decision_no: u64,
    pub(crate) decision: DecisionId,
    pub(crate) strategy: StrategyIx,
    pub(crate) side: Side,
    pub(crate) standing: Standing,
    pub(crate) refused: u16,
    pub(crate) conviction: f64,
    pub(crate) climate: Climate,
    pub(crate) votes: Votes,
    pub(crate) plan: ExitPlan,
    pub(crate) decided_at: Timestamp,
}

impl Declined {
    /// An executed decision of which nothing was filled.
    pub(crate) fn unfilled(position: &Position) -> Declined {
        Declined {
            decision_no: position.decision_no,
            decision: position.decision,
            strategy: position.strategy,
            side: position.side,
            standing: Standing::Unfilled,
            refused: position.refused,
            conviction: position.conviction,
            climate: position.climate,
            votes: position.votes,
            plan: position.plan,
            decided_at: position.decided_at,
        }
    }
}

impl Shadow {
    pub(crate) fn waiting(declined: &Declined) -> Shadow {
        Shadow {
            stage: Stage::Waiting,
            side: declined.side,
            strategy: declined.strategy,
            standing: declined.standing,
            refused: declined.refused,
            bars: 0,
            entry: 0.0,
            entry_shown: 0.0,
            levels: Levels { stop: 0.0, target: None },
            stop_first: 0.0,
            high: 0.0,
            low: 0.0,
            opened_at: declined.decided_at,
            plan: declined.plan,
            overlap_at_open: 0.0,
            exit_slip_bps: 0.0,
            decision_no: declined.decision_no,
            decision: declined.decision,
            conviction: declined.conviction,
            climate: declined.climate,
            decided_at: declined.decided_at,
            votes: declined.votes,
        }
    }

    /// Enters as the venue would have it: on the grid, and rounded against us.
    fn enter(&mut self, bar: &Bar, laws: &Laws, overlap: f64) {
        let Laws { costs, grid, seed } = laws;
        let [entry_slip_bps, exit_slip_bps] = slippage_bps(costs, *seed, self.decision);
        let paid = costs.fill_price(self.side, bar.open(), entry_slip_bps);
        self.stage = Stage::Open;
        self.entry = grid.against(self.side, paid);
        self.entry_shown = bar.open();
        self.exit_slip_bps = exit_slip_bps;
        let plan = &self.plan;
        let levels =
            Levels::around(self.side, self.entry, plan.stop_fraction, plan.target_fraction);
        self.levels = Levels {
            stop: grid.near(levels.stop),
            target: levels.target.map(|target| grid.near(target)),
        };
        self.stop_first = self.levels.stop;
        (self.high, self.low) = (bar.open(), bar.open());
        self.opened_at = bar.opened_at();
        self.overlap_at_open = overlap;
    }

    /// Lets an open shadow meet a bar; gives the market price it ended at, and why.
    fn meet(&mut self, bar: &Bar, grid: Grid) -> Option<(f64, ExitReason)> {
        self.bars += 1;
        match touch(bar, self.side, &self.levels) {
            Some(Touch::Target(market)) => Some((market, ExitReason::Target)),
            Some(Touch::Stop(market)) if self.levels.stop == self.stop_first => {
                Some((market, ExitReason::Stop))
            }
            Some(Touch::Stop(market)) => Some((market, ExitReason::TrailingStop)),
            None => {
                self.high = self.high.max(bar.high());
                self.low = self.low.min(bar.low());
                self.prepare_next_bar(bar.closed_at(), grid);
                None
            }
        }
    }

    /// At a bar's close: the stop follows, and time may be up; both act from the next bar.
    fn prepare_next_bar(&mut self, closed_at: Timestamp, grid: Grid) {
        if let Some(trail) = &self.plan.trail {
            let best = if self.side == Side::Long { self.high } else { self.low };
            let stood = self.levels.stop;
            let followed = trailed_stop(self.side, self.entry, best, stood, trail);
            // Most bars bring no new best price, and nothing to put on the grid.
            if followed != stood {
                let moved = grid.near(followed);
                if self.side.sign() * (moved - stood) > 0.0 {
                    self.levels.stop = moved;
                }
            }
        }
        if closed_at.ms_since(self.opened_at) >= self.plan.hold_ms_max {
            self.stage = Stage::Leaving;
        }
    }

    fn end(
        &self,
        symbol: SymbolIx,
        at: Timestamp,
        market: f64,
        reason: ExitReason,
        laws: &Laws,
    ) -> Ended {
        let costs = &laws.costs;
        let got = costs.fill_price(self.side.opposite(), market, self.exit_slip_bps);
        let exit = laws.grid.against(self.side.opposite(), got);
        let settled = settle(costs, self.side, self.entry, exit, self.plan.stop_fraction);
        let (high, low) = (self.high.max(market), self.low.min(market));
        let moves = Excursion::of(self.side, self.entry, high, low);
        // Without costs it would have earned the difference of what the market showed.
        let shown_bps = self.side.sign() * (market - self.entry_shown) / self.entry * 1e4;
        Ended {
            overlap_at_open: self.overlap_at_open,
            within_bar: matches!(
                reason,
                ExitReason::Stop | ExitReason::TrailingStop | ExitReason::Target
            ),
            outcome: Outcome {
                decision_no: self.decision_no,
                decision: self.decision,
                symbol,
                strategy: self.strategy,
                side: self.side,
                standing: self.standing,
                refused: self.refused,
                votes: self.votes,
                conviction: self.conviction,
                climate: self.climate,
                decided_at: self.decided_at,
                opened_at: self.opened_at,
                closed_at: at,
                entry: self.entry,
                exit,
                reason,
                r: settled.r,
                net_bps: settled.net_fraction * 1e4,
                cost_bps: shown_bps - settled.net_fraction * 1e4,
                funding_bps: 0.0,
                favourable_bps: moves.favourable_bps,
                adverse_bps: moves.adverse_bps,
                bars: self.bars,
                uniqueness: 1.0,
            },
        }
    }
}

/// How far price went for and against a position.
pub(crate) struct Excursion {
    pub(crate) favourable_bps: f64,
    pub(crate) adverse_bps: f64,
}

impl Excursion {
    pub(crate) fn of(side: Side, entry: f64, high: f64, low: f64) -> Excursion {
        let (up, down) = ((high / entry - 1.0) * 1e4, (1.0 - low / entry) * 1e4);
        let (favourable, adverse) = if side == Side::Long { (up, down) } else { (down, up) };
        Excursion { favourable_bps: favourable.max(0.0), adverse_bps: adverse.max(0.0) }
    }
}

impl Engine {
    /// Shadows and horizons of one symbol meet its bar. What ended waits for the cascade, where it is
    /// taken in the order of opening.
    pub(crate) fn meet_shadows_and_horizons(&mut self, timed: &TimedBar, effects: &mut Effects) {
        let instrument = &self.instruments[timed.symbol.at()];
        if let Some(gap) = self.state.symbols[timed.symbol.at()].gap_before(instrument, timed) {
            effects.gaps.push(gap);
            self.end_across_gap(timed);
        }
        self.open_shadows(timed);
        self.release_ended(timed, |position| !position.within_bar);
        self.count_overlap(timed);
        self.run_shadows(timed);
        self.release_ended(timed, |position| position.within_bar);
        let cost_bps = self.settings.costs.round_trip_fraction() * 1e4;
        self.state.symbols[timed.symbol.at()].horizons.meet(
            &timed.bar,
            cost_bps,
            &mut effects.horizons,
        );
    }

    fn laws(&self, symbol: SymbolIx) -> Laws {
        let grid = self.state.symbols[symbol.at()].grid;
        Laws { costs: self.settings.costs, grid, seed: self.settings.seed }
    }

    /// What was open over missing bars ends at the first price after them; what had not entered is
    /// void, and so are horizons across them.
    fn end_across_gap(&mut self, timed: &TimedBar) {
        let laws = self.laws(timed.symbol);
        let symbol = &mut self.state.symbols[timed.symbol.at()];
        for shadow in symbol.shadows.drain(..) {
            if shadow.stage != Stage::Waiting {
                let (bar, reason) = (&timed.bar, ExitReason::Gap);
                let mut over = shadow.end(timed.symbol, bar.opened_at(), bar.open(), reason, &laws);
                over.settle_overlap(&symbol.overlap[usize::from(shadow.strategy.0)]);
                self.bench.ended.push(over);
            }
        }
        symbol.horizons.clear();
    }

    /// At the open: those that wait enter, and those whose time was up leave.
    fn open_shadows(&mut self, timed: &TimedBar) {
        let laws = self.laws(timed.symbol);
        let symbol = &mut self.state.symbols[timed.symbol.at()];
        let (overlap, ended) = (&symbol.overlap, &mut self.bench.ended);
        symbol.shadows.retain_mut(|shadow| match shadow.stage {
            Stage::Open => true,
            // A price from before the decision is not one it could have had.
            Stage::Waiting if timed.bar.opened_at() < shadow.decided_at => true,
            Stage::Waiting => {
                let sum = overlap[usize::from(shadow.strategy.0)].inverse_sum;
                shadow.enter(&timed.bar, &laws, sum);
                true
            }
            Stage::Leaving => {
                let bar = &timed.bar;
                let mut left =
                    shadow.end(timed.symbol, bar.opened_at(), bar.open(), ExitReason::Time, &laws);
                // It left at the open, so this bar's overlap is none of its business.
                left.settle_overlap(&overlap[usize::from(shadow.strategy.0)]);
                ended.push(left);
                false
            }
        });
    }

    /// Labels open during this bar, per strategy: shadows, positions, and positions that ended in it.
    fn count_overlap(&mut self, timed: &TimedBar) {
        let State { symbols, book, ended, .. } = &mut self.state;
        let symbol = &mut symbols[timed.symbol.at()];
        for (at, overlap) in symbol.overlap.iter_mut().enumerate() {
            let mine = |strategy: StrategyIx| usize::from(strategy.0) == at;
            let is_open = |shadow: &&Shadow| shadow.stage == Stage::Open && mine(shadow.strategy);
            let shadows = symbol.shadows.iter().filter(is_open).count();
            let held =
                book.open_on(timed.symbol).filter(|position| mine(position.strategy)).count();
            let just_ended = ended
                .iter()
                .filter(|e| {
                    e.within_bar && e.outcome.symbol == timed.symbol && mine(e.outcome.strategy)
                })
                .count();
            overlap.bar((shadows + held + just_ended) as u32);
        }
    }

    fn run_shadows(&mut self, timed: &TimedBar) {
        let laws = self.laws(timed.symbol);
        let symbol = &mut self.state.symbols[timed.symbol.at()];
        let (overlap, ended) = (&symbol.overlap, &mut self.bench.ended);
        symbol.shadows.retain_mut(|shadow| {
            if shadow.stage == Stage::Waiting {
                return true;
            }
            let Some((market, reason)) = shadow.meet(&timed.bar, laws.grid) else {
                return true;
            };
            let mut over = shadow.end(timed.symbol, timed.bar.closed_at(), market, reason, &laws);
            over.settle_overlap(&overlap[usize::from(shadow.strategy.0)]);
            ended.push(over);
            false
        });
    }

    /// Executed positions of this symbol that ended since its last bar join the shadows' outcomes: those
    /// that left at the open before this bar's overlap is counted, the others after it.
    fn release_ended(&mut self, timed: &TimedBar, now: impl Fn(&Ended) -> bool) {
        let State { symbols, ended, .. } = &mut self.state;
        let overlap = &symbols[timed.symbol.at()].overlap;
        let out = &mut self.bench.ended;
        ended.retain_mut(|position| {
            let stays = position.outcome.symbol != timed.symbol || !now(position);
            if !stays {
                position.settle_overlap(&overlap[usize::from(position.outcome.strategy.0)]);
                out.push(position.clone());
            }
            stays
        });
    }
}
