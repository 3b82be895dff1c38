//! From rows to candidates to decisions.

use decide::{Case, Inputs, Portfolio, choose};
use domain::{
    Climate, Decision, DecisionId, Effects, ExitPlan, Instruction, Leg, OrderId, OrderRequest,
    Protection, Signal, StandingOrder, SymbolIx, TimedBar, Timestamp,
};
use forecast::fuse;

use crate::shadow::Declined;
use crate::{Engine, Settings, State};

/// A chance to trade.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate {
    symbol: SymbolIx,
    strategy: usize,
    signal: Signal,
    plan: ExitPlan,
}

/// Strategies ask for at most this many features besides the votes.
const INPUTS_MAX: usize = 16;

impl Engine {
    /// Every strategy looks at every symbol that has a new row.
    pub(crate) fn find_candidates(&mut self, bars: &[TimedBar]) {
        let State { symbols, policy, .. } = &self.state;
        self.bench.candidates.clear();
        for timed in bars {
            let row = symbols[timed.symbol.at()].row.row();
            let votes = forecast::vote(&row);
            if votes.is_silent() {
                continue;
            }
            for (at, bound) in self.strategies.iter().enumerate() {
                let mut inputs = [None; INPUTS_MAX];
                for (input, &feature) in inputs.iter_mut().zip(&bound.inputs) {
                    *input = row.get(feature);
                }
                let inputs = Inputs(&inputs[..bound.inputs.len()]);
                let Some(signal) = fuse(&votes.only(bound.strategy.heads()), &policy.head_weights)
                else {
                    continue;
                };
                if !bound.strategy.enters(&signal, inputs) {
                    continue;
                }
                if let Some(plan) = bound.strategy.plan(inputs, &self.settings.exits) {
                    self.bench.candidates.push(Candidate {
                        symbol: timed.symbol,
                        strategy: at,
                        signal,
                        plan,
                    });
                }
            }
        }
        // The strongest first; symbols were sorted by name, so ties go by name, then by registry.
        self.bench.candidates.sort_unstable_by(|left, right| {
            let stronger = right.signal.conviction.total_cmp(&left.signal.conviction);
            stronger.then((left.symbol, left.strategy).cmp(&(right.symbol, right.strategy)))
        });
    }

    /// Decides every candidate in turn: each sees what those before it have taken.
    pub(crate) fn decide_all(&mut self, now: Timestamp, effects: &mut Effects) {
        let candidates = std::mem::take(&mut self.bench.candidates);
        for candidate in &candidates {
            let decision = self.decide(candidate, now);
            self.record(&decision, effects);
            if decision.standing.is_executed() {
                self.ask_entry(&decision, effects);
            } else {
                self.follow(&decision);
            }
        }
        self.bench.candidates = candidates;
    }

    fn decide(&mut self, candidate: &Candidate, now: Timestamp) -> Decision {
        let State { symbols, policy, history, book, .. } = &self.state;
        let bound = &self.strategies[candidate.strategy];
        let symbol = &symbols[candidate.symbol.at()];
        let (signal, plan, costs) = (&candidate.signal, &candidate.plan, &self.settings.costs);
        let reward_r = plan.reward_fraction() / plan.stop_fraction;
        let cost_r = costs.round_trip_fraction() / plan.stop_fraction;
        let prospects =
            history.prospects(bound.ix, signal.side, signal.conviction, reward_r, cost_r);
        let portfolio: Portfolio<'_> = book.portfolio(candidate.symbol, symbol.traded_at);
        let case = Case {
            signal,
            strategy: bound.ix,
            plan,
            price: symbol.last_close,
            symbol: candidate.symbol,
            climate: Climate::default(),
            order: &StandingOrder::FREE,
            volatility_day: None,
            instrument: &self.instruments[candidate.symbol.at()],
            costs,
            portfolio: &portfolio,
            prospects: &prospects,
            policy,
            now,
        };
        let id = DecisionId::of(bound.hash, symbol.name_hash, now);
        let Settings { size, limits, seed, explore_fraction, .. } = &self.settings;
        let choice = choose(&case, size, limits, id, *seed, *explore_fraction);
        Decision {
            no: self.state.decisions,
            id,
            decided_at: now,
            symbol: candidate.symbol,
            strategy: bound.ix,
            signal: *signal,
            price: symbol.last_close,
            plan: *plan,
            verdicts: choice.verdicts,
            standing: choice.standing,
            sizing: choice.sizing,
            climate: Climate::default(),
            order: StandingOrder::FREE,
            propensity: choice.propensity,
            policy_version: policy.version,
            model_version: 0,
        }
    }

    fn record(&mut self, decision: &Decision, effects: &mut Effects) {
        let symbol = &mut self.state.symbols[decision.symbol.at()];
        let row = symbol.row.row();
        effects.decisions.push(*decision);
        effects.rows.extend_from_slice(row.values);
        effects.rows_present.push(row.present);
        symbol.horizons.note(decision.no, decision.signal.side);
        self.state.decisions += 1;
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
            protection: Some(Protection {
                stop_fraction: decision.plan.stop_fraction,
                target_fraction: decision.plan.target_fraction,
                partial: decision.plan.partial,
                liquidation_fraction: decision.plan.liquidation_fraction,
            }),
            requested_at: decision.decided_at,
        };
        self.state.book.enter(decision, &request);
        effects.instructions.push(Instruction::Place(request));
    }

    fn follow(&mut self, decision: &Decision) {
        let declined = Declined {
            decision_no: decision.no,
            decision: decision.id,
            strategy: decision.strategy,
            side: decision.signal.side,
            standing: decision.standing,
            refused: decision.verdicts.refused(),
            conviction: decision.signal.conviction,
            climate: decision.climate,
            votes: decision.signal.votes,
            plan: decision.plan,
            decided_at: decision.decided_at,
        };
        self.state.symbols[decision.symbol.at()].shadows.follow(declined);
    }
}
