//! Where bars come from: files, and the door they pass.
//!
//! [`read`] turns files and folders into [`Series`]: every row becomes a [`domain::Bar`] or a
//! [`Refusal`] with file, row and reason. [`read_series`] does the same for readings such as funding,
//! [`read_books`] makes bars of recorded order books, [`download`] fetches the exchange's public
//! archive, and [`fill`] adds to a file what it lacks. [`read_numbers`] reads benchmark sets. [`Bars`] then walks several series in time
//! order. What never happens here: reading the clock or sleeping (the caller passes `now` and does the
//! waiting), guessing silently, changing a bar a file holds, or a panic on any input.

mod adjust;
mod archive;
mod arrays;
mod backfill;
mod bars;
mod batches;
mod book;
mod capped;
mod clock;
mod columns;
mod coverage;
mod delimited;
mod door;
mod download;
mod error;
mod feather;
mod files;
mod gaps;
mod grid;
mod header;
mod imbalance;
mod join;
mod json_rows;
mod name;
mod number_table;
mod parquet_in;
mod parquet_out;
mod read;
mod readings;
mod readings_out;
mod refusal;
mod series;
mod sessions;
mod source;
mod stamp;
mod table_out;
mod tables;
mod wanted;

pub use adjust::Adjustment;
pub use backfill::{Filled, fill};
pub use bars::Bars;
pub use book::read_books;
pub use download::{ArchiveMarket, ArchivePart, ArchiveWanted, Content, Fate, Fetched, download};
pub use error::MarketError;
pub use gaps::{MissingBars, gaps};
pub use imbalance::{ImbalanceMeter, Quote};
pub use number_table::{NumberColumn, NumberTable, read_numbers};
pub use parquet_out::write_parquet;
pub use read::{read, read_every_interval};
pub use readings::{SeriesFile, SeriesRead, list_series, read_series};
pub use readings_out::fill_series;
pub use refusal::{BadRow, REFUSALS_KEPT_MAX, Refusal, Refusals};
pub use series::Series;
pub use stamp::moment;
pub use table_out::{Cells, write_table};
pub use wanted::Wanted;
