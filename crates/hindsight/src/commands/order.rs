//! A person's order to a run that stands in the store.

use anyhow::{Context, anyhow, bail};
use domain::{Command, RunHeader, Timestamp, World};
use engine::Engine;
use store::{Run, RunState, Store};

use super::setup;
use crate::args::Global;
use crate::clock;
use crate::config::Config;
use crate::failure::Failure;
use crate::world::{Answer, Rest, StoredRun, TrainedNews, bring_models_or_silence};

/// A stored run, ready to take orders.
pub(super) struct Stood {
    pub(super) store: Store,
    pub(super) run: Run,
    pub(super) header: RunHeader,
    /// How to get a new model, should one be damaged.
    train: String,
    /// Models that could not be read.
    pub(super) damaged: Vec<String>,
}

/// Whether somebody may be feeding a run that is not finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fed {
    /// It cannot be told.
    Perhaps,
    /// A person says that nobody does.
    ByNobody,
}

/// The run asked for, or else the newest.
pub(super) fn stored(global: &Global, run: Option<&str>, fed: Fed) -> Result<Stood, Failure> {
    let (store, run, header) = setup::stored_run(global, run)?;
    if run.state == RunState::Building && fed == Fed::Perhaps {
        let sentence =
            format!("run {} is not finished: whoever feeds it would not hear the order", run.id);
        return Err(anyhow!(sentence).into());
    }
    let at = setup::at_store(global);
    let train = format!("hindsight{at} models train --models all --run {}", run.id);
    Ok(Stood { store, run, header, train, damaged: Vec::new() })
}

impl Stood {
    /// When an order given now counts as given: the clock of a replay is its bars', as far as it has come.
    pub(super) fn now(&self) -> Timestamp {
        if self.run.world == World::Replay { self.run.cursor.at } else { clock::now() }
    }

    /// Gives the order and keeps what follows; says what the run answered.
    pub(super) fn give(&mut self, order: Command) -> Result<Answer, Failure> {
        let at = self.now();
        let stored = self.at_rest()?;
        Ok(stored.take(&mut self.store, self.run.no, order, at)?)
    }

    /// What the run would answer; nothing is kept.
    pub(super) fn look(&mut self, order: Command) -> Result<Answer, Failure> {
        Ok(self.at_rest()?.look(order)?)
    }

    /// Has the run hear of a training, and keeps what follows; says what the run answered.
    pub(super) fn tell(&mut self, told: &TrainedNews) -> Result<Answer, Failure> {
        let stored = self.at_rest()?;
        Ok(stored.hear_of_models(&mut self.store, self.run.no, told)?)
    }

    /// What the run would answer to it; nothing is kept.
    pub(super) fn look_at(&mut self, told: &TrainedNews) -> Result<Answer, Failure> {
        Ok(self.at_rest()?.look_at(told)?)
    }

    /// The configuration the run was begun with.
    pub(super) fn config(&mut self) -> anyhow::Result<Config> {
        let text = self.store.config(self.run.no)?;
        toml::from_str(&text).context("read the run's configuration")
    }

    /// The engine where the run's newest snapshot left it. A model that cannot be read is told of once.
    pub(super) fn at_rest(&mut self) -> anyhow::Result<StoredRun> {
        let told = self.damaged.len();
        let stored = self.at_rest_untold()?;
        self.damaged.iter().skip(told).for_each(|damage| eprintln!("hindsight: {damage}"));
        Ok(stored)
    }

    /// The same; whoever asks tells what is damaged.
    pub(super) fn at_rest_untold(&mut self) -> anyhow::Result<StoredRun> {
        let config = self.config()?;
        let (run, header) = (&self.run, &self.header);
        let snapshot = self.store.snapshot(run.no)?;
        let snapshot = snapshot.with_context(|| format!("run {} has no snapshot", run.id))?;
        let rest: Rest = postcard::from_bytes(&snapshot.data).context("read the snapshot")?;
        if config.run.seed != header.seed {
            bail!("run {} was stored with another seed than its configuration says", run.id);
        }
        let mut engine =
            Engine::restore(config.settings(), header.instruments.clone(), &rest.engine)?;
        for missing in bring_models_or_silence(&mut engine, &mut self.store)? {
            let damage = format!(
                "{missing}. It says nothing until the store is restored from a backup; a new model: {}",
                self.train
            );
            if !self.damaged.contains(&damage) {
                self.damaged.push(damage);
            }
        }
        Ok(StoredRun::new(engine, rest, snapshot))
    }
}
