//! Models in the loop: whose vote is heard, what is compared, who is put in charge, and what survives a rest.
#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

mod theatre;

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::{
    Bar, Chances, Command, Event, HeadName, MODEL_COUNT, MemberRecord, Model, ModelKind, ModelNews,
    ModelRecord, Opinion, Rows, Seat, Side, Stage, Timestamp, Trained, Trigger, View, draw,
};
use engine::{Engine, Settings, SnapshotError};
use evolve::{Mode, ModelRules};
use scenarios::Market;
use theatre::{START, Theatre, eager, events, instrument};

/// Says the same of everything.
struct Always(Chances);

impl Model for Always {
    fn predict(&self, _: &View<'_>) -> Option<Opinion> {
        Some(Opinion { chances: Some(self.0), members: [Some(self.0); MODEL_COUNT] })
    }
}

/// Has been told the future: it knows a window by its last two closes, and which side would win from there.
struct Told {
    sides: BTreeMap<(u32, u32), Side>,
    is_liar: bool,
}

impl Told {
    fn of(series: &[Vec<Bar>], is_liar: bool) -> Told {
        const AHEAD: usize = 12;
        let mut sides = BTreeMap::new();
        for bars in series {
            for at in 1..bars.len().saturating_sub(AHEAD) {
                let key = [at - 1, at].map(|at| (bars[at].close() as f32).to_bits());
                let rises = bars[at + AHEAD].close() > bars[at].close();
                sides.insert((key[0], key[1]), if rises { Side::Long } else { Side::Short });
            }
        }
        Told { sides, is_liar }
    }
}

impl Model for Told {
    fn predict(&self, view: &View<'_>) -> Option<Opinion> {
        let [.., before, last] = view.window else { return None };
        let side = *self.sides.get(&(before.to_bits(), last.to_bits()))?;
        let side = if self.is_liar { side.opposite() } else { side };
        let (long, short) = if side == Side::Long { (0.6, 0.3) } else { (0.3, 0.6) };
        let chances = Chances { long, short };
        Some(Opinion { chances: Some(chances), members: [Some(chances); MODEL_COUNT] })
    }
}

fn record(version: u64, at: Timestamp) -> ModelRecord {
    ModelRecord {
        version,
        name: ModelRecord::name_of(at, Trigger::Person),
        training: version,
        asked_at: at,
        trigger: Trigger::Person,
        rows: Rows::default(),
        members: vec![MemberRecord {
            kind: ModelKind::Xgboost,
            fitted_at: at,
            hash: "tree".to_owned(),
            weight: 1.0,
            figures: Vec::new(),
            parameters: Vec::new(),
            contributions: Vec::new(),
        }],
        figures: Vec::new(),
        calibration: Vec::new(),
        hash: format!("model {version}"),
    }
}

fn trained(version: u64, at: Timestamp, model: Arc<dyn Model>) -> Event {
    let record = record(version, at);
    Event::Model(ModelNews::Trained(Box::new(Trained { record, at, model: Some(model) })))
}

fn long() -> Arc<dyn Model> {
    Arc::new(Always(Chances { long: 0.6, short: 0.4 }))
}

fn hour(nth: usize) -> Timestamp {
    START.plus_ms(nth as i64 * 3_600_000)
}

fn walk(seed: u64, count: usize) -> Vec<Vec<Bar>> {
    let market = Market::Walk { volatility: 0.008 };
    vec![scenarios::bars(seed, market, domain::Interval::HOUR, START, count)]
}

fn settings() -> Settings {
    let mut settings = Settings { explore_fraction: 0.0, ..eager() };
    settings.gates.regime_entries_max = 1_000;
    settings.models = ModelRules { kinds: ModelKind::ALL.to_vec(), ..ModelRules::default() };
    settings
}

/// Plays a market with events of models at some of its moments.
fn play(theatre: &mut Theatre, market: &[Event], others: &[(usize, Event)]) {
    for (nth, event) in market.iter().enumerate() {
        for (_, other) in others.iter().filter(|(at, _)| *at == nth) {
            theatre.play(other);
        }
        theatre.play(event);
    }
}

#[test]
fn a_challenger_is_compared_and_not_heard_until_it_is_put_in_charge() {
    let market = events(&walk(3, 600));
    let mut settings = settings();
    settings.models.canary_share = 0.0;
    settings.models.auto_deploy = false;
    let mut theatre = Theatre::new(settings, 1);
    let promote = Event::Command(Command::Promote { version: 1, at: hour(400) });
    play(&mut theatre, &market, &[(200, trained(1, hour(200), long())), (400, promote)]);
    let heard = |from: usize, to: usize| {
        let inside = theatre.told.decisions.iter();
        inside.filter(move |one| one.decided_at > hour(from) && one.decided_at <= hour(to))
    };
    assert!(heard(0, 200).count() > 100 && heard(200, 400).count() > 100);
    for decision in heard(0, 200) {
        assert_eq!(decision.basis.modelled, domain::Modelled::NONE);
    }
    for decision in heard(200, 400) {
        let modelled = &decision.basis.modelled;
        assert_eq!(modelled.seated, [0, 1, 0], "the newest version sits beside no champion");
        assert_eq!((decision.model_version, modelled.version), (0, 0));
        assert_eq!(decision.signal.votes.get(HeadName::Models), None, "it is not heard");
        let said = if decision.signal.side == Side::Long { 0.6 } else { 0.4 };
        assert!((modelled.ensemble().unwrap() - said).abs() < 1e-6);
    }
    let differs = |from, to| {
        heard(from, to).filter(|one| {
            let [champion, challenger, _] = one.basis.modelled.stakes;
            champion != challenger
        })
    };
    assert!(differs(200, 400).count() > 0, "a vote more must change some stake");
    let other = heard(200, 400).filter(|one| {
        one.basis.modelled.stakes[Seat::Challenger.at()] == domain::Modelled::OTHER_SIDE
    });
    let mut turned = 0;
    for one in other {
        turned += 1;
        assert_eq!(one.signal.side, Side::Short, "a vote for long turns only what goes short");
    }
    assert!(turned > 0, "a vote more must turn some signal");
    let mut votes = 0;
    for decision in heard(400, 600) {
        assert_eq!(decision.basis.modelled.seated[Seat::Champion.at()], 1);
        if let Some(vote) = decision.signal.votes.get(HeadName::Models) {
            votes += 1;
            assert_eq!(vote.side, Side::Long);
        }
        assert_eq!(decision.model_version, 1);
    }
    assert!(votes > 100, "{votes}");
    let last = theatre.told.rulings.last().unwrap();
    assert_eq!((last.version, last.to, last.by_person), (1, Stage::Champion, true));
}

#[test]
fn one_order_takes_a_champion_back_and_what_is_heard_again_is_as_before() {
    let market = events(&walk(4, 500));
    let at = |nth| Event::Command(Command::Promote { version: 1, at: hour(nth) });
    let back = Event::Command(Command::RollBack { at: hour(350) });
    let mut theatre = Theatre::new(settings(), 1);
    play(
        &mut theatre,
        &market,
        &[(200, trained(1, hour(200), long())), (250, at(250)), (350, back)],
    );
    assert_eq!(theatre.engine.seated(Seat::Champion), 0);
    let after = theatre.told.decisions.iter().filter(|one| one.decided_at > hour(350));
    assert!(after.clone().count() > 20);
    assert!(after.clone().all(|one| one.model_version == 0));
    assert!(theatre.engine.models_in_use().count() == 0, "what sits nowhere is let go");
    let again = Event::Command(Command::RollBack { at: hour(500) });
    theatre.play(&again);
    assert_eq!(theatre.told.declined.len(), 1, "there is nothing to go back from");
}

#[test]
fn a_version_long_gone_is_put_in_charge_by_its_news_and_an_order() {
    let market = events(&walk(4, 500));
    let promote = |nth| Event::Command(Command::Promote { version: 1, at: hour(nth) });
    let mut theatre = Theatre::new(settings(), 1);
    let before = [
        (200, trained(1, hour(200), long())),
        (250, trained(2, hour(250), long())),
        (300, promote(300)),
    ];
    play(&mut theatre, &market, &before);
    assert_eq!(theatre.told.declined, ["version 1 sits in no seat"]);
    assert_eq!(theatre.engine.models_in_use().count(), 1, "the first is let go");
    theatre.play(&trained(1, hour(500), long()));
    theatre.play(&promote(500));
    assert_eq!(theatre.engine.seated(Seat::Champion), 1);
    let lineage = theatre.engine.lineage();
    assert_eq!((lineage.trials(), lineage.is_watched()), (2, true));
    assert_eq!(theatre.engine.models_in_use().map(|(version, _)| version).collect::<Vec<_>>(), [1]);
}

#[test]
fn evidence_puts_a_model_that_knows_in_charge_and_sends_one_that_lies_away() {
    let series = walk(11, 6_000);
    let market = events(&series);
    let mut settings = settings();
    settings.models.kinds.clear();
    for (is_liar, goal) in [(false, "promote"), (true, "drop")] {
        let mut theatre = Theatre::new(settings.clone(), 1);
        let model = Arc::new(Told::of(&series, is_liar));
        play(&mut theatre, &market, &[(300, trained(1, hour(300), model))]);
        let said: Vec<&str> = theatre.told.rulings.iter().map(|one| one.ruling.as_str()).collect();
        let grounds = theatre.told.rulings.last().and_then(|one| one.grounds.clone());
        eprintln!("liar {is_liar}: {said:?}, last on {grounds:?}");
        assert!(said.contains(&goal), "{goal}: {said:?}");
        let champion = theatre.engine.seated(Seat::Champion);
        assert_eq!(champion, u64::from(!is_liar));
    }
}

#[test]
fn a_canary_is_heard_on_its_share_of_decisions_by_their_own_draw() {
    let series = walk(11, 6_000);
    let settings = settings();
    let mut theatre = Theatre::new(settings.clone(), 1);
    let model = Arc::new(Told::of(&series, false));
    play(&mut theatre, &events(&series), &[(300, trained(1, hour(300), model))]);
    let mut shares: Vec<(Timestamp, f64)> =
        theatre.told.rulings.iter().map(|one| (one.at, one.share)).collect();
    assert!(shares.iter().any(|(_, share)| *share > 0.0 && *share < 1.0), "{shares:?}");
    shares.insert(0, (START, 0.0));
    let (mut heard, mut expected) = (0_u32, 0.0);
    for decision in &theatre.told.decisions {
        let modelled = &decision.basis.modelled;
        let standing = shares.iter().rev().find(|(at, _)| *at <= decision.decided_at);
        let share = standing.map_or(0.0, |(_, share)| *share);
        if modelled.seated != [0, 1, 0] || modelled.ensemble().is_none() || share == 0.0 {
            continue;
        }
        let is_heard = modelled.version == 1;
        assert_eq!(is_heard, draw(settings.seed, decision.id, 5) < share, "{decision:?}");
        heard += u32::from(is_heard);
        expected += share;
    }
    assert!(
        expected > 20.0 && f64::from(heard) > 0.5 * expected && f64::from(heard) < 1.5 * expected
    );
}

#[test]
fn trainings_are_asked_for_once_enough_is_known_one_at_a_time_and_every_day() {
    let market = events(&walk(5, 1_200));
    let mut theatre = Theatre::new(settings(), 1);
    for event in &market {
        theatre.play(event);
        let Event::Bars { closed_at, .. } = event else { continue };
        if let Some(training) = theatre.engine.training().cloned()
            && training.ready_at <= *closed_at
        {
            let record =
                ModelRecord { training: training.no, ..record(training.no, training.asked_at) };
            let members =
                ModelKind::ALL.map(|kind| MemberRecord { kind, ..record.members[0].clone() });
            let record = ModelRecord { members: members.to_vec(), ..record };
            let trained = Trained { record, at: *closed_at, model: Some(long()) };
            theatre.play(&Event::Model(ModelNews::Trained(Box::new(trained))));
        }
    }
    let trainings = &theatre.told.trainings;
    assert!(trainings.len() >= 20, "{}", trainings.len());
    for (nth, training) in trainings.iter().enumerate() {
        assert_eq!(training.no, nth as u64 + 1);
        assert_eq!(training.ready_at.ms_since(training.asked_at), 15 * 60_000);
        assert_eq!(training.asked_at.ms_since(training.since), 60 * 86_400_000);
    }
    let known = theatre.told.outcomes.iter().filter(|one| one.closed_at <= trainings[0].asked_at);
    assert!(known.count() >= 200);
    for pair in trainings.windows(2) {
        assert!(pair[1].asked_at > pair[0].ready_at, "one at a time");
    }
    let by = |trigger| trainings.iter().filter(|one| one.trigger() == trigger).count();
    assert!(by(Trigger::Time) >= 10, "a day after the last: {}", by(Trigger::Time));
}

#[test]
fn told_to_advise_it_plans_and_trains_nothing() {
    let market = events(&walk(5, 900));
    for change in [
        |rules: &mut ModelRules| rules.mode = Mode::Advisory,
        |rules: &mut ModelRules| rules.retraining = false,
        |rules: &mut ModelRules| rules.kinds.clear(),
    ] {
        let mut settings = settings();
        change(&mut settings.models);
        let has_kinds = !settings.models.kinds.is_empty();
        let mut theatre = Theatre::new(settings, 1);
        play(&mut theatre, &market, &[]);
        assert!(theatre.told.trainings.is_empty());
        assert_eq!(theatre.engine.plan(hour(900)).is_empty(), !has_kinds);
    }
}

#[test]
fn a_rest_with_models_in_their_seats_changes_nothing_and_without_them_is_refused() {
    let series = walk(6, 1_500);
    let market = events(&series);
    let models: Vec<Arc<dyn Model>> = vec![Arc::new(Told::of(&series, false)), long()];
    let others = |from: usize| {
        let all = vec![
            (300, trained(1, hour(300), models[0].clone())),
            (500, Event::Command(Command::Promote { version: 1, at: hour(500) })),
            (700, trained(2, hour(700), models[1].clone())),
        ];
        all.into_iter().filter(|(at, _)| *at >= from).collect::<Vec<_>>()
    };
    let mut whole = Theatre::new(settings(), 1);
    play(&mut whole, &market, &others(0));
    for cut in [310, 600, 900] {
        let mut theatre = Theatre::new(settings(), 1);
        play(
            &mut theatre,
            &market[..cut],
            &others(0)[..].to_vec().into_iter().filter(|(at, _)| *at < cut).collect::<Vec<_>>(),
        );
        let saved = theatre.engine.snapshot();
        let restored = || Engine::restore(settings(), vec![instrument("AAA")], &saved).unwrap();
        let mut woken = restored();
        let missing = woken.bring_models(|_, _| None);
        assert!(matches!(missing, Err(SnapshotError::NoModel { .. })), "at {cut}");
        let mut woken = restored();
        woken.bring_models(|version, _| Some(models[version as usize - 1].clone())).unwrap();
        theatre.engine = woken;
        for (nth, event) in market.iter().enumerate().skip(cut) {
            for (_, other) in others(cut).iter().filter(|(at, _)| *at == nth) {
                theatre.play(other);
            }
            theatre.play(event);
        }
        assert!(theatre.told == whole.told, "resting at {cut} changed what happened");
        assert_eq!(theatre.engine.digest(), whole.engine.digest());
    }
}

#[test]
fn a_version_without_its_model_is_declined_in_a_sentence() {
    let mut theatre = Theatre::new(settings(), 1);
    let trained = Trained { record: record(1, START), at: START, model: None };
    theatre.play(&Event::Model(ModelNews::Trained(Box::new(trained))));
    let why = "no samples".to_owned();
    theatre.play(&Event::Model(ModelNews::Failed { training: 1, why, at: START }));
    assert_eq!(theatre.told.declined.len(), 2, "{:?}", theatre.told.declined);
    assert_eq!(theatre.engine.seated(Seat::Challenger), 0);
}

#[test]
fn a_training_ends_whatever_comes_of_it_and_only_what_was_fitted_counts() {
    let market = events(&walk(6, 900));
    let mut settings = settings();
    settings.models.mode = Mode::Enforced;
    let mut theatre = Theatre::new(settings, 1);
    let asked = market.iter().find_map(|event| {
        theatre.play(event);
        theatre.engine.training().cloned()
    });
    let asked = asked.expect("what was never fitted asks for a training");
    let hear = |engine: &Engine, has_model: bool| {
        let saved = engine.snapshot();
        let instruments = vec![instrument("AAA")];
        let mut woken = Engine::restore(engine.settings().clone(), instruments, &saved).unwrap();
        let mut record = ModelRecord { training: asked.no, ..record(1, asked.asked_at) };
        let (left_out, at) = (record.members[0].clone(), asked.ready_at);
        record.members.push(MemberRecord {
            kind: ModelKind::Lightgbm,
            hash: String::new(),
            ..left_out
        });
        let trained = Trained { record, at, model: has_model.then(long) };
        let news = Event::Model(ModelNews::Trained(Box::new(trained)));
        woken.step(&news, &mut domain::Effects::default());
        woken
    };
    let without = hear(&theatre.engine, false);
    assert_eq!(without.training(), None, "nobody waits for what came without its model");
    assert_eq!(without.model_health()[0].fitted_at, None);
    let with = hear(&theatre.engine, true);
    assert_eq!(with.training(), None);
    let fitted = with.model_health().map(|health| health.fitted_at);
    assert_eq!(fitted, [Some(asked.ready_at), None, None, None]);
}
