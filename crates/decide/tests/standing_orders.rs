//! Standing orders and safety: tables of what brings a restriction about, and the one promise that
//! holds for all of them, that they only restrict.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use decide::{
    Circumstances, Degradation, Record, Safety, StandingRules, SymbolRecord, standing_order,
    strictest,
};
use domain::{
    Climate, Control, DecisionId, ExitMode, ExitReason, Outcome, Regime, Restriction, Side,
    Standing, StandingOrder, StrategyIx, SymbolIx, Timestamp, Votes,
};
use proptest::prelude::*;

/// Circumstances that own their safety.
#[derive(Clone, Debug)]
struct Seen {
    climate: Climate,
    cost_fraction: f64,
    volatility_day: Option<f64>,
    record: Option<Record>,
    drawdown_fraction: f64,
    day_loss_fraction: f64,
    safety: Safety,
}

impl Seen {
    /// A quiet day on a new account.
    fn quiet() -> Seen {
        Seen {
            climate: Climate::default(),
            cost_fraction: 0.0012,
            volatility_day: Some(0.03),
            record: None,
            drawdown_fraction: 0.0,
            day_loss_fraction: 0.0,
            safety: Safety::default(),
        }
    }

    fn order_by(&self, rules: &StandingRules) -> StandingOrder {
        let circumstances = Circumstances {
            climate: self.climate,
            cost_fraction: self.cost_fraction,
            volatility_day: self.volatility_day,
            record: self.record,
            drawdown_fraction: self.drawdown_fraction,
            day_loss_fraction: self.day_loss_fraction,
            safety: &self.safety,
        };
        standing_order(&circumstances, rules)
    }

    fn order(&self) -> StandingOrder {
        self.order_by(&StandingRules::default())
    }

    /// Sets what words like `drawdown 0.25` say.
    fn with(mut self, said: &str) -> Seen {
        let (what, value) = said.split_once(' ').unwrap_or((said, ""));
        let number = || value.parse::<f64>().unwrap();
        match what {
            "quiet" => {}
            "regime" => self.climate.regime = regime(value),
            "global" => self.climate.global = regime(value),
            "costs" => self.cost_fraction = number(),
            "volatility" => self.volatility_day = value.parse().ok(),
            "drawdown" => self.drawdown_fraction = number(),
            "day_loss" => self.day_loss_fraction = number(),
            "record" => self.record = Some(record(value)),
            "control" => self.safety.hear(control(value)),
            "degraded" => self.safety.degrade(Degradation::DataStale),
            unknown => panic!("what is {unknown}?"),
        }
        self
    }
}

fn regime(name: &str) -> Regime {
    Regime::ALL.into_iter().find(|regime| regime.name() == name).unwrap()
}

fn control(name: &str) -> Control {
    CONTROLS.into_iter().find(|control| control.name() == name).unwrap()
}

/// From the mildest to the strictest.
const CONTROLS: [Control; 4] = [Control::Run, Control::Pause, Control::ReduceOnly, Control::Kill];

/// `outcomes × mean ± error`.
fn record(said: &str) -> Record {
    let numbers: Vec<f64> = said.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    Record { outcomes_effective: numbers[0], mean_r: numbers[1], error_r: numbers[2] }
}

fn said(order: &StandingOrder) -> String {
    let enter = if order.may_enter { "enter" } else { "nothing enters" };
    let causes: Vec<&str> = order.restrictions().map(Restriction::name).collect();
    format!(
        "{enter}, conviction {:.2}, scale {:.3}, {} [{}]",
        order.conviction_min,
        order.risk_scale,
        order.exits.name(),
        causes.join(" ")
    )
}

#[test]
fn each_cause_restricts_as_the_table_says() {
    let table = "quiet => enter, conviction 0.00, scale 1.000, as_planned []
         regime range => enter, conviction 0.00, scale 1.000, as_planned []
         regime trend_down => enter, conviction 0.00, scale 1.000, as_planned []
         regime high_volatility => enter, conviction 0.00, scale 0.750, as_planned [regime]
         global trend_down => enter, conviction 0.00, scale 1.000, as_planned []
         global high_volatility => enter, conviction 0.70, scale 0.500, as_planned [global_regime]
         costs 0.0074 => enter, conviction 0.00, scale 1.000, as_planned []
         costs 0.0076 => enter, conviction 0.00, scale 0.500, as_planned [costs]
         costs 0.0151 => nothing enters, conviction 0.00, scale 1.000, as_planned [costs]
         volatility unknown => enter, conviction 0.00, scale 1.000, as_planned []
         volatility 0.002 => nothing enters, conviction 0.00, scale 1.000, as_planned [costs]
         record 49 × -0.90 ± 0.10 => enter, conviction 0.00, scale 1.000, as_planned []
         record 50 × -0.15 ± 0.10 => enter, conviction 0.00, scale 1.000, as_planned []
         record 50 × -0.17 ± 0.10 => enter, conviction 0.00, scale 0.500, as_planned [symbol_performance]
         record 999 × 0.30 ± 0.01 => enter, conviction 0.00, scale 1.000, as_planned []
         day_loss 0.049 => enter, conviction 0.00, scale 1.000, as_planned []
         day_loss 0.05 => nothing enters, conviction 0.00, scale 1.000, as_planned [daily_loss]
         drawdown 0.20 => enter, conviction 0.00, scale 1.000, as_planned []
         drawdown 0.22 => enter, conviction 0.00, scale 0.850, as_planned [drawdown]
         drawdown 0.25 => enter, conviction 0.00, scale 0.625, as_planned [drawdown]
         drawdown 0.299 => enter, conviction 0.00, scale 0.258, as_planned [drawdown]
         drawdown 0.30 => nothing enters, conviction 0.00, scale 1.000, tight [drawdown]
         control run => enter, conviction 0.00, scale 1.000, as_planned []
         control pause => nothing enters, conviction 0.00, scale 1.000, as_planned [paused]
         control reduce_only => nothing enters, conviction 0.00, scale 1.000, tight [reduce_only]
         control kill => nothing enters, conviction 0.00, scale 1.000, flat [killed]
         degraded => nothing enters, conviction 0.00, scale 1.000, as_planned [degraded]";
    for line in table.lines().map(str::trim) {
        let (set, expected) = line.split_once(" => ").unwrap();
        assert_eq!(said(&Seen::quiet().with(set).order()), expected, "{set}");
    }
}

#[test]
fn the_strictest_of_each_kind_holds_because_of_all() {
    let seen = Seen::quiet()
        .with("regime high_volatility")
        .with("global high_volatility")
        .with("drawdown 0.25")
        .with("control kill")
        .with("degraded");
    let expected = "nothing enters, conviction 0.70, scale 0.500, flat \
                    [regime global_regime drawdown killed degraded]";
    assert_eq!(said(&seen.order()), expected);
}

/// Whether the one allows nothing that the other does not.
fn is_within(one: &StandingOrder, other: &StandingOrder) -> bool {
    one.may_enter <= other.may_enter
        && one.conviction_min >= other.conviction_min
        && one.risk_scale <= other.risk_scale
        && one.exits as u8 >= other.exits as u8
        && one.because & other.because == other.because
}

fn any_climate() -> impl Strategy<Value = Climate> {
    (0..Regime::ALL.len(), 0..Regime::ALL.len()).prop_map(|(regime, global)| Climate {
        regime: Regime::ALL[regime],
        global: Regime::ALL[global],
        frame_bars: 1,
    })
}

fn any_record() -> impl Strategy<Value = Option<Record>> {
    let record = (0.0..200.0_f64, -1.0..1.0_f64, 0.0..0.5_f64).prop_map(
        |(outcomes_effective, mean_r, error_r)| Record { outcomes_effective, mean_r, error_r },
    );
    prop::option::of(record)
}

fn any_safety() -> impl Strategy<Value = Safety> {
    (0..CONTROLS.len(), prop::option::of(0..Degradation::ALL.len())).prop_map(
        |(control, degraded)| {
            let mut safety = Safety::default();
            safety.hear(CONTROLS[control]);
            degraded.into_iter().for_each(|at| safety.degrade(Degradation::ALL[at]));
            safety
        },
    )
}

fn any_seen() -> impl Strategy<Value = Seen> {
    let market = (any_climate(), 0.0..0.02_f64, prop::option::of(0.0..0.1_f64));
    (market, any_record(), -0.5..1.0_f64, -0.1..0.2_f64, any_safety()).prop_map(
        |((climate, cost_fraction, volatility_day), record, fallen, lost, safety)| Seen {
            climate,
            cost_fraction,
            volatility_day,
            record,
            drawdown_fraction: fallen,
            day_loss_fraction: lost,
            safety,
        },
    )
}

/// Also rules that nobody should write.
fn any_rules() -> impl Strategy<Value = StandingRules> {
    let scales = (-1.0..3.0_f64, -1.0..3.0_f64, -1.0..3.0_f64, -1.0..3.0_f64, -1.0..3.0_f64);
    let rest = (-1.0..3.0_f64, 0.0..1.0_f64, 0.0..1.0_f64, 0.0..1.0_f64, 0.0..1.0_f64);
    prop_oneof![
        Just(StandingRules::default()),
        (scales, rest).prop_map(|((regime, global, cost, symbol, drawdown), rest)| {
            StandingRules {
                volatile_scale: regime,
                global_volatile_scale: global,
                cost_scale: cost,
                symbol_scale: symbol,
                drawdown_scale: drawdown,
                global_volatile_conviction_min: rest.0,
                cost_ratio_scaled: rest.1,
                cost_ratio_max: rest.2,
                drawdown_fraction: rest.3,
                drawdown_fraction_max: rest.4,
                ..StandingRules::default()
            }
        })
    ]
}

/// The same circumstances with one thing made worse.
fn worse(seen: &Seen, which: u8, by: f64) -> Seen {
    let mut worse = seen.clone();
    match which {
        0 => worse.climate.regime = Regime::HighVolatility,
        1 => worse.climate.global = Regime::HighVolatility,
        2 => worse.cost_fraction += by * 0.02,
        3 => worse.volatility_day = worse.volatility_day.map(|size| size * (1.0 - by)),
        4 => worse.drawdown_fraction += by * 0.2,
        5 => worse.day_loss_fraction += by * 0.1,
        6 => worse.record = worse.record.map(|r| Record { mean_r: r.mean_r - by, ..r }),
        7 => worse.safety.degrade(Degradation::OrderUnknown),
        _ => {
            let at = CONTROLS.iter().position(|&it| it == seen.safety.control()).unwrap();
            worse.safety.hear(CONTROLS[(at + 1).min(3)]);
        }
    }
    worse
}

/// Causes apart: a pause that becomes a kill has another one.
fn without_cause(order: StandingOrder) -> StandingOrder {
    StandingOrder { because: 0, ..order }
}

proptest! {
    #[test]
    fn a_standing_order_can_only_restrict(seen in any_seen(), rules in any_rules()) {
        let order = seen.order_by(&rules);
        prop_assert!(is_within(&order, &StandingOrder::FREE), "{order:?}");
        prop_assert!((0.0..=1.0).contains(&order.conviction_min) && (0.0..=1.0).contains(&order.risk_scale));
        prop_assert_eq!(order.because == 0, order == StandingOrder::FREE, "{:?}", order);
    }

    #[test]
    fn worse_circumstances_never_allow_more(seen in any_seen(), which in 0_u8..9, by in 0.0..1.0_f64) {
        let (before, after) = (seen.order(), worse(&seen, which, by).order());
        // Where nothing may enter no size is scaled.
        let scale = |order: &StandingOrder| if order.may_enter { order.risk_scale } else { 0.0 };
        let (was, is) = (without_cause(before), without_cause(after));
        let (was, is) = (
            StandingOrder { risk_scale: scale(&was), ..was },
            StandingOrder { risk_scale: scale(&is), ..is },
        );
        prop_assert!(is_within(&is, &was), "{before:?} became {after:?}");
    }

    #[test]
    fn the_strictest_of_two_is_within_both_whichever_comes_first(one in any_seen(), other in any_seen()) {
        let (one, other) = (one.order(), other.order());
        let both = strictest(one, other);
        prop_assert!(is_within(&both, &one) && is_within(&both, &other));
        prop_assert_eq!(both, strictest(other, one));
        prop_assert_eq!(both, strictest(both, one));
        prop_assert_eq!(strictest(one, StandingOrder::FREE), one);
    }
}

// The symbol's record.

fn outcome(r: f64, uniqueness: f64, refused: u16) -> Outcome {
    let at = Timestamp::from_ms(1_600_000_000_000);
    Outcome {
        decision_no: 0,
        decision: DecisionId(0),
        symbol: SymbolIx(0),
        strategy: StrategyIx(0),
        side: Side::Long,
        standing: Standing::Probe,
        refused,
        votes: Votes::default(),
        conviction: 0.8,
        climate: Climate::default(),
        decided_at: at,
        opened_at: at,
        closed_at: at,
        entry: 100.0,
        exit: 100.0,
        reason: ExitReason::Stop,
        r,
        net_bps: 0.0,
        cost_bps: 0.0,
        funding_bps: 0.0,
        near_target: false,
        favourable_bps: 0.0,
        adverse_bps: 0.0,
        bars: 1,
        uniqueness,
        basis: domain::Basis::default(),
        marks: domain::Marks::default(),
    }
}

#[test]
fn a_symbols_record_hears_only_what_the_gates_let_pass() {
    let mut record = SymbolRecord::default();
    (0..100).for_each(|_| record.observe(&outcome(-1.0, 1.0, 0b10)));
    assert_eq!(record.record(), None);
}

#[test]
fn ten_outcomes_worth_a_tenth_are_one() {
    let of = |uniqueness: f64, times: usize| {
        let mut record = SymbolRecord::default();
        for at in 0..60 {
            let r = if at % 3 == 0 { 1.4 } else { -1.1 };
            (0..times).for_each(|_| record.observe(&outcome(r, uniqueness, 0)));
        }
        record.record().unwrap()
    };
    let (whole, tenths) = (of(1.0, 1), of(0.1, 10));
    assert!((whole.outcomes_effective / tenths.outcomes_effective - 1.0).abs() < 0.01);
    assert!((whole.mean_r - tenths.mean_r).abs() < 0.01);
    assert!((whole.error_r / tenths.error_r - 1.0).abs() < 0.03, "{whole:?} {tenths:?}");
}

#[test]
fn a_symbol_that_loses_is_restricted_and_one_that_recovers_is_free_again() {
    let mut record = SymbolRecord::default();
    let mut hear = |outcomes: usize, wins_in_ten: usize| {
        for at in 0..outcomes {
            let r = if at % 10 < wins_in_ten { 1.4 } else { -1.1 };
            record.observe(&outcome(r, 1.0, 0));
        }
        Seen { record: record.record(), ..Seen::quiet() }.order().risk_scale
    };
    assert_eq!(hear(40, 2), 1.0, "too few to tell");
    assert_eq!(hear(100, 2), 0.5);
    assert_eq!(hear(200, 6), 1.0);
}

// Safety.

#[test]
fn whoever_says_run_has_looked_but_silence_ends_only_with_an_answer() {
    let mut safety = Safety::default();
    safety.degrade(Degradation::HoldingsUnknown);
    safety.degrade(Degradation::VenueUnreachable);
    safety.recover(Degradation::HoldingsUnknown);
    assert_eq!(safety.degraded().count(), 2, "no machine may call it over");
    for control in [Control::Pause, Control::ReduceOnly, Control::Kill] {
        safety.hear(control);
        assert_eq!((safety.control(), safety.degraded().count()), (control, 2));
    }
    safety.hear(Control::Run);
    assert!(safety.degraded().eq([Degradation::VenueUnreachable]));
    assert!(!safety.restrictions().may_enter);
    safety.recover(Degradation::VenueUnreachable);
    assert_eq!(safety.restrictions(), StandingOrder::FREE);
    assert_eq!(safety, Safety::default());
}

#[test]
fn a_person_decides_how_positions_are_left_and_nothing_enters_meanwhile() {
    let exits = [ExitMode::AsPlanned, ExitMode::AsPlanned, ExitMode::Tight, ExitMode::Flat];
    for (control, exits) in CONTROLS.into_iter().zip(exits) {
        let mut safety = Safety::default();
        safety.hear(control);
        assert_eq!(safety.exits(), exits, "{control:?}");
        assert_eq!(safety.restrictions().may_enter, control == Control::Run);
        safety.degrade(Degradation::DataStale);
        assert_eq!(safety.exits(), exits, "prices in doubt are no reason to leave at once");
        assert!(!safety.restrictions().may_enter);
    }
}

#[test]
fn a_kill_survives_a_snapshot() {
    let mut safety = Safety::default();
    safety.hear(Control::Kill);
    Degradation::ALL.into_iter().for_each(|cause| safety.degrade(cause));
    let kept = postcard::to_stdvec(&safety).unwrap();
    assert_eq!(postcard::from_bytes::<Safety>(&kept).unwrap(), safety);
}

#[test]
fn every_degradation_has_a_name_of_its_own() {
    let names: std::collections::BTreeSet<&str> =
        Degradation::ALL.into_iter().map(Degradation::name).collect();
    assert_eq!(names.len(), Degradation::ALL.len());
}
