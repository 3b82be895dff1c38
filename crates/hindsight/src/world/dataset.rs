//! The bars of a run and what makes them that dataset.

use domain::{Instrument, Reading, RunHeader, Timestamp, World};
use market::{Refusals, Series, SeriesFile, SeriesRead};

use crate::config::Config;

/// Series with their instruments, in the order of symbols.
pub struct Dataset {
    /// The bars.
    pub series: Vec<Series>,
    /// What is traded, as data and configuration tell.
    pub instruments: Vec<Instrument>,
    /// What else was known, in the order in which it became public.
    pub readings: Vec<Reading>,
    /// The files it was read from.
    pub reading_files: Vec<SeriesFile>,
    /// Their rows that were turned away.
    pub reading_refusals: Refusals,
    /// Files of symbols that are not traded.
    pub readings_skipped: Vec<SeriesFile>,
}

impl Dataset {
    /// A dataset of these series.
    pub fn new(series: Vec<Series>, config: &Config) -> Dataset {
        Dataset::with_readings(series, SeriesRead::default(), config)
    }

    /// A dataset of these series and readings, the latter sorted by moment.
    pub fn with_readings(series: Vec<Series>, told: SeriesRead, config: &Config) -> Dataset {
        let readings = told.readings;
        let is_funded = |at: usize| {
            let of_it = |reading: &&Reading| reading.symbol.is_some_and(|symbol| symbol.at() == at);
            readings.iter().filter(of_it).any(|reading| reading.series == domain::Series::Funding)
        };
        let instrument = |(at, series): (usize, &Series)| {
            let told = series.instrument(config.calendar(&series.symbol));
            config.refine(told, is_funded(at))
        };
        let instruments = series.iter().enumerate().map(instrument).collect();
        Dataset {
            series,
            instruments,
            readings,
            reading_files: told.files,
            reading_refusals: told.refusals,
            readings_skipped: told.skipped,
        }
    }

    /// How many bars there are.
    pub fn bars(&self) -> u64 {
        self.series.iter().map(|series| series.bars.len() as u64).sum()
    }

    /// A hash of every bar and reading and of the grid it is traded on; it knows no path and no format.
    pub fn hash(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for (series, instrument) in self.series.iter().zip(&self.instruments) {
            hasher.update(series.hash.as_bytes());
            hasher
                .update(&postcard::to_stdvec(instrument).expect("an instrument always serialises"));
        }
        if !self.readings.is_empty() {
            hasher.update(&postcard::to_stdvec(&self.readings).expect("readings always serialise"));
        }
        hasher.finalize().to_hex()[..32].to_owned()
    }

    /// First open and last close.
    pub fn span(&self) -> (Timestamp, Timestamp) {
        let opens =
            self.series.iter().filter_map(|series| series.bars.first()).map(|bar| bar.opened_at());
        let closes =
            self.series.iter().filter_map(|series| series.bars.last()).map(|bar| bar.closed_at());
        (opens.min().unwrap_or_default(), closes.max().unwrap_or_default())
    }

    /// What a replay of it under this configuration is.
    pub fn header(&self, config: &Config) -> RunHeader {
        let (from, to) = self.span();
        let (config_hash, data_hash, binary) =
            (config.hash(), self.hash(), env!("CARGO_PKG_VERSION"));
        RunHeader {
            id: RunHeader::name(World::Replay, binary, &config_hash, &data_hash, config.run.seed),
            world: World::Replay,
            binary: binary.to_owned(),
            config_hash,
            data_hash,
            seed: config.run.seed,
            rule: config.learn.rule.name().to_owned(),
            instruments: self.instruments.clone(),
            strategies: decide::STRATEGIES
                .iter()
                .map(|strategy| strategy.name().to_owned())
                .collect(),
            gates: decide::GATES.iter().map(|gate| gate.name.to_owned()).collect(),
            features: forecast::FEATURES.iter().map(|feature| feature.name.to_owned()).collect(),
            from,
            to,
        }
    }
}
