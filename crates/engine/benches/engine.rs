//! Bars per CPU second of the engine with its effects dropped, and nanoseconds per stage.
//!
//! Real bars come from `HINDSIGHT_DATA`, else from `../shared/data` beside the checkout; without
//! either, synthetic bars of the same shape stand in and the output says so. A folder named after `--`
//! runs alone.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

use std::hint::black_box;
use std::path::PathBuf;

use decide::{
    Case, History, HistoryRule, Limits, Portfolio, Question, STRATEGIES, SizeRules, choose,
};
use domain::{
    Bar, DecisionId, Effects, Event, Instrument, Interval, Outcome, Policy, Regime, Row,
    StrategyIx, TimedBar, Timestamp, VenueNews,
};
use engine::{Engine, Settings};
use forecast::{FEATURE_COUNT, Forecaster, fuse, vote};
use laws::Costs;
use learn::{LearnRules, learners};
use market::{Bars, Series, Wanted};
use rustix::time::{ClockId, clock_gettime};
use venue::{BarDriven, SimulatedVenue, Venue};

const RUNS: usize = 5;

fn main() {
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let is_wanted = |folder: &&str| wanted.is_empty() || wanted.iter().any(|word| word == folder);
    for folder in ["binance-spot-1h", "binance-perp-1m"].iter().filter(|f| is_wanted(f)) {
        let (series, origin) = series(folder);
        measured(&series, &origin);
    }
}

fn measured(series: &[Series], origin: &str) {
    let bars: usize = series.iter().map(|series| series.bars.len()).sum();
    println!(
        "{bars} bars of {} symbols, {origin}; median of {RUNS} runs, CPU seconds",
        series.len()
    );
    let (engine_s, told) = median(|| whole(series));
    println!(
        "engine, effects dropped        {:>10.0} bars per CPU second  ({:.0} ns a bar, {} decisions, {} outcomes, {} evicted, {} versions)",
        bars as f64 / engine_s,
        engine_s / bars as f64 * 1e9,
        told.decisions,
        told.outcomes.len(),
        told.evicted,
        told.versions,
    );
    let rows = Rows::of(series);
    stage("forecast", bars, || forecasts(series));
    stage("heads and consensus", bars, || heads(&rows));
    stage("gates and size", bars, || gates(&rows));
    stage("learn: observe", told.outcomes.len(), || observe(&told.outcomes));
    stage("learn: propose", told.outcomes.len(), || propose(&told.outcomes));
    reference(series, bars);
}

/// For scale, in the same run: two moving averages and a position, nothing else.
fn reference(series: &[Series], bars: usize) {
    stage("reference: bare EMA cross", bars, || {
        let mut earned = 0.0;
        for series in series {
            let (mut fast, mut slow) = (
                forecast::features::averages::Ema::over(12),
                forecast::features::averages::Ema::over(26),
            );
            let (mut held, mut last) = (0.0, 0.0);
            for bar in &series.bars {
                earned += held * (bar.close() - last);
                last = bar.close();
                if let (Some(fast), Some(slow)) = (fast.push(bar.close()), slow.push(bar.close())) {
                    held = if fast > slow { 1.0 } else { -1.0 };
                }
            }
        }
        black_box(earned);
    });
}

fn stage(name: &str, times: usize, mut work: impl FnMut()) {
    let (seconds, ()) = median(&mut work);
    println!("{name:<30} {:>10.0} ns each", seconds / times.max(1) as f64 * 1e9);
}

fn median<T>(mut work: impl FnMut() -> T) -> (f64, T) {
    let mut last = None;
    let mut seconds: Vec<f64> = (0..RUNS)
        .map(|_| {
            let from = cpu_seconds();
            last = Some(work());
            cpu_seconds() - from
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    (seconds[RUNS / 2], last.expect("there is at least one run"))
}

fn cpu_seconds() -> f64 {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    spent.tv_sec as f64 + spent.tv_nsec as f64 * 1e-9
}

fn series(name: &str) -> (Vec<Series>, String) {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("HINDSIGHT_DATA").map_or(beside, PathBuf::from).join(name);
    let wanted = Wanted::all(Timestamp::from_ms(4_000_000_000_000));
    // The set also carries two symbols as CSV; the Parquet files are all of it.
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "parquet"));
    files.sort();
    match market::read(&files, &wanted) {
        Ok(series) if !series.is_empty() => (series, name.to_owned()),
        _ => (synthetic(), format!("synthetic: {name} is not here")),
    }
}

fn synthetic() -> Vec<Series> {
    let market = scenarios::Market::Trending { volatility: 0.006, carry: 0.05 };
    let from = Timestamp::from_ms(1_600_000_000_000);
    (0..10_u64)
        .map(|seed| {
            made(format!("SYM{seed}"), scenarios::bars(seed, market, Interval::HOUR, from, 30_647))
        })
        .collect()
}

fn made(symbol: String, bars: Vec<Bar>) -> Series {
    Series {
        symbol,
        interval: Interval::HOUR,
        bars,
        price_decimals: 4,
        volume_decimals: 4,
        refusals: market::Refusals::default(),
        source: PathBuf::new(),
        hash: String::new(),
    }
}

/// What a whole run leaves for the stages to be measured on.
struct Told {
    decisions: u64,
    outcomes: Vec<Outcome>,
    versions: u64,
    evicted: u64,
}

fn whole(series: &[Series]) -> Told {
    let settings = Settings::default();
    let instruments: Vec<Instrument> =
        series.iter().map(|series| series.instrument(None)).collect();
    let mut venue = SimulatedVenue::new(instruments.clone(), settings.costs, settings.seed);
    let mut engine = Engine::new(settings, instruments);
    let (mut effects, mut news) = (Effects::default(), Vec::new());
    let (mut walk, mut group) = (Bars::of(series), Vec::<TimedBar>::new());
    let mut told = Told { decisions: 0, outcomes: Vec::new(), versions: 0, evicted: 0 };
    while let Some(closed_at) = walk.next_into(&mut group) {
        venue.meet(&group, &mut news);
        hear(&mut engine, &mut news, &mut effects);
        let event = Event::Bars { closed_at, bars: std::mem::take(&mut group) };
        engine.step(&event, &mut effects);
        told.outcomes.extend_from_slice(&effects.outcomes);
        told.versions += effects.versions.len() as u64;
        told.evicted += u64::from(effects.evicted);
        for instruction in &effects.instructions {
            let _ = venue.perform(instruction, &mut news);
        }
        hear(&mut engine, &mut news, &mut effects);
        if let Event::Bars { bars, .. } = event {
            group = bars;
        }
    }
    told.decisions = engine.decisions();
    told
}

fn hear(engine: &mut Engine, news: &mut Vec<VenueNews>, effects: &mut Effects) {
    for heard in news.drain(..) {
        engine.step(&Event::Venue(heard), effects);
    }
}

/// Every row of every symbol, one after another.
struct Rows {
    values: Vec<f64>,
    present: Vec<u64>,
}

impl Rows {
    fn of(series: &[Series]) -> Rows {
        let mut rows = Rows { values: Vec::new(), present: Vec::new() };
        for series in series {
            let mut forecaster = forecaster(series);
            for bar in &series.bars {
                forecaster.hear(bar);
                rows.values.extend_from_slice(forecaster.row().values);
                rows.present.push(forecaster.row().present);
            }
        }
        rows
    }

    fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        let values = self.values.chunks_exact(FEATURE_COUNT);
        values.zip(&self.present).map(|(values, &present)| Row { values, present })
    }
}

fn forecaster(series: &Series) -> Forecaster {
    Forecaster::new(&series.instrument(None), &Settings::default().frames)
}

fn forecasts(series: &[Series]) {
    for series in series {
        let mut forecaster = forecaster(series);
        for bar in &series.bars {
            forecaster.hear(bar);
            black_box(&forecaster);
        }
    }
}

fn heads(rows: &Rows) {
    let weights = [1.0 / 9.0; 9];
    for row in rows.iter() {
        black_box(fuse(&vote(&row), &weights));
    }
}

fn gates(rows: &Rows) {
    let settings = Settings::default();
    let policy = Policy::day_one(settings.gates);
    let history = History::new(STRATEGIES.len());
    let instrument = made("AAA".to_owned(), Vec::new()).instrument(Some(domain::Calendar::Always));
    let (costs, size, limits) = (Costs::default(), SizeRules::default(), Limits::default());
    let plan = settings_plan();
    let portfolio = Portfolio {
        equity: 10_000.0,
        equity_day_began: 10_000.0,
        equity_high: 10_000.0,
        holdings: &[],
        regime_entries: 0,
        exposure: 0.0,
        positions: 0,
        positions_on_symbol: 0,
        symbol_traded_at: None,
    };
    for (at, row) in rows.iter().enumerate() {
        let Some(signal) = fuse(&vote(&row), &policy.head_weights) else { continue };
        let prospects = history.prospects(&Question {
            strategy: StrategyIx(0),
            side: signal.side,
            conviction: signal.conviction,
            regime: Regime::Range,
            reward_r: 1.5,
            cost_r: 0.1,
            calibration: None,
        });
        let case = Case {
            signal: &signal,
            strategy: StrategyIx(0),
            plan: &plan,
            price: 100.0,
            instrument: &instrument,
            costs: &costs,
            portfolio: &portfolio,
            prospects: &prospects,
            rule: HistoryRule::Evidence,
            symbol: domain::SymbolIx(0),
            climate: domain::Climate::default(),
            order: &domain::StandingOrder::FREE,
            volatility_day: Some(0.03),
            hour: 12,
            weekday: 2,
            selection: decide::Selection::SOLE,
            policy: &policy,
            now: Timestamp::from_ms(at as i64),
        };
        black_box(choose(&case, &size, &limits, DecisionId(at as u64), 7, 0.01));
    }
}

fn settings_plan() -> domain::ExitPlan {
    domain::ExitPlan {
        stop_fraction: 0.012,
        target_fraction: Some(0.018),
        trail: None,
        hold_ms_max: 72 * 3_600_000,
        partial: None,
        leave_by: None,
        liquidation_fraction: None,
    }
}

fn observe(outcomes: &[Outcome]) {
    let rules = LearnRules::default();
    let mut learners =
        learners(&rules, &Policy::day_one(Settings::default().gates), &learn::House::default());
    for outcome in outcomes {
        learners[0].observe(outcome);
    }
    black_box(learners[0].save());
}

/// On a learner that has heard half of it, so that there is something to propose.
fn propose(outcomes: &[Outcome]) {
    let rules = LearnRules::default();
    let policy = Policy::day_one(Settings::default().gates);
    let mut learners = learners(&rules, &policy, &learn::House::default());
    for outcome in outcomes.iter().take(2_000) {
        learners[0].observe(outcome);
    }
    for outcome in outcomes {
        black_box(learners[0].propose(&policy, outcome.closed_at));
    }
}
