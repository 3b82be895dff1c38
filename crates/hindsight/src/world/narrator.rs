//! Says as it happens what was hit, what was learned and what changed (mission row R9).

use std::io::Write;

use domain::{
    Amendment, Effects, ExitReason, Finding, Instrument, Job, JobRun, ModelNews, PolicyVersion,
    Reason, RulingRecord, RunBy, Timestamp, Trade, Training, estimate,
};

use crate::wording::{Moved, Names, moves, moves_of, rests};

/// Writes a line for everything a person would want to follow.
pub struct Narrator {
    out: Box<dyn Write>,
    names: Names,
    last: Option<PolicyVersion>,
    /// The training that is under way: it is told with what it came to.
    asked: Option<Training>,
}

impl Narrator {
    /// Writes to `out`, about these instruments.
    pub fn new(out: Box<dyn Write>, instruments: &[Instrument]) -> Narrator {
        Narrator { out, names: Names::of_instruments(instruments), last: None, asked: None }
    }

    /// Tells what one step led to.
    pub(super) fn tell(&mut self, effects: &Effects) {
        for gap in &effects.gaps {
            let symbol = self.names.symbol(gap.symbol);
            let line = format!("{} {symbol}: {} bars missing", moment(gap.to), gap.bars_missing);
            self.say(&line);
        }
        for trade in &effects.trades {
            let line = self.closed(trade);
            self.say(&line);
        }
        for version in &effects.versions {
            let line = changed(self.last.as_ref(), version, &self.names);
            self.say(&line);
            self.last = Some(version.clone());
        }
        if let Some(training) = effects.trainings.last() {
            self.asked = Some(training.clone());
        }
        // That a newer version comes and takes the seat is told with its training.
        let comes = |ruling: &RulingRecord| matches!(ruling.ruling.as_str(), "enter" | "supersede");
        for ruling in effects.rulings.iter().filter(|ruling| !comes(ruling)) {
            self.say(&ruled(ruling));
        }
        let names = &self.names;
        let jobs: Vec<String> = effects.jobs.iter().filter_map(|run| ran(run, names)).collect();
        for line in jobs {
            self.say(&line);
        }
    }

    /// Tells of what a training came to.
    pub(super) fn tell_of_models(&mut self, news: &ModelNews) {
        let line = heard(news, self.asked.take().as_ref());
        self.say(&line);
    }

    fn say(&mut self, line: &str) {
        // Whoever stopped listening is no reason to stop trading.
        let _ = writeln!(self.out, "{line}");
    }

    fn closed(&self, trade: &Trade) -> String {
        let hit = match trade.reason {
            ExitReason::Stop => "stop hit",
            ExitReason::TrailingStop => "trailing stop hit",
            ExitReason::Target => "target hit",
            ExitReason::Time => "longest hold reached",
            ExitReason::SessionEnd => "end of the session",
            ExitReason::Liquidated => "liquidated",
            ExitReason::Ordered => "closed by order",
            ExitReason::Gap => "closed after missing bars",
        };
        format!(
            "{} {} {} {hit}: {} to {}, {:+.2} R, {:+.2} after costs ({}, decision {:016x})",
            moment(trade.closed_at),
            self.names.symbol(trade.symbol),
            trade.side.name(),
            trade.entry.round_dp(8).normalize(),
            trade.exit.round_dp(8).normalize(),
            trade.r,
            estimate(trade.net),
            trade.standing.name(),
            trade.decision.0,
        )
    }
}

fn moment(at: Timestamp) -> String {
    // To the minute: nobody trades bars by the second.
    at.to_string().chars().take(16).collect::<String>().replace('T', " ")
}

/// Moves of one amendment that a line names; of more, the largest.
const MOVES_TOLD: usize = 4;

fn changed(before: Option<&PolicyVersion>, version: &PolicyVersion, names: &Names) -> String {
    let head = format!("{} policy version {}", moment(version.at), version.policy.version);
    let Some(before) = before else { return format!("{head}: {}", version.reason.name()) };
    let differs = || largest(moves(&before.policy, &version.policy, names));
    match &version.reason {
        Reason::DayOne => format!("{head}: day one"),
        Reason::Learned(amendments) => {
            let told = amendments.iter().map(|one| amended(before, version, one, names));
            format!("{head}: {}", told.collect::<Vec<_>>().join("; "))
        }
        Reason::Revert { to_version } => {
            format!("{head}: the values of version {to_version} again: {}", differs())
        }
        Reason::Pinned => format!("{head}: by a person: {}", differs()),
        Reason::Silenced => format!("{head}: {}", differs()),
        Reason::Struck { from, to } => format!(
            "{head}: outcomes from {} to {} struck, the rest learned again: {}",
            moment(*from),
            moment(*to),
            differs()
        ),
        Reason::Unstruck { from, to } => format!(
            "{head}: outcomes from {} to {} struck no more, all learned again: {}",
            moment(*from),
            moment(*to),
            differs()
        ),
    }
}

fn amended(
    before: &PolicyVersion,
    version: &PolicyVersion,
    amendment: &Amendment,
    names: &Names,
) -> String {
    let moved = moves_of(&amendment.change, &before.policy, &version.policy, names);
    format!(
        "{}, learner {}: {}, on {}",
        amendment.change.what(),
        amendment.learner,
        largest(moved),
        rests(&amendment.evidence, names)
    )
}

/// What moved, old to new, the largest first, and how much else did.
fn largest(mut moved: Vec<Moved>) -> String {
    moved.sort_by(|l, r| r.relative.abs().total_cmp(&l.relative.abs()));
    let more = moved.len().saturating_sub(MOVES_TOLD);
    let mut told: Vec<String> = moved.iter().take(MOVES_TOLD).map(Moved::text).collect();
    if more > 0 {
        told.push(format!("{more} others less"));
    }
    if told.is_empty() { "nothing that shows".to_owned() } else { told.join(", ") }
}

/// Why a training was asked for: its most urgent reason.
fn asked(training: &Training) -> String {
    let why = training.plan.first().map_or("", |planned| planned.says.as_str());
    format!(", asked for {} by {}: {why}", moment(training.asked_at), training.trigger().name())
}

/// What a training came to.
fn heard(news: &ModelNews, training: Option<&Training>) -> String {
    let asked = training.map(asked).unwrap_or_default();
    match news {
        ModelNews::Trained(trained) => {
            let record = &trained.record;
            let figure = |name| record.figure(name);
            let loss = figure("log_loss").zip(figure("base_log_loss"));
            let loss = loss.map_or_else(String::new, |(loss, base)| {
                format!(", log loss {loss:.4} where the base rate has {base:.4}")
            });
            format!(
                "{} model version {} trained on {} outcomes (effective {:.0}), {} waited{loss}{asked}",
                moment(trained.at),
                record.version,
                record.rows.count,
                record.rows.effective,
                record.rows.waiting
            )
        }
        ModelNews::Failed { training, why, at } => {
            format!("{} training {training} came to nothing: {why}{asked}", moment(*at))
        }
    }
}

/// A ruling, with the evidence where there was any.
fn ruled(ruling: &RulingRecord) -> String {
    let evidence = ruling.grounds.as_ref().map_or_else(String::new, |grounds| {
        format!(
            " (e = {:.1} of {:.0}, {} decisions)",
            grounds.evidence, grounds.evidence_needed, grounds.decisions
        )
    });
    format!(
        "{} model version {}, {}: {} to {}, {}{evidence}",
        moment(ruling.at),
        ruling.version,
        ruling.ruling.replace('_', " "),
        ruling.from.name(),
        ruling.to.name(),
        ruling.says
    )
}

/// A job that did something, in one line; of what it found amiss the first.
fn ran(run: &JobRun, names: &Names) -> Option<String> {
    let amiss: Vec<&Finding> = run.findings.iter().filter(|found| found.is_amiss).collect();
    let is_cycle = matches!(run.job, Job::Controller | Job::Nightly | Job::EndOfDay | Job::Morning);
    if !is_cycle && amiss.is_empty() && run.published.is_none() {
        return None;
    }
    let mut line = format!("{} {} ran", moment(run.ran_at), run.job.name().replace('_', " "));
    match run.by {
        RunBy::Clock => {}
        RunBy::CatchUp => line.push_str(&format!(", late: due {}", moment(run.due_at))),
        RunBy::Person => line.push_str(", by a person"),
        RunBy::DryRun => line.push_str(", as a dry run"),
    }
    if let Some(version) = run.published {
        line.push_str(&format!(", published version {version}"));
    }
    let findings = if run.findings.len() == 1 { "finding" } else { "findings" };
    line.push_str(&format!(", {} {findings}", run.findings.len()));
    if let Some(first) = amiss.first() {
        let says = names.spoken(&first.says);
        line.push_str(&format!(", {} amiss: {}: {says}", amiss.len(), first.of));
    }
    Some(line)
}

#[cfg(test)]
mod tests {
    use domain::{Change, Evidence, GatePolicy, Policy, Threshold};

    use super::*;

    fn version(number: u64, reason: Reason, change: impl FnOnce(&mut Policy)) -> PolicyVersion {
        let mut policy = Policy::day_one(GatePolicy::default());
        policy.version = number;
        change(&mut policy);
        PolicyVersion { policy, at: Timestamp::from_ms(1_741_078_800_000), reason }
    }

    fn learned(change: Change) -> Reason {
        let evidence = Evidence { e_value: Some(24.0), ..Evidence::of(1_318, 402.0) };
        Reason::Learned(vec![Amendment { learner: "gates".to_owned(), change, evidence }])
    }

    fn check(reason: Reason, change: impl FnOnce(&mut Policy), due: &str) {
        let before = version(1, Reason::DayOne, |_| {});
        let names = Names { symbols: vec!["AAA".to_owned()], strategies: vec!["alpha".to_owned()] };
        let told = changed(Some(&before), &version(2, reason, change), &names);
        assert_eq!(told, format!("2025-03-04 09:00 policy version 2: {due}"));
    }

    #[test]
    fn every_kind_of_change_is_told_old_to_new() {
        check(
            learned(Change::Threshold { threshold: Threshold::FeeMargin, to: 1.65 }),
            |policy| policy.gates.fee_margin = 1.65,
            "fee, learner gates: 1.500 to 1.650 (+10.0 %), on 1,318 outcomes (effective 402), e = 24",
        );
        let combo = domain::Combo { symbol: domain::SymbolIx(0), side: domain::Side::Short };
        check(
            learned(Change::Killed(vec![combo])),
            |policy| policy.killed = vec![combo],
            "killed combos, learner gates: AAA short is not traded any more, on 1,318 outcomes (effective 402), e = 24",
        );
        check(
            learned(Change::HourFactors(vec![1.0, 0.5])),
            |policy| policy.hour_factors = vec![1.0, 0.5],
            "hour factors, learner gates: 1:00 1.000 to 0.500 (-50.0 %), on 1,318 outcomes (effective 402), e = 24",
        );
        check(
            Reason::Revert { to_version: 1 },
            |policy| policy.strategy_shares = vec![1.2],
            "the values of version 1 again: alpha 1.000 to 1.200 (+20.0 %)",
        );
        let pin =
            domain::Pin { value: domain::PinnedValue::Threshold(Threshold::Cooldown), at: 30.0 };
        check(
            Reason::Pinned,
            |policy| {
                policy.pins = vec![pin];
                policy.gates.cooldown_min = 30;
            },
            "by a person: 60.0 to 30.0 (-50.0 %), gate.cooldown is held at 30.0",
        );
    }

    #[test]
    fn quiet_jobs_of_every_ten_minutes_are_not_told() {
        let at = Timestamp::from_ms(1_741_078_800_000);
        let run = |job, is_amiss| JobRun {
            job,
            due_at: at,
            ran_at: at,
            by: RunBy::Clock,
            published: None,
            findings: vec![Finding { of: "fee".to_owned(), is_amiss, says: "x".to_owned() }],
        };
        let names = Names::default();
        assert_eq!(ran(&run(Job::FeeAudit, false), &names), None);
        let told = ran(&run(Job::FeeAudit, true), &names).unwrap();
        assert_eq!(told, "2025-03-04 09:00 fee audit ran, 1 finding, 1 amiss: fee: x");
        assert!(ran(&run(Job::Nightly, false), &names).is_some());
    }
}
