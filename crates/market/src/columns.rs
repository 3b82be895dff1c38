//! Which column is which, whatever the source calls it.

/// Where the columns of a bar stand, counted from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Columns {
    pub(crate) time: usize,
    /// The time of day, where date and time stand apart.
    pub(crate) clock: Option<usize>,
    pub(crate) open: usize,
    pub(crate) high: usize,
    pub(crate) low: usize,
    pub(crate) close: usize,
    /// Absent in most currency files.
    pub(crate) volume: Option<usize>,
    pub(crate) taker_buy_volume: Option<usize>,
    pub(crate) adj_factor: Option<usize>,
    pub(crate) order_flow: Option<usize>,
    pub(crate) symbol: Option<usize>,
}

/// What a header lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lacking {
    /// How many of the five columns a bar needs were there.
    pub(crate) found: usize,
    /// The names of the others.
    pub(crate) missing: Vec<&'static str>,
}

// In the order of preference: what can only be an epoch or a whole moment comes first.
pub(crate) const TIME: [&str; 22] = [
    "ts",
    "timestamp",
    "unix",
    "opentime",
    "klineopentime",
    "starttime",
    "bartime",
    "unixtime",
    "epoch",
    "unixtimestamp",
    "timestampms",
    "datetime",
    "gmttime",
    "opentimestamp",
    "date",
    "time",
    "dateutc",
    "timeutc",
    "begin",
    "start",
    "dt",
    "t",
];
const OPEN: [&str; 3] = ["open", "o", "openprice"];
const HIGH: [&str; 3] = ["high", "h", "highprice"];
const LOW: [&str; 3] = ["low", "l", "lowprice"];
// An adjusted close beside a plain one is of another scale than open, high and low, so it comes last.
const CLOSE: [&str; 7] = ["close", "c", "closeprice", "last", "closelast", "price", "adjclose"];
const VOLUME: [&str; 9] = [
    "volume",
    "vol",
    "v",
    "basevolume",
    "volumebase",
    "baseassetvolume",
    "tickvolume",
    "tickvol",
    "realvolume",
];
const TAKER: [&str; 7] = [
    "takerbuybasevol",
    "takerbasevolume",
    "takerbuyvolume",
    "takerbuybasevolume",
    "takerbuybaseassetvolume",
    "takerbuybase",
    "takerbaseassetvolume",
];
const FACTOR: [&str; 2] = ["adjfactor", "adjustmentfactor"];
const FLOW: [&str; 3] = ["orderflow", "orderflowimbalance", "ofi"];
const SYMBOL: [&str; 3] = ["symbol", "ticker", "pair"];
/// Currencies in which a volume is turnover, not size.
const QUOTES: [&str; 12] = [
    "usd", "usdt", "usdc", "busd", "fdusd", "eur", "gbp", "jpy", "krw", "quote", "turnover",
    "notional",
];

impl Columns {
    /// Where the exchange's archive puts them; its spot files have no header.
    pub(crate) const KLINE: Columns = Columns {
        time: 0,
        clock: None,
        open: 1,
        high: 2,
        low: 3,
        close: 4,
        volume: Some(5),
        taker_buy_volume: Some(9),
        adj_factor: None,
        order_flow: None,
        symbol: None,
    };

    /// Finds the columns by their names; `symbol` decides between volumes in several currencies.
    pub(crate) fn find<S: AsRef<str>>(
        names: &[S],
        symbol: Option<&str>,
    ) -> Result<Columns, Lacking> {
        let names: Vec<String> = names.iter().map(|name| plain(name.as_ref())).collect();
        let of = |aliases: &[&str]| {
            aliases.iter().find_map(|alias| names.iter().position(|name| name == alias))
        };
        let needed = [of(&TIME), of(&OPEN), of(&HIGH), of(&LOW), of(&CLOSE)];
        let [Some(time), Some(open), Some(high), Some(low), Some(close)] = needed else {
            return Err(Lacking::of(needed));
        };
        Ok(Columns {
            time,
            clock: of(&["time"]).filter(|_| names[time] == "date"),
            open,
            high,
            low,
            close,
            volume: volume(&names, symbol),
            taker_buy_volume: of(&TAKER),
            adj_factor: of(&FACTOR),
            order_flow: of(&FLOW),
            symbol: of(&SYMBOL),
        })
    }
}

impl Lacking {
    fn of(needed: [Option<usize>; 5]) -> Lacking {
        let named = ["time", "open", "high", "low", "close"].into_iter().zip(needed);
        let missing: Vec<_> = named.filter(|(_, at)| at.is_none()).map(|(name, _)| name).collect();
        Lacking { found: needed.len() - missing.len(), missing }
    }
}

/// A name without case, blanks, brackets and underscores: `<OPEN>`, `Open Time`, `open_time`.
pub(crate) fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The volume in base units. Where a source gives `volume_btc` beside `volume` or `volume_usd`, the
/// first is the size and the other the turnover.
fn volume(names: &[String], symbol: Option<&str>) -> Option<usize> {
    let base = symbol.unwrap_or_default().to_ascii_lowercase();
    let mut in_currency = names.iter().enumerate().filter_map(|(at, name)| {
        let currency =
            name.strip_prefix("volume").filter(|rest| !rest.is_empty() && *rest != "base")?;
        Some((at, currency))
    });
    let sized = in_currency.clone().find(|(_, currency)| base.starts_with(currency));
    let sized = sized.or_else(|| in_currency.find(|(_, currency)| !QUOTES.contains(currency)));
    let named = || VOLUME.iter().find_map(|alias| names.iter().position(|name| name == alias));
    sized.map(|(at, _)| at).or_else(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_volume(header: &str, symbol: Option<&str>, at: Option<usize>) {
        let names: Vec<&str> = header.split(',').collect();
        let found = Columns::find(&names, symbol).ok().and_then(|columns| columns.volume);
        assert_eq!(found, at, "{header}");
    }

    #[test]
    fn volume_is_told_from_turnover() {
        check_volume("ts,open,high,low,close,volume", None, Some(5));
        check_volume("date,symbol,open,high,low,close,volume_btc,volume", None, Some(6));
        check_volume("Date,Open,High,Low,Close,Volume USDT,Volume BTC", None, Some(6));
        check_volume("Date,Open,High,Low,Close,Volume BTC,Volume ETH", Some("ETHBTC"), Some(6));
        check_volume("Date,Open,High,Low,Close,Volume EUR,Volume USD", Some("EURUSD"), Some(5));
        check_volume("t,o,h,l,c,v", None, Some(5));
        check_volume("Date,Open,High,Low,Close,Volume USD", None, None);
    }

    #[test]
    fn columns_are_found_in_any_order_and_case() {
        let columns =
            Columns::find(&["<CLOSE>", "Low", "HIGH", "o", "<VOL>", "<TIME>", "<DATE>"], None)
                .unwrap();
        assert_eq!((columns.close, columns.low, columns.high, columns.open), (0, 1, 2, 3));
        assert_eq!((columns.volume, columns.clock, columns.time), (Some(4), Some(5), 6));
    }

    #[test]
    fn what_a_header_lacks_is_named() {
        let lacking = Columns::find(&["time", "open", "close"], None).unwrap_err();
        assert_eq!(lacking, Lacking { found: 3, missing: vec!["high", "low"] });
    }
}
