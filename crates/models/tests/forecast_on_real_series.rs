//! Repeating the last value must come out as the forecasting papers' protocol has it (methods §2,
//! shared/data/README.md), or the protocol here is another one: one trial per figure.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::io::Read;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use models::bench::{ForecastModel, ForecastSpec, Splits, Table, forecast};

/// File, horizon, windows left out, MSE and MAE of repeating the last value. The authors' code drops the last
/// windows that fill no batch of 32. Of these figures that only moves ETTm2 720 steps ahead in its third
/// place: theirs come out when the same seventeen are dropped, and all windows together give the next.
const FIGURES: [(&str, usize, usize, f64, f64); 9] = [
    ("ETTh1", 96, 0, 1.294, 0.713),
    ("ETTm2", 96, 0, 0.266, 0.328),
    ("ETTm2", 192, 0, 0.340, 0.371),
    ("ETTm2", 336, 0, 0.412, 0.410),
    ("ETTm2", 720, 17, 0.521, 0.465),
    ("ETTm2", 720, 0, 0.522, 0.466),
    ("exchange_rate", 96, 0, 0.081, 0.196),
    ("exchange_rate", 192, 0, 0.167, 0.289),
    ("weather", 96, 0, 0.259, 0.254),
];

fn main() -> ExitCode {
    let trials = FIGURES.into_iter().map(|(name, horizon, dropped, mse, mae)| {
        let last =
            if dropped > 0 { format!(", the last {dropped} dropped") } else { String::new() };
        let title = format!("repeating the last value on {name} {horizon} steps ahead{last}");
        let path = shared("bench/forecast").join(format!("{name}.csv.gz"));
        if !path.exists() {
            let skipped = format!("{title}: skipped for want of {}", path.display());
            return Trial::test(skipped, || Ok(())).with_ignored_flag(true);
        }
        Trial::test(title, move || comes_out(&table(name, &path), horizon, dropped, (mse, mae)))
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

/// Real series outside the project: `HINDSIGHT_DATA`, else `../shared/data` beside it.
fn shared(folder: &str) -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    std::env::var_os("HINDSIGHT_DATA").map_or_else(beside, PathBuf::from).join(folder)
}

/// The table of a file whose first column is the date.
fn table(name: &str, path: &Path) -> Table {
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap())
        .read_to_end(&mut bytes)
        .unwrap();
    let text = String::from_utf8_lossy(&bytes);
    let mut columns: Vec<Vec<f64>> = Vec::new();
    for line in text.lines().skip(1) {
        let values = line.split(',').skip(1).map(|value| value.parse::<f64>().unwrap());
        for (at, value) in values.enumerate() {
            if at == columns.len() {
                columns.push(Vec::new());
            }
            columns[at].push(value);
        }
    }
    Table { name: name.into(), columns }
}

fn comes_out(
    table: &Table,
    horizon: usize,
    dropped: usize,
    (mse, mae): (f64, f64),
) -> Result<(), Failed> {
    // What follows the months of the test is left out anyway: a shorter test drops its last windows.
    let splits = match dropped {
        0 => Splits::Papers,
        dropped => Splits::Steps([34_560, 11_520, 11_520 - dropped]),
    };
    let spec = ForecastSpec { model: ForecastModel::Repeat, window: 336, horizon, splits };
    let figures = forecast(table, &spec, &mut |_| ControlFlow::Continue(()))?;
    let rounded = |figure: f64| (figure * 1e3).round() / 1e3;
    let found = [figures.repeat_mse, figures.repeat_mae, figures.mse, figures.mae].map(rounded);
    if found == [mse, mae, mse, mae] && figures.difference.is_some_and(|range| range.contains(0.0))
    {
        return Ok(());
    }
    Err(format!("{mse} and {mae} were wanted: {figures:?}").into())
}
