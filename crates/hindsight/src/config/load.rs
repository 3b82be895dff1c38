//! From file, environment and flags to one configuration, or to a sentence with line, key and mend.

use std::collections::BTreeMap;
use std::path::Path;

use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

use super::Config;
use super::keys::{INSTRUMENT_KEYS, KEYS, Key, Kind};
use super::seed_env::Taken;

/// Where a value came from, for the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A line of a file.
    Line {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
    },
    /// An environment variable.
    Variable(String),
    /// A flag.
    Flag(String),
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Source::Line { file, line } => write!(f, "{file} line {line}"),
            Source::Variable(name) => write!(f, "environment variable {name}"),
            Source::Flag(name) => write!(f, "{name}"),
        }
    }
}

/// What is wrong with a configuration, where, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read configuration {file}: {reason}")]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        reason: String,
    },
    /// It is not TOML.
    #[error("{source_}: this is not TOML: {reason}")]
    NotToml {
        /// Where.
        source_: Source,
        /// Why.
        reason: String,
    },
    /// There is no such key.
    #[error("{source_}: unknown key {path}{mend}")]
    UnknownKey {
        /// Where.
        source_: Source,
        /// Which.
        path: String,
        /// The suggestion, if one is near.
        mend: String,
    },
    /// The value is not what the key takes.
    #[error("{source_}: {path} is {value}, it must be {needed}")]
    WrongValue {
        /// Where.
        source_: Source,
        /// Which key.
        path: String,
        /// What it was.
        value: String,
        /// What it may be.
        needed: String,
    },
    /// An old name and a new key disagree.
    #[error("{old}, but {new}; keep one")]
    Unequal {
        /// What the old name said and means.
        old: String,
        /// Where the key was set, and to what.
        new: String,
    },
}

const VARIABLE_PREFIX: &str = "HINDSIGHT__";

/// Reads the file, if there is one, then the variables that begin with `HINDSIGHT__`, then flags. The
/// seed documents' names, as far as they were `taken`, come last and may only agree with what was set.
///
/// # Errors
/// The first thing that is wrong, as one sentence.
pub fn load(
    file: Option<&Path>,
    variables: impl Iterator<Item = (String, String)>,
    flags: &[(&str, Value)],
    taken: &[Taken],
) -> Result<Config, ConfigError> {
    let mut draft = Draft::default();
    if let Some(file) = file {
        read_file(file, &mut draft)?;
    }
    let mut named: Vec<(String, String)> =
        variables.filter(|(name, _)| name.starts_with(VARIABLE_PREFIX)).collect();
    named.sort();
    for (name, text) in named {
        let path = name[VARIABLE_PREFIX.len()..].to_lowercase().replace("__", ".");
        let source = Source::Variable(name);
        let value = one_value(&text);
        put(&mut draft, &path, value, &source)?;
    }
    for (path, value) in flags {
        put(&mut draft, path, value.clone(), &Source::Flag(format!("flag for {path}")))?;
    }
    for taken in taken {
        take(&mut draft, taken)?;
    }
    let config: Config = Value::Table(draft.set).try_into().map_err(|error: toml::de::Error| {
        ConfigError::NotToml {
            source_: Source::Flag("configuration".to_owned()),
            reason: error.message().to_owned(),
        }
    })?;
    together(&config, &draft.sources)?;
    Ok(config)
}

/// What has been set so far, and where.
#[derive(Default)]
struct Draft {
    set: Table,
    sources: BTreeMap<String, Source>,
}

/// What no single key can tell.
///
/// # Errors
/// The first key that does not go together with others.
pub fn check_together(config: &Config) -> Result<(), ConfigError> {
    together(config, &BTreeMap::new())
}

fn together(config: &Config, sources: &BTreeMap<String, Source>) -> Result<(), ConfigError> {
    let exits = &config.exits;
    let farther = exits.trend_target.max(exits.range_target).max(1.0);
    let target_fraction_max = exits.stop_fraction_max * exits.target_atr / exits.stop_atr * farther;
    let wrong = |path: &str, value: f64, needed: String| ConfigError::WrongValue {
        source_: sources.get(path).cloned().unwrap_or(Source::Flag("configuration".to_owned())),
        path: path.to_owned(),
        value: value.to_string(),
        needed,
    };
    if exits.stop_fraction_min > exits.stop_fraction_max {
        let needed =
            format!("at most exits.stop_fraction_max, which is {}", exits.stop_fraction_max);
        return Err(wrong("exits.stop_fraction_min", exits.stop_fraction_min, needed));
    }
    if target_fraction_max >= 1.0 {
        let needed = "smaller: times exits.target_atr over exits.stop_atr it puts a short's target below zero";
        return Err(wrong("exits.stop_fraction_max", exits.stop_fraction_max, needed.to_owned()));
    }
    let (standing, regime) = (&config.standing, &config.regime);
    for (path, value, most_path, most) in [
        (
            "standing.drawdown_fraction",
            standing.drawdown_fraction,
            "risk.drawdown_hard_fraction",
            config.risk.drawdown_hard_fraction,
        ),
        (
            "risk.drawdown_soft_fraction",
            config.risk.drawdown_soft_fraction,
            "risk.drawdown_hard_fraction",
            config.risk.drawdown_hard_fraction,
        ),
        (
            "standing.cost_ratio_scaled",
            standing.cost_ratio_scaled,
            "standing.cost_ratio_max",
            standing.cost_ratio_max,
        ),
        (
            "size.conviction_least",
            config.size.conviction_least,
            "size.conviction_most",
            config.size.conviction_most,
        ),
        ("regime.trend_leave", regime.trend_leave, "regime.trend_enter", regime.trend_enter),
    ] {
        if value > most {
            return Err(wrong(path, value, format!("at most {most_path}, which is {most}")));
        }
    }
    let weights = config.learn.weight_min - 1e-9..=config.learn.weight_max + 1e-9;
    if let Some(outside) = config.run.head_weights.iter().find(|weight| !weights.contains(weight)) {
        let learn = &config.learn;
        let needed = format!(
            "from learn.weight_min {} to learn.weight_max {}",
            learn.weight_min, learn.weight_max
        );
        return Err(wrong("run.head_weights", *outside, needed));
    }
    Ok(())
}

fn read_file(file: &Path, draft: &mut Draft) -> Result<(), ConfigError> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|error| ConfigError::Unreadable {
        file: name.clone(),
        reason: error.to_string(),
    })?;
    let line_of = |at: usize| Source::Line {
        file: name.clone(),
        line: 1 + text.as_bytes()[..at.min(text.len())]
            .iter()
            .filter(|&&byte| byte == b'\n')
            .count(),
    };
    let read = DeTable::parse(&text).map_err(|error| ConfigError::NotToml {
        source_: line_of(error.span().map_or(0, |span| span.start)),
        reason: error.message().to_owned(),
    })?;
    walk(read.get_ref(), "", &line_of, draft)
}

fn walk(
    table: &DeTable<'_>,
    above: &str,
    line_of: &impl Fn(usize) -> Source,
    draft: &mut Draft,
) -> Result<(), ConfigError> {
    for (key, value) in table {
        let path = if above.is_empty() {
            key.get_ref().to_string()
        } else {
            format!("{above}.{}", key.get_ref())
        };
        let source = line_of(key.span().start);
        match value.get_ref() {
            DeValue::Table(inner) if is_section(&path) => walk(inner, &path, line_of, draft)?,
            _ => put(draft, &path, plain(value), &source)?,
        }
    }
    Ok(())
}

/// Whether values lie below this path.
fn is_section(path: &str) -> bool {
    let below = format!("{path}.");
    let is_instrument = path == "instruments"
        || path.strip_prefix("instruments.").is_some_and(|symbol| !symbol.contains('.'));
    is_instrument || KEYS.iter().any(|key| key.path.starts_with(&below))
}

fn plain(value: &Spanned<DeValue<'_>>) -> Value {
    match value.get_ref() {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or_else(|_| Value::String(number.to_string()), Value::Integer),
        DeValue::Float(number) => {
            number.as_str().parse().map_or_else(|_| Value::String(number.to_string()), Value::Float)
        }
        DeValue::Boolean(yes) => Value::Boolean(*yes),
        DeValue::Datetime(at) => Value::String(at.to_string()),
        DeValue::Array(items) => Value::Array(items.iter().map(plain).collect()),
        DeValue::Table(_) => Value::Table(Table::new()),
    }
}

/// A variable's text as the value it looks like.
fn one_value(text: &str) -> Value {
    format!("value = {text}")
        .parse::<Table>()
        .ok()
        .and_then(|mut table| table.remove("value"))
        .unwrap_or_else(|| Value::String(text.to_owned()))
}

fn put(draft: &mut Draft, path: &str, value: Value, source: &Source) -> Result<(), ConfigError> {
    let key = find(path).ok_or_else(|| unknown(path, source))?;
    let value = fitted(value, &key.kind).map_err(|value| ConfigError::WrongValue {
        source_: source.clone(),
        path: path.to_owned(),
        value: on_one_line(&value),
        needed: needed(&key.kind),
    })?;
    draft.sources.insert(path.to_owned(), source.clone());
    let mut table = &mut draft.set;
    let mut parts: Vec<&str> = path.split('.').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let inner = table.entry(part).or_insert_with(|| Value::Table(Table::new()));
        let Value::Table(inner) = inner else { return Err(unknown(path, source)) };
        table = inner;
    }
    table.insert(last.to_owned(), value);
    Ok(())
}

/// Whatever somebody wrote, one sentence is enough to say what is wrong with it.
fn on_one_line(value: &Value) -> String {
    value.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Sets what an old name stands for, unless it is set already; then both must say the same.
fn take(draft: &mut Draft, taken: &Taken) -> Result<(), ConfigError> {
    for (path, value) in &taken.set {
        let Some(source) = draft.sources.get(*path) else {
            put(draft, path, value.clone(), &Source::Variable(taken.name.to_owned()))?;
            continue;
        };
        let (section, name) = path.split_once('.').unwrap_or(("", path));
        let set = draft.set.get(section).and_then(|table| table.get(name));
        if set.is_some_and(|set| set.to_string() != value.to_string()) {
            let Taken { name, text, .. } = taken;
            let said = set.map(ToString::to_string).unwrap_or_default();
            return Err(ConfigError::Unequal {
                old: format!("{name} is {text}, which means {path} = {value}"),
                new: format!("{source} says {said}"),
            });
        }
    }
    Ok(())
}

fn find(path: &str) -> Option<&'static Key> {
    if let Some(rest) = path.strip_prefix("instruments.") {
        let (_, name) = rest.split_once('.')?;
        return INSTRUMENT_KEYS.iter().find(|key| key.path == name);
    }
    KEYS.iter().find(|key| key.path == path)
}

/// The value as the key wants it, or back if it does not fit.
fn fitted(value: Value, kind: &Kind) -> Result<Value, Value> {
    match (kind, &value) {
        (Kind::Number(low, high), Value::Float(number)) if (*low..=*high).contains(number) => {
            Ok(value)
        }
        (Kind::Number(low, high), Value::Integer(number))
            if (*low..=*high).contains(&(*number as f64)) =>
        {
            Ok(Value::Float(*number as f64))
        }
        (Kind::Whole(low, high), Value::Integer(number)) if (*low..=*high).contains(number) => {
            Ok(value)
        }
        (Kind::OneOf(words), Value::String(word)) if words.contains(&word.as_str()) => Ok(value),
        (Kind::SomeOf(_), Value::Array(items)) if items.is_empty() => Err(value),
        (Kind::SomeOf(words) | Kind::AnyOf(words), Value::Array(items))
            if items.iter().all(|item| item.as_str().is_some_and(|word| words.contains(&word))) =>
        {
            Ok(value)
        }
        (Kind::Weights, Value::Array(items)) if are_weights(items) => Ok(value),
        (Kind::Names, Value::Array(items)) if items.iter().all(Value::is_str) => Ok(value),
        (Kind::Text, Value::String(_)) | (Kind::Switch, Value::Boolean(_)) => Ok(value),
        _ => Err(value),
    }
}

fn are_weights(items: &[Value]) -> bool {
    const ROUNDING: f64 = 1e-9;
    let number = |item: &Value| item.as_float().or_else(|| item.as_integer().map(|n| n as f64));
    let weights: Vec<f64> = items.iter().filter_map(number).collect();
    let sum: f64 = weights.iter().sum();
    items.len() == domain::HEAD_COUNT
        && weights.len() == items.len()
        && (sum - 1.0).abs() < ROUNDING
}

fn needed(kind: &Kind) -> String {
    match kind {
        Kind::Number(low, high) if (*low, *high) == (0.0, 1.0) => {
            "a fraction from 0 to 1 (5 % is 0.05)".to_owned()
        }
        Kind::Number(low, high) => format!("a number from {low} to {high}"),
        Kind::Whole(low, high) => format!("a whole number from {low} to {high}"),
        Kind::OneOf(words) => format!("one of {}", words.join(", ")),
        Kind::SomeOf(words) => format!("a list of at least one of {}", words.join(", ")),
        Kind::AnyOf(words) => format!("a list, empty or of {}", words.join(", ")),
        Kind::Weights => "nine numbers that sum to 1".to_owned(),
        Kind::Names => "a list of texts in quotes".to_owned(),
        Kind::Text => "text in quotes".to_owned(),
        Kind::Switch => "true or false".to_owned(),
    }
}

fn unknown(path: &str, source: &Source) -> ConfigError {
    const NEAR: f64 = 0.75;
    let nearest = KEYS
        .iter()
        .map(|key| (strsim::jaro_winkler(key.path, path), key.path))
        .max_by(|left, right| left.0.total_cmp(&right.0));
    let mend = match nearest {
        Some((likeness, near)) if likeness >= NEAR => format!("; did you mean {near}?"),
        _ => "; `hindsight config` lists all keys".to_owned(),
    };
    ConfigError::UnknownKey { source_: source.clone(), path: path.to_owned(), mend }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("hindsight.toml");
        std::fs::write(&file, text).unwrap();
        let result = load(Some(&file), std::iter::empty(), &[], &[]);
        let name = format!("{}/", folder.path().display());
        result
            .map(|_| "good".to_owned())
            .unwrap_or_else(|error| error.to_string())
            .replace(&name, "")
    }

    #[test]
    fn each_mistake_gets_its_sentence() {
        let cases = [
            ("", "good"),
            ("[risk]\ndaily_loss_fraction = 0.1\n", "good"),
            ("[instruments.\"BTC/USD\"]\ncalendar = \"fx\"\n", "good"),
            (
                "[risk]\n\ndaily_los_fraction = 0.1\n",
                "hindsight.toml line 3: unknown key risk.daily_los_fraction; did you mean risk.daily_loss_fraction?",
            ),
            (
                "[risk]\ndaily_loss_fraction = 5\n",
                "hindsight.toml line 2: risk.daily_loss_fraction is 5, it must be a fraction from 0 to 1 (5 % is 0.05)",
            ),
            (
                "[run]\nstrategies = [\"alpha\", \"beta\"]\n",
                "hindsight.toml line 2: run.strategies is [\"alpha\", \"beta\"], it must be a list of at least one of alpha, ema",
            ),
            (
                "[learn]\nrule = 3\n",
                "hindsight.toml line 2: learn.rule is 3, it must be one of evidence, seed",
            ),
            (
                "zzzz = 1\n",
                "hindsight.toml line 1: unknown key zzzz; `hindsight config` lists all keys",
            ),
            (
                "[gates]\ncooldown_min = nan\n",
                "hindsight.toml line 2: gates.cooldown_min is nan, it must be a whole number from 0 to 100000",
            ),
            (
                "[instruments.X]\ncolour = 1\n",
                "hindsight.toml line 2: unknown key instruments.X.colour; `hindsight config` lists all keys",
            ),
            (
                "[exits]\nstop_fraction_min = 0.5\n",
                "hindsight.toml line 2: exits.stop_fraction_min is 0.5, it must be at most exits.stop_fraction_max, which is 0.08",
            ),
            (
                "[exits]\nstop_fraction_max = 0.9\n",
                "hindsight.toml line 2: exits.stop_fraction_max is 0.9, it must be smaller: times exits.target_atr over exits.stop_atr it puts a short's target below zero",
            ),
            (
                "[learn]\nweight_max = 0.12\n[run]\nhead_weights = [0.3, 0.0875, 0.0875, 0.0875, 0.0875, 0.0875, 0.0875, 0.0875, 0.0875]\n",
                "hindsight.toml line 4: run.head_weights is 0.3, it must be from learn.weight_min 0.05 to learn.weight_max 0.12",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(said(text), expected, "{text}");
        }
        assert!(said("[risk\n").starts_with("hindsight.toml line 1: this is not TOML:"));
    }

    #[test]
    fn variables_come_after_the_file_and_flags_after_both() {
        let variables = || {
            [
                ("HINDSIGHT__RISK__DAILY_LOSS_FRACTION", "0.07"),
                ("HINDSIGHT__LEARN__RULE", "seed"),
                ("PATH", "x"),
            ]
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
        };
        let config = load(None, variables(), &[("run.seed", Value::Integer(9))], &[]).unwrap();
        assert_eq!(config.risk.daily_loss_fraction, 0.07);
        assert_eq!(config.learn.rule, learn::Rule::Seed);
        assert_eq!(config.run.seed, 9);
        let wrong = std::iter::once(("HINDSIGHT__RISK__DALY_LOSS".to_owned(), "1".to_owned()));
        let error = load(None, wrong, &[], &[]).unwrap_err().to_string();
        assert!(
            error.starts_with("environment variable HINDSIGHT__RISK__DALY_LOSS: unknown key"),
            "{error}"
        );
    }
}
