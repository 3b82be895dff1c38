//! The reference figures for indicators, one trial per case and indicator:
//! `cargo test -p forecast --test vectors`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use domain::{Bar, Interval, RawBar, Timestamp};
use forecast::Feature;
use forecast::features::averages::{Ema, Macd, MacdPoint};
use forecast::features::oscillators::{Rsi, Stochastic, commodity_channel, money_flow_index};
use forecast::features::ranges::{Atr, TrueRange};
use forecast::features::trend::{DirectionalMovement, Directions};
use forecast::features::volume::{SessionVwap, price_paid, signed, signed_volume, typical_price};
use forecast::features::window::{Range, Rolling, highest, lowest, mean, mean_and_variance, sum};
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;

const SUITE: &str = "indicators";

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let trials = match read(&folder().join(format!("{SUITE}.json"))) {
        Ok(file) => trials(&file),
        Err(why) => vec![skipped(format!("vector {SUITE} ({why})"))],
    };
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trials(file: &Value) -> Vec<Trial> {
    let none = Vec::new();
    let cases = file["cases"].as_array().unwrap_or(&none);
    if cases.is_empty() {
        return vec![broken(format!("vector {SUITE} has cases"), "the file holds no case")];
    }
    cases.iter().flat_map(trials_of).collect()
}

fn trials_of(case: &Value) -> Vec<Trial> {
    let name = format!("vector {SUITE} {}", case["id"].as_str().unwrap_or("unnamed"));
    let bars = match bars(&case["inputs"]) {
        Ok(bars) => Arc::new(bars),
        Err(why) => return vec![broken(name, &why)],
    };
    let expected = case["expected"].as_object().filter(|expected| !expected.is_empty());
    let Some(expected) = expected else { return vec![broken(name, "the case expects nothing")] };
    let tolerance = Tolerance {
        absolute: case["tol"]["abs"].as_f64().unwrap_or(0.0),
        relative: case["tol"]["rel"].as_f64().unwrap_or(0.0),
    };
    expected
        .iter()
        .map(|(indicator, want)| trial(&name, indicator, want, &bars, tolerance))
        .collect()
}

fn trial(
    case: &str,
    indicator: &str,
    want: &Value,
    bars: &Arc<Vec<Bar>>,
    tolerance: Tolerance,
) -> Trial {
    let name = format!("{case} {indicator}");
    let (family, output) = parts(indicator);
    match compute(family, output, &want["params"]) {
        Err(why) => broken(name, &why),
        Ok(hear) => {
            let (want, bars) = (want.clone(), Arc::clone(bars));
            let got: Vec<Option<f64>> = bars.iter().map(hear).collect();
            Trial::test(name, move || compare(&want, &got, tolerance))
        }
    }
}

/// `BBANDS_20_2.upper` is of the family `BBANDS` and its output is `upper`: parameters come from the
/// file, not from the name.
fn parts(indicator: &str) -> (&str, &str) {
    let (name, output) = indicator.split_once('.').unwrap_or((indicator, ""));
    let end = name.find(|c: char| c.is_ascii_digit()).unwrap_or(name.len());
    (name[..end].trim_end_matches('_'), output)
}

type Hear = Box<dyn FnMut(&Bar) -> Option<f64>>;

/// What computes an indicator bar by bar, from the building blocks of features.
fn compute(family: &str, output: &str, params: &Value) -> Result<Hear, String> {
    let period = || count(params, "period");
    Ok(match (family, output) {
        ("SMA", "") => window(period()?, Bar::close, mean),
        ("EMA", "") => {
            let mut mean = Ema::over(period()?);
            Box::new(move |bar| mean.push(bar.close()))
        }
        ("RSI", "") => feature(Rsi::over(period()?)),
        ("ATR", "") => feature(Atr::over(period()?)),
        ("TRANGE", "") => feature(TrueRange::default()),
        ("ROC", "") => {
            let change = |closes: &[f64]| 100.0 * (closes[closes.len() - 1] / closes[0] - 1.0);
            window(period()? + 1, Bar::close, change)
        }
        ("ADX" | "PLUS_DI" | "MINUS_DI", "") => directions(family, period()?),
        ("OBV", "") => on_balance_volume(),
        ("CCI", "") => window(period()?, typical_price, commodity_channel),
        ("MFI", "") => money_flow(period()?),
        ("VWAP", "") => vwap(count(params, "window")?),
        ("VWAP_cum", "") => feature(SessionVwap::default()),
        ("MACD", output) => macd(output, params)?,
        ("STDDEV", "") => band(params, number(params, "nbdev")?, false)?,
        ("BBANDS", "upper") => band(params, number(params, "nbdevup")?, true)?,
        ("BBANDS", "middle") => band(params, 0.0, true)?,
        ("BBANDS", "lower") => band(params, -number(params, "nbdevdn")?, true)?,
        ("WILLR", "") => {
            let mut range = range_of(period()?);
            Box::new(move |bar| {
                range(bar)
                    .map(|range| range.place(bar.close()).map_or(0.0, |at| 100.0 * (at - 1.0)))
            })
        }
        ("STOCH", output) => stochastic(output, params)?,
        _ => return Err(format!("unknown indicator {family} {output}")),
    })
}

fn feature(mut feature: impl Feature + 'static) -> Hear {
    Box::new(move |bar| feature.hear(bar))
}

/// Something about the last numbers of a kind.
fn window(length: u32, of: fn(&Bar) -> f64, said: fn(&[f64]) -> f64) -> Hear {
    let mut numbers = Rolling::over(length as usize);
    Box::new(move |bar| {
        numbers.push(of(bar));
        numbers.last(length as usize).map(said)
    })
}

fn directions(family: &str, period: u32) -> Hear {
    let pick: fn(Directions) -> Option<f64> = match family {
        "ADX" => |said| said.strength,
        "PLUS_DI" => |said| Some(said.plus),
        _ => |said| Some(said.minus),
    };
    let mut movement = DirectionalMovement::over(period);
    Box::new(move |bar| movement.hear(bar).and_then(pick))
}

/// The library begins with the first bar's volume, as if it had risen.
fn on_balance_volume() -> Hear {
    let (mut last, mut balance) = (None, 0.0);
    Box::new(move |bar| {
        balance += last.map_or(bar.volume(), |last| signed_volume(bar, last));
        last = Some(bar.close());
        Some(balance)
    })
}

fn money_flow(period: u32) -> Hear {
    let (mut last, mut flows) = (None, Rolling::over(period as usize));
    Box::new(move |bar| {
        let price = typical_price(bar);
        let before = last.replace(price)?;
        flows.push(signed(price * bar.volume(), price - before));
        flows.last(period as usize).map(money_flow_index)
    })
}

fn vwap(bars: u32) -> Hear {
    let mut values = window(bars, |bar| typical_price(bar) * bar.volume(), sum);
    let mut volumes = window(bars, Bar::volume, sum);
    Box::new(move |bar| {
        let (value, volume) = (values(bar), volumes(bar));
        price_paid(value?, volume?)
    })
}

fn macd(output: &str, params: &Value) -> Result<Hear, String> {
    let pick: fn(MacdPoint) -> f64 = match output {
        "macd" => |point| point.line,
        "signal" => |point| point.signal,
        "hist" => |point| point.histogram,
        _ => return Err(format!("unknown output {output} of MACD")),
    };
    let of = |key| count(params, key);
    let mut macd = Macd::new(of("fast")?, of("slow")?, of("signal")?);
    Ok(Box::new(move |bar| macd.push(bar.close()).map(pick)))
}

/// Mean, if it counts, plus so many standard deviations.
fn band(params: &Value, deviations: f64, from_mean: bool) -> Result<Hear, String> {
    let period = count(params, "period")? as usize;
    let mut closes = Rolling::over(period);
    let from = if from_mean { 1.0 } else { 0.0 };
    Ok(Box::new(move |bar| {
        closes.push(bar.close());
        let (mean, variance) = closes.last(period).map(mean_and_variance)?;
        Some(from * mean + deviations * variance.sqrt())
    }))
}

fn stochastic(output: &str, params: &Value) -> Result<Hear, String> {
    let of = |key| count(params, key).map(|count| count as usize);
    let mut range = range_of(count(params, "fastk")?);
    let mut stochastic = Stochastic::new(of("slowk")?, of("slowd")?);
    let slowest = match output {
        "slowk" => false,
        "slowd" => true,
        _ => return Err(format!("unknown output {output} of STOCH")),
    };
    Ok(Box::new(move |bar| {
        let point = stochastic.push(bar.close(), range(bar)?)?;
        Some(if slowest { point.d } else { point.k })
    }))
}

/// Range of the last `bars` bars, this one included.
fn range_of(bars: u32) -> impl FnMut(&Bar) -> Option<Range> {
    let mut highs = window(bars, Bar::high, highest);
    let mut lows = window(bars, Bar::low, lowest);
    move |bar| {
        let (high, low) = (highs(bar), lows(bar));
        Some(Range { high: high?, low: low? })
    }
}

#[derive(Clone, Copy)]
struct Tolerance {
    absolute: f64,
    relative: f64,
}

fn compare(want: &Value, got: &[Option<f64>], tolerance: Tolerance) -> Result<(), Failed> {
    let values = want["values"].as_array().ok_or("there are no values to compare with")?;
    if values.len() != got.len() {
        return Err(format!("{} values for {} bars", values.len(), got.len()).into());
    }
    let mut faults = Vec::new();
    let warm_up = got.iter().take_while(|value| value.is_none()).count() as u64;
    if want["warmup_nan"].as_u64() != Some(warm_up) {
        faults.push(format!("warm-up: got {warm_up}, want {}", want["warmup_nan"]));
    }
    for (at, (want, got)) in values.iter().zip(got).enumerate() {
        if !agrees(want.as_f64(), *got, tolerance) {
            faults.push(format!("bar {at}: got {got:?}, want {want}"));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n").into()) }
}

/// What the library leaves undefined is absent here.
fn agrees(want: Option<f64>, got: Option<f64>, tolerance: Tolerance) -> bool {
    match (want, got) {
        (Some(want), Some(got)) => {
            (got - want).abs() <= tolerance.absolute + tolerance.relative * want.abs()
        }
        (want, got) => want.is_none() && got.is_none(),
    }
}

fn skipped(name: String) -> Trial {
    Trial::test(name, || Ok(())).with_ignored_flag(true)
}

fn broken(name: String, why: &str) -> Trial {
    let why = why.to_owned();
    Trial::test(name, || Err(Failed::from(why)))
}

/// The case's bars, an hour each: the reference knows no time.
fn bars(inputs: &Value) -> Result<Vec<Bar>, String> {
    const FROM: Timestamp = Timestamp::from_ms(1_600_000_000_000);
    let [open, high, low, close, volume] =
        ["open", "high", "low", "close", "volume"].map(|key| numbers(inputs, key));
    let (open, high, low, close, volume) = (open?, high?, low?, close?, volume?);
    if [&high, &low, &close, &volume].iter().any(|series| series.len() != open.len()) {
        return Err("the series differ in length".to_owned());
    }
    let bar = |at: usize| RawBar {
        opened_at: FROM.plus_ms(at as i64 * Interval::HOUR.ms()),
        open: open[at],
        high: high[at],
        low: low[at],
        close: close[at],
        volume: volume[at],
        taker_buy_volume: None,
        flow: None,
    };
    let admit = |at| Bar::admit(bar(at), Interval::HOUR).map_err(|bad| format!("bar {at}: {bad}"));
    (0..open.len()).map(admit).collect()
}

fn numbers(inputs: &Value, key: &str) -> Result<Vec<f64>, String> {
    let row = inputs[key].as_array().and_then(|row| row.iter().map(Value::as_f64).collect());
    row.ok_or_else(|| format!("{key} is no list of numbers"))
}

fn number(params: &Value, key: &str) -> Result<f64, String> {
    params[key].as_f64().ok_or_else(|| format!("{key} is no number"))
}

fn count(params: &Value, key: &str) -> Result<u32, String> {
    let whole = params[key].as_u64().and_then(|count| u32::try_from(count).ok());
    whole.ok_or_else(|| format!("{key} is no count"))
}

#[expect(clippy::disallowed_methods, reason = "a test is told by its caller where the figures are")]
fn folder() -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors");
    std::env::var("HINDSIGHT_VECTORS").map_or_else(|_| beside(), PathBuf::from)
}

#[expect(clippy::disallowed_methods, reason = "the figures are in files")]
fn read(path: &Path) -> Result<Value, String> {
    let text = std::fs::read_to_string(path).map_err(|why| format!("no file: {why}"))?;
    // A file that is there but cannot be read is a fault, not a gap: it has no cases and fails.
    Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
}
