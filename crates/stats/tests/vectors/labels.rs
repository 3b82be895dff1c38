//! Answers `labels`: barriers, sharing, purged folds, and fractional differences.

use crate::suite::{Case, count, number, numbers};
use serde_json::{Value, json};
use stats::labels::{
    Barriers, Bars, Span, Touch, attribution_weights, average_uniqueness, concurrency, difference,
    difference_weights, purged_folds, triple_barrier,
};

pub(crate) fn answer(case: &Case) -> Result<Value, String> {
    if case.inputs.get("event_index").is_some() {
        return of_barriers(&case.inputs);
    }
    if case.inputs.get("series").is_some() {
        return of_differences(&case.inputs);
    }
    Err("unknown kind of case".to_owned())
}

fn of_barriers(inputs: &Value) -> Result<Value, String> {
    let of = |key| numbers(inputs, key);
    let (close, high, low) = (of("close")?, of("high")?, of("low")?);
    let bars = Bars { high: &high, low: &low, close: &close };
    let barriers = Barriers {
        target: number(inputs, "tp")?,
        stop: number(inputs, "sl")?,
        bars_max: count(inputs, "max_holding_bars")? as usize,
        is_short: number(inputs, "side")? < 0.0,
    };
    let at: Vec<usize> = of("event_index")?.iter().map(|at| *at as usize).collect();
    let ends: Option<Vec<(Touch, usize)>> =
        at.iter().map(|&at| triple_barrier(bars, at, &barriers)).collect();
    let ends = ends.ok_or("an event has no bar")?;
    let spans: Vec<Span> =
        at.iter().zip(&ends).map(|(&from, &(_, to))| Span { from, to }).collect();
    let embargo = (close.len() as f64 * number(inputs, "embargo_pct")?) as usize;
    let folds = purged_folds(&spans, count(inputs, "kfold")? as usize, embargo);
    let shown = folds.iter().map(|split| {
        json!({
            "test": split.test.clone().collect::<Vec<_>>(),
            "train": split.train,
            "test_span": [split.test_span.0, split.test_span.1],
            "embargo_bars": embargo,
        })
    });
    Ok(json!({
        "touch_index": spans.iter().map(|span| span.to).collect::<Vec<_>>(),
        "label": ends.iter().map(|(touch, _)| touch.label()).collect::<Vec<_>>(),
        "reason": ends.iter().map(|(touch, _)| reason(*touch)).collect::<Vec<_>>(),
        "concurrency": concurrency(&spans, close.len()),
        "avg_uniqueness": average_uniqueness(&spans, close.len()),
        "return_attribution_weight": attribution_weights(&spans, &close),
        "purged_kfold": shown.collect::<Vec<_>>(),
    }))
}

fn reason(touch: Touch) -> &'static str {
    match touch {
        Touch::Target => "tp",
        Touch::Stop => "sl",
        Touch::StopOnTie => "sl_tie",
        Touch::Time => "time",
    }
}

fn of_differences(inputs: &Value) -> Result<Value, String> {
    let weights = difference_weights(number(inputs, "d")?, number(inputs, "threshold")?);
    let series = numbers(inputs, "series")?;
    Ok(json!({
        "n_weights": weights.len(),
        "first_weights": weights.iter().take(8).collect::<Vec<_>>(),
        "last_weight": weights.last(),
        "values": difference(&series, &weights),
    }))
}
