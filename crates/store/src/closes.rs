//! Closes of a run, by symbol.

use domain::Timestamp;

use crate::chunks::CLOSES;
use crate::columns::{CloseRecord, Flaw};
use crate::read_chunks::{chunk_name, read_chunk};
use crate::runs::named;
use crate::{RunNo, Store, StoreError};

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

impl Store {
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
