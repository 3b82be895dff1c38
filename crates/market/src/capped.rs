//! A reader that stops before a bomb goes off: limits on length and on the length of a line.

use std::fmt;
use std::io::{self, Read};
use std::path::Path;

use crate::MarketError;

/// Bytes of text one file may hold once unpacked. Chosen: some forty million rows, and still memory.
pub(crate) const TEXT_BYTES_MAX: u64 = 4 << 30;
/// Bytes of one line. Chosen: a hundred times the longest header met.
const LINE_BYTES_MAX: u64 = 1 << 20;
/// Rows of one file. Chosen: a year and a half of one-second bars, about 5 GB decoded.
pub(crate) const ROWS_MAX: u64 = 50_000_000;

/// Which limit was met.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Limit {
    Text { bytes_max: u64 },
    Line,
}

impl Limit {
    pub(crate) fn of(self, path: &Path) -> MarketError {
        match self {
            Limit::Text { bytes_max } => {
                MarketError::too_big(path, format!("holds more than {bytes_max} bytes of text"))
            }
            Limit::Line => {
                MarketError::broken(path, "has a line of more than 1 MiB, so it is no CSV")
            }
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Limit {}

/// Reads from another reader up to its limits.
pub(crate) struct Capped<R> {
    inner: R,
    bytes_max: u64,
    bytes: u64,
    line_bytes: u64,
    line_bytes_max: u64,
}

impl<R: Read> Capped<R> {
    pub(crate) const fn new(inner: R, bytes_max: u64) -> Capped<R> {
        Capped { inner, bytes_max, bytes: 0, line_bytes: 0, line_bytes_max: LINE_BYTES_MAX }
    }

    /// For text that needs no lines, as JSON does.
    pub(crate) const fn of_any_line(inner: R, bytes_max: u64) -> Capped<R> {
        Capped { inner, bytes_max, bytes: 0, line_bytes: 0, line_bytes_max: u64::MAX }
    }
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.inner.read(buffer)?;
        self.bytes += got as u64;
        if self.bytes > self.bytes_max {
            return Err(io::Error::other(Limit::Text { bytes_max: self.bytes_max }));
        }
        let newline = buffer[..got].iter().rposition(|byte| matches!(byte, b'\n' | b'\r'));
        self.line_bytes = match newline {
            Some(at) => (got - at) as u64,
            None => self.line_bytes + got as u64,
        };
        if self.line_bytes > self.line_bytes_max {
            return Err(io::Error::other(Limit::Line));
        }
        Ok(got)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_stops_at_its_limits() {
        let mut text = String::new();
        let said = Capped::new("a\nb\n".repeat(100).as_bytes(), 399).read_to_string(&mut text);
        assert!(said.is_err_and(|cause| cause.to_string().starts_with("Text")));
        let said = Capped::new("x".repeat(2 << 20).as_bytes(), u64::MAX).read_to_string(&mut text);
        assert!(said.is_err_and(|cause| cause.to_string().starts_with("Line")));
        let lines = "x\n".repeat(2 << 20);
        assert!(Capped::new(lines.as_bytes(), u64::MAX).read_to_string(&mut text).is_ok());
    }
}
