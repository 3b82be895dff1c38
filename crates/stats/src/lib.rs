//! The numbers: metrics, intervals, e-processes, projections.
//! Everything here is arithmetic on what it is handed: no clock, no file, no chance.
//!
//! | module | question it answers |
//! |---|---|
//! | [`simplex`] | which weights inside their bounds are nearest to the ones wanted? |
//! | [`experts`] | how much should each head weigh, given what it said and what came of it? |
//! | [`seed_rules`] | what would the seeds' own rules have done? |
//! | [`metrics`] | how did a series of returns or trades do? |
//! | [`sharpe`], [`overfit`] | could a Sharpe ratio, or the best of many, be luck? |
//! | [`sequential`] | what does the evidence say at every look, not only at the last? |
//! | [`blocks`] | which results may an e-process multiply over, though labels overlap? |
//! | [`moments`], [`interval`], [`normal`] | mean, spread, and how sure of them we are |
//! | [`calibration`] | how often does a score of this size win? |
//! | [`ope`] | what would another way of choosing have earned? |
//! | [`hmm`] | which state is the market in, as far as can be known now? |
//! | [`change_point`] | when did a series last become another one? |
//! | [`drift`] | has a stream, or a sample, become another one? |
//! | [`portfolio`] | how should risk be spread over symbols that move together? |
//! | [`sizing`] | how much should be staked on an edge? |
//! | [`shrinkage`] | what is left of many noisy figures without their luck? |
//! | [`thompson`] | which of several noisy rewards is the largest, with which probability? |
//! | [`labels`] | what came of a moment, and how can it be tested without a leak? |
//! | [`spa`] | is the best of many tried better than what stands, or lucky? |
//! | [`uniqueness`] | how many outcomes are overlapping labels worth? |
//!
//! An undefined figure is `None`, never NaN.

pub mod blocks;
pub mod calibration;
pub mod change_point;
pub mod drift;
pub mod experts;
pub mod hmm;
pub mod interval;
pub mod labels;
pub mod metrics;
pub mod moments;
pub mod normal;
pub mod ope;
pub mod overfit;
pub mod portfolio;
pub mod seed_rules;
pub mod sequential;
pub mod sharpe;
pub mod shrinkage;
pub mod simplex;
pub mod sizing;
pub mod spa;
pub mod thompson;
pub mod uniqueness;

mod waterline;

/// A figure, or `None` where the arithmetic left the numbers.
pub(crate) fn finite(figure: f64) -> Option<f64> {
    figure.is_finite().then_some(figure)
}
