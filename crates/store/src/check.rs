//! Whether everything that was stored is still what was stored.

use domain::{EquityPoint, HorizonOutcome, Outcome, WhatIfOutcome};
use sqlx::{Row, SqliteConnection};

use crate::audit::LearningEvent;
use crate::check_models::check_blobs;
use crate::check_rows::{Rows, check_imports};
use crate::chunks::{self, CLOSES, ChunkTable, DECISIONS, EQUITY, HORIZONS, OUTCOMES, WHAT_IFS};
use crate::columns::{CloseRecord, DecisionRecord, Flaw, Record};
use crate::error::Trouble;
use crate::read_chunks::{chunk_name, read_chunk};
use crate::runs::named;
use crate::seal::unseal;
use crate::tally::Tally;
use crate::{RunNo, Store, StoreError, audit};

/// What a check went through, and what it found.
#[derive(Debug, Default)]
pub struct Checkup {
    /// Runs looked at.
    pub runs: u64,
    /// Chunks, journal entries and snapshots whose bytes are what they were.
    pub sealed: u64,
    /// Rows that can be read and are what was sealed.
    pub rows: u64,
    /// Runs of before rows were sealed: theirs were read and counted, no more.
    pub unsealed: u64,
    /// Links of audit chains that hold.
    pub links: u64,
    /// Runs of an earlier version, which are listed and not looked into.
    pub earlier: u64,
    /// Every damage found, one sentence each; none when all is well.
    pub damages: Vec<String>,
}

impl Store {
    /// Goes through the whole store: pages, checksums, every record, counts and audit chains.
    pub fn check(&mut self) -> Result<Checkup, StoreError> {
        self.view("check itself", async |connection| {
            let mut checkup = Checkup::default();
            check_pages(connection, &mut checkup).await?;
            let runs = "SELECT run_no FROM runs ORDER BY run_no";
            let runs: Vec<i64> = sqlx::query_scalar(runs).fetch_all(&mut *connection).await?;
            for run_no in runs {
                check_run(connection, RunNo(run_no), &mut checkup).await?;
                checkup.runs += 1;
            }
            check_blobs(connection, &mut checkup).await?;
            check_imports(connection, &mut checkup).await?;
            Ok(checkup)
        })
    }
}

async fn check_pages(
    connection: &mut SqliteConnection,
    checkup: &mut Checkup,
) -> Result<(), Trouble> {
    let said: Vec<String> =
        sqlx::query_scalar("PRAGMA quick_check(5)").fetch_all(connection).await?;
    let bad = said.into_iter().filter(|line| line != "ok");
    checkup.damages.extend(bad.map(|line| format!("the file is damaged: {line}")));
    Ok(())
}

async fn check_run(
    connection: &mut SqliteConnection,
    run: RunNo,
    checkup: &mut Checkup,
) -> Result<(), Trouble> {
    let id = match named(connection, run).await {
        Err(Trouble::Known(StoreError::Earlier { .. })) => {
            checkup.earlier += 1;
            return Ok(());
        }
        found => found?.0,
    };
    let tally = Tally::read(connection, run).await?;
    let decisions =
        check_chunks::<DecisionRecord>(connection, &DECISIONS, run, &id, checkup).await?;
    let outcomes = check_chunks::<Outcome>(connection, &OUTCOMES, run, &id, checkup).await?;
    check_chunks::<HorizonOutcome>(connection, &HORIZONS, run, &id, checkup).await?;
    let what_ifs = check_chunks::<WhatIfOutcome>(connection, &WHAT_IFS, run, &id, checkup).await?;
    check_chunks::<EquityPoint>(connection, &EQUITY, run, &id, checkup).await?;
    let closes = check_chunks::<CloseRecord>(connection, &CLOSES, run, &id, checkup).await?;
    check_count(checkup, &id, "decisions", decisions, tally.decisions);
    check_count(checkup, &id, "outcomes", outcomes, tally.outcomes);
    check_count(checkup, &id, "what-ifs", what_ifs, tally.what_ifs);
    check_count(checkup, &id, "closes", closes, tally.closes);
    let entries = "SELECT seq, body FROM journal WHERE run_no = $1";
    let found = check_sealed(connection, entries, "journal entry", run, &id, checkup).await?;
    check_count(checkup, &id, "journal entries", found, tally.journal_entries);
    let snapshots = "SELECT cursor_events, data FROM snapshots WHERE run_no = $1";
    check_sealed(connection, snapshots, "snapshot at event", run, &id, checkup).await?;
    let events = check_chain(connection, run, &tally, checkup).await?;
    Rows { run, id: &id, checkup }.check(connection, &tally, &events).await
}

/// Reads every record of every chunk; returns how many rows the table claims.
async fn check_chunks<R: Record>(
    connection: &mut SqliteConnection,
    table: &ChunkTable,
    run: RunNo,
    id: &str,
    checkup: &mut Checkup,
) -> Result<i64, Trouble> {
    let mut rows = 0;
    for chunk_no in chunks::numbers(connection, table, run, None).await? {
        let mut count = |_: R| rows += 1;
        let read = read_chunk(connection, table, run, chunk_no, &mut count).await?;
        note(checkup, read, || chunk_name(table, chunk_no, id));
    }
    Ok(rows)
}

/// Opens every sealed body that `query` finds beside its number; returns how many there are.
async fn check_sealed(
    connection: &mut SqliteConnection,
    query: &'static str,
    what: &str,
    run: RunNo,
    id: &str,
    checkup: &mut Checkup,
) -> Result<i64, Trouble> {
    let rows = sqlx::query(query).bind(run.0).fetch_all(connection).await?;
    for row in &rows {
        let no: i64 = row.try_get(0)?;
        let body: &[u8] = row.try_get(1)?;
        note(checkup, unseal(body).map(drop), || format!("{what} {no} of run {id}"));
    }
    Ok(rows.len() as i64)
}

fn note(checkup: &mut Checkup, read: Result<(), Flaw>, what: impl Fn() -> String) {
    match read {
        Ok(()) => checkup.sealed += 1,
        Err(flaw) => checkup.damages.push(flaw.of(what()).to_string()),
    }
}

/// A row that vanished leaves no damaged byte behind; only the count tells.
pub(crate) fn check_count(checkup: &mut Checkup, id: &str, what: &str, found: i64, due: i64) {
    if found != due {
        checkup.damages.push(format!("run {id} has {found} {what}, not {due}"));
    }
}

async fn check_chain(
    connection: &mut SqliteConnection,
    run: RunNo,
    tally: &Tally,
    checkup: &mut Checkup,
) -> Result<Vec<LearningEvent>, Trouble> {
    let id = named(connection, run).await?;
    let events = audit::read(connection, run, &id).await?;
    let length = tally.learning_events as u64;
    match audit::broken_link(&events, &id, length, &tally.last_hash) {
        None => checkup.links += length,
        Some(why) => {
            checkup.damages.push(format!("the audit of run {id} is damaged: {why}"));
        }
    }
    Ok(events)
}
