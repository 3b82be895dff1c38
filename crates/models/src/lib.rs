//! Models that give opinions: fit, predict, save, load.
