//! Records made up from a seed, so that a failing test names the seed and nothing else.
#![allow(dead_code, missing_docs, unreachable_pub, clippy::unwrap_used)]

pub mod dice;
pub mod models;

use domain::{
    Calendar, Decision, EquityPoint, Fill, Gap, HorizonOutcome, Instrument, Interval, JobRun,
    Money, Outcome, PolicyVersion, Position, RunHeader, SymbolIx, Timestamp, Trade, Trial,
    WhatIfOutcome, World,
};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use store::{
    Batch, CanonicalBytes, CloseColumns, Cursor, DecisionColumns, EquityColumns, HorizonColumns,
    JobCount, JournalEntry, OrderRecord, OutcomeColumns, Quarantined, Refusal, RegisteredModel,
    RunNo, Snapshot, Store, WhatIfColumns,
};

pub use dice::Dice;
pub use models::MadeModels;

/// As many as the engine has.
pub const FEATURES: usize = 62;

/// Everything a checkpoint can hold.
#[derive(Default)]
pub struct Made {
    pub cursor: Cursor,
    pub decisions: Vec<(Decision, Vec<f64>, u64)>,
    pub outcomes: Vec<Outcome>,
    pub horizons: Vec<HorizonOutcome>,
    pub what_ifs: Vec<WhatIfOutcome>,
    pub equity: Vec<EquityPoint>,
    pub orders: Vec<OrderRecord>,
    pub fills: Vec<Fill>,
    pub trades: Vec<Trade>,
    pub positions: Vec<Position>,
    pub versions: Vec<PolicyVersion>,
    pub journal: Vec<JournalEntry>,
    pub gaps: Vec<Gap>,
    pub quarantine: Vec<Quarantined>,
    pub snapshot: Option<Snapshot>,
    pub jobs: Vec<JobRun>,
    pub job_counts: Vec<JobCount>,
    pub trials: Vec<Trial>,
    pub refusals: Vec<Refusal>,
    pub of_models: MadeModels,
    bytes: [CanonicalBytes; 6],
}

/// Checkpoint `no` of a run, with `rows` of everything.
pub fn made(seed: u64, no: u64, rows: u64) -> Made {
    let mut dice = Dice(seed ^ (no << 32));
    let cursor = Cursor { events: (no + 1) * 1_000, at: Timestamp::from_ms(no as i64 * 7) };
    let numbers = no * rows..(no + 1) * rows;
    let mut made = Made { cursor, ..Made::default() };
    for n in numbers {
        let row = dice.row(FEATURES);
        made.decisions.push((dice.decision(n), row, dice.word() >> 44));
        made.outcomes.push(dice.outcome(n));
        made.horizons.push(dice.horizon(n));
        made.what_ifs.push(dice.what_if(n));
        made.equity.push(dice.point(n));
        let decision = made.decisions[0].0.id;
        made.orders.push(dice.order(decision));
        made.fills.push(dice.fill(decision));
        made.trades.push(dice.trade(n));
        made.positions.push(dice.position(n));
    }
    made.versions = vec![dice.version(no * 2 + 1), dice.version(no * 2 + 2)];
    made.jobs = vec![dice.job(no)];
    made.job_counts = made.jobs.iter().map(JobCount::of).collect();
    made.trials = vec![dice.trial(no), dice.trial(no + 1)];
    made.refusals = vec![dice.refusal(no)];
    made.of_models = dice.models(no, rows);
    made.journal = vec![entry("dataset", &dice.word().to_le_bytes()), entry("venue", b"")];
    let symbol = SymbolIx(no as u16);
    let (from, to) = (Timestamp::from_ms(1), Timestamp::from_ms(2));
    made.gaps = vec![Gap { symbol, from, to, bars_missing: 9 }];
    let reason = "high 1 lies below low 2".to_owned();
    made.quarantine = vec![Quarantined { source: "a.csv".to_owned(), row_no: no + 1, reason }];
    let (binary_version, data) = ("0.1.0".to_owned(), dice.word().to_le_bytes().repeat(99));
    made.snapshot = Some(Snapshot { cursor, binary_version, schema: 4, data });
    made
}

pub fn entry(kind: &str, body: &[u8]) -> JournalEntry {
    JournalEntry { at: Timestamp::from_ms(11), kind: kind.to_owned(), body: body.to_vec() }
}

impl Made {
    pub fn batch(&mut self) -> Batch<'_> {
        let mut decisions = DecisionColumns::of_features(FEATURES);
        for (decision, row, present) in &self.decisions {
            decisions.record(decision, row, *present);
        }
        decisions.to_bytes(&mut self.bytes[0]);
        let mut outcomes = OutcomeColumns::new();
        self.outcomes.iter().for_each(|outcome| outcomes.push(outcome));
        outcomes.to_bytes(&mut self.bytes[1]);
        let mut horizons = HorizonColumns::new();
        self.horizons.iter().for_each(|horizon| horizons.push(horizon));
        horizons.to_bytes(&mut self.bytes[2]);
        let mut what_ifs = WhatIfColumns::new();
        self.what_ifs.iter().for_each(|what_if| what_ifs.push(what_if));
        what_ifs.to_bytes(&mut self.bytes[4]);
        let mut equity = EquityColumns::new();
        self.equity.iter().for_each(|point| equity.push(point));
        equity.to_bytes(&mut self.bytes[3]);
        let mut closes = CloseColumns::new();
        self.of_models.closes.iter().for_each(|close| closes.push(close));
        closes.to_bytes(&mut self.bytes[5]);
        let models = self.of_models.models.iter().map(|(record, bytes)| RegisteredModel {
            record,
            bytes,
            at: self.cursor.at,
        });
        let models: Vec<_> = models.collect();
        Batch {
            cursor: self.cursor,
            decisions: &self.bytes[0],
            outcomes: &self.bytes[1],
            horizons: &self.bytes[2],
            equity: &self.bytes[3],
            what_ifs: &self.bytes[4],
            jobs: &self.jobs,
            job_counts: &self.job_counts,
            trials: &self.trials,
            refusals: &self.refusals,
            orders: &self.orders,
            fills: &self.fills,
            trades: &self.trades,
            positions: &self.positions,
            versions: &self.versions,
            journal: &self.journal,
            gaps: &self.gaps,
            quarantine: &self.quarantine,
            snapshot: self.snapshot.as_ref(),
            closes: &self.bytes[5],
            // A batch borrows it for as long as the test runs.
            models: models.leak(),
            rulings: &self.of_models.rulings,
            trainings: &self.of_models.trainings,
            training_ends: &self.of_models.training_ends,
            seats: self.of_models.seats,
        }
    }
}

pub fn header(world: World, seed: u64) -> RunHeader {
    let instrument = Instrument {
        symbol: "BTCUSDT".to_owned(),
        interval: Interval::HOUR,
        calendar: Calendar::Always,
        tick: Money::new(1, 2),
        step: Money::new(1, 5),
        notional_min: Money::new(5, 0),
        kind: domain::InstrumentKind::Spot,
        margin: domain::Margin::NONE,
        has_volume: true,
    };
    RunHeader {
        id: RunHeader::name(world, "0.1.0", "c0", "d0", seed),
        world,
        binary: "0.1.0".to_owned(),
        config_hash: "c0".to_owned(),
        data_hash: "d0".to_owned(),
        seed,
        rule: "evidence".to_owned(),
        instruments: vec![instrument],
        strategies: vec!["alpha".to_owned(), "ema".to_owned()],
        gates: vec!["conviction".to_owned()],
        features: (0..FEATURES).map(|no| format!("f{no}")).collect(),
        from: Timestamp::from_ms(1_600_000_000_000),
        to: Timestamp::from_ms(1_700_000_000_000),
    }
}

/// A fresh store in a folder that goes when the test ends.
pub fn fresh() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&url(&folder)).unwrap();
    (folder, store)
}

pub fn file(folder: &tempfile::TempDir) -> std::path::PathBuf {
    folder.path().join("deep/er/store.db")
}

pub fn url(folder: &tempfile::TempDir) -> String {
    format!("sqlite://{}", file(folder).display())
}

/// Begins a run and commits `checkpoints` of `rows` rows.
pub fn build(store: &mut Store, header: &RunHeader, checkpoints: u64, rows: u64) -> RunNo {
    let run = store.begin_run(header, "seed = 1", Timestamp::from_ms(1)).unwrap();
    for no in 0..checkpoints {
        store.commit(run, &made(header.seed, no, rows).batch()).unwrap();
    }
    run
}

/// The same, finished.
pub fn finished(store: &mut Store, header: &RunHeader, checkpoints: u64, rows: u64) -> RunNo {
    let run = build(store, header, checkpoints, rows);
    store.finish_run(run, "{\"trades\":3}", "d1gest", Timestamp::from_ms(2)).unwrap();
    run
}

/// Carries out statements on a store's file behind the store's back.
pub fn meddle(path: &std::path::Path, statement: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
        let mut connection = options.connect().await.unwrap();
        let statement = sqlx::AssertSqlSafe(statement.to_owned());
        sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    });
}
