//! Replay: history as fast as it can be read, through the same engine as every other world.

use ::models::Listener;
use anyhow::{Context, bail};
use domain::{Effects, Event, Instruction, OrderNews, Seat, Timestamp, Training, VenueNews};
use engine::{Engine, Settings};
use serde::{Deserialize, Serialize};
use store::{CloseRecord, Seats, StoreError};
use venue::{BarDriven, SimulatedVenue, Venue, VenueError};

use super::closes::InARow;
use super::course::{Course, Moment};
use super::recorder::{Checkpoint, Recorder};
use super::training::Trainer;
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
    trainer: Option<Trainer<'a>>,
    in_a_row: InARow,
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
    /// What was counted of windows.
    pub(super) in_a_row: InARow,
}

impl<'a> Replay<'a> {
    /// A replay of a dataset from its first bar.
    pub fn new(dataset: &'a Dataset, settings: Settings, recorder: Recorder) -> Replay<'a> {
        let instruments = dataset.instruments.clone();
        let venue = SimulatedVenue::new(instruments.clone(), settings.costs, settings.seed);
        let trains = !settings.models.kinds.is_empty();
        let trainer = trains.then(|| Trainer::new(instruments.len(), &settings));
        let engine = Engine::new(settings, instruments);
        Replay { trainer, ..Replay::of(engine, venue, recorder, dataset) }
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
            trainer: None,
            in_a_row: InARow::default(),
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

    /// Trains on so many threads; what comes of it is the same with any number.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn with_threads(mut self, threads: Option<u16>) -> anyhow::Result<Replay<'a>> {
        if let Some(trainer) = &mut self.trainer {
            trainer.use_threads(threads)?;
        }
        Ok(self)
    }

    /// Tells how far trainings have come; who listens may end the replay, and what was stored stands.
    pub fn with_listener(mut self, listener: Box<Listener<'a>>) -> Replay<'a> {
        if let Some(trainer) = &mut self.trainer {
            trainer.listen(listener);
        }
        self
    }

    /// Goes on with what an earlier part of this run has learned from and counted.
    pub(super) fn take_up(&mut self, trainer: Option<Trainer<'a>>, in_a_row: InARow) {
        self.trainer = trainer;
        self.in_a_row = in_a_row;
    }

    /// Skips bars that an earlier part of this run has been through.
    pub(super) fn skip(&mut self, bars: u64) {
        while self.bars_done < bars && self.course.next_into(&mut self.moment) {
            self.bars_done += self.moment.bars.len() as u64;
        }
        self.checkpoint_at = (self.bars_done / CHECKPOINT_BARS + 1) * CHECKPOINT_BARS;
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
        self.train_if_ready(moment.closed_at)?;
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
        self.keep_closes(moment);
        self.perform()?;
        if let (Some(twin), Some(tally)) = (&mut self.twin, &mut self.tally) {
            twin.live_through(moment, &mut |effects| tally.record_frozen(effects));
        }
        Ok(())
    }

    /// A training whose result is due is carried out now, and heard before the bars are.
    fn train_if_ready(&mut self, closed_at: Timestamp) -> anyhow::Result<()> {
        let is_ready = |training: &&Training| training.ready_at <= closed_at;
        let training = self.engine.training().filter(is_ready).cloned();
        let (Some(training), Some(trainer)) = (training, &mut self.trainer) else { return Ok(()) };
        let told = trainer.carry_out(&training)?;
        let event = Event::Model(told.news.clone());
        if let Some(narrator) = &mut self.narrator {
            narrator.tell_of_models(&told.news);
        }
        self.recorder.hear_of_models(self.engine.events(), told);
        self.step(&event);
        Ok(())
    }

    /// What windows are made of is stored with everything else, and learned from.
    fn keep_closes(&mut self, moment: &Moment) {
        let gaps = &self.effects.gaps;
        let closes: Vec<CloseRecord> =
            moment.bars.iter().map(|timed| self.in_a_row.count(timed, gaps)).collect();
        closes.iter().for_each(|close| self.recorder.close(close));
        if let Some(trainer) = &mut self.trainer {
            trainer.hear(moment.closed_at, &self.effects, &closes, self.engine.training());
        }
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
            in_a_row: self.in_a_row.clone(),
        };
        let checkpoint = Checkpoint {
            events: self.engine.events(),
            at: self.moment.closed_at,
            positions: self.engine.positions(),
            seats: seats(&self.engine),
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

/// Who sits where.
pub(super) fn seats(engine: &Engine) -> Seats {
    Seats {
        champion: engine.seated(Seat::Champion),
        challenger: engine.seated(Seat::Challenger),
        former: engine.seated(Seat::Former),
        share: engine.lineage().share(),
    }
}

/// The news that a venue refused what was asked of it, if it was an order.
pub(super) fn rejection(instruction: &Instruction) -> Option<VenueNews> {
    let Instruction::Place(request) = instruction else { return None };
    let (id, decision, at) = (request.id, request.decision, request.requested_at);
    Some(VenueNews::Order { id, decision, news: OrderNews::Rejected, at })
}
