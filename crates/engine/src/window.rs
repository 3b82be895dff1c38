//! The closes that models look back on.

use domain::WINDOW_BARS;
use serde::{Deserialize, Serialize};

/// The last closes of a symbol, oldest first. They begin anew after missing bars.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Window {
    /// Room for twice the window, so that it moves once in so many bars.
    closes: Vec<f32>,
}

impl Window {
    pub(crate) fn new() -> Window {
        Window { closes: Vec::with_capacity(2 * WINDOW_BARS) }
    }

    pub(crate) fn push(&mut self, close: f64) {
        if self.closes.len() == 2 * WINDOW_BARS {
            self.closes.drain(..WINDOW_BARS);
        }
        self.closes.push(close as f32);
    }

    pub(crate) fn start_over(&mut self) {
        self.closes.clear();
    }

    pub(crate) fn closes(&self) -> &[f32] {
        &self.closes[self.closes.len().saturating_sub(WINDOW_BARS)..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_the_last_closes_in_order_however_long_it_goes_on() {
        let mut window = Window::new();
        for bar in 0..1_000_u32 {
            window.push(f64::from(bar));
            let from = (bar + 1).saturating_sub(WINDOW_BARS as u32);
            let expected: Vec<f32> = (from..=bar).map(|bar| bar as f32).collect();
            assert_eq!(window.closes(), expected);
        }
        window.start_over();
        assert!(window.closes().is_empty());
    }
}
