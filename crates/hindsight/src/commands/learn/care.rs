//! The data that learners live on: what was joined, what was turned away, what was brought along.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use store::{ImportCount, Quarantined, Run, Store, StoreError};

use crate::commands::shown::grouped;

/// What is known of a run's data.
pub(super) struct Care {
    decisions: u64,
    /// Decisions joined with how they turned out.
    enriched: u64,
    /// Of these across missing bars, which teach nothing.
    unlearned: u64,
    /// Of these struck by a person, which teach nothing any more.
    struck: u64,
    gaps: u64,
    bars_missing: u64,
    /// Rows turned away, by reason, with one of them.
    quarantined: BTreeMap<String, (u64, Quarantined)>,
    imports: Vec<ImportCount>,
}

impl Care {
    pub(super) fn of(
        store: &mut Store,
        run: &Run,
        unlearned: u64,
        struck: u64,
    ) -> Result<Care, StoreError> {
        let mut quarantined = BTreeMap::<String, (u64, Quarantined)>::new();
        for row in store.quarantine(run.no)? {
            let kind = quarantined.entry(without_numbers(&row.reason)).or_insert((0, row));
            kind.0 += 1;
        }
        let gaps = store.gaps(run.no)?;
        Ok(Care {
            decisions: run.decisions,
            enriched: run.outcomes,
            unlearned,
            struck,
            gaps: gaps.len() as u64,
            bars_missing: gaps.iter().map(|gap| u64::from(gap.bars_missing)).sum(),
            quarantined,
            imports: store.imports()?,
        })
    }

    pub(super) fn text(&self) -> String {
        let pending = self.decisions.saturating_sub(self.enriched);
        let mut text = format!(
            "Data: {} decisions, {} joined with how they turned out, {} not known yet or void; {} of the joined lie\n\
             across missing bars and teach nothing ({} bars missing in {} gaps).\n",
            grouped(self.decisions),
            grouped(self.enriched),
            grouped(pending),
            grouped(self.unlearned),
            grouped(self.bars_missing),
            grouped(self.gaps),
        );
        if self.struck > 0 {
            text.push_str(&format!(
                "Of these {} were struck by a person and teach nothing any more; no figure above counts them.\n",
                grouped(self.struck)
            ));
        }
        if self.quarantined.is_empty() {
            text.push_str("No row of input was turned away.\n");
        }
        for (count, first) in self.quarantined.values() {
            text.push_str(&format!(
                "{} rows turned away: {} (first: {} row {})\n",
                grouped(*count),
                first.reason,
                first.source,
                first.row_no
            ));
        }
        for import in &self.imports {
            text.push_str(&format!(
                "{} rows of {} from {}: imported, not counted as evidence; {} turned away\n",
                grouped(import.rows),
                import.kind,
                import.source,
                grouped(import.refused)
            ));
        }
        text
    }

    pub(super) fn json(&self) -> Value {
        let quarantined = self.quarantined.values().map(|(count, first)| {
            json!({ "reason": first.reason, "rows": count, "source": first.source, "row": first.row_no })
        });
        let imports = self.imports.iter().map(|import| {
            json!({
                "source": import.source,
                "kind": import.kind,
                "rows": import.rows,
                "refused": import.refused,
                "imported_at": import.at.to_string(),
                "counts_as_evidence": false,
            })
        });
        json!({
            "decisions": self.decisions,
            "enriched_decisions": self.enriched,
            "pending": self.decisions.saturating_sub(self.enriched),
            "unlearned": self.unlearned,
            "struck": self.struck,
            "gaps": self.gaps,
            "bars_missing": self.bars_missing,
            "quarantined": quarantined.collect::<Vec<_>>(),
            "imported": imports.collect::<Vec<_>>(),
        })
    }
}

/// Reasons alike but for their numbers are one.
fn without_numbers(reason: &str) -> String {
    reason.chars().filter(|letter| letter.is_alphabetic() || *letter == ' ').collect()
}
