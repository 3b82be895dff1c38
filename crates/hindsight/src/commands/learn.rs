//! `learn`: what was learned, from what, and taking it back.

use anyhow::{Context, anyhow};
use domain::{Calibration, Change, Command, HeadName, PolicyVersion, Reason};
use serde_json::{Value, json};
use store::Run;

use super::{order, setup};
use crate::args::{Global, LearnCommand};
use crate::failure::Failure;

/// Does what was asked.
///
/// # Errors
/// When there is no such run or version, or the store cannot be read or written.
pub fn run(global: &Global, command: &LearnCommand) -> Result<(), Failure> {
    match command {
        LearnCommand::History { days, run } => history(global, *days, run.as_deref()),
        LearnCommand::Show { version, run } => show(global, *version, run.as_deref()),
        LearnCommand::Revert { version, run } => revert(global, *version, run.as_deref()),
    }
}

fn history(global: &Global, days: Option<u32>, run: Option<&str>) -> Result<(), Failure> {
    let (mut store, run, header) = setup::stored_run(global, run)?;
    let mut versions = store.policy_versions(run.no)?;
    if let Some(days) = days {
        let since = header.to.plus_ms(-i64::from(days) * 86_400_000);
        versions.retain(|version| version.at >= since);
    }
    if global.json {
        let told: Vec<Value> = versions.iter().map(as_json).collect();
        return setup::print_json(&json!({ "run": run.id, "versions": told }));
    }
    let mut text = format!("Head weights of run {}, {} versions\n\n", run.id, versions.len());
    text.push_str("version  published             reason        largest change\n");
    let mut before: Option<&PolicyVersion> = None;
    for version in &versions {
        text.push_str(&format!(
            "{:>7}  {}  {:<12}  {}\n",
            version.policy.version,
            version.at,
            version.reason.name(),
            before.map_or_else(|| "-".to_owned(), |before| largest_change(before, version)),
        ));
        before = Some(version);
    }
    setup::print(&text)
}

fn largest_change(before: &PolicyVersion, after: &PolicyVersion) -> String {
    let changed = after.reason.amendments().iter().map(|amendment| amendment.change.what());
    let changed: Vec<&str> = changed.filter(|what| *what != "head weights").collect();
    if !changed.is_empty() {
        return changed.join(", ");
    }
    let change = |head: HeadName| {
        after.policy.head_weights[head.at()] / before.policy.head_weights[head.at()] - 1.0
    };
    let most =
        HeadName::ALL.into_iter().max_by(|l, r| change(*l).abs().total_cmp(&change(*r).abs()));
    let most = most.filter(|head| change(*head) != 0.0);
    most.map_or_else(
        || "none".to_owned(),
        |head| {
            format!(
                "{} {:.3} to {:.3} ({:+.1} %)",
                head.name(),
                before.policy.head_weights[head.at()],
                after.policy.head_weights[head.at()],
                change(head) * 100.0
            )
        },
    )
}

fn as_json(version: &PolicyVersion) -> Value {
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
        "heads": heads,
    })
}

fn show(global: &Global, number: u64, run: Option<&str>) -> Result<(), Failure> {
    let (mut store, run, _) = setup::stored_run(global, run)?;
    let versions = store.policy_versions(run.no)?;
    let at = place(&versions, number, &run)?;
    let version = &versions[at];
    if global.json {
        return setup::print_json(&as_json(version));
    }
    let mut text = format!(
        "Version {number} of run {}, published {}, reason {}\n",
        run.id,
        version.at,
        version.reason.name()
    );
    match &version.reason {
        Reason::DayOne => {
            text.push_str("The weights it started from; nothing had been heard yet.\n")
        }
        Reason::Revert { to_version } => text
            .push_str(&format!("The values of version {to_version} again, by a person's order.\n")),
        Reason::Learned(amendments) => {
            for amendment in amendments {
                text.push_str(&match &amendment.change {
                    Change::HeadWeights(_) => evidence(&amendment.evidence),
                    Change::Calibration { strategy, calibration } => {
                        worth(*strategy, calibration, &amendment.evidence)
                    }
                    other => format!("{}: {}\n", other.what(), evidence(&amendment.evidence)),
                });
            }
        }
        other => text.push_str(&format!("By order: {}.\n", other.name())),
    }
    text.push('\n');
    let before = at.checked_sub(1).map(|before| &versions[before]);
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

/// What a conviction is worth from this version on.
fn worth(strategy: u8, calibration: &Calibration, evidence: &domain::Evidence) -> String {
    let name = decide::STRATEGIES.get(usize::from(strategy)).map_or("?", |one| one.name());
    let mut text = format!(
        "What a conviction is worth to {name}, from {} outcomes (effective {:.0}); head weights stay.\n",
        super::shown::grouped(evidence.outcomes),
        evidence.outcomes_effective
    );
    if evidence.shrink == Some(0.0) {
        text.push_str("No evidence yet that it tells winners from losers: every conviction gets the base rate.\n");
    }
    for conviction in [0.2, 0.4, 0.6, 0.8, 1.0] {
        if let Some(probability) = calibration.probability(conviction) {
            text.push_str(&format!(
                "  conviction {conviction:.1}   ends above zero after costs in {:.1} %\n",
                probability * 100.0
            ));
        }
    }
    text
}

fn evidence(evidence: &domain::Evidence) -> String {
    format!(
        "{} outcomes (effective {:.0}); {:.0} % of the difference between heads is kept, the rest is taken for luck.\n",
        super::shown::grouped(evidence.outcomes),
        evidence.outcomes_effective,
        evidence.shrink.unwrap_or(1.0) * 100.0
    )
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

fn place(versions: &[PolicyVersion], number: u64, run: &Run) -> anyhow::Result<usize> {
    let found = versions.iter().position(|version| version.policy.version == number);
    found.ok_or_else(|| {
        anyhow!("run {} has no version {number}; it has 1 to {}", run.id, versions.len())
    })
}

fn revert(global: &Global, number: u64, run: Option<&str>) -> Result<(), Failure> {
    let mut stood = order::stored(global, run, order::Fed::Perhaps)?;
    let versions = stood.store.policy_versions(stood.run.no)?;
    let to = versions[place(&versions, number, &stood.run)?].policy.clone();
    let order = Command::Revert { to, at: stood.now() };
    let published = stood.give(order)?.versions;
    let version = published.first().context("a revert is answered by a version")?;
    if global.json {
        return setup::print_json(&as_json(version));
    }
    let run = &stood.run;
    let mut text = format!("Published version {} of run {} with", version.policy.version, run.id);
    text.push_str(&format!(" the values of version {number}.\n"));
    text.push_str(&format!("Undo: {}\n", revert_to(global, run, versions.len() as u64)));
    text.push_str(&format!(
        "Start a replay from it: hindsight{} replay --policy {} --data ...; repeating that run itself replaces it.\n",
        setup::at_store(global),
        run.id
    ));
    setup::print(&text)
}

/// The command that makes a version stand again, wherever the run is.
fn revert_to(global: &Global, run: &Run, version: u64) -> String {
    format!("hindsight{} learn revert {version} --run {}", setup::at_store(global), run.id)
}
