//! A1 on worlds whose truth is known: it finds skill, is not fooled by agreement, keeps its bounds.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use domain::{
    DecisionId, ExitReason, GatePolicy, HEAD_COUNT, HeadName, Outcome, Policy, Side, Standing,
    StrategyIx, SymbolIx, Timestamp,
};
use learn::{Governor, House, LearnRules, Learner, Rule, learners};
use scenarios::{Dice, HeadWorld, Said};

fn outcome(said: &Said, no: u64, uniqueness: f64) -> Outcome {
    let at = Timestamp::from_ms(no as i64);
    Outcome {
        decision_no: no,
        decision: DecisionId(no),
        symbol: SymbolIx(0),
        strategy: StrategyIx(0),
        side: said.side,
        standing: Standing::Probe,
        refused: 0,
        votes: said.votes,
        conviction: 0.5,
        decided_at: at,
        opened_at: at,
        closed_at: at,
        entry: 100.0,
        exit: 101.0,
        reason: ExitReason::Target,
        r: if said.won { 1.0 } else { -1.0 },
        net_bps: 0.0,
        cost_bps: 0.0,
        funding_bps: 0.0,
        near_target: false,
        climate: domain::Climate::default(),
        favourable_bps: 0.0,
        adverse_bps: 0.0,
        bars: 1,
        uniqueness,
        basis: domain::Basis::default(),
        marks: domain::Marks::default(),
    }
}

/// A learner and its governor at work, one outcome after another.
struct School {
    policy: Policy,
    governor: Governor,
    learner: Box<dyn Learner>,
    heard: u64,
    steepest: f64,
}

impl School {
    fn new(rule: Rule) -> School {
        let rules = LearnRules { rule, ..LearnRules::default() };
        let policy = Policy::day_one(GatePolicy::default());
        let learner = learners(&rules, &policy, &House::default()).remove(0);
        School { policy, governor: Governor::new(rules), learner, heard: 0, steepest: 0.0 }
    }

    fn hear(&mut self, said: &Said, uniqueness: f64) {
        self.learner.observe(&outcome(said, self.heard, uniqueness));
        self.heard += 1;
        for amendment in self.learner.propose(&self.policy, Timestamp::from_ms(0)) {
            let version = self
                .governor
                .publish(&self.policy, vec![amendment], Timestamp::from_ms(0))
                .version
                .unwrap();
            for (from, to) in self.policy.head_weights.iter().zip(&version.policy.head_weights) {
                self.steepest = self.steepest.max((to / from - 1.0).abs());
            }
            self.learner.adopt(&version);
            self.policy = version.policy;
        }
    }

    fn weight(&self, head: HeadName) -> f64 {
        self.policy.head_weights[head.at()]
    }

    /// Loss of the weights this round: the weight on heads that were wrong.
    fn loss(&self, said: &Said) -> f64 {
        let paid = if said.won { said.side } else { said.side.opposite() };
        (0..HEAD_COUNT)
            .map(|at| if is_right(said, at, paid) { 0.0 } else { self.policy.head_weights[at] })
            .sum()
    }
}

fn is_right(said: &Said, at: usize, paid: Side) -> bool {
    said.votes.at(at).is_some_and(|vote| vote.side == paid)
}

/// How often each head was wrong.
#[derive(Default)]
struct Wrongs([f64; HEAD_COUNT]);

impl Wrongs {
    fn count(&mut self, said: &Said) {
        let paid = if said.won { said.side } else { said.side.opposite() };
        for (at, wrong) in self.0.iter_mut().enumerate() {
            *wrong += f64::from(u8::from(!is_right(said, at, paid)));
        }
    }

    /// Loss of the best fixed weights in the box, chosen with hindsight: the least wrong heads get
    /// all that the box allows.
    fn of_best_weights(&self) -> f64 {
        let mut wrongs = self.0;
        wrongs.sort_by(f64::total_cmp);
        let mut to_give = 1.0 - 0.05 * HEAD_COUNT as f64;
        wrongs
            .iter()
            .map(|wrong| {
                let extra = to_give.min(0.25);
                to_give -= extra;
                wrong * (0.05 + extra)
            })
            .sum()
    }

    fn of_best_head(&self) -> f64 {
        self.0.into_iter().fold(f64::MAX, f64::min)
    }
}

const SIGNALS: usize = 2_000;
const WORLDS: u64 = 150;

fn mean_over_worlds(measure: impl Fn(u64) -> f64) -> f64 {
    (0..WORLDS).map(measure).sum::<f64>() / WORLDS as f64
}

#[test]
fn regret_against_the_best_weights_is_within_the_bench_row_c1() {
    let world = HeadWorld::null().with_skill(&[(HeadName::MeanReversion, 0.56)]);
    let regret = mean_over_worlds(|seed| {
        let (mut school, mut dice) = (School::new(Rule::Evidence), Dice::new(seed));
        let (mut lost, mut wrongs) = (0.0, Wrongs::default());
        for _ in 0..SIGNALS {
            let said = world.say(&mut dice);
            lost += school.loss(&said);
            wrongs.count(&said);
            school.hear(&said, 1.0);
        }
        lost - wrongs.of_best_weights()
    });
    eprintln!(
        "c1: regret {regret:.1} after {SIGNALS} signals, {WORLDS} worlds (row c1 asks for at most 20)"
    );
    assert!(regret <= 20.0, "{regret}");
}

#[test]
fn a_switch_of_skill_is_followed_within_the_bench_row_c2() {
    let first =
        HeadWorld::null().with_skill(&[(HeadName::Trend, 0.60), (HeadName::Breakout, 0.42)]);
    let second =
        HeadWorld::null().with_skill(&[(HeadName::Trend, 0.42), (HeadName::Breakout, 0.60)]);
    let regret = mean_over_worlds(|seed| {
        let (mut school, mut dice) = (School::new(Rule::Evidence), Dice::new(1_000 + seed));
        let (mut lost, mut wrongs) = (0.0, Wrongs::default());
        for at in 0..SIGNALS {
            let said = if at < SIGNALS / 2 { &first } else { &second }.say(&mut dice);
            lost += school.loss(&said);
            wrongs.count(&said);
            school.hear(&said, 1.0);
        }
        lost - wrongs.of_best_head()
    });
    eprintln!("c2: regret {regret:.1} against the best fixed head (row c2 asks for at most 6)");
    assert!(regret <= 6.0, "{regret}");
}

#[test]
fn without_skill_weights_stay_together_and_a_head_that_always_agrees_gains_nothing() {
    let world = HeadWorld {
        yes_head: Some(HeadName::Sentiment),
        base_win_rate: 0.6,
        ..HeadWorld::null().with_skill(&[(HeadName::Trend, 0.60)])
    };
    let null = HeadWorld { base_win_rate: 0.6, ..HeadWorld::null() };
    let (mut yes, mut skilled, mut noise, mut spread, mut fooled) = (0.0, 0.0, 0.0, 0.0, 0);
    for seed in 0..WORLDS {
        let (mut school, mut dice) = (School::new(Rule::Evidence), Dice::new(2_000 + seed));
        let (mut idle, mut idle_dice) = (School::new(Rule::Evidence), Dice::new(3_000 + seed));
        for _ in 0..SIGNALS {
            school.hear(&world.say(&mut dice), 1.0);
            idle.hear(&null.say(&mut idle_dice), 1.0);
        }
        yes += school.weight(HeadName::Sentiment);
        skilled += school.weight(HeadName::Trend);
        noise += (1.0 - school.weight(HeadName::Sentiment) - school.weight(HeadName::Trend)) / 7.0;
        fooled += u32::from(school.weight(HeadName::Sentiment) >= school.weight(HeadName::Trend));
        let mean = 1.0 / HEAD_COUNT as f64;
        let variance =
            idle.policy.head_weights.iter().map(|w| (w - mean) * (w - mean)).sum::<f64>() / 8.0;
        spread += variance.sqrt();
    }
    let n = WORLDS as f64;
    let (yes, skilled, noise, spread) = (yes / n, skilled / n, noise / n, spread / n);
    eprintln!(
        "c3: spread {spread:.3} (at most .020), yes-head {yes:.3}, skilled {skilled:.3}, noise {noise:.3}"
    );
    assert!(spread <= 0.020, "{spread}");
    assert!(yes <= noise + 0.005, "yes {yes} noise {noise}");
    assert!(skilled > 0.25, "{skilled}");
    assert!(
        f64::from(fooled) <= 0.01 * n,
        "the yes-head outweighs the skilled one in {fooled} worlds"
    );
}

/// Hourly labels overlap: an outcome that comes ten times, each time a tenth of its own, is one.
#[test]
fn copies_of_an_outcome_are_no_evidence() {
    let spread = |copies: u64| {
        let mut sum = 0.0;
        for seed in 0..40 {
            let (mut school, mut dice) = (School::new(Rule::Evidence), Dice::new(5_000 + seed));
            for _ in 0..1_200 {
                let said = HeadWorld::null().say(&mut dice);
                for _ in 0..copies {
                    school.hear(&said, 1.0 / copies as f64);
                }
            }
            let mean = 1.0 / HEAD_COUNT as f64;
            let off =
                school.policy.head_weights.iter().map(|w| (w - mean) * (w - mean)).sum::<f64>();
            sum += (off / 8.0).sqrt() / 40.0;
        }
        sum
    };
    let (once, tenfold) = (spread(1), spread(10));
    eprintln!("spread of weights without skill: {once:.4} once, {tenfold:.4} in ten copies");
    assert!(tenfold < once * 1.25, "{once} {tenfold}");
}

#[test]
fn a_head_of_a_few_votes_does_not_move_on_them() {
    let world = HeadWorld::null().with_skill(&[(HeadName::Trend, 0.62)]);
    let (mut school, mut dice) = (School::new(Rule::Evidence), Dice::new(31));
    let seldom = HeadName::Breakout;
    for at in 0..1_500 {
        let mut said = world.say(&mut dice);
        // One vote in forty, and by luck all of them wrong.
        let side = if said.won { said.side.opposite() } else { said.side };
        let vote = (at % 40 == 0).then_some(domain::Vote { side, confidence: 1.0 });
        said.votes.set(seldom, vote);
        school.hear(&said, 1.0);
    }
    assert!(school.weight(HeadName::Trend) > 0.15);
    // What the others gain is taken from all alike; its own votes do not push it to the floor.
    assert!(school.weight(seldom) > 0.07, "{}", school.weight(seldom));
}

#[test]
fn after_a_revert_the_same_evidence_does_not_undo_it() {
    let world = HeadWorld::null().with_skill(&[(HeadName::Trend, 0.7)]);
    let (mut school, mut dice) = (School::new(Rule::Evidence), Dice::new(21));
    for _ in 0..300 {
        school.hear(&world.say(&mut dice), 1.0);
    }
    assert!(school.policy.version > 1);
    let day_one = Policy::day_one(GatePolicy::default());
    let version = school.governor.revert(&school.policy, &day_one, Timestamp::from_ms(0));
    school.learner.adopt(&version);
    school.policy = version.policy;
    for _ in 0..49 {
        school.hear(&world.say(&mut dice), 1.0);
    }
    assert_eq!(school.policy.head_weights, day_one.head_weights);
    for _ in 0..50 {
        school.hear(&world.say(&mut dice), 1.0);
    }
    assert_ne!(school.policy.head_weights, day_one.head_weights);
}

#[test]
fn the_literal_rule_is_fooled_by_a_head_that_always_agrees() {
    let world =
        HeadWorld { yes_head: Some(HeadName::Sentiment), base_win_rate: 0.6, ..HeadWorld::null() };
    let (mut school, mut dice) = (School::new(Rule::Seed), Dice::new(5));
    for _ in 0..400 {
        school.hear(&world.say(&mut dice), 1.0);
    }
    let yes = school.weight(HeadName::Sentiment);
    assert!(
        yes > 1.0 / 9.0,
        "the positive control has to fail, else the test above is blind: {yes}"
    );
}

#[test]
fn bounds_hold_over_a_million_outcomes_of_any_kind() {
    for rule in [Rule::Evidence, Rule::Seed] {
        let (mut school, mut dice) = (School::new(rule), Dice::new(9));
        let mut world = HeadWorld::null();
        for at in 0..1_000_000_u64 {
            if at % 5_000 == 0 {
                world.skill = std::array::from_fn(|_| dice.uniform());
                world.base_win_rate = dice.uniform();
            }
            school.hear(&world.say(&mut dice), 0.05 + 0.95 * dice.uniform());
            let sum: f64 = school.policy.head_weights.iter().sum();
            assert!((sum - 1.0).abs() <= 1e-12, "{rule:?} {at}: sum {sum}");
            for weight in school.policy.head_weights {
                assert!((0.05 - 1e-12..=0.30 + 1e-12).contains(&weight), "{rule:?} {at}: {weight}");
            }
        }
        assert!(school.steepest <= 0.20 + 1e-9, "{rule:?}: {}", school.steepest);
        assert!(school.policy.version > 100, "{rule:?}: it must have moved to prove anything");
    }
}

#[test]
fn nothing_moves_before_enough_effective_outcomes() {
    let world = HeadWorld::null().with_skill(&[(HeadName::Trend, 0.95)]);
    for (rule, uniqueness, needed) in
        [(Rule::Evidence, 1.0, 50), (Rule::Evidence, 0.1, 500), (Rule::Seed, 1.0, 10)]
    {
        let (mut school, mut dice) = (School::new(rule), Dice::new(3));
        for _ in 0..needed - 1 {
            school.hear(&world.say(&mut dice), uniqueness);
        }
        assert_eq!(school.policy.version, 1, "{rule:?} with uniqueness {uniqueness}");
        for _ in 0..needed {
            school.hear(&world.say(&mut dice), uniqueness);
        }
        assert!(school.policy.version > 1, "{rule:?} with uniqueness {uniqueness}");
    }
}

#[test]
fn what_a_learner_saves_it_remembers() {
    for rule in [Rule::Evidence, Rule::Seed] {
        let (mut school, mut dice) = (School::new(rule), Dice::new(11));
        let world = HeadWorld::null().with_skill(&[(HeadName::Trend, 0.7)]);
        for _ in 0..300 {
            school.hear(&world.say(&mut dice), 0.7);
        }
        let saved = school.learner.save();
        let mut again = School::new(rule);
        assert!(again.learner.load(&saved));
        assert_eq!(again.learner.save(), saved);
        assert!(!again.learner.load(&saved[..saved.len() / 2]));
    }
}
