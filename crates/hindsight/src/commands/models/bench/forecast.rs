//! `models bench forecast`: how far a model's forecasts are from what came.

use std::path::Path;

use ::models::bench::{ForecastFigures, ForecastModel, ForecastSpec, Splits, Table, forecast};
use market::{NumberColumn, NumberTable};
use serde_json::{Value, json};

use super::{Took, measured, read};
use crate::args::{ForecastArgs, ForecastName, Global};
use crate::clock::Stopwatch;
use crate::commands::setup;
use crate::commands::shown::grouped;
use crate::failure::{Failure, usage};

pub(super) fn run(global: &Global, args: &ForecastArgs) -> Result<(), Failure> {
    let watch = Stopwatch::start();
    let splits = args.split.as_deref().map(|text| {
        text.parse::<Splits>().map_err(|error| usage(format!("--split {text}: {error}")))
    });
    let spec = ForecastSpec {
        model: match args.model {
            ForecastName::Nhits => ForecastModel::Nhits,
            ForecastName::Patchtst => ForecastModel::Patchtst,
            ForecastName::Repeat => ForecastModel::Repeat,
        },
        window: args.window as usize,
        horizon: args.horizon as usize,
        splits: splits.transpose()?.unwrap_or_default(),
    };
    let table = series(&args.data, read(&args.data)?)?;
    let figures = measured(global, args.threads, |listener| forecast(&table, &spec, listener))?;
    let took = Took::since(&watch);
    if global.json {
        return setup::print_json(&as_json(&table.name, &spec, &figures, &took));
    }
    setup::print(&told(&table.name, &spec, &figures, &took))
}

/// Every column that is no moment, by the name of the file.
fn series(path: &Path, read: NumberTable) -> Result<Table, Failure> {
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let name = file.split('.').next().unwrap_or_default().to_owned();
    let columns: Vec<Vec<f64>> = read
        .columns
        .into_iter()
        .enumerate()
        .filter(|(at, column)| !is_time(*at, column))
        .map(|(_, column)| numbers(path, column))
        .collect::<Result<_, _>>()?;
    if columns.is_empty() {
        let said = format!("{} has no column of numbers to forecast", path.display());
        return Err(Failure::Job(anyhow::anyhow!(said)));
    }
    Ok(Table { name, columns })
}

/// Moments are no series: a first column of words, or one that is called a moment.
fn is_time(at: usize, column: &NumberColumn) -> bool {
    const CALLED: [&str; 6] = ["date", "ts", "time", "timestamp", "datetime", "date_time"];
    let name = column.name.to_ascii_lowercase();
    CALLED.contains(&name.as_str()) || (at == 0 && column.other.is_some())
}

fn numbers(path: &Path, column: NumberColumn) -> Result<Vec<f64>, Failure> {
    let bad = |what: String| {
        let said = format!("{}: column {} {what}", path.display(), column.name);
        Failure::Job(anyhow::anyhow!("{said}; a series needs a number in every row"))
    };
    if let Some((row, text)) = &column.other {
        return Err(bad(format!("says \"{text}\" in row {row}")));
    }
    if let Some(at) = column.values.iter().position(Option::is_none) {
        return Err(bad(format!("is empty in row {}", at + 1)));
    }
    Ok(column.values.into_iter().flatten().collect())
}

fn as_json(name: &str, spec: &ForecastSpec, figures: &ForecastFigures, took: &Took) -> Value {
    json!({
        "data": name,
        "model": spec.model.name(),
        "horizon": spec.horizon,
        "window": spec.window,
        "channels": figures.channels,
        "windows": figures.windows,
        "mse": figures.mse,
        "mae": figures.mae,
        "repeat_mse": figures.repeat_mse,
        "repeat_mae": figures.repeat_mae,
        "difference": figures.difference.map(|interval| [interval.low, interval.high]),
        "ensemble": {
            "weight": figures.blend.weight,
            "mse": figures.blend.mse,
            "mae": figures.blend.mae,
        },
        "says": figures.says,
        "seconds": took.seconds,
        "cpu_seconds": took.cpu_seconds,
    })
}

fn told(name: &str, spec: &ForecastSpec, figures: &ForecastFigures, took: &Took) -> String {
    let ForecastFigures { mse, mae, repeat_mse, repeat_mae, blend, .. } = figures;
    let mut text = format!(
        "{} on {name}, {} steps ahead from {}: {} windows of {} series, in deviations of the training part\n\n",
        spec.model.name(),
        spec.horizon,
        spec.window,
        grouped(figures.windows as u64),
        figures.channels,
    );
    text.push_str("                 mse     mae\n");
    let mut line = |what: &str, mse: f64, mae: f64| {
        text.push_str(&format!("{what:<12} {mse:>7.3} {mae:>7.3}\n"));
    };
    line(spec.model.name(), *mse, *mae);
    if spec.model != ForecastModel::Repeat {
        line("repeat", *repeat_mse, *repeat_mae);
        line("ensemble", blend.mse, blend.mae);
    }
    text.push_str(&format!("\n{}.\n{}", capital(&figures.says), took.line()));
    text
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, values: &[Option<f64>], other: Option<&str>) -> NumberColumn {
        let other = other.map(|text| (1, text.to_owned()));
        NumberColumn { name: name.to_owned(), values: values.to_vec(), other }
    }

    fn check(columns: Vec<NumberColumn>) -> Result<Table, String> {
        let read = NumberTable { columns, has_header: true };
        series(Path::new("/x/ETTm2.csv.gz"), read).map_err(|failure| match failure {
            Failure::Job(error) | Failure::Usage(error) => error.to_string(),
        })
    }

    #[test]
    fn moments_are_left_out_and_holes_are_named() {
        let date = || column("date", &[], Some("2016-07-01"));
        let table = check(vec![date(), column("a", &[Some(1.0)], None)]);
        let due = Table { name: "ETTm2".to_owned(), columns: vec![vec![1.0]] };
        assert_eq!(table, Ok(due));
        let said = check(vec![date(), column("a", &[Some(1.0), None], None)]);
        let due =
            "/x/ETTm2.csv.gz: column a is empty in row 2; a series needs a number in every row";
        assert_eq!(said, Err(due.to_owned()));
        let said = check(vec![date(), column("a", &[], Some("b"))]);
        let due =
            "/x/ETTm2.csv.gz: column a says \"b\" in row 1; a series needs a number in every row";
        assert_eq!(said, Err(due.to_owned()));
        let said = check(vec![date()]);
        assert_eq!(said, Err("/x/ETTm2.csv.gz has no column of numbers to forecast".to_owned()));
    }
}
