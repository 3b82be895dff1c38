//! Where orders go: the trait, and the simulated venue.
