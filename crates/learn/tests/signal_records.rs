//! A3 on markets whose truth is known: a route that loses in one regime only is closed there and nowhere
//! else, it finds its way back, and components that say the same count as one.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use domain::{
    Basis, Climate, GatePolicy, Leans, Outcome, Policy, PolicyVersion, Regime, Route, Side,
    SymbolIx, Timestamp,
};
use learn::{Governor, House, LearnRules, Learner, Rule, SignalRecords};
use scenarios::{BEGIN, Bets, Dice, HOUR_MS, outcome};

const REGIMES: [Regime; 3] = [Regime::Range, Regime::TrendUp, Regime::HighVolatility];
const BAD: Route = Route { symbol: SymbolIx(1), side: Side::Long, regime: Regime::HighVolatility };

fn house() -> House {
    House { gates: vec!["conviction", "fee", "direction"], ..House::default() }
}

/// A learner and its governor at work, asked every night.
struct School {
    policy: Policy,
    governor: Governor,
    learner: SignalRecords,
    versions: Vec<PolicyVersion>,
    hours: u64,
}

/// Routes of four symbols, all of which break even but perhaps one.
#[derive(Clone, Copy)]
struct World {
    bad: Option<Bets>,
    /// How often each result is heard, at that part of a whole outcome.
    copies: u32,
    /// What each result costs besides, units of initial risk.
    cost_r: f64,
}

const NULL: World = World { bad: None, copies: 1, cost_r: 0.0 };

impl School {
    fn new(rule: Rule) -> School {
        let rules = LearnRules { rule, ..LearnRules::default() };
        School {
            policy: Policy::day_one(GatePolicy::default()),
            governor: Governor::new(rules),
            learner: SignalRecords::new(rules, &house()),
            versions: Vec::new(),
            hours: 0,
        }
    }

    fn now(&self) -> Timestamp {
        BEGIN.plus_ms(self.hours as i64 * HOUR_MS)
    }

    fn hear(&mut self, outcome: &Outcome) {
        self.learner.observe(outcome);
        self.hours += 1;
        if self.hours.is_multiple_of(24) {
            self.ask();
        }
    }

    fn ask(&mut self) {
        let amendments = self.learner.propose(&self.policy, self.now());
        let publication = self.governor.publish(&self.policy, amendments, self.now());
        assert!(publication.refused.is_empty(), "{:?}", publication.refused);
        if let Some(version) = publication.version {
            self.stand(version);
        }
    }

    fn stand(&mut self, version: PolicyVersion) {
        self.learner.adopt(&version);
        self.policy = version.policy.clone();
        self.versions.push(version);
    }

    fn live(&mut self, world: World, dice: &mut Dice, results: u64) {
        for _ in 0..results {
            let route = Route {
                symbol: SymbolIx(dice.below(4) as u16),
                side: if dice.happens(0.5) { Side::Long } else { Side::Short },
                regime: REGIMES[dice.below(3) as usize],
            };
            let bets = world.bad.filter(|_| route == BAD).unwrap_or(Bets::SEED);
            let r = bets.draw(dice) - world.cost_r;
            for _ in 0..world.copies {
                let uniqueness = 1.0 / f64::from(world.copies);
                self.hear(&Outcome { uniqueness, ..on(route, self.hours, r) });
            }
        }
    }

    fn live_on(&mut self, route: Route, bets: Bets, dice: &mut Dice, results: u64) {
        for _ in 0..results {
            // What others bring meanwhile: nothing on average.
            let other = Route { symbol: SymbolIx(dice.below(4) as u16 + 2), ..route };
            self.learner.observe(&on(other, self.hours, Bets::SEED.draw(dice)));
            let r = bets.draw(dice);
            self.hear(&on(route, self.hours, r));
        }
    }
}

fn on(route: Route, hours: u64, r: f64) -> Outcome {
    let neutral = outcome(hours, r);
    let climate = Climate { regime: route.regime, ..neutral.climate };
    Outcome { symbol: route.symbol, side: route.side, climate, ..neutral }
}

#[test]
fn a_route_that_loses_in_one_regime_is_closed_there_and_nowhere_else() {
    const SEEDS: u64 = 20;
    let (mut closed, mut wrongly) = (0, 0);
    for seed in 0..SEEDS {
        let mut school = School::new(Rule::Evidence);
        let world = World { bad: Some(Bets::winning(0.25)), ..NULL };
        school.live(world, &mut Dice::new(seed), 24 * 250);
        closed += u32::from(school.policy.closed_routes.contains(&BAD));
        wrongly += school.policy.closed_routes.iter().filter(|route| **route != BAD).count();
    }
    eprintln!("closed in {closed} of {SEEDS} worlds, {wrongly} others");
    assert!(closed >= 18 && wrongly <= 2, "{closed}, {wrongly}");
}

#[test]
fn where_no_route_loses_at_most_one_world_in_twenty_closes_any() {
    for copies in [1, 5] {
        let world = World { copies, ..NULL };
        let closed = (0..200).filter(|&seed| {
            let mut school = School::new(Rule::Evidence);
            school.live(world, &mut Dice::new(seed), 24 * 100);
            !school.versions.is_empty()
        });
        let closed = closed.count();
        eprintln!("{closed} of 200 null worlds changed anything, each result heard {copies} times");
        assert!(closed <= 10, "{closed}");
    }
}

/// Costs beyond the edge say nothing about a route.
#[test]
fn where_all_routes_lose_their_costs_alike_at_most_one_world_in_twenty_closes_any() {
    let world = World { cost_r: 0.1, ..NULL };
    let closed = (0..200).filter(|&seed| {
        let mut school = School::new(Rule::Evidence);
        school.live(world, &mut Dice::new(seed), 24 * 250);
        !school.versions.is_empty()
    });
    let closed = closed.count();
    eprintln!("{closed} of 200 worlds that lose .1 R each closed anything");
    assert!(closed <= 10, "{closed}");
}

#[test]
fn where_much_loses_a_third_of_a_symbols_routes_is_closed_at_most() {
    let (mut school, mut dice) = (School::new(Rule::Evidence), Dice::new(4));
    for hours in 0..24 * 100 {
        let [good, bad] = [1, 2].map(SymbolIx);
        for (symbol, bets) in [(good, Bets::winning(0.5)), (bad, Bets::winning(0.1))] {
            let regime = REGIMES[dice.below(3) as usize];
            let side = if dice.happens(0.5) { Side::Long } else { Side::Short };
            let r = bets.draw(&mut dice);
            school.learner.observe(&on(Route { symbol, side, regime }, hours, r));
        }
        school.hours = hours;
        school.ask();
    }
    assert_eq!(school.policy.closed_routes.len(), 2, "{:?}", school.policy.closed_routes);
}

#[test]
fn what_several_gates_refused_closes_nothing() {
    let (mut school, mut dice) = (School::new(Rule::Evidence), Dice::new(5));
    for hours in 0..24 * 20 {
        let other = Route { side: Side::Short, ..BAD };
        school.learner.observe(&on(other, hours, Bets::SEED.draw(&mut dice)));
        school.hear(&Outcome { refused: 0b011, ..on(BAD, hours, -1.0) });
    }
    assert!(school.policy.closed_routes.is_empty());
    for hours in 0..24 * 20 {
        school.hear(&Outcome { refused: 0b101, ..on(BAD, hours, -1.0) });
    }
    assert_eq!(school.policy.closed_routes, [BAD], "the gate itself does not count");
}

#[test]
fn nothing_is_closed_on_fewer_than_fifty_effective_outcomes() {
    for copies in [1_u32, 10] {
        let mut school = School::new(Rule::Evidence);
        let uniqueness = 1.0 / f64::from(copies);
        while school.policy.closed_routes.is_empty() {
            let outcome = Outcome { uniqueness, ..on(BAD, school.hours, -1.0) };
            school.learner.observe(&outcome);
            let other = Route { side: Side::Short, ..BAD };
            (0..4).for_each(|_| school.learner.observe(&on(other, school.hours, 0.5)));
            school.hours += 1;
            school.ask();
        }
        let effective = school.hours as f64 * uniqueness;
        // What overlaps is heard in blocks of three, and takes a few more.
        let most = if copies == 1 { 52.0 } else { 66.0 };
        assert!((50.0..most).contains(&(effective + 1e-9)), "{effective}");
        let evidence = &school.versions[0].reason.amendments()[0].evidence;
        assert!(evidence.e_value.unwrap() > 10.0 && evidence.effect.unwrap().mean < -0.9);
        assert!(
            evidence.says.starts_with("symbol 1 long in high_volatility closed"),
            "{evidence:?}"
        );
    }
}

#[test]
fn a_closed_route_opens_when_its_shadows_gain_however_long_they_lost() {
    for days_lost in [10, 100] {
        let (mut school, mut dice) = (School::new(Rule::Evidence), Dice::new(1));
        school.live_on(BAD, Bets::winning(0.2), &mut dice, 24 * days_lost);
        assert_eq!(school.policy.closed_routes, [BAD]);
        school.live_on(BAD, Bets::winning(0.65), &mut dice, 24 * 35);
        assert!(school.policy.closed_routes.is_empty(), "after {days_lost} days");
    }
}

#[test]
fn a_closed_route_opens_after_a_month_without_harm_and_never_while_it_loses() {
    let lives = |win_rate: f64, days: u64| {
        let (mut school, mut dice) = (School::new(Rule::Evidence), Dice::new(2));
        school.live_on(BAD, Bets::winning(0.2), &mut dice, 240);
        assert_eq!(school.policy.closed_routes, [BAD]);
        let closed_at = school.versions.last().unwrap().at;
        school.live_on(BAD, Bets::winning(win_rate), &mut dice, 24 * days);
        let opened = school.versions.iter().find(|version| version.policy.closed_routes.is_empty());
        opened.map(|version| version.at.ms_since(closed_at) / (24 * HOUR_MS))
    };
    assert_eq!(lives(0.2, 120), None);
    let days = lives(0.42, 70).unwrap();
    assert!((30..=70).contains(&days), "{days}");
}

#[test]
fn after_a_revert_a_route_is_closed_by_new_evidence_only() {
    let (mut school, mut dice) = (School::new(Rule::Evidence), Dice::new(1));
    school.live_on(BAD, Bets::winning(0.2), &mut dice, 240);
    assert_eq!(school.policy.closed_routes, [BAD]);
    let day_one = Policy::day_one(GatePolicy::default());
    let version = school.governor.revert(&school.policy, &day_one, school.now());
    school.stand(version);
    school.live_on(BAD, Bets::winning(0.2), &mut dice, 48);
    assert!(school.policy.closed_routes.is_empty());
    school.live_on(BAD, Bets::winning(0.2), &mut dice, 240);
    assert_eq!(school.policy.closed_routes, [BAD]);
}

/// Five components: the second says what the first says, the others are their own.
fn leaning(hours: u64, dice: &mut Dice, repeats: f64) -> Outcome {
    let mut leans = Leans::SILENT;
    let first = dice.normal();
    let own = (1.0 - repeats * repeats).sqrt();
    leans.set(0, Some(first / 4.0));
    leans.set(1, Some((repeats * first + own * dice.normal()) / 4.0));
    (2..5).for_each(|at| leans.set(at, Some(dice.normal() / 4.0)));
    let neutral = outcome(hours, Bets::SEED.draw(dice));
    Outcome { basis: Basis { leans, ..neutral.basis }, ..neutral }
}

#[test]
fn two_components_that_say_the_same_count_as_one() {
    let (mut school, mut dice) = (School::new(Rule::Evidence), Dice::new(3));
    for hours in 0..3_000 {
        let outcome = leaning(hours, &mut dice, 0.999);
        school.hear(&outcome);
    }
    let discounts = school.policy.component_discounts;
    assert!(
        (0.50..0.56).contains(&discounts[0]) && (0.50..0.56).contains(&discounts[1]),
        "{discounts:?}"
    );
    assert_eq!(discounts[2..], [1.0; 14]);
}

#[test]
fn components_that_share_nothing_are_discounted_in_at_most_one_world_in_twenty() {
    for copies in [1_u32, 10] {
        let discounted = (0..200).filter(|&seed| {
            let (mut school, mut dice) = (School::new(Rule::Evidence), Dice::new(seed));
            for hours in 0..1_000 {
                let uniqueness = 1.0 / f64::from(copies);
                let outcome = Outcome { uniqueness, ..leaning(hours, &mut dice, 0.0) };
                (0..copies).for_each(|_| school.learner.observe(&outcome));
                if hours % 24 == 23 {
                    school.ask();
                }
            }
            school.policy.component_discounts != [1.0; 16]
        });
        let discounted = discounted.count();
        eprintln!("{discounted} of 200 null worlds discounted anything, {copies} copies");
        assert!(discounted <= 10, "{discounted}");
    }
}

#[test]
fn the_seeds_rule_closes_what_lost_on_average_over_fifty_outcomes() {
    let mut school = School::new(Rule::Seed);
    for hours in 0..49 {
        school.learner.observe(&on(BAD, hours, if hours == 0 { -5.0 } else { -0.01 }));
    }
    school.ask();
    assert!(school.policy.closed_routes.is_empty(), "49 outcomes are too few");
    school.learner.observe(&on(BAD, 49, -0.01));
    school.ask();
    assert_eq!(school.policy.closed_routes, [BAD]);
    // One good shadow, and to the letter it is open again.
    school.learner.observe(&on(BAD, 50, 30.0));
    school.ask();
    assert!(school.policy.closed_routes.is_empty());
}

#[test]
fn what_it_remembers_can_be_written_down() {
    let (mut school, mut dice) = (School::new(Rule::Evidence), Dice::new(8));
    school.live_on(BAD, Bets::winning(0.2), &mut dice, 240);
    let outcome = leaning(300, &mut dice, 0.5);
    school.hear(&outcome);
    let mut read = SignalRecords::new(LearnRules::default(), &house());
    assert!(read.load(&school.learner.save()));
    assert_eq!(read, school.learner);
    assert!(!read.load(&[1, 2, 3]));
}

#[test]
fn the_report_names_every_route_with_its_interval_or_what_it_lacks() {
    let (mut school, mut dice) = (School::new(Rule::Evidence), Dice::new(8));
    school.live_on(BAD, Bets::winning(0.2), &mut dice, 240);
    let elsewhere = Route { side: Side::Short, ..BAD };
    school.live_on(elsewhere, Bets::SEED, &mut dice, 7);
    let report = school.learner.report(&school.policy);
    assert!(
        report.beliefs[0].starts_with("symbol 1 long in high_volatility is closed: -"),
        "{report:?}"
    );
    assert_eq!(
        report.starved[0],
        "7 of 50 effective outcomes of symbol 1 short in high_volatility"
    );
}
