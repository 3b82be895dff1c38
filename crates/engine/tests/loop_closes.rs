//! The loop closes: every decision turns out exactly once, shadows are judged as trades are, and
//! what the engine thinks it holds is what the venue holds.

mod theatre;

use std::collections::{BTreeMap, BTreeSet};

use domain::{GatePolicy, Money, Quantity, Standing, VenueNews, estimate};
use engine::Settings;
use learn::LearnRules;
use theatre::{Theatre, events, run, two_symbols};
use venue::Faults;

/// Gates that let much through, so that there are trades to look at.
fn eager() -> Settings {
    let gates = GatePolicy { conviction_min: 0.2, confluence_min: 0.5, ..GatePolicy::default() };
    Settings { gates, ..Settings::default() }
}

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
        assert_eq!(decision.standing, outcome.standing);
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
    for trade in &played.told.trades {
        let Some(outcome) = outcomes.get(&trade.decision_no) else { continue };
        assert_eq!(outcome.r, trade.r);
        assert_eq!(outcome.reason, trade.reason);
        assert_eq!(trade.net, trade.gross - trade.fees);
        assert!(trade.fees > Money::ZERO);
    }
}

/// What was declined is judged as what was done: with every gate shut, each former trade is a
/// shadow, and the shadow comes to what the trade came to, up to ticks.
#[test]
fn a_shadow_comes_to_what_the_trade_would_have_come_to() {
    let never_learn = LearnRules { outcomes_min: 1e12, ..LearnRules::default() };
    let open = Settings { learn: never_learn, explore_fraction: 0.0, ..eager() };
    let shut = Settings { gates: GatePolicy { positions_max: 0, ..open.gates }, ..open.clone() };
    let series = two_symbols(3, 3_000);
    let (traded, shadowed) = (run(open, &series), run(shut, &series));
    assert!(shadowed.told.trades.is_empty());
    let shadows: BTreeMap<_, _> = shadowed.told.outcomes.iter().map(|o| (o.decision, o)).collect();
    let mut compared = 0;
    for outcome in traded.told.outcomes.iter().filter(|outcome| outcome.standing.is_executed()) {
        let shadow = shadows[&outcome.decision];
        assert_eq!(
            (outcome.opened_at, outcome.closed_at, outcome.reason, outcome.bars),
            (shadow.opened_at, shadow.closed_at, shadow.reason, shadow.bars)
        );
        assert!((outcome.r - shadow.r).abs() < 2e-3, "trade {} shadow {}", outcome.r, shadow.r);
        assert!(
            (outcome.cost_bps - shadow.cost_bps).abs() < 0.1,
            "{} {}",
            outcome.cost_bps,
            shadow.cost_bps
        );
        compared += 1;
    }
    assert!(compared > 50, "{compared}");
}

#[test]
fn cash_is_the_start_and_every_trade() {
    let settings = eager();
    let played = run(settings.clone(), &two_symbols(4, 3_000));
    let earned: Money = played.told.trades.iter().map(|trade| trade.net).sum();
    let mut theatre = played;
    let flat = theatre.engine.positions().iter().all(|position| position.quantity.is_zero());
    let open_fees: Money = theatre.engine.positions().iter().map(|position| position.fees).sum();
    let mut effects = domain::Effects::default();
    let last = events(&two_symbols(4, 3_001)).pop().expect("a last bar");
    theatre.engine.step(&last, &mut effects);
    let cash = effects.equity.expect("bars move time").cash;
    let off = (cash - (settings.equity_start + earned - open_fees)).abs();
    assert!(off < Money::new(1, 6), "cash {cash} differs by {off} (flat: {flat})");
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
    for seed in 0..20 {
        let faults = Faults { lost_fraction: 0.3, absent_fraction: 0.5 };
        let mut theatre = Theatre::new(Settings { seed, ..eager() }, 2).with_faults(faults);
        for event in events(&two_symbols(seed, 600)) {
            theatre.play(&event);
            check_books_agree(&theatre);
        }
        let executed = theatre.told.decisions.iter().filter(|d| d.standing.is_executed()).count();
        assert!(executed > theatre.told.trades.len(), "seed {seed}: some orders never arrived");
    }
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
        match decision.standing {
            Standing::Explored | Standing::Withheld => assert_eq!(decision.propensity, 0.01),
            Standing::Conviction | Standing::Probe => assert_eq!(decision.propensity, 0.99),
            Standing::Refused | Standing::TooSmall => assert!(decision.propensity >= 0.99),
        }
        if has_size {
            let notional = estimate(decision.sizing.quantity) * decision.price;
            assert!(notional <= 0.5 * decision.sizing.equity * 1.000_001, "a limit was passed");
        }
    }
    let explored = played.told.decisions.iter().filter(|d| d.propensity == 0.01).count();
    assert!(explored > 0, "exploration must happen to be seen");
}

/// Every label's uniqueness, summed over all labels, is the number of bars on which any was open,
/// counted per strategy and symbol: nothing is counted twice, whoever held it and however it ended.
#[test]
fn uniqueness_adds_up_to_the_bars_that_were_lived_through() {
    let settings = Settings { explore_fraction: 0.3, ..eager() };
    let series = two_symbols(12, 3_000);
    let played = run(settings, &series);
    let told = &played.told;
    for (symbol, bars) in series.iter().enumerate() {
        for strategy in 0..2 {
            let mine: Vec<_> = told
                .outcomes
                .iter()
                .filter(|o| o.symbol.at() == symbol && usize::from(o.strategy.0) == strategy)
                .collect();
            let shared: f64 = mine.iter().map(|o| o.uniqueness * f64::from(o.bars)).sum();
            let within = |o: &domain::Outcome, bar: &domain::Bar| {
                let first = o.opened_at <= bar.opened_at();
                let last = bar.opened_at().ms_since(o.opened_at) < i64::from(o.bars) * 3_600_000;
                first && last
            };
            let lived =
                bars.iter().filter(|bar| mine.iter().any(|o| within(o, bar))).count() as f64;
            // What is still open at the end shares the last bars and has not turned out.
            assert!(shared <= lived + 1e-6, "{symbol} {strategy}: {shared} of {lived}");
            assert!(shared >= lived - 80.0, "{symbol} {strategy}: {shared} of {lived}");
        }
    }
}
