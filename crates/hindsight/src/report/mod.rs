//! The report: one self-contained page that tells a run.
//!
//! Nothing here computes a result. Figures arrive in a [`Story`]; cards turn them into sentences,
//! tables and columns, and `charts.js` draws the columns.

mod cards;
mod claims;
mod columns;
mod html;
mod models;
mod models_claims;
mod models_columns;
mod numbers;
mod page;
mod schooling;
mod story;
mod studies;

pub(crate) use claims::evidence;
pub use models::*;
pub use page::{page, write_page};
pub use schooling::*;
pub use story::*;
pub use studies::*;
