//! Where bars come from: files, and the door they pass.
//!
//! [`read`] turns files and folders into [`Series`]: every row becomes a [`domain::Bar`] or a
//! [`Refusal`] with file, row and reason. [`Bars`] then walks several series in time order. What
//! never happens here: reading the clock (the caller passes `now`), guessing silently, or a panic
//! on any input.

mod arrays;
mod bars;
mod capped;
mod clock;
mod columns;
mod delimited;
mod door;
mod error;
mod files;
mod gaps;
mod grid;
mod header;
mod join;
mod name;
mod parquet_in;
mod parquet_out;
mod read;
mod refusal;
mod series;
mod sessions;
mod stamp;
mod table_out;
mod wanted;

pub use bars::Bars;
pub use error::MarketError;
pub use gaps::{MissingBars, gaps};
pub use parquet_out::write_parquet;
pub use read::read;
pub use refusal::{BadRow, REFUSALS_KEPT_MAX, Refusal, Refusals};
pub use series::Series;
pub use table_out::{Cells, write_table};
pub use wanted::Wanted;
