//! Synthetic markets with known truth.
