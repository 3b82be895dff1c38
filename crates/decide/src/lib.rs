//! From opinion to order, or to a refusal with its numbers.
