//! Memory: runs, decisions, trades, outcomes, policy versions.
