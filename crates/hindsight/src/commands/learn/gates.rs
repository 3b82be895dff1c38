//! What each gate refused, and what that would have come to.

use domain::{Outcome, PolicyVersion, RunHeader, Threshold};
use learn::JudgedGate;
use serde_json::{Value, json};

use crate::commands::shown::grouped;
use crate::report::Estimate;
use crate::tally::ResultTally;

/// One gate's refusals that turned out.
#[derive(Default)]
struct Refused {
    all: ResultTally,
    alone: ResultTally,
}

/// Every gate's.
pub(super) struct GateResults {
    gates: Vec<(String, Refused)>,
    judged: Vec<JudgedGate>,
}

impl GateResults {
    /// Nothing counted yet; `judged` is what the gate monitor says.
    pub(super) fn new(header: &RunHeader, judged: Vec<JudgedGate>) -> GateResults {
        let gates = header.gates.iter().map(|name| (name.clone(), Refused::default()));
        GateResults { gates: gates.collect(), judged }
    }

    /// The verdict of the one that judges gates.
    fn verdict(&self, name: &str) -> &'static str {
        let judged = self.judged.iter().find(|judged| judged.gate == name);
        judged.map_or("Not known yet.", |judged| judged.says())
    }

    pub(super) fn add(&mut self, outcome: &Outcome) {
        if !outcome.teaches() {
            return;
        }
        for (at, (_, refused)) in self.gates.iter_mut().enumerate() {
            if outcome.refused & (1 << at) != 0 {
                refused.all.add(outcome, outcome.uniqueness);
                if outcome.refused.count_ones() == 1 {
                    refused.alone.add(outcome, outcome.uniqueness);
                }
            }
        }
    }

    /// A paragraph per gate that refused anything.
    pub(super) fn text(&self, versions: &[PolicyVersion]) -> String {
        let told = self.gates.iter().filter(|(_, refused)| refused.all.count() > 0);
        told.map(|(name, refused)| sentence(name, refused, self.verdict(name), versions)).collect()
    }

    pub(super) fn json(&self, versions: &[PolicyVersion]) -> Vec<Value> {
        let told = self.gates.iter().map(|(name, refused)| {
            let (was, now) = threshold(name, versions).unzip();
            json!({
                "gate": name,
                "refused_with_outcome": refused.all.count(),
                "had_they_been_taken_r": refused.all.mean(),
                "refused_by_it_alone_r": refused.alone.mean(),
                "reading": self.verdict(name),
                "threshold_day_one": was,
                "threshold": now,
            })
        });
        told.collect()
    }
}

fn sentence(name: &str, refused: &Refused, verdict: &str, versions: &[PolicyVersion]) -> String {
    let mut text = format!(
        "Gate \"{name}\" refused {} candidates that have turned out.",
        grouped(refused.all.count())
    );
    match refused.all.mean() {
        Some(r) if r.is_few() => text.push_str(" Too few to say what they would have earned."),
        Some(r) => {
            text.push_str(&format!(
                " Had they been taken: {:+.2} R each after costs\n  [{:+.2}, {:+.2}], effective {:.0}.",
                r.value, r.low, r.high, r.n_effective
            ));
        }
        None => text.push_str(" What they would have earned is not known yet."),
    }
    match refused.alone.mean() {
        // What other gates refuse too would not have been taken anyway.
        Some(r) if !r.is_few() => {
            text.push_str(&format!(" By it alone: {} [{:+.2}, {:+.2}].", in_r(&r), r.low, r.high));
        }
        None if refused.alone.count() == 0 => text.push_str(" None of them by it alone."),
        _ => text.push_str(" By it alone: too few to say."),
    }
    text.push_str(&format!(" {verdict}"));
    match threshold(name, versions) {
        Some((was, now)) if was != now => {
            text.push_str(&format!(" Threshold {was} on day one, {now} now."));
        }
        Some((_, now)) => text.push_str(&format!(" Threshold {now}, unchanged.")),
        None => {}
    }
    text + "\n"
}

/// What the gate asked for on day one and what it asks for now, where it can be learned.
fn threshold(name: &str, versions: &[PolicyVersion]) -> Option<(f64, f64)> {
    let threshold = Threshold::ALL.into_iter().find(|one| one.gate() == name)?;
    let (first, last) = (versions.first()?, versions.last()?);
    let rounded = |value: f64| (value * 1e4).round() / 1e4;
    Some((rounded(threshold.of(&first.policy.gates)), rounded(threshold.of(&last.policy.gates))))
}

fn in_r(r: &Estimate) -> String {
    format!("{}, {:+.2} R each", grouped(r.n), r.value)
}

/// `-0.11 R [-0.14, -0.08], n = 4,402, effective 402`.
pub(super) fn estimate(r: &Estimate) -> String {
    if r.is_few() {
        return format!("n = {}: too few to say", grouped(r.n));
    }
    format!(
        "{:+.3} R [{:+.3}, {:+.3}], n = {}, effective {:.0}",
        r.value,
        r.low,
        r.high,
        grouped(r.n),
        r.n_effective
    )
}
