//! `demo`: the bundled real bars through the whole loop.

use std::path::Path;

use anyhow::{Context, bail};

use super::replay::Play;
use super::{bars, setup};
use crate::cli::{BarArgs, DemoArgs, Failure, Global};
use crate::world::Dataset;

/// Bars that ship with the program; `data/PROVENANCE.md` says where they come from.
const BUNDLED: [(&str, &[u8]); 2] = [
    ("BTCUSD-1h.csv.gz", include_bytes!("../../data/BTCUSD-1h.csv.gz")),
    ("EURUSD-1h.csv.gz", include_bytes!("../../data/EURUSD-1h.csv.gz")),
];

/// What the folder may hold for us to make it afresh.
const OURS: [&str; 5] =
    ["bars", "report.html", "hindsight.db", "hindsight.db-wal", "hindsight.db-shm"];

/// Replays them.
///
/// # Errors
/// When the folder cannot be written to, or holds what is not ours.
pub fn run(global: &Global, args: &DemoArgs) -> Result<(), Failure> {
    let mut config = setup::config(global, &args.rules)?;
    afresh(&args.out)?;
    if global.store.is_none() {
        config.store.url = format!("sqlite://{}", args.out.join("hindsight.db").display());
    }
    let folder = args.out.join("bars");
    let series = bars::read(&[folder], &BarArgs::default(), args.rules.threads)?;
    let dataset = Dataset::new(series, &config);
    let play = Play {
        config,
        dataset,
        title: "demo",
        command: command(args),
        out: Some(args.out.clone()),
    };
    play.run(global).map(|_| ())
}

/// Empties our own folder and puts the bars there; a folder with anything else in it is left alone.
fn afresh(out: &Path) -> anyhow::Result<()> {
    if out.exists() {
        let entries =
            std::fs::read_dir(out).with_context(|| format!("look into {}", out.display()))?;
        for entry in entries {
            let name = entry.with_context(|| format!("look into {}", out.display()))?.file_name();
            if !OURS.iter().any(|ours| name == *ours) {
                let name = name.to_string_lossy();
                bail!(
                    "{} holds {name}, which is not the demo's; choose another folder with --out",
                    out.display()
                );
            }
        }
        std::fs::remove_dir_all(out).with_context(|| format!("make {} afresh", out.display()))?;
    }
    let folder = out.join("bars");
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("make the folder {}", folder.display()))?;
    for (name, bytes) in BUNDLED {
        let path = folder.join(name);
        std::fs::write(&path, bytes).with_context(|| format!("write {}", path.display()))?;
    }
    Ok(())
}

fn command(args: &DemoArgs) -> String {
    let mut words = "hindsight demo".to_owned();
    if let Some(seed) = args.rules.seed {
        words.push_str(&format!(" --seed {seed}"));
    }
    if let Some(rule) = args.rules.rule {
        words.push_str(&format!(" --rule {}", format!("{rule:?}").to_lowercase()));
    }
    words
}
