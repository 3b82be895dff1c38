//! Where results came from, and whether learning helped: plain values for cards, terminal and figures.

use domain::Timestamp;
use serde::Serialize;

use super::story::Estimate;
use crate::tally::{Day, Streak, Trend};

/// Everything beyond the figures of the contract.
#[derive(Clone, Debug, Default)]
pub struct Studies {
    /// Learning beside its frozen twin; nothing where none ran.
    pub twin: Option<TwinStory>,
    /// Results cut along each line, in the order of the tally's dimensions.
    pub cuts: Vec<CutStory>,
    /// Weeks in which trades closed, oldest first.
    pub weeks: Vec<WeekStory>,
    /// The last week's mean less the one before, in R.
    pub week_change: Option<Estimate>,
    /// Where weeks are going; nothing before the first.
    pub trend: Option<Trend>,
    /// The most wins in a row, and how many luck alone would make of them.
    pub winning: (Streak, Option<f64>),
    /// The same of losses.
    pub losing: (Streak, Option<f64>),
    /// The worst days, worst first.
    pub worst_days: Vec<DayStory>,
    /// Days on which trades closed, and those of them that lost.
    pub days: (u64, u64),
    /// Shadows given up for want of room; their outcomes are not known.
    pub evicted_shadows: u64,
}

/// Results cut along one line.
#[derive(Clone, Debug)]
pub struct CutStory {
    /// By what: `regime`, `hour` and so on.
    pub name: &'static str,
    /// One row each, those that nothing fell into left out.
    pub rows: Vec<SliceStory>,
}

/// One slice.
#[derive(Clone, Debug)]
pub struct SliceStory {
    /// What fell into it.
    pub name: String,
    /// Executed decisions.
    pub executed: SliceFigures,
    /// Every decision, the declined under the same exits and costs.
    pub all: SliceFigures,
    /// What closed trades came to, quote units, and how many they are.
    pub net: f64,
    /// Closed trades.
    pub trades: u64,
}

/// What is known of some outcomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct SliceFigures {
    /// Mean result in R with its 95 % interval.
    pub r: Option<Estimate>,
    /// Share that earned anything, with its 95 % interval.
    pub win_rate: Option<Estimate>,
    /// Sum in R, every outcome counted whole.
    pub sum_r: f64,
}

/// One week.
#[derive(Clone, Debug)]
pub struct WeekStory {
    /// The Monday it begins on.
    pub from: Timestamp,
    /// Closed trades.
    pub trades: u64,
    /// What they came to, quote units.
    pub net: f64,
    /// Executed outcomes.
    pub figures: SliceFigures,
}

/// A bad day with what made it.
#[derive(Clone, Debug)]
pub struct DayStory {
    /// Its start.
    pub at: Timestamp,
    /// What was counted.
    pub day: Day,
    /// Symbols with their trades and net, worst first.
    pub symbols: Vec<(String, u64, f64)>,
    /// The day's net, quote units.
    pub net: f64,
    /// Costs, quote units.
    pub costs: f64,
}

/// One of the twins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct TwinArm {
    /// Net result over the start.
    pub net_return: f64,
    /// Decisions it executed.
    pub executed: u64,
    /// Largest fall from a peak, positive.
    pub worst_fall: f64,
    /// Equity now, quote units.
    pub equity: f64,
    /// Highest equity so far.
    #[serde(skip)]
    pub peak: f64,
}

/// Both equities at the end of a day.
#[derive(Clone, Copy, Debug)]
pub struct TwinPlace {
    /// The day's end.
    pub at: Timestamp,
    /// Of the engine that learns.
    pub learning: f64,
    /// Of the one that keeps day one.
    pub frozen: f64,
}

/// The engine that learns beside the one that keeps the policy of day one.
#[derive(Clone, Debug)]
pub struct TwinStory {
    /// The one that learns.
    pub learning: TwinArm,
    /// The one that does not.
    pub frozen: TwinArm,
    /// Decisions on which they differed and that are over.
    pub differing: u64,
    /// Decisions that both executed, whatever they staked.
    pub alike: u64,
    /// What learning staked on those over what day one did.
    pub stake_ratio: Option<f64>,
    /// What those differing stakes came to, quote units; no part of the difference.
    pub from_stakes: f64,
    /// Differing ones that count for nothing: bars went missing, or no end was heard of.
    pub void: u64,
    /// What learning earned more per differing decision, in R, with its 95 % interval.
    pub difference: Option<Estimate>,
    /// Evidence that it earned more.
    pub evidence: f64,
    /// Evidence that it earned less.
    pub evidence_worse: f64,
    /// Evidence that would do.
    pub evidence_needed: f64,
    /// The most a difference may lose on average over a block before the evidence is void, in R.
    pub floor_r: f64,
    /// Differing decisions an effect of this size would need.
    pub needed: Option<u64>,
    /// Both equities, a point a day.
    pub curve: Vec<TwinPlace>,
}
