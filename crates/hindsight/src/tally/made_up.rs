//! Outcomes and trades that never were, for tests.

use domain::{
    Climate, Decision, DecisionId, ExitPlan, ExitReason, Money, Outcome, Side, Signal, Sizing,
    Standing, StandingOrder, StrategyIx, SymbolIx, Timestamp, Trade, Verdicts, Votes,
};

const HOUR_MS: i64 = 3_600_000;

/// One that opened at hour `no`, lasted an hour and came to `r`.
pub(crate) fn outcome(no: u64, standing: Standing, r: f64) -> Outcome {
    let at = Timestamp::from_ms(no as i64 * HOUR_MS);
    Outcome {
        decision_no: no,
        decision: DecisionId(no),
        symbol: SymbolIx(0),
        strategy: StrategyIx(0),
        side: Side::Long,
        standing,
        refused: 0,
        votes: Votes::default(),
        conviction: 0.5,
        climate: Climate::default(),
        decided_at: at,
        opened_at: at,
        closed_at: at.plus_ms(HOUR_MS),
        entry: 1.0,
        exit: 1.0,
        reason: ExitReason::Time,
        r,
        net_bps: 0.0,
        cost_bps: 0.0,
        funding_bps: 0.0,
        near_target: false,
        favourable_bps: 0.0,
        adverse_bps: 0.0,
        bars: 1,
        uniqueness: 1.0,
        basis: domain::Basis::default(),
        marks: domain::Marks::default(),
    }
}

/// The trade of such an outcome.
pub(crate) fn trade(no: u64, r: f64, net: &str) -> Trade {
    let of = outcome(no, Standing::Probe, r);
    let net: Money = net.parse().unwrap();
    Trade {
        decision: of.decision,
        decision_no: no,
        symbol: of.symbol,
        strategy: of.strategy,
        side: of.side,
        standing: of.standing,
        policy_version: 1,
        votes: of.votes,
        opened_at: of.opened_at,
        closed_at: of.closed_at,
        quantity: Money::ONE,
        entry: Money::ONE_HUNDRED,
        exit: Money::ONE_HUNDRED + net,
        stop: Money::ONE_HUNDRED,
        stop_last: Money::ONE_HUNDRED,
        target: None,
        reason: of.reason,
        gross: net,
        fees: Money::ZERO,
        slipped: Money::ZERO,
        funding: Money::ZERO,
        climate: of.climate,
        net,
        r,
    }
}

/// The decision of such an outcome, with a stop of 2 % and a fifth of equity.
pub(crate) fn decision(no: u64, standing: Standing, side: Side) -> Decision {
    let of = outcome(no, standing, 0.0);
    Decision {
        no,
        id: of.decision,
        decided_at: of.decided_at,
        symbol: of.symbol,
        strategy: of.strategy,
        signal: Signal {
            side,
            conviction: 0.5,
            confluence: 0.5,
            tilt: 0.0,
            votes: Votes::default(),
        },
        price: 100.0,
        plan: ExitPlan {
            stop_fraction: 0.02,
            target_fraction: Some(0.03),
            trail: None,
            partial: None,
            hold_ms_max: HOUR_MS,
            leave_by: None,
            liquidation_fraction: None,
        },
        verdicts: Verdicts::default(),
        standing,
        sizing: Sizing { leverage: 0.2, ..Sizing::default() },
        climate: of.climate,
        order: StandingOrder::FREE,
        propensity: 1.0,
        basis: domain::Basis::default(),
        policy_version: 1,
        model_version: 0,
    }
}
