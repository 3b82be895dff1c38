//! `learn update` and `learn boost`: what the last hours hold for what is learned of models. Where none had
//! said anything both say so.

use std::collections::BTreeMap;

use domain::{Outcome, Timestamp, Trade, estimate};
use serde_json::{Value, json};
use stats::interval::{Z_95, wilson};
use stats::seed_rules::{UPDATE_LOOK_BACK_HOURS, UPDATE_SAMPLES_MIN};

use super::update::{Spoken, Update};

use crate::args::Global;
use crate::commands::setup;
use crate::commands::shown::grouped;
use crate::failure::{Failure, usage};
use crate::tally::ResultTally;
use crate::wording::Names;
use crate::world::strikes;

/// Best and worst symbols told.
const SYMBOLS_TOLD: usize = 3;

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// All trades, weighted by what they earned (A15).
    Update,
    /// What paid (A16).
    Boost,
}

impl Asked {
    fn name(self) -> &'static str {
        match self {
            Asked::Update => "update",
            Asked::Boost => "boost",
        }
    }
}

/// What a person asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Asking {
    /// Which of the two.
    pub(super) asked: Asked,
    /// How many hours the figures go back.
    pub(super) hours: u32,
    /// Whether nothing is to be changed.
    pub(super) is_dry: bool,
}

/// What the window holds.
#[derive(Default)]
struct Window {
    won: usize,
    lost: usize,
    net: f64,
    results: ResultTally,
    /// Winning probabilities that were predicted, of trades that had one.
    predicted: Vec<f64>,
    symbols: Vec<(String, usize, f64)>,
}

impl Window {
    /// So many of the best and of the worst that none is both.
    fn symbols_told(&self) -> usize {
        SYMBOLS_TOLD.min(self.symbols.len() / 2)
    }

    fn trades(&self) -> usize {
        self.won + self.lost
    }

    fn predicted_mean(&self) -> Option<f64> {
        let n = self.predicted.len() as f64;
        (n > 0.0).then(|| self.predicted.iter().sum::<f64>() / n)
    }

    fn won_interval(&self) -> Option<[f64; 2]> {
        let interval = wilson(self.won as f64, self.trades() as f64, Z_95);
        (self.trades() > 0).then_some([interval.low, interval.high])
    }
}

/// Says what the hours hold, and has it learned.
pub(super) fn run(global: &Global, asking: Asking, run: Option<&str>) -> Result<(), Failure> {
    let Asking { asked, hours, .. } = asking;
    if hours == 0 {
        return Err(usage("0 hours hold no trades; say at least 1"));
    }
    let (mut store, run, header) = setup::stored_run(global, run)?;
    let to = run.cursor.at;
    // Before the first bar there is nothing to look at.
    let from = to.plus_ms(-i64::from(hours) * 3_600_000).max(header.from);
    let trades = store.trades(run.no)?;
    let strikes = strikes(&mut store, run.no)?;
    let stands = store.active_policy(run.no)?.map(|version| version.policy.fast_layer);
    let mut spoken = Spoken::new(&header.rule, stands.unwrap_or_default());
    let (mut outcomes, mut has_models) = (BTreeMap::new(), false);
    store.outcomes(run.no, |outcome| {
        has_models |= outcome.basis.modelled.ensemble().is_some();
        if outcome.closed_at <= from {
            return;
        }
        if outcome.teaches() && !strikes.holds(outcome.decided_at) {
            spoken.add(&outcome);
        }
        if outcome.standing.is_executed() {
            outcomes.insert(outcome.decision_no, outcome);
        }
    })?;
    let window = window(&trades, &outcomes, from, &Names::of(&header));
    let trained = store.models(run.no)?.len();
    // Who asks the learner opens the store itself.
    drop(store);
    let mut update = None;
    if !spoken.is_empty() {
        update = Some(Update::asked(global, asking, &run.id.to_string(), spoken)?);
    }
    let why = match &update {
        Some(update) => update.verdict(),
        None => idle(asked, &window, has_models, trained),
    };
    if global.json {
        let mut told = as_json(asking, &run.id.to_string(), (from, to), &window);
        told["why"] = why.into();
        if let Some(update) = &update {
            update.json(&mut told);
        }
        return setup::print_json(&told);
    }
    let mut text = text(hours, (from, to), &window);
    text.push_str(&update.map(|update| update.text(asking)).unwrap_or_default());
    setup::print(&format!("{text}{why}\n"))
}

fn window(
    trades: &[Trade],
    outcomes: &BTreeMap<u64, Outcome>,
    from: Timestamp,
    names: &Names,
) -> Window {
    let mut window = Window::default();
    let mut symbols = BTreeMap::<String, (usize, f64)>::new();
    for trade in trades.iter().filter(|trade| trade.closed_at > from) {
        let net = estimate(trade.net);
        if net > 0.0 {
            window.won += 1
        } else {
            window.lost += 1
        }
        window.net += net;
        let symbol = symbols.entry(names.symbol(trade.symbol)).or_default();
        symbol.0 += 1;
        symbol.1 += net;
        let Some(outcome) = outcomes.get(&trade.decision_no) else { continue };
        window.results.add(outcome, 1.0);
        let predicted = f64::from(outcome.basis.win_probability);
        if predicted > 0.0 {
            window.predicted.push(predicted);
        }
    }
    window.symbols = symbols.into_iter().map(|(name, (n, net))| (name, n, net)).collect();
    window.symbols.sort_by(|l, r| r.2.total_cmp(&l.2));
    window
}

/// Why nothing is done where models have said nothing.
fn idle(asked: Asked, window: &Window, has_models: bool, trained: usize) -> String {
    let few = match window.trades() {
        n if n < UPDATE_SAMPLES_MIN => format!(
            " {n} of {UPDATE_SAMPLES_MIN} trades: too few to learn from even if there were one (seed 002)."
        ),
        _ => String::new(),
    };
    let what = asked.name();
    if has_models && trained == 0 {
        return format!(
            "No trained model had spoken of what ended in these hours; nothing to {what}."
        );
    }
    match trained {
        0 => format!("No trained model in this run; nothing to {what}.{few}"),
        1 => format!(
            "One version was trained, and it said nothing of what ended in these hours; nothing to {what}."
        ),
        _ => format!(
            "{trained} versions were trained, and none said anything of what ended in these hours; nothing to {what}."
        ),
    }
}

fn as_json(
    asking: Asking,
    run: &str,
    (from, to): (Timestamp, Timestamp),
    window: &Window,
) -> Value {
    let symbol = |(name, trades, net): &(String, usize, f64)| json!({ "symbol": name, "trades": trades, "net": net });
    let best: Vec<_> = window.symbols.iter().take(window.symbols_told()).map(symbol).collect();
    let worst: Vec<_> =
        window.symbols.iter().rev().take(window.symbols_told()).map(symbol).collect();
    json!({
        "run": run,
        "asked": asking.asked.name(),
        "dry_run": asking.is_dry,
        "hours": asking.hours,
        "looks_back_hours": UPDATE_LOOK_BACK_HOURS,
        "from": from.to_string(),
        "to": to.to_string(),
        "trades_used": 0,
        "trades": window.trades(),
        "winners": window.won,
        "losers": window.lost,
        "win_rate_interval": window.won_interval(),
        "predicted_win_rate": window.predicted_mean(),
        "average_r": window.results.mean(),
        "net": window.net,
        "best_symbols": best,
        "worst_symbols": worst,
        "accepted": false,
    })
}

fn text(hours: u32, (from, to): (Timestamp, Timestamp), window: &Window) -> String {
    let mut text = format!("The last {hours} hours, {from} to {to}\n");
    text.push_str(&format!(
        "  trades closed     {}: {} won, {} lost",
        grouped(window.trades() as u64),
        grouped(window.won as u64),
        grouped(window.lost as u64)
    ));
    if let Some([low, high]) = window.won_interval() {
        let share = window.won as f64 / window.trades() as f64;
        text.push_str(&format!(
            ", {:.1} % [{:.1}, {:.1}]",
            share * 100.0,
            low * 100.0,
            high * 100.0
        ));
    }
    text.push('\n');
    text.push_str(&match window.predicted_mean() {
        Some(mean) => format!(
            "  predicted         {:.1} % on average over {} that had a prediction\n",
            mean * 100.0,
            grouped(window.predicted.len() as u64)
        ),
        None => "  predicted         no trade had a prediction\n".to_owned(),
    });
    text.push_str(&match window.results.mean() {
        Some(r) => format!("  average result    {}\n", super::gates::estimate(&r)),
        None => "  average result    too few to say\n".to_owned(),
    });
    text.push_str(&format!("  net               {:+.2}\n", window.net));
    let told = |list: Vec<&(String, usize, f64)>| {
        list.iter().map(|one| format!("{} {:+.2} ({})", one.0, one.2, one.1)).collect::<Vec<_>>()
    };
    let most = window.symbols_told();
    if most > 0 {
        let best = told(window.symbols.iter().take(most).collect());
        let worst = told(window.symbols.iter().rev().take(most).collect());
        text.push_str(&format!("  best symbols      {}\n", best.join(", ")));
        text.push_str(&format!("  worst symbols     {}\n", worst.join(", ")));
    }
    text
}
