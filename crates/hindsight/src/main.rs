//! The `hindsight` program: reads the command line, does what it says, ends with a sentence and a code.

use std::process::ExitCode;

fn main() -> ExitCode {
    hindsight::cli::run()
}
