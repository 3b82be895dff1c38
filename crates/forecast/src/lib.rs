//! From bar to opinion: features, heads, consensus.
