//! A market in which it matters where profits are taken (bench P10).

use domain::{Bar, Interval, RawBar, Timestamp};

use crate::Dice;

/// Price walks without drift, episode after episode, until it has risen so many stop distances above where the
/// episode began; from there it falls back until the next one. Whoever enters at an episode's beginning does
/// best to take profits just before the turn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fading {
    /// The stop distance, fraction of the price.
    pub stop_fraction: f64,
    /// Where it turns, in stop distances.
    pub turns_at_r: f64,
    /// What it falls in a bar once it has turned, fraction; 0 is a walk.
    pub falls_back: f64,
}

impl Fading {
    /// Bars of an episode.
    pub const EPISODE_BARS: usize = 120;

    /// So many episodes of bars.
    pub fn bars(
        &self,
        seed: u64,
        interval: Interval,
        from: Timestamp,
        episodes: usize,
    ) -> Vec<Bar> {
        const VOLATILITY: f64 = 0.003;
        const START: f64 = 100.0;
        let mut dice = Dice::new(seed);
        let mut made = Vec::with_capacity(episodes * Fading::EPISODE_BARS);
        for at in 0..episodes * Fading::EPISODE_BARS {
            let begun = made.len() / Fading::EPISODE_BARS * Fading::EPISODE_BARS;
            let first: Option<&Bar> = made.get(begun);
            let began = first.map_or(START, Bar::open);
            let turns_at = began * (1.0 + self.turns_at_r * self.stop_fraction);
            let has_turned = made[begun..].iter().any(|bar: &Bar| bar.high() >= turns_at);
            // Every episode begins where the first did, so that prices stay what a grid can tell apart.
            let open = if at == begun { START } else { made.last().map_or(START, Bar::close) };
            let drift = if has_turned { -self.falls_back } else { 0.0 };
            let close = open * libm::exp(drift + VOLATILITY * dice.normal());
            let raw = RawBar {
                opened_at: from.plus_ms(interval.ms() * at as i64),
                open,
                high: open.max(close),
                low: open.min(close),
                close,
                volume: 1_000.0,
                taker_buy_volume: None,
                flow: None,
            };
            made.extend(Bar::admit(raw, interval));
        }
        made
    }
}
