//! How a market treats an order: what a fill costs, what a bar does to a stop and a target, what funding
//! takes, and when a position has to leave.
//!
//! One set of laws for shadows, for the simulated venue and for cost estimates, so that what was
//! declined is judged as what was done. Nothing here remembers anything.

mod costs;
mod funding;
mod leave;
mod protection;
mod settle;
mod trail;

pub use costs::{Costs, slippage_bps};
pub use funding::{funding_paid, funding_rates};
pub use leave::{lead_ms, leaves_at_close, leaves_from, mark_at};
pub use protection::{Levels, Touch, Touched, protection, touch};
pub use settle::{RoundTrip, Settled, settle};
pub use trail::{tightened, trailed_stop};
