//! What can go wrong at a venue, sorted by what we do about it.

/// What to do about a venue's error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Ask the venue what exists before doing anything else.
    Reconcile,
    /// The order does not exist; tell a person.
    TellTheDesk,
    /// We no longer know what we hold: stop opening positions.
    StopTrading,
}

/// What can go wrong at a venue.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum VenueError {
    /// No answer yet. The order may or may not exist.
    #[error("{venue} did not answer within {waited_ms} ms")]
    Unreachable {
        /// Which venue.
        venue: &'static str,
        /// How long we waited.
        waited_ms: u64,
    },
    /// A clear no. The order does not exist.
    #[error("{venue} refused: {reason}")]
    Refused {
        /// Which venue.
        venue: &'static str,
        /// What it said.
        reason: String,
    },
    /// An answer we cannot read. We no longer know what we hold.
    #[error("{venue} answered what cannot be read: {answer}")]
    Garbled {
        /// Which venue.
        venue: &'static str,
        /// What it said.
        answer: String,
    },
}

impl VenueError {
    /// What to do about it.
    pub const fn remedy(&self) -> Remedy {
        match self {
            VenueError::Unreachable { .. } => Remedy::Reconcile,
            VenueError::Refused { .. } => Remedy::TellTheDesk,
            VenueError::Garbled { .. } => Remedy::StopTrading,
        }
    }
}
