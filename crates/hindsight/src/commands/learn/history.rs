//! `learn history` and `learn show`: every published version, and one of them whole.

use domain::{HeadName, Policy, PolicyVersion, Reason};
use serde_json::{Value, json};

use super::{place, revert_to};
use crate::args::Global;
use crate::commands::setup;
use crate::failure::Failure;
use crate::wording::{Moved, Names, moves, moves_of, rests};

/// Every version of a run, or those of its last days.
pub(super) fn list(global: &Global, days: Option<u32>, run: Option<&str>) -> Result<(), Failure> {
    let (mut store, run, header) = setup::stored_run(global, run)?;
    let versions = store.policy_versions(run.no)?;
    let since = days.map(|days| header.to.plus_ms(-i64::from(days) * 86_400_000));
    let is_shown = |version: &PolicyVersion| since.is_none_or(|since| version.at >= since);
    if global.json {
        let told: Vec<Value> = versions.iter().filter(|v| is_shown(v)).map(as_json).collect();
        return setup::print_json(&json!({ "run": run.id, "versions": told }));
    }
    let names = Names::of(&header);
    let shown = versions.iter().filter(|version| is_shown(version)).count();
    let things = if shown == 1 { "version" } else { "versions" };
    let mut text = format!("Policy of run {}, {shown} {things} (UTC)\n\n", run.id);
    text.push_str("version  published         by                    what moved\n");
    for (at, version) in versions.iter().enumerate().filter(|(_, version)| is_shown(version)) {
        let before = at.checked_sub(1).and_then(|before| versions.get(before));
        text.push_str(&format!(
            "{:>7}  {}  {:<20}  {}\n",
            version.policy.version,
            minute(&version.at.to_string()),
            who(version),
            before
                .map_or_else(|| "-".to_owned(), |before| largest(&before.policy, version, &names)),
        ));
    }
    setup::print(&text)
}

/// To the minute: nobody learns by the second.
pub(super) fn minute(moment: &str) -> String {
    moment.chars().take(16).collect::<String>().replace('T', " ")
}

/// Whose doing a version is; of several learners the first, with the number of others.
fn who(version: &PolicyVersion) -> String {
    let mut learners: Vec<&str> =
        version.reason.amendments().iter().map(|one| one.learner.as_str()).collect();
    learners.dedup();
    match learners.as_slice() {
        [] => match version.reason {
            Reason::DayOne => "day one".to_owned(),
            Reason::Silenced if !is_by_person(version) => "a watchdog".to_owned(),
            _ => "a person".to_owned(),
        },
        [one] => (*one).to_owned(),
        [first, others @ ..] => format!("{first} + {}", others.len()),
    }
}

fn is_by_person(version: &PolicyVersion) -> bool {
    let newest = version.policy.silenced.iter().max_by_key(|silence| silence.since);
    newest.is_none_or(|silence| {
        silence.since != version.at || silence.by == domain::SilencedBy::Person
    })
}

/// What moved most, and how much else did.
fn largest(before: &Policy, version: &PolicyVersion, names: &Names) -> String {
    let mut moved = moves(before, &version.policy, names);
    let prefix = match &version.reason {
        Reason::Revert { to_version } => format!("the values of version {to_version} again; "),
        Reason::Struck { from, to } => format!(
            "outcomes from {} to {} struck; ",
            minute(&from.to_string()),
            minute(&to.to_string())
        ),
        Reason::Unstruck { from, to } => format!(
            "outcomes from {} to {} struck no more; ",
            minute(&from.to_string()),
            minute(&to.to_string())
        ),
        _ => String::new(),
    };
    // Words before numbers: a killed combo says more than any percentage.
    moved.sort_by(|l, r| {
        let weight =
            |one: &Moved| if one.was.is_empty() { f64::INFINITY } else { one.relative.abs() };
        weight(r).total_cmp(&weight(l))
    });
    let Some(first) = moved.first() else { return format!("{prefix}nothing") };
    let part =
        if first.part == "head weights" { String::new() } else { format!("{}: ", first.part) };
    let more = match moved.len() - 1 {
        0 => String::new(),
        n => format!(", {n} more"),
    };
    format!("{prefix}{part}{}{more}", first.text())
}

/// One version as scripts read it.
pub(super) fn as_json(version: &PolicyVersion) -> Value {
    let weights: serde_json::Map<String, Value> = HeadName::ALL
        .into_iter()
        .map(|head| (head.name().to_owned(), json!(version.policy.head_weights[head.at()])))
        .collect();
    let evidence = version
        .reason
        .amendments()
        .first()
        .map_or(Value::Null, |amendment| evidence_json(&amendment.evidence));
    json!({
        "version": version.policy.version,
        "at": version.at.to_string(),
        "reason": version.reason.name(),
        "amendments": version.reason.amendments(),
        "evidence": evidence,
        "head_weights": weights,
        "calibrations": version.policy.calibrations,
        "policy": version.policy,
    })
}

fn evidence_json(evidence: &domain::Evidence) -> Value {
    let heads: serde_json::Map<String, Value> = HeadName::ALL
        .into_iter()
        .map(|head| (head.name().to_owned(), json!(evidence.heads.get(head.at()))))
        .collect();
    json!({
        "outcomes": evidence.outcomes,
        "outcomes_effective": evidence.outcomes_effective,
        "shrink": evidence.shrink,
        "e_value": evidence.e_value,
        "effect": evidence.effect,
        "says": evidence.says,
        "heads": heads,
    })
}

/// One version whole.
pub(super) fn show(global: &Global, number: u64, run: Option<&str>) -> Result<(), Failure> {
    let (mut store, run, header) = setup::stored_run(global, run)?;
    let versions = store.policy_versions(run.no)?;
    let at = place(&versions, number, &run)?;
    let version = &versions[at];
    if global.json {
        return setup::print_json(&as_json(version));
    }
    let before = at.checked_sub(1).map(|before| &versions[before]);
    let names = Names::of(&header);
    let mut text = format!(
        "Version {number} of run {}, published {}, by {}\n",
        run.id,
        version.at,
        who(version)
    );
    text.push_str(&reason(before, version, &names));
    text.push_str("\nHead weights\n");
    for head in HeadName::ALL {
        text.push_str(&head_line(head, before, version));
    }
    text.push_str(
        "\nGain: how much more often candidates paid when the head agreed than its agreeing and their paying\n\
         would meet by chance. Weights go by the gains, of which only the share is kept that the heads' differing\n\
         is more than noise; a weight is no claim that its head knows anything.\n",
    );
    text.push_str(&format!("\nBack to it: {}\n", revert_to(global, &run, number)));
    setup::print(&text)
}

fn reason(before: Option<&PolicyVersion>, version: &PolicyVersion, names: &Names) -> String {
    let mut text = match &version.reason {
        Reason::DayOne => "What it started from; nothing had been heard yet.\n".to_owned(),
        Reason::Revert { to_version } => {
            format!("The values of version {to_version} again, by a person's order.\n")
        }
        Reason::Struck { from, to } => {
            format!(
                "A person struck the outcomes decided from {from} to {to}; the rest was learned again.\n"
            )
        }
        Reason::Unstruck { from, to } => {
            format!(
                "A person took back the strike from {from} to {to}; it was learned again with those outcomes.\n"
            )
        }
        Reason::Learned(_) | Reason::Pinned | Reason::Silenced => String::new(),
    };
    let Some(before) = before else { return text };
    if let Reason::Learned(amendments) = &version.reason {
        for amendment in amendments {
            let moved = moves_of(&amendment.change, &before.policy, &version.policy, names);
            let lines = lines(&moved);
            text.push_str(&format!(
                "\n{} of {}, on {}\n{lines}",
                capital(amendment.change.what()),
                amendment.learner,
                rests(&amendment.evidence, names),
            ));
        }
        return text;
    }
    text.push_str(&lines(&moves(&before.policy, &version.policy, names)));
    text
}

fn lines(moved: &[Moved]) -> String {
    if moved.is_empty() {
        return "  nothing that would show in three digits\n".to_owned();
    }
    let mut moved: Vec<&Moved> = moved.iter().collect();
    moved.sort_by(|l, r| r.relative.abs().total_cmp(&l.relative.abs()));
    moved.iter().map(|one| format!("  {}\n", one.text())).collect()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn head_line(head: HeadName, before: Option<&PolicyVersion>, version: &PolicyVersion) -> String {
    let now = version.policy.head_weights[head.at()];
    let was = before.map_or(now, |before| before.policy.head_weights[head.at()]);
    let mut line = format!("  {:<15} {was:.3} to {now:.3}", head.name());
    let mut amendments = version.reason.amendments().iter();
    if let Some(shown) = amendments.find_map(|amendment| amendment.evidence.heads.get(head.at())) {
        if shown.votes_effective > 0.0 {
            line.push_str(&format!(
                "   right {:.1} % of {:.0} effective votes, gain {:+.4} (standard error {:.4})",
                shown.right_fraction * 100.0,
                shown.votes_effective,
                shown.gain,
                shown.gain_error
            ));
        } else {
            line.push_str("   has not voted");
        }
    }
    line.push('\n');
    line
}
