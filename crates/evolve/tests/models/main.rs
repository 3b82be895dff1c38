//! The life of models: what the lineage promises in worlds whose truth is known, and how it goes about it.

mod life;
mod proofs;
mod worlds;
