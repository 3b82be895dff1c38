//! PAL (mission row P6): would adding, holding longer or taking a part have paid, and how long was best?
//!
//! Analysis for every close, a recommendation only on a winner's, and only where what is known of *all* closes
//! speaks for it: among winners alone leaving early never paid and among losers it always did, because there the
//! end is known.

use domain::{Effect, Outcome, PilClass, WhatIf, WhatIfOutcome};
use serde::{Deserialize, Serialize};

use crate::evidence::says_e;
use crate::hold_curve::HoldCurve;
use crate::paired::PairedGains;

/// Effective pairs before anything is recommended, and closes before a hold is called best.
const PAIRS_MIN: f64 = 50.0;
/// The chance that any of the recommendations is luck, divided among the what-ifs asked.
const ALPHA: f64 = 0.05;

/// What is known of one what-if.
#[derive(Clone, Debug, PartialEq)]
pub struct PalFinding {
    /// Which other plan.
    pub what_if: WhatIf,
    /// Of closes of this class; of all where there is none.
    pub class: Option<PilClass>,
    /// Pairs of executed decisions.
    pub pairs: u64,
    /// The same with overlap discounted.
    pub pairs_effective: f64,
    /// Mean gain over the plan with its 95 % interval, units of initial risk.
    pub gain: Option<Effect>,
    /// Evidence that it gains; nothing for a class, which is known only at the end.
    pub e_value: Option<f64>,
    /// Whether it may be recommended.
    pub is_recommended: bool,
    /// The same as a sentence.
    pub says: String,
}

/// The hold that came to most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BestHold {
    /// As a share of the longest hold: the shortest within one standard error of the best.
    pub share: f64,
    /// Its mean result, units of initial risk.
    pub mean_r: f64,
    /// The mean result of the whole hold.
    pub whole_r: f64,
    /// Closes behind it, overlap discounted.
    pub outcomes_effective: f64,
}

/// What executed decisions would have come to under other exits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pal {
    all: Vec<PairedGains>,
    winners: Vec<PairedGains>,
    holds: HoldCurve,
}

impl Default for Pal {
    fn default() -> Pal {
        let none = || WhatIf::ALL.map(PairedGains::of).to_vec();
        Pal { all: none(), winners: none(), holds: HoldCurve::default() }
    }
}

impl Pal {
    /// Hears an executed decision's outcome.
    pub fn observe(&mut self, outcome: &Outcome) {
        if outcome.standing.is_executed() {
            self.holds.hear(outcome);
        }
    }

    /// Hears how an executed decision would have turned out under another plan.
    pub fn observe_what_if(&mut self, pair: &WhatIfOutcome) {
        if !pair.was_executed {
            return;
        }
        self.all[pair.what_if as usize].hear(pair);
        if PilClass::of_closed(pair.r) == PilClass::Winner {
            self.winners[pair.what_if as usize].hear(pair);
        }
    }

    /// What may be recommended at the close of a position of this class.
    pub fn recommendations(&self, class: PilClass) -> Vec<WhatIf> {
        let holds = class == PilClass::Winner;
        let paid = |what_if: &WhatIf| holds && self.has_paid(*what_if);
        WhatIf::ALL.into_iter().filter(paid).collect()
    }

    /// Whether another plan has been shown to gain: by the interval's lower end, and by evidence that holds at
    /// every look.
    fn has_paid(&self, what_if: WhatIf) -> bool {
        let known = &self.all[what_if as usize];
        let needed = WhatIf::ALL.len() as f64 / ALPHA;
        // Taking a part makes results steadier; what it seems to earn on top is no reason of its own.
        let is_reason = what_if != WhatIf::PartialHalf || known.is_steadier();
        is_reason
            && known.effective() >= PAIRS_MIN
            && known.e_value() >= needed
            && known.mean().is_some_and(|gain| gain.low > 0.0)
    }

    /// Everything known, per what-if: of all closes, then of winners.
    pub fn findings(&self) -> Vec<PalFinding> {
        let of_all = WhatIf::ALL.map(|what_if| {
            let known = &self.all[what_if as usize];
            finding(what_if, None, known, self.has_paid(what_if))
        });
        let of_winners = WhatIf::ALL.map(|what_if| {
            finding(what_if, Some(PilClass::Winner), &self.winners[what_if as usize], false)
        });
        of_all.into_iter().chain(of_winners).collect()
    }

    /// The hold that came to most; nothing before fifty effective closes.
    pub fn best_hold(&self) -> Option<BestHold> {
        if self.holds.effective() < PAIRS_MIN {
            return None;
        }
        let at = self.holds.shortest_of_the_best()?;
        Some(BestHold {
            share: HoldCurve::share(at),
            mean_r: self.holds.mean(at)?,
            whole_r: self.holds.mean(domain::Marks::COUNT)?,
            outcomes_effective: self.holds.effective(),
        })
    }
}

fn finding(
    what_if: WhatIf,
    class: Option<PilClass>,
    known: &PairedGains,
    is_recommended: bool,
) -> PalFinding {
    let gain = known.mean();
    let of = class.map_or("all", |class| class.name());
    let numbers = gain.map_or("no interval yet".to_owned(), |gain| {
        format!("{:+.3} R ({:+.3} to {:+.3})", gain.mean, gain.low, gain.high)
    });
    let worth = match class {
        None if is_recommended => format!("has paid, e = {}", says_e(known.e_value())),
        None => format!("no evidence yet, e = {}", says_e(known.e_value())),
        Some(_) => "seen from the end, so no evidence".to_owned(),
    };
    PalFinding {
        what_if,
        class,
        pairs: known.pairs,
        pairs_effective: known.effective(),
        gain,
        e_value: class.is_none().then(|| known.e_value()),
        is_recommended,
        says: format!(
            "{} of {of} closes: {numbers} over {:.0} effective pairs; {worth}",
            what_if.name(),
            known.effective()
        ),
    }
}
