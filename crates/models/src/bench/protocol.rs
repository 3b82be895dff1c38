//! What the forecasting papers agree on: who learns from which steps, in which unit, and which windows count.

use std::ops::Range;
use std::str::FromStr;

use crate::FitError;

/// Columns side by side, oldest step first.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Its file's name without folder and ending: `ETTm2`. The papers' splits go by it.
    pub name: String,
    /// One series per channel, all of one length.
    pub columns: Vec<Vec<f64>>,
}

/// Steps of an hourly ETT set for training, validation and test: 12, 4 and 4 months of 30 days
/// (`shared/data/README.md`).
const ETT_HOURS: [usize; 3] = [8_640, 2_880, 2_880];

/// Who gets which steps.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Splits {
    /// As in the papers: 12, 4 and 4 months of an ETT set, told by its name, whatever follows left out;
    /// of any other 70, 10 and 20 %.
    #[default]
    Papers,
    /// So many steps for training, validation and test; what follows is left out.
    Steps([usize; 3]),
    /// Such fractions of all steps; training and test are rounded down, validation gets the rest.
    Shares([f64; 3]),
}

impl FromStr for Splits {
    type Err = FitError;

    /// Reads `8640/2880/2880` as steps, `70/10/20` and `.7/.1/.2` as shares: they sum to 100 or to 1.
    fn from_str(text: &str) -> Result<Splits, FitError> {
        let bad = || FitError::BadParameter {
            what: format!(
                "a split is three numbers such as 8640/2880/2880 or 70/10/20, not {text}"
            ),
        };
        let numbers: Vec<f64> =
            text.split('/').map(str::parse).collect::<Result<_, _>>().map_err(|_| bad())?;
        let parts: [f64; 3] = numbers.try_into().map_err(|_| bad())?;
        if !parts.iter().all(|part| part.is_finite() && *part >= 0.0) {
            return Err(bad());
        }
        let sum: f64 = parts.iter().sum();
        if let Some(whole) = [1.0, 100.0].into_iter().find(|whole| (sum - whole).abs() < 1e-9) {
            return Ok(Splits::Shares(parts.map(|part| part / whole)));
        }
        if parts.iter().any(|part| part.fract() != 0.0) {
            return Err(bad());
        }
        Ok(Splits::Steps(parts.map(|part| part as usize)))
    }
}

impl Splits {
    /// Steps for training, validation and test of a table of so many rows.
    fn steps(self, name: &str, rows: usize) -> [usize; 3] {
        let shares = |[train, _, test]: [f64; 3]| {
            let [train, test] = [train, test].map(|share| (rows as f64 * share) as usize);
            [train, rows.saturating_sub(train + test), test]
        };
        match self {
            Splits::Papers if name.starts_with("ETTh") => ETT_HOURS,
            Splits::Papers if name.starts_with("ETTm") => ETT_HOURS.map(|hours| hours * 4),
            Splits::Papers => shares([0.7, 0.1, 0.2]),
            Splits::Shares(of_all) => shares(of_all),
            Splits::Steps(steps) => steps,
        }
    }
}

/// Which steps are whose, and every channel in standard deviations of its training part.
#[derive(Clone, Debug, PartialEq)]
pub struct Protocol {
    /// Steps a forecast looks at.
    pub window: usize,
    /// Steps it looks ahead.
    pub horizon: usize,
    /// Steps to learn from.
    pub train: Range<usize>,
    /// Steps to choose by.
    pub validation: Range<usize>,
    /// Steps that are only forecast.
    pub test: Range<usize>,
    /// The channels less their training mean, in their training standard deviations (population's); a
    /// channel that never moves in training keeps its unit.
    pub channels: Vec<Vec<f32>>,
}

impl Protocol {
    /// Splits and scales a table.
    ///
    /// # Errors
    /// A table without columns, of columns of different lengths, with a number that is none, or too short
    /// for its split, window and horizon.
    pub fn of(
        table: &Table,
        window: usize,
        horizon: usize,
        splits: Splits,
    ) -> Result<Protocol, FitError> {
        let rows = table.columns.first().map_or(0, Vec::len);
        sound(table, rows)?;
        if window == 0 || horizon == 0 {
            return bad(format!(
                "a window of {window} and a horizon of {horizon} forecast nothing"
            ));
        }
        let [train, validation, test] = splits.steps(&table.name, rows);
        // Every part forecasts at least once; the later ones look back into the one before.
        let enough = |has: usize, needed: usize| {
            let what = "a forecast over this window and horizon";
            if has < needed { Err(FitError::TooFew { what, has, needed }) } else { Ok(()) }
        };
        enough(rows, train.saturating_add(validation).saturating_add(test))?;
        enough(train, window.saturating_add(horizon))?;
        enough(validation.min(test), horizon)?;
        let channels = table.columns.iter().map(|column| scaled(column, train)).collect();
        Ok(Protocol {
            window,
            horizon,
            train: 0..train,
            validation: train..train + validation,
            test: train + validation..train + validation + test,
            channels,
        })
    }

    /// First steps of every horizon that lies in a part and has a whole window before it, one step apart.
    /// Windows reach back into the part before: the first horizon of a part begins at its border.
    pub fn origins(&self, part: &Range<usize>) -> Range<usize> {
        part.start.max(self.window)..(part.end + 1).saturating_sub(self.horizon)
    }

    /// What a forecast at this origin looks at.
    pub fn looks_at(&self, channel: usize, origin: usize) -> &[f32] {
        &self.channels[channel][origin - self.window..origin]
    }

    /// What came.
    pub fn came(&self, channel: usize, origin: usize) -> &[f32] {
        &self.channels[channel][origin..origin + self.horizon]
    }
}

fn bad<T>(what: String) -> Result<T, FitError> {
    Err(FitError::BadParameter { what })
}

fn sound(table: &Table, rows: usize) -> Result<(), FitError> {
    if rows == 0 {
        return bad(format!("{} has no numbers to forecast", table.name));
    }
    for (at, column) in table.columns.iter().enumerate() {
        if column.len() != rows {
            return bad(format!("column {at} has {} rows, and column 0 has {rows}", column.len()));
        }
        if let Some(row) = column.iter().position(|value| !value.is_finite()) {
            return bad(format!("row {row} of column {at} is not a number"));
        }
    }
    Ok(())
}

/// A channel less the mean of its first `train` steps, in their standard deviations.
fn scaled(column: &[f64], train: usize) -> Vec<f32> {
    let known = &column[..train];
    let mean = known.iter().sum::<f64>() / train as f64;
    let variance = known.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / train as f64;
    let deviation = libm::sqrt(variance);
    // A channel that stands still has a deviation of rounding errors, which is no unit.
    let unit = if deviation > 1e-12 * mean.abs() { deviation } else { 1.0 };
    column.iter().map(|value| ((value - mean) / unit) as f32).collect()
}
