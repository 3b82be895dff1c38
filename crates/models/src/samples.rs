//! Learning sets: each decision's view as it was when decided, and what it came to.

use std::sync::Arc;

use domain::{Outcome, Row, Rows, Side, SymbolIx, Timestamp, View, WINDOW_BARS};

const MINUTE_MS: f64 = 60_000.0;

/// One symbol's closes, oldest first, in single precision; a window ends at one of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Closes {
    /// The closes.
    pub values: Vec<f32>,
    /// When each bar closed.
    pub closed_at: Vec<Timestamp>,
    /// For each bar, how many bars in a row end with it: windows do not reach across a gap.
    pub in_a_row: Vec<u32>,
}

/// What was known when a decision was taken, and what it came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The decision's number in the run.
    pub decision_no: u64,
    /// On what.
    pub symbol: SymbolIx,
    /// Which way.
    pub side: Side,
    /// When it was decided.
    pub decided_at: Timestamp,
    /// When its label was known. From `decided_at` to here the label knows prices.
    pub closed_at: Timestamp,
    /// The longest it could have been held, milliseconds.
    pub hold_ms: i64,
    /// Whether it ended above zero after costs: the first barrier it met, under its own exits.
    pub won: bool,
    /// Net result, units of initial risk.
    pub r: f32,
    /// Its share of independent information, 0..=1.
    pub uniqueness: f32,
    /// Which features were present.
    pub present: u64,
}

/// Samples in the order of decisions, with their rows side by side.
#[derive(Clone, Debug, Default)]
pub struct Samples {
    features: usize,
    samples: Vec<Sample>,
    rows: Vec<f32>,
    closes: Vec<Arc<Closes>>,
}

impl Samples {
    /// None yet; each comes with a row of `features` numbers. Closes are listed by the symbol's place.
    pub fn new(features: usize, closes: Vec<Arc<Closes>>) -> Samples {
        Samples { features, closes, ..Samples::default() }
    }

    /// Adds a sample. A row of another length cannot be learned from.
    pub fn push(&mut self, sample: Sample, row: impl IntoIterator<Item = f64>) {
        self.rows.extend(row.into_iter().map(|value| value as f32));
        self.samples.push(sample);
        assert_eq!(self.rows.len(), self.features * self.samples.len(), "a row of another length");
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.samples.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// Numbers in a row.
    pub fn features(&self) -> usize {
        self.features
    }

    /// The samples.
    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// The row of the sample at a place, zero where a feature is absent.
    pub fn row(&self, at: usize) -> &[f32] {
        &self.rows[at * self.features..(at + 1) * self.features]
    }

    /// Closes by the symbol's place.
    pub fn closes(&self) -> &[Arc<Closes>] {
        &self.closes
    }

    /// The closes up to a decision, at most [`WINDOW_BARS`].
    pub fn window(&self, at: usize) -> &[f32] {
        let sample = &self.samples[at];
        let Some(closes) = self.closes.get(sample.symbol.at()) else { return &[] };
        let end = closes.closed_at.partition_point(|closed_at| *closed_at <= sample.decided_at);
        let Some(last) = end.checked_sub(1) else { return &[] };
        let len = (closes.in_a_row[last] as usize).min(WINDOW_BARS).min(end);
        &closes.values[end - len..end]
    }

    /// Lends the view of a sample.
    pub fn with_view<T>(&self, at: usize, look: impl FnOnce(&View<'_>) -> T) -> T {
        let values: Vec<f64> = self.row(at).iter().map(|value| f64::from(*value)).collect();
        let row = Row { values: &values, present: self.samples[at].present };
        look(&View { row, window: self.window(at) })
    }

    /// What to find these rows by again; `waiting` and `left_out` are the caller's counts.
    pub fn rows(&self, known_to: Timestamp, waiting: u64, left_out: u64) -> Rows {
        let all: Vec<usize> = (0..self.len()).collect();
        self.rows_at(&all, known_to, waiting, left_out)
    }

    /// The same of some of them, in the order of their places.
    pub(crate) fn rows_at(
        &self,
        places: &[usize],
        known_to: Timestamp,
        waiting: u64,
        left_out: u64,
    ) -> Rows {
        let mut hasher = blake3::Hasher::new();
        let mut bytes = Vec::new();
        for at in places {
            bytes.clear();
            self.write(*at, &mut bytes);
            hasher.update(&bytes);
        }
        let samples = || places.iter().map(|at| &self.samples[*at]);
        let decided = |sample: Option<&Sample>| sample.map_or(known_to, |sample| sample.decided_at);
        Rows {
            decided_from: decided(samples().next()),
            decided_to: decided(samples().next_back()),
            known_to,
            count: places.len() as u64,
            effective: samples().map(|sample| f64::from(sample.uniqueness)).sum(),
            waiting,
            left_out,
            hash: hasher.finalize().to_hex().to_string(),
        }
    }

    /// All that is learned from one sample, as bytes.
    fn write(&self, at: usize, bytes: &mut Vec<u8>) {
        let sample = &self.samples[at];
        bytes.extend(sample.decision_no.to_le_bytes());
        bytes.extend(sample.present.to_le_bytes());
        bytes.extend([u8::from(sample.won), u8::from(sample.side == Side::Short)]);
        bytes.extend(sample.r.to_le_bytes());
        bytes.extend(sample.uniqueness.to_le_bytes());
        let numbers = self.row(at).iter().chain(self.window(at));
        bytes.extend(numbers.flat_map(|number| number.to_le_bytes()));
    }
}

impl Sample {
    /// When its label would have been known however it had ended. Of what was decided since, only those that end
    /// early are known, and they are mostly stops: whoever learned from them would learn that most is lost.
    pub fn settled_at(&self) -> Timestamp {
        self.closed_at.max(self.decided_at.plus_ms(self.hold_ms.max(0)))
    }

    /// A decision's sample, now that it has turned out.
    pub fn of(outcome: &Outcome, present: u64) -> Sample {
        Sample {
            decision_no: outcome.decision_no,
            symbol: outcome.symbol,
            side: outcome.side,
            decided_at: outcome.decided_at,
            closed_at: outcome.closed_at,
            hold_ms: (f64::from(outcome.basis.hold_min) * MINUTE_MS) as i64,
            won: outcome.won(),
            r: outcome.r as f32,
            uniqueness: outcome.uniqueness as f32,
            present,
        }
    }
}
