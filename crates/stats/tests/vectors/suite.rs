//! Reads the reference figures and compares answers with them.
//! Used by the vector tests of every room that has some: found, compared, never silently passed.

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// One case of a suite, as the file has it.
pub(crate) struct Case {
    pub(crate) suite: String,
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) inputs: Value,
    pub(crate) expected: Value,
    tolerance: Value,
}

#[derive(Clone, Copy, Default)]
struct Tolerance {
    absolute: f64,
    relative: f64,
}

impl Tolerance {
    /// The tolerance of one figure. Some files give one for all, some one per kind of figure,
    /// such as `posterior` for `filtered_posterior` and `platt_A_B` for `platt_A`.
    fn of(figure: &str, stated: &Value) -> Tolerance {
        let number = |key: &str| stated[key].as_f64().unwrap_or(0.0);
        if let Some(words) = stated.as_str() {
            return Tolerance { absolute: said(words), relative: 0.0 };
        }
        let Some(kinds) = stated.as_object().filter(|kinds| names_figures(kinds)) else {
            return Tolerance { absolute: number("abs"), relative: number("rel") };
        };
        let words = |name: &str| name.split('_').map(String::from).collect::<BTreeSet<_>>();
        let wanted = words(figure);
        let means = |kind: &str| words(kind).is_subset(&wanted) || wanted.is_subset(&words(kind));
        let absolute = match kinds.keys().find(|kind| means(kind)) {
            Some(kind) => number(kind),
            None if kinds.contains_key("other") => number("other"),
            // A figure of no named kind is held to the strictest number named.
            None => kinds.values().filter_map(Value::as_f64).fold(f64::INFINITY, f64::min),
        };
        Tolerance { absolute, relative: 0.0 }
    }
}

/// A tolerance in words, such as `indices exact; final_mean abs 1e-9`: what follows `abs`, and zero without it. It
/// is below a whole, so that what is counted stays exact.
fn said(words: &str) -> f64 {
    let mut words = words.split_whitespace().skip_while(|word| *word != "abs").skip(1);
    words.next().and_then(|word| word.parse().ok()).filter(|said| *said < 1.0).unwrap_or(0.0)
}

fn names_figures(kinds: &serde_json::Map<String, Value>) -> bool {
    !kinds.is_empty() && !kinds.contains_key("abs") && !kinds.contains_key("rel")
}

/// Computes what a case expects, in the same shape as its `expected`.
pub(crate) type Answer = fn(&Case) -> Result<Value, String>;

/// A suite that is tested: its file and who answers for it.
pub(crate) struct Suite {
    pub(crate) name: &'static str,
    pub(crate) answer: Answer,
    /// Kinds in the file that another room's vector test runs.
    pub(crate) elsewhere: &'static [&'static str],
}

/// Runs the tested suites and lists the others, apart from those in `others`, as skipped.
pub(crate) fn run(tested: &[Suite], others: Others) -> std::process::ExitCode {
    let arguments = Arguments::from_args();
    let folder = folder();
    let mut trials = Vec::new();
    for suite in tested {
        match read(&folder.join(format!("{}.json", suite.name))) {
            Ok(file) => trials.extend(trials_of(suite, &file)),
            Err(why) => trials.push(skipped(format!("vector {} ({why})", suite.name))),
        }
    }
    if let Others::ListedExcept(known) = others {
        let missing = files(&folder).into_iter().filter(|name| {
            !known.contains(&name.as_str()) && !tested.iter().any(|suite| suite.name == *name)
        });
        trials.extend(missing.map(|name| skipped(format!("vector {name} (not built yet)"))));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// What to say of suites in the folder that are not tested here.
#[allow(dead_code, reason = "each room says one of the two")]
pub(crate) enum Others {
    /// Name them as skipped, except these, which other rooms test.
    ListedExcept(&'static [&'static str]),
    /// Another room's test names them.
    Unmentioned,
}

fn skipped(name: String) -> Trial {
    Trial::test(name, || Ok(())).with_ignored_flag(true)
}

fn trials_of(suite: &Suite, file: &Value) -> Vec<Trial> {
    let none = Vec::new();
    let cases = file["cases"].as_array().unwrap_or(&none);
    if cases.is_empty() {
        let name = format!("vector {} has cases", suite.name);
        return vec![Trial::test(name, || Err(Failed::from("the file holds no case")))];
    }
    let ours = cases
        .iter()
        .filter(|case| !suite.elsewhere.contains(&case["kind"].as_str().unwrap_or_default()));
    ours.map(|case| trial(suite, case)).collect()
}

fn trial(suite: &Suite, case: &Value) -> Trial {
    let text = |key: &str| case[key].as_str().unwrap_or_default().to_owned();
    let case = Case {
        suite: suite.name.to_owned(),
        id: text("id"),
        kind: text("kind"),
        inputs: case["inputs"].clone(),
        expected: case["expected"].clone(),
        tolerance: case["tol"].clone(),
    };
    let answer = suite.answer;
    Trial::test(format!("vector {} {}", case.suite, case.id), move || {
        let got = answer(&case)?;
        let mut faults = Vec::new();
        match &case.expected {
            Value::Object(figures) if !figures.is_empty() => {
                for (name, want) in figures {
                    let tolerance = Tolerance::of(name, &case.tolerance);
                    match got.get(name) {
                        Some(got) => compare(want, got, tolerance, name, &mut faults),
                        None => faults.push(format!("{name}: no answer")),
                    }
                }
            }
            Value::Array(list) if !list.is_empty() => {
                let tolerance = Tolerance::of(&case.suite, &case.tolerance);
                compare(&case.expected, &got, tolerance, &case.suite, &mut faults);
            }
            _ => return Err(Failed::from("the case expects nothing")),
        }
        if faults.is_empty() { Ok(()) } else { Err(Failed::from(faults.join("\n"))) }
    })
}

/// Every figure expected is looked for in the answer; what the answer holds beyond them is ignored.
fn compare(want: &Value, got: &Value, tolerance: Tolerance, at: &str, faults: &mut Vec<String>) {
    match (want, got) {
        (Value::Object(fields), Value::Object(answers)) => {
            for (name, want) in fields {
                match answers.get(name) {
                    Some(got) => compare(want, got, tolerance, &format!("{at}.{name}"), faults),
                    None => faults.push(format!("{at}.{name}: no answer")),
                }
            }
        }
        (Value::Array(wants), Value::Array(gots)) if wants.len() == gots.len() => {
            for (i, (want, got)) in wants.iter().zip(gots).enumerate() {
                compare(want, got, tolerance, &format!("{at}[{i}]"), faults);
            }
        }
        _ if agrees(want, got, tolerance) => {}
        _ => faults.push(format!("{at}: got {got}, want {want}")),
    }
}

fn agrees(want: &Value, got: &Value, tolerance: Tolerance) -> bool {
    if let (Some(want), Some(got)) = (want.as_f64(), got.as_f64()) {
        return (got - want).abs() <= tolerance.absolute + tolerance.relative * want.abs();
    }
    // What a library calls infinite is undefined here.
    let undefined = want.is_null() || want == "inf" || want == "-inf";
    (undefined && got.is_null()) || want == got
}

#[expect(clippy::disallowed_methods, reason = "a test is told by its caller where the figures are")]
fn folder() -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors");
    std::env::var("HINDSIGHT_VECTORS").map_or_else(|_| beside(), PathBuf::from)
}

#[expect(clippy::disallowed_methods, reason = "the figures are in files")]
fn read(path: &Path) -> Result<Value, String> {
    let text = std::fs::read_to_string(path).map_err(|why| format!("no file: {why}"))?;
    // A file that is there but cannot be read is a fault, not a gap: it has no cases and fails.
    Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
}

fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.file_name().to_str()?.strip_suffix(".json").map(String::from))
        .collect();
    names.sort();
    names
}

/// The number under `key`.
#[allow(dead_code, reason = "not every room needs every reader")]
pub(crate) fn number(inputs: &Value, key: &str) -> Result<f64, String> {
    inputs[key].as_f64().ok_or_else(|| format!("{key} is no number"))
}

/// The whole number under `key`.
#[allow(dead_code, reason = "not every room needs every reader")]
pub(crate) fn count(inputs: &Value, key: &str) -> Result<u64, String> {
    let value = &inputs[key];
    let whole = value.as_f64().filter(|v| v.fract() == 0.0 && *v >= 0.0).map(|v| v as u64);
    value.as_u64().or(whole).ok_or_else(|| format!("{key} is no count"))
}

/// The numbers under `key`.
pub(crate) fn numbers(inputs: &Value, key: &str) -> Result<Vec<f64>, String> {
    row(&inputs[key]).ok_or_else(|| format!("{key} is no list of numbers"))
}

/// The rows of numbers under `key`.
#[allow(dead_code, reason = "not every room needs every reader")]
pub(crate) fn rows(inputs: &Value, key: &str) -> Result<Vec<Vec<f64>>, String> {
    let rows = inputs[key].as_array().and_then(|rows| rows.iter().map(row).collect());
    rows.ok_or_else(|| format!("{key} is no table of numbers"))
}

fn row(value: &Value) -> Option<Vec<f64>> {
    value.as_array()?.iter().map(Value::as_f64).collect()
}
