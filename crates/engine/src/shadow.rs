//! One declined decision, followed under the same exits and laws as if it had been taken.

use domain::{
    Bar, Basis, Climate, Decision, DecisionId, ExitPlan, ExitReason, Grid, Marks, Outcome,
    Position, Side, Standing, StrategyIx, SymbolIx, Timestamp, Votes,
};
use laws::{
    Costs, Levels, RoundTrip, Touch, Touched, funding_paid, leaves_at_close, leaves_from, mark_at,
    protection, settle, slippage_bps, touch, trailed_stop,
};
use serde::{Deserialize, Serialize};

use crate::cascade::Ended;

/// What a shadow is made of when it is declined.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Declined {
    pub(crate) decision_no: u64,
    pub(crate) decision: DecisionId,
    pub(crate) strategy: StrategyIx,
    pub(crate) side: Side,
    pub(crate) standing: Standing,
    pub(crate) refused: u16,
    pub(crate) conviction: f64,
    pub(crate) climate: Climate,
    pub(crate) basis: Basis,
    pub(crate) votes: Votes,
    pub(crate) plan: ExitPlan,
    pub(crate) decided_at: Timestamp,
}

impl Declined {
    /// A decision, to be followed as if it had been declined.
    pub(crate) fn of(decision: &Decision) -> Declined {
        Declined {
            decision_no: decision.no,
            decision: decision.id,
            strategy: decision.strategy,
            side: decision.signal.side,
            standing: decision.standing,
            refused: decision.verdicts.refused(),
            conviction: decision.signal.conviction,
            climate: decision.climate,
            basis: decision.basis,
            votes: decision.signal.votes,
            plan: decision.plan,
            decided_at: decision.decided_at,
        }
    }

    /// An executed decision of which nothing was filled.
    pub(crate) fn unfilled(position: &Position) -> Declined {
        Declined {
            decision_no: position.decision_no,
            decision: position.decision,
            strategy: position.strategy,
            side: position.side,
            standing: Standing::Unfilled,
            refused: position.refused,
            conviction: position.conviction,
            climate: position.climate,
            basis: position.basis,
            votes: position.votes,
            plan: position.plan,
            decided_at: position.decided_at,
        }
    }
}

/// What a shadow obeys, the same as a position at the venue.
#[derive(Clone, Copy)]
pub(crate) struct Laws {
    pub(crate) symbol: SymbolIx,
    pub(crate) costs: Costs,
    pub(crate) grid: Grid,
    pub(crate) seed: u64,
    /// A bar and the latency: see [`leaves_at_close`].
    pub(crate) lead_ms: i64,
}

/// A shadow that has entered.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Shadow {
    pub(crate) declined: Declined,
    pub(crate) entry: f64,
    entry_shown: f64,
    exit_slip_bps: f64,
    pub(crate) levels: Levels,
    stop_first: f64,
    /// Where the market was when a part left, if it has.
    part_left_at: Option<f64>,
    pub(crate) funding_fraction: f64,
    marks: Marks,
    opened_at: Timestamp,
    /// Number of the bar at whose open it entered.
    opened_no: u64,
    overlap_at_open: f64,
}

/// What of a shadow every bar is compared with. Between its prices, and before its moment, a bar changes
/// nothing but how far price has been: the rest of the shadow need not be touched.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Watch {
    pub(crate) below: f64,
    pub(crate) above: f64,
    pub(crate) until: Timestamp,
    pub(crate) high: f64,
    pub(crate) low: f64,
    /// The decision's number, to find the oldest by.
    pub(crate) decision_no: u64,
}

/// Every bar reads all of them: two thousand fit into the second cache of a small machine.
const _: () = assert!(size_of::<Watch>() <= 48, "a watch is what every bar reads");

/// What a bar makes of an open shadow.
pub(crate) enum Next {
    /// It stays open.
    Stays,
    /// It is to leave at the next price it can have.
    Leaves(ExitReason),
    /// It ended within the bar, at this market price.
    Ends(f64, ExitReason),
}

/// Where and when a shadow ends.
pub(crate) struct Ending {
    pub(crate) at: Timestamp,
    pub(crate) market: f64,
    pub(crate) reason: ExitReason,
    /// Number of the first bar it did not live through.
    pub(crate) bar_no: u64,
}

impl Watch {
    /// Whether a bar passes without anything happening.
    pub(crate) fn is_quiet(&self, bar: &Bar) -> bool {
        bar.low() > self.below && bar.high() < self.above && bar.closed_at() < self.until
    }

    /// Takes in how far price has been.
    pub(crate) fn see(&mut self, bar: &Bar) {
        self.high = self.high.max(bar.high());
        self.low = self.low.min(bar.low());
    }
}

impl Shadow {
    /// Enters as the venue would have it: on the grid, and rounded against us.
    pub(crate) fn enter(
        declined: &Declined,
        bar: &Bar,
        bar_no: u64,
        laws: &Laws,
        overlap: f64,
    ) -> (Shadow, Watch) {
        let Laws { costs, grid, seed, .. } = laws;
        let (side, plan) = (declined.side, &declined.plan);
        let [entry_slip_bps, exit_slip_bps] = slippage_bps(costs, *seed, declined.decision);
        let entry = grid.against(side, costs.fill_price(side, bar.open(), entry_slip_bps));
        let levels = Levels::around(side, entry, &protection(plan), *grid);
        let shadow = Shadow {
            declined: *declined,
            entry,
            entry_shown: bar.open(),
            exit_slip_bps,
            levels,
            stop_first: levels.stop,
            part_left_at: None,
            funding_fraction: 0.0,
            marks: Marks::default(),
            opened_at: bar.opened_at(),
            opened_no: bar_no,
            overlap_at_open: overlap,
        };
        let mut watch = Watch {
            below: 0.0,
            above: 0.0,
            until: bar.opened_at(),
            high: bar.open(),
            low: bar.open(),
            decision_no: declined.decision_no,
        };
        shadow.look_out(&mut watch, laws);
        (shadow, watch)
    }

    /// Lets it meet a bar in which something may happen to it.
    pub(crate) fn meet(&mut self, bar: &Bar, watch: &mut Watch, laws: &Laws) -> Next {
        if let Some((market, reason)) = self.touched(bar) {
            return Next::Ends(market, reason);
        }
        watch.see(bar);
        self.note_marks(bar, laws);
        let plan = &self.declined.plan;
        if let Some(reason) = leaves_at_close(plan, self.opened_at, bar.closed_at(), laws.lead_ms) {
            return Next::Leaves(reason);
        }
        self.follow(watch, laws.grid);
        self.look_out(watch, laws);
        Next::Stays
    }

    /// What the bar touches of what a venue would hold; the market price it ended at, and why.
    pub(crate) fn touched(&mut self, bar: &Bar) -> Option<(f64, ExitReason)> {
        let Touched { partial, end } = touch(bar, self.declined.side, &self.levels);
        if partial.is_some() {
            self.part_left_at = partial;
            self.levels.partial = None;
        }
        Some(match end? {
            Touch::Target(market) => (market, ExitReason::Target),
            Touch::Liquidation(market) => (market, ExitReason::Liquidated),
            Touch::Stop(market) if self.levels.stop == self.stop_first => {
                (market, ExitReason::Stop)
            }
            Touch::Stop(market) => (market, ExitReason::TrailingStop),
        })
    }

    /// The stop follows the best price; it acts from the next bar.
    fn follow(&mut self, watch: &Watch, grid: Grid) {
        let Declined { side, plan, .. } = &self.declined;
        let Some(trail) = &plan.trail else { return };
        let stood = self.levels.stop;
        let followed = trailed_stop(*side, self.entry, best(*side, watch), stood, trail);
        // Most bars bring no new best price, and nothing to put on the grid.
        if followed != stood {
            let moved = grid.near(followed);
            if side.sign() * (moved - stood) > 0.0 {
                self.levels.stop = moved;
            }
        }
    }

    /// Notes the result so far at the marks that this bar's close has come to.
    fn note_marks(&mut self, bar: &Bar, laws: &Laws) {
        while let Some(next) = self.marks.next() {
            if bar.closed_at() < mark_at(&self.declined.plan, self.opened_at, next) {
                break;
            }
            self.marks.reach(self.r_so_far(bar.close(), laws));
        }
    }

    /// The result if what is left of it were worth `market`, before what leaving costs.
    fn r_so_far(&self, market: f64, laws: &Laws) -> f64 {
        let (share, part_market) = self.left_early();
        let part = if share > 0.0 { share * self.left_at(part_market, laws) } else { 0.0 };
        let trip = RoundTrip {
            side: self.declined.side,
            entry: self.entry,
            exit: part + (1.0 - share) * market,
            exit_charged: part,
            funding_fraction: self.funding_fraction,
            stop_fraction: self.declined.plan.stop_fraction,
        };
        settle(&laws.costs, &trip).r
    }

    /// Tells the watch when and at which prices to look here again: at a mark or when it is to leave, where a
    /// level acts, or where the stop follows.
    pub(crate) fn look_out(&self, watch: &mut Watch, laws: &Laws) {
        // The start is asked for a hair early; what follows from it is decided exactly.
        const EARLY: f64 = 1.0 - 1e-9;
        let Declined { side, plan, .. } = &self.declined;
        let leaves = leaves_from(plan, self.opened_at, laws.lead_ms);
        let mark = self.marks.next().map(|next| mark_at(plan, self.opened_at, next));
        watch.until = mark.map_or(leaves, |mark| leaves.min(mark));
        (watch.below, watch.above) = self.levels.nearest(*side);
        let Some(trail) = &plan.trail else { return };
        let starts = self.entry * (1.0 + side.sign() * trail.after_fraction * EARLY);
        match side {
            Side::Long => watch.above = watch.above.min(starts.max(watch.high)),
            Side::Short => watch.below = watch.below.max(starts.min(watch.low)),
        }
    }

    /// Pays funding on what is left of it, worth what it was at the last close.
    pub(crate) fn pay_funding(&mut self, rate: f64, close: f64) {
        let left_fraction = 1.0 - self.left_early().0;
        let notional = left_fraction * close / self.entry;
        self.funding_fraction += funding_paid(self.declined.side, rate, notional);
    }

    /// The share that has left early and what the market showed then.
    fn left_early(&self) -> (f64, f64) {
        match (self.part_left_at, self.declined.plan.partial) {
            (Some(market), Some(partial)) => (partial.share_fraction, market),
            _ => (0.0, 0.0),
        }
    }

    /// The price at which it leaves where the market shows `market`.
    fn left_at(&self, market: f64, laws: &Laws) -> f64 {
        let side = self.declined.side.opposite();
        laws.grid.against(side, laws.costs.fill_price(side, market, self.exit_slip_bps))
    }

    /// The price at which what is left of it ends, and what of that the venue charges a fee on: what it takes
    /// over costs the margin and nothing on top of it.
    pub(crate) fn exit(&self, ending: &Ending, laws: &Laws) -> (f64, f64) {
        if ending.reason == ExitReason::Liquidated {
            return (ending.market, 0.0);
        }
        let price = self.left_at(ending.market, laws);
        (price, price)
    }

    /// The stop moves to the entry, if it is not closer; it acts from the next bar.
    pub(crate) fn stop_at_entry(&mut self, laws: &Laws) {
        let entry = laws.grid.near(self.entry);
        self.levels.stop = match self.declined.side {
            Side::Long => self.levels.stop.max(entry),
            Side::Short => self.levels.stop.min(entry),
        };
    }

    pub(crate) fn end(&self, ending: &Ending, watch: &Watch, laws: &Laws) -> Ended {
        let Declined { side, plan, .. } = self.declined;
        let Ending { market, reason, .. } = *ending;
        let (share, part_market) = self.left_early();
        let part = if share > 0.0 { share * self.left_at(part_market, laws) } else { 0.0 };
        let (rest, rest_charged) = self.exit(ending, laws);
        let trip = RoundTrip {
            side,
            entry: self.entry,
            exit: part + (1.0 - share) * rest,
            exit_charged: part + (1.0 - share) * rest_charged,
            funding_fraction: self.funding_fraction,
            stop_fraction: plan.stop_fraction,
        };
        let settled = settle(&laws.costs, &trip);
        let moves = Excursion::of(side, self.entry, watch.high.max(market), watch.low.min(market));
        // Without costs it would have earned the difference of what the market showed.
        let shown = share * part_market + (1.0 - share) * market;
        let shown_fraction = side.sign() * (shown - self.entry_shown) / self.entry;
        let cost_fraction = shown_fraction - settled.net_fraction - self.funding_fraction;
        Ended {
            overlap_at_open: self.overlap_at_open,
            within_bar: is_within_bar(reason),
            outcome: Outcome {
                exit: trip.exit,
                closed_at: ending.at,
                reason,
                r: settled.r,
                net_bps: settled.net_fraction * 1e4,
                cost_bps: cost_fraction * 1e4,
                funding_bps: self.funding_fraction * 1e4,
                favourable_bps: moves.favourable_bps,
                adverse_bps: moves.adverse_bps,
                near_target: reason != ExitReason::Target
                    && plan.nearly_reached(moves.favourable_bps),
                bars: (ending.bar_no - self.opened_no) as u32,
                ..self.opened(laws.symbol)
            },
        }
    }

    /// Its outcome as far as it was known when it opened.
    fn opened(&self, symbol: SymbolIx) -> Outcome {
        let declined = &self.declined;
        Outcome {
            decision_no: declined.decision_no,
            decision: declined.decision,
            symbol,
            strategy: declined.strategy,
            side: declined.side,
            standing: declined.standing,
            refused: declined.refused,
            votes: declined.votes,
            conviction: declined.conviction,
            climate: declined.climate,
            decided_at: declined.decided_at,
            opened_at: self.opened_at,
            closed_at: self.opened_at,
            entry: self.entry,
            exit: self.entry,
            reason: ExitReason::Gap,
            r: 0.0,
            net_bps: 0.0,
            cost_bps: 0.0,
            funding_bps: 0.0,
            favourable_bps: 0.0,
            adverse_bps: 0.0,
            near_target: false,
            bars: 0,
            uniqueness: 1.0,
            basis: declined.basis,
            marks: self.marks,
        }
    }
}

/// The price that went farthest in favour.
pub(crate) fn best(side: Side, watch: &Watch) -> f64 {
    if side == Side::Long { watch.high } else { watch.low }
}

/// Whether what ended so ended inside a bar and not at its open.
fn is_within_bar(reason: ExitReason) -> bool {
    matches!(
        reason,
        ExitReason::Stop | ExitReason::TrailingStop | ExitReason::Target | ExitReason::Liquidated
    )
}

/// How far price went for and against a position.
pub(crate) struct Excursion {
    pub(crate) favourable_bps: f64,
    pub(crate) adverse_bps: f64,
}

impl Excursion {
    pub(crate) fn of(side: Side, entry: f64, high: f64, low: f64) -> Excursion {
        let (up, down) = ((high / entry - 1.0) * 1e4, (1.0 - low / entry) * 1e4);
        let (favourable, adverse) = if side == Side::Long { (up, down) } else { (down, up) };
        Excursion { favourable_bps: favourable.max(0.0), adverse_bps: adverse.max(0.0) }
    }
}
