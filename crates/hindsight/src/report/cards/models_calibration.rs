//! Whether chances come as often as they say.

use crate::report::html::{card as a_card, details, rests_on, table};
use crate::report::models::CalibrationStory;
use crate::report::numbers::{share, share_bare};
use crate::report::story::Story;

/// The calibration card, where there are chances to judge.
pub(super) fn card(story: &Story) -> String {
    let Some(told) = &story.models.calibration else { return String::new() };
    let body = format!(
        "<p>Rows that were not fitted on, in groups by the chance that was said; a dot on the diagonal came as often \
         as was said. Bars are 95 % intervals (Wilson), with overlapping rows counted by what they are worth \
         together. No model is off by nothing: it is judged against what a perfect one shows at the same n.</p>\
         <div class=\"chart square\" data-chart=\"calibration\" tabindex=\"0\" role=\"img\" aria-label=\"Share that won by the \
         chance that was said, beside the diagonal. The table below carries the figures.\"></div>{}",
        details("Calibration as a table", &groups(told)),
    );
    a_card("calibration", "Calibration", &told.sentence(), &body)
}

fn groups(told: &CalibrationStory) -> String {
    let rows: Vec<Vec<String>> = (told.points.iter())
        .map(|(said, won)| {
            let reading = if won.low <= *said && *said <= won.high {
                "as often as said"
            } else if won.value < *said {
                "less often than said"
            } else {
                "more often than said"
            };
            vec![
                share(*said),
                format!(
                    "{} <span class=\"whole\">[{}, {}]</span>",
                    share(won.value),
                    share_bare(won.low),
                    share_bare(won.high)
                ),
                rests_on(won),
                reading.to_owned(),
            ]
        })
        .collect();
    table(
        "Chance that was said, and the share that won",
        &[("Said", true), ("Won", true), ("Rests on", true), ("Reading", false)],
        &rows,
    )
}
