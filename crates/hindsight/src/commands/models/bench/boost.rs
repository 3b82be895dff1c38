//! `models bench boost`: how well boosted trees tell two classes apart.

use std::path::Path;

use ::models::bench::{BoostFigures, LabelledTable, boost};
use ::models::trees::{Algorithm, TreeSpec};
use anyhow::anyhow;
use market::{NumberColumn, NumberTable};
use serde_json::{Value, json};

use super::{Took, measured, read};
use crate::args::{BoostArgs, BoostName, Global};
use crate::clock::Stopwatch;
use crate::commands::setup;
use crate::commands::shown::grouped;
use crate::failure::{Failure, usage};

pub(super) fn run(global: &Global, args: &BoostArgs) -> Result<(), Failure> {
    let watch = Stopwatch::start();
    let spec = spec(args);
    let (train, test) = (read(&args.train)?, read(&args.test)?);
    let (train_at, test_at) =
        (place(&args.train, &train, &args.label)?, place(&args.test, &test, &args.label)?);
    let test = in_order(&train, test, &args.test)?;
    let test_at = if train.has_header && test.has_header { train_at } else { test_at };
    let classes = classes(&args.train, &train.columns[train_at])?;
    let train = labelled(&args.train, train, train_at, classes)?;
    let test = labelled(&args.test, test, test_at, classes)?;
    let figures = measured(global, args.threads, |listener| boost(&train, &test, &spec, listener))?;
    let told = Told { args, train: &train, test: &test, figures, took: Took::since(&watch) };
    if global.json { setup::print_json(&told.as_json()) } else { setup::print(&told.text()) }
}

/// What is published, but for what was asked otherwise.
fn spec(args: &BoostArgs) -> TreeSpec {
    let algorithm = match args.model {
        BoostName::Xgboost => Algorithm::Xgboost,
        BoostName::Lightgbm => Algorithm::Lightgbm,
    };
    let published = TreeSpec::published(algorithm);
    let depth = args.depth.map_or(published.depth, |depth| depth as usize);
    // As many leaves as so many levels have, where it is levels that bound a tree.
    let leaves = match algorithm {
        Algorithm::Xgboost => 1 << depth.min(16),
        Algorithm::Lightgbm => published.leaves,
    };
    TreeSpec {
        trees: args.trees as usize,
        rate: args.rate,
        depth,
        leaves: args.leaves.map_or(leaves, |leaves| leaves as usize),
        ..published
    }
}

/// The label's place.
fn place(path: &Path, table: &NumberTable, called: &str) -> Result<usize, Failure> {
    table.place(called).ok_or_else(|| {
        let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        let has = match names.as_slice() {
            [] => "none".to_owned(),
            _ if !table.has_header => format!("{} without names, from 0", names.len()),
            few if few.len() <= 12 => few.join(", "),
            [first, second, .., last] => format!("{first}, {second} … {last}"),
            _ => names.join(", "),
        };
        usage(format!("--label {called}: {} has no such column; it has {has}", path.display()))
    })
}

/// The columns of one table in the order of the other's, where both are named.
fn in_order(model: &NumberTable, table: NumberTable, path: &Path) -> Result<NumberTable, Failure> {
    if !(model.has_header && table.has_header) {
        return Ok(table);
    }
    let NumberTable { mut columns, has_header } = table;
    let mut ordered = Vec::with_capacity(model.columns.len());
    for wanted in &model.columns {
        let at = columns.iter().position(|column| column.name == wanted.name);
        let at = at.ok_or_else(|| {
            anyhow!("{} has no column {}, which was learned from", path.display(), wanted.name)
        })?;
        ordered.push(columns.remove(at));
    }
    Ok(NumberTable { columns: ordered, has_header })
}

/// The two classes, the larger one last: that is the one looked for.
fn classes(path: &Path, column: &NumberColumn) -> Result<[f64; 2], Failure> {
    let mut found: Vec<f64> = Vec::new();
    for value in column.values.iter().flatten() {
        if !found.contains(value) {
            found.push(*value);
        }
        if found.len() > 2 {
            break;
        }
    }
    found.sort_by(f64::total_cmp);
    <[f64; 2]>::try_from(found).map_err(|found| {
        let has = match (&column.other, found.len()) {
            (Some((row, text)), _) => format!("says \"{text}\" in row {row}"),
            (None, 3) => "has more than two values".to_owned(),
            (None, n) => format!("has {n} values"),
        };
        let name = &column.name;
        Failure::Job(anyhow!(
            "{}: column {name} {has}; a label is one of two numbers",
            path.display()
        ))
    })
}

/// Rows with their classes.
fn labelled(
    path: &Path,
    mut table: NumberTable,
    label_at: usize,
    classes: [f64; 2],
) -> Result<LabelledTable, Failure> {
    let label = table.columns.remove(label_at);
    let bad = |name: &str, what: String| anyhow!("{}: column {name} {what}", path.display());
    let class = |(at, value): (usize, &Option<f64>)| match value {
        Some(value) if *value == classes[1] => Ok(true),
        Some(value) if *value == classes[0] => Ok(false),
        Some(value) => Err(bad(
            &label.name,
            format!(
                "says {value} in row {}; the classes are {} and {}",
                at + 1,
                classes[0],
                classes[1]
            ),
        )),
        None => Err(bad(&label.name, format!("is empty in row {}; a label is needed", at + 1))),
    };
    let labels: Vec<bool> = label.values.iter().enumerate().map(class).collect::<Result<_, _>>()?;
    for column in &table.columns {
        if let Some((row, text)) = &column.other {
            let what = format!("says \"{text}\" in row {row}; trees here take numbers only");
            return Err(bad(&column.name, what).into());
        }
    }
    let cell = |column: &NumberColumn, row: usize| {
        column.values[row].map_or(f32::NAN, |value| value as f32)
    };
    let values = (0..labels.len())
        .flat_map(|row| table.columns.iter().map(move |column| cell(column, row)))
        .collect();
    Ok(LabelledTable { features: table.columns.len(), values, labels })
}

struct Told<'a> {
    args: &'a BoostArgs,
    train: &'a LabelledTable,
    test: &'a LabelledTable,
    figures: BoostFigures,
    took: Took,
}

impl Told<'_> {
    fn name(&self) -> &'static str {
        match self.args.model {
            BoostName::Xgboost => "xgboost",
            BoostName::Lightgbm => "lightgbm",
        }
    }

    /// What guessing the class's share among the training rows comes to.
    fn base_logloss(&self) -> Option<f64> {
        let train = &self.train.labels;
        let share = train.iter().filter(|is_it| **is_it).count() as f64 / train.len() as f64;
        let guesses = vec![share; self.test.labels.len()];
        stats::calibration::log_loss(&guesses, &self.test.labels, &vec![1.0; guesses.len()])
    }

    fn as_json(&self) -> Value {
        json!({
            "model": self.name(),
            "trees": self.args.trees,
            "rate": self.args.rate,
            "rows_train": self.train.labels.len(),
            "rows_test": self.test.labels.len(),
            "features": self.train.features,
            "logloss": self.figures.logloss,
            "auc": self.figures.auc,
            "base_logloss": self.base_logloss(),
            "seconds": self.took.seconds,
            "cpu_seconds": self.took.cpu_seconds,
        })
    }

    fn text(&self) -> String {
        let BoostFigures { logloss, auc } = self.figures;
        let base = self.base_logloss().map_or_else(String::new, |base| {
            format!("; guessing the training share comes to {base:.4}")
        });
        format!(
            "{}, {} trees on {} rows of {} numbers, scored on {} rows\n\nlog loss {logloss:.4}{base}\nAUC      {auc:.4}\n\n{}",
            self.name(),
            grouped(u64::from(self.args.trees)),
            grouped(self.train.labels.len() as u64),
            self.train.features,
            grouped(self.test.labels.len() as u64),
            self.took.line()
        )
    }
}
