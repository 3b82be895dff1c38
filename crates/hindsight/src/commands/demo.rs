//! `demo`: the bundled real bars through the whole loop.

use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, bail};
use domain::ModelKind;
use evolve::ModelRules;

use super::replay::Play;
use super::{bars, setup};
use crate::args::{BarArgs, DemoArgs, Global};
use crate::config::Config;
use crate::failure::Failure;
use crate::world::Dataset;

/// Bars that ship with the program; `data/PROVENANCE.md` says where they come from.
const BUNDLED: [(&str, &[u8]); 2] = [
    ("BTCUSD-1h.csv.gz", include_bytes!("../../data/BTCUSD-1h.csv.gz")),
    ("EURUSD-1h.csv.gz", include_bytes!("../../data/EURUSD-1h.csv.gz")),
];

/// Says that a folder is the demo's, so that its store may be made afresh.
const MARKER: &str = ".hindsight-demo";

/// What the demo makes in its folder, besides the bars. Nothing else is ever removed.
const MADE: [&str; 4] = ["report.html", "hindsight.db", "hindsight.db-wal", "hindsight.db-shm"];

/// Replays them.
///
/// # Errors
/// When the folder cannot be written to, or holds what is not ours.
pub fn run(global: &Global, args: &DemoArgs) -> Result<(), Failure> {
    let mut config = setup::config(global, &args.rules)?;
    if args.rules.models.is_empty() && config.models.kinds.is_empty() {
        show_models(&mut config);
    }
    afresh(&args.out)?;
    if global.store.is_none() {
        config.store.url = format!("sqlite://{}", args.out.join("hindsight.db").display());
    }
    let files: Vec<_> = BUNDLED.iter().map(|(name, _)| args.out.join("bars").join(name)).collect();
    let series = bars::read(&files, &BarArgs::default(), args.rules.threads)?;
    let dataset = Dataset::new(series, &config);
    let play = Play {
        config,
        dataset,
        title: "demo",
        command: command(global, args),
        out: Some(args.out.clone()),
        threads: args.rules.threads,
    };
    play.run(global).map(|_| ())
}

/// All four models, trained once a week where nobody said otherwise: a day as everywhere else is five times as
/// many trainings, and a first look should not take minutes.
fn show_models(config: &mut Config) {
    const WEEK_HOURS: u32 = 168;
    let usual = ModelRules::default().interval_hours;
    config.models.kinds = ModelKind::ALL.to_vec();
    if config.models.interval_hours == usual {
        config.models.interval_hours = WEEK_HOURS;
    }
}

/// Removes what an earlier demo made and puts the bars there. A folder that holds anything and is not
/// the demo's is left alone: its hindsight.db may be somebody's.
fn afresh(out: &Path) -> anyhow::Result<()> {
    let is_ours = out.join(MARKER).exists();
    let is_empty = std::fs::read_dir(out).map_or(true, |mut entries| entries.next().is_none());
    if !is_ours && !is_empty {
        bail!(
            "{} is not the demo's folder and not empty; choose another with --out",
            out.display()
        );
    }
    for name in MADE {
        remove(&out.join(name))?;
    }
    // The marker comes first: a demo that is interrupted must not lock itself out.
    std::fs::create_dir_all(out).with_context(|| format!("make the folder {}", out.display()))?;
    write(
        &out.join(MARKER),
        b"Made by hindsight demo, which makes this folder's store and report afresh.\n",
    )?;
    let folder = out.join("bars");
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("make the folder {}", folder.display()))?;
    for (name, bytes) in BUNDLED {
        write(&folder.join(name), bytes)?;
    }
    Ok(())
}

fn remove(path: &Path) -> anyhow::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    std::fs::write(path, bytes).with_context(|| format!("write {}", path.display()))
}

fn command(global: &Global, args: &DemoArgs) -> String {
    let out = args.out.display().to_string();
    setup::again(global, vec!["demo".to_owned()], &args.rules, &[("--out", Some(out))])
}
