//! The loop closes: every decision turns out exactly once, shadows are judged as trades are, and
//! what the engine thinks it holds is what the venue holds.

mod theatre;

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    ExitReason, GatePolicy, Instrument, InstrumentKind, Money, Quantity, Side, Standing, VenueNews,
    decimal, estimate,
};
use engine::Settings;
use laws::Costs;
use learn::LearnRules;
use theatre::{Theatre, eager, events, instrument, run, two_symbols, ugly, with_funding};
use venue::Faults;

#[test]
fn every_decision_turns_out_once_and_only_once() {
    let played = run(eager(), &two_symbols(1, 4_000));
    let told = &played.told;
    assert!(told.decisions.len() > 2_000, "{}", told.decisions.len());
    assert!(told.trades.len() > 50, "{}", told.trades.len());
    let mut seen = BTreeSet::new();
    for outcome in &told.outcomes {
        assert!(
            seen.insert(outcome.decision_no),
            "decision {} turned out twice",
            outcome.decision_no
        );
        let decision = &told.decisions[outcome.decision_no as usize];
        assert_eq!(decision.id, outcome.decision);
        assert!(decision.standing == outcome.standing || outcome.standing == Standing::Unfilled);
        assert!(outcome.opened_at >= decision.decided_at, "an entry before its decision");
        assert!(outcome.closed_at >= outcome.opened_at);
        assert!((0.0..=1.0).contains(&outcome.uniqueness), "{}", outcome.uniqueness);
    }
    // Only what is still open or waiting at the end has not turned out: at most 72 hours of it.
    let last = told.decisions.last().expect("there are decisions").decided_at;
    for decision in &told.decisions {
        let is_old = last.ms_since(decision.decided_at) > 74 * 3_600_000;
        assert!(!is_old || seen.contains(&decision.no), "decision {} was lost", decision.no);
    }
}

#[test]
fn executed_trades_and_their_outcomes_tell_the_same() {
    let played = run(eager(), &two_symbols(2, 3_000));
    let outcomes: BTreeMap<u64, _> =
        played.told.outcomes.iter().map(|o| (o.decision_no, o)).collect();
    let mut compared = 0;
    for trade in &played.told.trades {
        // What closed in the last bar has not been heard yet.
        let Some(outcome) = outcomes.get(&trade.decision_no) else { continue };
        compared += 1;
        assert_eq!(outcome.r, trade.r);
        assert_eq!(outcome.reason, trade.reason);
        assert_eq!(trade.net, trade.gross - trade.fees - trade.funding);
        assert!(trade.fees > Money::ZERO);
    }
    assert!(compared > 50 && compared + 2 >= played.told.trades.len(), "{compared}");
}

/// What was declined is judged as what was done: with every gate shut, each former trade is a shadow, and
/// the shadow comes to what the trade came to, on a fine grid and on a coarse one, with latency and
/// funding and without. `same_laws` in the sources compares the laws that no plan asks for yet.
#[test]
fn a_shadow_comes_to_what_the_trade_would_have_come_to() {
    let cases = [
        (0.0001, 0, InstrumentKind::Spot),
        (0.05, 0, InstrumentKind::Spot),
        (0.0001, 90_000, InstrumentKind::Perpetual),
        (0.05, 7_200_000, InstrumentKind::Perpetual),
    ];
    for (tick, latency_ms, kind) in cases {
        let never_learn = LearnRules { outcomes_min: 1e12, ..LearnRules::default() };
        let costs = Costs { latency_ms, ..Costs::default() };
        let open = Settings { learn: never_learn, explore_fraction: 0.0, costs, ..eager() };
        let no_places = GatePolicy { positions_max: 0, ..open.gates };
        let shut = Settings { gates: no_places, ..open.clone() };
        let all = with_funding(events(&two_symbols(3, 3_000)), 3);
        let played = |settings| {
            let on_grid = |name| Instrument { tick: decimal(tick), kind, ..instrument(name) };
            Theatre::of(settings, vec![on_grid("AAA"), on_grid("BBB")]).play_all(&all).told
        };
        let (traded, shadowed) = (played(open), played(shut));
        assert!(shadowed.trades.is_empty());
        let shadows: BTreeMap<_, _> = shadowed.outcomes.iter().map(|o| (o.decision, o)).collect();
        let (mut compared, mut funded) = (0, 0);
        for outcome in traded.outcomes.iter().filter(|outcome| outcome.standing.is_executed()) {
            let shadow = shadows[&outcome.decision];
            assert_eq!(
                (outcome.opened_at, outcome.closed_at, outcome.reason, outcome.bars),
                (shadow.opened_at, shadow.closed_at, shadow.reason, shadow.bars)
            );
            assert!((outcome.r - shadow.r).abs() < 1e-6, "trade {} shadow {}", outcome.r, shadow.r);
            // Money has eight decimals, and a probe is small.
            assert!((outcome.funding_bps - shadow.funding_bps).abs() < 1e-3);
            funded += u32::from(shadow.funding_bps != 0.0);
            // The price the market showed is told on the grid, so the cost may differ by a tick.
            let tick_bps = tick / outcome.entry * 1e4;
            assert!((outcome.cost_bps - shadow.cost_bps).abs() < 0.01 + tick_bps);
            compared += 1;
        }
        assert!(compared > 50, "{compared}");
        assert_eq!(funded > 0, kind == InstrumentKind::Perpetual);
    }
}

/// To the last digit: what is bought is paid for and what is sold is paid out.
#[test]
fn cash_is_the_start_every_trade_and_what_is_held() {
    let settings = eager();
    let all = with_funding(events(&two_symbols(4, 3_000)), 4);
    let perpetual = |name| Instrument { kind: InstrumentKind::Perpetual, ..instrument(name) };
    let mut theatre = Theatre::of(settings.clone(), vec![perpetual("AAA"), perpetual("BBB")]);
    for event in &all[..all.len() - 1] {
        theatre.play(event);
    }
    let earned: Money = theatre.told.trades.iter().map(|trade| trade.net).sum();
    let tied: Money = (theatre.engine.positions().iter())
        .map(|position| {
            let value = if position.side == Side::Long {
                position.entry_value
            } else {
                -position.entry_value
            };
            value + position.fees + position.funding
        })
        .sum();
    // Bars without news of the venue move no money and tell how much there is.
    let mut effects = domain::Effects::default();
    theatre.engine.step(&all[all.len() - 1], &mut effects);
    let cash = effects.equity.expect("bars move time").cash;
    assert!(theatre.told.trades.len() > 50);
    assert!(theatre.told.trades.iter().any(|trade| !trade.funding.is_zero()));
    assert_eq!(cash, settings.equity_start + earned - tied);
}

/// An oracle that reads the venue's ledger, not ours.
fn check_books_agree(theatre: &Theatre) {
    let mut ours = BTreeMap::new();
    for position in
        theatre.engine.positions().iter().filter(|position| !position.quantity.is_zero())
    {
        assert!(position.stop.is_some(), "a position without a stop");
        ours.insert(position.decision, (position.quantity, position.stop));
    }
    let theirs: BTreeMap<_, _> = theatre
        .venue
        .protected()
        .map(|(decision, quantity, stop)| (decision, (quantity, Some(stop))))
        .collect();
    assert_eq!(ours, theirs);
}

#[test]
fn what_we_think_we_hold_is_what_the_venue_holds_also_when_answers_are_lost() {
    let (mut executed, mut closed) = (0, 0);
    for seed in 0..20 {
        let faults = Faults { lost_fraction: 0.3, absent_fraction: 0.5 };
        let mut theatre = Theatre::new(Settings { seed, ..eager() }, 2).with_faults(faults);
        for event in events(&two_symbols(seed, 600)) {
            theatre.play(&event);
            check_books_agree(&theatre);
        }
        executed += theatre.told.decisions.iter().filter(|d| d.standing.is_executed()).count();
        closed += theatre.told.trades.len();
    }
    // A position a symbol may still be open where a world ends; the others never arrived.
    assert!(executed > closed + 40, "{executed} asked for, {closed} closed");
}

#[test]
fn the_same_fill_heard_twice_counts_once() {
    let series = two_symbols(5, 800);
    let mut once = Theatre::new(eager(), 2);
    let mut twice = Theatre::new(eager(), 2);
    for event in events(&series) {
        once.play(&event);
        let domain::Event::Bars { bars, .. } = &event else { unreachable_event() };
        let mut news = Vec::new();
        let mut ghost = twice.venue.clone();
        venue::BarDriven::meet(&mut ghost, bars, &mut news);
        let mut effects = domain::Effects::default();
        // The fills arrive early, by another path, and then again as usual.
        for heard in news.into_iter().filter(|news| matches!(news, VenueNews::Fill(_))) {
            twice.engine.step(&domain::Event::Venue(heard), &mut effects);
            twice.told.trades.extend_from_slice(&effects.trades);
        }
        twice.play(&event);
    }
    assert!(!once.told.trades.is_empty());
    assert_eq!(once.told.trades, twice.told.trades);
    assert_eq!(once.told.outcomes, twice.told.outcomes);
}

fn unreachable_event() -> ! {
    panic!("the theatre is fed bars only")
}

#[test]
fn size_and_propensity_say_what_was_done() {
    let played = run(eager(), &two_symbols(6, 4_000));
    for decision in &played.told.decisions {
        let has_size = decision.sizing.quantity > Quantity::ZERO;
        assert_eq!(has_size, decision.standing.is_executed(), "{decision:?}");
        assert!(decision.propensity > 0.0 && decision.propensity <= 1.0);
        let selected = decide::GATES.iter().position(|gate| gate.name == "selected").unwrap();
        let chosen = decision.verdicts.iter().nth(selected).unwrap().measured;
        let propensity = decision.propensity;
        match decision.standing {
            Standing::Explored => assert_eq!(propensity, chosen * 0.01),
            Standing::Withheld => assert_eq!(propensity, 1.0 - chosen + chosen * 0.01),
            Standing::Conviction | Standing::Probe => assert_eq!(propensity, chosen * 0.99),
            Standing::Unfilled => panic!("decisions never bear it"),
            Standing::Refused | Standing::TooSmall => {
                assert!(propensity >= 1.0 - chosen * 0.99 - 1e-12);
            }
        }
        if has_size {
            let notional = estimate(decision.sizing.quantity) * decision.price;
            assert!(notional <= 0.5 * decision.sizing.equity * 1.000_001, "a limit was passed");
        }
    }
    let explored = played.told.decisions.iter().filter(|d| d.propensity == 0.01).count();
    assert!(explored > 0, "exploration must happen to be seen");
}

/// Bars shared out among the labels of a symbol, and bars on which any of them was open.
fn shared_and_lived(told: &theatre::Told, symbol: usize, bars: &[domain::Bar]) -> (f64, f64) {
    let mine: Vec<_> = told.outcomes.iter().filter(|o| o.symbol.at() == symbol).collect();
    let shared = mine.iter().map(|o| o.uniqueness * f64::from(o.bars)).sum();
    let within = |o: &domain::Outcome, bar: &domain::Bar| {
        let first = o.opened_at <= bar.opened_at();
        let last = bar.opened_at().ms_since(o.opened_at) < i64::from(o.bars) * 3_600_000;
        first && last
    };
    let lived = bars.iter().filter(|bar| mine.iter().any(|o| within(o, bar))).count() as f64;
    (shared, lived)
}

/// Every label's uniqueness, summed over all labels of the only strategy on the only symbol, is the number of bars
/// on which any was open: nothing is counted twice, whoever held it and however it ended.
#[test]
fn uniqueness_adds_up_to_the_bars_that_were_lived_through() {
    let strategies = vec!["alpha".to_owned()];
    let settings = Settings { explore_fraction: 0.3, strategies, ..eager() };
    for one in two_symbols(12, 3_000) {
        let series = vec![one];
        let (shared, lived) = shared_and_lived(&run(settings.clone(), &series).told, 0, &series[0]);
        // What is still open at the end shares the last bars and has not turned out.
        assert!(shared <= lived + 1e-6, "{shared} of {lived}");
        assert!(shared >= lived - 80.0, "{shared} of {lived}");
    }
}

/// A symbol and its copy are one market: their labels together are worth what those of one are.
#[test]
fn a_copy_of_a_symbol_adds_no_evidence() {
    let strategies = vec!["alpha".to_owned()];
    let settings = Settings { explore_fraction: 0.0, strategies, ..eager() };
    let one = two_symbols(12, 3_000).remove(0);
    let series = vec![one.clone(), one];
    let told = run(settings, &series).told;
    for (symbol, bars) in series.iter().enumerate() {
        let (shared, lived) = shared_and_lived(&told, symbol, bars);
        // Shares are looked at with every sixteenth bar.
        assert!((shared / lived - 0.5).abs() < 0.05, "{symbol}: {shared} of {lived}");
    }
}

/// Halts, hours without volume, jumps and coarse grids: nothing is lost, nothing is held that the venue
/// does not hold, and what could not be filled is still heard of.
#[test]
fn on_an_ugly_market_every_decision_still_turns_out_or_is_void() {
    let mut unfilled = 0;
    for seed in 0..10 {
        let (series, instruments) = ugly(seed, 1_500);
        let settings = Settings { seed, explore_fraction: 0.2, ..eager() };
        let mut theatre = Theatre::of(settings, instruments);
        for event in events(&series) {
            theatre.play(&event);
            check_books_agree(&theatre);
        }
        let told = &theatre.told;
        let mut seen = BTreeSet::new();
        for outcome in &told.outcomes {
            assert!(
                seen.insert(outcome.decision_no),
                "decision {} turned out twice",
                outcome.decision_no
            );
            assert!(outcome.opened_at >= outcome.decided_at, "an entry before its decision");
            assert!(outcome.r.is_finite() && outcome.cost_bps > -20.0, "{outcome:?}");
            unfilled += u32::from(outcome.standing == Standing::Unfilled);
        }
        let closes: Vec<BTreeSet<_>> =
            series.iter().map(|bars| bars.iter().map(|bar| bar.opened_at()).collect()).collect();
        let last = told.decisions.last().expect("there are decisions").decided_at;
        for decision in &told.decisions {
            // Where the next bar is missing, nothing could be entered and the decision is void.
            let void = !closes[decision.symbol.at()].contains(&decision.decided_at);
            let is_old = last.ms_since(decision.decided_at) > 100 * 3_600_000;
            let turned_out = seen.contains(&decision.no);
            assert!(
                void != turned_out || !is_old,
                "seed {seed}: decision {} was lost",
                decision.no
            );
        }
        assert!(told.outcomes.iter().any(|outcome| outcome.reason == ExitReason::Gap));
        assert!(told.trades.iter().all(|trade| trade.stop != trade.entry), "a stop at its entry");
    }
    assert!(unfilled > 20, "{unfilled}");
}
