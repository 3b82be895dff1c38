//! Draws against a gate where it is known what trading would bring.

use domain::{GatePolicy, Outcome, Policy, Standing, Threshold};
use learn::{Exploration, House, LearnRules, Learner};
use scenarios::{BEGIN, Bets, Dice, GateWorld};
use stats::ope::Estimate;

/// Near misses of one gate, each traded with this probability, and trades that come to so much less than
/// their shadows.
struct Draws {
    explore_fraction: f64,
    bets: Bets,
    haircut_r: f64,
    fill_fraction: f64,
}

impl Draws {
    const fn of(bets: Bets) -> Draws {
        Draws { explore_fraction: 0.05, bets, haircut_r: 0.0, fill_fraction: 1.0 }
    }

    fn near_miss(&self, hour: u64, dice: &mut Dice) -> Outcome {
        let world = GateWorld { refused: self.bets, ..GateWorld::NULL };
        let mut made = world.candidate(hour, &GatePolicy::default(), dice);
        let is_tried = dice.happens(self.explore_fraction);
        let is_filled = dice.happens(self.fill_fraction);
        made.refused = GateWorld::bit(Threshold::Conviction);
        made.r = self.bets.draw(dice);
        made.conviction = 0.5 + 0.1 * dice.uniform();
        (made.standing, made.basis.propensity) = match (is_tried, is_filled) {
            (true, true) => (Standing::Explored, self.explore_fraction as f32),
            (true, false) => (Standing::Unfilled, self.explore_fraction as f32),
            (false, _) => (Standing::Refused, 1.0 - self.explore_fraction as f32),
        };
        if made.standing == Standing::Explored {
            made.r -= self.haircut_r;
        }
        made
    }

    fn heard(&self, seed: u64, count: u64) -> Exploration {
        let (mut exploration, mut dice) =
            (Exploration::new(LearnRules::default(), &house()), Dice::new(seed));
        (0..count).for_each(|hour| exploration.observe(&self.near_miss(hour, &mut dice)));
        exploration
    }
}

fn house() -> House {
    let gates = [GateWorld::GATES.as_slice(), &["positions", "selected"]].concat();
    let capital_gates = 1 << (gates.len() - 2);
    House { gates, capital_gates, ..House::default() }
}

#[test]
fn losing_a_contest_or_to_a_guard_of_capital_is_no_near_miss() {
    let (draws, mut dice) = (Draws::of(Bets::winning(0.42)), Dice::new(9));
    let mut exploration = Exploration::new(LearnRules::default(), &house());
    let heard = |exploration: &Exploration| {
        exploration.report(&Policy::day_one(GatePolicy::default())).heard
    };
    let near_miss = draws.near_miss(0, &mut dice);
    for gate in ["positions", "selected"] {
        let refused = house().gate_bit(gate).unwrap_or(0);
        exploration.observe(&Outcome { refused, ..near_miss });
    }
    assert_eq!(heard(&exploration), 0);
    exploration.observe(&near_miss);
    let mut contested = near_miss;
    contested.basis.propensity = 0.975;
    exploration.observe(&contested);
    assert_eq!(heard(&exploration), 1, "it won a contest of two");
}

const WORLDS: u64 = 200;

/// How often the interval of "trade every near miss" holds the truth, and its mean.
fn cover(draws: &Draws, truth: f64) -> (f64, f64) {
    let (mut covered, mut sum) = (0.0, 0.0);
    for seed in 0..WORLDS {
        match draws.heard(seed, 4_000).trade_every_near_miss() {
            Estimate::Answer { mean, low, high, .. } => {
                covered += f64::from(u8::from((low..=high).contains(&truth)));
                sum += mean;
            }
            Estimate::Refused { ess, .. } => panic!("refused with {ess}"),
        }
    }
    (covered / WORLDS as f64, sum / WORLDS as f64)
}

#[test]
fn trading_every_near_miss_is_judged_at_what_it_would_bring() {
    for win_rate in [0.42, 0.50] {
        let draws = Draws::of(Bets::winning(win_rate));
        let truth = draws.bets.mean_r();
        let (cover, mean) = cover(&draws, truth);
        eprintln!("truth {truth:+.3}: mean {mean:+.4}, the interval covers {cover:.3}");
        assert!((mean - truth).abs() < 0.02, "{mean} {truth}");
        assert!((0.91..=0.99).contains(&cover), "{cover}");
    }
}

#[test]
fn what_was_not_filled_and_what_trading_costs_is_seen_although_no_shadow_knows_it() {
    let draws = Draws { haircut_r: 0.2, fill_fraction: 0.5, ..Draws::of(Bets::winning(0.60)) };
    let truth = 0.5 * (draws.bets.mean_r() - 0.2);
    let (cover, mean) = cover(&draws, truth);
    assert!((mean - truth).abs() < 0.02, "{mean} {truth}");
    assert!(cover > 0.90, "{cover}");
}

#[test]
fn the_haircut_on_counterfactuals_is_measured() {
    let mean_haircut = |haircut_r| {
        let draws = Draws { haircut_r, ..Draws::of(Bets::SEED) };
        let (mut sum, mut covered) = (0.0, 0);
        for seed in 0..WORLDS {
            let beyond = draws.heard(seed, 4_000).beyond_shadows().expect("two hundred were tried");
            sum += beyond.mean;
            covered += u32::from((beyond.low..=beyond.high).contains(&-haircut_r));
        }
        assert!((180..=198).contains(&covered), "{covered} of {WORLDS}");
        sum / WORLDS as f64
    };
    assert!(mean_haircut(0.0).abs() < 0.02);
    assert!((mean_haircut(0.3) + 0.3).abs() < 0.02);
}

#[test]
fn below_fifty_effective_trades_it_refuses_to_answer() {
    let (draws, mut dice) = (Draws::of(Bets::SEED), Dice::new(7));
    let mut exploration = Exploration::new(LearnRules::default(), &house());
    let mut tried = 0;
    for hour in 0..3_000 {
        let near_miss = draws.near_miss(hour, &mut dice);
        tried += u32::from(near_miss.standing == Standing::Explored);
        // Each shares its time with one other.
        exploration.observe(&Outcome { uniqueness: 0.5, ..near_miss });
        let answers = matches!(exploration.trade_every_near_miss(), Estimate::Answer { .. });
        assert_eq!(answers, tried >= 100, "{tried}");
    }
    assert!(tried >= 100);
}

#[test]
fn what_was_certain_says_nothing() {
    let mut exploration = Exploration::new(LearnRules::default(), &house());
    let mut dice = Dice::new(7);
    for hour in 0..2_000 {
        let mut certain = Draws::of(Bets::SEED).near_miss(hour, &mut dice);
        certain.basis.propensity = 1.0;
        exploration.observe(&certain);
    }
    let report = exploration.report(&Policy::day_one(GatePolicy::default()));
    assert_eq!(report.heard, 0);
    assert_eq!(report.starved[0], "0 of 50 effective near misses traded by a draw");
}

#[test]
fn it_proposes_nothing_and_survives_being_written_down() {
    let exploration = Draws::of(Bets::winning(0.6)).heard(7, 3_000);
    let policy = Policy::day_one(GatePolicy::default());
    assert!(exploration.propose(&policy, BEGIN).is_empty());
    let report = exploration.report(&policy);
    assert!(report.starved.is_empty() && report.beliefs.len() == 2, "{report:?}");
    let mut again = Exploration::new(LearnRules::default(), &house());
    assert!(again.load(&exploration.save()));
    assert_eq!(again, exploration);
}
