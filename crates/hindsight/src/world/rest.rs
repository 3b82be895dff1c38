//! From the store back to the engine: by going on from a snapshot, or by folding the journal again.
//!
//! The two ways know different things. Going on trusts the snapshot and simulates the venue;
//! folding trusts only the bars and what the venue had said. That both end where the lived engine
//! ended is the test that nothing was forgotten.

use std::collections::VecDeque;
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use domain::{Command, Effects, Event, Model, ModelNews, Opinion, Strikes, Timestamp, View};
use engine::{Engine, Settings};
use store::{Cursor, RunNo, Store};

use super::Dataset;
use super::course::{Course, Moment};
use super::recorder::{JOURNAL_COMMAND, JOURNAL_MODEL, JOURNAL_VENUE, NumberedNews, Recorder};
use super::replay::{Replay, Rest};
use super::training::{Trainer, brought};

/// A replay that goes on where the newest snapshot of `run` was taken.
///
/// # Errors
/// When there is no snapshot, or it was taken by another program or of other instruments.
pub fn resume<'a>(
    mut store: Store,
    run: RunNo,
    dataset: &'a Dataset,
    settings: Settings,
) -> anyhow::Result<Replay<'a>> {
    let snapshot = store.snapshot(run)?.context("the run has no snapshot yet")?;
    let rest: Rest = postcard::from_bytes(&snapshot.data).context("read the snapshot")?;
    let mut engine = Engine::restore(settings, dataset.instruments.clone(), &rest.engine)?;
    bring_models(&mut engine, &mut store)?;
    let orders = store.orders(run)?;
    let trains = !engine.settings().models.kinds.is_empty();
    let at = snapshot.cursor.at;
    let trainer = trains.then(|| Trainer::of_store(&mut store, run, &engine, at)).transpose()?;
    let mut recorder = Recorder::new(store, run, &dataset.hash());
    recorder.take_up(orders);
    recorder.go_on_from(rest.chain);
    let mut replay = Replay::of(engine, rest.venue, recorder, dataset);
    replay.take_up(trainer, rest.in_a_row);
    replay.skip(rest.bars_done);
    Ok(replay)
}

/// Brings the models that an engine has in use from the registry.
///
/// # Errors
/// When one is not there or damaged: without it the engine would decide otherwise than it did.
fn bring_models(engine: &mut Engine, store: &mut Store) -> anyhow::Result<()> {
    let mut why = None;
    let done = engine.bring_models(|version, hash| match brought(store, version, hash) {
        Ok(line) => Some(line),
        Err(error) => {
            why = Some(error);
            None
        }
    });
    why.map_or(done.map_err(anyhow::Error::from), Err)
}

/// The engine as the journal of `run` makes it again from the bars, up to the cursor.
///
/// # Errors
/// When the journal cannot be read or does not fit the bars.
pub fn refold(
    store: &mut Store,
    run: RunNo,
    cursor: Cursor,
    dataset: &Dataset,
    settings: Settings,
) -> anyhow::Result<Engine> {
    let mut heard = journaled(store, run)?;
    let mut engine = Engine::new(settings, dataset.instruments.clone());
    let (mut course, mut effects) = (Course::of(dataset), Effects::default());
    let mut ahead = VecDeque::new();
    while engine.events() < cursor.events {
        let is_next = heard.front().is_some_and(|(event, _)| *event == engine.events());
        let event = if let Some((_, event)) = heard.pop_front_if(|_| is_next) {
            event
        } else {
            if ahead.is_empty() {
                ahead.extend(next_events(&mut course));
            }
            let Some(event) = ahead.pop_front() else {
                bail!("the journal goes on after the last bar: this is not the run's data");
            };
            event
        };
        engine.step(&loaded(event, store)?, &mut effects);
    }
    ensure!(heard.is_empty(), "the journal holds {} news beyond the cursor", heard.len());
    Ok(engine)
}

/// The same for a run that takes a person's order and decides nothing: what cannot be brought is silent there.
/// Gives a sentence for each.
///
/// # Errors
/// When the engine takes none.
pub(crate) fn bring_models_or_silence(
    engine: &mut Engine,
    store: &mut Store,
) -> anyhow::Result<Vec<String>> {
    let mut missing = Vec::new();
    engine.bring_models(|version, hash| {
        let line = brought(store, version, hash).map(|line| line as Arc<dyn Model>);
        Some(line.unwrap_or_else(|error| {
            missing.push(format!("{error:#}"));
            Arc::new(Silent)
        }))
    })?;
    Ok(missing)
}

/// A model that cannot be read has no opinion.
struct Silent;

impl Model for Silent {
    fn predict(&self, _: &View<'_>) -> Option<Opinion> {
        None
    }
}

/// News of a version with the version itself, which no journal holds.
fn loaded(event: Event, store: &mut Store) -> anyhow::Result<Event> {
    let Event::Model(ModelNews::Trained(mut trained)) = event else { return Ok(event) };
    let record = &trained.record;
    let line: Arc<dyn Model> = brought(store, record.version, &record.hash)?;
    trained.model = Some(line);
    Ok(Event::Model(ModelNews::Trained(trained)))
}

/// Every order that a person gave to a run, with its moment, in order.
///
/// # Errors
/// When the journal cannot be read.
pub fn orders(store: &mut Store, run: RunNo) -> anyhow::Result<Vec<(Timestamp, Command)>> {
    let mut orders = Vec::new();
    for entry in store.journal(run)?.into_iter().filter(|entry| entry.kind == JOURNAL_COMMAND) {
        let (_, event): (u64, Event) =
            postcard::from_bytes(&entry.body).context("read the journal")?;
        if let Event::Command(command) = event {
            orders.push((entry.at, command));
        }
    }
    Ok(orders)
}

/// The stretches that a person has struck in a run and not taken back.
///
/// # Errors
/// When the journal cannot be read.
pub fn strikes(store: &mut Store, run: RunNo) -> anyhow::Result<Strikes> {
    let mut strikes = Strikes::default();
    orders(store, run)?.iter().for_each(|(_, order)| strikes.hear(order));
    Ok(strikes)
}

/// What was struck in a run when a version of its models was heard.
///
/// # Errors
/// When the journal cannot be read.
pub(super) fn strikes_before(
    store: &mut Store,
    run: RunNo,
    version: u64,
) -> anyhow::Result<Strikes> {
    let mut strikes = Strikes::default();
    for (_, event) in journaled(store, run)? {
        match event {
            Event::Command(order) => strikes.hear(&order),
            Event::Model(ModelNews::Trained(told)) if told.record.version == version => break,
            _ => {}
        }
    }
    Ok(strikes)
}

/// What the market brings next, as the events that the engine heard.
fn next_events(course: &mut Course<'_>) -> Vec<Event> {
    let mut moment = Moment::default();
    if !course.next_into(&mut moment) {
        return Vec::new();
    }
    let readings = moment.readings_event();
    let bars = Event::Bars { closed_at: moment.closed_at, bars: moment.bars };
    readings.into_iter().chain([bars]).collect()
}

/// Every event that the venue, a training or a person brought, with its number, in order.
fn journaled(store: &mut Store, run: RunNo) -> anyhow::Result<VecDeque<(u64, Event)>> {
    let mut heard = Vec::new();
    for entry in store.journal(run)? {
        if entry.kind == JOURNAL_VENUE {
            let news: Vec<NumberedNews> =
                postcard::from_bytes(&entry.body).context("read the journal")?;
            heard.extend(news.into_iter().map(|(number, news)| (number, Event::Venue(news))));
        } else if entry.kind == JOURNAL_COMMAND || entry.kind == JOURNAL_MODEL {
            let numbered: (u64, Event) =
                postcard::from_bytes(&entry.body).context("read the journal")?;
            heard.push(numbered);
        }
    }
    // News of the venue are written down many at once, others each on its own.
    heard.sort_by_key(|(number, _)| *number);
    Ok(heard.into())
}
