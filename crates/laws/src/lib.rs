//! How a market treats an order: what a fill costs, and what a bar does to a stop and a target.
//!
//! One set of laws for shadows, for the simulated venue and for cost estimates, so that what was
//! declined is judged as what was done. Nothing here remembers anything.

mod costs;
mod protection;
mod settle;

pub use costs::{Costs, slippage_bps};
pub use protection::{Levels, Touch, touch, trailed_stop};
pub use settle::{Settled, settle};
