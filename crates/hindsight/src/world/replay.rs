//! Replay: history as fast as it can be read, through the same engine as every other world.

use anyhow::{Context, bail};
use domain::{Effects, Event, Instruction, OrderNews, VenueNews};
use engine::{Engine, Settings};
use serde::{Deserialize, Serialize};
use store::StoreError;
use venue::{BarDriven, SimulatedVenue, Venue, VenueError};

use super::course::{Course, Moment};
use super::recorder::{Checkpoint, Recorder};
use super::twin::FrozenTwin;
use super::{Dataset, Narrator};
use crate::tally::Tally;

/// Bars between checkpoints. A constant and no setting: the digest hangs together at checkpoints.
const CHECKPOINT_BARS: u64 = 16_384;

/// A replay under way.
pub struct Replay<'a> {
    pub(super) engine: Engine,
    pub(super) venue: SimulatedVenue,
    recorder: Recorder,
    tally: Option<Tally>,
    twin: Option<FrozenTwin>,
    narrator: Option<Narrator>,
    course: Course<'a>,
    moment: Moment,
    effects: Effects,
    news: Vec<VenueNews>,
    bars_done: u64,
    checkpoint_at: u64,
}

/// Engine and venue at rest, with the digest so far: what a snapshot of a replay holds.
#[derive(Serialize, Deserialize)]
pub struct Rest {
    /// The engine's snapshot.
    pub engine: Vec<u8>,
    pub(super) venue: SimulatedVenue,
    pub(super) chain: [u8; 32],
    pub(super) bars_done: u64,
    /// What was asked of the venue by an order given while nobody fed the run; it goes out when it goes on.
    pub(crate) asked: Vec<Instruction>,
}

impl<'a> Replay<'a> {
    /// A replay of a dataset from its first bar.
    pub fn new(dataset: &'a Dataset, settings: Settings, recorder: Recorder) -> Replay<'a> {
        let instruments = dataset.instruments.clone();
        let venue = SimulatedVenue::new(instruments.clone(), settings.costs, settings.seed);
        let engine = Engine::new(settings, instruments);
        Replay::of(engine, venue, recorder, dataset)
    }

    pub(super) fn of(
        engine: Engine,
        venue: SimulatedVenue,
        recorder: Recorder,
        dataset: &'a Dataset,
    ) -> Replay<'a> {
        Replay {
            engine,
            venue,
            recorder,
            tally: None,
            twin: None,
            narrator: None,
            course: Course::of(dataset),
            moment: Moment::default(),
            effects: Effects::default(),
            news: Vec::new(),
            bars_done: 0,
            checkpoint_at: CHECKPOINT_BARS,
        }
    }

    /// Counts what happens, for summary and report. A tally that compares gets a frozen twin to compare
    /// with, which lives through the same.
    pub fn with_tally(mut self, tally: Tally) -> Replay<'a> {
        if tally.twin.is_some() {
            let (instruments, settings) = (self.engine.instruments(), self.engine.settings());
            self.twin = Some(FrozenTwin::new(instruments, settings));
        }
        self.tally = Some(tally);
        self
    }

    /// Says as it happens what a person would want to follow.
    pub fn with_narrator(mut self, narrator: Narrator) -> Replay<'a> {
        self.narrator = Some(narrator);
        self
    }

    /// Skips bars that an earlier part of this run has been through.
    pub(super) fn skip(&mut self, bars: u64) {
        while self.bars_done < bars && self.course.next_into(&mut self.moment) {
            self.bars_done += self.moment.bars.len() as u64;
        }
        self.checkpoint_at = (self.bars_done / CHECKPOINT_BARS + 1) * CHECKPOINT_BARS;
    }

    /// Asks of the venue what a person's order has led to since the snapshot.
    pub(super) fn ask(&mut self, asked: Vec<Instruction>) -> anyhow::Result<()> {
        self.effects.instructions = asked;
        self.perform()
    }

    /// Lets the next moment happen; says whether there was one.
    ///
    /// # Errors
    /// When the store cannot keep it.
    pub fn next_moment(&mut self) -> anyhow::Result<bool> {
        let mut moment = std::mem::take(&mut self.moment);
        let is_there = self.course.next_into(&mut moment);
        if is_there {
            self.live_through(&mut moment)?;
        }
        self.moment = moment;
        if is_there && self.bars_done >= self.checkpoint_at {
            self.checkpoint()?;
            self.checkpoint_at += CHECKPOINT_BARS;
        }
        Ok(is_there)
    }

    fn live_through(&mut self, moment: &mut Moment) -> anyhow::Result<()> {
        self.bars_done += moment.bars.len() as u64;
        if let Some(tally) = &mut self.tally {
            tally.bars(&moment.bars);
        }
        if let Some(event) = moment.readings_event() {
            self.venue.settle_funding(&moment.readings, &mut self.news);
            self.hear_venue();
            self.step(&event);
        }
        self.venue.meet(&moment.bars, &mut self.news);
        self.hear_venue();
        moment.with_bars_event(|event| self.step(event));
        self.perform()?;
        if let (Some(twin), Some(tally)) = (&mut self.twin, &mut self.tally) {
            twin.live_through(moment, &mut |effects| tally.record_frozen(effects));
        }
        Ok(())
    }

    /// Stores everything up to now.
    ///
    /// # Errors
    /// When the store cannot keep it.
    pub fn checkpoint(&mut self) -> anyhow::Result<()> {
        self.recorder.seal_chain();
        let rest = Rest {
            engine: self.engine.snapshot(),
            venue: self.venue.clone(),
            chain: self.recorder.chain(),
            bars_done: self.bars_done,
            asked: Vec::new(),
        };
        let checkpoint = Checkpoint {
            events: self.engine.events(),
            at: self.moment.closed_at,
            positions: self.engine.positions(),
            snapshot: postcard::to_stdvec(&rest).context("write down where the replay stands")?,
        };
        match self.recorder.commit(&checkpoint) {
            Err(StoreError::NoRun { .. }) => {
                bail!(
                    "another replay of the same run took its place in the store; run one after the other"
                )
            }
            done => done.context("store a checkpoint"),
        }
    }

    /// Bars that are through.
    pub fn bars_done(&self) -> u64 {
        self.bars_done
    }

    /// The engine, to look at.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// What was counted, if it was.
    pub fn tally(&self) -> Option<&Tally> {
        self.tally.as_ref()
    }

    /// Ends the replay: what was counted, and the recorder with store and digest.
    pub fn end(self) -> (Option<Tally>, Recorder) {
        (self.tally, self.recorder)
    }

    fn step(&mut self, event: &Event) {
        self.engine.step(event, &mut self.effects);
        self.recorder.record(&self.effects);
        if let Some(tally) = &mut self.tally {
            tally.record(&self.effects);
        }
        if let Some(narrator) = &mut self.narrator {
            narrator.tell(&self.effects);
        }
    }

    /// Orders are written down before they leave; what the venue says at once is heard at once.
    fn perform(&mut self) -> anyhow::Result<()> {
        for instruction in std::mem::take(&mut self.effects.instructions) {
            self.recorder.intend(&instruction);
            match self.venue.perform(&instruction, &mut self.news) {
                Ok(()) => {}
                // A clear no is news of the order and no reason to stop.
                Err(VenueError::Refused { .. }) => self.news.extend(rejection(&instruction)),
                Err(error) => return Err(error).context("hand an order to the venue"),
            }
        }
        self.hear_venue();
        Ok(())
    }

    fn hear_venue(&mut self) {
        let mut news = std::mem::take(&mut self.news);
        for heard in news.drain(..) {
            self.recorder.hear(self.engine.events(), &heard);
            self.step(&Event::Venue(heard));
        }
        self.news = news;
    }
}

/// The news that a venue refused what was asked of it, if it was an order.
pub(super) fn rejection(instruction: &Instruction) -> Option<VenueNews> {
    let Instruction::Place(request) = instruction else { return None };
    let (id, decision, at) = (request.id, request.decision, request.requested_at);
    Some(VenueNews::Order { id, decision, news: OrderNews::Rejected, at })
}
