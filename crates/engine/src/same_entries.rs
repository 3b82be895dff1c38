//! The same entries under other plans: to the digit on paths made by hand, and on markets whose truth is known.

use domain::{
    Bar, ExitPlan, InstrumentKind, RawBar, Side, Standing, TimedBar, Timestamp, WhatIf,
    WhatIfOutcome,
};
use laws::Costs;
use scenarios::{Fading, Market, bars};
use stats::interval::{MeanInterval, Worth};

use crate::same_laws::{MINUTE, START, SYMBOL, Stage, decision};

/// Nothing is paid, so that results are whole numbers.
fn free() -> Costs {
    Costs {
        taker_bps: 0.0,
        half_spread_bps: 0.0,
        slippage_mean_bps: 0.0,
        slippage_sd_bps: 0.0,
        ..Costs::default()
    }
}

/// A stop 2 % away, a target at so many R, so many minutes.
fn plan(target_r: f64, minutes: i64) -> ExitPlan {
    ExitPlan {
        stop_fraction: 0.02,
        target_fraction: Some(0.02 * target_r),
        trail: None,
        partial: None,
        hold_ms_max: minutes * 60_000,
        leave_by: None,
        liquidation_fraction: None,
    }
}

fn bar(minute: usize, [open, high, low, close]: [f64; 4]) -> Bar {
    let raw = RawBar {
        opened_at: START.plus_ms(60_000 * minute as i64),
        open,
        high,
        low,
        close,
        volume: 1.0,
        taker_buy_volume: None,
        flow: None,
    };
    Bar::admit(raw, MINUTE).unwrap()
}

/// Asks at the close of a first quiet bar and lives through these; gives the result per what-if and as planned.
fn results(plan: ExitPlan, costs: Costs, path: &[[f64; 4]]) -> Vec<WhatIfOutcome> {
    let mut stage = Stage::new(costs, InstrumentKind::Spot);
    let first = bar(0, [100.0; 4]);
    stage.bar(first);
    stage.engine.ask_what_if(&decision(0, Side::Long, plan, first.closed_at(), 100.0));
    let mut told = Vec::new();
    for (at, &prices) in path.iter().enumerate() {
        stage.bar(bar(at + 1, prices));
        told.extend_from_slice(&stage.effects.what_ifs);
    }
    told
}

fn instead(told: &[WhatIfOutcome], what_if: WhatIf) -> Option<f64> {
    told.iter().find(|pair| pair.what_if == what_if).map(|pair| pair.r_instead)
}

#[test]
fn each_plan_ends_where_it_says() {
    // Up to +1.2 R, to +2.1 R, and a target at +1.6 R: near is 1.2 R, far is 2.13 R and is never reached.
    let path = [
        [100.0, 100.5, 99.8, 100.4],
        [100.4, 102.5, 100.2, 102.0],
        [102.0, 104.2, 101.0, 101.0],
        [101.0, 101.0, 101.0, 101.0],
        [101.0, 101.0, 101.0, 101.0],
        [102.0, 102.0, 102.0, 102.0],
        [103.0, 103.0, 103.0, 103.0],
        [103.0, 103.0, 103.0, 103.0],
    ];
    let told = results(plan(1.6, 4), free(), &path);
    let expected = [
        (WhatIf::HoldHalf, 1.0),
        (WhatIf::HoldDouble, 1.6),
        (WhatIf::TargetNear, 1.2),
        (WhatIf::TargetFar, 0.5),
        (WhatIf::PartialHalf, 1.3),
        // Asked for at 102, added at the open of 102, gone at the target: 1.6 + (103.2 - 102) / 4.
        (WhatIf::ScaleIn, 1.9),
    ];
    assert_eq!(told.len(), expected.len(), "{told:?}");
    for (what_if, r) in expected {
        let found = instead(&told, what_if).unwrap();
        assert!((found - r).abs() < 1e-9, "{what_if:?}: {found}, not {r}");
    }
    assert!(told.iter().all(|pair| (pair.r - 1.6).abs() < 1e-9 && pair.was_executed));
    // Alone it is unique; but a far target is waited for a bar longer than the three of its own plan.
    for pair in &told {
        let expected = if pair.what_if == WhatIf::TargetFar { 0.75 } else { 1.0 };
        assert_eq!(pair.uniqueness, expected, "{:?}", pair.what_if);
    }
}

#[test]
fn what_was_added_is_stopped_at_the_entry_and_costs_no_more_than_the_risk() {
    let up = [100.0, 101.2, 100.0, 101.0];
    let scaled = |path: &[[f64; 4]]| instead(&results(plan(3.0, 3), free(), path), WhatIf::ScaleIn);
    // Added at 101, all of it out at 100: half of a half R.
    let back = [up, [101.0, 101.0, 99.0, 99.0], [97.0; 4], [97.0; 4]];
    assert!((scaled(&back).unwrap() + 0.25).abs() < 1e-9);
    // The open is beyond the stop at the entry: nothing is added, and the first is out there.
    let jumped = [up, [99.0, 99.5, 97.0, 97.0], [97.0; 4], [97.0; 4]];
    assert!((scaled(&jumped).unwrap() + 0.5).abs() < 1e-9);
    // Half as much from +2.5 R on would risk more than the first did.
    let far = [up, [105.0, 105.0, 105.0, 105.0], [105.0; 4], [105.0; 4]];
    assert!((scaled(&far).unwrap() - 2.5).abs() < 1e-9);
    // The target is passed at the open: it fills, and nothing is added.
    let done = [up, [107.0, 107.0, 107.0, 107.0], [107.0; 4], [107.0; 4]];
    assert!((scaled(&done).unwrap() - 3.0).abs() < 1e-9);
    // Never far enough: it is what was planned.
    let flat = [[100.0, 100.9, 99.0, 100.5], [100.5; 4], [100.5; 4], [100.5; 4]];
    assert!((scaled(&flat).unwrap() - 0.25).abs() < 1e-9);
}

/// Entry, exit and fees of what was added, by hand.
#[test]
fn what_was_added_pays_for_itself() {
    let costs = Costs { slippage_mean_bps: 2.0, slippage_sd_bps: 0.0, ..Costs::default() };
    let path = [[100.0, 101.2, 100.0, 101.0], [101.0; 4], [101.0; 4], [101.5; 4], [101.5; 4]];
    let told = results(plan(3.0, 3), costs, &path);
    let pair = told.iter().find(|pair| pair.what_if == WhatIf::ScaleIn).unwrap();
    // 3 bps each way on the price, on the grid against us; the first entered at 100.03.
    let (entry, exit) = (101.04, 101.46);
    let net = exit - entry - 4e-4 * (entry + exit);
    let expected = 0.5 * net / (100.03 * 0.02);
    assert!((pair.gain_r() - expected).abs() < 1e-9, "{} {expected}", pair.gain_r());
}

#[test]
fn missing_bars_void_every_pair() {
    let mut stage = Stage::new(free(), InstrumentKind::Spot);
    let first = bar(0, [100.0; 4]);
    stage.bar(first);
    stage.engine.ask_what_if(&decision(0, Side::Long, plan(1.6, 4), first.closed_at(), 100.0));
    stage.bar(bar(1, [100.0; 4]));
    for minute in 4..12 {
        stage.bar(bar(minute, [100.0; 4]));
        assert!(stage.effects.what_ifs.is_empty());
    }
}

/// Asks every `every` bars, and gives the gains of one what-if with what they are worth.
fn gains(made: &[Bar], every: usize, target_r: f64, what_if: WhatIf) -> Vec<Worth> {
    let mut stage = Stage::new(free(), InstrumentKind::Spot);
    let mut worth = Vec::new();
    for (no, bar) in made.iter().enumerate() {
        let bars = vec![TimedBar { symbol: SYMBOL, bar: *bar }];
        let event = domain::Event::Bars { closed_at: bar.closed_at(), bars };
        let mut effects = std::mem::take(&mut stage.effects);
        stage.engine.step(&event, &mut effects);
        stage.effects = effects;
        let told = stage.effects.what_ifs.iter().filter(|pair| pair.what_if == what_if);
        worth.extend(told.map(|p| Worth { value: p.gain_r(), uniqueness: p.uniqueness }));
        if no % every == every - 1 {
            let side = Side::Long;
            let plan = plan(target_r, 200);
            let made = decision(no as u64, side, plan, bar.closed_at(), bar.close());
            assert_eq!(made.standing, Standing::Conviction);
            stage.engine.ask_what_if(&made);
        }
    }
    worth
}

#[test]
fn a_market_that_turns_at_its_near_target_shows_what_the_near_target_gains() {
    let every = Fading::EPISODE_BARS;
    let fading = Fading { stop_fraction: 0.02, turns_at_r: 1.25, falls_back: 0.002 };
    let gained = gains(&fading.bars(5, MINUTE, START, 400), every, 1.6, WhatIf::TargetNear);
    let mean = MeanInterval::of_overlapping(gained, stats::interval::Z_95).unwrap();
    assert!(mean.low > 0.05, "{mean:?}");
    let steady = Fading { falls_back: 0.0, ..fading };
    let gained = gains(&steady.bars(5, MINUTE, START, 400), every, 1.6, WhatIf::TargetNear);
    let mean = MeanInterval::of_overlapping(gained, stats::interval::Z_95).unwrap();
    assert!(mean.low < 0.0 && mean.high > 0.0, "{mean:?}");
}

#[test]
fn on_a_walk_no_other_plan_gains_or_loses() {
    let walk = bars(11, Market::Walk { volatility: 0.003 }, MINUTE, START, 40_000);
    for what_if in WhatIf::ALL {
        let gained = gains(&walk, 20, 1.5, what_if);
        assert!(gained.len() > 1_000, "{what_if:?}: {}", gained.len());
        let mean = MeanInterval::of_overlapping(gained, 3.0).unwrap();
        assert!(mean.low < 0.0 && mean.high > 0.0, "{what_if:?}: {mean:?}");
    }
}

#[test]
fn a_strategy_whose_exits_change_is_compared_anew() {
    let mut stage = Stage::new(free(), InstrumentKind::Spot);
    let now: Timestamp = bar(0, [100.0; 4]).closed_at();
    stage.bar(bar(0, [100.0; 4]));
    for no in 0..4 {
        stage.engine.ask_what_if(&decision(no, Side::Long, plan(1.5, 2), now, 100.0));
    }
    stage.bar(bar(1, [100.0; 4]));
    let mut next = stage.engine.policy().clone();
    let exits = domain::ExitFactors { hold: 0.8, ..domain::ExitFactors::default() };
    next.exits = vec![exits];
    stage.engine.compare_changed_exits_anew(&next);
    let mut strategies = Vec::new();
    for minute in 2..8 {
        stage.bar(bar(minute, [100.0; 4]));
        strategies.extend(stage.effects.what_ifs.iter().map(|pair| pair.strategy.0));
    }
    assert_eq!(strategies, [1; 12], "the second strategy's two decisions, six plans each");
}
