//! What was declined, by which gate, and what it would have earned.

use super::scale::{Scale, side};
use crate::report::html::{Text, card as a_card, rests_on, spoken};
use crate::report::numbers::{bare_risk_units, count, counted, risk_units, share_of};
use crate::report::story::{GateStory, Story};
use domain::Standing;

/// The gates card.
pub(super) fn card(story: &Story) -> String {
    let scale = Scale::of(story.gates.iter().filter_map(|gate| gate.refused_r.as_ref()));
    let mut rows = step(story, "Candidates", "came up", story.candidates, "");
    for gate in &story.gates {
        let beside = refusals(gate, &scale);
        rows +=
            &step(story, &spoken(&gate.name), &Text(&gate.asks).to_string(), gate.left, &beside);
    }
    rows += &last_steps(story);
    let body = format!(
        "<p>{}Bars are candidates left after each gate and all before it. A candidate may be refused \
         by several gates, so the refusals on the right add up to more than the bars lose.</p>\
         <div class=\"scroll\"><table class=\"funnel\"><caption>From candidates to executed \
         decisions; R is per trade, after costs, with its 95 % interval; overlapping outcomes weigh what they are worth together</caption><thead><tr>\
         <th scope=\"col\">Gate</th><th scope=\"col\">Left</th><th scope=\"col\">What it refused\
         </th></tr></thead><tbody>{rows}</tbody></table></div>",
        rejected(story)
    );
    a_card("gates", "Gates", &finding(story), &body)
}

fn finding(story: &Story) -> String {
    if story.candidates == 0 {
        return "No candidate came up".to_owned();
    }
    let candidates = counted(story.candidates, "candidate", "candidates");
    let share = share_of(executed(story), story.candidates);
    let strictest = story.gates.iter().max_by_key(|gate| gate.refused);
    let strictest = strictest.filter(|gate| gate.refused > 0).map_or(String::new(), |gate| {
        format!("; {} refused the most, {}", gate.name.replace('_', " "), count(gate.refused))
    });
    format!("{} of {candidates} became orders ({share}){strictest}", count(executed(story)))
}

/// The share that was declined, beside what the seed expects of such a filter.
fn rejected(story: &Story) -> String {
    if story.candidates == 0 {
        return String::new();
    }
    let declined = story.candidates.saturating_sub(executed(story));
    format!(
        "{} of candidates were declined; 98 to 99\u{a0}% is what such filters are expected to decline. ",
        share_of(declined, story.candidates)
    )
}

fn executed(story: &Story) -> u64 {
    story.standings.iter().filter(|s| s.standing.is_executed()).map(|s| s.count).sum()
}

fn of_standing(story: &Story, standing: Standing) -> u64 {
    story.standings.iter().filter(|s| s.standing == standing).map(|s| s.count).sum()
}

/// One bar of the funnel; `what` and `beside` are markup.
fn step(story: &Story, name: &str, what: &str, left: u64, beside: &str) -> String {
    let width = if story.candidates == 0 { 0.0 } else { left as f64 / story.candidates as f64 };
    format!(
        "<tr><th scope=\"row\">{name}<span class=\"what\">{what}</span></th>\
         <td class=\"left\"><div class=\"lefts\"><b>{}</b> <span>{}</span></div>\
         <div class=\"track\" aria-hidden=\"true\"><i style=\"width:{:.2}%\"></i></div></td>\
         <td>{beside}</td></tr>",
        count(left),
        if story.candidates == 0 { String::new() } else { share_of(left, story.candidates) },
        100.0 * width.clamp(0.0, 1.0),
    )
}

/// After the gates: draws and limits take some away, exploration adds some back.
fn last_steps(story: &Story) -> String {
    let parts = [
        (Standing::Withheld, "allowed, but declined by a draw"),
        (Standing::TooSmall, "allowed, but limits left too little to order"),
        (Standing::Explored, "traded at probe size against one gate, by a draw"),
    ];
    let parts: String = (parts.iter())
        .map(|(standing, what)| (of_standing(story, *standing), what))
        .filter(|(n, _)| *n > 0)
        .map(|(n, what)| format!("<li><b>{}</b> {what}</li>", count(n)))
        .collect();
    let beside = if parts.is_empty() { parts } else { format!("<ul>{parts}</ul>") };
    step(story, "Executed", "an order was asked for", executed(story), &beside)
}

/// What a gate refused and what came of it, in words and as an interval around zero.
fn refusals(gate: &GateStory, scale: &Scale) -> String {
    if gate.refused == 0 {
        return "Refused none.".to_owned();
    }
    let refused = format!("Refused <b>{}</b>.", count(gate.refused));
    let Some(r) = gate.refused_r.as_ref().filter(|r| !r.is_few()) else {
        return format!("{refused} What they would have earned is not known yet.");
    };
    format!(
        "{refused} Had they been taken: <b>{}</b> each after costs \
         <span class=\"whole\">[{}, {}]</span>, {}.{} {}",
        risk_units(r.value),
        bare_risk_units(r.low),
        bare_risk_units(r.high),
        rests_on(r),
        scale.draw(r, side(r)),
        beside_the_others(gate),
    )
}

/// What a gate is worth is what it alone refused: what others refuse too would not have been taken anyway.
fn beside_the_others(gate: &GateStory) -> String {
    match &gate.alone_r {
        None if gate.alone == 0 => format!("None of them alone. <b>{}</b>", Text(gate.verdict)),
        Some(r) if !r.is_few() => format!(
            "Refused by it alone: {} each <span class=\"whole\">[{}, {}]</span>, {}. <b>{}</b>",
            risk_units(r.value),
            bare_risk_units(r.low),
            bare_risk_units(r.high),
            rests_on(r),
            Text(gate.verdict)
        ),
        _ => format!("Refused by it alone: too few to say. <b>{}</b>", Text(gate.verdict)),
    }
}
