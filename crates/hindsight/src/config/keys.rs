//! The list of keys: path, comment, and what a value may be. It checks, prints and suggests.

/// What a value may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A number from the first to the second, both within.
    Number(f64, f64),
    /// A whole number from the first to the second, both within.
    Whole(i64, i64),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A list of some of these words.
    SomeOf(&'static [&'static str]),
    /// Nine numbers that sum to 1.
    Weights,
    /// `true` or `false`.
    Switch,
    /// Any text.
    Text,
}

/// One key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Key {
    /// Section and name, `risk.daily_loss_fraction`.
    pub path: &'static str,
    /// What it does and in which unit.
    pub comment: &'static str,
    /// What it may be.
    pub kind: Kind,
}

const fn key(path: &'static str, kind: Kind, comment: &'static str) -> Key {
    Key { path, comment, kind }
}

const FRACTION: Kind = Kind::Number(0.0, 1.0);
const STRATEGY_NAMES: &[&str] = &["alpha", "ema"];
const CALENDARS: &[&str] = &["always", "fx", "us_equity"];

/// Every key, in the order in which it is printed.
pub const KEYS: &[Key] = &[
    key("run.seed", Kind::Whole(0, i64::MAX), "seed of every draw: slippage and exploration"),
    key("run.equity_start", Kind::Number(1.0, 1e12), "quote units owned at the start"),
    key("run.strategies", Kind::SomeOf(STRATEGY_NAMES), "strategies that trade"),
    key(
        "run.explore_fraction",
        FRACTION,
        "share of allowed and nearly allowed candidates on which the opposite is done, to learn from it",
    ),
    key(
        "run.head_weights",
        Kind::Weights,
        "weights of the nine heads on day one; replay --policy RUN sets them",
    ),
    key(
        "run.learning",
        Kind::Switch,
        "whether anything is learned; without it the policy of day one stands for good",
    ),
    key("costs.taker_bps", Kind::Number(0.0, 1_000.0), "fee a side, basis points of the value"),
    key(
        "costs.half_spread_bps",
        Kind::Number(0.0, 1_000.0),
        "half of bid-ask a side, basis points of the price",
    ),
    key(
        "costs.slippage_mean_bps",
        Kind::Number(0.0, 1_000.0),
        "mean slippage a side, basis points of the price",
    ),
    key("costs.slippage_sd_bps", Kind::Number(0.0, 100.0), "its standard deviation"),
    key(
        "costs.volume_fraction_max",
        Kind::Number(1e-9, 1.0),
        "share of a bar's volume one entry may take",
    ),
    key("gates.conviction_min", FRACTION, "least conviction of the weighted vote"),
    key(
        "gates.confluence_min",
        FRACTION,
        "least share of voting weight that agrees (seed 003: 70 %)",
    ),
    key("gates.fee_margin", Kind::Number(0.0, 100.0), "claimed edge needed, in round-trip costs"),
    key(
        "gates.cooldown_min",
        Kind::Whole(0, 100_000),
        "minutes between trades on one symbol (seed 003: 15-60)",
    ),
    key("gates.positions_max", Kind::Whole(0, 10_000), "most positions at once (seed 002: 8)"),
    key("size.kelly_multiplier", FRACTION, "share of the Kelly fraction that is staked"),
    key("size.risk_fraction_max", FRACTION, "most equity one position may put at risk"),
    key("size.probe", FRACTION, "equity a probe puts at risk where no edge is proven"),
    key(
        "risk.position_fraction_max",
        Kind::Number(0.0, 100.0),
        "most value of one position over equity",
    ),
    key(
        "risk.exposure_fraction_max",
        Kind::Number(0.0, 100.0),
        "most value of all positions over equity",
    ),
    key(
        "risk.daily_loss_fraction",
        FRACTION,
        "loss of the day over its first equity at which nothing more is opened",
    ),
    key("exits.stop_atr", Kind::Number(0.01, 100.0), "stop distance, average true ranges"),
    key(
        "exits.target_atr",
        Kind::Number(0.01, 100.0),
        "target distance, average true ranges (seed 000: +3 % to -2 %)",
    ),
    key(
        "exits.trail_after_r",
        Kind::Number(0.0, 100.0),
        "stop distances in favour after which the stop follows",
    ),
    key("exits.trail_behind_r", Kind::Number(0.01, 100.0), "stop distances it follows behind"),
    key(
        "exits.stop_fraction_min",
        Kind::Number(1e-6, 1.0),
        "least stop distance, fraction of the price",
    ),
    key(
        "exits.stop_fraction_max",
        Kind::Number(1e-6, 1.0),
        "most stop distance, fraction of the price",
    ),
    key("exits.hold_hours_max", Kind::Number(0.01, 1e6), "longest hold in hours (seed 003: 72)"),
    key(
        "learn.rule",
        Kind::OneOf(&["evidence", "seed"]),
        "what learners follow: the evidence, or the seed documents to the letter",
    ),
    key("learn.weight_min", Kind::Number(0.0, 0.111), "least weight of a head (seed 003)"),
    key("learn.weight_max", Kind::Number(0.112, 1.0), "most weight of a head (seed 003)"),
    key(
        "learn.step_fraction_max",
        FRACTION,
        "largest relative change of a weight between two versions (seed 003)",
    ),
    key(
        "learn.publish_fraction_min",
        FRACTION,
        "smallest relative change worth a version (seed 003)",
    ),
    key(
        "learn.outcomes_min",
        Kind::Number(0.0, 1e12),
        "effective outcomes before evidence moves anything",
    ),
    key(
        "learn.seed_outcomes_min",
        Kind::Number(0.0, 1e12),
        "outcomes before the literal rule moves anything (seed 003)",
    ),
    key("learn.seed_rate", FRACTION, "step of the literal rule per outcome (seed 003: 5 %)"),
    key(
        "learn.keep_fraction",
        Kind::Number(0.5, 1.0),
        "what is kept of the past at each independent outcome",
    ),
    key(
        "learn.sharpness",
        Kind::Number(0.0, 10_000.0),
        "how sharply a proven gain moves its weight",
    ),
    key("store.url", Kind::Text, "where runs are remembered: sqlite://PATH"),
];

/// Keys under `instruments.SYMBOL`.
pub(super) const INSTRUMENT_KEYS: &[Key] = &[
    key(
        "tick",
        Kind::Number(1e-12, 1e12),
        "smallest price difference; from the data's decimals unless set",
    ),
    key(
        "step",
        Kind::Number(1e-12, 1e12),
        "smallest size difference; from the data's decimals unless set",
    ),
    key("notional_min", Kind::Number(0.0, 1e12), "smallest order value, quote units"),
    key("calendar", Kind::OneOf(CALENDARS), "when it trades; told from the data unless set"),
];
