//! CPU seconds and memory of every learner over the outcomes of six years, and what asking them costs.
//!
//! The outcomes are made: as many as a run on ten symbols of hourly bars told, with the horizon lessons and
//! what-ifs that go with them. `seed` after `--` measures the seeds' rules instead.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

use std::hint::black_box;

use domain::{
    Amendment, Basis, Climate, Cycle, HorizonLesson, Leans, Outcome, Policy, Regime, Standing,
    StrategyIx, SymbolIx, WhatIf, WhatIfOutcome,
};
use learn::{Governor, LearnRules, Learner, Rule, learners};
use rustix::time::{ClockId, clock_gettime};
use scenarios::{Bets, Dice, HeadWorld};

/// Outcomes of a run on the ten symbols of `binance-spot-1h`, 2018 to 2023.
const OUTCOMES: u64 = 316_767;
/// Of seven horizons hourly bars resolve an hour, a day and a week.
const HORIZONS: [u8; 3] = [4, 5, 6];
/// One candidate in so many is followed under the other exit plans too.
const WHAT_IF_EVERY: u64 = 4;
/// Outcomes of one hour on average: six years of hours.
const OUTCOMES_AN_HOUR: u64 = 6;

fn main() {
    let is_seed = std::env::args().any(|word| word == "seed");
    let rule = if is_seed { Rule::Seed } else { Rule::Evidence };
    let rules = LearnRules { rule, ..LearnRules::default() };
    let policy = Policy::day_one(domain::GatePolicy::default());
    let lessons = Lessons::made(7);
    println!(
        "{} outcomes, {} horizon lessons, {} what-ifs; rule {}; CPU seconds",
        lessons.outcomes.len(),
        lessons.horizons.len(),
        lessons.what_ifs.len(),
        rule.name()
    );
    println!(
        "{:<24} {:>9} {:>9} {:>9} {:>9} {:>12} {:>12}",
        "learner", "outcomes", "ns each", "horizons", "what-ifs", "saved bytes", "propose µs"
    );
    let mut learners = learners(&rules, &policy, &house());
    let total: f64 = learners.iter_mut().map(|one| measured(one.as_mut(), &lessons, &policy)).sum();
    println!("all {} learners: {total:.3} CPU seconds for everything they hear", learners.len());
    nightly(&rules, &learners, &policy);
}

/// One learner's lessons and its first answer; the seconds of its lessons.
fn measured(learner: &mut dyn Learner, lessons: &Lessons, policy: &Policy) -> f64 {
    let outcomes_s = timed(|| lessons.outcomes.iter().for_each(|one| learner.observe(one)));
    let horizons_s = timed(|| lessons.horizons.iter().for_each(|one| learner.observe_horizon(one)));
    let what_ifs_s = timed(|| lessons.what_ifs.iter().for_each(|one| learner.observe_what_if(one)));
    let at = lessons.outcomes.last().expect("there are outcomes").closed_at;
    let propose_s = timed(|| {
        black_box((learner.propose(policy, at), learner.trials(policy, at)));
    });
    println!(
        "{:<24} {outcomes_s:>9.3} {:>9.0} {horizons_s:>9.3} {what_ifs_s:>9.3} {:>12} {:>12.1}",
        learner.name(),
        outcomes_s / OUTCOMES as f64 * 1e9,
        learner.save().len(),
        propose_s * 1e6,
    );
    outcomes_s + horizons_s + what_ifs_s
}

/// A whole night: every phase's learners asked, their trials counted, their reports written, one version.
fn nightly(rules: &LearnRules, learners: &[Box<dyn Learner>], policy: &Policy) {
    let at = scenarios::BEGIN;
    let (mut amendments, mut trials, mut lines) = (Vec::<Amendment>::new(), 0, 0);
    let asked = || learners.iter().filter(|one| matches!(one.cycle(), Cycle::Nightly(_)));
    let asked_s = timed(|| {
        for learner in asked() {
            amendments.append(&mut learner.propose(policy, at));
            trials += learner.trials(policy, at).len();
        }
    });
    let told_s = timed(|| {
        lines = learners.iter().map(|one| one.report(policy).beliefs.len()).sum();
    });
    let (governor, count) = (Governor::new(*rules), amendments.len());
    let published_s = timed(|| {
        black_box(governor.publish(policy, amendments, at));
    });
    println!(
        "a night: {} learners asked in {:.1} ms ({trials} trials), {count} amendments published in {:.1} ms, {lines} lines reported in {:.1} ms",
        asked().count(),
        asked_s * 1e3,
        published_s * 1e3,
        told_s * 1e3,
    );
}

/// Everything there is to hear.
struct Lessons {
    outcomes: Vec<Outcome>,
    horizons: Vec<HorizonLesson>,
    what_ifs: Vec<WhatIfOutcome>,
}

impl Lessons {
    fn made(seed: u64) -> Lessons {
        let mut dice = Dice::new(seed);
        let outcomes: Vec<Outcome> = (0..OUTCOMES).map(|no| outcome(no, &mut dice)).collect();
        let horizons = outcomes.iter().flat_map(|of| HORIZONS.map(|horizon| (of, horizon)));
        let horizons = horizons.map(|(of, horizon)| lesson(of, horizon, &mut dice)).collect();
        let entries = outcomes.iter().filter(|of| of.decision_no % WHAT_IF_EVERY == 0);
        let plans = entries.flat_map(|of| WhatIf::ALL.map(|what_if| (of, what_if)));
        let what_ifs = plans.map(|(of, what_if)| instead(of, what_if, &mut dice)).collect();
        Lessons { outcomes, horizons, what_ifs }
    }
}

fn outcome(no: u64, dice: &mut Dice) -> Outcome {
    let said = HeadWorld::null().say(dice);
    let neutral = scenarios::outcome(no / OUTCOMES_AN_HOUR, Bets::SEED.draw(dice));
    let is_executed = dice.happens(0.02);
    Outcome {
        decision_no: no,
        decision: domain::DecisionId(no),
        symbol: SymbolIx(dice.below(10) as u16),
        strategy: StrategyIx(dice.below(2) as u8),
        side: said.side,
        votes: said.votes,
        standing: if is_executed { Standing::Probe } else { Standing::Refused },
        refused: if is_executed { 0 } else { 1 << dice.below(8) },
        conviction: dice.uniform(),
        climate: climate(dice),
        uniqueness: 0.05 + 0.95 * dice.uniform(),
        basis: Basis {
            leans: leans(dice),
            confluence: dice.uniform() as f32,
            edge_ratio: (4.0 * dice.uniform()) as f32,
            ..neutral.basis
        },
        ..neutral
    }
}

fn climate(dice: &mut Dice) -> Climate {
    let mut regime = || Regime::ALL[dice.below(Regime::ALL.len() as u64) as usize];
    Climate { regime: regime(), global: regime(), frame_bars: 1 }
}

fn leans(dice: &mut Dice) -> Leans {
    let mut leans = Leans::SILENT;
    for at in 0..domain::COMPONENTS_MAX {
        leans.set(at, dice.happens(0.7).then(|| 2.0 * dice.uniform() - 1.0));
    }
    leans
}

fn lesson(of: &Outcome, horizon: u8, dice: &mut Dice) -> HorizonLesson {
    HorizonLesson {
        decision_no: of.decision_no,
        symbol: of.symbol,
        strategy: of.strategy,
        side: of.side,
        decided_at: of.decided_at,
        climate: of.climate,
        horizon,
        leans: of.basis.leans,
        up_bps: 100.0 * (dice.uniform() - 0.5),
        cost_bps: of.cost_bps,
        refused: of.refused,
        uniqueness: of.uniqueness,
    }
}

fn instead(of: &Outcome, what_if: WhatIf, dice: &mut Dice) -> WhatIfOutcome {
    WhatIfOutcome {
        decision_no: of.decision_no,
        symbol: of.symbol,
        strategy: of.strategy,
        side: of.side,
        decided_at: of.decided_at,
        climate: of.climate,
        what_if,
        known_at: of.closed_at,
        r: of.r,
        r_instead: Bets::SEED.draw(dice),
        was_executed: of.standing.is_executed(),
        uniqueness: of.uniqueness,
    }
}

fn timed(work: impl FnOnce()) -> f64 {
    let from = cpu_seconds();
    work();
    cpu_seconds() - from
}

fn cpu_seconds() -> f64 {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    spent.tv_sec as f64 + spent.tv_nsec as f64 * 1e-9
}

/// The gates by name, as the engine knows them.
fn house() -> learn::House {
    let gates = [
        "conviction",
        "confluence",
        "fee",
        "cooldown",
        "free_symbol",
        "open_positions",
        "history",
        "regime_entries",
        "correlation",
        "killed",
        "direction",
        "standing_order",
        "paused",
        "selected",
    ];
    learn::House {
        gates: gates.to_vec(),
        capital_gates: !0b100_0111,
        strategies: vec!["alpha", "ema"],
        symbols: 10,
        venues: 1,
    }
}
