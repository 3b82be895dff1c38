//! From the command line to the command that does it, and from its end to an exit code.

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::args::{Cli, Command};
use crate::commands;
use crate::failure::Failure;

/// Reads the command line and does what it says.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let done = match &cli.command {
        Command::Demo(args) => commands::demo::run(&cli.global, args),
        Command::Replay(args) => commands::replay::run(&cli.global, args),
        Command::Runs => commands::runs::run(&cli.global),
        Command::Explain { decision, run } => {
            commands::explain::run(&cli.global, decision, run.as_deref())
        }
        Command::Learn(command) => commands::learn::run(&cli.global, command),
        Command::Models(command) => commands::models::run(&cli.global, command),
        Command::Jobs(command) => commands::jobs::run(&cli.global, command),
        Command::Control { what, run, unfed } => {
            commands::control::run(&cli.global, *what, run.as_deref(), *unfed)
        }
        Command::Export(args) => commands::export::run(&cli.global, args),
        Command::Import(args) => commands::import::run(&cli.global, args),
        Command::Db(command) => commands::db::run(&cli.global, command),
        Command::Data(command) => commands::data::run(&cli.global, command),
        Command::Config => commands::config::run(&cli.global),
        Command::Completions { shell } => {
            let mut command = Cli::command();
            clap_complete::generate(*shell, &mut command, "hindsight", &mut std::io::stdout());
            Ok(())
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Job(error)) => said(&error, 1),
        Err(Failure::Usage(error)) => said(&error, 2),
    }
}

/// One sentence, causes in their order, on stderr.
fn said(error: &anyhow::Error, code: u8) -> ExitCode {
    eprintln!("hindsight: {error:#}");
    ExitCode::from(code)
}
