//! R1: every job runs when it is due, once for each time, and in its order; by hand and as a dry run too.

mod theatre;

use std::collections::BTreeMap;

use domain::{
    Bar, Calendar, Command, Effects, Event, Instrument, Interval, Job, JobRun, Phase, Reason,
    RunBy, SymbolIx, TimedBar, Timestamp,
};
use engine::{Engine, Planned, Settings, due_after};
use scenarios::{Dice, Market, bars};
use theatre::{START, Theatre, events, instrument, two_symbols};

const DAY_MS: i64 = 86_400_000;

/// The due times that follow one another after a moment, as text.
fn due_times(job: Job, calendar: Calendar, from: i64, count: usize) -> Vec<String> {
    let mut at = Timestamp::from_ms(from * DAY_MS);
    let mut next = || {
        at = due_after(job, [calendar], at);
        at.to_string()
    };
    (0..count).map(|_| next()).collect()
}

/// Lines of `job day: moments`; a day is counted since 1970-01-01, 2024-03-08 being 19,790.
fn check_due(calendar: Calendar, cases: &str) {
    for line in cases.lines() {
        let (asked, expected) = line.split_once(": ").expect("job, day, moments");
        let mut asked = asked.split_whitespace();
        let job = asked.next().and_then(Job::named).expect("a job");
        let day = asked.next().and_then(|day| day.parse().ok()).expect("a day");
        let expected: Vec<String> =
            expected.split_whitespace().map(|moment| format!("{moment}:00Z")).collect();
        assert_eq!(due_times(job, calendar, day, expected.len()), expected, "{line}");
    }
}

#[test]
fn of_shares_jobs_keep_new_yorks_time_over_both_changes_of_the_clock() {
    check_due(
        Calendar::UsEquity,
        "morning 19790: 2024-03-08T14:00 2024-03-09T14:00 2024-03-10T13:00 2024-03-11T13:00
         morning 20029: 2024-11-02T13:00 2024-11-03T14:00 2024-11-04T14:00
         end_of_day 19790: 2024-03-08T21:30 2024-03-09T21:30 2024-03-10T20:30
         end_of_day 20029: 2024-11-02T20:30 2024-11-03T21:30
         weekly_training 19790: 2024-03-10T06:00 2024-03-17T05:00
         weekly_training 20029: 2024-11-03T05:00 2024-11-10T06:00
         online_learning 19790: 2024-03-08T14:00 2024-03-08T15:00 2024-03-08T16:00 2024-03-08T17:00 2024-03-08T18:00 2024-03-08T19:00 2024-03-08T20:00 2024-03-08T21:00 2024-03-11T13:00
         trigger_check 20029: 2024-11-04T14:00 2024-11-04T15:00
         nightly 19790: 2024-03-08T07:00 2024-03-09T07:00 2024-03-10T07:00 2024-03-11T07:00
         controller 19790: 2024-03-08T12:00 2024-03-09T00:00
         fee_audit 19790: 2024-03-08T00:10 2024-03-08T00:20
         recovery 19790: 2024-03-08T00:10",
    );
}

#[test]
fn around_the_clock_jobs_keep_universal_time() {
    check_due(
        Calendar::Always,
        "morning 19790: 2024-03-08T09:00 2024-03-09T09:00 2024-03-10T09:00
         end_of_day 19790: 2024-03-08T16:30 2024-03-09T16:30
         weekly_training 19790: 2024-03-10T01:00 2024-03-17T01:00
         online_learning 19790: 2024-03-08T01:00 2024-03-08T02:00
         nightly 19790: 2024-03-08T07:00 2024-03-09T07:00",
    );
}

/// Jobs that are told at every run; the others only where they have something to say.
const ALWAYS_TOLD: [Job; 5] =
    [Job::Controller, Job::Nightly, Job::Morning, Job::EndOfDay, Job::WeeklyTraining];

/// Plays these bars and compares, at every event, what ran with what was due: exactly those jobs, once.
/// Gives how often each ran.
fn runs(instrument: Instrument, all: &[Bar]) -> BTreeMap<Job, u32> {
    let mut engine = Engine::new(Settings::default(), vec![instrument]);
    let (mut effects, mut counted) = (Effects::default(), BTreeMap::new());
    for bar in all {
        let at = bar.closed_at();
        let before: Vec<Planned> = engine.planned().collect();
        let bars = vec![TimedBar { symbol: SymbolIx(0), bar: *bar }];
        engine.step(&Event::Bars { closed_at: at, bars }, &mut effects);
        let mut ran = Vec::new();
        for (was, is) in before.into_iter().zip(engine.planned()) {
            let due_at = is.due_at.expect("everything is planned");
            assert!(due_at > at, "{:?} is due again at {due_at}, and it is {at}", is.job);
            let was_due = was.due_at.filter(|due_at| *due_at <= at);
            assert_eq!(is.ran_at, if was_due.is_some() { Some(at) } else { was.ran_at });
            if let Some(due_at) = was_due {
                *counted.entry(is.job).or_insert(0) += 1;
                ran.push((is.job, due_at));
            }
        }
        ran.retain(|(job, _)| ALWAYS_TOLD.contains(job));
        let told = effects.jobs.iter().filter(|run| ALWAYS_TOLD.contains(&run.job));
        let told: Vec<_> = told.map(|run: &JobRun| (run.job, run.due_at)).collect();
        assert_eq!(told, ran, "{at}");
        for run in &effects.jobs {
            let is_late = run.ran_at.ms_since(run.due_at) > 3_600_000;
            assert_eq!(run.by, if is_late { RunBy::CatchUp } else { RunBy::Clock });
            assert_eq!(run.ran_at, at);
        }
    }
    counted
}

fn year(seed: u64, interval: Interval, days: i64) -> Vec<Bar> {
    let market = Market::Trending { volatility: 0.002, carry: 0.1 };
    bars(seed, market, interval, START, (days * DAY_MS / interval.ms()) as usize)
}

#[test]
fn a_year_of_hours_runs_every_job_once_for_each_time_it_is_due() {
    let counted = runs(instrument("AAA"), &year(3, Interval::HOUR, 365));
    let expected = [
        // Of the six times an hour brings one is left: bars come once an hour.
        (Job::FeeAudit, 8_759),
        (Job::Recovery, 8_759),
        (Job::TriggerCheck, 8_759),
        (Job::OnlineLearning, 8_759),
        (Job::Controller, 730),
        (Job::Nightly, 365),
        (Job::Morning, 365),
        (Job::EndOfDay, 365),
        (Job::WeeklyTraining, 52),
    ];
    assert_eq!(counted, BTreeMap::from(expected));
}

#[test]
fn a_year_of_minutes_with_holes_runs_no_job_twice_for_one_time() {
    let minute = Interval::parse("1m").expect("a minute");
    let mut all = year(4, minute, 365);
    let mut dice = Dice::new(5);
    let holes: Vec<(i64, i64)> = (0..40)
        .map(|_| {
            let from = START.ms() + dice.below(365 * 24) as i64 * 3_600_000;
            (from, from + 60_000 * (1 + dice.below(4_000) as i64))
        })
        .collect();
    let is_kept = |bar: &Bar| {
        let opened_ms = bar.opened_at().ms();
        !holes.iter().any(|(from, to)| (*from..*to).contains(&opened_ms))
    };
    all.retain(is_kept);
    assert!(all.len() < 500_000, "{}", all.len());
    let counted = runs(Instrument { interval: minute, ..instrument("AAA") }, &all);
    // `runs` has compared each with what was due; a hole may cost a night, and not more than it lasts.
    assert!((330..=365).contains(&counted[&Job::Nightly]), "{counted:?}");
    assert!((650..=730).contains(&counted[&Job::Controller]), "{counted:?}");
    assert!((45_000..52_560).contains(&counted[&Job::Recovery]), "{counted:?}");
}

#[test]
fn after_ten_days_of_silence_every_job_is_caught_up_once() {
    let all = events(&two_symbols(6, 1_000));
    let mut theatre = Theatre::new(Settings::default(), 2).play_all(&all[..500]);
    theatre.told.jobs.clear();
    theatre.play(&all[740]);
    let caught: Vec<Job> = theatre.told.jobs.iter().map(|run| run.job).collect();
    let expected = [&[Job::Recovery][..], &ALWAYS_TOLD].concat();
    assert_eq!(caught, expected, "in the order of the table, each of them once");
    assert!(theatre.told.jobs.iter().all(|run| run.by == RunBy::CatchUp));
    let stalled = &theatre.told.jobs[0].findings;
    assert!(stalled.iter().any(|finding| finding.is_amiss && finding.says.contains("nightly")));
    theatre.told.jobs.clear();
    for event in &all[741..745] {
        theatre.play(event);
    }
    let again = theatre.told.jobs.iter().filter(|run| run.by == RunBy::CatchUp).count();
    assert_eq!(again, 0, "{:#?}", theatre.told.jobs);
}

#[test]
fn the_night_goes_through_its_phases_in_order_and_the_starved_say_so() {
    let played = theatre::run(Settings::default(), &two_symbols(7, 100));
    let night = played.told.jobs.iter().find(|run| run.job == Job::Nightly).expect("a night");
    let phases: Vec<&str> = night
        .findings
        .iter()
        .filter(|finding| Phase::ALL.iter().any(|phase| phase.name() == finding.of))
        .map(|finding| finding.of.as_str())
        .collect();
    assert_eq!(phases, Phase::ALL.map(Phase::name));
    let starved = night.findings.iter().find(|finding| finding.of == "head_weights");
    assert!(starved.is_some_and(|f| !f.is_amiss && f.says.contains("of 50 effective votes")));
}

#[test]
fn the_morning_tells_of_yesterday_and_the_evening_of_today() {
    let played = theatre::run(theatre::eager(), &two_symbols(8, 2_000));
    let told = &played.told;
    let day_of = |at: Timestamp| at.day_closed();
    let mut compared = 0;
    for run in told.jobs.iter().filter(|run| run.job == Job::Morning).skip(1) {
        let heard = told.outcomes.iter().zip(&told.outcomes_heard);
        let yesterday = heard
            .filter(|(outcome, at)| outcome.teaches() && day_of(**at) == day_of(run.ran_at) - 1);
        let says = format!("{} outcomes of trades", yesterday.count());
        assert!(run.findings[1].says.starts_with(&says), "{says}: {:#?}", run.findings);
        compared += 1;
    }
    assert!(compared > 80, "{compared}");
    let evening = told.jobs.iter().rfind(|run| run.job == Job::EndOfDay).expect("an evening");
    assert_eq!(evening.findings[0].of, "today");
}

/// An engine that has learned something, and a moment at which the controller has something to change.
fn about_to_change() -> (Vec<Event>, usize) {
    let all = events(&two_symbols(10, 3_000));
    let mut theatre = Theatre::new(Settings::default(), 2);
    for (at, event) in all.iter().enumerate() {
        theatre.play(event);
        if runs_dry(&mut theatre.engine, Job::Controller).is_some_and(|run| would_change(&run)) {
            return (all, at + 1);
        }
    }
    panic!("the controller never had anything to change");
}

fn would_change(run: &JobRun) -> bool {
    run.findings.iter().any(|finding| finding.says.contains("would change"))
}

fn by_hand(job: Job, is_dry: bool) -> Event {
    Event::Command(Command::RunJob { job, is_dry, at: START.plus_ms(9_999 * 3_600_000) })
}

fn runs_dry(engine: &mut Engine, job: Job) -> Option<JobRun> {
    let mut effects = Effects::default();
    engine.step(&by_hand(job, true), &mut effects);
    assert!(effects.versions.is_empty());
    effects.jobs.pop()
}

#[test]
fn a_dry_run_tells_everything_and_changes_nothing() {
    let (all, cut) = about_to_change();
    let played = || Theatre::new(Settings::default(), 2).play_all(&all[..cut]).engine;
    let (mut dry, mut idle) = (played(), played());
    for job in Job::ALL {
        let run = runs_dry(&mut dry, job).expect("a person is always told");
        assert_eq!((run.job, run.by, run.published), (job, RunBy::DryRun, None));
        assert!(!run.findings.is_empty(), "{job:?} has nothing to say");
        assert_eq!(would_change(&run), job == Job::Controller, "{job:?}");
        idle.step(&Event::Readings(Vec::new()), &mut Effects::default());
    }
    assert_eq!(dry.digest(), idle.digest());
}

#[test]
fn a_job_run_by_hand_publishes_and_leaves_the_clock_as_it_is() {
    let (all, cut) = about_to_change();
    let mut engine = Theatre::new(Settings::default(), 2).play_all(&all[..cut]).engine;
    let before: Vec<Planned> = engine.planned().collect();
    let version = engine.policy().version;
    let mut effects = Effects::default();
    engine.step(&by_hand(Job::Controller, false), &mut effects);
    assert_eq!(engine.policy().version, version + 1);
    assert!(matches!(effects.versions[0].reason, Reason::Learned(_)));
    let run = effects.jobs.pop().expect("it was run");
    assert_eq!((run.by, run.published), (RunBy::Person, Some(version + 1)));
    assert_eq!(engine.planned().collect::<Vec<_>>(), before);
}

#[test]
fn an_engine_that_does_not_learn_runs_no_job() {
    let settings = Settings { learns: false, ..Settings::default() };
    let mut played = theatre::run(settings, &two_symbols(11, 300));
    assert!(played.told.jobs.is_empty());
    played.play(&by_hand(Job::Nightly, false));
    assert!(played.told.jobs.is_empty());
    assert_eq!(played.told.versions.len(), 1);
}

#[test]
fn jobs_of_minutes_and_hours_tell_only_what_is_news() {
    let played = theatre::run(Settings::default(), &two_symbols(12, 2_000));
    let told = |job: Job| played.told.jobs.iter().filter(|run| run.job == job).count();
    for job in [Job::FeeAudit, Job::Recovery, Job::TriggerCheck, Job::OnlineLearning] {
        assert!((1..40).contains(&told(job)), "{job:?} was told {} times", told(job));
    }
    assert_eq!(told(Job::Controller), 2_000 / 12);
}

/// Seed 001: every twelve hours, over the last 168.
#[test]
fn the_controller_looks_back_on_168_hours() {
    const HOUR_MS: i64 = 3_600_000;
    let played = Theatre::new(Settings::default(), 2).play_all(&events(&two_symbols(5, 1_000)));
    let told = &played.told;
    let controller = told.jobs.iter().filter(|run| run.job == Job::Controller);
    let runs: Vec<&JobRun> = controller.collect();
    assert!(runs.windows(2).all(|two| two[1].due_at.ms_since(two[0].due_at) == 12 * HOUR_MS));
    let last = runs.last().expect("it ran");
    let heard = told.outcomes.iter().zip(&told.outcomes_heard);
    let since = last.ran_at.plus_ms(-168 * HOUR_MS);
    let within =
        heard.filter(|(outcome, at)| outcome.teaches() && **at > since && **at <= last.ran_at);
    let says = format!("{} outcomes in the last 168 h", within.count());
    assert!(last.findings[0].says.starts_with(&says), "{}, not {says}", last.findings[0].says);
}
