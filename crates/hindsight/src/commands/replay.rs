//! `replay`: the loop over history.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use domain::{Policy, RunHeader};
use engine::Planned;
use evolve::TrialLedger;
use learn::LearnerReport;
use store::{Quarantined, RunState, Store};

use super::{bars, setup, shown};
use crate::args::{Global, ReplayArgs};
use crate::clock::{self, Stopwatch};
use crate::config::{Config, StoreRules, check_together, show};
use crate::failure::{Failure, usage};
use crate::figures::{self, Frame, ModelsAtEnd};
use crate::progress::Progress;
use crate::report::{self, Story};
use crate::summary::Summary;
use crate::tally::Tally;
use crate::world::{Dataset, Narrator, Recorder, Replay};

/// Replays the bars that were asked for.
///
/// # Errors
/// A sentence for what cannot be read, configured or stored.
pub fn run(global: &Global, args: &ReplayArgs) -> Result<(), Failure> {
    let mut config = setup::config(global, &args.rules)?;
    let start = args.policy.as_ref().map(|run| policy_of(&config, run)).transpose()?;
    if let (Some(run), Some(learned)) = (&args.policy, &start) {
        config.run.head_weights = learned.policy.head_weights;
        check_together(&config).map_err(|error| usage(format!("--policy {run}: {error}")))?;
    }
    let mut wanted = args.bars.clone();
    if wanted.symbols.is_empty() {
        wanted.symbols.clone_from(&config.run.symbols);
    }
    let series = bars::read(&args.data, &wanted, args.rules.threads)?;
    let paths: Vec<PathBuf> = args.data.iter().chain(&args.series).cloned().collect();
    let told = bars::read_readings(&paths, &series, &wanted)?;
    let dataset = Dataset::with_readings(series, told, &config);
    if let Some(learned) = start.filter(|_| !global.quiet) {
        warn_of(&learned, &dataset);
    }
    let play = Play {
        config,
        dataset,
        title: "replay",
        command: command(global, args),
        out: args.out.clone(),
        threads: args.rules.threads,
    };
    play.run(global).map(|_| ())
}

/// What an earlier run learned.
struct LearnedEarlier {
    header: RunHeader,
    /// The policy in force.
    policy: Policy,
    /// Versions of models that it trained.
    models: usize,
}

/// The policy in force in an earlier run, to start another from.
fn policy_of(config: &Config, run: &str) -> Result<LearnedEarlier, Failure> {
    let mut store = Store::open_existing(&config.store.url).map_err(setup::store_failure)?;
    let run = store.run(run).map_err(setup::run_failure)?;
    let version = store.active_policy(run.no)?;
    let version = version.with_context(|| format!("run {} has published no policy", run.id))?;
    let (header, models) = (store.header(run.no)?, store.models(run.no)?.len());
    Ok(LearnedEarlier { header, policy: version.policy, models })
}

/// What a person should know who starts from what another run learned.
fn warn_of(earlier: &LearnedEarlier, dataset: &Dataset) {
    let LearnedEarlier { header: learned, policy, models } = earlier;
    let calibrations = (!policy.calibrations.is_empty())
        .then(|| "what it learned a conviction to be worth".to_owned());
    let models = (*models > 0).then(|| format!("its trained models ({models})"));
    let left: Vec<String> = calibrations.into_iter().chain(models).collect();
    if !left.is_empty() {
        eprintln!(
            "--policy takes head weights only of run {}; left behind: {}",
            learned.id,
            left.join(", ")
        );
    }
    if dataset.span().0 < learned.to {
        eprintln!(
            "--policy: run {} learned from bars up to {}, and these begin before that: its weights know what is to come",
            learned.id, learned.to
        );
    }
}

/// One replay from bars to report.
pub(super) struct Play {
    pub(super) config: Config,
    pub(super) dataset: Dataset,
    pub(super) title: &'static str,
    pub(super) command: String,
    pub(super) out: Option<PathBuf>,
    /// For trainings; as many as there are processors unless told.
    pub(super) threads: Option<u16>,
}

impl Play {
    /// Runs, records, and says what happened.
    pub(super) fn run(&self, global: &Global) -> Result<Summary, Failure> {
        let watch = Stopwatch::start();
        if let Some(out) = &self.out {
            make_folder(out)?;
        }
        let mut store = Store::open(&self.config.store.url).map_err(setup::store_failure)?;
        let header = self.dataset.header(&self.config);
        if global.verbose {
            self.announce(&header);
        }
        let trials = trials(&mut store, &header)?;
        let run = store.begin_run(&header, &show(&self.config), clock::now())?;
        let Ended { tally, positions_open, reports, planned, models, recorder } =
            self.through_the_loop(Recorder::new(store, run, &header.data_hash), global)?;
        let digest = recorder.digest();
        let (mut store, run) = recorder.into_store();
        let frame = Frame {
            dataset: &self.dataset,
            tally: &tally,
            run: header.id.to_string(),
            digest: digest.clone(),
            seconds: watch.seconds(),
            positions_open,
            trials,
            models: figures::models(&mut store, run, models)?,
        };
        let summary = figures::summary(&frame);
        let text = serde_json::to_string(&summary).context("write the summary")?;
        store.finish_run(run, &text, &digest, clock::now())?;
        let mut story = self.story(&frame, &summary);
        if self.out.is_some() {
            figures::judge(&mut story.gates, &reports);
            story.learners = figures::learners(&mut store, run, &header, reports)?;
            story.jobs = figures::jobs(&mut store, run, &header, &planned)?;
        }
        let page = self.out.as_deref().map(|out| write_report(out, &story)).transpose()?;
        shown::summary(global, &story, page.as_deref())?;
        Ok(summary)
    }

    /// Each step of the start in order, for those who want to follow.
    fn announce(&self, header: &RunHeader) {
        eprintln!("run {} into {}", header.id, self.config.store.url);
        for (series, instrument) in self.dataset.series.iter().zip(&self.dataset.instruments) {
            eprintln!(
                "{} {}: {} bars from {}, sessions {}, tick {}, step {}",
                series.symbol,
                series.interval,
                series.bars.len(),
                series.source.display(),
                instrument.calendar.name(),
                instrument.tick,
                instrument.step,
            );
        }
        for file in &self.dataset.reading_files {
            eprintln!(
                "{} of {}: {} readings from {}",
                file.series.name(),
                file.symbol.as_deref().unwrap_or("all symbols"),
                file.readings,
                file.path.display(),
            );
        }
        let kinds: Vec<&str> = self.config.models.kinds.iter().map(|kind| kind.name()).collect();
        let kinds = if kinds.is_empty() { "none".to_owned() } else { kinds.join(", ") };
        eprintln!("models: {kinds}");
        let gates = &self.config.gates;
        eprintln!(
            "gates: conviction {}, confluence {}, fee margin {}, cooldown {} min, positions {}",
            gates.conviction_min,
            gates.confluence_min,
            gates.fee_margin,
            gates.cooldown_min,
            gates.positions_max,
        );
        eprintln!(
            "       entries per regime {}, correlation {}, record from {} outcomes",
            gates.regime_entries_max, gates.correlation_max, gates.history_outcomes_min,
        );
        let weights: Vec<String> = domain::HeadName::ALL
            .iter()
            .map(|head| format!("{} {:.3}", head.name(), self.config.run.head_weights[head.at()]))
            .collect();
        eprintln!("weights: {}", weights.join(", "));
        let learning = if self.config.run.learning { header.rule.as_str() } else { "nothing" };
        eprintln!("learning by rule {learning}, seed {}", header.seed);
    }

    /// Everything through the loop.
    fn through_the_loop(&self, mut recorder: Recorder, global: &Global) -> Result<Ended, Failure> {
        recorder.note_dataset(self.dataset.span().1, &self.dataset.hash(), left_out(&self.dataset));
        let progress = Progress::through(self.dataset.bars(), global.quiet || global.verbose);
        let equity_start = self.config.run.equity_start;
        let tally = Tally::new(&self.dataset.instruments, equity_start);
        let tally = if self.config.run.learning { tally.with_twin(equity_start) } else { tally };
        let mut replay = Replay::new(&self.dataset, self.config.settings(), recorder)
            .with_tally(tally)
            .with_threads(self.threads)?
            .with_listener(progress.of_trainings());
        if global.verbose {
            let stderr = BufWriter::new(std::io::stderr());
            let narrator = Narrator::new(Box::new(stderr), &self.dataset.instruments);
            replay = replay.with_narrator(narrator);
        }
        // Moments with trainings take long, and whoever watches wants to see that they go on.
        let often = if self.config.models.kinds.is_empty() { 1_024 } else { 64 };
        let mut moments = 0_u64;
        while replay.next_moment()? {
            moments += 1;
            if moments.is_multiple_of(often) {
                progress.at(replay.bars_done(), || replay.tally().map_or_else(String::new, fact));
            }
        }
        replay.checkpoint()?;
        progress.done();
        let held =
            replay.engine().positions().iter().filter(|position| !position.quantity.is_zero());
        let positions_open = held.count() as u64;
        let reports = replay.engine().learner_reports();
        let planned = replay.engine().planned().collect();
        let models = ModelsAtEnd::of(replay.engine());
        let (tally, recorder) = replay.end();
        let tally = tally.context("a replay with a tally ends with it")?;
        Ok(Ended { tally, positions_open, reports, planned, models, recorder })
    }

    fn store(&self) -> Option<String> {
        let url = &self.config.store.url;
        (*url != StoreRules::default().url).then(|| url.clone())
    }

    fn story(&self, frame: &Frame<'_>, summary: &Summary) -> Story {
        let tally = frame.tally;
        Story {
            summary: summary.clone(),
            title: self.title.to_owned(),
            run_id: frame.run.clone(),
            command: self.command.clone(),
            store: self.store(),
            rule: self.config.learn.rule.name().to_owned(),
            seed: self.config.run.seed,
            equity_start: self.config.run.equity_start,
            symbols: figures::symbols(frame.dataset, tally),
            equity: tally.equity.chart(),
            weights: figures::weights(tally),
            weight_bounds: (self.config.learn.weight_min, self.config.learn.weight_max),
            heads: figures::heads(tally),
            gates: figures::gates(tally),
            candidates: tally.decisions,
            standings: figures::standings(tally),
            exits: figures::exits(tally),
            costs: figures::costs(tally),
            attention: figures::attention(frame),
            learners: Vec::new(),
            jobs: Vec::new(),
            studies: figures::studies(frame),
            models: frame.models.clone(),
        }
    }
}

/// A replay that is through.
struct Ended {
    tally: Tally,
    /// Positions still open.
    positions_open: u64,
    /// What learners believe at the end.
    reports: Vec<(&'static str, LearnerReport)>,
    /// When each job ran by the clock, and when it is due next.
    planned: Vec<Planned>,
    /// What the engine knows of models.
    models: ModelsAtEnd,
    recorder: Recorder,
}

/// The other runs on some of the same bars, whatever their configuration or seed: each was a trial, and
/// a Sharpe ratio found by trying many is worth less.
fn trials(store: &mut Store, header: &RunHeader) -> Result<TrialLedger, Failure> {
    let mut ledger = TrialLedger::default();
    for run in
        store.runs()?.into_iter().filter(|run| run.state == RunState::Done && run.id != header.id)
    {
        let other = store.header(run.no)?;
        if !share_bars(&other, header) {
            continue;
        }
        let text = store.summary(run.no)?.unwrap_or_default();
        let told: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        let yearly = told.get("sharpe").and_then(serde_json::Value::as_f64);
        let per_day =
            yearly.map(|yearly| yearly / figures::days_per_year(&other.instruments).sqrt());
        ledger.enter(run.id.to_string(), per_day);
    }
    Ok(ledger)
}

fn share_bars(one: &RunHeader, other: &RunHeader) -> bool {
    let at_once = one.from < other.to && other.from < one.to;
    let trades = |symbol: &str| other.instruments.iter().any(|mine| mine.symbol == symbol);
    at_once && one.instruments.iter().any(|theirs| trades(&theirs.symbol))
}

fn left_out(dataset: &Dataset) -> Vec<Quarantined> {
    let kept = dataset.series.iter().flat_map(|series| series.refusals.kept());
    let kept = kept.chain(dataset.reading_refusals.kept());
    kept.map(|refusal| Quarantined {
        source: refusal.file.display().to_string(),
        row_no: refusal.row,
        reason: refusal.reason.to_string(),
    })
    .collect()
}

fn fact(tally: &Tally) -> String {
    format!("{} trades, equity {:.0}", tally.trades.len(), tally.equity.equity())
}

/// Made before the work, so that a place that cannot be written to costs nobody a replay.
fn make_folder(out: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(out).with_context(|| format!("make the folder {}", out.display()))
}

fn write_report(out: &Path, story: &Story) -> anyhow::Result<PathBuf> {
    let path = out.join("report.html");
    let write = || -> std::io::Result<()> {
        let mut file = BufWriter::new(File::create(&path)?);
        report::write_page(story, &mut file)?;
        file.flush()
    };
    write().with_context(|| format!("write {}", path.display()))?;
    Ok(path)
}

/// The command that does the same again.
fn command(global: &Global, args: &ReplayArgs) -> String {
    let path = |path: &PathBuf| path.display().to_string();
    let mut words: Vec<String> = vec!["replay".to_owned(), "--data".to_owned()];
    words.extend(args.data.iter().map(path));
    if !args.series.is_empty() {
        words.push("--series".to_owned());
        words.extend(args.series.iter().map(path));
    }
    let flags = [
        ("--policy", args.policy.clone()),
        ("--interval", args.bars.interval.clone()),
        ("--from", args.bars.from.clone()),
        ("--to", args.bars.to.clone()),
        ("--symbols", (!args.bars.symbols.is_empty()).then(|| args.bars.symbols.join(","))),
        ("--out", args.out.as_ref().map(path)),
    ];
    setup::again(global, words, &args.rules, &flags)
}
