//! What commands have in common: configuration, store, run, output.

use std::io::Write;
use std::path::Path;

use domain::{ModelKind, RunHeader};
use serde::Serialize;
use store::{Run, Store, StoreError};
use toml::Value;

use crate::args::{Global, RuleArgs};
use crate::config::{Config, Taken, load, table, taken};
use crate::failure::{Failure, usage};

/// The file that is read when none is named.
const DEFAULT_FILE: &str = "hindsight.toml";

/// The effective configuration: file, then variables, then flags.
pub(super) fn config(global: &Global, rules: &RuleArgs) -> Result<Config, Failure> {
    let mut flags: Vec<(&str, Value)> = Vec::new();
    if let Some(kinds) = kinds(&rules.models)? {
        let kinds = kinds.iter().map(|kind| Value::String(kind.name().to_owned())).collect();
        flags.push(("models.kinds", Value::Array(kinds)));
    }
    if let Some(seed) = rules.seed {
        let seed = i64::try_from(seed).map_err(|_| usage(format!("--seed {seed} is too large")))?;
        flags.push(("run.seed", Value::Integer(seed)));
    }
    if let Some(rule) = rules.rule {
        flags.push(("learn.rule", Value::String(rule.name().to_owned())));
    }
    if let Some(url) = &global.store {
        flags.push(("store.url", Value::String(url.clone())));
    }
    let old = if global.seed_env { seed_names(global)? } else { Vec::new() };
    load(config_file(global), std::env::vars(), &flags, &old).map_err(usage)
}

/// The kinds that `--models` names, in their order, each once; nothing where it was not given.
pub(super) fn kinds(named: &[String]) -> Result<Option<Vec<ModelKind>>, Failure> {
    match named {
        [] => return Ok(None),
        [one] if one == "none" => return Ok(Some(Vec::new())),
        [one] if one == "all" => return Ok(Some(ModelKind::ALL.to_vec())),
        _ => {}
    }
    if let Some(word) = named.iter().find(|name| *name == "none" || *name == "all") {
        let named = named.join(",");
        return Err(usage(format!(
            "--models {named}: {word} stands alone; write {word}, or a list without it"
        )));
    }
    if let Some(unknown) = named.iter().find(|name| ModelKind::named(name).is_none()) {
        let known: Vec<&str> = ModelKind::ALL.iter().map(|kind| kind.name()).collect();
        let known = known.join(", ");
        return Err(usage(format!(
            "--models {unknown}: there is no such model; write all, none, or a list of {known}"
        )));
    }
    let is_named = |kind: &ModelKind| named.iter().any(|name| name == kind.name());
    Ok(Some(ModelKind::ALL.into_iter().filter(is_named).collect()))
}

/// The old names that are set, shown with what they become.
fn seed_names(global: &Global) -> Result<Vec<Taken>, Failure> {
    let variables: Vec<(String, String)> = std::env::vars().collect();
    let old = taken(&variables).map_err(|(name, text, needed)| {
        usage(format!("{name} is {text:?}, it must be {needed}"))
    })?;
    if !global.quiet {
        eprint!("{}", table(&old));
    }
    Ok(old)
}

/// The configuration file that is read: the one named, or the default one if there is one.
pub(super) fn config_file(global: &Global) -> Option<&Path> {
    let default = Path::new(DEFAULT_FILE);
    global.config.as_deref().or_else(|| default.exists().then_some(default))
}

/// A wrong address is wrong configuration; everything else the store says is a job that failed.
pub(super) fn store_failure(error: StoreError) -> Failure {
    match error {
        StoreError::Address { .. } => Failure::Usage(error.into()),
        _ => Failure::Job(error.into()),
    }
}

/// A run that is named and is not there, or not alone, was named wrongly.
pub(super) fn run_failure(error: StoreError) -> Failure {
    match error {
        StoreError::NoRun { .. } | StoreError::Ambiguous { .. } => Failure::Usage(error.into()),
        _ => store_failure(error),
    }
}

/// The configured store, opened for reading, and the run asked for or else the newest.
pub(super) fn stored_run(
    global: &Global,
    run: Option<&str>,
) -> Result<(Store, Run, RunHeader), Failure> {
    let config = config(global, &RuleArgs::default())?;
    let mut store = Store::open_existing(&config.store.url).map_err(store_failure)?;
    let run = match run {
        Some(name) => store.run(name).map_err(run_failure)?,
        None => store.newest_run()?,
    };
    let header = store.header(run.no)?;
    Ok((store, run, header))
}

/// A command line that does the same again, as a shell reads it. Variables that were set stand before it.
pub(super) fn again(
    global: &Global,
    mut words: Vec<String>,
    rules: &RuleArgs,
    flags: &[(&str, Option<String>)],
) -> String {
    let common = [
        ("--config", config_file(global).map(|file| file.display().to_string())),
        ("--store", global.store.clone()),
        ("--seed", rules.seed.map(|seed| seed.to_string())),
        ("--rule", rules.rule.map(|rule| rule.name().to_owned())),
        ("--models", (!rules.models.is_empty()).then(|| rules.models.join(","))),
    ];
    for (flag, value) in flags.iter().chain(&common) {
        if let Some(value) = value {
            words.extend([(*flag).to_owned(), value.clone()]);
        }
    }
    let mut set: Vec<String> = std::env::vars()
        .filter(|(name, _)| name.starts_with("HINDSIGHT__"))
        .map(|(name, value)| format!("{name}={} ", quoted(&value)))
        .collect();
    set.sort();
    let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    format!("{}hindsight {}", set.concat(), words.join(" "))
}

/// The store as it was named, for commands that are suggested.
pub(super) fn at_store(global: &Global) -> String {
    global.store.as_ref().map(|url| format!(" --store {}", quoted(url))).unwrap_or_default()
}

/// A word in quotes where a shell would read it otherwise.
pub(super) fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:=,+@%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Prints text on stdout. A reader that has gone away is no error.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Prints one JSON document on stdout.
pub(super) fn print_json(document: &impl Serialize) -> Result<(), Failure> {
    let mut text = serde_json::to_string_pretty(document)?;
    text.push('\n');
    print(&text)
}
