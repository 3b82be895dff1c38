//! Candidates to decide about: one that every gate lets pass, and any at all.

use decide::{
    Case, Choice, Circumstances, Inputs, Limits, Portfolio, Prospects, SizeRules, choose,
};
use domain::{
    Calendar, Climate, DecisionId, ExitMode, ExitPlan, GatePolicy, Instrument, Interval, Policy,
    Side, Signal, StandingOrder, StrategyIx, SymbolIx, Timestamp, Votes, decimal,
};
use laws::Costs;
use proptest::prelude::*;

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
                win_probability: 0.55,
                win_probability_low: 0.50,
                win_r: 1.4,
                loss_r: 1.1,
            },
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
            symbol: SymbolIx(0),
            climate: Climate::default(),
            order: &StandingOrder::FREE,
            volatility_day: Some(0.03),
            policy: &self.policy,
            now: self.now,
        }
    }

    /// A plan is asked for here.
    pub(crate) fn circumstances<'a>(&'a self, inputs: Inputs<'a>) -> Circumstances<'a> {
        Circumstances {
            inputs,
            signal: &self.signal,
            climate: Climate::default(),
            instrument: &self.instrument,
            exits: ExitMode::AsPlanned,
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
    (any_signal(), any_plan(), any_instrument(), any_portfolio(), any_prospects(), any_policy())
        .prop_map(|(signal, plan, (price, instrument), portfolio, prospects, (policy, costs))| {
            let now = Scene::allowed().now;
            Scene {
                signal,
                plan,
                price,
                instrument,
                costs,
                portfolio,
                prospects,
                policy: Policy::day_one(policy),
                now,
            }
        })
}

fn any_signal() -> impl Strategy<Value = Signal> {
    let fraction = || prop_oneof![3 => 0.5..=1.0_f64, 1 => 0.0..=1.0_f64, 1 => Just(0.6)];
    (any::<bool>(), fraction(), fraction()).prop_map(|(long, conviction, confluence)| Signal {
        side: if long { Side::Long } else { Side::Short },
        conviction,
        confluence,
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
    (equity, day, exposure, 0_u32..11, 0_u32..2, traded).prop_map(
        |(equity, day, exposure, positions, positions_on_symbol, minutes)| {
            let now = Scene::allowed().now;
            Portfolio {
                equity,
                equity_day_began: (equity * day).abs(),
                equity_high: (equity * day).abs(),
                holdings: &[],
                regime_entries: 0,
                exposure: (equity * exposure).abs(),
                positions,
                positions_on_symbol,
                symbol_traded_at: minutes.map(|minutes| now.plus_ms(-60_000 * minutes)),
            }
        },
    )
}

fn any_prospects() -> impl Strategy<Value = Prospects> {
    (0.0..1e4_f64, 0.0..=1.0_f64, 0.0..=1.0_f64, 0.0..10.0_f64, 0.1..5.0_f64).prop_map(
        |(outcomes_effective, win_probability, low, win_r, loss_r)| Prospects {
            outcomes_effective,
            win_probability,
            win_probability_low: win_probability * low,
            win_r,
            loss_r,
        },
    )
}

fn any_policy() -> impl Strategy<Value = (GatePolicy, Costs)> {
    let costs = (0.0..20.0_f64, 0.0..5.0_f64, 0.0..5.0_f64);
    (0.0..4.0_f64, 0_i64..120, 0_u32..12, costs).prop_map(
        |(fee_margin, cooldown_min, positions_max, (taker_bps, half_spread_bps, slipped))| {
            let policy =
                GatePolicy { fee_margin, cooldown_min, positions_max, ..GatePolicy::default() };
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

/// Sides, convictions, results in R and uniquenesses of what was heard.
pub(crate) fn any_outcomes() -> impl Strategy<Value = Vec<(Side, f64, f64, f64)>> {
    let side = any::<bool>().prop_map(|long| if long { Side::Long } else { Side::Short });
    let r = prop_oneof![1 => Just(0.0), 6 => -30.0..30.0_f64];
    prop::collection::vec((side, 0.0..=1.0_f64, r, 0.0..=1.0_f64), 0..300)
}
