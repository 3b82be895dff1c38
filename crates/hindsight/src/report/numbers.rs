//! How figures are written: signs, separators, units, and no more digits than they carry.

use domain::Timestamp;

/// A space that keeps a number and its unit on one line.
const JOIN: char = '\u{a0}';
/// Minus as wide as plus, so that columns align.
const MINUS: char = '\u{2212}';
/// What stands where a figure is undefined.
const UNDEFINED: &str = "undefined";

/// Money with its sign: `+1,234.50`.
pub(super) fn money(value: f64) -> String {
    signed(value, 2)
}

/// An amount of money that has no direction: `10,000.00`.
pub(super) fn amount(value: f64) -> String {
    plain(value, 2)
}

/// A change, from its fraction: `+41.0 %`.
pub(super) fn change(fraction: f64) -> String {
    with_unit(signed(fraction * 100.0, 1), "%")
}

/// A share, from its fraction: `41.0 %`.
pub(super) fn share(fraction: f64) -> String {
    with_unit(plain(fraction * 100.0, 1), "%")
}

/// A share without its unit, for the ends of an interval: `41.0`.
pub(super) fn share_bare(fraction: f64) -> String {
    plain(fraction * 100.0, 1)
}

/// A snake_case name as people say it; not escaped.
pub(super) fn words(name: &str) -> String {
    name.replace('_', " ")
}

/// `part` of `whole` as a share; nothing of nothing is undefined.
pub(super) fn share_of(part: u64, whole: u64) -> String {
    share(part as f64 / whole as f64)
}

/// Units of initial risk with their sign: `−0.11 R`.
pub(super) fn risk_units(value: f64) -> String {
    with_unit(signed(value, 2), "R")
}

/// Units of initial risk without the unit, for the ends of an interval.
pub(super) fn bare_risk_units(value: f64) -> String {
    signed(value, 2)
}

/// A small difference in units of risk, to the thousandth and without the unit: `+0.021`.
pub(super) fn thousandths(value: f64) -> String {
    signed(value, 3)
}

/// Basis points with their sign: `−4.2 bp`.
pub(super) fn basis_points(value: f64) -> String {
    with_unit(signed(value, 1), "bp")
}

/// A head's weight: `0.111`.
pub(super) fn weight(value: f64) -> String {
    plain(value, 3)
}

/// A ratio such as Sharpe's: `−0.42`.
pub(super) fn ratio(value: Option<f64>) -> String {
    value.map_or_else(|| UNDEFINED.to_owned(), |value| plain(value, 2))
}

/// A price at its instrument's tick.
pub(super) fn price(value: f64, decimals: u32) -> String {
    plain(value, decimals.min(12) as usize)
}

/// A count: `12,345`.
pub(super) fn count(value: u64) -> String {
    separated(&value.to_string())
}

/// A count that may be a discounted one: `61` for 61.4.
pub(super) fn about(value: f64) -> String {
    plain(value, 0)
}

/// `1 trade`, `2 trades`.
pub(super) fn counted(value: u64, one: &str, many: &str) -> String {
    format!("{}{JOIN}{}", count(value), if value == 1 { one } else { many })
}

/// A moment to the minute, UTC: `2021-05-19 14:00`.
pub(super) fn minute(at: Timestamp) -> String {
    match at.to_string().split_once('T') {
        Some((day, time)) => format!("{day} {}", time.get(..5).unwrap_or(time)),
        None => at.to_string(),
    }
}

/// A moment's day, UTC: `2021-05-19`.
pub(super) fn day(at: Timestamp) -> String {
    let whole = at.to_string();
    whole.split_once('T').map_or(whole.clone(), |(day, _)| day.to_owned())
}

/// What a change of equity amounts to, in words: `fell 3.2 %`.
pub(super) fn moved(fraction: f64) -> String {
    let size = share(fraction.abs());
    if !fraction.is_finite() {
        "is undefined".to_owned()
    } else if fraction == 0.0 {
        "stayed where it was".to_owned()
    } else {
        let verb = if fraction > 0.0 { "rose" } else { "fell" };
        if fraction.abs() < 0.0005 {
            format!("{verb} less than 0.1{JOIN}%")
        } else {
            format!("{verb} {size}")
        }
    }
}

/// `gain`, `loss` or nothing: the class that colours a figure, beside its sign.
pub(super) fn tone(value: f64) -> &'static str {
    if value > 0.0 {
        "gain"
    } else if value < 0.0 {
        "loss"
    } else {
        "even"
    }
}

fn with_unit(figure: String, unit: &str) -> String {
    if figure == UNDEFINED { figure } else { format!("{figure}{JOIN}{unit}") }
}

fn signed(value: f64, decimals: usize) -> String {
    let text = plain(value, decimals);
    let is_zero = !text.contains(|c: char| ('1'..='9').contains(&c));
    if value > 0.0 && value.is_finite() && !is_zero { format!("+{text}") } else { text }
}

/// Rounded, with separators; a negative that rounds to zero has no sign.
fn plain(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return UNDEFINED.to_owned();
    }
    let text = format!("{:.decimals$}", value.abs());
    let is_zero = !text.contains(|c: char| ('1'..='9').contains(&c));
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let sign = if value < 0.0 && !is_zero { MINUS.to_string() } else { String::new() };
    format!("{sign}{}{rest}", separated(whole))
}

fn separated(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_has_a_sign_and_separators() {
        assert_eq!(money(1_234_567.891), "+1,234,567.89");
        assert_eq!(money(-1234.5), "\u{2212}1,234.50");
        assert_eq!(money(0.0), "0.00");
        assert_eq!(money(-0.001), "0.00");
        assert_eq!(money(0.001), "0.00");
        assert_eq!(amount(10_000.0), "10,000.00");
        assert_eq!(count(999), "999");
        assert_eq!(count(1000), "1,000");
    }

    #[test]
    fn shares_carry_one_decimal_and_risk_two() {
        assert_eq!(change(0.41), "+41.0\u{a0}%");
        assert_eq!(change(-0.0319), "\u{2212}3.2\u{a0}%");
        assert_eq!(share_of(1, 8), "12.5\u{a0}%");
        assert_eq!(risk_units(-0.114), "\u{2212}0.11\u{a0}R");
        assert_eq!(price(64_123.5, 2), "64,123.50");
        assert_eq!(price(1.08431, 5), "1.08431");
    }

    #[test]
    fn what_is_undefined_says_so() {
        assert_eq!(share_of(0, 0), "undefined");
        assert_eq!(ratio(None), "undefined");
        assert_eq!(money(f64::NAN), "undefined");
        assert_eq!(moved(f64::NAN), "is undefined");
    }

    #[test]
    fn a_move_is_said_in_words() {
        assert_eq!(moved(-0.032), "fell 3.2\u{a0}%");
        assert_eq!(moved(0.41), "rose 41.0\u{a0}%");
        assert_eq!(moved(0.0), "stayed where it was");
        assert_eq!(moved(-0.0001), "fell less than 0.1\u{a0}%");
    }

    #[test]
    fn times_are_utc_to_the_minute() {
        let at = Timestamp::from_ms(1_621_432_800_000);
        assert_eq!(minute(at), "2021-05-19 14:00");
        assert_eq!(day(at), "2021-05-19");
    }
}
