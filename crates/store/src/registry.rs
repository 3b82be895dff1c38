//! The registry of models: every version with what it has seen, its bytes, and who sits where.

use std::collections::BTreeMap;

use domain::{ModelRecord, Stage, Timestamp};
use sqlx::SqliteConnection;

use crate::audit::{self, Chain};
use crate::codes::Cells;
use crate::columns::Flaw;
use crate::error::Trouble;
use crate::rows::{self, Table, Value};
use crate::runs::named;
use crate::seal::{self, seal_hashed, unseal_within};
use crate::tally::Tally;
use crate::{RunNo, Store, StoreError, json, row_seals, rulings};

/// The most bytes of one saved model. Chosen: an ensemble of four is a few megabytes, and what is read
/// has to fit into memory beside everything else.
pub const MODEL_BYTES_MAX: usize = 64 << 20;

/// There is one line of models: the ensemble in the ninth head.
const LINE: &str = "ensemble";

/// A version on its way into the registry.
#[derive(Clone, Copy, Debug)]
pub struct RegisteredModel<'a> {
    /// What it is. Its hash is that of the bytes.
    pub record: &'a ModelRecord,
    /// The saved ensemble.
    pub bytes: &'a [u8],
    /// When it was heard.
    pub at: Timestamp,
}

/// A version as the registry tells it. Its bytes are asked for on their own, by its hash.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredModel {
    /// What it is.
    pub record: ModelRecord,
    /// Where it stands, by the last ruling on it.
    pub stage: Stage,
    /// When it was heard.
    pub entered_at: Timestamp,
}

/// Who sits where: a version in each seat, 0 where it is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Seats {
    /// The version in charge.
    pub champion: u64,
    /// The newest one, which is compared with it.
    pub challenger: u64,
    /// The one that was in charge before, while its successor is watched.
    pub former: u64,
    /// The share of decisions on which the challenger's vote is heard, 0..=1.
    pub share: f64,
}

pub(crate) const MODELS: Table = Table {
    name: "model_versions",
    columns: &[
        "run_no",
        "seq",
        "version",
        "name",
        "training",
        "trigger",
        "asked_at",
        "entered_at",
        "hash",
        "byte_count",
        "record",
    ],
    on_conflict: "",
};

/// What is there already under a hash is the same; should it be damaged, it is whole again.
const BLOBS: Table = Table {
    name: "model_blobs",
    columns: &["hash", "bytes"],
    on_conflict: " ON CONFLICT (hash) DO UPDATE SET bytes = excluded.bytes",
};

const SEATS: Table = Table {
    name: "active_models",
    columns: &["run_no", "line", "version", "challenger", "former", "share"],
    on_conflict: " ON CONFLICT (run_no, line) DO UPDATE SET version = excluded.version, \
                  challenger = excluded.challenger, former = excluded.former, \
                  share = excluded.share",
};

/// Bytes of models, checked and compressed before the transaction begins.
pub(crate) fn sealed(models: &[RegisteredModel<'_>]) -> Result<Vec<Vec<u8>>, StoreError> {
    models.iter().map(seal_one).collect()
}

fn seal_one(model: &RegisteredModel<'_>) -> Result<Vec<u8>, StoreError> {
    let what = || format!("the bytes of model version {}", model.record.version);
    let (count, hash) = (model.bytes.len(), blake3::hash(model.bytes));
    if count > MODEL_BYTES_MAX {
        let why = format!("{count} are more than the {MODEL_BYTES_MAX} of a model");
        return Err(StoreError::Unfit { what: what(), why });
    }
    if hash.to_hex().as_str() != model.record.hash {
        let why = "they have another hash than the record says".to_owned();
        return Err(StoreError::Unfit { what: what(), why });
    }
    seal_hashed(model.bytes, hash.as_bytes()).map_err(|flaw| flaw.unfit(what()))
}

/// Writes versions with their bytes, and adds a link for each.
pub(crate) async fn write(
    connection: &mut SqliteConnection,
    run: RunNo,
    tally: &mut Tally,
    chain: &mut Chain,
    models: &[RegisteredModel<'_>],
    blobs: &[Vec<u8>],
) -> Result<(), Trouble> {
    for (model, blob) in models.iter().zip(blobs) {
        let version = model.record.version;
        if is_stored(connection, run, version).await? {
            let what = format!("model version {version} is there already");
            return Err(StoreError::Overtaken { what }.into());
        }
        let mut values = Vec::new();
        write_model(run, tally.models, model, &mut values)?;
        tally.models += 1;
        row_seals::insert(connection, run, &MODELS, values).await?;
        let blob = vec![Value::Text(model.record.hash.clone()), Value::Bytes(blob.clone())];
        rows::insert(connection, &BLOBS, blob).await?;
        chain.add(run, audit::MODEL_TRAINED, model.at, body(model.record));
    }
    Ok(())
}

/// Moves the pointer. It names only what is there.
pub(crate) async fn seat(
    connection: &mut SqliteConnection,
    run: RunNo,
    seats: &Seats,
) -> Result<(), Trouble> {
    for version in [seats.champion, seats.challenger, seats.former] {
        if version != 0 && !is_stored(connection, run, version).await? {
            let why = format!("there is no model version {version}");
            return Err(StoreError::Unfit { what: "who sits where".to_owned(), why }.into());
        }
    }
    let values = vec![
        Value::Whole(run.0),
        Value::Word(LINE),
        Value::Whole(seats.champion as i64),
        Value::Whole(seats.challenger as i64),
        Value::Whole(seats.former as i64),
        Value::Real(Some(seats.share)),
    ];
    rows::insert(connection, &SEATS, values).await?;
    Ok(())
}

async fn is_stored(
    connection: &mut SqliteConnection,
    run: RunNo,
    version: u64,
) -> Result<bool, Trouble> {
    let query = "SELECT COUNT(*) FROM model_versions WHERE run_no = $1 AND version = $2";
    let found: i64 =
        sqlx::query_scalar(query).bind(run.0).bind(version as i64).fetch_one(connection).await?;
    Ok(found > 0)
}

fn write_model(
    run: RunNo,
    seq: i64,
    model: &RegisteredModel<'_>,
    out: &mut Vec<Value>,
) -> Result<(), StoreError> {
    let record = model.record;
    let text = json::written(record, || format!("model version {}", record.version))?;
    out.extend([
        Value::Whole(run.0),
        Value::Whole(seq),
        Value::Whole(record.version as i64),
        Value::Text(record.name.clone()),
        Value::Whole(record.training as i64),
        Value::Word(record.trigger.name()),
        Value::Whole(record.asked_at.ms()),
        Value::Whole(model.at.ms()),
        Value::Text(record.hash.clone()),
        Value::Whole(model.bytes.len() as i64),
        Value::Text(text),
    ]);
    Ok(())
}

/// What the audit says of a version: enough to know which it is and what it came of.
fn body(record: &ModelRecord) -> String {
    serde_json::json!({
        "version": record.version,
        "name": record.name,
        "training": record.training,
        "trigger": record.trigger.name(),
        "rows": record.rows.count,
        "rows_hash": record.rows.hash,
        "hash": record.hash,
    })
    .to_string()
}

impl Store {
    /// Every model version of a run, oldest first, and where each stands.
    pub fn models(&mut self, run: RunNo) -> Result<Vec<StoredModel>, StoreError> {
        self.view("read its models", async |connection| {
            let id = named(connection, run).await?;
            let damaged = |flaw: Flaw| flaw.of(format!("a model version of run {id}"));
            let stages = rulings::stages(connection, run).await?.map_err(damaged)?;
            let query = "SELECT * FROM model_versions WHERE run_no = $1 ORDER BY seq";
            let rows = sqlx::query(query).bind(run.0).fetch_all(connection).await?;
            let models = rows.iter().map(|row| stored(&Cells(row), &stages));
            Ok(models.collect::<Result<_, Flaw>>().map_err(damaged)?)
        })
    }

    /// The bytes of the model that hashes to `hash`, exactly as they were handed in. One that is damaged
    /// or gone stops nobody from reading the others.
    pub fn model_bytes(&mut self, hash: &str) -> Result<Vec<u8>, StoreError> {
        self.view("read a model", async |connection| {
            let read = read_blob(connection, hash).await?;
            Ok(read.map_err(|flaw| blob_damaged(hash, flaw))?)
        })
    }

    /// Who sits where in a run; nothing where no model ever took a seat.
    pub fn seats(&mut self, run: RunNo) -> Result<Option<Seats>, StoreError> {
        let query = "SELECT * FROM active_models WHERE run_no = $1 AND line = 'ensemble'";
        let seats = self.rows(run, "who sits where", query, None, read_seats)?;
        Ok(seats.into_iter().next())
    }
}

fn stored(row: &Cells<'_>, stages: &BTreeMap<u64, Stage>) -> Result<StoredModel, Flaw> {
    let (record, entered_at) = read_model(row)?;
    let stage = stages.get(&record.version).copied().unwrap_or(Stage::Candidate);
    Ok(StoredModel { record, stage, entered_at })
}

pub(crate) fn read_model(row: &Cells<'_>) -> Result<(ModelRecord, Timestamp), Flaw> {
    let record: ModelRecord = json::read(row.get("record")?)?;
    let is_one = record.version == row.small::<u64>("version")?
        && record.hash == row.get::<&str>("hash")?
        && record.name == row.get::<&str>("name")?;
    if !is_one {
        return Err(Flaw::wrong("its record is another's"));
    }
    Ok((record, row.time("entered_at")?))
}

pub(crate) fn read_seats(row: &Cells<'_>) -> Result<Seats, Flaw> {
    Ok(Seats {
        champion: row.small("version")?,
        challenger: row.small("challenger")?,
        former: row.small("former")?,
        share: row.get("share")?,
    })
}

/// Bytes are what they were only if they hash to what they are kept under.
pub(crate) async fn read_blob(
    connection: &mut SqliteConnection,
    hash: &str,
) -> Result<Result<Vec<u8>, Flaw>, Trouble> {
    let query = "SELECT length(bytes) FROM model_blobs WHERE hash = $1";
    let length: Option<i64> =
        sqlx::query_scalar(query).bind(hash).fetch_optional(&mut *connection).await?;
    let Some(length) = length else { return Ok(Err(Flaw::wrong("its bytes are gone"))) };
    if usize::try_from(length).map_or(true, |length| length > seal::longest(MODEL_BYTES_MAX)) {
        return Ok(Err(Flaw::wrong(format!("{length} bytes are too many for a model"))));
    }
    let query = "SELECT bytes FROM model_blobs WHERE hash = $1";
    let row = sqlx::query(query).bind(hash).fetch_one(connection).await?;
    Ok(opened(&Cells(&row), hash))
}

fn opened(row: &Cells<'_>, hash: &str) -> Result<Vec<u8>, Flaw> {
    let bytes = unseal_within(row.get("bytes")?, MODEL_BYTES_MAX)?;
    if blake3::hash(&bytes).to_hex().as_str() != hash {
        return Err(Flaw::wrong("its bytes are another's"));
    }
    Ok(bytes)
}

/// Says what to do about a model that cannot be read.
pub(crate) fn blob_damaged(hash: &str, flaw: Flaw) -> StoreError {
    let begins: String = hash.chars().take(12).collect();
    let mend = "restore a copy of the store, or go back to another version";
    let flaw = match flaw {
        Flaw::Wrong(why) => Flaw::wrong(format!("{why}; {mend}")),
        Flaw::Earlier => Flaw::Earlier,
    };
    flaw.of(format!("model {begins}"))
}

/// Deletes bytes that no run names any more.
pub(crate) async fn forget_unnamed(connection: &mut SqliteConnection) -> Result<(), Trouble> {
    let statement = "DELETE FROM model_blobs WHERE NOT EXISTS \
         (SELECT 1 FROM model_versions v WHERE v.hash = model_blobs.hash)";
    sqlx::query(statement).execute(connection).await?;
    Ok(())
}
