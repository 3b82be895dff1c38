//! How much should be staked on an edge, and how much when the market is loud?

mod kelly;
mod vol_target;

pub use kelly::{DrawdownLimit, Wager};
pub use vol_target::VolTarget;
