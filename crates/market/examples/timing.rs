//! Measures reading and walking: `cargo run --release -p market --example timing -- PATH…`

use std::hint::black_box;
use std::path::PathBuf;
use std::time::Instant;

use domain::{Bar, RawBar, Timestamp};
use market::{Bars, Series, Wanted};

const ROUNDS: u32 = 20;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    // Far enough ahead for any recorded bar, and not the clock: figures compare between days.
    let wanted = Wanted::all(Timestamp::from_ms(4_000_000_000_000));
    let series = market::read(&paths, &wanted)?;
    let began = (Instant::now(), cpu_ms());
    for _ in 0..ROUNDS {
        black_box(market::read(&paths, &wanted)?);
    }
    let bars: usize = series.iter().map(|series| series.bars.len()).sum();
    let (wall, cpu) = (began.0.elapsed() / ROUNDS, (cpu_ms() - began.1) / ROUNDS);
    eprintln!("read {} series, {bars} bars: {wall:?} wall, {cpu} ms CPU", series.len());

    eprintln!("walk: {} ns a bar", walk_ns(&series));
    let many: Vec<Series> =
        (0..300).map(|at| shifted(&series[at % series.len()], at as i64)).collect();
    eprintln!("walk of 300 series that never meet: {} ns a bar", walk_ns(&many));
    for one in &series {
        let guessed = one.instrument(None).calendar;
        eprintln!(
            "{} {}: {} bars {}..{}, {} + {} decimals, {} repeats, refused {:?}, calendar {}, gaps {:?}, {}",
            one.symbol,
            one.interval,
            one.bars.len(),
            one.bars[0].opened_at(),
            one.bars[one.bars.len() - 1].closed_at(),
            one.price_decimals,
            one.volume_decimals,
            one.refusals.repeats(),
            one.refusals.by_kind(),
            guessed.name(),
            market::gaps(one, guessed)
                .iter()
                .map(|gap| (gap.from.to_string(), gap.bars_missing))
                .collect::<Vec<_>>(),
            &one.hash[..16],
        );
    }
    Ok(())
}

fn walk_ns(series: &[Series]) -> u128 {
    let bars: usize = series.iter().map(|one| one.bars.len()).sum();
    let (began, mut group) = (Instant::now(), Vec::new());
    for _ in 0..ROUNDS {
        let mut walk = Bars::of(series);
        while let Some(closed_at) = walk.next_into(&mut group) {
            black_box((closed_at, &group));
        }
    }
    began.elapsed().as_nanos() / u128::from(bars as u32 * ROUNDS).max(1)
}

/// A thousand bars of a series, some milliseconds later.
fn shifted(series: &Series, by_ms: i64) -> Series {
    let later = |bar: &Bar| RawBar { opened_at: bar.opened_at().plus_ms(by_ms), ..*bar.raw() };
    let bars = series
        .bars
        .iter()
        .take(1_000)
        .filter_map(|bar| Bar::admit(later(bar), series.interval).ok());
    Series { bars: bars.collect(), ..series.clone() }
}

/// CPU time of all threads so far; the kernel counts it in hundredths of a second.
fn cpu_ms() -> u32 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks = text.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    ticks.filter_map(|ticks| ticks.parse::<u32>().ok()).sum::<u32>() * 10
}
