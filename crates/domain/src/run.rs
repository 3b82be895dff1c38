//! One history, and what makes it that history.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Instrument, Timestamp};

/// Which world fed the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum World {
    /// History, as fast as it can be read.
    Replay,
    /// The clock, with simulated orders.
    Paper,
    /// The clock, with real orders.
    Live,
}

impl World {
    /// As it is written everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            World::Replay => "replay",
            World::Paper => "paper",
            World::Live => "live",
        }
    }
}

/// The name of a run: a hash of binary version, configuration, data and seed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(pub String);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a run is, written before its first event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunHeader {
    /// Its name.
    pub id: RunId,
    /// Which world.
    pub world: World,
    /// Version of the program.
    pub binary: String,
    /// Hash of the configuration that decides.
    pub config_hash: String,
    /// Hash of the bars.
    pub data_hash: String,
    /// The seed of every draw.
    pub seed: u64,
    /// Which rule learners follow, `evidence` or `seed`.
    pub rule: String,
    /// The instruments, in the order of [`crate::SymbolIx`].
    pub instruments: Vec<Instrument>,
    /// Names of strategies, in the order of [`crate::StrategyIx`].
    pub strategies: Vec<String>,
    /// Names of gates, in the order of verdicts.
    pub gates: Vec<String>,
    /// Names of features, in the order of rows.
    pub features: Vec<String>,
    /// First bar's open.
    pub from: Timestamp,
    /// Last bar's close.
    pub to: Timestamp,
}

impl RunHeader {
    /// The run's name from what makes it that run.
    pub fn name(
        world: World,
        binary: &str,
        config_hash: &str,
        data_hash: &str,
        seed: u64,
    ) -> RunId {
        let text = format!("{}\n{binary}\n{config_hash}\n{data_hash}\n{seed}", world.name());
        RunId(blake3::hash(text.as_bytes()).to_hex()[..16].to_owned())
    }
}
