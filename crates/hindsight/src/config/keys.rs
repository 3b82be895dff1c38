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
    /// The same, or an empty list.
    AnyOf(&'static [&'static str]),
    /// A list of texts.
    Names,
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
const MODEL_NAMES: &[&str] = &["xgboost", "lightgbm", "nhits", "patchtst"];
const CALENDARS: &[&str] = &["always", "fx", "us_equity"];

/// Every key, in the order in which it is printed.
pub const KEYS: &[Key] = &[
    key("run.seed", Kind::Whole(0, i64::MAX), "seed of every draw: slippage and exploration"),
    key("run.equity_start", Kind::Number(1.0, 1e12), "quote units owned at the start"),
    key(
        "run.symbols",
        Kind::Names,
        "the watchlist: symbols that are traded; all that the data hold where it is empty",
    ),
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
        "whether the policy learns; without it that of day one stands, and only records of results grow",
    ),
    key(
        "run.shadows_max",
        Kind::Whole(1, 1_000_000),
        "most declined decisions followed at once on one symbol; the oldest are given up and counted",
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
    key(
        "costs.entry_bars_max",
        Kind::Whole(1, 1_000),
        "bars an entry may take to fill; the rest is taken back",
    ),
    key(
        "costs.latency_ms",
        Kind::Whole(0, 86_400_000),
        "milliseconds from an order to the first price it can have",
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
    key(
        "gates.regime_entries_max",
        Kind::Whole(0, 10_000),
        "most entries on a symbol while its regime lasts (seed 003: 1-3)",
    ),
    key(
        "gates.correlation_max",
        FRACTION,
        "most correlation with what is held on the same side, weighted by value",
    ),
    key(
        "gates.history_outcomes_min",
        Kind::Number(0.0, 1e12),
        "effective outcomes before the record of similar candidates may refuse one",
    ),
    key("size.kelly_multiplier", FRACTION, "share of the Kelly fraction that is staked"),
    key("size.risk_fraction_max", FRACTION, "most equity one position may put at risk"),
    key("size.probe", FRACTION, "equity a probe puts at risk where no edge is proven"),
    key(
        "size.drawdown_level",
        Kind::Number(0.01, 0.99),
        "share of starting wealth that is to stay unlikely to be fallen below",
    ),
    key("size.drawdown_probability", Kind::Number(0.001, 0.999), "how unlikely"),
    key(
        "size.conviction_least",
        Kind::Number(0.0, 1.0),
        "factor at a conviction that is least, or has paid nothing",
    ),
    key(
        "size.conviction_most",
        Kind::Number(0.0, 4.0),
        "factor at a conviction of 1, or one that has paid in full",
    ),
    key(
        "size.conviction_kelly_full",
        Kind::Number(1e-6, 1.0),
        "Kelly fraction at which a conviction has paid in full",
    ),
    key(
        "size.volatility_target_day",
        Kind::Number(1e-6, 10.0),
        "a day's standard deviation beyond which stakes shrink in proportion, fraction",
    ),
    key(
        "size.volatility_factor_max",
        Kind::Number(0.0, 10.0),
        "most that a calm symbol's stake is multiplied by; 1 never lifts one",
    ),
    key(
        "size.throttle_min",
        FRACTION,
        "least that the throttle leaves of a size whose record loses",
    ),
    key(
        "size.liquidation_stops",
        Kind::Number(1.0, 100.0),
        "liquidation lies at least this many stop distances from entry",
    ),
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
    key(
        "risk.symbol_fraction_max",
        Kind::Number(0.0, 100.0),
        "most value on one symbol over equity",
    ),
    key(
        "risk.net_fraction_max",
        Kind::Number(0.0, 100.0),
        "most value on one side, less the other's, over equity",
    ),
    key(
        "risk.correlated_fraction_max",
        Kind::Number(0.0, 100.0),
        "most value that moves together, over equity",
    ),
    key(
        "risk.drawdown_soft_fraction",
        FRACTION,
        "fall from the highest equity from which room for positions shrinks",
    ),
    key(
        "risk.drawdown_hard_fraction",
        FRACTION,
        "fall from which there is none, nothing enters and exits tighten, until a person resumes",
    ),
    key("standing.volatile_scale", FRACTION, "size scale while a symbol's moves are large for it"),
    key(
        "standing.global_volatile_scale",
        FRACTION,
        "size scale while the moves of all symbols together are large",
    ),
    key("standing.global_volatile_conviction_min", FRACTION, "least conviction meanwhile"),
    key(
        "standing.cost_ratio_scaled",
        Kind::Number(0.0, 100.0),
        "round trip over a day's standard deviation from which costs restrict",
    ),
    key("standing.cost_scale", FRACTION, "size scale from there on"),
    key("standing.cost_ratio_max", Kind::Number(0.0, 100.0), "and from here nothing enters"),
    key(
        "standing.symbol_outcomes_min",
        Kind::Number(0.0, 1e12),
        "effective outcomes before a symbol's record restricts (seed 001: 50)",
    ),
    key("standing.symbol_scale", FRACTION, "size scale while a symbol's record shows a loss"),
    key(
        "standing.drawdown_fraction",
        FRACTION,
        "fall from the highest equity from which sizes shrink",
    ),
    key("standing.drawdown_scale", FRACTION, "size scale just before that"),
    key("frames.higher_bars", Kind::Whole(2, 48), "bars in one bar of the higher frame"),
    key(
        "frames.working",
        Kind::OneOf(&["follows_regime", "base"]),
        "which frame is worked on: the higher one while volatility is high, or always the bars",
    ),
    key("regime.bars_min", Kind::Whole(50, 5_000), "bars before a market is called anything"),
    key(
        "regime.memory_bars",
        Kind::Number(500.0, 50_000.0),
        "bars that the model of quiet and turbulent times remembers",
    ),
    key(
        "regime.dwell_bars_min",
        Kind::Whole(1, 100),
        "bars in a row after which a new label stands",
    ),
    key(
        "regime.turbulent_ratio",
        Kind::Number(1.05, 3.0),
        "moves this many times their usual size are large",
    ),
    key(
        "regime.quiet_ratio",
        Kind::Number(0.3, 0.95),
        "moves at most this many times their usual size are small",
    ),
    key("regime.drift_bars", Kind::Whole(5, 1_000), "bars a drift is measured over"),
    key(
        "regime.trend_enter",
        Kind::Number(0.5, 10.0),
        "a drift this many standard errors from none is a trend",
    ),
    key("regime.trend_leave", Kind::Number(0.0, 10.0), "until it is nearer than this many"),
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
        "exits.hold_hours_max_equity",
        Kind::Number(0.01, 1e6),
        "longest hold of shares in hours (seed 002: 24); never less than ten bars",
    ),
    key(
        "exits.high_volatility_stop",
        Kind::Number(0.1, 10.0),
        "stop distances are multiplied by this where moves are large for the market",
    ),
    key(
        "exits.range_target",
        Kind::Number(0.1, 10.0),
        "target distances are multiplied by this where moves lead nowhere",
    ),
    key(
        "exits.trend_target",
        Kind::Number(0.1, 10.0),
        "target distances are multiplied by this with the trend",
    ),
    key(
        "exits.partial_share",
        Kind::Number(0.0, 0.99),
        "share of a position that is taken off early; 0 takes none",
    ),
    key("exits.partial_at_r", Kind::Number(0.01, 100.0), "where, in stop distances in favour"),
    key(
        "exits.day_end",
        Kind::OneOf(&["hold", "leave"]),
        "whether positions are held over the close of a market that closes",
    ),
    key(
        "exits.leave_before_close_min",
        Kind::Whole(0, 1_440),
        "minutes before the close at which they leave, on half days too (seed 002: 15:45)",
    ),
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
    key(
        "models.kinds",
        Kind::AnyOf(MODEL_NAMES),
        "models that are trained and vote through the ninth head; --models sets them",
    ),
    key("models.retraining", Kind::Switch, "whether trainings are asked for at all (seed 004)"),
    key(
        "models.mode",
        Kind::OneOf(&["advisory", "enforced"]),
        "advisory: the plan is told, and a person has it carried out; enforced: it is carried out",
    ),
    key(
        "models.auto_deploy",
        Kind::Switch,
        "whether a version is deployed by its ruling; without it a ruling waits for a person",
    ),
    key(
        "models.interval_hours",
        Kind::Whole(1, 8_760),
        "hours after which a model is trained again (seed 004: 24)",
    ),
    key(
        "models.win_rate_min",
        FRACTION,
        "a model that wins less often is trained again (seed 004: half)",
    ),
    key(
        "models.regime_days",
        Kind::Whole(1, 365),
        "days for which a changed regime must have held to have models trained again (seed 004: 3)",
    ),
    key(
        "models.outcomes_new",
        Kind::Whole(0, 1_000_000),
        "new outcomes after which a close has models trained again; 0 never",
    ),
    key(
        "models.delay_min",
        Kind::Whole(0, 10_080),
        "minutes from asking for a training to hearing its result, by the market's clock",
    ),
    key(
        "models.lookback_days",
        Kind::Whole(1, 36_500),
        "days of decisions that a training looks back on (seed 002: 60)",
    ),
    key(
        "models.outcomes_min",
        Kind::Whole(50, 1_000_000),
        "outcomes without which nothing is trained",
    ),
    key(
        "models.floor_r",
        Kind::Number(0.001, 1.0),
        "what a champion's mean result counts as at least when a gain is measured against it, R",
    ),
    key(
        "models.canary_share",
        Kind::Number(0.0, 0.5),
        "first share of decisions on which a canary's vote is heard; then half, then all",
    ),
    key(
        "models.step_decisions",
        Kind::Whole(1, 1_000_000),
        "decisions compared on each step of that",
    ),
    key(
        "models.difference_r_most",
        Kind::Number(0.5, 10.0),
        "largest difference of two results on one decision, R; one that is larger ends the evidence",
    ),
    key(
        "models.decisions_min",
        Kind::Whole(1, 1_000_000),
        "decisions compared below which nothing but safety is ruled on",
    ),
    key(
        "models.drawdown_r_max",
        Kind::Number(1.0, 1e6),
        "deepest fall of a challenger below the champion that is borne, R",
    ),
    key(
        "models.alpha",
        Kind::Number(1e-6, 0.5),
        "probability with which a version that is no better may ever be deployed",
    ),
    key(
        "models.harm_alpha",
        Kind::Number(1e-6, 0.5),
        "probability with which a harmless challenger may be dropped",
    ),
    key(
        "models.decisions_per_false_alarm",
        Kind::Number(100.0, 1e9),
        "mean number of decisions that one false alarm about a champion takes at least",
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
    key(
        "kind",
        Kind::OneOf(&["spot", "perpetual", "equity", "fx"]),
        "what it is; a symbol with funding is a perpetual, the rest follows from its calendar, unless set",
    ),
    key(
        "leverage_max",
        Kind::Whole(1, 1_000),
        "most notional over margin; 1 unless set, 20 for a perpetual",
    ),
    key(
        "maintenance_bps",
        Kind::Whole(0, 10_000),
        "share of notional below which the venue takes the margin, basis points; 50 for a perpetual",
    ),
];
