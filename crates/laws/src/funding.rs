//! What keeps a perpetual near its spot: longs pay shorts, or shorts longs.

use domain::{Instrument, InstrumentKind, Reading, Series, Side, SymbolIx};

/// The rates among these readings that a position in this instrument settles; none but for a perpetual.
pub fn funding_rates<'a>(
    readings: &'a [Reading],
    symbol: SymbolIx,
    instrument: &Instrument,
) -> impl Iterator<Item = &'a Reading> {
    let is_perpetual = instrument.kind == InstrumentKind::Perpetual;
    let concerns = move |reading: &&'a Reading| {
        is_perpetual
            && reading.series == Series::Funding
            && reading.symbol.is_none_or(|meant| meant == symbol)
    };
    readings.iter().filter(concerns)
}

/// What a position worth `notional` pays at this rate; below zero where it receives.
pub fn funding_paid(side: Side, rate: f64, notional: f64) -> f64 {
    side.sign() * rate * notional
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Calendar, Interval, Margin, Timestamp, decimal};

    fn instrument(kind: InstrumentKind) -> Instrument {
        Instrument {
            symbol: "BTCUSDT".to_owned(),
            interval: Interval::HOUR,
            calendar: Calendar::Always,
            tick: decimal(0.01),
            step: decimal(0.001),
            notional_min: decimal(5.0),
            kind,
            margin: Margin::NONE,
            has_volume: true,
        }
    }

    #[test]
    fn only_a_perpetual_pays_and_only_for_itself() {
        let reading =
            |symbol, series, value| Reading { at: Timestamp::from_ms(0), symbol, series, value };
        let readings = [
            reading(Some(SymbolIx(0)), Series::Funding, 0.0001),
            reading(Some(SymbolIx(1)), Series::Funding, 0.0002),
            reading(None, Series::Funding, 0.0003),
            reading(Some(SymbolIx(0)), Series::OpenInterest, 7.0),
        ];
        for kind in InstrumentKind::ALL {
            let rates: Vec<f64> = funding_rates(&readings, SymbolIx(0), &instrument(kind))
                .map(|reading| reading.value)
                .collect();
            let pays = kind == InstrumentKind::Perpetual;
            assert_eq!(rates, if pays { vec![0.0001, 0.0003] } else { Vec::new() });
        }
    }

    #[test]
    fn longs_pay_what_shorts_receive() {
        assert_eq!(funding_paid(Side::Long, 0.0001, 1_000.0), 0.1);
        assert_eq!(funding_paid(Side::Short, 0.0001, 1_000.0), -0.1);
        assert_eq!(funding_paid(Side::Long, -0.0001, 1_000.0), -0.1);
    }
}
