//! Asking the archive, again where asking again may help.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::Duration;

use ureq::Agent;

use crate::MarketError;
use crate::archive::checksum;
use crate::error::one_line;

/// How often one file is tried. Chosen: with the waits between, half a minute of trouble is outlived.
const TRIES: u32 = 6;
/// The wait before the second try; it doubles from one to the next.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// A month of one-second bars is 100 MB packed.
const FILE_BYTES_MAX: u64 = 1 << 30;
const TEXT_BYTES_MAX: u64 = 64 << 10;

/// Whether the archive had the file.
pub(super) enum Got {
    /// It was fetched whole.
    Whole,
    /// It has none.
    Absent,
}

/// The line to the archive.
pub(super) struct Wire<'a> {
    agent: Agent,
    wait: &'a mut dyn FnMut(Duration),
}

/// One try that failed.
enum Failed {
    /// Another try may go better; in words.
    ForNow(String),
    /// Another try would not.
    ForGood(MarketError),
}

impl<'a> Wire<'a> {
    pub(super) fn new(wait: &'a mut dyn FnMut(Duration)) -> Wire<'a> {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_resolve(Some(Duration::from_secs(20)))
            .timeout_connect(Some(Duration::from_secs(20)))
            .timeout_recv_response(Some(Duration::from_secs(30)))
            // A line this slow would take the patience of whoever waits for it.
            .timeout_recv_body(Some(Duration::from_secs(600)))
            .build();
        Wire { agent: config.into(), wait }
    }

    /// A small text; nothing where the archive has none.
    pub(super) fn text(&mut self, url: &str) -> Result<Option<String>, MarketError> {
        self.retried(url, |agent| {
            let Some(mut body) = ask(agent, url)? else { return Ok(None) };
            let mut text = String::new();
            let read = body.as_reader().take(TEXT_BYTES_MAX).read_to_string(&mut text);
            read.map_err(|cause| Failed::ForNow(cause.to_string()))?;
            Ok(Some(text))
        })
    }

    /// A file with this SHA-256, put at `partial`.
    pub(super) fn file(
        &mut self,
        url: &str,
        partial: &Path,
        told: &str,
    ) -> Result<Got, MarketError> {
        let got = self.retried(url, |agent| {
            let Some(mut body) = ask(agent, url)? else { return Ok(Got::Absent) };
            save(body.as_reader(), partial)?;
            let found = checksum(partial)
                .map_err(|cause| Failed::ForGood(MarketError::unreadable(partial, cause)))?;
            if found != told {
                // Cut short on its way, or revised between the two answers: either may pass.
                let (found, told) = (&found[..8], &told[..8]);
                return Err(Failed::ForNow(format!("its SHA-256 is {found}…, not {told}…")));
            }
            Ok(Got::Whole)
        });
        if got.is_err() {
            // Best effort: the error that matters is the first one.
            let _ = fs::remove_file(partial);
        }
        got
    }

    fn retried<T>(
        &mut self,
        url: &str,
        once: impl Fn(&Agent) -> Result<T, Failed>,
    ) -> Result<T, MarketError> {
        let mut wait = FIRST_WAIT;
        let mut tries = 1;
        loop {
            let cause = match once(&self.agent) {
                Ok(got) => return Ok(got),
                Err(Failed::ForGood(error)) => return Err(error),
                Err(Failed::ForNow(cause)) => one_line(&cause),
            };
            if tries == TRIES {
                return Err(MarketError::Unreachable { url: url.to_owned(), tries, cause });
            }
            (self.wait)(wait);
            wait *= 2;
            tries += 1;
        }
    }
}

/// An answer's body; nothing where the archive does not have it.
fn ask(agent: &Agent, url: &str) -> Result<Option<ureq::Body>, Failed> {
    let answer = agent.get(url).call().map_err(|cause| match cause {
        ureq::Error::BadUri(_) | ureq::Error::Http(_) | ureq::Error::InvalidProxyUrl => {
            Failed::ForGood(turned_away(url, &cause.to_string()))
        }
        _ => Failed::ForNow(cause.to_string()),
    })?;
    let status = answer.status().as_u16();
    match status {
        200 => Ok(Some(answer.into_body())),
        404 => Ok(None),
        // Too many requests, at two stages of patience.
        408 | 418 | 429 | 500..=599 => Err(Failed::ForNow(format!("status {status}"))),
        _ => Err(Failed::ForGood(turned_away(url, &format!("status {status}")))),
    }
}

fn turned_away(url: &str, answer: &str) -> MarketError {
    MarketError::TurnedAway { url: url.to_owned(), answer: one_line(answer) }
}

fn save(body: impl Read, path: &Path) -> Result<(), Failed> {
    let unwritable = |cause: io::Error| Failed::ForGood(MarketError::unwritable(path, cause));
    let mut file = File::create(path).map_err(unwritable)?;
    let mut body = body.take(FILE_BYTES_MAX + 1);
    let mut bytes = vec![0; 1 << 16];
    let mut total = 0;
    loop {
        let got = body.read(&mut bytes).map_err(|cause| Failed::ForNow(cause.to_string()))?;
        if got == 0 {
            return file.sync_all().map_err(unwritable);
        }
        total += got as u64;
        if total > FILE_BYTES_MAX {
            let what = format!("is larger than {FILE_BYTES_MAX} bytes");
            return Err(Failed::ForGood(MarketError::too_big(path, what)));
        }
        file.write_all(&bytes[..got]).map_err(unwritable)?;
    }
}
