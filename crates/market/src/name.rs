//! What a file's name tells: `SYMBOL-INTERVAL.ext`, or next to nothing.

use std::path::Path;

use domain::Interval;

/// What a name tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FileName {
    /// The symbol, in capitals, of a name that follows the pattern.
    pub(crate) symbol: Option<String>,
    /// The interval of such a name.
    pub(crate) interval: Option<Interval>,
    /// The parts of the name, in capitals.
    pub(crate) words: Vec<String>,
}

const ENDINGS: [&str; 6] = ["gz", "csv", "tsv", "txt", "parquet", "pq"];
/// Chosen: the longest names venues use (dated futures) stay under it.
const SYMBOL_CHARS_MAX: usize = 40;

impl FileName {
    /// Reads a path's last part. `BTCUSDT-1m-2023-01` is `BTCUSDT` in `1m` too, as archives name months.
    pub(crate) fn of(path: &Path) -> FileName {
        let stem = stem(path);
        let words = stem
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_uppercase)
            .collect();
        let (symbol, interval) = patterned(&stem).unzip();
        FileName { symbol, interval, words }
    }
}

fn stem(path: &Path) -> String {
    let mut name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    while let Some((rest, ending)) = name.rsplit_once('.') {
        if !ENDINGS.iter().any(|known| known.eq_ignore_ascii_case(ending)) {
            break;
        }
        name.truncate(rest.len());
    }
    name
}

fn patterned(stem: &str) -> Option<(String, Interval)> {
    let mut symbol_bytes = None;
    for (at, _) in stem.match_indices('-') {
        let next = stem[at + 1..].split('-').next().unwrap_or_default();
        if let Some(interval) = Interval::parse(next) {
            symbol_bytes = Some((at, interval));
            break;
        }
    }
    let (at, interval) = symbol_bytes?;
    Some((symbol(&stem[..at])?, interval))
}

/// A symbol in capitals, or nothing when the text cannot be one.
pub(crate) fn symbol(text: &str) -> Option<String> {
    let text = text.trim();
    let fits = (1..=SYMBOL_CHARS_MAX).contains(&text.len());
    // Letters of any script; what cannot be seen or would end a line is no part of a name.
    let plain = text
        .chars()
        .all(|c| !c.is_control() && (c.is_alphanumeric() || !c.is_ascii() || " ._-/:".contains(c)));
    (fits && plain).then(|| text.to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_symbol_and_interval() {
        for (path, told) in [
            ("a/BTCUSDT-1h.parquet", "BTCUSDT 1h"),
            ("btcusdt-15m.csv.gz", "BTCUSDT 15m"),
            ("BTC-USD-1d.CSV", "BTC-USD 1d"),
            ("BRK.B-1d.csv", "BRK.B 1d"),
            ("FILUSDT-1m-2023-01.csv", "FILUSDT 1m"),
            ("FOREX_EURUSD_1H_ASK.csv", "none"),
            ("BTCUSDT.csv", "none"),
            ("-1h.csv", "none"),
            ("<b>-1h.csv", "none"),
            ("", "none"),
        ] {
            let name = FileName::of(Path::new(path));
            let said = match (name.symbol, name.interval) {
                (Some(symbol), Some(interval)) => format!("{symbol} {interval}"),
                _ => "none".to_owned(),
            };
            assert_eq!(said, told, "{path}");
        }
    }
}
