//! From rows to candidates to decisions.

use decide::{
    Case, Choice, Circumstances, Holding, Inputs, Occasion, Portfolio, Prospects, Question, choose,
    is_too_coarse, liquidation, standing_order,
};
use domain::{
    Basis, Climate, Decision, DecisionId, Effects, ExitPlan, Instruction, Leans, Leg, OrderId,
    OrderRequest, PilClass, PositionStage, Side, Signal, StandingOrder, SymbolIx, TimedBar,
    Timestamp, estimate,
};
use forecast::{fuse, leans, tilt, tilted};
use laws::{lead_ms, leaves_at_close, protection};

use crate::shadow::Declined;
use crate::symbol::SymbolState;
use crate::{Engine, Settings, State, Telling};

/// A chance to trade.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate {
    symbol: SymbolIx,
    strategy: usize,
    signal: Signal,
    plan: ExitPlan,
    /// How the symbol's components leaned, whoever's candidate it is.
    leans: Leans,
}

/// What is held or on the way, in estimates, while candidates are decided.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    symbol: SymbolIx,
    side: Side,
    notional: f64,
    class: Option<PilClass>,
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
        // The strongest first; symbols were sorted by name, so ties go by name, then by registry.
        self.bench.candidates.sort_unstable_by(|left, right| {
            let stronger = right.signal.conviction.total_cmp(&left.signal.conviction);
            stronger.then((left.symbol, left.strategy).cmp(&(right.symbol, right.strategy)))
        });
    }

    fn find_on(&mut self, symbol: SymbolIx, now: Timestamp) {
        let State { symbols, policy, .. } = &self.state;
        let row = symbols[symbol.at()].forecaster.row();
        let votes = forecast::vote(&row);
        if votes.is_silent() {
            return;
        }
        // Components are the symbol's: heard once, and offered to every strategy.
        let leans = leans(&row);
        let tilt = tilt(&leans, policy);
        for (at, bound) in self.strategies.iter().enumerate() {
            let mut inputs = [None; INPUTS_MAX];
            for (input, &feature) in inputs.iter_mut().zip(&bound.inputs) {
                *input = row.get(feature);
            }
            let inputs = Inputs(&inputs[..bound.inputs.len()]);
            let heard = votes.only(bound.strategy.heads());
            let Some(signal) = fuse(&heard, &policy.head_weights) else { continue };
            let signal = tilted(signal, tilt);
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
                self.bench.candidates.push(Candidate { symbol, strategy: at, signal, plan, leans });
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

    fn climate(&self, symbol: SymbolIx) -> Climate {
        let forecaster = &self.state.symbols[symbol.at()].forecaster;
        Climate {
            regime: forecaster.regime(),
            global: self.state.global.regime(),
            frame_bars: forecaster.frame_bars(),
        }
    }

    /// Decides every candidate in turn: each sees what those before it have taken.
    pub(crate) fn decide_all(&mut self, now: Timestamp, effects: &mut Effects) {
        let candidates = std::mem::take(&mut self.bench.candidates);
        if !candidates.is_empty() {
            self.count_holdings();
        }
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

    fn decide(&mut self, candidate: &Candidate, now: Timestamp) -> Decision {
        self.holdings_beside(candidate);
        let State { symbols, policy, book, .. } = &self.state;
        let bound = &self.strategies[candidate.strategy];
        let symbol = &symbols[candidate.symbol.at()];
        let (signal, plan, costs) = (&candidate.signal, &candidate.plan, &self.settings.costs);
        let climate = self.climate(candidate.symbol);
        let prospects = self.prospects(candidate, climate);
        let (high, holdings) = (self.state.equity_high, &self.bench.holdings);
        let portfolio = book.portfolio(candidate.symbol, symbol, high, holdings);
        let order = self.standing_order(symbol, climate, &portfolio);
        let instrument = &self.instruments[candidate.symbol.at()];
        let (hour, weekday) = instrument.calendar.clock(now);
        let case = Case {
            signal,
            strategy: bound.ix,
            plan,
            price: symbol.last_close,
            symbol: candidate.symbol,
            instrument,
            costs,
            portfolio: &portfolio,
            prospects: &prospects,
            rule: self.settings.history_rule(),
            climate,
            order: &order,
            volatility_day: symbol.forecaster.volatility_day(),
            hour,
            weekday,
            policy,
            now,
        };
        let id = DecisionId::of(bound.hash, symbol.name_hash, now);
        let Settings { size, limits, seed, explore_fraction, .. } = &self.settings;
        let choice = choose(&case, size, limits, id, *seed, *explore_fraction);
        let liquidation_fraction = liquidation(&case, size, choice.sizing.notional);
        Decision {
            no: self.state.decisions,
            id,
            decided_at: now,
            symbol: candidate.symbol,
            strategy: bound.ix,
            signal: *signal,
            price: symbol.last_close,
            plan: ExitPlan { liquidation_fraction, ..*plan },
            verdicts: choice.verdicts,
            standing: choice.standing,
            sizing: choice.sizing,
            climate,
            order,
            basis: self.basis(&case, &choice, candidate.leans),
            propensity: choice.propensity,
            policy_version: policy.version,
            model_version: 0,
        }
    }

    /// What it was based on, for those who learn from what it comes to.
    fn basis(&self, case: &Case<'_>, choice: &Choice, leans: Leans) -> Basis {
        const MINUTE_MS: f64 = 60_000.0;
        let plan = case.plan;
        let target_r = plan.target_fraction.map(|target| (target / plan.stop_fraction) as f32);
        let stake = choice.sizing.risk_fraction as f32;
        Basis {
            leans,
            confluence: case.signal.confluence as f32,
            edge_ratio: case.edge_ratio() as f32,
            rested_min: case.rested_min() as f32,
            correlation: case.correlation_with_held() as f32,
            regime_entries: case.portfolio.regime_entries.min(u32::from(u16::MAX)) as u16,
            win_probability: case.prospects.win_probability as f32,
            stake,
            stake_before: stake,
            propensity: choice.propensity as f32,
            policy_version: case.policy.version,
            stop_fraction: plan.stop_fraction as f32,
            target_r,
            hold_min: (plan.hold_ms_max as f64 / MINUTE_MS) as f32,
            hour: case.hour,
            weekday: case.weekday,
        }
    }

    /// What similar candidates have come to.
    fn prospects(&self, candidate: &Candidate, climate: Climate) -> Prospects {
        let State { policy, history, .. } = &self.state;
        let strategy = self.strategies[candidate.strategy].ix;
        let (plan, costs) = (&candidate.plan, &self.settings.costs);
        history.prospects(&Question {
            strategy,
            side: candidate.signal.side,
            conviction: candidate.signal.conviction,
            regime: climate.regime,
            reward_r: plan.reward_fraction() / plan.stop_fraction,
            cost_r: costs.round_trip_fraction() / plan.stop_fraction,
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
        if self.settings.telling == Telling::Results {
            if decision.standing.is_executed() {
                effects.decisions.push(*decision);
            }
            return;
        }
        let symbol = &mut self.state.symbols[decision.symbol.at()];
        let row = symbol.forecaster.row();
        effects.decisions.push(*decision);
        effects.rows.extend_from_slice(row.values);
        effects.rows_present.push(row.present);
        symbol.horizons.note(decision);
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
