//! Platt's sigmoid.

use super::{Outcome, location};

/// a and b of 1 / (1 + exp(a score + b)), the maximum of the likelihood of Platt's smoothed
/// targets (Platt 1999), found by Newton steps with halving (Lin, Lin & Weng 2007).
pub(super) fn fit(outcomes: &[Outcome]) -> (f64, f64) {
    // In standard units the two numbers are of one size, and the steps well conditioned.
    let (mean, deviation) = location(outcomes);
    let standard: Vec<Outcome> =
        outcomes.iter().map(|o| Outcome { score: (o.score - mean) / deviation, ..*o }).collect();
    let targets = Targets::of(outcomes);
    let (mut a, mut b) = (0.0, -libm::log(targets.base / (1.0 - targets.base)));
    let mut loss = targets.loss(&standard, a, b);
    for _ in 0..NEWTON_MOST {
        let (step_a, step_b) = targets.newton_step(&standard, a, b);
        // So near the optimum the loss differs by rounding only, and Newton needs no watching.
        if step_a.abs().max(step_b.abs()) < 1e-4 {
            (a, b) = (a + step_a, b + step_b);
            if step_a.abs().max(step_b.abs()) < 1e-13 {
                break;
            }
            continue;
        }
        let mut part = 1.0;
        let after = |part: f64| targets.loss(&standard, a + part * step_a, b + part * step_b);
        while part > 1e-10 && after(part) > loss {
            part *= 0.5;
        }
        (a, b, loss) = (a + part * step_a, b + part * step_b, after(part).min(loss));
    }
    (a / deviation, b - a * mean / deviation)
}

/// Chosen: a convex function of two numbers needs about ten.
const NEWTON_MOST: u32 = 100;

/// 1 / (1 + exp(a score + b)), without overflow.
pub(super) fn probability(a: f64, b: f64, score: f64) -> f64 {
    let against = a * score + b;
    if against >= 0.0 {
        let odds = libm::exp(-against);
        return odds / (1.0 + odds);
    }
    1.0 / (1.0 + libm::exp(against))
}

/// What a win and a loss are taken for: not 1 and 0, so that a perfect past promises no certainty.
struct Targets {
    win: f64,
    loss: f64,
    /// The mean target.
    base: f64,
}

impl Targets {
    fn of(outcomes: &[Outcome]) -> Targets {
        let sum =
            |won: bool| -> f64 { outcomes.iter().filter(|o| o.won == won).map(|o| o.weight).sum() };
        let (won, lost) = (sum(true), sum(false));
        let (win, loss) = ((won + 1.0) / (won + 2.0), 1.0 / (lost + 2.0));
        Targets { win, loss, base: (won * win + lost * loss) / (won + lost) }
    }

    fn target(&self, outcome: &Outcome) -> f64 {
        if outcome.won { self.win } else { self.loss }
    }

    /// The negative log likelihood.
    fn loss(&self, outcomes: &[Outcome], a: f64, b: f64) -> f64 {
        let each = |o: &Outcome| {
            let against = a * o.score + b;
            // log(1 + exp(x)) for either sign of x.
            let both = against.max(0.0) + libm::log1p(libm::exp(-against.abs()));
            o.weight * (both - (1.0 - self.target(o)) * against)
        };
        outcomes.iter().map(each).sum()
    }

    fn newton_step(&self, outcomes: &[Outcome], a: f64, b: f64) -> (f64, f64) {
        // The small diagonal keeps the step finite where scores do not differ.
        let (mut aa, mut ab, mut bb) = (1e-12, 0.0, 1e-12);
        let (mut slope_a, mut slope_b) = (0.0, 0.0);
        for o in outcomes {
            let p = probability(a, b, o.score);
            let curve = o.weight * p * (1.0 - p);
            let off = o.weight * (self.target(o) - p);
            aa += curve * o.score * o.score;
            ab += curve * o.score;
            bb += curve;
            slope_a += off * o.score;
            slope_b += off;
        }
        let determinant = aa * bb - ab * ab;
        let step_a = -(bb * slope_a - ab * slope_b) / determinant;
        let step_b = -(aa * slope_b - ab * slope_a) / determinant;
        if step_a.is_finite() && step_b.is_finite() { (step_a, step_b) } else { (0.0, 0.0) }
    }
}
