//! Bars from record batches, whichever columnar file they come from.

use std::path::Path;
use std::sync::Arc;

use arrow_array::{Array, RecordBatch};
use domain::RawBar;

use crate::arrays::{Numbers, Times};
use crate::capped::ROWS_MAX;
use crate::columns::Columns;
use crate::door::{NO_VOLUME, RawRows, Row, checked_factor};
use crate::{BadRow, MarketError};

/// Which columns of a file make bars, and which of them are decoded. A batch holds the decoded ones
/// in the file's order.
pub(crate) struct Layout {
    columns: Columns,
    roots: Vec<usize>,
}

impl Layout {
    /// Finds a bar's columns among a file's.
    pub(crate) fn of_bars(
        names: &[&str],
        symbol: Option<&str>,
        path: &Path,
    ) -> Result<Layout, MarketError> {
        let columns = Columns::find(names, symbol).map_err(|lacking| {
            MarketError::columns(
                path,
                format!("has no columns for {}: add or rename them", lacking.missing.join(", ")),
            )
        })?;
        let needed = [columns.time, columns.open, columns.high, columns.low, columns.close];
        let more =
            [columns.volume, columns.taker_buy_volume, columns.adj_factor, columns.order_flow];
        let mut roots: Vec<usize> = needed.into_iter().chain(more.into_iter().flatten()).collect();
        roots.sort_unstable();
        roots.dedup();
        Ok(Layout { columns, roots })
    }

    /// The columns to decode, by their place in the file.
    pub(crate) fn roots(&self) -> &[usize] {
        &self.roots
    }

    fn column<'a>(&self, batch: &'a RecordBatch, root: usize) -> Option<&'a dyn Array> {
        let at = self.roots.binary_search(&root).ok()?;
        batch.columns().get(at).map(AsRef::as_ref)
    }

    /// Takes a batch's rows in.
    pub(crate) fn take(
        &self,
        batch: &RecordBatch,
        path: &Arc<Path>,
        found: &mut RawRows,
    ) -> Result<(), MarketError> {
        let bars = self.batch(batch, path)?;
        found.rows.reserve(batch.num_rows());
        for at in 0..batch.num_rows() {
            found.count += 1;
            match bars.row(at) {
                Ok((bar, factor)) => found.rows.push(Row { row: found.count, bar, factor }),
                Err(reason) => found.refusals.refuse(path, found.count, reason),
            }
        }
        // The count in the footer may lie, and a run of equal values packs to almost nothing.
        if found.count > ROWS_MAX {
            return Err(MarketError::too_big(path, format!("has more than {ROWS_MAX} rows")));
        }
        Ok(())
    }

    fn batch<'a>(&self, batch: &'a RecordBatch, path: &Path) -> Result<Batch<'a>, MarketError> {
        let columns = &self.columns;
        let numbers = |root, column| Numbers::of(self.column(batch, root), column, path);
        let maybe = |root: Option<usize>, column| root.map(|at| numbers(at, column)).transpose();
        Ok(Batch {
            times: Times::of(self.column(batch, columns.time), path)?,
            open: numbers(columns.open, "open")?,
            high: numbers(columns.high, "high")?,
            low: numbers(columns.low, "low")?,
            close: numbers(columns.close, "close")?,
            volume: maybe(columns.volume, "volume")?,
            taker: maybe(columns.taker_buy_volume, "taker_buy_volume")?,
            factor: maybe(columns.adj_factor, "adj_factor")?,
            flow: maybe(columns.order_flow, "order_flow")?,
        })
    }
}

struct Batch<'a> {
    times: Times<'a>,
    open: Numbers<'a>,
    high: Numbers<'a>,
    low: Numbers<'a>,
    close: Numbers<'a>,
    volume: Option<Numbers<'a>>,
    taker: Option<Numbers<'a>>,
    factor: Option<Numbers<'a>>,
    flow: Option<Numbers<'a>>,
}

impl Batch<'_> {
    fn row(&self, at: usize) -> Result<(RawBar, f64), BadRow> {
        let told = |column: &Option<Numbers>| column.as_ref().and_then(|told| told.at(at).ok());
        let bar = RawBar {
            opened_at: self.times.at(at)?,
            open: self.open.at(at)?,
            high: self.high.at(at)?,
            low: self.low.at(at)?,
            close: self.close.at(at)?,
            volume: self.volume.as_ref().map_or(Ok(NO_VOLUME), |volume| volume.at(at))?,
            taker_buy_volume: told(&self.taker),
            flow: told(&self.flow),
        };
        let factor = self.factor.as_ref().map_or(Ok(1.0), |factor| factor.at(at))?;
        Ok((bar, checked_factor(factor)?))
    }
}
