//! The report page on made-up runs: what it says, what it never says, and that data stays data.
//!
//! Every page is also written to the target's `tmp/report/`, to be looked at.

mod made_up;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use hindsight::report::{Story, page};

use made_up::*;

/// The page, kept to be looked at; and its part before the data and the scripts.
fn seen(name: &str, story: &Story) -> (String, String) {
    let whole = page(story);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report");
    fs::create_dir_all(&folder).expect("a folder for pages");
    fs::write(folder.join(format!("{name}.html")), &whole).expect("a written page");
    let text = whole.split_once("</main>").expect("a page has a body").0.to_owned();
    (whole, text)
}

#[test]
fn a_loss_is_said_as_plainly_as_a_gain() {
    let (_, text) = seen("losing", &losing());
    assert!(text.contains("<h1>It lost "), "{}", &text[..4_000]);
    assert!(text.contains("Equity fell "));
    assert!(text.contains("below</span> doing nothing"));
    let (_, text) = seen("gaining", &gaining());
    assert!(text.contains("<h1>It made "));
    assert!(text.contains("Equity rose "));
    assert!(text.contains("above</span> holding"));
}

#[test]
fn nothing_is_claimed_about_learning_without_evidence() {
    for story in [losing(), gaining(), idle(), modelled()] {
        let (_, text) = seen("claims", &story);
        let text = text.split_once("<body>").unwrap().1.to_lowercase();
        for claim in ["improved", "improving", "learned", "better", "!", " ai "] {
            assert!(!text.contains(claim), "the page says {claim:?}");
        }
    }
    let (_, text) = seen("claims", &idle());
    assert!(text.contains("Not measured: no frozen twin ran beside this run."));
    assert!(!text.contains("id=\"twin\""));
}

#[test]
fn learning_is_told_beside_its_twin() {
    let (_, text) = seen("losing", &losing());
    for words in [
        "<p class=\"answer\">No evidence yet.</p>",
        "Learning against day one: +0.021 R per differing decision [\u{2212}0.004, +0.046], n = 212, \
         effective 64, no evidence yet (e = 2.9 of 20; an effect this size would need about 910).",
        "data-chart=\"twin\"",
        "a loss below 3\u{a0}R a decision would void it",
    ] {
        assert!(text.contains(words), "the page does not say {words:?}");
    }
    let mut story = losing();
    story.studies.twin.as_mut().unwrap().evidence = 31.0;
    let (_, text) = seen("proven", &story);
    assert!(text.contains("Yes, with evidence."));
    assert!(text.contains("Learning improved on day one: "));
}

#[test]
fn a_trend_of_weeks_and_the_worst_days_are_told_with_what_they_rest_on() {
    let (_, text) = seen("losing", &losing());
    for words in [
        "Trend: stable, n = 59\u{a0}finished weeks; no evidence of a direction (e = 1.4 up, 0.3 down, of 20)",
        "luck alone makes about 8",
        "not told apart from no change",
        "5\u{a0}trades ended by stop, at \u{2212}80.25.",
        "85.7\u{a0}% decided in regime high volatility.",
        "would lie off zero by luck alone",
        "of candidates were declined; 98 to 99\u{a0}% is what such filters are expected to decline.",
    ] {
        assert!(text.contains(words), "the page does not say {words:?}");
    }
}

#[test]
fn every_chart_is_reached_by_keyboard_and_says_what_it_shows() {
    let (_, text) = seen("gaining", &gaining());
    let charts = text.split("data-chart=").skip(1).count();
    assert_eq!(charts, 12, "equity, twin, prices and nine heads");
    for chart in text.split("data-chart=").skip(1) {
        let tag = chart.split('>').next().unwrap();
        assert!(tag.contains("tabindex=\"0\"") && tag.contains("aria-label=\""), "{tag}");
    }
}

#[test]
fn gates_are_judged_in_the_words_of_their_monitor() {
    let (_, text) = seen("losing", &losing());
    for words in [
        "Refused <b>4,374</b>. Had they been taken: <b>\u{2212}0.11\u{a0}R</b> each after costs \
         <span class=\"whole\">[\u{2212}0.14, \u{2212}0.08]</span>, n\u{a0}=\u{a0}4,402, \
         effective\u{a0}1,321.",
        "[\u{2212}0.14, \u{2212}0.08]</span>, n\u{a0}=\u{a0}4,402, effective\u{a0}1,321. <b>It earns its keep.</b>",
        "Refused by it alone",
        "[\u{2212}0.06, +0.12]</span>, n\u{a0}=\u{a0}391, effective\u{a0}117. <b>Not known yet.</b>",
        "[+0.06, +0.22]</span>, n\u{a0}=\u{a0}377, effective\u{a0}113. <b>It costs money: consider retiring it.</b>",
        "What they would have earned is not known yet.",
        "Refused none.",
    ] {
        assert!(text.contains(words), "the funnel does not say {words:?}");
    }
}

#[test]
fn a_run_without_a_trade_has_a_page() {
    let (_, text) = seen("idle", &idle());
    for words in [
        "It made no trade and still has its 10,000.00",
        "Equity stayed where it was",
        "No trade was closed",
        "No candidate came up",
        "Nothing was traded, so nothing was paid",
        "<p class=\"answer\">Nothing.</p>",
    ] {
        assert!(text.contains(words), "the page does not say {words:?}");
    }
    assert!(!text.contains("NaN") && !text.contains("inf"), "undefined figures say so");
}

#[test]
fn an_empty_story_has_a_page() {
    let mut story = idle();
    story.symbols.clear();
    story.equity.clear();
    story.weights.clear();
    story.heads.clear();
    story.gates.clear();
    story.standings.clear();
    story.exits.clear();
    story.studies = hindsight::report::Studies::default();
    let (_, text) = seen("empty", &story);
    assert!(text.contains("No equity was recorded."));
}

#[test]
fn markup_in_a_name_is_harmless() {
    let (whole, text) = seen("hostile", &hostile());
    assert!(text.contains("&lt;/script&gt;&lt;script&gt;alert(1)"));
    for live in ["<script>alert", "<img", "<!--\""] {
        assert!(!whole.contains(live), "{live} got out of the data");
    }
    // One plain script element per set of columns, and the two that are ours.
    let opened = whole.matches("<script type=\"application/json\"").count();
    assert_eq!(opened, 6);
    assert_eq!(whole.matches("<script nonce=").count(), 2);
    assert_eq!(whole.matches("</script>").count(), opened + 2);
}

#[test]
fn the_page_asks_nothing_of_a_network() {
    let (whole, text) = seen("losing", &losing());
    assert!(whole.contains("default-src 'none'; script-src 'nonce-"));
    assert!(!whole.contains("unsafe-eval") && !whole.contains("connect-src"));
    assert!(!text.contains("http://") && !text.contains("https://"));
    assert!(!whole.contains("MathJax.loader"), "the formula typesetter is left out");
    assert!(whole.len() < 7 << 20, "{} bytes", whole.len());
}

#[test]
fn the_same_run_gives_the_same_bytes() {
    assert!(page(&losing()) == page(&losing()));
}

#[test]
fn many_trades_are_capped_and_it_is_said() {
    let made = Made { names: names(1), drift: 0.0, trades_each: 5_000, luck: 0.4 };
    let mut story = story(2, &made);
    let again = story.symbols[0].trades.clone();
    story.symbols[0].trades.extend(again);
    let (whole, text) = seen("many", &story);
    assert!(text.contains(" trades are not in this page, which holds"));
    assert!(whole.len() < 8 << 20, "{} bytes", whole.len());
}

#[test]
fn every_anchor_leads_somewhere() {
    let (_, text) = seen("losing", &losing());
    let ids: BTreeSet<&str> =
        text.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    for anchor in text.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(ids.contains(anchor), "#{anchor} leads nowhere");
    }
}

#[test]
fn text_reaches_its_contrast_on_both_papers() {
    let style = include_str!("../src/report/style.css");
    let (light, rest) = style.split_once("@media screen").unwrap();
    let dark = rest.split_once("* {").unwrap().0;
    for theme in [vec![light], vec![dark, light]] {
        let find = |name: &str| theme.iter().find_map(|block| token(block, name)).unwrap();
        for paper in ["paper", "soft"] {
            for text in ["ink", "muted-text", "gain-text", "loss-text"] {
                let ratio = contrast(find(text), find(paper));
                assert!(ratio >= 4.5, "{text} on {paper}: {ratio:.2}");
            }
        }
        for mark in ["gain", "loss", "accent", "muted"] {
            let ratio = contrast(find(mark), find("paper"));
            assert!(ratio >= 3.0, "{mark}: {ratio:.2}");
        }
    }
}

fn token(block: &str, name: &str) -> Option<u32> {
    let (_, rest) = block.split_once(&format!("--{name}: #"))?;
    u32::from_str_radix(rest.get(..6)?, 16).ok()
}

/// Contrast as WCAG 2 defines it.
fn contrast(a: u32, b: u32) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn luminance(rgb: u32) -> f64 {
    let channel = |shift: u32| {
        let c = f64::from((rgb >> shift) & 255) / 255.0;
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(16) + 0.7152 * channel(8) + 0.0722 * channel(0)
}

#[test]
fn learners_are_told_with_what_they_lack_and_what_followed() {
    let (_, text) = seen("losing", &losing());
    for words in [
        "id=\"learners\"",
        "3\u{a0}learners changed the policy 40\u{a0}times; 1 of them lack outcomes; 1 not listened to",
        "Lacks outcomes: 0 of 50 outcomes for the fee gate",
        "<b>Not listened to:</b> frozen by a watchdog: its changes lost money.",
        "Trades decided since version 42: too few to say; before it: ",
        "what followed it, not what it caused",
        "The first and the latest of 40 changes, latest first",
        "e = 2.9 of 20: no evidence yet",
        "id=\"jobs\"",
        "31\u{a0}job runs had something to say and published 15\u{a0}versions; something was amiss in 1",
    ] {
        assert!(text.contains(words), "the page does not say {words:?}");
    }
    let mut quiet = idle();
    quiet.learners.clear();
    quiet.jobs.clear();
    let (_, text) = seen("quiet", &quiet);
    assert!(!text.contains("id=\"learners\"") && !text.contains("id=\"jobs\""));
}

#[test]
fn a_run_without_models_says_so_in_a_line_and_has_no_empty_tables() {
    let (whole, text) = seen("losing", &losing());
    assert!(text.contains("<h2 id=\"models-title\">No model was switched on</h2>"));
    assert!(text.contains("<code>--models all</code> trains all four."));
    for anchor in ["rulings", "calibration", "contributions", "latest"] {
        assert!(!text.contains(&format!("id=\"{anchor}\"")), "{anchor} has nothing to say");
        assert!(!text.contains(&format!("href=\"#{anchor}\"")), "{anchor} leads nowhere");
    }
    assert!(!whole.contains("id=\"models-data\""));
}

#[test]
fn models_that_have_shown_nothing_are_told_with_what_it_would_take() {
    let (_, text) = seen("modelled", &modelled());
    for words in [
        "No model is in charge: 9\u{a0}versions trained, none has shown that it beats abstaining (e = 1.7 of 20 \
         after 212\u{a0}decisions; at this effect about 910 more)",
        "11\u{a0}trainings were asked for (9 time, 2 drift); 1 came to nothing, the last: an ensemble needs 200 \
         rows, and has 131; 1 under way at the end.",
        "The newest, version 9, is heard on 10.0\u{a0}% of decisions.",
        "+0.021 R a decision [\u{2212}0.084, +0.126], n = 212, no evidence yet.",
        "4,681<br><span class=\"what\">effective\u{a0}1,402</span>",
        "xgboost 0.55, lightgbm 0.00, nhits 0.30, patchtst 0.15",
        "0.6779<br><span class=\"what\">base\u{a0}rate 0.6812</span>",
        "adds nothing to the others: no weight",
        "Version 9 saw 4,681\u{a0}outcomes decided 2019-01-01 00:00 to 2019-03-04 19:00 (effective 1,402); \
         17\u{a0}decisions of that time had not turned out and waited; 3 left out",
        "44.0\u{a0}% <span class=\"whole\">[39.2, 48.8]</span><br><span class=\"what\">effective\u{a0}n\u{a0}=\u{a0}402",
    ] {
        assert!(text.contains(words), "the page does not say {words:?}");
    }
    assert!(!text.contains("NaN") && !text.contains("inf"), "undefined figures say so");
}

#[test]
fn every_ruling_is_told_with_the_numbers_it_rests_on_and_the_path_of_its_evidence() {
    let (whole, text) = seen("modelled", &modelled());
    for words in [
        "20\u{a0}rulings: 9 entered, 0 put in charge, 0 rolled back, 1 dropped",
        "212<br><span class=\"what\">in 94\u{a0}blocks</span>",
        "+0.021</span><br><span class=\"what\">[\u{2212}0.084, +0.126]</span>",
        "+42.0\u{a0}%<br><span class=\"what\">deploy candidate</span>",
        "1.1 of 20<svg class=\"path\"",
        "data-chart=\"evidence\"",
        "data-chart=\"rulings\"",
        "Version 9 is compared with no model on the same decisions.",
    ] {
        assert!(text.contains(words), "the page does not say {words:?}");
    }
    assert!(whole.contains("\"hypothesis\":1"));
    let rows = text.split("id=\"rulings\"").nth(1).unwrap().split("</section>").next().unwrap();
    assert_eq!(rows.matches(" is compared with no model").count(), 20);
}

#[test]
fn a_version_is_said_to_beat_another_only_with_evidence() {
    let mut story = modelled();
    story.models = proven();
    let (_, text) = seen("in_charge", &story);
    for words in [
        "Version 4 is in charge since 2019-01-29 02:00, by evidence that the newest beats abstaining (+0.094 R a \
         decision [+0.011, +0.177], n = 780, e = 31 of 20)",
        "<b>champion</b>",
        "1 put in charge, 1 rolled back",
        "5,400<br><span class=\"what\">of 5,000</span>",
    ] {
        assert!(text.contains(words), "the page does not say {words:?}");
    }
    for ruling in &mut story.models.rulings {
        if let Some(grounds) = &mut ruling.grounds {
            grounds.evidence = grounds.evidence.min(19.9);
        }
    }
    let (_, text) = seen("by_size", &story);
    assert!(text.contains("by the size of its gain alone") && !text.contains("by evidence that"));
}

#[test]
fn calibration_contributions_and_the_habit_are_told_with_their_n() {
    let (_, text) = seen("modelled", &modelled());
    for words in [
        "Version 9 is off by 2.1\u{a0}points on average; a perfect model is off by up to 3.9\u{a0}points at this \
         n: not told apart from a perfect model (n = 4,402, effective 1,321)",
        "data-chart=\"calibration\"",
        "31.0\u{a0}% <span class=\"whole\">[27.0, 35.0]</span>",
        "In version 9 xgboost goes most by realised volatility 24, lightgbm goes most by realised volatility 24",
        "proves nothing about the market",
        "Of nhits and patchtst no contributions are told.",
        "What was done against always deploying the latest: +0.019 R a decision [\u{2212}0.022, +0.060], n = 612, \
         no evidence yet",
        "always the latest</span>",
    ] {
        assert!(text.contains(words), "the page does not say {words:?}");
    }
}

#[test]
fn a_page_of_three_hundred_versions_stays_small() {
    let without = page(&losing()).len();
    let mut story = modelled();
    story.models = unproven(300);
    let (whole, text) = seen("versions", &story);
    assert!(text.contains("And 288 more; <code>hindsight models list</code> shows all."));
    assert!(text.contains("prints all.</p>"));
    assert!(whole.len() < without + (400 << 10), "{} bytes more", whole.len() - without);
}

#[test]
fn charts_of_models_are_reached_by_keyboard_and_have_a_table() {
    let (_, text) = seen("modelled", &modelled());
    for chart in ["rulings", "evidence", "calibration"] {
        let tag = text.split(&format!("data-chart=\"{chart}\"")).nth(1).expect(chart);
        let tag = tag.split('>').next().unwrap();
        assert!(tag.contains("tabindex=\"0\"") && tag.contains("aria-label=\""), "{tag}");
    }
    for title in ["Every ruling as a table", "Evidence as a table", "Calibration as a table"] {
        assert!(text.contains(title), "no table: {title}");
    }
}
