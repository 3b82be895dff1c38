//! The fast lane of the honesty bench for models (methods, Decisions 2, 3 and 6): the whole lineage in worlds
//! whose truth is known, and the same with a single rule of honesty taken away.

use crate::worlds::{
    CHALLENGER_ALONE, CHAMPION_ALONE, Line, Null, NullMarket, median, quantile, win_rate,
};
use domain::{Outcome, Seat};
use evolve::{DeployRule, ModelRules};
use scenarios::{Bets, Dice, HOUR_MS};
use stats::moments::Moments;
use stats::sequential::{GAIN_GRID, GridEProcess};

/// A month: thirty trainings, and the decisions between them.
const TRAININGS: u64 = 30;
const DECISIONS_A_DAY: u64 = 166;

/// Whether a month of daily trainings in which no version is any better puts one on its way into charge.
fn is_fooled(null: Null, seed: u64, by: DeployRule) -> bool {
    let mut market = NullMarket::new(null, seed);
    let mut line = Line::new(ModelRules::default(), by);
    for _ in 0..TRAININGS {
        line.train();
        for _ in 0..DECISIONS_A_DAY {
            let (stakes, r) = (market.stakes(), market.trade_r());
            line.decide(r, stakes);
            if line.count("ramp") + line.count("promote") > 0 {
                return true;
            }
            line.rulings.clear();
        }
    }
    false
}

/// Worlds fooled per market, so many of each, side by side.
fn fooled(worlds: u64, by: DeployRule) -> Vec<u64> {
    std::thread::scope(|scope| {
        let of = |null: Null| {
            scope.spawn(move || {
                let seeds = (0..worlds).map(|seed| 10_000 * (null as u64 + 1) + seed);
                seeds.filter(|seed| is_fooled(null, *seed, by)).count() as u64
            })
        };
        let running: Vec<_> = Null::ALL.into_iter().map(of).collect();
        running.into_iter().map(|one| one.join().expect("a market's worlds")).collect()
    })
}

/// Whether the lower end of the 95 % Clopper-Pearson interval of so many is at most `rate`: whether so many or
/// more come of it with at least 2.5 %.
fn may_be_of(rate: f64, count: u64, trials: u64) -> bool {
    let mut below = 0.0;
    let mut log_ways = 0.0;
    for k in 0..count {
        let log = log_ways + k as f64 * libm::log(rate) + (trials - k) as f64 * libm::log1p(-rate);
        below += libm::exp(log);
        log_ways += libm::log((trials - k) as f64 / (k + 1) as f64);
    }
    1.0 - below >= 0.025
}

#[test]
fn the_clopper_pearson_rule_is_the_textbooks() {
    // 95 % interval of 16 in 200: .046 to .127; of 17: .050 to .133.
    assert!(may_be_of(0.05, 0, 200) && may_be_of(0.05, 16, 200) && !may_be_of(0.05, 18, 200));
    assert!(may_be_of(0.05, 64, 1_000) && !may_be_of(0.05, 66, 1_000));
}

#[test]
fn a_thousand_months_without_an_edge_promote_next_to_nothing() {
    const WORLDS: u64 = 200;
    let of_each = fooled(WORLDS, DeployRule::Evidence);
    let pooled: u64 = of_each.iter().sum();
    let all = WORLDS * Null::ALL.len() as u64;
    eprintln!(
        "false promotions, evidence: {pooled} of {all} months; of {WORLDS} each in N1-N5: {of_each:?}"
    );
    // The control is blind unless the seed's rule fails the same worlds.
    const CONTROLS: u64 = 20;
    let of_seed = fooled(CONTROLS, DeployRule::Seed);
    let seeds: u64 = of_seed.iter().sum();
    let all_seed = CONTROLS * Null::ALL.len() as u64;
    eprintln!(
        "false promotions, seed 004: {seeds} of {all_seed} months; of {CONTROLS} each: {of_seed:?}"
    );
    assert!(pooled * 1_000 <= 38 * all, "{pooled} of {all}");
    for (null, count) in Null::ALL.into_iter().zip(of_each) {
        assert!(may_be_of(0.05, count, WORLDS), "{null:?}: {count} of {WORLDS}");
    }
    assert!(seeds * 2 > all_seed, "{seeds} of {all_seed}: the control is blind");
}

/// Paired decisions until the slot is sure, and until its version is in charge; the challenger alone trades,
/// and is trained again every hundred decisions.
fn delays(d: f64, worlds: u64, decisions: u64) -> (Vec<u64>, Vec<u64>) {
    let bets = Bets::winning(win_rate(d));
    let (mut sure, mut in_charge) = (Vec::new(), Vec::new());
    for seed in 0..worlds {
        let mut dice = Dice::new(70_000 + seed);
        let mut line = Line::by_evidence();
        let mut is_sure = false;
        for decision in 0..decisions {
            if decision % 100 == 0 {
                line.train();
            }
            line.decide(bets.draw(&mut dice), CHALLENGER_ALONE);
            if !is_sure && line.count("ramp") > 0 {
                is_sure = true;
                sure.push(decision + 1);
            }
            if line.count("promote") > 0 {
                in_charge.push(decision + 1);
                break;
            }
        }
    }
    (sure, in_charge)
}

#[test]
fn an_edge_is_promoted_in_time() {
    const WORLDS: u64 = 200;
    for (d, median_most, share_least) in [(0.10, 750, 0.95), (0.16, 320, 0.98), (0.06, 3_000, 0.70)]
    {
        let (mut sure, mut in_charge) = delays(d, WORLDS, 3_000);
        let (found, seated) = (sure.len(), in_charge.len());
        let (delay, until_seated) = (median(&mut sure), median(&mut in_charge));
        let ideal = 2.0 * libm::log(20.0) / (d * d);
        eprintln!(
            "d = {d:.2}: {found} of {WORLDS} within 3,000; median {delay} decisions (ideal {ideal:.0}), \
             in charge {seated}, median {until_seated}"
        );
        assert!(found as f64 >= share_least * WORLDS as f64, "d = {d}: {found} of {WORLDS}");
        assert!(delay <= median_most, "d = {d}: {delay}");
        // Much below the information limit would be a leak.
        assert!(delay as f64 > 0.6 * ideal, "d = {d}: {delay} of {ideal}");
    }
}

/// Decisions from the turn to the roll back of a version that gained for so long; nothing where it was
/// called back before the turn, 3,000 where never.
fn turn(seed: u64, good: f64, decisions: u64, bad: f64) -> Option<u64> {
    let mut dice = Dice::new(90_000 + seed);
    let mut line = Line::by_evidence();
    let version = line.train();
    let now = line.now();
    line.lineage.promote(version, now, &line.rules).expect("it is seated");
    let mut next = |d: f64| {
        line.decide(Bets::winning(win_rate(d)).draw(&mut dice), CHAMPION_ALONE);
        line.lineage.seated(Seat::Champion) == 0
    };
    if (0..decisions).any(|_| next(good)) {
        return None;
    }
    Some((1..=3_000).find(|_| next(bad)).unwrap_or(3_000))
}

#[test]
fn a_version_in_charge_that_turns_bad_is_rolled_back_in_time() {
    const WORLDS: u64 = 200;
    let turned: Vec<Option<u64>> = (0..WORLDS).map(|seed| turn(seed, 0.10, 1_000, -0.16)).collect();
    let mut delays: Vec<u64> = turned.iter().flatten().copied().collect();
    let early = WORLDS as usize - delays.len();
    let (half, most) = (median(&mut delays), quantile(&mut delays, 0.95));
    eprintln!(
        "rollback at d = -.16 after 1,000 good decisions: median {half}, 95 % within {most}, early {early}"
    );
    assert!(half <= 600 && most <= 1_500, "{half} {most}");
    assert!(early <= 2, "{early} of {WORLDS} were called back while they gained");
    // Equals: 1,000 decisions at one alarm in 5,000 or fewer.
    let alarms = (0..WORLDS).filter(|seed| turn(1_000 + seed, 0.0, 1_000, 0.0).is_none()).count();
    eprintln!("false alarms over 1,000 decisions of equals: {alarms} of {WORLDS}");
    assert!(alarms as u64 * 5 <= WORLDS, "{alarms} of {WORLDS}");
}

/// How many of 200 streams a test rejects at α = .05 at any of its looks.
fn rejected(decisions: u64, mut stream: impl FnMut(u64) -> Box<dyn FnMut() -> f64>) -> u64 {
    let mut count = 0;
    for seed in 0..200 {
        let mut next = stream(seed);
        let mut evidence = GridEProcess::new(2.5, &GAIN_GRID);
        count += u64::from((0..decisions).any(|_| {
            evidence.observe(next());
            evidence.rejects(0.05)
        }));
    }
    count
}

#[test]
fn clipped_losses_would_break_the_row_of_false_promotions() {
    // Balanced, but the losses are rare and large.
    let skewed = |seed: u64, least: f64| -> Box<dyn FnMut() -> f64> {
        let mut dice = Dice::new(30_000 + seed);
        Box::new(move || if dice.happens(0.02) { (-2.45_f64).max(least) } else { 0.05 })
    };
    let whole = rejected(3_000, |seed| skewed(seed, -2.5));
    let clipped = rejected(3_000, |seed| skewed(seed, -1.0));
    eprintln!(
        "rejected without an edge: {whole} of 200 with whole losses, {clipped} with clipped ones"
    );
    assert!(may_be_of(0.05, whole, 200), "{whole}");
    assert!(!may_be_of(0.05, clipped, 200), "{clipped}: the control is blind");
}

#[test]
fn a_peeking_t_test_would_break_the_row_of_false_promotions() {
    let mut fooled = 0;
    for seed in 0..200 {
        let mut dice = Dice::new(40_000 + seed);
        let mut moments = Moments::default();
        fooled += u64::from((1..=3_000).any(|decision| {
            moments.observe(Bets::winning(0.42).draw(&mut dice));
            let t =
                moments.variance_of_mean().map(|square| moments.mean().unwrap() / square.sqrt());
            decision % 50 == 0 && t.is_some_and(|t| t > 1.645)
        }));
    }
    eprintln!("a t-test every 50 decisions: {fooled} of 200");
    assert!(!may_be_of(0.05, fooled, 200), "{fooled}: the control is blind");
}

/// A walk's next twenty hours from every hour, half a unit of risk each: neighbours share nineteen of them.
fn overlapping(seed: u64, hours: usize) -> Vec<f64> {
    const HOLD: usize = 20;
    let mut dice = Dice::new(50_000 + seed);
    let steps: Vec<f64> = (0..hours + HOLD).map(|_| dice.normal()).collect();
    let worth = 0.5 / (HOLD as f64).sqrt();
    (0..hours).map(|hour| worth * steps[hour..hour + HOLD].iter().sum::<f64>()).collect()
}

/// Whether a line that hears overlapping outcomes is fooled by them.
fn is_fooled_by_overlap(seed: u64, copies: usize) -> bool {
    const HOLD_HOURS: i64 = 20;
    let mut line = Line::by_evidence();
    line.train();
    let mut pending = std::collections::VecDeque::new();
    for r in overlapping(seed, 2_000) {
        let mut outcome = line.outcome(r, CHALLENGER_ALONE);
        outcome.closed_at = outcome.decided_at.plus_ms(HOLD_HOURS * HOUR_MS);
        outcome.basis.hold_min = 1_200.0;
        (0..copies).for_each(|_| pending.push_back(outcome));
        line.hour += 1;
        let now = line.now();
        while let Some(due) = pending.pop_front_if(|one: &mut Outcome| one.closed_at <= now) {
            line.hear(&due);
        }
        if line.count("ramp") > 0 {
            return true;
        }
    }
    false
}

#[test]
fn overlap_taken_for_evidence_would_break_the_row_of_false_promotions() {
    let naive = rejected(2_000, |seed| {
        let mut gains = overlapping(seed, 2_000).into_iter();
        Box::new(move || gains.next().unwrap_or(0.0))
    });
    let alone = (0..200).filter(|seed| is_fooled_by_overlap(*seed, 1)).count() as u64;
    let copied = (0..50).filter(|seed| is_fooled_by_overlap(*seed, 4)).count() as u64;
    eprintln!(
        "overlapping outcomes without an edge: {naive} of 200 as they come, {alone} in blocks; four copies of each in blocks: {copied} of 50"
    );
    assert!(may_be_of(0.05, alone, 200) && may_be_of(0.05, copied, 50), "{alone} {copied}");
    assert!(!may_be_of(0.05, naive, 200), "{naive}: the control is blind");
}
