//! Says as it happens what was hit, what was learned and what changed (mission row R9).

use std::io::Write;

use domain::{
    Amendment, Change, Effects, ExitReason, HeadName, Instrument, PolicyVersion, Reason, Timestamp,
    Trade, estimate,
};

/// Writes a line for everything a person would want to follow.
pub struct Narrator {
    out: Box<dyn Write>,
    symbols: Vec<String>,
    last: Option<PolicyVersion>,
}

impl Narrator {
    /// Writes to `out`, about these instruments.
    pub fn new(out: Box<dyn Write>, instruments: &[Instrument]) -> Narrator {
        let symbols = instruments.iter().map(|instrument| instrument.symbol.clone()).collect();
        Narrator { out, symbols, last: None }
    }

    /// Tells what one step led to.
    pub(super) fn tell(&mut self, effects: &Effects) {
        for gap in &effects.gaps {
            let symbol = &self.symbols[gap.symbol.at()];
            let line = format!("{} {symbol}: {} bars missing", moment(gap.to), gap.bars_missing);
            self.say(&line);
        }
        for trade in &effects.trades {
            let line = self.closed(trade);
            self.say(&line);
        }
        for version in &effects.versions {
            let line = changed(self.last.as_ref(), version);
            self.say(&line);
            self.last = Some(version.clone());
        }
    }

    fn say(&mut self, line: &str) {
        // Whoever stopped listening is no reason to stop trading.
        let _ = writeln!(self.out, "{line}");
    }

    fn closed(&self, trade: &Trade) -> String {
        let hit = match trade.reason {
            ExitReason::Stop => "stop hit",
            ExitReason::TrailingStop => "trailing stop hit",
            ExitReason::Target => "target hit",
            ExitReason::Time => "longest hold reached",
            ExitReason::SessionEnd => "end of the session",
            ExitReason::Liquidated => "liquidated",
            ExitReason::Ordered => "closed by order",
            ExitReason::Gap => "closed after missing bars",
        };
        format!(
            "{} {} {} {hit}: {} to {}, {:+.2} R, {:+.2} after costs ({}, decision {:016x})",
            moment(trade.closed_at),
            self.symbols[trade.symbol.at()],
            trade.side.name(),
            trade.entry.round_dp(8).normalize(),
            trade.exit.round_dp(8).normalize(),
            trade.r,
            estimate(trade.net),
            trade.standing.name(),
            trade.decision.0,
        )
    }
}

fn moment(at: Timestamp) -> String {
    // To the minute: nobody trades bars by the second.
    at.to_string().chars().take(16).collect::<String>().replace('T', " ")
}

fn changed(before: Option<&PolicyVersion>, version: &PolicyVersion) -> String {
    let head = format!("{} policy version {}", moment(version.at), version.policy.version);
    let Some(before) = before else { return format!("{head}: {}", version.reason.name()) };
    let told = version.reason.amendments().iter().map(|amendment| amended(before, amendment));
    let told: Vec<String> = told.collect();
    match &version.reason {
        Reason::Learned(_) => format!("{head}: {}", told.join("; ")),
        Reason::Revert { to_version } => {
            format!("{head}: the values of version {to_version} again")
        }
        other => format!("{head}: {}", other.name()),
    }
}

fn amended(before: &PolicyVersion, amendment: &Amendment) -> String {
    let rests = format!(
        "on {} outcomes (effective {:.0})",
        amendment.evidence.outcomes, amendment.evidence.outcomes_effective
    );
    match &amendment.change {
        Change::HeadWeights(weights) => {
            format!("weights {} {rests}", moves(&before.policy.head_weights, weights))
        }
        other => format!("{} {rests}", other.what()),
    }
}

/// Weights that moved, old to new, and the largest change of one in per cent of itself.
fn moves(before: &[f64; 9], after: &[f64; 9]) -> String {
    let relative = |at: usize| after[at] / before[at] - 1.0;
    let moved = HeadName::ALL.iter().filter(|head| relative(head.at()).abs() >= 0.001);
    let list: Vec<String> = moved
        .map(|head| format!("{} {:.4} to {:.4}", head.name(), before[head.at()], after[head.at()]))
        .collect();
    let largest = (0..9).map(relative).max_by(|one, two| one.abs().total_cmp(&two.abs()));
    format!("{}, largest change {:+.1} %", list.join(", "), largest.unwrap_or(0.0) * 100.0)
}
