//! Which features the members of a version go by.

use domain::MemberRecord;

use crate::report::html::{Text, card as a_card, spoken, table};
use crate::report::models::VersionStory;
use crate::report::numbers::{count, counted, weight};
use crate::report::story::Story;

/// Features told of each member.
const FEATURES_MAX: usize = 8;

/// The contributions card, where a version tells any.
pub(super) fn card(story: &Story) -> String {
    let Some(version) = story.models.shown() else { return String::new() };
    let members = &version.record.members;
    if members.iter().all(|member| member.contributions.is_empty()) {
        return String::new();
    }
    let body = format!(
        "<p>How far each feature moves what a member says: the mean size of its part in log-odds, over a sample of \
         the {} it was trained on (effective {}). It describes the model and proves nothing about the market: a \
         model of noise has contributions too.</p><div class=\"multiples\">{}</div>{}",
        counted(version.record.rows.count, "row", "rows"),
        crate::report::numbers::about(version.record.rows.effective),
        members.iter().map(of_member).collect::<String>(),
        without(members),
    );
    a_card("contributions", "What the models look at", &finding(version), &body)
}

fn finding(version: &VersionStory) -> String {
    let told: Vec<String> = (version.record.members.iter())
        .filter_map(|member| {
            let (feature, _) = member.contributions.first()?;
            Some(format!("{} goes most by {}", member.kind.name(), feature.replace('_', " ")))
        })
        .collect();
    format!("In version {} {}", count(version.record.version), told.join(", "))
}

fn of_member(member: &MemberRecord) -> String {
    let Some((_, most)) = member.contributions.first() else { return String::new() };
    let row = |(feature, size): &(String, f64)| {
        let width = if *most > 0.0 { (100.0 * size / most).clamp(0.0, 100.0) } else { 0.0 };
        vec![
            spoken(feature),
            weight(*size),
            format!(
                "<div class=\"track\" aria-hidden=\"true\"><i style=\"width:{width:.1}%\"></i></div>"
            ),
        ]
    };
    let rows: Vec<Vec<String>> = member.contributions.iter().take(FEATURES_MAX).map(row).collect();
    let name = format!("{}, weight {:.2}", member.kind.name(), member.weight);
    table(&name, &[("Feature", false), ("Log-odds", true), ("Size", false)], &rows)
}

/// Members that look at no features.
fn without(members: &[MemberRecord]) -> String {
    let is_fitted = |member: &&MemberRecord| !member.hash.is_empty();
    let silent: Vec<&str> = (members.iter().filter(is_fitted))
        .filter(|member| member.contributions.is_empty())
        .map(|member| member.kind.name())
        .collect();
    if silent.is_empty() {
        return String::new();
    }
    format!("<p>Of {} no contributions are told.</p>", Text(&silent.join(" and ")))
}
