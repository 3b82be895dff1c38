//! The names that the seed documents' deployments used, understood when started with `--seed-env`.

use toml::Value;

/// Keys and what they are set to.
pub type Set = Vec<(&'static str, Value)>;

/// One old variable and what it becomes.
#[derive(Clone, Copy)]
pub struct SeedName {
    /// As it was called (seeds 002, 004).
    pub name: &'static str,
    /// What may be written there.
    pub needed: &'static str,
    /// The keys it sets, or nothing where the text is not what it takes.
    read: fn(&str) -> Option<Set>,
}

/// A variable that was found, and the keys it sets.
pub struct Taken {
    /// As it was called.
    pub name: &'static str,
    /// What it said.
    pub text: String,
    /// Which keys it sets to what; none where nothing in this version listens to it.
    pub set: Set,
}

const YES_OR_NO: &str = "true or false";
const NO_MODELS_YET: &str = "anything: no model is trained in this version";

/// Every name that is understood.
pub const SEED_NAMES: &[SeedName] = &[
    SeedName { name: "QT_CONTINUOUS_LEARNING", needed: YES_OR_NO, read: learning },
    SeedName { name: "QT_AI_RETRAINING_ENABLED", needed: NO_MODELS_YET, read: nothing },
    SeedName { name: "QT_AI_RETRAINING_MODE", needed: NO_MODELS_YET, read: nothing },
    SeedName { name: "QT_AI_RETRAINING_AUTO_DEPLOY", needed: NO_MODELS_YET, read: nothing },
    SeedName { name: "QT_RETRAIN_INTERVAL_HOURS", needed: NO_MODELS_YET, read: nothing },
    SeedName { name: "LIQUIDATE_EOD", needed: YES_OR_NO, read: end_of_day },
    SeedName {
        name: "EOD_LIQUIDATION_TIME",
        needed: "a time before 16:00 such as 15:45",
        read: end_of_day_at,
    },
    SeedName { name: "MAX_POSITIONS", needed: "a whole number", read: positions },
    SeedName { name: "MAX_POSITION_HOLD_HOURS", needed: "a number of hours", read: hold_hours },
    SeedName { name: "STOP_LOSS_PCT", needed: "a fraction such as 0.02", read: stop },
    SeedName { name: "TAKE_PROFIT_PCT", needed: "a fraction such as 0.03", read: target },
];

/// Finds the old names among variables.
///
/// # Errors
/// The name, its text and what it must be, for the first that makes no sense.
pub fn taken(
    variables: &[(String, String)],
) -> Result<Vec<Taken>, (&'static str, String, &'static str)> {
    let mut found = Vec::new();
    for seed in SEED_NAMES {
        let Some((_, text)) = variables.iter().find(|(name, _)| name == seed.name) else {
            continue;
        };
        let text = text.trim().trim_matches('"').to_owned();
        let set = (seed.read)(&text).ok_or_else(|| (seed.name, text.clone(), seed.needed))?;
        found.push(Taken { name: seed.name, text, set });
    }
    pin_the_target(&mut found)?;
    Ok(found)
}

/// Old and new, a line each.
pub fn table(taken: &[Taken]) -> String {
    let mut text = String::from("seed names:\n");
    for one in taken {
        let new: Vec<String> =
            one.set.iter().map(|(path, value)| format!("{path} = {value}")).collect();
        let new = if new.is_empty() {
            "nothing yet: no model is trained in this version".to_owned()
        } else {
            new.join(", ")
        };
        text.push_str(&format!("  {} = {} -> {new}\n", one.name, one.text));
    }
    if taken.is_empty() {
        text.push_str("  none of them is set\n");
    }
    text
}

const TARGET_KEY: &str = "exits.target_atr";
const STOP_KEYS: [&str; 2] = ["exits.stop_fraction_min", "exits.stop_fraction_max"];

/// The target is kept as a multiple of the stop, so a target of a given fraction needs a stop of one, and
/// nothing that moves the target with the market.
fn pin_the_target(found: &mut [Taken]) -> Result<(), (&'static str, String, &'static str)> {
    let stop = found
        .iter()
        .flat_map(|taken| &taken.set)
        .find(|(path, _)| *path == STOP_KEYS[0])
        .and_then(|(_, value)| value.as_float());
    let stop_atr = decide::ExitRules::default().stop_atr;
    for taken in found {
        let Some((_, value)) = taken.set.iter_mut().find(|(path, _)| *path == TARGET_KEY) else {
            continue;
        };
        let Some((target, stop)) = value.as_float().zip(stop) else {
            return Err((taken.name, taken.text.clone(), "set together with STOP_LOSS_PCT"));
        };
        *value = Value::Float(target / stop * stop_atr);
        taken.set.push(("exits.stop_atr", Value::Float(stop_atr)));
        taken.set.push(("exits.range_target", Value::Float(1.0)));
        taken.set.push(("exits.trend_target", Value::Float(1.0)));
    }
    Ok(())
}

fn nothing(_: &str) -> Option<Set> {
    Some(Vec::new())
}

fn switch(text: &str) -> Option<Value> {
    match text.to_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(Value::Boolean(true)),
        "false" | "0" | "no" | "off" => Some(Value::Boolean(false)),
        _ => None,
    }
}

fn fraction(text: &str) -> Option<f64> {
    text.parse().ok().filter(|fraction| (1e-6..1.0).contains(fraction))
}

fn learning(text: &str) -> Option<Set> {
    Some(vec![("run.learning", switch(text)?)])
}

fn end_of_day(text: &str) -> Option<Set> {
    let word = if switch(text)?.as_bool()? { "leave" } else { "hold" };
    Some(vec![("exits.day_end", Value::String(word.to_owned()))])
}

fn end_of_day_at(text: &str) -> Option<Set> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    let is_time = (0..24).contains(&hours) && (0..60).contains(&minutes);
    // The seed's exchange closes at 16:00; what is kept is the distance, so that half days have it too.
    const CLOSE_MIN: i64 = 16 * 60;
    let before_min = CLOSE_MIN - (hours * 60 + minutes);
    (is_time && before_min >= 0)
        .then(|| vec![("exits.leave_before_close_min", Value::Integer(before_min))])
}

fn positions(text: &str) -> Option<Set> {
    Some(vec![("gates.positions_max", Value::Integer(text.parse().ok()?))])
}

fn hold_hours(text: &str) -> Option<Set> {
    let hours: f64 = text.parse().ok()?;
    let keys = ["exits.hold_hours_max", "exits.hold_hours_max_equity"];
    (hours > 0.0).then(|| keys.map(|key| (key, Value::Float(hours))).to_vec())
}

/// A stop of a fixed fraction: nearest and farthest are the same.
fn stop(text: &str) -> Option<Set> {
    let stop = Value::Float(fraction(text)?);
    Some(STOP_KEYS.iter().map(|key| (*key, stop.clone())).collect())
}

fn target(text: &str) -> Option<Set> {
    Some(vec![(TARGET_KEY, Value::Float(fraction(text)?))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, ConfigError, load};

    fn pairs(set: &[(&str, &str)]) -> Vec<(String, String)> {
        set.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    fn loaded(old: &[(&str, &str)], new: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let taken = taken(&pairs(old)).unwrap_or_else(|wrong| panic!("{wrong:?}"));
        load(None, pairs(new).into_iter(), &[], &taken)
    }

    #[test]
    fn old_names_set_what_they_stand_for() {
        let old = [
            ("QT_CONTINUOUS_LEARNING", "false"),
            ("MAX_POSITIONS", "5"),
            ("MAX_POSITION_HOLD_HOURS", "30"),
            ("STOP_LOSS_PCT", "0.015"),
            ("TAKE_PROFIT_PCT", "0.025"),
        ];
        let config = loaded(&old, &[]).unwrap();
        assert!(!config.run.learning);
        assert_eq!(config.gates.positions_max, 5);
        assert_eq!(config.exits.hold_hours_max, 30.0);
        assert_eq!(config.exits.hold_hours_max_equity, 30.0);
        assert_eq!(
            (config.exits.stop_fraction_min, config.exits.stop_fraction_max),
            (0.015, 0.015)
        );
        let reward = config.exits.target_atr / config.exits.stop_atr;
        assert!((0.015 * reward - 0.025).abs() < 1e-12, "the target is 2.5 %");
        assert_eq!((config.exits.range_target, config.exits.trend_target), (1.0, 1.0));
    }

    #[test]
    fn both_names_may_agree_and_must_not_differ() {
        let old = [("MAX_POSITIONS", "5")];
        assert!(loaded(&old, &[("HINDSIGHT__GATES__POSITIONS_MAX", "5")]).is_ok());
        let error = loaded(&old, &[("HINDSIGHT__GATES__POSITIONS_MAX", "6")]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "MAX_POSITIONS is 5, which means gates.positions_max = 5, but environment variable \
             HINDSIGHT__GATES__POSITIONS_MAX says 6; keep one"
        );
    }

    #[test]
    fn every_key_an_old_name_sets_exists() {
        for (name, text) in [
            ("QT_CONTINUOUS_LEARNING", "true"),
            ("LIQUIDATE_EOD", "True"),
            ("EOD_LIQUIDATION_TIME", "\"15:45\""),
            ("MAX_POSITIONS", "8"),
            ("MAX_POSITION_HOLD_HOURS", "30"),
            ("STOP_LOSS_PCT", "0.02"),
        ] {
            assert!(SEED_NAMES.iter().any(|seed| seed.name == name), "{name}");
            if let Err(error) = loaded(&[(name, text)], &[]) {
                panic!("{name} = {text}: {error}");
            }
        }
    }

    #[test]
    fn what_makes_no_sense_is_said_with_what_would() {
        for (name, text) in [
            ("LIQUIDATE_EOD", "maybe"),
            ("EOD_LIQUIDATION_TIME", "25:00"),
            ("MAX_POSITIONS", "many"),
            ("STOP_LOSS_PCT", "2"),
            ("TAKE_PROFIT_PCT", "0.03"),
        ] {
            assert!(taken(&pairs(&[(name, text)])).is_err(), "{name} = {text}");
        }
    }
}
