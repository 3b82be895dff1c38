//! A trading engine that learns from every trade it made and every trade it declined.

fn main() {}
