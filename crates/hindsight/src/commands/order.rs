//! A person's order to a run that stands in the store. It goes through the engine like any event: it
//! is journaled, and the state after it is kept, all in one transaction.

use anyhow::{Context, bail};
use domain::{Command, Effects, Event, RunHeader, Timestamp, World};
use engine::Engine;
use store::{Cursor, JournalEntry, Run, Snapshot, Store};

use super::setup;
use crate::args::Global;
use crate::clock;
use crate::config::Config;
use crate::failure::Failure;
use crate::world::{JOURNAL_COMMAND, Rest};

/// A stored run, ready to take orders.
pub(super) struct Stood {
    pub(super) store: Store,
    pub(super) run: Run,
    header: RunHeader,
}

/// The run asked for, or else the newest.
pub(super) fn stored(global: &Global, run: Option<&str>) -> Result<Stood, Failure> {
    let (store, run, header) = setup::stored_run(global, run)?;
    Ok(Stood { store, run, header })
}

impl Stood {
    /// When an order given now counts as given: the clock of a replay is its bars', as far as it has come.
    pub(super) fn now(&self) -> Timestamp {
        if self.run.world == World::Replay { self.run.cursor.at } else { clock::now() }
    }

    /// Gives the order; says what the engine made of it.
    pub(super) fn give(&mut self, order: Command) -> Result<Effects, Failure> {
        let at = self.now();
        let (mut engine, mut rest, mut snapshot) = self.standing()?;
        let mut effects = Effects::default();
        let numbered = (engine.events(), Event::Command(order));
        engine.step(&numbered.1, &mut effects);
        rest.engine = engine.snapshot();
        // Nobody feeds the venue now: what the order asks of it waits with the snapshot.
        rest.asked.extend_from_slice(&effects.instructions);
        snapshot.cursor = Cursor { events: engine.events(), at };
        snapshot.data = postcard::to_stdvec(&rest).context("write down where the run stands")?;
        let entry = JournalEntry {
            at,
            kind: JOURNAL_COMMAND.to_owned(),
            body: postcard::to_stdvec(&numbered).context("write down the order")?,
        };
        self.store.keep_order(self.run.no, &effects.versions, &entry, Some(&snapshot))?;
        Ok(effects)
    }

    /// The engine where the run's newest snapshot left it.
    fn standing(&mut self) -> anyhow::Result<(Engine, Rest, Snapshot)> {
        let (run, header) = (&self.run, &self.header);
        let snapshot = self.store.snapshot(run.no)?;
        let snapshot = snapshot.with_context(|| format!("run {} has no snapshot", run.id))?;
        let rest: Rest = postcard::from_bytes(&snapshot.data).context("read the snapshot")?;
        let text = self.store.config(run.no)?;
        let config: Config = toml::from_str(&text).context("read the run's configuration")?;
        if config.run.seed != header.seed {
            bail!("run {} was stored with another seed than its configuration says", run.id);
        }
        let engine = Engine::restore(config.settings(), header.instruments.clone(), &rest.engine)?;
        Ok((engine, rest, snapshot))
    }
}
