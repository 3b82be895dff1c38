//! A15 and A16 in the loop: what is learned over models' heads, what it changes, who can take it back.
#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

mod theatre;

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::{
    Amendment, Bar, Chances, Change, Command, Event, FastLayer, HeadName, Job, MODEL_COUNT, Model,
    ModelKind, ModelNews, ModelRecord, Opinion, Outcome, Policy, PolicyVersion, Rows, RunBy, Side,
    Timestamp, Trained, Trigger, View,
};
use engine::{Engine, Settings};
use evolve::ModelRules;
use scenarios::{Dice, Market};
use theatre::lessons::lessons;
use theatre::{START, Theatre, Told, eager, events, instrument};

const BARS: usize = 5_000;
const LEARNER: &str = "online_learning";

/// Knows which side would win from a window, by its last two closes, and boasts on both: it says of either far
/// more than it is worth.
struct Boaster(BTreeMap<(u32, u32), Side>);

impl Boaster {
    fn of(bars: &[Bar]) -> Boaster {
        const AHEAD: usize = 12;
        let mut sides = BTreeMap::new();
        for at in 1..bars.len().saturating_sub(AHEAD) {
            let [before, last] = [at - 1, at].map(|at| (bars[at].close() as f32).to_bits());
            let rises = bars[at + AHEAD].close() > bars[at].close();
            sides.insert((before, last), if rises { Side::Long } else { Side::Short });
        }
        Boaster(sides)
    }
}

impl Model for Boaster {
    fn predict(&self, view: &View<'_>) -> Option<Opinion> {
        let [.., before, last] = view.window else { return None };
        let side = *self.0.get(&(before.to_bits(), last.to_bits()))?;
        let (long, short) = if side == Side::Long { (0.95, 0.8) } else { (0.8, 0.95) };
        let chances = Chances { long, short };
        Some(Opinion {
            chances: Some(chances),
            members: [Some(chances), None, None, Some(chances)],
        })
    }
}

/// Its whole is right on average; its members say whatever comes.
struct Noise(f64);

impl Model for Noise {
    fn predict(&self, view: &View<'_>) -> Option<Opinion> {
        let mut dice = Dice::new(u64::from(view.window.last()?.to_bits()));
        let mut any = || Chances { long: dice.uniform(), short: dice.uniform() };
        let members = [(); MODEL_COUNT].map(|()| Some(any()));
        Some(Opinion { chances: Some(Chances { long: self.0, short: self.0 }), members })
    }
}

fn settings() -> Settings {
    let mut settings = Settings { explore_fraction: 0.0, ..eager() };
    settings.gates.regime_entries_max = 1_000;
    settings.models = ModelRules { kinds: Vec::new(), ..ModelRules::default() };
    settings
}

fn walk(seed: u64) -> Vec<Bar> {
    let market = Market::Walk { volatility: 0.008 };
    scenarios::bars(seed, market, domain::Interval::HOUR, START, BARS)
}

/// A model that sits in the champion's seat from the first bars on.
fn seated(settings: Settings, model: Arc<dyn Model>) -> Theatre {
    let mut theatre = Theatre::new(settings, 1);
    let record = ModelRecord {
        version: 1,
        name: ModelRecord::name_of(START, Trigger::Person),
        training: 1,
        asked_at: START,
        trigger: Trigger::Person,
        rows: Rows::default(),
        members: Vec::new(),
        figures: Vec::new(),
        calibration: Vec::new(),
        hash: "model 1".to_owned(),
    };
    let trained = Trained { record, at: START, model: Some(model) };
    theatre.play(&Event::Model(ModelNews::Trained(Box::new(trained))));
    theatre.play(&Event::Command(Command::Promote { version: 1, at: START }));
    theatre
}

fn hour(nth: usize) -> Timestamp {
    START.plus_ms(nth as i64 * 3_600_000)
}

fn order(theatre: &mut Theatre, command: Command) {
    theatre.play(&Event::Command(command));
}

/// Versions in which the learner had a say, with what it said.
fn published(told: &Told) -> Vec<(&PolicyVersion, &Amendment)> {
    let versions = told.versions.iter();
    let said = versions.flat_map(|version| {
        version.reason.amendments().iter().map(move |amendment| (version, amendment))
    });
    said.filter(|(_, amendment)| amendment.learner == LEARNER).collect()
}

/// Squared error of what a layer makes of what models had said, over outcomes.
fn error<'a>(outcomes: impl Iterator<Item = &'a Outcome>, layer: &FastLayer) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0);
    for outcome in outcomes {
        let modelled = &outcome.basis.modelled;
        let Some(ensemble) = modelled.ensemble() else { continue };
        let miss = f64::from(u8::from(outcome.won())) - layer.refined(ensemble, modelled.members());
        (sum, count) = (sum + miss * miss, count + 1.0);
    }
    sum / count
}

#[test]
fn a_model_that_boasts_is_corrected_on_evidence_a_step_at_a_time_and_what_is_expected_changes() {
    let bars = walk(11);
    let market = events(std::slice::from_ref(&bars));
    let model: Arc<dyn Model> = Arc::new(Boaster::of(&bars));
    let theatre = seated(settings(), model.clone()).play_all(&market);
    let published = published(&theatre.told);
    assert!(published.len() >= 2, "{}", published.len());
    let mut stood = FastLayer::default();
    for (version, amendment) in &published {
        let Change::FastLayer(to) = amendment.change else { panic!("{:?}", amendment.change) };
        assert_eq!(version.policy.fast_layer, to, "what is recorded is what stands");
        assert!(amendment.evidence.e_value.unwrap() >= 20.0);
        assert!(amendment.evidence.outcomes_effective >= 50.0);
        assert!(amendment.evidence.says.contains("winners and"), "{}", amendment.evidence.says);
        assert!((to.bias - stood.bias).abs() <= 0.1 + 1e-12 && to.bias.abs() <= 1.0);
        for (to, stood) in to.slopes.iter().zip(stood.slopes) {
            assert!((to - stood).abs() <= 0.05 + 1e-12 && to.abs() <= 0.5);
        }
        assert_eq!(to.slopes[ModelKind::Lightgbm.at()], 0.0, "who says nothing is not weighed");
        stood = to;
    }
    assert!(stood.bias < 0.0, "who boasts is believed less: {stood:?}");
    // The last may come when nothing turns out any more: the first has to be better on all that came after it.
    let (first, layer) = (published[0].0.at, published[0].0.policy.fast_layer);
    let after = || theatre.told.outcomes.iter().filter(|one| one.decided_at >= first);
    let (raw, learned) = (error(after(), &FastLayer::default()), error(after(), &layer));
    let versions: Vec<_> =
        published.iter().map(|one| (one.0.at, one.0.policy.fast_layer)).collect();
    eprintln!("{versions:?}; squared error {raw:.4} to {learned:.4} of {}", after().count());
    assert!(after().count() > 50 && learned < raw, "{learned} {raw}");
    let told = theatre.told.jobs.iter().filter(|job| job.job == Job::OnlineLearning);
    assert!(told.clone().any(|job| job.published.is_some()));
    let unlearned = seated(settings(), model);
    let unlearned = {
        let mut theatre = unlearned;
        let off = Command::Switch { learner: LEARNER.to_owned(), is_on: false, at: START };
        order(&mut theatre, off);
        theatre.play_all(&market)
    };
    assert_eq!(unlearned.engine.policy().fast_layer, FastLayer::default());
    let vote = |theatre: &Theatre| {
        let decisions = theatre.told.decisions.iter();
        let heard = decisions.filter(|one| one.decided_at >= first);
        let votes =
            heard.filter_map(|one| Some((one.decided_at, one.signal.votes.get(HeadName::Models)?)));
        votes.collect::<Vec<_>>()
    };
    assert_ne!(vote(&theatre), vote(&unlearned), "the layer changes how the head votes");
}

#[test]
fn what_was_learned_can_be_tried_dry_taken_back_and_switched_off() {
    let bars = walk(11);
    let market = events(std::slice::from_ref(&bars));
    let mut theatre = seated(settings(), Arc::new(Boaster::of(&bars)));
    let day_one = theatre.engine.policy().clone();
    let mut at = 0;
    // On until it would propose something this very moment, and nobody has asked it yet.
    let would = |theatre: &Theatre| {
        let reports = theatre.engine.learner_reports();
        let report = reports.into_iter().find(|(name, _)| *name == LEARNER).unwrap().1;
        report.layer.is_some_and(|layer| layer.refused.is_none())
    };
    let silence = |theatre: &mut Theatre, is_on, at| {
        order(theatre, Command::Switch { learner: LEARNER.to_owned(), is_on, at });
    };
    silence(&mut theatre, false, START);
    while !would(&theatre) {
        theatre.play(&market[at]);
        at += 1;
    }
    assert_eq!(published(&theatre.told).len(), 0, "who is switched off is not listened to");
    silence(&mut theatre, true, hour(at));
    let before = (theatre.engine.policy().clone(), theatre.engine.learned());
    let run = |is_dry, at| Command::RunJob { job: Job::OnlineLearning, is_dry, at };
    order(&mut theatre, run(true, hour(at)));
    let dry = theatre.told.jobs.last().unwrap().clone();
    assert_eq!((dry.by, dry.published), (RunBy::DryRun, None));
    let says = |part: &str| dry.findings.iter().any(|found| found.says.contains(part));
    assert!(says("would change fast layer") && says("accepted: e = "), "{dry:?}");
    assert_eq!((theatre.engine.policy().clone(), theatre.engine.learned()), before);
    order(&mut theatre, run(false, hour(at)));
    assert_eq!(published(&theatre.told).len(), 1, "asked by hand it does what it said");
    assert_ne!(theatre.engine.policy().fast_layer, FastLayer::default());
    order(&mut theatre, Command::Revert { to: Box::new(day_one), at: hour(at) });
    assert_eq!(theatre.engine.policy().fast_layer, FastLayer::default());
    market[at..at + 24].iter().for_each(|event| theatre.play(event));
    assert_eq!(published(&theatre.told).len(), 1, "what was taken back is not undone at once");
    silence(&mut theatre, false, hour(at + 24));
    let theatre = theatre.play_all(&market[at + 24..]);
    assert_eq!(published(&theatre.told).len(), 1);
    assert_eq!(theatre.engine.policy().fast_layer, FastLayer::default());
}

#[test]
fn a_model_that_knows_nothing_changes_nothing_and_seldom_makes_a_line() {
    let base = |seed: u64| {
        let told = Theatre::new(settings(), 1).play_all(&events(&[walk(seed)])).told;
        let won = told.outcomes.iter().filter(|one| one.won()).count();
        won as f64 / told.outcomes.len() as f64
    };
    for seed in [21, 22, 23] {
        let noise: Arc<dyn Model> = Arc::new(Noise(base(seed)));
        let theatre = seated(settings(), noise).play_all(&events(&[walk(seed)]));
        assert_eq!(published(&theatre.told).len(), 0, "seed {seed}");
        let reports = theatre.engine.learner_reports();
        let report = &reports.iter().find(|(name, _)| *name == LEARNER).unwrap().1;
        assert!(report.heard > 1_000 && report.beliefs[2].starts_with("refused: "), "{report:?}");
        let by_clock =
            |job: Job| theatre.told.jobs.iter().filter(move |one| one.job == job).count();
        let [learning, checks] = [Job::OnlineLearning, Job::TriggerCheck].map(by_clock);
        eprintln!(
            "{BARS} hours told {learning} rows of online learning, {checks} of the trigger check"
        );
        assert!(learning < 40 && checks < 5, "{learning} {checks}");
    }
}

#[test]
fn the_end_of_the_day_tells_how_each_model_stands_and_what_was_learned_of_them() {
    let bars = walk(11);
    let market = events(std::slice::from_ref(&bars));
    let mut with_kinds = settings();
    with_kinds.models.kinds = vec![ModelKind::Xgboost, ModelKind::Patchtst];
    let theatre = seated(with_kinds, Arc::new(Boaster::of(&bars))).play_all(&market[..2_000]);
    let is_evening = |job: &&domain::JobRun| job.job == Job::EndOfDay;
    let evening = theatre.told.jobs.iter().rfind(is_evening).unwrap();
    let of = |name: &str| evening.findings.iter().filter(|one| one.of == name).collect::<Vec<_>>();
    for kind in ModelKind::ALL {
        let lines = of(kind.name());
        let is_on = matches!(kind, ModelKind::Xgboost | ModelKind::Patchtst);
        assert_eq!(lines.len(), usize::from(is_on), "{evening:?}");
        for line in lines {
            assert!(
                line.says.starts_with("won ") && line.says.contains(" effective outcomes ("),
                "{line:?}"
            );
            assert!(line.says.contains("; "), "{line:?}");
        }
    }
    let learned = of(LEARNER);
    assert!(learned[0].says.contains("winners and") && learned[0].says.contains(" in 24 h"));
    assert!(
        learned
            .iter()
            .any(|one| one.says.starts_with("refused: ") || one.says.starts_with("accepted: "))
    );
    let without = Theatre::new(settings(), 1).play_all(&market[..500]);
    let evening = without.told.jobs.iter().rfind(is_evening).unwrap();
    let is_of_models = |one: &domain::Finding| {
        ModelKind::named(&one.of).is_some() || one.says.contains("winners and")
    };
    assert!(!evening.findings.iter().any(is_of_models), "{evening:?}");
}

#[test]
fn from_what_a_run_told_the_same_layer_is_learned_again() {
    let bars = walk(11);
    let market = events(std::slice::from_ref(&bars));
    let theatre = seated(settings(), Arc::new(Boaster::of(&bars))).play_all(&market);
    let lived = theatre.engine.learned();
    let again =
        Engine::relearn(settings(), vec![instrument("AAA")], lessons(&market, &theatre.told));
    assert_ne!(lived.policy.fast_layer, Policy::day_one(settings().gates).fast_layer);
    assert_eq!(again.policy, lived.policy);
    assert!(again.learners == lived.learners, "learners know other things than they did");
}
