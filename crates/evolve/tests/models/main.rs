//! The life of models: what the lineage promises in worlds whose truth is known, and how it goes about it.

mod crowd;
mod life;
mod orders;
mod proofs;
mod worlds;
