//! From rows to candidates to decisions.

use decide::{
    Case, Circumstances, Holding, Inputs, Occasion, Portfolio, Prospects, Question, Selection,
    choose, is_too_coarse, liquidation, stake_wanted, standing_order,
};
use domain::{
    Basis, Climate, Decision, DecisionId, Effects, ExitPlan, Instruction, Leans, Leg, OrderId,
    OrderRequest, PilClass, Policy, PositionStage, Seat, Side, Signal, StandingOrder, StrategyIx,
    SymbolIx, TimedBar, Timestamp, Votes, estimate,
};
use forecast::{fuse, leans, tilt, tilted};
use laws::{lead_ms, leaves_at_close, protection};

use crate::contests::{Turn, Within, in_turn};
use crate::seats::Advice;
use crate::shadow::Declined;
use crate::symbol::SymbolState;
use crate::{BoundStrategy, Engine, Settings, State, Telling};

/// A chance to trade.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate {
    pub(crate) symbol: SymbolIx,
    pub(crate) strategy: usize,
    pub(crate) signal: Signal,
    plan: ExitPlan,
    /// How the symbol's components leaned, whoever's candidate it is.
    pub(crate) leans: Leans,
    /// What the seated models expect of the symbol.
    pub(crate) advice: Advice,
    /// Whose vote of theirs is heard.
    pub(crate) heard: Seat,
    /// Whether it was chosen among its rivals.
    pub(crate) selection: Selection,
    /// Its place in the order of deciding.
    pub(crate) turn: Turn,
}

/// What is held or on the way, in estimates, while candidates are decided.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    symbol: SymbolIx,
    side: Side,
    notional: f64,
    class: Option<PilClass>,
}

impl Candidate {
    /// The version whose vote or lean was heard: the one that was asked, if it said anything.
    fn spoke(&self, asked: u32) -> u64 {
        if self.advice.speaks(self.heard) { u64::from(asked) } else { 0 }
    }
}

/// Strategies ask for at most this many features besides the votes.
const INPUTS_MAX: usize = 16;

impl Engine {
    /// Every strategy looks at every symbol whose working frame closed.
    pub(crate) fn find_candidates(&mut self, now: Timestamp, bars: &[TimedBar]) {
        self.bench.candidates.clear();
        for timed in bars {
            if self.state.symbols[timed.symbol.at()].forecaster.frame_closed() {
                self.find_on(timed.symbol, now);
            }
        }
    }

    fn find_on(&mut self, symbol: SymbolIx, now: Timestamp) {
        let State { symbols, policy, .. } = &self.state;
        let row = symbols[symbol.at()].forecaster.row();
        let others = forecast::vote(&row);
        if others.is_silent() {
            return;
        }
        let advice = self.advise(symbol);
        // Components are the symbol's: heard once, and offered to every strategy.
        let unmodelled = leans(&row);
        for (at, bound) in self.strategies.iter().enumerate() {
            let mut inputs = [None; INPUTS_MAX];
            for (input, &feature) in inputs.iter_mut().zip(&bound.inputs) {
                *input = row.get(feature);
            }
            let inputs = Inputs(&inputs[..bound.inputs.len()]);
            let heard = self.heard_seat(self.decision_id(symbol, bound, now));
            let (votes, leans) = self.with_models(&advice, heard, &others, &unmodelled);
            let votes = votes.only(bound.strategy.heads());
            let Some(signal) = signal_under(policy, &votes, &leans) else { continue };
            if !bound.strategy.enters(&signal, inputs) {
                continue;
            }
            let occasion = Occasion {
                inputs,
                signal: &signal,
                climate: self.climate(symbol),
                instrument: &self.instruments[symbol.at()],
                now,
            };
            let exits = &self.settings.exits;
            let Some(planned) = bound.strategy.plan(&occasion, exits) else { continue };
            let plan = exits.adjusted(&planned, policy.exits_of(bound.ix), occasion.instrument);
            if self.can_be_held(symbol, &plan, now) {
                let turn = Turn { conviction: signal.conviction, within: Within::Alone };
                let selection = Selection::SOLE;
                let strategy = at;
                self.bench.candidates.push(Candidate {
                    symbol,
                    strategy,
                    signal,
                    plan,
                    leans,
                    advice,
                    heard,
                    selection,
                    turn,
                });
            }
        }
    }

    /// What would have to leave as it enters is no chance to trade, and neither is a stop that the grid
    /// cannot tell from its entry: what such a shadow came to would teach rounding.
    fn can_be_held(&self, symbol: SymbolIx, plan: &ExitPlan, now: Timestamp) -> bool {
        let bar_ms = self.instruments[symbol.at()].interval.ms();
        let lead_ms = lead_ms(bar_ms, self.settings.costs.latency_ms);
        let state = &self.state.symbols[symbol.at()];
        !is_too_coarse(plan, state.last_close, state.grid.tick())
            && leaves_at_close(plan, now, now, lead_ms).is_none()
    }

    pub(crate) fn climate(&self, symbol: SymbolIx) -> Climate {
        let forecaster = &self.state.symbols[symbol.at()].forecaster;
        Climate {
            regime: forecaster.regime(),
            global: self.state.global.regime(),
            frame_bars: forecaster.frame_bars(),
        }
    }

    /// Decides every candidate in turn: each sees what those before it have taken.
    pub(crate) fn decide_all(&mut self, now: Timestamp, effects: &mut Effects) {
        let mut candidates = std::mem::take(&mut self.bench.candidates);
        if !candidates.is_empty() {
            self.count_holdings();
        }
        self.hold_contests(&mut candidates, now);
        in_turn(&mut candidates);
        for candidate in &candidates {
            let decision = self.decide(candidate, now);
            self.record(&decision, effects);
            if decision.standing.is_executed() {
                self.ask_entry(&decision, effects);
            } else {
                self.follow(&decision);
            }
            self.ask_what_if(&decision);
        }
        self.bench.candidates = candidates;
    }

    /// Money becomes estimates once per moment and not once per candidate.
    fn count_holdings(&mut self) {
        let State { book, symbols, review, .. } = &self.state;
        let held = book.positions().iter().map(|position| {
            let is_entering = position.stage == PositionStage::Entering;
            let quantity = if is_entering { position.quantity_asked } else { position.quantity };
            let notional = estimate(quantity) * symbols[position.symbol.at()].last_close;
            let class = review.class_of(position.decision).map(|known| known.class);
            Held { symbol: position.symbol, side: position.side, notional, class }
        });
        self.bench.held.clear();
        self.bench.held.extend(held);
    }

    /// What is held, as it bears on a candidate. Where it is not known whether symbols move alike, they do
    /// so against us: alike on the same side, and no offset on the other.
    fn holdings_beside(&mut self, candidate: &Candidate) {
        let (symbol, side) = (candidate.symbol, candidate.signal.side);
        let together = &self.state.together;
        let correlation = |held: &Held| {
            let feared = if held.side == side { 1.0 } else { 0.0 };
            let known = together.correlation(held.symbol.at(), symbol.at());
            if held.symbol == symbol { 1.0 } else { known.unwrap_or(feared) }
        };
        self.bench.holdings.clear();
        self.bench.holdings.extend(self.bench.held.iter().map(|held| Holding {
            symbol: held.symbol,
            side: held.side,
            notional: held.notional,
            correlation: correlation(held),
            class: held.class,
        }));
    }

    /// Puts together all that bears on a candidate.
    pub(crate) fn with_case<T>(
        &mut self,
        candidate: &Candidate,
        now: Timestamp,
        ask: impl FnOnce(&Engine, &Case<'_>) -> T,
    ) -> T {
        self.holdings_beside(candidate);
        let State { symbols, policy, book, .. } = &self.state;
        let bound = &self.strategies[candidate.strategy];
        let symbol = &symbols[candidate.symbol.at()];
        let climate = self.climate(candidate.symbol);
        let prospects =
            self.prospects(policy, bound.ix, &candidate.signal, &candidate.plan, climate);
        let (high, holdings) = (self.state.equity_high, &self.bench.holdings);
        let portfolio = book.portfolio(candidate.symbol, symbol, high, holdings);
        let order = self.standing_order(symbol, climate, &portfolio);
        let instrument = &self.instruments[candidate.symbol.at()];
        let (hour, weekday) = instrument.calendar.clock(now);
        let case = Case {
            signal: &candidate.signal,
            strategy: bound.ix,
            plan: &candidate.plan,
            price: symbol.last_close,
            symbol: candidate.symbol,
            instrument,
            costs: &self.settings.costs,
            portfolio: &portfolio,
            prospects: &prospects,
            rule: self.settings.history_rule(),
            climate,
            order: &order,
            volatility_day: symbol.forecaster.volatility_day(),
            hour,
            weekday,
            selection: candidate.selection,
            policy,
            now,
        };
        ask(self, &case)
    }

    fn decision_id(&self, symbol: SymbolIx, bound: &BoundStrategy, now: Timestamp) -> DecisionId {
        DecisionId::of(bound.hash, self.state.symbols[symbol.at()].name_hash, now)
    }

    fn decide(&mut self, candidate: &Candidate, now: Timestamp) -> Decision {
        self.with_case(candidate, now, |engine, case| engine.decided(case, candidate))
    }

    fn decided(&self, case: &Case<'_>, candidate: &Candidate) -> Decision {
        let bound = &self.strategies[candidate.strategy];
        let id = self.decision_id(candidate.symbol, bound, case.now);
        let basis = self.basis(case, candidate);
        let Settings { size, limits, seed, explore_fraction, .. } = &self.settings;
        let choice = choose(case, size, limits, id, *seed, *explore_fraction);
        let liquidation_fraction = liquidation(case, size, choice.sizing.notional);
        Decision {
            no: self.state.decisions,
            id,
            decided_at: case.now,
            symbol: candidate.symbol,
            strategy: bound.ix,
            signal: candidate.signal,
            price: case.price,
            plan: ExitPlan { liquidation_fraction, ..candidate.plan },
            verdicts: choice.verdicts,
            standing: choice.standing,
            sizing: choice.sizing,
            climate: case.climate,
            order: *case.order,
            basis: Basis { propensity: choice.propensity as f32, ..basis },
            propensity: choice.propensity,
            policy_version: case.policy.version,
            model_version: candidate.spoke(basis.modelled.version),
        }
    }

    /// What it was based on, for those who learn from what it comes to.
    fn basis(&self, case: &Case<'_>, candidate: &Candidate) -> Basis {
        const MINUTE_MS: f64 = 60_000.0;
        let plan = case.plan;
        let target_r = plan.target_fraction.map(|target| (target / plan.stop_fraction) as f32);
        let stake = stake_wanted(case, &self.settings.size);
        let stake_before = self.stake_before(case, &candidate.leans).unwrap_or(stake);
        Basis {
            leans: candidate.leans,
            confluence: case.signal.confluence as f32,
            edge_ratio: case.edge_ratio() as f32,
            rested_min: case.rested_min() as f32,
            correlation: case.correlation_with_held() as f32,
            regime_entries: case.portfolio.regime_entries.min(u32::from(u16::MAX)) as u16,
            win_probability: case.prospects.win_probability as f32,
            stake: stake as f32,
            stake_before: stake_before as f32,
            propensity: 1.0,
            policy_version: case.policy.version,
            stop_fraction: plan.stop_fraction as f32,
            target_r,
            hold_min: (plan.hold_ms_max as f64 / MINUTE_MS) as f32,
            hour: case.hour,
            weekday: case.weekday,
            modelled: self.modelled(case, candidate),
        }
    }

    /// The stake under the policy that the standing one is being compared with; nothing while nothing is.
    /// Stateful gates and whatever is held are the standing policy's, and so are exits: what they are
    /// worth is told by what-ifs.
    fn stake_before(&self, case: &Case<'_>, leans: &Leans) -> Option<f64> {
        let reference = self.learners.iter().find_map(|learner| learner.reference())?;
        let signal = signal_under(reference, &case.signal.votes, leans);
        let Some(signal) = signal.filter(|signal| signal.side == case.signal.side) else {
            return Some(0.0);
        };
        let prospects = self.prospects(reference, case.strategy, &signal, case.plan, case.climate);
        let before = Case { signal: &signal, prospects: &prospects, policy: reference, ..*case };
        Some(stake_wanted(&before, &self.settings.size))
    }

    /// What similar candidates have come to.
    pub(crate) fn prospects(
        &self,
        policy: &Policy,
        strategy: StrategyIx,
        signal: &Signal,
        plan: &ExitPlan,
        climate: Climate,
    ) -> Prospects {
        self.state.history.prospects(&Question {
            strategy,
            side: signal.side,
            conviction: signal.conviction,
            regime: climate.regime,
            reward_r: plan.reward_fraction() / plan.stop_fraction,
            cost_r: self.settings.costs.round_trip_fraction() / plan.stop_fraction,
            calibration: policy.calibrations.get(usize::from(strategy.0)),
        })
    }

    /// What restricts trading on a symbol now.
    fn standing_order(
        &self,
        symbol: &SymbolState,
        climate: Climate,
        portfolio: &Portfolio<'_>,
    ) -> StandingOrder {
        let seen = Circumstances {
            climate,
            cost_fraction: self.settings.costs.round_trip_fraction(),
            volatility_day: symbol.forecaster.volatility_day(),
            record: symbol.record.record(),
            drawdown_fraction: portfolio.drawdown_fraction(),
            day_loss_fraction: portfolio.day_loss_fraction(),
            safety: &self.state.safety,
        };
        standing_order(&seen, &self.settings.standing)
    }

    fn record(&mut self, decision: &Decision, effects: &mut Effects) {
        self.state.decisions += 1;
        let State { symbols, triggers, .. } = &mut self.state;
        let symbol = &mut symbols[decision.symbol.at()];
        symbol.horizons.note(decision);
        triggers.observe_row(&symbol.forecaster.row(), decision.decided_at, &self.settings.models);
        if self.settings.telling == Telling::Results {
            if decision.standing.is_executed() {
                effects.decisions.push(*decision);
            }
            return;
        }
        let row = self.state.symbols[decision.symbol.at()].forecaster.row();
        effects.decisions.push(*decision);
        effects.rows.extend_from_slice(row.values);
        effects.rows_present.push(row.present);
    }

    /// The stop goes with the entry, so that no fill is ever without one.
    fn ask_entry(&mut self, decision: &Decision, effects: &mut Effects) {
        const FIRST_ATTEMPT: u32 = 0;
        let request = OrderRequest {
            id: OrderId::of(decision.id, Leg::Entry.code(), FIRST_ATTEMPT),
            decision: decision.id,
            symbol: decision.symbol,
            side: decision.signal.side,
            leg: Leg::Entry,
            quantity: decision.sizing.quantity,
            protection: Some(protection(&decision.plan)),
            requested_at: decision.decided_at,
        };
        self.state.symbols[decision.symbol.at()].regime_entries += 1;
        let (symbol, side) = (decision.symbol, decision.signal.side);
        self.bench.held.push(Held {
            symbol,
            side,
            notional: decision.sizing.notional,
            class: None,
        });
        self.state.book.enter(decision, &request);
        effects.instructions.push(Instruction::Place(request));
    }

    fn follow(&mut self, decision: &Decision) {
        let declined = Declined::of(decision);
        self.state.symbols[decision.symbol.at()].shadows.follow(declined);
    }
}

/// What consensus makes of these votes and leans under a policy.
pub(crate) fn signal_under(policy: &Policy, heard: &Votes, leans: &Leans) -> Option<Signal> {
    Some(tilted(fuse(heard, &policy.head_weights)?, tilt(leans, policy)))
}
