//! Equity beside holding and beside the start, its drawdown, and the months behind them.

use crate::report::html::{card as a_card, details, table, toned};
use crate::report::numbers::{amount, change, minute, moved, share};
use crate::report::story::{EquityPlace, Story};

/// Months shown in the table; the run's years stand in for them beyond.
const MONTHS_MAX: usize = 120;

/// The equity card.
pub(super) fn card(story: &Story) -> String {
    let finding = super::answers::equity_finding(story);
    if story.equity.is_empty() {
        return a_card("equity", "Equity", &finding, "<p>No equity was recorded.</p>");
    }
    let body = format!(
        "<p>{}</p><div class=\"tools\"><button type=\"button\" data-whole>Whole run</button></div>\
         <div class=\"chart tall\" data-chart=\"equity\" tabindex=\"0\" role=\"img\" aria-label=\"{finding}. \
         The table below carries the figures.\"></div>{}",
        falls(story),
        details("Equity as a table", &periods(&story.equity, story.equity_start)),
    );
    a_card("equity", "Equity and drawdown", &finding, &body)
}

fn falls(story: &Story) -> String {
    let held = story.equity.iter().map(|place| place.held);
    format!(
        "Largest fall from a peak: this run {}, holding {} at the points drawn. Doing nothing is \
         the line at {}. <span class=\"drag\">Drag to zoom; both panels and the charts below \
         follow.</span>",
        share(story.summary.max_drawdown),
        share(largest_fall(held)),
        amount(story.equity_start),
    )
}

/// The largest fall from a peak as a fraction of the peak.
fn largest_fall(values: impl Iterator<Item = f64>) -> f64 {
    let mut peak = f64::MIN_POSITIVE;
    let mut fall = 0.0_f64;
    for value in values {
        peak = peak.max(value);
        fall = fall.max(1.0 - value / peak);
    }
    fall
}

/// One row per month, or per year where there are too many months.
fn periods(places: &[EquityPlace], start: f64) -> String {
    let monthly = chunks(places, 7);
    let chunks = if monthly.len() > MONTHS_MAX { chunks(places, 4) } else { monthly };
    let mut before = EquityPlace { at: places[0].at, equity: start, held: start };
    let mut rows = Vec::with_capacity(chunks.len());
    for (name, last) in chunks {
        let ours = last.equity / before.equity - 1.0;
        rows.push(vec![
            name,
            amount(last.equity),
            toned(ours, &change(ours)),
            amount(last.held),
            change(last.held / before.held - 1.0),
        ]);
        before = last;
    }
    table(
        "Equity at the end of each period beside holding",
        &[
            ("Period", false),
            ("Equity", true),
            ("Change", true),
            ("Holding", true),
            ("Change", true),
        ],
        &rows,
    )
}

/// The last place of every period that shares the first `letters` letters of its date.
fn chunks(places: &[EquityPlace], letters: usize) -> Vec<(String, EquityPlace)> {
    let mut out: Vec<(String, EquityPlace)> = Vec::new();
    for place in places {
        let date = minute(place.at);
        let name = date.get(..letters).unwrap_or(&date);
        match out.last_mut() {
            Some(last) if last.0 == name => last.1 = *place,
            _ => out.push((name.to_owned(), *place)),
        }
    }
    out
}

/// What one symbol's price did, in words.
pub(super) fn price_moved(first: f64, last: f64) -> String {
    moved(last / first - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fall_is_measured_from_the_peak_before_it() {
        assert_eq!(largest_fall([100.0, 80.0, 120.0, 60.0, 130.0].into_iter()), 0.5);
        assert_eq!(largest_fall([1.0, 2.0, 3.0].into_iter()), 0.0);
    }
}
