//! Shadows and trades obey the same laws: the same decisions, once traded and once declined, come to the
//! same under every law there is.

use std::collections::{BTreeMap, BTreeSet};

use decide::StandingRules;
use domain::{
    Bar, Calendar, Climate, Command, Control, Decision, DecisionId, Effects, Event, ExitMode,
    ExitPlan, ExitReason, Instruction, Instrument, InstrumentKind, Interval, Leg, Margin, Marks,
    Money, OrderId, OrderRequest, Outcome, PartialExit, Position, RawBar, Reading, Series, Side,
    Signal, Sizing, Standing, StandingOrder, StrategyIx, SymbolIx, TimedBar, Timestamp, Trade,
    Trail, VenueNews, Verdicts, Votes, decimal,
};
use laws::{Costs, protection};
use scenarios::{Dice, Market, bars};
use venue::{BarDriven, Faults, SimulatedVenue, Venue};

use crate::shadow::Declined;
use crate::{Engine, Settings};

pub(crate) const MINUTE: Interval = Interval::from_ms(60_000).unwrap();
pub(crate) const START: Timestamp = Timestamp::from_ms(1_600_000_020_000 / 60_000 * 60_000);
pub(crate) const SYMBOL: SymbolIx = SymbolIx(0);

pub(crate) fn instrument(kind: InstrumentKind) -> Instrument {
    Instrument {
        symbol: "AAA".to_owned(),
        interval: MINUTE,
        calendar: Calendar::Always,
        tick: decimal(0.01),
        step: decimal(0.001),
        notional_min: decimal(5.0),
        kind,
        margin: Margin { leverage_max: 20, maintenance_bps: 50 },
        has_volume: false,
    }
}

/// A market with jumps up and down, a thousandfold ones among them, and with missing minutes.
fn wild(seed: u64, count: usize) -> Vec<Bar> {
    let market = Market::Trending { volatility: 0.004, carry: 0.2 };
    let mut dice = Dice::new(seed);
    let mut level = 1.0;
    let mut made = bars(seed, market, MINUTE, START, count);
    for bar in &mut made {
        level = match dice.below(60) {
            0 => level * 1.12,
            1 => level / 1.12,
            2 => 1_000.0,
            3..8 => 1.0,
            _ => level,
        };
        let raw = *bar.raw();
        let scaled = RawBar {
            open: raw.open * level,
            high: raw.high * level,
            low: raw.low * level,
            close: raw.close * level,
            ..raw
        };
        *bar = Bar::admit(scaled, MINUTE).unwrap();
    }
    made.retain(|_| !dice.happens(0.003));
    made
}

/// A plan in which each law may play a part.
fn any_plan(dice: &mut Dice, now: Timestamp) -> ExitPlan {
    let stop_fraction = 0.005 + 0.03 * dice.uniform();
    let trail = Trail {
        after_fraction: 0.02 * dice.uniform(),
        behind_fraction: stop_fraction * (0.3 + dice.uniform()),
    };
    let partial = PartialExit {
        at_fraction: stop_fraction * (0.3 + 2.0 * dice.uniform()),
        share_fraction: 0.25 * (1 + dice.below(3)) as f64,
    };
    let minutes = |count: u64| 60_000 * count as i64;
    ExitPlan {
        stop_fraction,
        target_fraction: dice.happens(0.7).then_some(stop_fraction * 1.8),
        trail: dice.happens(0.5).then_some(trail),
        partial: dice.happens(0.5).then_some(partial),
        hold_ms_max: minutes(5 + dice.below(90)),
        leave_by: dice
            .happens(0.4)
            .then(|| now.plus_ms(minutes(1 + dice.below(60)) + dice.below(60_000) as i64)),
        liquidation_fraction: dice.happens(0.7).then_some(stop_fraction + 0.1 * dice.uniform()),
    }
}

pub(crate) fn decision(no: u64, side: Side, plan: ExitPlan, at: Timestamp, price: f64) -> Decision {
    let quantity = decimal(1_000.0);
    let votes = Votes::default();
    let signal = Signal { side, conviction: 0.7, confluence: 0.8, tilt: 0.0, votes };
    Decision {
        no,
        id: DecisionId(no + 1),
        decided_at: at,
        symbol: SYMBOL,
        strategy: StrategyIx((no % 2) as u8),
        signal,
        price,
        plan,
        verdicts: Verdicts::default(),
        standing: Standing::Conviction,
        sizing: Sizing { quantity, notional: 1_000.0 * price, ..Sizing::default() },
        climate: Climate::default(),
        order: StandingOrder::FREE,
        propensity: 1.0,
        basis: domain::Basis::default(),
        policy_version: 1,
        model_version: 0,
    }
}

/// An engine that decides nothing by itself, its venue, and what they told.
pub(crate) struct Stage {
    pub(crate) engine: Engine,
    venue: SimulatedVenue,
    pub(crate) effects: Effects,
    outcomes: Vec<Outcome>,
    trades: Vec<Trade>,
    cash: Money,
}

impl Stage {
    pub(crate) fn new(costs: Costs, kind: InstrumentKind) -> Stage {
        let equity_start = Money::new(1_000_000_000, 0);
        // A fall that tightens exits tightens those of positions alone.
        let standing =
            StandingRules { drawdown_fraction_max: f64::MAX, ..StandingRules::default() };
        let settings = Settings {
            costs,
            equity_start,
            standing,
            strategies: Vec::new(),
            ..Settings::default()
        };
        let venue = SimulatedVenue::new(vec![instrument(kind)], costs, settings.seed);
        Stage {
            engine: Engine::new(settings, vec![instrument(kind)]),
            venue,
            effects: Effects::default(),
            outcomes: Vec::new(),
            trades: Vec::new(),
            cash: equity_start,
        }
    }

    pub(crate) fn bar(&mut self, bar: Bar) {
        let bars = vec![TimedBar { symbol: SYMBOL, bar }];
        let mut news = Vec::new();
        self.venue.meet(&bars, &mut news);
        self.hear(news);
        self.step(&Event::Bars { closed_at: bar.closed_at(), bars });
    }

    fn readings(&mut self, readings: Vec<Reading>) {
        let mut news = Vec::new();
        self.venue.settle_funding(&readings, &mut news);
        self.hear(news);
        self.step(&Event::Readings(readings));
    }

    fn step(&mut self, event: &Event) {
        let mut effects = std::mem::take(&mut self.effects);
        self.engine.step(event, &mut effects);
        self.outcomes.extend_from_slice(&effects.outcomes);
        self.trades.extend_from_slice(&effects.trades);
        self.cash = effects.equity.map_or(self.cash, |point| point.cash);
        self.perform(std::mem::take(&mut effects.instructions));
        self.effects = effects;
    }

    fn perform(&mut self, instructions: Vec<Instruction>) {
        let mut news = Vec::new();
        for instruction in &instructions {
            self.venue.perform(instruction, &mut news).unwrap();
        }
        self.hear(news);
    }

    fn hear(&mut self, news: Vec<VenueNews>) {
        news.into_iter().for_each(|heard| self.step(&Event::Venue(heard)));
    }

    fn take(&mut self, decision: &Decision) {
        let request = OrderRequest {
            id: OrderId::of(decision.id, Leg::Entry.code(), 0),
            decision: decision.id,
            symbol: SYMBOL,
            side: decision.signal.side,
            leg: Leg::Entry,
            quantity: decision.sizing.quantity,
            protection: Some(protection(&decision.plan)),
            requested_at: decision.decided_at,
        };
        self.engine.state.book.enter(decision, &request);
        self.perform(vec![Instruction::Place(request)]);
    }

    fn decline(&mut self, decision: &Decision) {
        self.engine.state.symbols[0].shadows.follow(Declined {
            decision_no: decision.no,
            decision: decision.id,
            strategy: decision.strategy,
            side: decision.signal.side,
            standing: Standing::Withheld,
            refused: 0,
            conviction: decision.signal.conviction,
            climate: decision.climate,
            basis: domain::Basis::default(),
            votes: decision.signal.votes,
            plan: decision.plan,
            decided_at: decision.decided_at,
        });
    }
}

/// Lives through a wild market twice, trading every decision and declining every decision.
fn lived_twice(seed: u64, costs: Costs, kind: InstrumentKind) -> [Stage; 2] {
    let mut stages = [Stage::new(costs, kind), Stage::new(costs, kind)];
    let mut dice = Dice::new(seed ^ 0x5eed);
    let mut decisions = 0;
    for bar in wild(seed, 1_500) {
        stages.iter_mut().for_each(|stage| stage.bar(bar));
        if dice.happens(0.02) {
            let value = 0.002 * (dice.uniform() - 0.4);
            let (at, symbol, series) = (bar.closed_at(), Some(SYMBOL), Series::Funding);
            let readings = vec![Reading { at, symbol, series, value }];
            stages.iter_mut().for_each(|stage| stage.readings(readings.clone()));
        }
        if dice.happens(0.3) {
            let side = if dice.happens(0.5) { Side::Long } else { Side::Short };
            let plan = any_plan(&mut dice, bar.closed_at());
            let made = decision(decisions, side, plan, bar.closed_at(), bar.close());
            decisions += 1;
            stages[0].take(&made);
            stages[1].decline(&made);
        }
    }
    stages
}

fn check_same(
    seed: u64,
    traded: &Stage,
    declined: &Stage,
    marks: &mut u32,
) -> BTreeMap<ExitReason, u32> {
    let shadows: BTreeMap<_, _> = declined.outcomes.iter().map(|o| (o.decision, o)).collect();
    assert_eq!(traded.outcomes.len(), shadows.len(), "seed {seed}");
    let mut reasons = BTreeMap::new();
    for trade in traded.outcomes.iter().filter(|o| o.standing.is_executed()) {
        let shadow = shadows[&trade.decision];
        assert_eq!(
            (trade.opened_at, trade.closed_at, trade.reason, trade.bars),
            (shadow.opened_at, shadow.closed_at, shadow.reason, shadow.bars),
            "seed {seed}: {trade:?} {shadow:?}"
        );
        let close = |left: f64, right: f64, slack: f64| {
            let scale = 1.0 + left.abs().max(right.abs());
            assert!((left - right).abs() < slack * scale, "seed {seed}: {trade:?} {shadow:?}");
        };
        close(trade.r, shadow.r, 1e-7);
        close(trade.net_bps, shadow.net_bps, 1e-7);
        close(trade.funding_bps, shadow.funding_bps, 1e-6);
        close(trade.uniqueness, shadow.uniqueness, 1e-9);
        assert_eq!(trade.marks.next(), shadow.marks.next(), "seed {seed}: {trade:?} {shadow:?}");
        for mark in
            (0..Marks::COUNT).filter_map(|mark| trade.marks.at(mark).zip(shadow.marks.at(mark)))
        {
            close(mark.0, mark.1, 1e-6);
            *marks += 1;
        }
        // What the market showed is told on the grid: half a tick at either end.
        close(trade.cost_bps, shadow.cost_bps, 0.01 / trade.entry * 1e4);
        close(trade.favourable_bps, shadow.favourable_bps, 0.01 / trade.entry * 1e4);
        *reasons.entry(trade.reason).or_insert(0) += 1;
    }
    reasons
}

fn tied(position: &Position) -> Money {
    let value = position.entry_value - position.exit_value;
    let paid = if position.side == Side::Long { value } else { -value };
    paid + position.fees + position.funding
}

#[test]
fn what_is_declined_comes_to_what_is_traded_under_every_law() {
    let mut reasons: BTreeMap<ExitReason, u32> = BTreeMap::new();
    let (mut funded, mut parts, mut marks) = (0, 0, 0);
    for seed in 0..24 {
        let latency_ms = [0, 1, 60_000, 90_000, 400_000][seed as usize % 5];
        let costs = Costs { latency_ms, ..Costs::default() };
        let kind = InstrumentKind::ALL[seed as usize % 4];
        let [traded, declined] = lived_twice(seed, costs, kind);
        for (reason, count) in check_same(seed, &traded, &declined, &mut marks) {
            *reasons.entry(reason).or_insert(0) += count;
        }
        let paid = traded.outcomes.iter().filter(|o| o.funding_bps != 0.0).count();
        assert!(paid == 0 || kind == InstrumentKind::Perpetual, "{kind:?} paid funding");
        funded += paid;
        parts +=
            traded.trades.iter().filter(|trade| trade.exit % decimal(0.01) != Money::ZERO).count();
        // To the last digit: bought, sold, fees, funding and what is still tied up.
        let earned: Money = traded.trades.iter().map(|trade| trade.net).sum();
        let open: Money = traded.engine.positions().iter().map(tied).sum();
        assert_eq!(traded.cash, Money::new(1_000_000_000, 0) + earned - open, "seed {seed}");
        for trade in &traded.trades {
            assert_eq!(trade.net, trade.gross - trade.fees - trade.funding);
        }
    }
    for reason in ExitReason::ALL.into_iter().filter(|reason| *reason != ExitReason::Ordered) {
        assert!(reasons.get(&reason).is_some_and(|&count| count > 20), "{reason:?}: {reasons:?}");
    }
    assert!(funded > 50 && parts > 200 && marks > 1_000, "{funded} {parts} {marks}");
}

#[test]
fn no_jump_takes_more_than_the_margin() {
    let mut taken = 0;
    for seed in 0..12 {
        let [traded, _] = lived_twice(seed, Costs::default(), InstrumentKind::Perpetual);
        for outcome in traded.outcomes.iter().filter(|o| o.reason == ExitReason::Liquidated) {
            // The plans above end a margin at most 0.1 beyond a stop of at most 0.035; 4 bps were the
            // fee to enter, and the price lies on the grid.
            let most_bps = 1_350.0 + 4.0 + 1.0 + outcome.funding_bps;
            assert!(-outcome.net_bps <= most_bps, "{outcome:?}");
            taken += 1;
        }
    }
    assert!(taken > 20, "{taken}");
}

/// An order to close that never arrived is asked for again, also where the entry had not been filled.
#[test]
fn an_order_to_close_that_got_lost_is_asked_for_again() {
    let all = bars(3, Market::Walk { volatility: 0.000_5 }, MINUTE, START, 200);
    for seed in 0..20 {
        let costs = Costs { latency_ms: 60_000 * (seed as i64 % 2), ..Costs::default() };
        let mut stage = Stage::new(costs, InstrumentKind::Spot);
        let faults = Faults { lost_fraction: 0.7, absent_fraction: 0.8 };
        stage.venue = SimulatedVenue::new(vec![instrument(InstrumentKind::Spot)], costs, seed)
            .with_faults(faults);
        for (no, bar) in all.iter().enumerate() {
            stage.bar(*bar);
            if no < 10 {
                let plan = any_plan(&mut Dice::new(seed), bar.closed_at());
                let made = decision(no as u64, Side::Long, plan, bar.closed_at(), bar.close());
                stage.take(&made);
            }
            // A person who stays at it: whatever is not on its way out is asked to leave at every bar.
            if no >= 9 {
                let (control, at) = (Control::Kill, bar.closed_at());
                stage.step(&Event::Command(Command::Control { control, at }));
            }
        }
        assert!(stage.engine.positions().is_empty(), "seed {seed}: {:?}", stage.engine.positions());
        assert_eq!(stage.venue.load(), 0, "seed {seed}");
        let numbers: BTreeSet<u64> = stage.outcomes.iter().map(|o| o.decision_no).collect();
        assert_eq!((numbers.len(), stage.outcomes.len()), (10, 10), "seed {seed}");
    }
}

/// Everything ends at the next open, what was not yet filled is taken back, and shadows go on.
#[test]
fn a_person_can_close_everything_at_once() {
    let ordered = |at: Timestamp| Event::Command(Command::Control { control: Control::Kill, at });
    let market = Market::Walk { volatility: 0.0005 };
    let all = bars(3, market, MINUTE, START, 60);
    let mut stages = [0, 1].map(|_| Stage::new(Costs::default(), InstrumentKind::Spot));
    let plan = ExitPlan {
        stop_fraction: 0.05,
        target_fraction: None,
        trail: None,
        partial: None,
        hold_ms_max: 20 * 60_000,
        leave_by: None,
        liquidation_fraction: None,
    };
    for (no, bar) in all.iter().enumerate() {
        stages.iter_mut().for_each(|stage| stage.bar(*bar));
        if no < 10 {
            let made = decision(no as u64, Side::Long, plan, bar.closed_at(), bar.close());
            stages[0].take(&made);
            stages[1].decline(&made);
        }
        if no == 9 {
            stages.iter_mut().for_each(|stage| stage.step(&ordered(bar.closed_at())));
        }
        if no == 10 {
            assert!(stages[0].engine.positions().is_empty());
            assert_eq!(stages[0].venue.load(), 0);
        }
    }
    let [traded, declined] = stages;
    assert_eq!(traded.trades.len(), 9);
    for trade in &traded.trades {
        assert_eq!((trade.reason, trade.closed_at), (ExitReason::Ordered, all[10].opened_at()));
    }
    // The tenth had not been filled: it is followed as what it was.
    let unfilled = traded.outcomes.iter().filter(|o| o.standing == Standing::Unfilled);
    assert_eq!(unfilled.map(|o| o.reason).collect::<Vec<_>>(), [ExitReason::Time]);
    assert_eq!(declined.outcomes.len(), 10);
    assert!(declined.outcomes.iter().all(|outcome| outcome.reason == ExitReason::Time));
}

#[test]
fn tightened_exits_start_at_once_and_are_never_farther() {
    let market = Market::Trending { volatility: 0.002, carry: 0.3 };
    let all = bars(5, market, MINUTE, START, 400);
    let mut moved = 0;
    let mut stages = [0, 1].map(|_| Stage::new(Costs::default(), InstrumentKind::Spot));
    let mut dice = Dice::new(4);
    for (no, bar) in all.iter().enumerate() {
        for (stage, mode) in stages.iter_mut().zip([ExitMode::AsPlanned, ExitMode::Tight]) {
            stage.bar(*bar);
            let timed = [TimedBar { symbol: SYMBOL, bar: *bar }];
            let mut effects = Effects::default();
            stage.engine.watch_positions(bar.closed_at(), &timed, mode, &mut effects);
            stage.perform(effects.instructions);
        }
        if no % 10 == 0 {
            let side = if dice.happens(0.5) { Side::Long } else { Side::Short };
            let plan = any_plan(&mut dice, bar.closed_at());
            let made = decision(no as u64, side, plan, bar.closed_at(), bar.close());
            stages.iter_mut().for_each(|stage| stage.take(&made));
        }
        let planned: BTreeMap<_, _> =
            stages[0].engine.positions().iter().map(|p| (p.decision, p.stop)).collect();
        for tight in stages[1].engine.positions() {
            let (Some(stop), Some(Some(stood))) = (tight.stop, planned.get(&tight.decision)) else {
                continue;
            };
            let closer = crate::book::signed(tight.side, stop - *stood);
            assert!(closer >= Money::ZERO, "{tight:?} {stood}");
            moved += u32::from(closer > Money::ZERO);
        }
    }
    assert!(moved > 100, "{moved}");
}

/// Declines a decision a bar, 500 in all; gives how many shadows were given up, and what the others came to.
fn crowded(
    shadows_max: usize,
    plan: impl Fn(&mut Dice, Timestamp) -> ExitPlan,
) -> (u32, Vec<Outcome>) {
    let mut stage = Stage::new(Costs::default(), InstrumentKind::Spot);
    stage.engine.settings.shadows_max = shadows_max;
    let (mut evicted, mut dice) = (0, Dice::new(8));
    let all = bars(8, Market::Walk { volatility: 0.001 }, MINUTE, START, 600);
    for (no, bar) in all.into_iter().enumerate() {
        stage.bar(bar);
        evicted += stage.effects.evicted;
        if no < 500 {
            let plan = plan(&mut dice, bar.closed_at());
            stage.decline(&decision(no as u64, Side::Long, plan, bar.closed_at(), bar.close()));
        }
    }
    (evicted, stage.outcomes)
}

#[test]
fn when_there_are_too_many_shadows_the_oldest_go_and_are_counted() {
    let (none, all) = crowded(2_000, any_plan);
    assert_eq!((none, all.len()), (0, 500));
    let (evicted, kept) = crowded(12, any_plan);
    assert_eq!(evicted as usize + kept.len(), 500);
    assert!(evicted > 50, "{evicted}");
    assert_eq!(crowded(12, any_plan), (evicted, kept.clone()));
    // Who was kept came to what it would have come to; only how much of it is its own may differ.
    let all: BTreeMap<_, _> = all.iter().map(|o| (o.decision_no, o)).collect();
    for outcome in &kept {
        let uniqueness = outcome.uniqueness;
        assert_eq!(*outcome, Outcome { uniqueness, ..*all[&outcome.decision_no] });
    }
}

#[test]
fn of_shadows_that_would_all_stay_the_youngest_are_kept() {
    let long = |_: &mut Dice, _| ExitPlan {
        stop_fraction: 0.9,
        target_fraction: None,
        trail: None,
        partial: None,
        hold_ms_max: 60 * 60_000,
        leave_by: None,
        liquidation_fraction: None,
    };
    let (evicted, kept) = crowded(12, long);
    assert_eq!(evicted, 488);
    let numbers: Vec<u64> = kept.iter().map(|outcome| outcome.decision_no).collect();
    assert_eq!(numbers, (488..500).collect::<Vec<_>>());
}
