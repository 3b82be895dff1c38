//! Intervals drawn on one horizontal scale, so that rows can be compared by eye.

use crate::report::story::Estimate;

/// One scale for all rows of a table; zero is always on it.
pub(super) struct Scale {
    low: f64,
    high: f64,
}

impl Scale {
    /// Wide enough for these. Of intervals that reach very far only the middle is shown.
    pub(super) fn of<'a>(estimates: impl Iterator<Item = &'a Estimate>) -> Scale {
        const FAR: f64 = 3.0;
        let (mut low, mut high) = (-0.05_f64, 0.05_f64);
        for r in estimates.filter(|r| r.low.is_finite() && r.high.is_finite()) {
            low = low.min(r.low.max(-FAR));
            high = high.max(r.high.min(FAR));
        }
        Scale { low, high }
    }

    /// Where a figure lies, in per cent of the width, a little inside its ends.
    fn at(&self, r: f64) -> f64 {
        2.0 + 96.0 * ((r - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    /// A dot in its interval beside zero, in the colour of `tone`.
    pub(super) fn draw(&self, r: &Estimate, tone: &str) -> String {
        if !(r.value.is_finite() && r.low.is_finite() && r.high.is_finite()) {
            return String::new();
        }
        format!(
            "<svg class=\"interval {tone}\" aria-hidden=\"true\" width=\"100%\" height=\"14\">\
             <line class=\"zero\" x1=\"{0:.1}%\" x2=\"{0:.1}%\" y1=\"0\" y2=\"14\"/>\
             <line x1=\"{1:.1}%\" x2=\"{2:.1}%\" y1=\"7\" y2=\"7\"/>\
             <circle cx=\"{3:.1}%\" cy=\"7\" r=\"4\"/></svg>",
            self.at(0.0),
            self.at(r.low),
            self.at(r.high),
            self.at(r.value)
        )
    }
}

/// The side of zero on which a whole interval lies.
pub(super) fn side(r: &Estimate) -> &'static str {
    if r.low > 0.0 {
        "gain"
    } else if r.high < 0.0 {
        "loss"
    } else {
        "even"
    }
}
