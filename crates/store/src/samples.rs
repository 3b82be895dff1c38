//! Learning sets: decisions in their order, each with its row and with what it came to.

use std::collections::BTreeMap;

use domain::{Outcome, RunId, Strikes, Timestamp};
use sqlx::SqliteConnection;

use crate::chunks::{self, CLOSES, DECISIONS, OUTCOMES};
use crate::codes::Cells;
use crate::columns::{CloseRecord, DecisionRecord, Flaw};
use crate::error::Trouble;
use crate::read_chunks::{chunk_name, read_chunk};
use crate::runs::named;
use crate::{RunNo, Store, StoreError};

/// Decisions joined at a time, a chunk more or less: their outcomes are all that is held in memory.
/// Chosen: outcomes take 320 bytes each, and of a run fed bar by bar hundreds of chunks go together.
const JOINED_AT_ONCE: u64 = 1 << 15;

/// Which decisions are learned from.
#[derive(Clone, Copy, Debug)]
pub struct SampleRange<'a> {
    /// Those decided from here on.
    pub since: Timestamp,
    /// Nothing that was decided or became known later.
    pub known_to: Timestamp,
    /// Stretches that a person struck.
    pub struck: &'a Strikes,
}

/// A decision that has turned out.
#[derive(Clone, Copy, Debug)]
pub struct StoredSample<'a> {
    /// What it came to.
    pub outcome: &'a Outcome,
    /// The feature row it was taken on, zero where a feature was absent.
    pub row: &'a [f64],
    /// Which features were present, lowest bit first.
    pub present: u64,
}

/// What became of every decision of a range; together they are all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SampleCounts {
    /// Handed out.
    pub taken: u64,
    /// Had not turned out.
    pub waiting: u64,
    /// Had turned out across missing bars, or were struck.
    pub left_out: u64,
}

/// One symbol's closes, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StoredCloses {
    /// The closes.
    pub values: Vec<f32>,
    /// When each bar closed.
    pub closed_at: Vec<Timestamp>,
    /// For each bar, how many bars in a row end with it.
    pub in_a_row: Vec<u32>,
}

/// Chunks of decisions that are joined together, and the numbers they lie between.
#[derive(Default)]
struct Portion {
    chunks: Vec<i64>,
    rows: u64,
    first_no: u64,
    last_no: u64,
}

impl Store {
    /// Hands every decision of a range that has turned out to `visit`, in the order of decisions, and
    /// counts the others.
    pub fn samples(
        &mut self,
        run: RunNo,
        range: &SampleRange<'_>,
        mut visit: impl FnMut(StoredSample<'_>),
    ) -> Result<SampleCounts, StoreError> {
        self.view("read a learning set", async |connection| {
            let id = named(connection, run).await?;
            let mut counts = SampleCounts::default();
            let portions = portions(connection, run, range).await?;
            for portion in portions.map_err(|flaw| flaw.of(format!("the decisions of run {id}")))? {
                let outcomes = known(connection, run, &id, range, &portion).await?;
                for chunk_no in portion.chunks {
                    let mut join = |record| counts.join(&record, range, &outcomes, &mut visit);
                    let read = read_chunk(connection, &DECISIONS, run, chunk_no, &mut join).await?;
                    read.map_err(|flaw| flaw.of(chunk_name(&DECISIONS, chunk_no, &id.0)))?;
                }
            }
            Ok(counts)
        })
    }

    /// The closes of a run within a stretch, both ends included, by the symbol's place.
    pub fn closes(
        &mut self,
        run: RunNo,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<StoredCloses>, StoreError> {
        self.view("read closes", async |connection| {
            let id = named(connection, run).await?;
            let query = "SELECT chunk_no FROM closes WHERE run_no = $1 AND last_at >= $2 \
                 AND first_at <= $3 ORDER BY chunk_no";
            let query = sqlx::query_scalar(query).bind(run.0).bind(from.ms()).bind(to.ms());
            let chunks: Vec<i64> = query.fetch_all(&mut *connection).await?;
            let (mut closes, mut rises) = (Vec::new(), true);
            let mut take = |close: CloseRecord| {
                if from <= close.closed_at && close.closed_at <= to {
                    rises &= add(&mut closes, &close);
                }
            };
            for chunk_no in chunks {
                let read = read_chunk(connection, &CLOSES, run, chunk_no, &mut take).await?;
                read.map_err(|flaw| flaw.of(chunk_name(&CLOSES, chunk_no, &id.0)))?;
            }
            if !rises {
                let flaw = Flaw::wrong("a bar of it closed before the one before it");
                return Err(flaw.of(format!("the list of closes of run {id}")).into());
            }
            Ok(closes)
        })
    }
}

/// Adds a close to its symbol's; says whether it came after those before.
fn add(closes: &mut Vec<StoredCloses>, close: &CloseRecord) -> bool {
    let place = close.symbol.at();
    if closes.len() <= place {
        closes.resize_with(place + 1, StoredCloses::default);
    }
    let own = &mut closes[place];
    let rises = own.closed_at.last().is_none_or(|last| *last < close.closed_at);
    own.values.push(close.close);
    own.closed_at.push(close.closed_at);
    own.in_a_row.push(close.in_a_row);
    rises
}

impl SampleCounts {
    fn join(
        &mut self,
        record: &DecisionRecord,
        range: &SampleRange<'_>,
        outcomes: &BTreeMap<u64, Outcome>,
        visit: &mut impl FnMut(StoredSample<'_>),
    ) {
        let decided_at = record.decision.decided_at;
        if decided_at < range.since || decided_at > range.known_to {
            return;
        }
        match outcomes.get(&record.decision.no) {
            None => self.waiting += 1,
            Some(outcome) if !outcome.teaches() || range.struck.holds(decided_at) => {
                self.left_out += 1;
            }
            Some(outcome) => {
                self.taken += 1;
                visit(StoredSample { outcome, row: &record.row, present: record.present });
            }
        }
    }
}

async fn portions(
    connection: &mut SqliteConnection,
    run: RunNo,
    range: &SampleRange<'_>,
) -> Result<Result<Vec<Portion>, Flaw>, Trouble> {
    let query = "SELECT chunk_no, row_count, first_no, last_no FROM decisions WHERE run_no = $1 \
         AND last_at >= $2 AND first_at <= $3 ORDER BY chunk_no";
    let query = sqlx::query(query).bind(run.0).bind(range.since.ms()).bind(range.known_to.ms());
    let rows = query.fetch_all(connection).await?;
    let mut portions: Vec<Portion> = Vec::new();
    let added = rows.iter().try_for_each(|row| add_chunk(&mut portions, &Cells(row)));
    Ok(added.map(|()| portions))
}

fn add_chunk(portions: &mut Vec<Portion>, row: &Cells<'_>) -> Result<(), Flaw> {
    let (first_no, last_no) =
        (row.get::<i64>("first_no")? as u64, row.get::<i64>("last_no")? as u64);
    let rows: u64 = row.small("row_count")?;
    if portions.last().is_none_or(|last| last.rows.saturating_add(rows) > JOINED_AT_ONCE) {
        portions.push(Portion { first_no, last_no, ..Portion::default() });
    }
    if let Some(last) = portions.last_mut() {
        last.chunks.push(row.get("chunk_no")?);
        last.rows = last.rows.saturating_add(rows);
        last.first_no = last.first_no.min(first_no);
        last.last_no = last.last_no.max(last_no);
    }
    Ok(())
}

/// The outcomes of a portion's decisions, as far as they are known, by their decision's number. They come
/// in the order in which they ended.
async fn known(
    connection: &mut SqliteConnection,
    run: RunNo,
    id: &RunId,
    range: &SampleRange<'_>,
    portion: &Portion,
) -> Result<BTreeMap<u64, Outcome>, Trouble> {
    let numbers = portion.first_no..=portion.last_no;
    let mut outcomes = BTreeMap::new();
    let mut keep = |outcome: Outcome| {
        if numbers.contains(&outcome.decision_no) && outcome.closed_at <= range.known_to {
            outcomes.insert(outcome.decision_no, outcome);
        }
    };
    for chunk_no in chunks::numbers(connection, &OUTCOMES, run, Some(numbers.clone())).await? {
        let read = read_chunk(connection, &OUTCOMES, run, chunk_no, &mut keep).await?;
        read.map_err(|flaw| flaw.of(chunk_name(&OUTCOMES, chunk_no, &id.0)))?;
    }
    Ok(outcomes)
}
