//! From what was counted to the figures of the contract.

mod models;
mod schooling;
mod studies;

use domain::{ExitReason, HEAD_COUNT, HeadName, Instrument, Standing, Trade, estimate};
use evolve::TrialLedger;
use stats::metrics;
use stats::sharpe::SharpeSample;

use crate::report::{
    Candle, CostStory, ExitStory, GateStory, HeadStory, ModelsStory, StandingStory, SymbolStory,
    TradePlace, WeightPlace,
};
use crate::summary::Summary;
use crate::tally::Tally;
use crate::world::Dataset;

pub(crate) use models::{ModelsAtEnd, models, models_figures};
pub(crate) use schooling::{jobs, judge, learners, when};
pub(crate) use studies::studies;

/// Candles a chart may have.
const CANDLES_MAX: usize = 5_000;

/// What a run was and how long it took.
pub(crate) struct Frame<'a> {
    pub(crate) dataset: &'a Dataset,
    pub(crate) tally: &'a Tally,
    pub(crate) run: String,
    pub(crate) digest: String,
    pub(crate) seconds: f64,
    /// Positions held at the end.
    pub(crate) positions_open: u64,
    /// Sharpe ratios per day of other runs on the same bars: each was a trial.
    pub(crate) trials: TrialLedger,
    /// What came of models.
    pub(crate) models: ModelsStory,
}

/// The figures of the contract.
pub(crate) fn summary(frame: &Frame<'_>) -> Summary {
    let (tally, dataset) = (frame.tally, frame.dataset);
    let nets: Vec<f64> = tally.trades.iter().map(|trade| estimate(trade.net)).collect();
    let net = closed_net(tally);
    let daily = tally.equity.daily_returns();
    let (from, to) = dataset.span();
    let (models, always_latest) = models_figures(&frame.models);
    Summary {
        bars: tally.bars,
        symbols: dataset.series.iter().map(|series| series.symbol.clone()).collect(),
        from,
        to,
        candidates: tally.decisions,
        decisions: tally.decisions,
        trades: tally.trades.len() as u64,
        probes: tally.trades.iter().filter(|trade| trade.standing != Standing::Conviction).count()
            as u64,
        outcomes: tally.outcomes,
        shadow_outcomes: tally.shadow_outcomes,
        policy_versions: tally.versions.len() as u64,
        model_rulings: tally.model_rulings,
        win_rate: metrics::win_rate_of_all(&nets),
        win_rate_interval: win_rate_interval(&nets),
        profit_factor: metrics::profit_factor(&nets),
        net_return: tally.equity.net_return(),
        sharpe: metrics::sharpe(&daily, days_per_year(&dataset.instruments)),
        sharpe_interval: sharpe_interval(&daily, days_per_year(&dataset.instruments)),
        deflated_sharpe: deflated(&daily, frame),
        max_drawdown: tally.equity.worst_fall(),
        fees: tally.trades.iter().map(|trade| estimate(trade.fees)).sum(),
        slipped: tally.trades.iter().map(|trade| estimate(trade.slipped)).sum(),
        net,
        positions_open: frame.positions_open,
        open_profit: open_profit(frame),
        standings: tally.standings.iter().map(|(name, (_, count, _))| (*name, *count)).collect(),
        outcomes_unlearned: tally.outcomes_unlearned,
        trials: frame.trials.count() + tally.searched.count() + 1,
        digest: frame.digest.clone(),
        seconds: frame.seconds,
        bars_per_second: if frame.seconds > 0.0 { tally.bars as f64 / frame.seconds } else { 0.0 },
        hold_return: tally.equity.hold_return(),
        run: frame.run.clone(),
        rows_refused: dataset.series.iter().map(|series| series.refusals.total()).sum::<u64>()
            + dataset.reading_refusals.total(),
        bars_missing: tally.missing.iter().map(|missing| missing.1).sum(),
        funding: tally.trades.iter().map(|trade| estimate(trade.funding)).sum(),
        regimes: studies::regimes(tally, "regime"),
        global_regimes: studies::regimes(tally, "global_regime"),
        streaks: studies::streaks(tally),
        weeks: studies::weeks(tally),
        pil: tally.classes.iter().map(|(class, count)| (class.name(), *count)).collect(),
        near_targets: tally.near_targets,
        evicted_shadows: tally.evicted_shadows,
        twin: studies::twin(tally),
        models,
        always_latest,
    }
}

/// Net of closed trades, added up exactly.
fn closed_net(tally: &Tally) -> f64 {
    estimate(tally.trades.iter().map(|trade| trade.net).sum())
}

/// What positions that are still open came to so far.
fn open_profit(frame: &Frame<'_>) -> f64 {
    if frame.positions_open == 0 {
        0.0
    } else {
        frame.tally.equity.profit() - closed_net(frame.tally)
    }
}

/// Where a market never closes a year has 365 days of it.
pub(crate) fn days_per_year(instruments: &[Instrument]) -> f64 {
    if instruments.iter().any(|instrument| instrument.calendar.never_closes()) {
        365.0
    } else {
        252.0
    }
}

fn win_rate_interval(nets: &[f64]) -> Option<[f64; 2]> {
    let won = nets.iter().filter(|net| **net > 0.0).count() as f64;
    let interval = stats::interval::wilson(won, nets.len() as f64, stats::interval::Z_95);
    (!nets.is_empty()).then_some([interval.low, interval.high])
}

/// Two standard errors around the yearly figure (Lo 2002; Mertens 2002).
fn sharpe_interval(daily: &[f64], days_per_year: f64) -> Option<[f64; 2]> {
    let sample = sharpe_sample(daily)?;
    let error = sample.standard_error()? * stats::interval::Z_95;
    let yearly = days_per_year.sqrt();
    Some([(sample.sharpe - error) * yearly, (sample.sharpe + error) * yearly])
}

fn sharpe_sample(daily: &[f64]) -> Option<SharpeSample> {
    Some(SharpeSample {
        sharpe: metrics::sharpe_per_period(daily)?,
        observations: daily.len() as f64,
        skew: metrics::skew(daily)?,
        kurtosis: metrics::kurtosis(daily)?,
    })
}

fn deflated(daily: &[f64], frame: &Frame<'_>) -> Option<f64> {
    let sample = sharpe_sample(daily)?;
    let mut trials = frame.trials.clone();
    frame.tally.searched.enter(&mut trials, daily.len());
    trials.enter("this run", Some(sample.sharpe));
    trials.deflated(&sample)
}

/// Candles and trades of every symbol.
pub(crate) fn symbols(dataset: &Dataset, tally: &Tally) -> Vec<SymbolStory> {
    dataset
        .series
        .iter()
        .zip(&dataset.instruments)
        .enumerate()
        .map(|(at, (series, instrument))| {
            let bars_per_candle = series.bars.len().div_ceil(CANDLES_MAX).max(1);
            SymbolStory {
                name: series.symbol.clone(),
                price_decimals: instrument.tick.scale(),
                candles: series.bars.chunks(bars_per_candle).filter_map(candle).collect(),
                bars_per_candle,
                trades: tally
                    .trades
                    .iter()
                    .filter(|trade| trade.symbol.at() == at)
                    .map(place)
                    .collect(),
                closes: !instrument.calendar.never_closes(),
            }
        })
        .collect()
}

fn candle(bars: &[domain::Bar]) -> Option<Candle> {
    let (first, last) = (bars.first()?, bars.last()?);
    Some(Candle {
        at: first.opened_at(),
        open: first.open(),
        high: bars.iter().map(domain::Bar::high).fold(f64::MIN, f64::max),
        low: bars.iter().map(domain::Bar::low).fold(f64::MAX, f64::min),
        close: last.close(),
    })
}

fn place(trade: &Trade) -> TradePlace {
    TradePlace {
        decision: trade.decision.to_string(),
        strategy: decide::STRATEGIES[usize::from(trade.strategy.0)].name().to_owned(),
        side: trade.side,
        standing: trade.standing,
        opened_at: trade.opened_at,
        closed_at: trade.closed_at,
        entry: estimate(trade.entry),
        exit: estimate(trade.exit),
        stop: estimate(trade.stop),
        stop_last: estimate(trade.stop_last),
        target: trade.target.map(estimate),
        reason: trade.reason,
        net: estimate(trade.net),
        r: trade.r,
    }
}

/// Every published version of the weights.
pub(crate) fn weights(tally: &Tally) -> Vec<WeightPlace> {
    let outcomes = |reason: &domain::Reason| {
        let rests =
            reason.amendments().iter().map(|amendment| amendment.evidence.outcomes_effective);
        rests.fold(0.0, f64::max)
    };
    tally
        .versions
        .iter()
        .map(|version| WeightPlace {
            at: version.at,
            version: version.policy.version,
            reason: version.reason.name().to_owned(),
            weights: version.policy.head_weights,
            outcomes_effective: outcomes(&version.reason),
        })
        .collect()
}

/// The nine heads.
pub(crate) fn heads(tally: &Tally) -> Vec<HeadStory> {
    let weight = |version: Option<&domain::PolicyVersion>, at: usize| {
        version.map_or(1.0 / HEAD_COUNT as f64, |version| version.policy.head_weights[at])
    };
    forecast::HEADS
        .iter()
        .map(|head| HeadStory {
            name: head.name.name().to_owned(),
            what: head.what.to_owned(),
            votes_effective: tally.heads.votes_effective(head.name),
            agreed: tally.heads.agreed(head.name),
            disagreed: tally.heads.disagreed(head.name),
            lead: tally.heads.lead(head.name),
            weight_first: weight(tally.versions.first(), HeadName::at(head.name)),
            weight_last: weight(tally.versions.last(), HeadName::at(head.name)),
        })
        .collect()
}

/// The funnel.
pub(crate) fn gates(tally: &Tally) -> Vec<GateStory> {
    decide::GATES
        .iter()
        .zip(&tally.gates)
        .map(|(gate, count)| GateStory {
            name: gate.name.to_owned(),
            asks: gate.asks.to_owned(),
            refused: count.refused,
            left: count.left,
            refused_r: count.results.mean(),
            alone: count.alone.count(),
            alone_r: count.alone.mean(),
            verdict: "",
        })
        .collect()
}

/// What became of candidates.
pub(crate) fn standings(tally: &Tally) -> Vec<StandingStory> {
    let told = |standing: Standing| {
        tally.standings.get(standing.name()).map(|(_, count, results)| StandingStory {
            standing,
            count: *count,
            r: results.mean(),
        })
    };
    Standing::ALL.into_iter().filter_map(told).collect()
}

/// Why positions ended.
pub(crate) fn exits(tally: &Tally) -> Vec<ExitStory> {
    tally
        .exits
        .iter()
        .map(|(reason, (count, net))| ExitStory {
            reason: *reason,
            count: *count,
            net: estimate(*net),
        })
        .collect()
}

/// What costs took.
pub(crate) fn costs(tally: &Tally) -> CostStory {
    let sum = |of: fn(&Trade) -> domain::Money| estimate(tally.trades.iter().map(of).sum());
    let (gross, fees, slipped) = (sum(|t| t.gross), sum(|t| t.fees), sum(|t| t.slipped));
    CostStory {
        gross_before_costs: gross + slipped,
        fees,
        slipped,
        funding: sum(|t| t.funding),
        net: sum(|t| t.net),
        notional: sum(|t| t.entry * t.quantity),
    }
}

/// What a person should know before believing the figures, one sentence each.
pub(crate) fn attention(frame: &Frame<'_>) -> Vec<String> {
    let mut said = Vec::new();
    for series in frame.dataset.series.iter().filter(|series| series.refusals.total() > 0) {
        let (symbol, refused) =
            (&series.symbol, counted(series.refusals.total(), "bad row", "was", "were"));
        said.push(format!("{symbol}: {refused} left out; `hindsight data check` names them."));
    }
    let readings_refused = frame.dataset.reading_refusals.total();
    if readings_refused > 0 {
        let refused = counted(readings_refused, "bad row", "was", "were");
        said.push(format!("Readings: {refused} left out; `hindsight data check` names them."));
    }
    said.extend(strangers(frame));
    said.extend(ended_early(frame));
    said.extend(missing(frame));
    said.extend(doubtful(frame));
    if frame.tally.equity.was_ruined() {
        said.push("The account was lost: equity fell to zero or below.".to_owned());
    }
    said.extend(still_open(frame));
    said.extend(liquidated(frame.tally));
    said.extend(trained_nothing(frame));
    let evicted = frame.tally.evicted_shadows;
    if evicted > 0 {
        let shadows = counted(evicted, "declined decision", "was", "were");
        said.push(format!(
            "{shadows} given up for want of room; how they turned out is not known."
        ));
    }
    let standings = &frame.tally.standings;
    let earned = standings.get(Standing::Conviction.name()).map_or(0, |(_, count, _)| *count);
    if earned == 0 && frame.tally.decisions > 0 {
        said.push(
            "No candidate had a proven edge, so every trade was small, and made to learn."
                .to_owned(),
        );
    }
    said
}

/// Readings of symbols that are not traded.
fn strangers(frame: &Frame<'_>) -> Option<String> {
    let skipped = &frame.dataset.readings_skipped;
    let first = skipped.first()?;
    let files = counted(skipped.len() as u64, "file of readings", "was", "were");
    let symbol = first.symbol.as_deref().unwrap_or("no symbol");
    Some(format!("{files} left out, the first of {symbol}: no such symbol is traded here."))
}

/// Symbols whose bars end long before the run does, with what still waits for their next bar.
fn ended_early(frame: &Frame<'_>) -> Vec<String> {
    // Chosen: longer than any holiday closes a market.
    const DAYS_MIN: i64 = 10;
    let (_, to) = frame.dataset.span();
    let day = |at: domain::Timestamp| at.to_string().chars().take(10).collect::<String>();
    let ended = frame.dataset.series.iter().zip(&frame.tally.awaited);
    let sentence = ended.filter_map(|(series, awaited)| {
        let last = series.bars.last()?.closed_at();
        if last.plus_ms(DAYS_MIN * 86_400_000) >= to {
            return None;
        }
        let waits = match awaited {
            0 => "nothing waits for its next bar".to_owned(),
            1 => "1 decision still waits for its next bar".to_owned(),
            many => format!("{many} decisions still wait for its next bar"),
        };
        Some(format!(
            "{}: its bars end on {}, the run goes on to {}; {waits}.",
            series.symbol,
            day(last),
            day(to)
        ))
    });
    sentence.collect()
}

/// Symbols with missing bars by name, or counted where there are many.
fn missing(frame: &Frame<'_>) -> Vec<String> {
    const NAMED: usize = 3;
    let symbols = frame.dataset.series.iter().map(|series| series.symbol.as_str());
    let gapped: Vec<(&str, (u64, u64))> = symbols
        .zip(frame.tally.missing.iter().copied())
        .filter(|(_, (gaps, _))| *gaps > 0)
        .collect();
    let sentence = |who: &str, (gaps, bars): (u64, u64)| {
        let (bars, gaps) = (counted(bars, "bar", "is", "are"), counted(gaps, "gap", "", ""));
        format!(
            "{who}: {bars} missing inside sessions, in {}; nothing was learned across them.",
            gaps.trim()
        )
    };
    if gapped.len() <= NAMED {
        return gapped.into_iter().map(|(symbol, missing)| sentence(symbol, missing)).collect();
    }
    let all = gapped.iter().fold((0, 0), |sum, (_, (gaps, bars))| (sum.0 + gaps, sum.1 + bars));
    vec![sentence(&format!("{} symbols", gapped.len()), all)]
}

/// What the headline counts and closed trades do not.
fn still_open(frame: &Frame<'_>) -> Option<String> {
    let open = open_profit(frame);
    let positions = counted(frame.positions_open, "position", "is", "are");
    (frame.positions_open > 0).then(|| {
        format!("{positions} still open where the data ends, at {open:+.2}: in equity, in no closed trade.")
    })
}

/// Positions that a venue took.
fn liquidated(tally: &Tally) -> Option<String> {
    let (trades, net) = tally.exits.get(&ExitReason::Liquidated)?;
    let positions = counted(*trades, "position", "was", "were");
    Some(format!("{positions} liquidated, at {:+.2} together.", estimate(*net)))
}

/// Trainings of models that made no version.
fn trained_nothing(frame: &Frame<'_>) -> Option<String> {
    let trainings = &frame.models.trainings;
    let why = trainings.failed_why.as_ref()?;
    let came = counted(trainings.failed, "training", "came", "came");
    Some(format!("{came} to nothing, the last because: {why}."))
}

/// What the data says that no market is likely to have done, and what it does not say.
fn doubtful(frame: &Frame<'_>) -> Vec<String> {
    const JUMP: f64 = 5.0;
    let mut said = Vec::new();
    for (series, instrument) in frame.dataset.series.iter().zip(&frame.dataset.instruments) {
        let jumped = series.bars.windows(2).find(|pair| {
            let ratio = pair[1].close() / pair[0].close();
            !(1.0 / JUMP..=JUMP).contains(&ratio)
        });
        if let Some(pair) = jumped {
            said.push(format!(
                "{}: the close goes from {} to {} at {}; a split that is not adjusted, or another unit?",
                series.symbol,
                pair[0].close(),
                pair[1].close(),
                pair[1].opened_at()
            ));
        }
        if !instrument.has_volume {
            said.push(format!(
                "{}: the data tells no volumes, so none caps a fill.",
                series.symbol
            ));
        }
    }
    said
}

fn counted(count: u64, thing: &str, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {thing} {one}") } else { format!("{count} {thing}s {many}") }
}
