//! Judging models: who sits where, what the duel has shown, and what is ruled.
//! Nothing is promoted here for looking good; only for evidence that holds at every look.
//!
//! A challenger decides beside the champion on the same signals ([`duel`]). How large its gain
//! looks proposes ([`tier`]), how sure it is ([`claim`]) disposes ([`judge()`]), and how many were
//! tried before sets the price ([`ledger`]). Who has been promoted is watched for a turn to harm
//! ([`watch`]). The [`lineage`] moves versions through their seats by all of this, and [`triggers`]
//! say when another version is to be trained.

pub mod claim;
pub mod duel;
pub mod gains;
pub mod judge;
pub mod ledger;
pub mod lineage;
pub mod rules;
pub mod tier;
pub mod triggers;
pub mod watch;

pub use claim::Claim;
pub use duel::{Duel, Means, Pair};
pub use judge::{CanaryRules, Harm, Ruling, Standing, judge, judge_by_size};
pub use ledger::{Trial, TrialLedger, alpha_share};
pub use lineage::{LatestReport, Lineage};
pub use rules::{DeployRule, Mode, ModelRules};
pub use tier::{Tier, improvement_over, relative_improvement};
pub use triggers::{ModelHealth, Triggers, plan_all};
pub use watch::{Watch, WatchRules};
