//! How to get this page again, and how to tell that it is the same.

use crate::report::html::{Text, card as a_card};
use crate::report::numbers::{count, minute};
use crate::report::story::Story;

/// The last card.
pub(super) fn card(story: &Story) -> String {
    let summary = &story.summary;
    let facts = [
        ("Digest", format!("<code>{}</code>", Text(&summary.digest))),
        ("Run", format!("<code>{}</code>", Text(&story.run_id))),
        ("Seed", format!("<code>{}</code>", story.seed)),
        ("Rule", Text(&story.rule).to_string()),
        ("Symbols", Text(&summary.symbols.join(", ")).to_string()),
        ("Period", format!("{} to {} UTC", minute(summary.from), minute(summary.to))),
        ("Bars", count(summary.bars)),
        ("Bad rows left out", count(summary.rows_refused)),
        ("Bars missing inside sessions", count(summary.bars_missing)),
        ("Probes and explorations", count(summary.probes)),
        ("Rulings on models", count(summary.model_rulings)),
    ];
    let facts: String = (facts.iter())
        .map(|(name, value)| format!("<div><dt>{name}</dt><dd>{value}</dd></div>"))
        .collect();
    let body = format!(
        "<pre tabindex=\"0\"><code>{}</code></pre><p>The same bars, configuration and seed give the \
         same digest on every machine; one changed bar changes it.</p><dl class=\"facts\">{facts}\
         </dl>",
        Text(&story.command)
    );
    a_card("reproduce", "Reproduce", "One command gives this report again", &body)
}
