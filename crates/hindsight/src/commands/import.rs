//! `import`: history from elsewhere.

use crate::args::{Global, ImportArgs};
use crate::failure::{Failure, usage};

/// x
///
/// # Errors
/// x
pub fn run(_: &Global, _: &ImportArgs) -> Result<(), Failure> {
    Err(usage("x"))
}
