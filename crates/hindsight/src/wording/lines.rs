//! Lines of learners as a person reads them: names for places, and many of a kind folded into one.

use domain::{HORIZONS, JobRun};

use super::Names;

/// Lines of one kind from which on they are folded into one.
const FOLDED_FROM: usize = 4;

impl Names {
    /// A learner's line with `symbol 3` and `strategy 1` called by their names; learners know only places.
    pub(crate) fn spoken(&self, line: &str) -> String {
        let symbols = replaced(line, "symbol ", &self.symbols);
        without_signed_zeros(&replaced(&symbols, "strategy ", &self.strategies))
    }

    /// The same for all that a job found.
    pub(crate) fn name_in(&self, run: &mut JobRun) {
        for found in &mut run.findings {
            found.says = self.spoken(&found.says);
        }
    }
}

/// Every `before` that a place in `names` follows, with the place, becomes the name at it.
fn replaced(line: &str, before: &str, names: &[String]) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find(before) {
        let (head, tail) = rest.split_at(at);
        let place = &tail[before.len()..];
        let digits = place.len() - place.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let starts_a_word = !head.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let name = place[..digits].parse().ok().and_then(|at: usize| names.get(at));
        out.push_str(head);
        match name.filter(|_| starts_a_word) {
            Some(name) => {
                out.push_str(name);
                rest = &place[digits..];
            }
            None => {
                out.push_str(before);
                rest = place;
            }
        }
    }
    out + rest
}

/// A minus before what rounds to zero says nothing: `-0` becomes `0`, `-0.00` becomes `0.00`.
fn without_signed_zeros(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut before = ' ';
    for (at, letter) in line.char_indices() {
        let number = line[at..].trim_start_matches('-');
        let digits = number.len() - number.trim_start_matches(['0', '.']).len();
        let ends = !number[digits..].starts_with(|c: char| c.is_alphanumeric());
        let is_sign = letter == '-' && !before.is_alphanumeric() && number.starts_with('0');
        if !(is_sign && ends) {
            out.push(letter);
        }
        before = letter;
    }
    out
}

/// What a learner lacks, and what these data cannot give it.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Lacks {
    /// Too little of it so far: `24 hours below 50 effective outcomes (13–27)`.
    pub(crate) few: Vec<String>,
    /// None of it although much else was heard: `5m`.
    pub(crate) absent: Vec<String>,
}

impl Lacks {
    /// Something that data cannot give is still to come.
    pub(crate) fn expect(&mut self, of: &str) {
        let before = self.absent.len();
        self.absent.retain(|absent| absent != of);
        if self.absent.len() < before {
            self.few.push(format!("nothing heard of {of} yet"));
        }
    }
}

/// One line of what is lacked, taken apart.
struct Lack<'a> {
    have: f64,
    needed: f64,
    unit: &'a str,
    of: &'a str,
}

/// Sorts out and folds what a learner that has `heard_effective` says it lacks.
pub(crate) fn lacks(learner: &str, heard_effective: f64, lines: &[String]) -> Lacks {
    let mut lacks = Lacks::default();
    let mut kinds: Vec<Vec<(&str, Lack<'_>)>> = Vec::new();
    for line in lines {
        let Some(lack) = taken_apart(line) else {
            lacks.few.push(line.clone());
            continue;
        };
        if lack.have == 0.0 && heard_effective >= lack.needed && comes_with_data(learner, lack.of) {
            lacks.absent.push(lack.of.replace('_', " "));
            continue;
        }
        let is_alike =
            |(_, other): &(&str, Lack<'_>)| (other.needed, other.unit) == (lack.needed, lack.unit);
        match kinds.iter_mut().find(|kind| kind.iter().all(is_alike)) {
            Some(kind) => kind.push((line, lack)),
            None => kinds.push(vec![(line, lack)]),
        }
    }
    for of_kind in kinds {
        if of_kind.len() < FOLDED_FROM {
            lacks.few.extend(of_kind.iter().map(|(line, _)| (*line).to_owned()));
            continue;
        }
        let least = of_kind.iter().map(|(_, lack)| lack.have).fold(f64::INFINITY, f64::min);
        let most = of_kind.iter().map(|(_, lack)| lack.have).fold(0.0, f64::max);
        let (count, things) = (of_kind.len(), things(learner));
        let Lack { needed, unit, .. } = of_kind[0].1;
        let range =
            if least == most { format!("{least:.0}") } else { format!("{least:.0}–{most:.0}") };
        lacks.few.push(format!("{count} {things} below {needed:.0} {unit} ({range})"));
    }
    lacks
}

/// `13 of 50 effective outcomes at 02:00`.
fn taken_apart(line: &str) -> Option<Lack<'_>> {
    let (have, rest) = line.split_once(" of ")?;
    let (needed, rest) = rest.split_once(' ')?;
    let (have, needed) = (have.parse().ok()?, needed.parse().ok()?);
    let ends = [" of ", " at ", " after ", " that ", " for "];
    let (end, word) =
        ends.iter().filter_map(|word| Some((rest.find(word)?, *word))).min_by_key(|(at, _)| *at)?;
    Some(Lack { have, needed, unit: &rest[..end], of: &rest[end + word.len()..] })
}

/// Whether data give it from the first bars on, or never.
fn comes_with_data(learner: &str, of: &str) -> bool {
    match learner {
        "head_weights" | "component_weights" => true,
        "attribution" => HORIZONS.iter().any(|horizon| horizon.name == of),
        _ => false,
    }
}

/// What a learner's lines are about.
fn things(learner: &str) -> &'static str {
    match learner {
        "head_weights" => "heads",
        "component_weights" => "components",
        "attribution" => "horizons",
        "signal_records" => "routes",
        "killed_combos" => "symbols by side",
        "symbol_factors" => "symbols",
        "hour_factors" => "hours",
        "gate_monitor" => "gates",
        "gate_thresholds" => "steps of thresholds",
        "exits" => "exit plans",
        "size_multipliers" => "levels",
        "conviction_calibration" | "capital" => "strategies",
        _ => "kinds",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_called_by_their_names() {
        let names = Names {
            symbols: vec!["AAA".to_owned(), "BBB".to_owned()],
            strategies: vec!["alpha".to_owned()],
        };
        let check = |line: &str, due: &str| assert_eq!(names.spoken(line), due);
        check("x 1.10, symbol 1: won 40 %", "x 1.10, BBB: won 40 %");
        check("symbol 0 long and symbol 1 short", "AAA long and BBB short");
        check("strategy 0, symbol 7", "alpha, symbol 7");
        check("per symbol, 1 of 2; mysymbol 1", "per symbol, 1 of 2; mysymbol 1");
        check("symbol 10", "symbol 10");
        check(
            "effective -0, mean -0.00 R, -0.01 R, 2020-01-00",
            "effective 0, mean 0.00 R, -0.01 R, 2020-01-00",
        );
        check("wöchentlich symbol 1", "wöchentlich BBB");
    }

    fn check(learner: &str, lines: &[&str], few: &[&str], absent: &[&str]) {
        let owned = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
        let due = Lacks { few: owned(few), absent: owned(absent) };
        let lines: Vec<String> = owned(lines);
        assert_eq!(lacks(learner, 400.0, &lines), due);
    }

    #[test]
    fn many_of_a_kind_are_one_line() {
        let hours =
            [13, 27, 20, 16].map(|n| format!("{n} of 50 effective outcomes at 0{}:00", n % 10));
        check(
            "hour_factors",
            &hours.each_ref().map(String::as_str),
            &["4 hours below 50 effective outcomes (13–27)"],
            &[],
        );
        let two = ["3 of 50 effective outcomes at 00:00", "4 of 50 effective outcomes at 01:00"];
        check("hour_factors", &two, &two, &[]);
        check("capital", &["1 of 2 venues: shares stay 1"], &["1 of 2 venues: shares stay 1"], &[]);
    }

    #[test]
    fn what_data_cannot_give_is_told_apart_from_what_is_still_to_come() {
        let five = "0 of 50 effective outcomes at 5m";
        check("attribution", &[five], &[], &["5m"]);
        check("head_weights", &["0 of 50 effective votes of order_flow"], &[], &["order flow"]);
        let mut lacks_models =
            lacks("head_weights", 400.0, &["0 of 50 effective votes of models".to_owned()]);
        assert_eq!(lacks_models.absent, ["models"]);
        lacks_models.expect("models");
        assert_eq!(lacks_models.absent, [""; 0]);
        assert_eq!(lacks_models.few, ["nothing heard of models yet"]);
        let route = ["0 of 50 effective outcomes of symbol 1 long"];
        check("killed_combos", &route, &route, &[]);
        assert_eq!(lacks("attribution", 3.0, &[five.to_owned()]).few, [five]);
    }
}
