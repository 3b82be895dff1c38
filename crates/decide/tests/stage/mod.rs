//! Candidates to decide about: one that every gate lets pass, and any at all.

use decide::{
    Case, Choice, HistoryRule, Holding, Limits, Portfolio, Prospects, Selection, SizeRules, choose,
};
use domain::{
    Calendar, Climate, Combo, DecisionId, ExitPlan, GatePolicy, Instrument, Interval, Policy, Side,
    Signal, StandingOrder, StrategyIx, SymbolIx, Timestamp, Votes, decimal,
};
use laws::Costs;
use proptest::prelude::*;

/// What every candidate is on.
pub(crate) const SYMBOL: SymbolIx = SymbolIx(0);

/// All that a case borrows.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    pub(crate) signal: Signal,
    pub(crate) plan: ExitPlan,
    pub(crate) price: f64,
    pub(crate) instrument: Instrument,
    pub(crate) costs: Costs,
    pub(crate) portfolio: Portfolio<'static>,
    pub(crate) prospects: Prospects,
    pub(crate) rule: HistoryRule,
    pub(crate) order: StandingOrder,
    pub(crate) selection: Selection,
    pub(crate) policy: Policy,
    pub(crate) now: Timestamp,
}

impl Scene {
    /// Every gate lets it pass, and the probe is large enough for the venue.
    pub(crate) fn allowed() -> Scene {
        Scene {
            signal: Signal {
                side: Side::Long,
                conviction: 0.8,
                confluence: 0.9,
                tilt: 0.0,
                votes: Votes::default(),
            },
            plan: ExitPlan {
                stop_fraction: 0.02,
                target_fraction: Some(0.03),
                trail: None,
                hold_ms_max: 3_600_000,
                partial: None,
                leave_by: None,
                liquidation_fraction: None,
            },
            price: 100.0,
            instrument: Instrument {
                symbol: "BTCUSDT".to_owned(),
                interval: Interval::HOUR,
                calendar: Calendar::Always,
                tick: decimal(0.01),
                step: decimal(0.001),
                notional_min: decimal(5.0),
                kind: domain::InstrumentKind::Spot,
                margin: domain::Margin::NONE,
                has_volume: true,
            },
            costs: Costs::default(),
            portfolio: Portfolio {
                equity: 10_000.0,
                equity_day_began: 10_000.0,
                equity_high: 10_000.0,
                holdings: &[],
                regime_entries: 0,
                exposure: 0.0,
                positions: 0,
                positions_on_symbol: 0,
                symbol_traded_at: None,
            },
            prospects: Prospects {
                outcomes_effective: 200.0,
                win_rate: Some(0.62),
                win_probability: 0.55,
                win_probability_low: 0.50,
                win_r: 1.4,
                loss_r: 1.1,
            },
            rule: HistoryRule::Evidence,
            order: StandingOrder::FREE,
            selection: Selection::SOLE,
            policy: Policy::day_one(GatePolicy::default()),
            now: Timestamp::from_ms(1_600_000_000_000),
        }
    }

    pub(crate) fn case(&self) -> Case<'_> {
        Case {
            signal: &self.signal,
            strategy: StrategyIx(0),
            plan: &self.plan,
            price: self.price,
            instrument: &self.instrument,
            costs: &self.costs,
            portfolio: &self.portfolio,
            prospects: &self.prospects,
            rule: self.rule,
            symbol: SYMBOL,
            climate: Climate::default(),
            order: &self.order,
            volatility_day: Some(0.03),
            hour: 12,
            weekday: 0,
            selection: self.selection,
            policy: &self.policy,
            now: self.now,
        }
    }

    /// What is chosen under default rules.
    pub(crate) fn choose(&self, id: u64, explore_fraction: f64) -> Choice {
        const SEED: u64 = 7;
        let (rules, limits) = (SizeRules::default(), Limits::default());
        choose(&self.case(), &rules, &limits, DecisionId(id), SEED, explore_fraction)
    }
}

/// Any candidate at all: often allowed, often a near miss, sometimes ruined.
pub(crate) fn any_scene() -> impl Strategy<Value = Scene> {
    let market = (any_instrument(), any_order());
    let record = (any_prospects(), any_rule());
    (any_signal(), any_plan(), market, any_portfolio(), record, any_policy()).prop_map(
        |(signal, plan, market, portfolio, (prospects, rule), (policy, costs))| {
            let ((price, instrument), order) = market;
            let now = Scene::allowed().now;
            Scene {
                signal,
                plan,
                price,
                instrument,
                costs,
                portfolio,
                prospects,
                rule,
                order,
                selection: Selection::SOLE,
                policy,
                now,
            }
        },
    )
}

fn any_signal() -> impl Strategy<Value = Signal> {
    let fraction = || prop_oneof![3 => 0.5..=1.0_f64, 1 => 0.0..=1.0_f64, 1 => Just(0.6)];
    (any_side(), fraction(), fraction()).prop_map(|(side, conviction, confluence)| Signal {
        side,
        conviction,
        confluence,
        tilt: 0.0,
        votes: Votes::default(),
    })
}

fn any_plan() -> impl Strategy<Value = ExitPlan> {
    (1e-4..0.5_f64, prop::option::of(1e-4..2.0_f64)).prop_map(|(stop_fraction, target_fraction)| {
        ExitPlan {
            stop_fraction,
            target_fraction,
            trail: None,
            hold_ms_max: 3_600_000,
            partial: None,
            leave_by: None,
            liquidation_fraction: None,
        }
    })
}

/// With a price: cheap coins by the whole, dear ones by the hundred-millionth.
fn any_instrument() -> impl Strategy<Value = (f64, Instrument)> {
    (-6.0..6.0_f64, -8_i32..3).prop_map(|(price_digits, step_digits)| {
        let ten_to = |digits| libm::pow(10.0, digits);
        let step = decimal(ten_to(f64::from(step_digits)));
        (ten_to(price_digits), Instrument { step, ..Scene::allowed().instrument })
    })
}

fn any_portfolio() -> impl Strategy<Value = Portfolio<'static>> {
    let equity = prop_oneof![3 => 1e2..1e7_f64, 3 => 10.0..3e3_f64, 1 => -1e4..1e2_f64];
    let day = prop_oneof![6 => 0.9..1.04_f64, 1 => 0.0..3.0_f64];
    let exposure = prop_oneof![2 => Just(0.0), 1 => 0.0..3.0_f64];
    let traded = prop_oneof![2 => Just(None), 1 => (-10_i64..200).prop_map(Some)];
    let entries = prop_oneof![4 => Just(0_u32), 1 => 1_u32..6];
    let held = (prop_oneof![2 => Just(Vec::new()), 1 => any_holdings()], entries);
    (equity, day, exposure, 0_u32..11, 0_u32..2, traded, held).prop_map(
        |(equity, day, exposure, positions, positions_on_symbol, minutes, held)| {
            let (holdings, regime_entries) = held;
            let now = Scene::allowed().now;
            Portfolio {
                equity,
                equity_day_began: (equity * day).abs(),
                equity_high: (equity * day).abs(),
                // A portfolio borrows them, and a scene is to be cloned: a few stay until the test ends.
                holdings: holdings.leak(),
                regime_entries,
                exposure: (equity * exposure).abs(),
                positions,
                positions_on_symbol,
                symbol_traded_at: minutes.map(|minutes| now.plus_ms(-60_000 * minutes)),
            }
        },
    )
}

fn any_side() -> impl Strategy<Value = Side> {
    any::<bool>().prop_map(|long| if long { Side::Long } else { Side::Short })
}

fn any_holdings() -> impl Strategy<Value = Vec<Holding>> {
    let holding =
        (any_side(), 0.0..1e5_f64, -1.0..=1.0_f64).prop_map(|(side, notional, correlation)| {
            Holding { symbol: SymbolIx(1), side, notional, correlation, class: None }
        });
    prop::collection::vec(holding, 0..5)
}

fn any_rule() -> impl Strategy<Value = HistoryRule> {
    prop_oneof![Just(HistoryRule::Evidence), Just(HistoryRule::Seed)]
}

fn any_order() -> impl Strategy<Value = StandingOrder> {
    let restricted = (any::<bool>(), 0.0..=1.0_f64, 0.0..=1.0_f64).prop_map(
        |(may_enter, conviction_min, risk_scale)| StandingOrder {
            may_enter,
            conviction_min,
            risk_scale,
            ..StandingOrder::FREE
        },
    );
    prop_oneof![3 => Just(StandingOrder::FREE), 1 => restricted]
}

fn any_prospects() -> impl Strategy<Value = Prospects> {
    let outcomes = (0.0..1e4_f64, prop::option::of(0.0..=1.0_f64));
    (outcomes, 0.0..=1.0_f64, 0.0..=1.0_f64, 0.0..10.0_f64, 0.1..5.0_f64).prop_map(
        |((outcomes_effective, win_rate), win_probability, low, win_r, loss_r)| Prospects {
            outcomes_effective,
            win_rate,
            win_probability,
            win_probability_low: win_probability * low,
            win_r,
            loss_r,
        },
    )
}

fn any_policy() -> impl Strategy<Value = (Policy, Costs)> {
    let costs = (0.0..20.0_f64, 0.0..5.0_f64, 0.0..5.0_f64);
    let killed = prop_oneof![4 => Just(Vec::new()), 1 => any_side().prop_map(|side| {
        vec![Combo { symbol: SYMBOL, side }]
    })];
    (0.0..4.0_f64, 0_i64..120, 0_u32..12, costs, killed).prop_map(
        |(fee_margin, cooldown_min, positions_max, costs, killed)| {
            let (taker_bps, half_spread_bps, slipped) = costs;
            let gates =
                GatePolicy { fee_margin, cooldown_min, positions_max, ..GatePolicy::default() };
            let policy = Policy { killed, ..Policy::day_one(gates) };
            let costs = Costs {
                taker_bps,
                half_spread_bps,
                slippage_mean_bps: slipped,
                ..Costs::default()
            };
            (policy, costs)
        },
    )
}
