//! The loop: step, shadows, the close cascade, snapshot.
