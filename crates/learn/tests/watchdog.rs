//! A17: who misbehaves is found, and who is merely unlucky is not.

use domain::{
    Amendment, Change, Evidence, GatePolicy, Outcome, Policy, SilencedBy, StrategyIx, Timestamp,
};
use learn::{Governor, LearnRules, Watchdog, learners};
use scenarios::{Dice, HeadWorld};

const NOW: Timestamp = Timestamp::from_ms(0);

fn proposes(change: Change) -> Amendment {
    Amendment { learner: "planted".to_owned(), change, evidence: Evidence::of(500, 500.0) }
}

/// What a watchdog says after each of these proposals; the policy moves with what is taken.
fn watched(changes: impl IntoIterator<Item = Change>) -> Option<(usize, String)> {
    let governor = Governor::new(LearnRules::default());
    let (mut policy, mut dog) = (Policy::day_one(GatePolicy::default()), Watchdog::default());
    for (at, change) in changes.into_iter().enumerate() {
        let publication = governor.publish(&policy, vec![proposes(change)], NOW);
        dog.hear(&policy, &publication);
        if let Some((learner, SilencedBy::Watchdog(why))) = dog.next(&policy) {
            assert_eq!(learner, "planted");
            return Some((at + 1, why));
        }
        policy = publication.version.map_or(policy, |version| version.policy);
    }
    None
}

#[test]
fn nonsense_is_forgiven_once() {
    let nonsense = || Change::HourFactors(vec![f64::NAN; 24]);
    assert_eq!(watched([nonsense()]), None);
    let (after, why) = watched([nonsense(), nonsense()]).expect("twice is enough");
    assert_eq!(after, 2);
    assert!(why.contains("nonsense"), "{why}");
}

#[test]
fn a_value_that_goes_to_and_fro_freezes_who_moves_it() {
    let to_and_fro =
        (0..40).map(|at| Change::HourFactors(vec![if at % 2 == 0 { 1.15 } else { 1.0 }; 24]));
    let (after, why) = watched(to_and_fro).expect("it gets nowhere");
    assert_eq!(after, 6);
    assert!(why.contains("hour factors"), "{why}");
}

#[test]
fn a_value_that_goes_its_way_freezes_nobody() {
    let onward = (0..40).map(|at| Change::HourFactors(vec![1.0 + 0.15 * f64::from(at); 24]));
    assert_eq!(watched(onward), None);
}

#[test]
fn to_run_against_a_bound_again_and_again_freezes_too_but_not_against_a_pin() {
    let beyond = || (0..80).map(|_| Change::HourFactors(vec![9.0; 24]));
    let (after, why) = watched(beyond()).expect("it never stops asking");
    assert!((50..60).contains(&after), "{after}");
    assert!(why.contains("bounds"), "{why}");

    let governor = Governor::new(LearnRules::default());
    let pin = domain::Pin { value: domain::PinnedValue::HourFactor(0), at: 1.0 };
    let policy = Policy::day_one(GatePolicy::default());
    let policy = governor.pin(&policy, pin, NOW).expect("a value to hold").policy;
    let mut dog = Watchdog::default();
    for _ in 0..80 {
        let asks = vec![proposes(Change::HourFactors(vec![1.5]))];
        dog.hear(&policy, &governor.publish(&policy, asks, NOW));
    }
    assert_eq!(dog.next(&policy), None);
}

#[test]
fn who_is_forgiven_begins_anew() {
    let governor = Governor::new(LearnRules::default());
    let policy = Policy::day_one(GatePolicy::default());
    let mut dog = Watchdog::default();
    let hear = |dog: &mut Watchdog| {
        let asks = vec![proposes(Change::HourFactors(vec![f64::NAN; 24]))];
        dog.hear(&policy, &governor.publish(&policy, asks, NOW));
    };
    hear(&mut dog);
    hear(&mut dog);
    assert!(dog.is_guilty("planted"));
    dog.forgive("planted");
    hear(&mut dog);
    assert!(!dog.is_guilty("planted") && dog.next(&policy).is_none());
}

/// Every learner of the list, on heads that know nothing and bets that earn nothing.
#[test]
fn on_a_market_of_luck_alone_nobody_is_frozen() {
    let rules = LearnRules::default();
    let (world, mut versions) = (HeadWorld::null(), 0);
    for seed in 0..200 {
        let (mut policy, mut dog) = (Policy::day_one(GatePolicy::default()), Watchdog::default());
        let (mut learners, mut dice) =
            (learners(&rules, &policy, &learn::House::default()), Dice::new(seed));
        let governor = Governor::new(rules);
        for hours in 0..1_500 {
            let said = world.say(&mut dice);
            let r = if said.won { 1.0 } else { -1.0 };
            let conviction = dice.uniform();
            let heard = Outcome {
                votes: said.votes,
                side: said.side,
                strategy: StrategyIx(0),
                conviction,
                ..scenarios::outcome(hours, r)
            };
            let mut amendments = Vec::new();
            for learner in &mut learners {
                learner.observe(&heard);
                let is_asked = learner.cycle() == domain::Cycle::EachBar || hours % 12 == 0;
                if is_asked {
                    amendments.append(&mut learner.propose(&policy, heard.closed_at));
                }
            }
            let publication = governor.publish(&policy, amendments, heard.closed_at);
            dog.hear(&policy, &publication);
            if let Some(version) = publication.version {
                learners.iter_mut().for_each(|learner| learner.adopt(&version));
                policy = version.policy;
            }
            assert_eq!(dog.next(&policy), None, "seed {seed}, {hours} hours");
        }
        versions += policy.version;
    }
    assert!(versions > 1_000, "there must be something to watch: {versions} versions");
}
