//! The page as a whole: head, first screen, cards, data, scripts.

use std::io::{self, Write};

use super::cards;
use super::columns;
use super::html::Text;
use super::numbers;
use super::story::Story;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("charts.js");

/// The whole report as one string of some 5 MB. Prefer [`write_page`] where there is a file.
pub fn page(story: &Story) -> String {
    let mut out = Vec::with_capacity(6 << 20);
    // Writing into memory cannot fail, and everything written is text.
    let written = write_page(story, &mut out);
    assert!(written.is_ok(), "a page in memory is always written");
    String::from_utf8_lossy(&out).into_owned()
}

/// Writes the report: one file that needs no network, and of which every byte follows from `story`.
pub fn write_page(story: &Story, out: &mut impl Write) -> io::Result<()> {
    let nonce = nonce(story);
    write_head(story, &nonce, out)?;
    out.write_all(cards::first_screen(story).as_bytes())?;
    for card in cards::ALL {
        out.write_all(card(story).as_bytes())?;
    }
    out.write_all(b"</main>\n")?;
    columns::write_all(story, out)?;
    write_plotly(&nonce, out)?;
    writeln!(out, "<script nonce=\"{nonce}\">{SCRIPT}</script>\n</body></html>")
}

fn write_head(story: &Story, nonce: &str, out: &mut impl Write) -> io::Result<()> {
    let summary = &story.summary;
    writeln!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         script-src 'nonce-{nonce}'; style-src 'unsafe-inline'; img-src data: blob:; \
         base-uri 'none'; form-action 'none'\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\">\
         <meta name=\"referrer\" content=\"no-referrer\">\
         <title>Hindsight {} {} \u{b7} {} to {} \u{b7} {}</title>\n<style>{STYLE}</style></head>\n\
         <body><a class=\"skip\" href=\"#equity\">To the charts</a>\n<main>",
        Text(&story.title),
        Text(&story.run_id),
        numbers::day(summary.from),
        numbers::day(summary.to),
        Text(&summary.digest),
    )
}

/// The `plotly` crate carries its script followed by a formula typesetter; only the first is used.
fn write_plotly(nonce: &str, out: &mut impl Write) -> io::Result<()> {
    const END: &str = "</script>";
    let sources = plotly::Plot::offline_js_sources();
    let script = sources.split_once(END).map_or("", |(first, _)| first);
    let script = script.split_once('>').map_or("", |(_, script)| script);
    write!(out, "<script nonce=\"{nonce}\">")?;
    out.write_all(script.as_bytes())?;
    writeln!(out, "{END}")
}

/// Marks the two scripts that are ours. It follows from the digest, so that the same run gives the
/// same bytes; a symbol's name, which comes from outside, would have to contain its own run's hash.
fn nonce(story: &Story) -> String {
    let digest = story.summary.digest.chars().filter(char::is_ascii_alphanumeric);
    format!("hindsight{}", digest.collect::<String>())
}
