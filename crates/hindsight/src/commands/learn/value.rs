//! What a person may hold fast, as it is typed.

use domain::{HeadName, Pin, PinnedValue, SymbolIx, Threshold};
use learn::LearnRules;

use crate::failure::{Failure, usage};
use crate::wording::Names;

/// Reads `NAME=VALUE`, and refuses what lies outside the value's bounds.
pub(super) fn pin(text: &str, names: &Names, rules: &LearnRules) -> Result<Pin, Failure> {
    let Some((name, number)) = text.split_once('=') else {
        return Err(usage(format!("{text}: write NAME=VALUE, such as gate.fee_margin=2")));
    };
    let value = value(name.trim(), names)?;
    let (least, most) = rules.pin_bounds(value);
    let at: f64 = number
        .trim()
        .parse()
        .ok()
        .filter(|at: &f64| at.is_finite())
        .ok_or_else(|| usage(format!("{text}: `{}` is no number", number.trim())))?;
    if !(least..=most).contains(&at) {
        return Err(usage(format!("{text}: {name} lies between {least} and {most}")));
    }
    Ok(Pin { value, at })
}

/// Reads a name.
pub(super) fn value(name: &str, names: &Names) -> Result<PinnedValue, Failure> {
    let (kind, of) = name.split_once('.').unwrap_or(("", name));
    let found = match kind {
        "" => head(of).or_else(|| threshold(of)),
        "head" => head(of),
        "gate" => threshold(of),
        "symbol" => symbol(of, names),
        "hour" => of.parse().ok().filter(|hour| *hour < 24).map(PinnedValue::HourFactor),
        _ => None,
    };
    found.ok_or_else(|| {
        usage(format!(
            "{name} is nothing that can be pinned; write head.NAME, gate.NAME, symbol.NAME or hour.0 to hour.23"
        ))
    })
}

fn head(name: &str) -> Option<PinnedValue> {
    let is_it = |head: &HeadName| head.name() == name || head.alias() == name;
    HeadName::ALL.into_iter().find(is_it).map(PinnedValue::HeadWeight)
}

/// A gate by its name, or a threshold by the name it has in the configuration.
fn threshold(name: &str) -> Option<PinnedValue> {
    let key = |threshold: Threshold| match threshold {
        Threshold::Conviction => "conviction_min",
        Threshold::Confluence => "confluence_min",
        Threshold::FeeMargin => "fee_margin",
        Threshold::Cooldown => "cooldown_min",
        Threshold::RegimeEntries => "regime_entries_max",
        Threshold::Correlation => "correlation_max",
    };
    let is_it = |one: &Threshold| one.gate() == name || key(*one) == name;
    Threshold::ALL.into_iter().find(is_it).map(PinnedValue::Threshold)
}

fn symbol(name: &str, names: &Names) -> Option<PinnedValue> {
    let at = names.symbols.iter().position(|symbol| symbol == name)?;
    Some(PinnedValue::SymbolFactor(SymbolIx(u16::try_from(at).ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, due: Result<(PinnedValue, f64), &str>) {
        let names = Names { symbols: vec!["AAA".to_owned(), "BBB".to_owned()], strategies: vec![] };
        let said = pin(text, &names, &LearnRules::default()).map(|pin| (pin.value, pin.at));
        match (said, due) {
            (Ok(said), Ok(due)) => assert_eq!(said, due, "{text}"),
            (Err(Failure::Usage(said)), Err(due)) => {
                assert!(said.to_string().contains(due), "{text}: {said}");
            }
            (said, _) => panic!("{text}: {:?}", said.ok()),
        }
    }

    #[test]
    fn names_are_read_as_people_write_them_and_values_stay_within_bounds() {
        check("head.trend=0.1", Ok((PinnedValue::HeadWeight(HeadName::Trend), 0.1)));
        check("HEAD_A=0.1", Ok((PinnedValue::HeadWeight(HeadName::ALL[0]), 0.1)));
        check("gate.fee = 2", Ok((PinnedValue::Threshold(Threshold::FeeMargin), 2.0)));
        check("fee_margin=2", Ok((PinnedValue::Threshold(Threshold::FeeMargin), 2.0)));
        check("symbol.BBB=0", Ok((PinnedValue::SymbolFactor(SymbolIx(1)), 0.0)));
        check("hour.14=0", Ok((PinnedValue::HourFactor(14), 0.0)));
        check("hour.14=2", Err("hour.14 lies between 0 and 1.5"));
        check("head.trend", Err("write NAME=VALUE"));
        check("head.trend=0.9", Err("between 0.05 and 0.3"));
        check("gate.cooldown=5", Err("between 15 and 60"));
        check("gate.fee=NaN", Err("is no number"));
        check("hour.24=1", Err("nothing that can be pinned"));
        check("symbol.CCC=1", Err("nothing that can be pinned"));
        check("colour=1", Err("nothing that can be pinned"));
    }
}
