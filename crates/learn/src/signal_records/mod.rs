//! A3: what each symbol earned each way in each regime, which routes are closed for it, and which components
//! say what others say.

mod route;
mod together;

use domain::{
    Amendment, COMPONENTS_MAX, Change, Cycle, Evidence, Outcome, Phase, Policy, PolicyVersion,
    Regime, Route, Side, SymbolIx, Timestamp,
};
use serde::{Deserialize, Serialize};
use stats::sequential::e_bh;

use crate::evidence::says_e;
use crate::quiet::quiet_after;
use crate::{LearnRules, Learner, LearnerReport, Rule};
use route::RouteRecord;
use together::Together;

/// Share of false ones among the routes that are closed (methods §1.3, as for killed combos).
const FALSE_FRACTION: f64 = 0.10;
/// Least relative change of a discount that is made. Chosen: a correlation is known to a twentieth after
/// some hundreds of outcomes, and what follows its noise goes up and down for ever.
const DISCOUNT_CHANGE_MIN: f64 = 0.15;
/// Routes of one symbol: two sides in every regime.
const ROUTES: usize = 2 * Regime::ALL.len();

/// Learns what routes earn and which components repeat one another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignalRecords {
    rules: LearnRules,
    outcomes: u64,
    heard: f64,
    quiet_until: f64,
    symbols: Vec<[RouteRecord; ROUTES]>,
    together: Together,
}

/// One route as it would be from now on.
struct Turn<'a> {
    route: Route,
    record: &'a RouteRecord,
    closes: bool,
}

impl SignalRecords {
    /// A learner that has heard nothing.
    pub fn new(rules: LearnRules) -> SignalRecords {
        SignalRecords {
            rules,
            outcomes: 0,
            heard: 0.0,
            quiet_until: rules.outcomes_min,
            symbols: Vec::new(),
            together: Together::new(),
        }
    }

    /// Every route on which anything was heard, in order.
    fn routes(&self) -> impl Iterator<Item = (Route, &RouteRecord)> {
        let all = self.symbols.iter().enumerate().flat_map(|(symbol, records)| {
            let route = move |at| route_of(symbol, at);
            records.iter().enumerate().map(move |(at, record)| (route(at), record))
        });
        all.filter(|(_, record)| record.outcomes() > 0)
    }

    /// Which of the routes heard are to be closed, by the rule in force.
    fn harmful(&self, routes: &[(Route, &RouteRecord)]) -> Vec<usize> {
        match self.rules.rule {
            Rule::Evidence => {
                let evidence: Vec<f64> =
                    routes.iter().map(|(_, record)| record.harm(self.rules.outcomes_min)).collect();
                e_bh(&evidence, FALSE_FRACTION)
            }
            Rule::Seed => {
                let loses = |at: &usize| routes[*at].1.loses_to_the_letter();
                (0..routes.len()).filter(loses).collect()
            }
        }
    }

    /// Evidence that the next route to be closed has to show (e-BH, Wang & Ramdas 2022).
    fn bar(&self) -> f64 {
        let routes: Vec<(Route, &RouteRecord)> = self.routes().collect();
        let closed = self.harmful(&routes).len();
        let rank = (closed + 1).min(routes.len().max(1));
        routes.len() as f64 / (FALSE_FRACTION * rank as f64)
    }

    /// Routes that change: those that open again, and those that close.
    fn turns(&self, policy: &Policy, at: Timestamp) -> Vec<Turn<'_>> {
        let routes: Vec<(Route, &RouteRecord)> = self.routes().collect();
        let harmful = self.harmful(&routes);
        let turn = |(place, &(route, record)): (usize, &(Route, &'_ RouteRecord))| {
            let is_closed = policy.closed_routes.binary_search(&route).is_ok();
            let closes = !is_closed && harmful.binary_search(&place).is_ok();
            let opens = is_closed && record.opens(&self.rules, at);
            (closes || opens).then_some((route, place, closes))
        };
        let turns: Vec<(Route, usize, bool)> = routes.iter().enumerate().filter_map(turn).collect();
        turns
            .into_iter()
            .map(|(route, place, closes)| Turn { route, record: routes[place].1, closes })
            .collect()
    }

    fn routing(&self, policy: &Policy, at: Timestamp) -> Option<Amendment> {
        let turns = self.turns(policy, at);
        if turns.is_empty() {
            return None;
        }
        let opened = |route: &Route| turns.iter().any(|turn| !turn.closes && turn.route == *route);
        let mut closed = policy.closed_routes.clone();
        closed.retain(|route| !opened(route));
        closed.extend(turns.iter().filter(|turn| turn.closes).map(|turn| turn.route));
        closed.sort_unstable();
        let weakest = turns.iter().min_by(|a, b| a.evidence().total_cmp(&b.evidence()))?;
        let effective = turns.iter().map(|turn| turn.record.rests_on(self.rules.rule));
        Some(Amendment {
            learner: self.name().to_owned(),
            change: Change::ClosedRoutes(closed),
            evidence: Evidence {
                outcomes: turns.iter().map(|turn| turn.record.outcomes()).sum(),
                outcomes_effective: effective.fold(f64::INFINITY, f64::min),
                e_value: (self.rules.rule == Rule::Evidence).then(|| weakest.evidence()),
                effect: Some(weakest.record.effect()),
                says: turns.iter().map(Turn::says).collect::<Vec<_>>().join("; "),
                ..Evidence::default()
            },
        })
    }

    fn discounting(&self, policy: &Policy) -> Option<Amendment> {
        let outcomes_effective = self.together.heard();
        if self.heard < self.quiet_until || outcomes_effective < self.rules.outcomes_min {
            return None;
        }
        let standing = policy.component_discounts;
        let wanted = self.together.discounts(self.rules.outcomes_min);
        let is_worth_it =
            |at: usize| (wanted[at] / standing[at] - 1.0).abs() >= DISCOUNT_CHANGE_MIN;
        let moved: [f64; COMPONENTS_MAX] =
            std::array::from_fn(|at| if is_worth_it(at) { wanted[at] } else { standing[at] });
        (moved != standing).then(|| Amendment {
            learner: self.name().to_owned(),
            change: Change::ComponentDiscounts(moved),
            evidence: Evidence {
                says: self.together.says(self.rules.outcomes_min),
                ..Evidence::of(self.outcomes, outcomes_effective)
            },
        })
    }

    fn record(&mut self, route: Route) -> &mut RouteRecord {
        let symbol = route.symbol.at();
        if self.symbols.len() <= symbol {
            self.symbols.resize_with(symbol + 1, || std::array::from_fn(|_| RouteRecord::new()));
        }
        &mut self.symbols[symbol][place_of(route)]
    }
}

impl Turn<'_> {
    /// What speaks for the turn.
    fn evidence(&self) -> f64 {
        if self.closes { self.record.harm(0.0) } else { self.record.way_back() }
    }

    fn says(&self) -> String {
        let turn = if self.closes { "closed" } else { "open again" };
        let evidence = self.evidence();
        format!("{} {turn}: {}, e = {}", named(self.route), self.record.says(), says_e(evidence))
    }
}

impl Learner for SignalRecords {
    fn name(&self) -> &'static str {
        "signal_records"
    }

    fn cycle(&self) -> Cycle {
        Cycle::Nightly(Phase::Learning)
    }

    fn observe(&mut self, outcome: &Outcome) {
        self.outcomes += 1;
        self.heard += outcome.uniqueness;
        let (symbol, side) = (outcome.symbol, outcome.side);
        let route = Route { symbol, side, regime: outcome.climate.regime };
        let outcomes_min = self.rules.outcomes_min;
        self.record(route).hear(outcome, outcomes_min);
        self.together.hear(outcome, self.rules.keep_fraction);
    }

    fn propose(&self, policy: &Policy, at: Timestamp) -> Vec<Amendment> {
        self.routing(policy, at).into_iter().chain(self.discounting(policy)).collect()
    }

    fn starved(&self, _: &Policy) -> Vec<String> {
        let needed = self.rules.outcomes_min;
        let starved = self.routes().filter(|(_, record)| record.count() < needed);
        let says = starved.map(|(route, record)| {
            let count = record.count();
            format!("{count:.0} of {needed:.0} effective outcomes of {}", named(route))
        });
        says.collect()
    }

    fn report(&self, policy: &Policy) -> LearnerReport {
        let needed = self.rules.outcomes_min;
        let mut report = LearnerReport {
            heard: self.outcomes,
            heard_effective: self.heard,
            starved: self.starved(policy),
            ..LearnerReport::default()
        };
        let bar = self.bar();
        for (route, record) in self.routes().filter(|(_, record)| record.count() >= needed) {
            let is_closed = policy.closed_routes.binary_search(&route).is_ok();
            let stands = if is_closed { "closed" } else { "open" };
            let evidence = record.says_evidence(self.rules.rule, bar);
            let record = record.says();
            report.beliefs.push(format!("{} is {stands}: {record}, {evidence}", named(route)));
        }
        report.beliefs.push(self.together.says(needed));
        report
    }

    fn adopt(&mut self, version: &PolicyVersion) {
        let closed = &version.policy.closed_routes;
        // A policy that came from elsewhere may close what was never heard of here.
        for &route in closed {
            self.record(route);
        }
        for (symbol, records) in self.symbols.iter_mut().enumerate() {
            for (at, record) in records.iter_mut().enumerate() {
                let is_closed = closed.binary_search(&route_of(symbol, at)).is_ok();
                record.stand(is_closed, version.at);
            }
        }
        if let Some(quiet) = quiet_after(version, self.name(), &self.rules) {
            self.quiet_until = self.quiet_until.max(self.heard + quiet);
        }
    }

    fn save(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("numbers always serialise")
    }

    fn load(&mut self, saved: &[u8]) -> bool {
        postcard::from_bytes(saved).map(|read| *self = read).is_ok()
    }
}

/// Where a route's record lies among its symbol's.
fn place_of(route: Route) -> usize {
    match route.side {
        Side::Long => route.regime.at(),
        Side::Short => Regime::ALL.len() + route.regime.at(),
    }
}

/// The route whose record lies there.
fn route_of(symbol: usize, at: usize) -> Route {
    let regimes = Regime::ALL.len();
    let side = if at < regimes { Side::Long } else { Side::Short };
    Route { symbol: SymbolIx(symbol as u16), side, regime: Regime::ALL[at % regimes] }
}

/// A route in words. Learners know symbols by their places only.
fn named(route: Route) -> String {
    format!("symbol {} {} in {}", route.symbol.0, route.side.name(), route.regime.name())
}
