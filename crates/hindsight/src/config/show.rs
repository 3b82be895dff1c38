//! The effective configuration as a file one could save, a comment to each key.

use std::fmt::Write;

use toml::{Table, Value};

use super::Config;
use super::keys::{INSTRUMENT_KEYS, KEYS};

/// Prints a configuration.
pub fn show(config: &Config) -> String {
    let table = Table::try_from(config).expect("a configuration always serialises");
    let mut text =
        String::from("# Hindsight: the effective configuration. Every key is optional.\n");
    let mut section = "";
    for key in KEYS {
        let (of, name) = key.path.split_once('.').unwrap_or(("", key.path));
        if of != section {
            section = of;
            let _ = write!(text, "\n[{section}]\n");
        }
        if let Some(value) = value_at(&table, key.path) {
            let _ = write!(text, "# {}\n{name} = {value}\n", key.comment);
        }
    }
    text.push_str("\n# Per symbol, as [instruments.SYMBOL]:\n");
    for key in INSTRUMENT_KEYS {
        let _ = writeln!(text, "#   {}: {}", key.path, key.comment);
    }
    for (symbol, rules) in &config.instruments {
        let _ = write!(
            text,
            "\n[instruments.{symbol:?}]\n{}",
            toml::to_string(rules).unwrap_or_default()
        );
    }
    text
}

fn value_at(table: &Table, path: &str) -> Option<Value> {
    let (section, name) = path.split_once('.')?;
    table.get(section)?.get(name).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_reads_back_and_every_key_is_listed() {
        let printed = show(&Config::default());
        let back: Config = toml::from_str(&printed).unwrap();
        assert_eq!(back, Config::default());
        let table = Table::try_from(Config::default()).unwrap();
        for (section, keys) in table.iter().filter(|(section, _)| *section != "instruments") {
            for name in keys.as_table().unwrap().keys() {
                let path = format!("{section}.{name}");
                assert!(
                    KEYS.iter().any(|key| key.path == path),
                    "{path} is not in the list of keys"
                );
            }
        }
        for key in KEYS {
            assert!(value_at(&table, key.path).is_some(), "{} has no default", key.path);
        }
    }
}
