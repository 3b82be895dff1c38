//! What each job looks at and finds, in lines a person reads. Looking changes nothing.

use domain::{
    Cycle, DecisionId, Finding, Job, ModelKind, OrderState, PlannedTraining, PositionStage, RunBy,
    SymbolIx, Timestamp,
};
use learn::LearnerReport;
use stats::interval::MeanInterval;

use crate::govern::{Moment, hungry};
use crate::schedule::Due;
use crate::{Engine, State};

/// Bars without which a symbol's data are stale, and an entry overdue. Chosen: the seed's "stale" and
/// "stuck" without a number, and three bars are more than a late file and less than a lost day.
const BARS_LATE: u32 = 3;

/// Trades before an audit says that they cost too much. The seeds' number for anything that moves.
const TRADES_MIN: f64 = 50.0;

/// Costs more than a tenth above what is expected are amiss. Chosen: below it the gate's margin covers them.
const OVERRUN: f64 = 1.1;

/// The learner of what models say.
const ONLINE: &str = "online_learning";

/// Something that recovery is to be told of.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Trouble {
    /// An order without an answer.
    Unanswered { symbol: SymbolIx, decision: DecisionId },
    /// An entry that works too long.
    Unfilled { symbol: SymbolIx, decision: DecisionId, bars: u32 },
    /// A symbol without bars while others go on, and shadows that should have ended.
    Stale { symbol: SymbolIx, bars: u32, shadows: usize },
    /// A job that did not run in time.
    Stalled { job: Job, due_at: Timestamp },
}

impl Trouble {
    /// What tells it from another trouble, its numbers aside.
    fn key(self) -> u64 {
        match self {
            Trouble::Unanswered { decision, .. } => decision.0 ^ 1,
            Trouble::Unfilled { decision, .. } => decision.0 ^ 2,
            Trouble::Stale { symbol, .. } => symbol.at() as u64 * 8 + 3,
            Trouble::Stalled { job, .. } => job as u64 * 8 + 4,
        }
    }
}

impl Engine {
    /// Whether a run by the clock is recorded: jobs of every ten minutes and every hour only where what they
    /// find amiss has changed, which models are to be trained and why, or why what was learned about them does
    /// not stand; all others always.
    pub(crate) fn is_worth_telling(&mut self, job: Job, moment: &Moment<'_>) -> bool {
        let mut found = 0;
        let mut mix = |key: u64| found = (found ^ (key + 1)).wrapping_mul(0x100_0000_01b3);
        match job {
            Job::FeeAudit => self.overruns().for_each(|(symbol, _)| mix(symbol as u64)),
            Job::Recovery => self.troubles(moment, &mut |trouble| mix(trouble.key())),
            Job::TriggerCheck => {
                let planned = self.plan(moment.at);
                let key = |one: &PlannedTraining| 1 << (8 * one.model.at() + one.trigger as usize);
                mix(planned.iter().map(key).fold(0, |all: u64, one: u64| all | one));
                mix(self.training().map_or(0, |training| training.no));
            }
            // Without a model there is nothing to refine, and a report words what it says.
            Job::OnlineLearning if !self.has_models() => {}
            Job::OnlineLearning => {
                let layer = self.online_report().and_then(|report| report.layer);
                let refused = layer.map(|layer| layer.refused.map_or("", |why| why.kind()));
                refused.iter().flat_map(|kind| kind.bytes()).for_each(|letter| mix(letter.into()));
                mix(refused.is_some().into());
            }
            _ => return true,
        }
        self.state.schedule.is_news(job, found)
    }

    /// What a job has to say for itself, besides what learners answer it.
    pub(crate) fn findings(&self, due: &Due, moment: &Moment<'_>) -> Vec<Finding> {
        match due.job {
            Job::FeeAudit => self.fees(due.by),
            Job::Recovery => self.recovery(moment),
            Job::TriggerCheck | Job::WeeklyTraining => self.training_findings(due.job, moment.at),
            Job::OnlineLearning => self.online_findings(),
            Job::Controller => {
                let (accounts, at) = (&self.state.accounts, moment.at);
                let (window, since) = (accounts.in_window(at), accounts.since_training);
                let says =
                    format!("{window} outcomes in the last 168 h, {since} since the last training");
                vec![line(due.job.name(), says)]
            }
            Job::Nightly => self.night(),
            Job::Morning => match self.state.accounts.days.before() {
                Some(day) => self.day("yesterday", day),
                None => vec![line("yesterday", "nothing was heard before today".to_owned())],
            },
            Job::EndOfDay => {
                let State { accounts, schedule, .. } = &self.state;
                let mut findings = self.day("today", accounts.days.of(schedule.zone(), due.due_at));
                findings.extend(self.health_findings());
                findings.append(&mut self.online_findings());
                findings
            }
        }
    }

    /// What the learner of what models say reports, if it is there.
    fn online_report(&self) -> Option<LearnerReport> {
        let learner = self.learners.iter().find(|learner| learner.name() == ONLINE)?;
        Some(learner.report(&self.state.policy))
    }

    /// What the last day taught about what models say.
    fn online_findings(&self) -> Vec<Finding> {
        let lines = self.online_report().map(|report| report.beliefs).unwrap_or_default();
        lines.into_iter().map(|says| line(ONLINE, says)).collect()
    }

    /// How each model stands that is switched on.
    fn health_findings(&self) -> impl Iterator<Item = Finding> {
        let kinds = &self.settings.models.kinds;
        let health = ModelKind::ALL.into_iter().zip(self.model_health());
        health.filter(|(kind, _)| kinds.contains(kind)).map(|(kind, health)| {
            let trend = health.trend.as_deref();
            // Its name stands before the line already.
            let says = health.says.trim_start_matches(kind.name()).trim_start();
            Finding {
                of: kind.name().to_owned(),
                is_amiss: trend == Some("DEGRADING"),
                says: format!("{says}; {}", trend.unwrap_or("no trend to be seen").to_lowercase()),
            }
        })
    }

    fn day(&self, of: &str, day: &crate::days::Day) -> Vec<Finding> {
        let name = |at: usize| self.instruments[at].symbol.clone();
        day.says(&name).into_iter().map(|says| line(of, says)).collect()
    }

    /// What night finds besides its phases: what there was to learn from, who is silenced, and which of the
    /// learners that every bar asks starve.
    fn night(&self) -> Vec<Finding> {
        let (taught, void) = self.state.accounts.since_night();
        let heard = format!(
            "{taught} outcomes since the last night; {void} left out, across missing bars or struck"
        );
        let mut findings = vec![line("data", heard)];
        for silence in &self.state.policy.silenced {
            let says = match &silence.by {
                domain::SilencedBy::Person => format!("switched off since {}", silence.since),
                domain::SilencedBy::Watchdog(why) => {
                    format!("frozen since {}: {why}", silence.since)
                }
            };
            findings.push(Finding { of: silence.learner.clone(), is_amiss: true, says });
        }
        let each_bar = self.learners.iter().filter(|learner| learner.cycle() == Cycle::EachBar);
        findings
            .extend(each_bar.filter_map(|learner| {
                hungry(learner.name(), &learner.starved(&self.state.policy))
            }));
        findings
    }

    fn recovery(&self, moment: &Moment<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        self.troubles(moment, &mut |trouble| {
            findings.push(Finding {
                of: Job::Recovery.name().to_owned(),
                is_amiss: true,
                says: self.says(trouble),
            });
        });
        if findings.is_empty() {
            findings.push(line(
                Job::Recovery.name(),
                "orders, data, outcomes and jobs are as they should be".to_owned(),
            ));
        }
        findings
    }

    fn says(&self, trouble: Trouble) -> String {
        let name = |symbol: SymbolIx| &self.instruments[symbol.at()].symbol;
        match trouble {
            Trouble::Unanswered { symbol, decision } => {
                format!("{}: the order of decision {decision} has no answer", name(symbol))
            }
            Trouble::Unfilled { symbol, decision, bars } => {
                format!("{}: the entry of decision {decision} works for {bars} bars", name(symbol))
            }
            Trouble::Stale { symbol, bars, shadows } => format!(
                "{}: no bar for {bars} bars of its session while others go on; {shadows} outcomes wait for it",
                name(symbol)
            ),
            Trouble::Stalled { job, due_at } => {
                format!("{} was due at {due_at}, in a gap of the data", job.name())
            }
        }
    }

    fn troubles(&self, moment: &Moment<'_>, tell: &mut dyn FnMut(Trouble)) {
        for position in self.state.book.positions() {
            let (symbol, decision) = (position.symbol, position.decision);
            if position.order_state == OrderState::Unknown {
                tell(Trouble::Unanswered { symbol, decision });
            } else if position.stage == PositionStage::Entering
                && let Some(bars) = self.bars_late(symbol, position.decided_at, moment.at)
            {
                tell(Trouble::Unfilled { symbol, decision, bars });
            }
        }
        self.stale(moment, tell);
        if moment.is_after_gap {
            for due in moment.beside.iter().filter(|due| due.by == RunBy::CatchUp) {
                tell(Trouble::Stalled { job: due.job, due_at: due.due_at });
            }
        }
    }

    fn stale(&self, moment: &Moment<'_>, tell: &mut dyn FnMut(Trouble)) {
        // What a person asks for between bars is measured by the last bars, not by the person's clock.
        let closed = self.state.symbols.iter().filter_map(|symbol| symbol.last_closed_at);
        let Some(now) = closed.chain(moment.bars.first().map(|_| moment.at)).max() else { return };
        for (at, state) in self.state.symbols.iter().enumerate() {
            let symbol = SymbolIx(at as u16);
            let Some(closed_at) = state.last_closed_at else { continue };
            if moment.bars.iter().any(|timed| timed.symbol == symbol) {
                continue;
            }
            if let Some(bars) = self.bars_late(symbol, closed_at, now) {
                let shadows = state.shadows.overdue(now);
                tell(Trouble::Stale { symbol, bars, shadows });
            }
        }
    }

    /// How many bars of its session passed on a symbol, where they are more than it may be late.
    fn bars_late(&self, symbol: SymbolIx, from: Timestamp, now: Timestamp) -> Option<u32> {
        // A symbol that left the market years ago is not counted session by session every ten minutes.
        const LOOK_BACK_MS: i64 = 10 * 86_400_000;
        let instrument = &self.instruments[symbol.at()];
        if now.ms_since(from) <= i64::from(BARS_LATE) * instrument.interval.ms() {
            return None;
        }
        let look_back_ms = LOOK_BACK_MS.max(10 * instrument.interval.ms());
        let from = from.max(now.plus_ms(-look_back_ms));
        let bars = instrument.calendar.bars_missing(from, now, instrument.interval);
        (bars > BARS_LATE).then_some(bars)
    }

    fn expected_bps(&self) -> f64 {
        self.settings.costs.round_trip_fraction() * 1e4
    }

    /// What trades have cost by symbol, where there were any.
    fn paid(&self) -> impl Iterator<Item = (usize, MeanInterval)> {
        let costs = self.state.accounts.costs.iter().enumerate();
        costs.filter_map(|(at, costs)| Some((at, MeanInterval::of(costs, 1.96)?)))
    }

    /// Symbols whose trades have cost more than expected, beyond their interval.
    fn overruns(&self) -> impl Iterator<Item = (usize, MeanInterval)> {
        let most = self.expected_bps() * OVERRUN;
        let counted = |at: usize| self.state.accounts.costs[at].effective_count() >= TRADES_MIN;
        self.paid().filter(move |(at, paid)| counted(*at) && paid.low > most)
    }

    /// What trading has cost against what was expected: those amiss, and all for a person who asks.
    fn fees(&self, by: RunBy) -> Vec<Finding> {
        let expected = self.expected_bps();
        let dear: Vec<usize> = self.overruns().map(|(at, _)| at).collect();
        let is_asked = matches!(by, RunBy::Person | RunBy::DryRun);
        let shown = self.paid().filter(|(at, _)| is_asked || dear.contains(at));
        let mut findings: Vec<Finding> = shown
            .map(|(at, paid)| Finding {
                of: self.instruments[at].symbol.clone(),
                is_amiss: dear.contains(&at),
                says: format!(
                    "a round trip cost {:.2} bp ({:.2} to {:.2}, {:.0} trades), {expected:.2} bp expected",
                    paid.mean,
                    paid.low,
                    paid.high,
                    self.state.accounts.costs[at].effective_count()
                ),
            })
            .collect();
        let symbols = self.paid().count();
        findings.push(line(
            Job::FeeAudit.name(),
            format!(
                "{} of {symbols} symbols cost more than a tenth above the {expected:.2} bp expected",
                dear.len()
            ),
        ));
        findings
    }
}

fn line(of: &str, says: String) -> Finding {
    Finding { of: of.to_owned(), is_amiss: false, says }
}
