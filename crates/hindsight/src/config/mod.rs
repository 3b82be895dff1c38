//! Configuration: every key with its default, its bounds and a comment, in one list.

mod keys;
mod load;
mod seed_env;
mod show;

pub use keys::{KEYS, Key, Kind};
pub use load::{ConfigError, Source, check_together, load};
pub use seed_env::{SEED_NAMES, SeedName, Set, Taken, table, taken};
pub use show::show;

use std::collections::BTreeMap;

use decide::{ExitRules, Limits, SizeRules, StandingRules};
use domain::{Calendar, GatePolicy, HEAD_COUNT, Instrument, InstrumentKind, Margin, decimal};
use engine::{Settings, Telling};
use evolve::ModelRules;
use forecast::{FrameRules, RegimeRules, WorkingFrame};
use laws::Costs;
use learn::LearnRules;
use serde::{Deserialize, Serialize};

/// Everything that can be configured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// What a run starts from.
    pub run: RunRules,
    /// What trading costs.
    pub costs: Costs,
    /// What the gates ask for on day one.
    pub gates: GatePolicy,
    /// How much is staked.
    pub size: SizeRules,
    /// What may not be exceeded.
    pub risk: Limits,
    /// When a standing order restricts.
    pub standing: StandingRules,
    /// Which frames are looked at.
    pub frames: Frames,
    /// How the kind of market is told.
    pub regime: RegimeRules,
    /// How positions end.
    pub exits: ExitRules,
    /// How fast and within what the policy moves.
    pub learn: LearnRules,
    /// How models are trained, judged and deployed.
    pub models: ModelRules,
    /// Where things are remembered.
    pub store: StoreRules,
    /// Per symbol, what the data does not tell.
    pub instruments: BTreeMap<String, InstrumentRules>,
}

/// What a run starts from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RunRules {
    /// Seed of every draw.
    pub seed: u64,
    /// Quote units owned at the start.
    pub equity_start: f64,
    /// The watchlist: symbols that are traded; all that the data hold where it is empty.
    pub symbols: Vec<String>,
    /// Strategies that trade.
    pub strategies: Vec<String>,
    /// Share of allowed and nearly allowed candidates on which the opposite is done.
    pub explore_fraction: f64,
    /// Weights of the nine heads on day one.
    pub head_weights: [f64; HEAD_COUNT],
    /// Whether the policy learns.
    pub learning: bool,
    /// Most declined decisions followed at once on one symbol.
    pub shadows_max: u32,
}

impl Default for RunRules {
    fn default() -> RunRules {
        let settings = Settings::default();
        RunRules {
            seed: settings.seed,
            equity_start: domain::estimate(settings.equity_start),
            symbols: Vec::new(),
            strategies: settings.strategies,
            explore_fraction: settings.explore_fraction,
            head_weights: settings.head_weights,
            learning: settings.learns,
            shadows_max: settings.shadows_max as u32,
        }
    }
}

/// Which frames are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Frames {
    /// Bars in one bar of the higher frame.
    pub higher_bars: u8,
    /// Which frame is worked on.
    pub working: WorkingFrame,
}

impl Default for Frames {
    fn default() -> Frames {
        let FrameRules { higher_bars, working, .. } = FrameRules::default();
        Frames { higher_bars, working }
    }
}

/// Where things are remembered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreRules {
    /// `sqlite://PATH`.
    pub url: String,
}

impl Default for StoreRules {
    fn default() -> StoreRules {
        StoreRules { url: "sqlite://hindsight.db".to_owned() }
    }
}

/// What the data does not tell about one symbol; absent values are taken from it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct InstrumentRules {
    /// Smallest price difference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tick: Option<f64>,
    /// Smallest size difference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<f64>,
    /// Smallest order value, quote units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notional_min: Option<f64>,
    /// `always`, `fx` or `us_equity`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calendar: Option<Calendar>,
    /// `spot`, `perpetual`, `equity` or `fx`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<InstrumentKind>,
    /// Most notional over margin that the venue lends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leverage_max: Option<u32>,
    /// Share of notional below which it takes the margin, basis points.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maintenance_bps: Option<u32>,
}

/// What a venue lends on a perpetual unless it is told. Chosen: well within what Binance lends on its
/// majors, at the maintenance of their first tiers.
const PERPETUAL_MARGIN: Margin = Margin { leverage_max: 20, maintenance_bps: 50 };

impl Config {
    /// What the engine is told.
    pub fn settings(&self) -> Settings {
        Settings {
            seed: self.run.seed,
            equity_start: decimal(self.run.equity_start),
            explore_fraction: self.run.explore_fraction,
            strategies: self.run.strategies.clone(),
            head_weights: self.run.head_weights,
            telling: Telling::Everything,
            learns: self.run.learning,
            costs: self.costs,
            standing: StandingRules {
                daily_loss_fraction: self.risk.daily_loss_fraction,
                drawdown_fraction_max: self.risk.drawdown_hard_fraction,
                ..self.standing
            },
            frames: FrameRules {
                higher_bars: self.frames.higher_bars,
                working: self.frames.working,
                regime: self.regime,
            },
            exits: self.exits,
            size: self.size,
            limits: self.risk,
            gates: self.gates,
            learn: self.learn,
            models: self.models.clone(),
            shadows_max: self.run.shadows_max as usize,
        }
    }

    /// An instrument with what configuration says about it. What sort of thing it is follows from when it
    /// trades and from whether it `is_funded`, unless that is said too.
    pub fn refine(&self, mut instrument: Instrument, is_funded: bool) -> Instrument {
        let silent = InstrumentRules::default();
        let rules = self.instruments.get(&instrument.symbol).unwrap_or(&silent);
        instrument.tick = rules.tick.map_or(instrument.tick, decimal);
        instrument.step = rules.step.map_or(instrument.step, decimal);
        instrument.notional_min = rules.notional_min.map_or(instrument.notional_min, decimal);
        instrument.calendar = rules.calendar.unwrap_or(instrument.calendar);
        instrument.kind = rules.kind.unwrap_or(match instrument.calendar {
            Calendar::UsEquity => InstrumentKind::Equity,
            Calendar::Fx => InstrumentKind::Fx,
            Calendar::Always if is_funded => InstrumentKind::Perpetual,
            Calendar::Always => InstrumentKind::Spot,
        });
        let lent = match instrument.kind {
            InstrumentKind::Perpetual => PERPETUAL_MARGIN,
            InstrumentKind::Spot | InstrumentKind::Equity | InstrumentKind::Fx => Margin::NONE,
        };
        instrument.margin = Margin {
            leverage_max: rules.leverage_max.unwrap_or(lent.leverage_max),
            maintenance_bps: rules.maintenance_bps.unwrap_or(lent.maintenance_bps),
        };
        instrument
    }

    /// The calendar configured for a symbol, if any.
    pub fn calendar(&self, symbol: &str) -> Option<Calendar> {
        self.instruments.get(symbol).and_then(|rules| rules.calendar)
    }

    /// A hash of everything that can change a decision: not the seed, which names a run by itself,
    /// and not where things are stored.
    pub fn hash(&self) -> String {
        let mut deciding = self.clone();
        deciding.store = StoreRules::default();
        deciding.run.seed = 0;
        // An empty text here would give every configuration the same run.
        let text = toml::to_string(&deciding).expect("a configuration always serialises");
        blake3::hash(text.as_bytes()).to_hex()[..32].to_owned()
    }
}
