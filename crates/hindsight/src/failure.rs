//! What ends a command early, and with which exit code.

/// What went wrong, sorted by the exit code it ends with.
pub enum Failure {
    /// A check or a job failed: 1.
    Job(anyhow::Error),
    /// Wrong usage or configuration: 2.
    Usage(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Failure {
        Failure::Job(error.into())
    }
}

/// Wrong usage, as a sentence.
pub(crate) fn usage(error: impl std::fmt::Display) -> Failure {
    Failure::Usage(anyhow::anyhow!("{error}"))
}
