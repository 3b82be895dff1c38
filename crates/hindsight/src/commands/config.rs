//! `config`: the effective configuration as a file.

use super::setup;
use crate::args::{Global, RuleArgs};
use crate::config::show;
use crate::failure::Failure;

/// Prints it.
///
/// # Errors
/// When the configuration is wrong.
pub fn run(global: &Global) -> Result<(), Failure> {
    let config = setup::config(global, &RuleArgs::default())?;
    if global.json { setup::print_json(&config) } else { setup::print(&show(&config)) }
}
