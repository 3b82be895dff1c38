//! Writes down what the engine does: into the store at checkpoints, and into the digest.
//!
//! What was decided, what it came to and what it taught are stored together with the cursor, in one
//! transaction: never lost, never learned twice.

use std::collections::BTreeMap;

use domain::{
    Effects, Fill, Instruction, OrderId, OrderState, PolicyVersion, Position, Timestamp, Trade,
    VenueNews,
};
use store::{
    Batch, CanonicalBytes, CloseColumns, CloseRecord, Cursor, DecisionColumns, EquityColumns,
    HorizonColumns, JOURNAL_TOLD, JournalEntry, OrderRecord, OutcomeColumns, Quarantined, RunNo,
    Seats, Snapshot, Store, StoreError, WhatIfColumns,
};

use super::model_life::{ModelLife, TrainedNews};
use super::schooling::Schooling;

/// Journal entries of these kinds are what a refold reads.
pub(super) const JOURNAL_VENUE: &str = "venue_news";
/// A person's order, with the number of the engine's event it was.
pub(super) const JOURNAL_COMMAND: &str = "command";
/// News of models, with the number of the engine's event it was. The models themselves are in the registry.
pub(super) const JOURNAL_MODEL: &str = "model_news";
const JOURNAL_DATASET: &str = "dataset";

/// News of the venue with the number of the engine's event it was.
pub(super) type NumberedNews = (u64, VenueNews);

/// What has happened since the last checkpoint.
pub struct Recorder {
    store: Store,
    run: RunNo,
    chain: blake3::Hash,
    decisions: DecisionColumns,
    outcomes: OutcomeColumns,
    horizons: HorizonColumns,
    what_ifs: WhatIfColumns,
    equity: EquityColumns,
    closes: CloseColumns,
    orders: BTreeMap<OrderId, OrderRecord>,
    touched: Vec<OrderId>,
    fills: Vec<Fill>,
    trades: Vec<Trade>,
    versions: Vec<PolicyVersion>,
    gaps: Vec<domain::Gap>,
    schooling: Schooling,
    life: ModelLife,
    news: Vec<NumberedNews>,
    journal: Vec<JournalEntry>,
    quarantine: Vec<Quarantined>,
    bytes: [CanonicalBytes; 5],
    close_bytes: CanonicalBytes,
}

/// What the engine and the venue are at a checkpoint.
pub(super) struct Checkpoint<'a> {
    pub(super) events: u64,
    pub(super) at: Timestamp,
    pub(super) positions: &'a [Position],
    pub(super) seats: Seats,
    pub(super) snapshot: Vec<u8>,
}

impl Recorder {
    /// Records into a run that has just begun, on the bars of this hash: a bar on which nothing could be
    /// decided yet still makes it another history.
    pub fn new(store: Store, run: RunNo, data_hash: &str) -> Recorder {
        Recorder {
            store,
            run,
            chain: blake3::hash(data_hash.as_bytes()),
            decisions: DecisionColumns::of_features(forecast::FEATURE_COUNT),
            outcomes: OutcomeColumns::new(),
            horizons: HorizonColumns::new(),
            what_ifs: WhatIfColumns::new(),
            equity: EquityColumns::new(),
            closes: CloseColumns::new(),
            orders: BTreeMap::new(),
            touched: Vec::new(),
            fills: Vec::new(),
            trades: Vec::new(),
            versions: Vec::new(),
            gaps: Vec::new(),
            schooling: Schooling::default(),
            life: ModelLife::default(),
            news: Vec::new(),
            journal: Vec::new(),
            quarantine: Vec::new(),
            bytes: Default::default(),
            close_bytes: CanonicalBytes::default(),
        }
    }

    /// Notes which bars the run is about, and the rows that were left out.
    pub fn note_dataset(&mut self, at: Timestamp, description: &str, left_out: Vec<Quarantined>) {
        let body = description.as_bytes().to_vec();
        self.journal.push(JournalEntry { at, kind: JOURNAL_DATASET.to_owned(), body });
        self.quarantine = left_out;
    }

    /// Takes in what one step led to.
    pub fn record(&mut self, effects: &Effects) {
        let stride = forecast::FEATURE_COUNT;
        let rows = effects.rows.chunks_exact(stride).zip(&effects.rows_present);
        for (decision, (row, present)) in effects.decisions.iter().zip(rows) {
            self.decisions.record(decision, row, *present);
        }
        effects.outcomes.iter().for_each(|outcome| self.outcomes.push(outcome));
        effects.horizons.iter().for_each(|horizon| self.horizons.push(horizon));
        effects.what_ifs.iter().for_each(|what_if| self.what_ifs.push(what_if));
        effects.equity.iter().for_each(|point| self.equity.push(point));
        self.trades.extend_from_slice(&effects.trades);
        self.versions.extend_from_slice(&effects.versions);
        self.gaps.extend_from_slice(&effects.gaps);
        self.schooling.record(effects);
        self.life.record(effects);
    }

    /// Takes in the close of a bar, which windows are made of.
    pub(super) fn close(&mut self, close: &CloseRecord) {
        self.closes.push(close);
    }

    /// Takes in news of models, heard as the engine's event number `event`.
    pub(super) fn hear_of_models(&mut self, event: u64, told: TrainedNews) {
        self.journal.push(told.journal_entry(event));
        self.life.hear(told);
    }

    /// Writes an order down before it leaves.
    pub fn intend(&mut self, instruction: &Instruction) {
        if let Instruction::Place(request) = instruction {
            let order = OrderRecord {
                request: *request,
                state: OrderState::Intent,
                changed_at: request.requested_at,
            };
            self.orders.insert(request.id, order);
            self.touched.push(request.id);
        }
    }

    /// Takes in news of the venue, heard as the engine's event number `event`.
    pub fn hear(&mut self, event: u64, news: &VenueNews) {
        self.news.push((event, *news));
        match news {
            VenueNews::Fill(fill) => self.fills.push(*fill),
            // The journal has it; the position and the trade carry the sum.
            VenueNews::Funding(_) => {}
            VenueNews::Order { id, news, at, .. } => {
                let Some(order) = self.orders.get_mut(id) else { return };
                if let Some(state) = order.state.after(*news) {
                    order.state = state;
                    order.changed_at = *at;
                    self.touched.push(*id);
                }
            }
        }
    }

    /// Stores everything since the last checkpoint, in one transaction. Its bytes are those that
    /// [`Recorder::seal_chain`] made.
    ///
    /// # Errors
    /// What the store could not do; nothing of the checkpoint is stored then.
    pub(super) fn commit(&mut self, checkpoint: &Checkpoint<'_>) -> Result<(), StoreError> {
        self.journal_news(checkpoint.at);
        self.journal_told(checkpoint.at);
        let orders = self.moved_orders();
        let cursor = Cursor { events: checkpoint.events, at: checkpoint.at };
        let snapshot = Snapshot {
            cursor,
            binary_version: env!("CARGO_PKG_VERSION").to_owned(),
            schema: engine::SCHEMA,
            data: checkpoint.snapshot.clone(),
        };
        let [decisions, outcomes, horizons, equity, what_ifs] = &self.bytes;
        let models = self.life.models();
        let batch = Batch {
            cursor,
            decisions,
            outcomes,
            horizons,
            what_ifs,
            equity,
            closes: &self.close_bytes,
            orders: &orders,
            fills: &self.fills,
            trades: &self.trades,
            positions: checkpoint.positions,
            versions: &self.versions,
            jobs: &self.schooling.jobs,
            job_counts: self.schooling.counts(),
            trials: &self.schooling.trials,
            refusals: self.schooling.refusals(),
            models: &models,
            rulings: self.life.rulings(),
            trainings: self.life.trainings(),
            training_ends: self.life.ends(),
            seats: self.life.has_moved().then_some(checkpoint.seats),
            journal: &self.journal,
            gaps: &self.gaps,
            quarantine: &self.quarantine,
            snapshot: Some(&snapshot),
        };
        self.store.commit(self.run, &batch)?;
        self.forget();
        Ok(())
    }

    /// Hash of everything decided and learned up to the last checkpoint.
    pub fn digest(&self) -> String {
        self.chain.to_hex().to_string()
    }

    /// The chain the digest hangs on, to go on from.
    pub(super) fn chain(&self) -> [u8; 32] {
        *self.chain.as_bytes()
    }

    /// Goes on from a chain.
    pub(super) fn go_on_from(&mut self, chain: [u8; 32]) {
        self.chain = blake3::Hash::from_bytes(chain);
    }

    /// Takes up orders that were still on their way when the run was interrupted.
    pub(super) fn take_up(&mut self, orders: Vec<OrderRecord>) {
        let working = orders.into_iter().filter(|order| !order.state.is_final());
        self.orders.extend(working.map(|order| (order.request.id, order)));
    }

    /// The store and the run, when recording is over.
    pub fn into_store(self) -> (Store, RunNo) {
        (self.store, self.run)
    }

    /// Turns columns to bytes and hangs them onto the digest: what is hashed is what is stored.
    pub(super) fn seal_chain(&mut self) {
        let [decisions, outcomes, horizons, equity, what_ifs] = &mut self.bytes;
        self.decisions.to_bytes(decisions);
        self.outcomes.to_bytes(outcomes);
        self.horizons.to_bytes(horizons);
        self.equity.to_bytes(equity);
        self.what_ifs.to_bytes(what_ifs);
        // Closes are the bars' own, and the chain begins at these.
        self.closes.to_bytes(&mut self.close_bytes);
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.chain.as_bytes());
        for bytes in &self.bytes {
            hasher.update(bytes.hash());
        }
        let learned = (&self.versions, &self.fills);
        let learned = postcard::to_stdvec(&learned).expect("versions and fills always serialise");
        hasher.update(&learned);
        hasher.update(&self.life.canonical());
        self.chain = hasher.finalize();
    }

    fn journal_news(&mut self, at: Timestamp) {
        if !self.news.is_empty() {
            let body = postcard::to_stdvec(&self.news).expect("news always serialise");
            self.journal.push(JournalEntry { at, kind: JOURNAL_VENUE.to_owned(), body });
        }
    }

    /// Which moment taught what, so that it can be learned again moment by moment.
    fn journal_told(&mut self, at: Timestamp) {
        if !self.schooling.told.is_empty() {
            let body = postcard::to_stdvec(&self.schooling.told).expect("counts always serialise");
            self.journal.push(JournalEntry { at, kind: JOURNAL_TOLD.to_owned(), body });
        }
    }

    /// Orders that are new or have moved; those that are through are forgotten once told.
    fn moved_orders(&mut self) -> Vec<OrderRecord> {
        self.touched.sort_unstable();
        self.touched.dedup();
        let moved: Vec<OrderRecord> =
            self.touched.drain(..).filter_map(|id| self.orders.get(&id).copied()).collect();
        self.orders.retain(|_, order| !order.state.is_final());
        moved
    }

    fn forget(&mut self) {
        self.decisions.clear();
        self.outcomes.clear();
        self.horizons.clear();
        self.what_ifs.clear();
        self.equity.clear();
        self.closes.clear();
        self.fills.clear();
        self.trades.clear();
        self.versions.clear();
        self.gaps.clear();
        self.schooling.clear();
        self.life.clear();
        self.news.clear();
        self.journal.clear();
        self.quarantine.clear();
    }
}
