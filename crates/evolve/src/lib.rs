//! Judging models: effect tiers and the ledger of trials.
