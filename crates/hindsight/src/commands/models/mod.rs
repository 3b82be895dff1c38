//! `models`: the registry and the lineage, the plan, training, deploying, going back; and benchmark sets.

mod bench;

use crate::args::{Global, ModelsCommand};
use crate::failure::{Failure, usage};

/// Does what was asked.
///
/// # Errors
/// When there is no such run or version, or the store cannot be read or written.
pub fn run(global: &Global, command: &ModelsCommand) -> Result<(), Failure> {
    match command {
        ModelsCommand::Bench(command) => bench::run(global, command),
        _ => Err(usage("not there yet")),
    }
}

/// Does work on so many threads; as many as there are processors unless told.
fn on_threads<T: Send>(
    threads: Option<u16>,
    work: impl FnOnce() -> T + Send,
) -> anyhow::Result<T> {
    let mut pool = rayon::ThreadPoolBuilder::new();
    if let Some(threads) = threads {
        pool = pool.num_threads(usize::from(threads));
    }
    Ok(pool.build()?.install(work))
}
