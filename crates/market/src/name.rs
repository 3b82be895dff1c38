//! What a file's name tells: `SYMBOL-INTERVAL.ext`, `SYMBOL-funding.ext`, or next to nothing.

use std::path::Path;

use domain::Interval;
use domain::Series as Measure;

/// What a name tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FileName {
    /// The symbol, in capitals, of a name that follows a pattern.
    pub(crate) symbol: Option<String>,
    /// The interval of such a name.
    pub(crate) interval: Option<Interval>,
    /// What the file is said to hold.
    pub(crate) holds: Holds,
    /// The parts of the name, in capitals.
    pub(crate) words: Vec<String>,
}

/// What a file is said to hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Holds {
    /// The name does not say.
    #[default]
    Untold,
    /// Bars of trades.
    Bars,
    /// Bars of a price nobody trades at, such as a mark or an index.
    UntradedBars,
    /// Readings of one measure.
    Readings(Measure),
}

const ENDINGS: [&str; 10] =
    ["gz", "csv", "tsv", "txt", "parquet", "pq", "feather", "arrow", "json", "zip"];
/// Chosen: the longest names venues use (dated futures) stay under it.
const SYMBOL_CHARS_MAX: usize = 40;
/// How sources call the measures besides our own names for them.
const MEASURES: [(&str, Measure); 5] = [
    ("funding_rate", Measure::Funding),
    ("fundingrate", Measure::Funding),
    ("openinterest", Measure::OpenInterest),
    ("long_short_ratio", Measure::LongShortRatio),
    ("fng", Measure::FearGreed),
];
const UNTRADED: [&str; 3] = ["mark", "index", "premiumindex"];
/// The symbol of what concerns all of them.
const ALL: &str = "ALL";

impl FileName {
    /// Reads a path's last part. `BTCUSDT-1m-2023-01` is `BTCUSDT` in `1m` too, as archives name months;
    /// `BTC_USDT_USDT-1h-futures.feather` is `BTCUSDT`, as freqtrade names pairs.
    pub(crate) fn of(path: &Path) -> FileName {
        let (stem, is_freqtrade) = stem(path);
        let words = stem
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_uppercase)
            .collect();
        let parts: Vec<&str> = stem.split('-').collect();
        let named = |text: &str| symbol(text).map(|s| if is_freqtrade { joined(&s) } else { s });
        let untold = FileName { words, ..FileName::default() };
        if let Some((at, measure)) = measured(&parts) {
            let front = parts[..at].iter().take_while(|part| Interval::parse(part).is_none());
            let front = front.copied().collect::<Vec<_>>().join("-");
            let symbol = named(&front).filter(|symbol| symbol != ALL);
            return FileName { symbol, holds: Holds::Readings(measure), ..untold };
        }
        let Some((at, interval)) = intervalled(&parts) else { return untold };
        let Some(symbol) = named(&parts[..at].join("-")) else { return untold };
        let untraded = parts[at..]
            .iter()
            .any(|part| UNTRADED.iter().any(|known| known.eq_ignore_ascii_case(part)));
        let holds = if untraded { Holds::UntradedBars } else { Holds::Bars };
        FileName { symbol: Some(symbol), interval: Some(interval), holds, ..untold }
    }
}

/// The name without its endings, and whether one of them is freqtrade's.
fn stem(path: &Path) -> (String, bool) {
    let mut name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut is_freqtrade = false;
    while let Some((rest, ending)) = name.rsplit_once('.') {
        if !ENDINGS.iter().any(|known| known.eq_ignore_ascii_case(ending)) {
            break;
        }
        is_freqtrade |= ["feather", "json"].iter().any(|one| one.eq_ignore_ascii_case(ending));
        name.truncate(rest.len());
    }
    (name, is_freqtrade)
}

/// `BTC_USDT` and, with the currency it is settled in, `BTC_USDT_USDT`.
fn joined(pair: &str) -> String {
    let (pair, dated) = pair.split_once('-').map_or((pair, None), |(pair, day)| (pair, Some(day)));
    let pair: String = pair.split('_').take(2).collect();
    dated.map_or_else(|| pair.clone(), |day| format!("{pair}_{day}"))
}

fn measured(parts: &[&str]) -> Option<(usize, Measure)> {
    let of = |part: &str| {
        let ours = Measure::ALL.into_iter().map(|measure| (measure.name(), measure));
        let known = ours.chain(MEASURES).find(|(name, _)| name.eq_ignore_ascii_case(part));
        known.map(|(_, measure)| measure)
    };
    match parts {
        // Only what concerns all symbols may stand alone; with more behind it, it is a symbol.
        [alone] => of(alone).filter(|measure| *measure == Measure::FearGreed).map(|it| (0, it)),
        _ => parts.iter().enumerate().skip(1).find_map(|(at, part)| Some((at, of(part)?))),
    }
}

fn intervalled(parts: &[&str]) -> Option<(usize, Interval)> {
    let told = |(at, part): (usize, &&str)| Some((at, Interval::parse(part)?));
    parts.iter().enumerate().skip(1).find_map(told)
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
            ("BRK_B-1d.csv", "BRK_B 1d"),
            ("FILUSDT-1m-2023-01.csv", "FILUSDT 1m"),
            ("BTCUSDT-1h-2024-01.zip", "BTCUSDT 1h"),
            ("BTC_USDT-1h.feather", "BTCUSDT 1h"),
            ("BTC_USDT-5m.json.gz", "BTCUSDT 5m"),
            ("BTC_USDT_USDT-1h-futures.feather", "BTCUSDT 1h"),
            ("BTC_USDT_USDT-240628-1h-futures.feather", "BTCUSDT_240628 1h"),
            ("BTC_USDT_USDT-1h-mark.feather", "BTCUSDT 1h untraded"),
            ("BTC_USDT_USDT-8h-funding_rate.feather", "BTCUSDT funding"),
            ("BTCUSDT-funding.csv", "BTCUSDT funding"),
            ("BTCUSDT-fundingRate-2024-01.zip", "BTCUSDT funding"),
            ("btcusdt-open_interest.parquet", "BTCUSDT open_interest"),
            ("BTCUSDT-long_short.csv.gz", "BTCUSDT long_short"),
            ("BTCUSDT-headlines.csv", "BTCUSDT headlines"),
            ("fear_greed.csv", "all fear_greed"),
            ("ALL-fear_greed.parquet", "all fear_greed"),
            ("fng.csv.gz", "all fear_greed"),
            ("FNG-1h.csv", "FNG 1h"),
            ("FNG-funding.csv", "FNG funding"),
            ("funding.csv", "none"),
            ("FOREX_EURUSD_1H_ASK.csv", "none"),
            ("BTCUSDT.csv", "none"),
            ("-1h.csv", "none"),
            ("<b>-1h.csv", "none"),
            ("", "none"),
        ] {
            let name = FileName::of(Path::new(path));
            let symbol = name.symbol.as_deref().unwrap_or("all");
            let said = match (name.holds, name.interval) {
                (Holds::Readings(measure), _) => format!("{symbol} {}", measure.name()),
                (Holds::Bars, Some(interval)) => format!("{symbol} {interval}"),
                (Holds::UntradedBars, Some(interval)) => format!("{symbol} {interval} untraded"),
                _ => "none".to_owned(),
            };
            assert_eq!(said, told, "{path}");
        }
    }
}
