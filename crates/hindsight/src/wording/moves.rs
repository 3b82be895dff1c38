//! What differs between two policies, part by part.

use domain::{
    COMPONENT_NAMES, COMPONENTS_MAX, Change, DailyRule, HORIZONS, HeadName, Policy, SilencedBy,
    Threshold,
};

use super::Names;

/// One value that moved.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Moved {
    /// The part of the policy, as [`Change::what`] calls it.
    pub(crate) part: &'static str,
    /// Which value of it; empty where the part is one value.
    pub(crate) of: String,
    /// What it was.
    pub(crate) was: String,
    /// What it is.
    pub(crate) now: String,
    /// By how much of itself it moved; 0 where that says nothing.
    pub(crate) relative: f64,
}

impl Moved {
    /// `order_flow 0.148 to 0.161 (+8.8 %)`.
    pub(crate) fn text(&self) -> String {
        let of = if self.of.is_empty() { String::new() } else { format!("{} ", self.of) };
        let by = if self.relative == 0.0 {
            String::new()
        } else {
            format!(" ({:+.1} %)", self.relative * 100.0)
        };
        match (self.was.as_str(), self.now.as_str()) {
            ("", now) => format!("{of}{now}"),
            (was, now) => format!("{of}{was} to {now}{by}"),
        }
    }
}

/// Less than a thousandth of itself is not worth a word.
const TOLD_FRACTION: f64 = 0.001;

/// What one amendment of the version changed.
pub(crate) fn moves_of(
    change: &Change,
    before: &Policy,
    after: &Policy,
    names: &Names,
) -> Vec<Moved> {
    let mut all = moves(before, after, names);
    if !matches!(change, Change::TakeBack(_)) {
        all.retain(|moved| moved.part == change.what());
    }
    all
}

/// Everything that differs, in the order of the policy.
pub(crate) fn moves(before: &Policy, after: &Policy, names: &Names) -> Vec<Moved> {
    let mut found = Found(Vec::new());
    weights(before, after, &mut found);
    gates(before, after, names, &mut found);
    calibrations(before, after, names, &mut found);
    let level = |at: usize| format!("level {}", at + 1);
    found.list("sizes by conviction", &before.conviction_sizes, &after.conviction_sizes, level);
    found.list("sizes by edge", &before.edge_sizes, &after.edge_sizes, level);
    combos(before, after, names, &mut found);
    exits(before, after, names, &mut found);
    let strategy = |at| names.strategy(at);
    found.list("shares of strategies", &before.strategy_shares, &after.strategy_shares, strategy);
    let symbol = |at: usize| names.symbol(domain::SymbolIx(at as u16));
    found.list("shares of symbols", &before.symbol_shares, &after.symbol_shares, symbol);
    let venue = |at| format!("venue {at}");
    fast_layer(before, after, &mut found);
    found.list("shares of venues", &before.venue_shares, &after.venue_shares, venue);
    found.list("symbol factors", &before.symbol_factors, &after.symbol_factors, symbol);
    let hour = |at| format!("{at}:00");
    found.list("hour factors", &before.hour_factors, &after.hour_factors, hour);
    rules(before, after, names, &mut found);
    by_person(before, after, names, &mut found);
    found.0
}

struct Found(Vec<Moved>);

impl Found {
    fn number(&mut self, part: &'static str, of: String, was: f64, now: f64) {
        let relative = if was == 0.0 { 0.0 } else { now / was - 1.0 };
        let moved = if was == 0.0 { now != 0.0 } else { relative.abs() >= TOLD_FRACTION };
        if moved {
            let (was, now) = (plain(was), plain(now));
            self.0.push(Moved { part, of, was, now, relative });
        }
    }

    /// Factors; those that are not said are 1.
    fn list(
        &mut self,
        part: &'static str,
        before: &[f64],
        after: &[f64],
        name: impl Fn(usize) -> String,
    ) {
        for at in 0..before.len().max(after.len()) {
            let value = |list: &[f64]| list.get(at).copied().unwrap_or(1.0);
            self.number(part, name(at), value(before), value(after));
        }
    }

    fn word(&mut self, part: &'static str, of: String, now: impl Into<String>) {
        self.0.push(Moved { part, of, was: String::new(), now: now.into(), relative: 0.0 });
    }
}

/// Three digits behind the point for what is small, fewer for what is not.
fn plain(value: f64) -> String {
    if value.abs() >= 10.0 { format!("{value:.1}") } else { format!("{value:.3}") }
}

fn weights(before: &Policy, after: &Policy, found: &mut Found) {
    for head in HeadName::ALL {
        let (was, now) = (before.head_weights[head.at()], after.head_weights[head.at()]);
        found.number("head weights", head.name().to_owned(), was, now);
    }
    for (at, name) in COMPONENT_NAMES.into_iter().enumerate() {
        let name = name.to_owned();
        let (was, now) = (before.component_weights[at], after.component_weights[at]);
        found.number("component weights", name.clone(), was, now);
        let horizon = |places: &[u8; COMPONENTS_MAX]| {
            HORIZONS.get(usize::from(places[at])).map_or("?", |horizon| horizon.name)
        };
        let (was, now) = (horizon(&before.component_horizons), horizon(&after.component_horizons));
        if was != now {
            let (was, now) = (was.to_owned(), now.to_owned());
            let of = format!("best horizon of {name}");
            found.0.push(Moved { part: "component weights", of, was, now, relative: 0.0 });
        }
        let (was, now) = (before.component_discounts[at], after.component_discounts[at]);
        found.number("component discounts", format!("discount of {name}"), was, now);
    }
    for (at, horizon) in HORIZONS.iter().enumerate() {
        let (was, now) = (before.horizon_weights[at], after.horizon_weights[at]);
        found.number("horizon weights", horizon.name.to_owned(), was, now);
    }
}

fn gates(before: &Policy, after: &Policy, names: &Names, found: &mut Found) {
    for threshold in Threshold::ALL {
        let (was, now) = (threshold.of(&before.gates), threshold.of(&after.gates));
        found.number(threshold.gate(), String::new(), was, now);
    }
    if before.slices != after.slices {
        for slice in after.slices.iter().filter(|slice| !before.slices.contains(slice)) {
            let of = names.conditions(&[slice.when]);
            found.word("slices", of, format!("asks for conviction {:.2}", slice.conviction_min));
        }
        let gone =
            before.slices.iter().filter(|old| !after.slices.iter().any(|s| s.when == old.when));
        for slice in gone {
            found.word(
                "slices",
                names.conditions(&[slice.when]),
                "asks for what it asks everywhere",
            );
        }
    }
}

fn calibrations(before: &Policy, after: &Policy, names: &Names, found: &mut Found) {
    for at in 0..before.calibrations.len().max(after.calibrations.len()) {
        for conviction in [0.4, 0.8] {
            let worth = |policy: &Policy| {
                policy.calibrations.get(at).and_then(|one| one.probability(conviction))
            };
            let of = format!("{} at conviction {conviction:.1}", names.strategy(at));
            let percent = |p: f64| format!("{:.1} %", p * 100.0);
            match (worth(before), worth(after)) {
                (Some(was), Some(now)) if (was - now).abs() >= TOLD_FRACTION => {
                    let (was, now) = (percent(was), percent(now));
                    found.0.push(Moved { part: "calibration", of, was, now, relative: 0.0 });
                }
                (None, Some(now)) => {
                    found.word("calibration", of, format!("ends above zero in {}", percent(now)));
                }
                (Some(_), None) => found.word("calibration", of, "is not known any more"),
                _ => {}
            }
        }
    }
}

fn fast_layer(before: &Policy, after: &Policy, found: &mut Found) {
    let (was, now) = (&before.fast_layer, &after.fast_layer);
    let amounts = |layer: &domain::FastLayer| {
        let slopes = domain::ModelKind::ALL.map(|kind| (kind.name(), layer.slopes[kind.at()]));
        [("bias", layer.bias)].into_iter().chain(slopes)
    };
    for ((of, was), (_, now)) in amounts(was).zip(amounts(now)) {
        if (was - now).abs() >= TOLD_FRACTION {
            let (was, now) = (format!("{was:+.3}"), format!("{now:+.3}"));
            found.0.push(Moved { part: "fast layer", of: of.to_owned(), was, now, relative: 0.0 });
        }
    }
}

fn combos(before: &Policy, after: &Policy, names: &Names, found: &mut Found) {
    for combo in after.killed.iter().filter(|combo| !before.killed.contains(combo)) {
        found.word("killed combos", names.combo(*combo), "is not traded any more");
    }
    for combo in before.killed.iter().filter(|combo| !after.killed.contains(combo)) {
        found.word("killed combos", names.combo(*combo), "is traded again");
    }
    let factor = |policy: &Policy, combo| {
        policy.throttles.iter().find(|one| one.combo == combo).map_or(1.0, |one| one.factor)
    };
    let mut combos: Vec<_> =
        before.throttles.iter().chain(&after.throttles).map(|one| one.combo).collect();
    combos.sort_unstable();
    combos.dedup();
    for combo in combos {
        let (was, now) = (factor(before, combo), factor(after, combo));
        found.number("throttled combos", names.combo(combo), was, now);
    }
    let route = |route: &domain::Route| {
        format!("{} in {}", names.way(route.symbol, route.side), route.regime.name())
    };
    for one in after.closed_routes.iter().filter(|one| !before.closed_routes.contains(one)) {
        found.word("closed routes", route(one), "is not entered any more");
    }
    for one in before.closed_routes.iter().filter(|one| !after.closed_routes.contains(one)) {
        found.word("closed routes", route(one), "is entered again");
    }
}

fn exits(before: &Policy, after: &Policy, names: &Names, found: &mut Found) {
    for at in 0..before.exits.len().max(after.exits.len()) {
        let of = |policy: &Policy| policy.exits_of(domain::StrategyIx(at as u8));
        let (was, now) = (of(before), of(after));
        let name = |what: &str| format!("{what} of {}", names.strategy(at));
        found.number("exits", name("stop"), was.stop, now.stop);
        found.number("exits", name("target"), was.target, now.target);
        found.number("exits", name("longest hold"), was.hold, now.hold);
        found.number(
            "exits",
            name("share that leaves early"),
            was.partial_share,
            now.partial_share,
        );
    }
}

fn rules(before: &Policy, after: &Policy, names: &Names, found: &mut Found) {
    let same = |one: &DailyRule, other: &DailyRule| one.when == other.when;
    for rule in &after.rules {
        let of = names.conditions(&rule.when);
        match before.rules.iter().find(|old| same(old, rule)) {
            None => found.word("daily rules", of, format!("stakes times {:.2}", rule.factor)),
            Some(old) => found.number("daily rules", of, old.factor, rule.factor),
        }
    }
    for rule in before.rules.iter().filter(|old| !after.rules.iter().any(|r| same(r, old))) {
        found.word("daily rules", names.conditions(&rule.when), "holds no longer");
    }
}

fn by_person(before: &Policy, after: &Policy, names: &Names, found: &mut Found) {
    for pin in after.pins.iter().filter(|pin| !before.pins.contains(pin)) {
        found.word("pins", names.pinned(pin.value), format!("is held at {}", plain(pin.at)));
    }
    let gone = before.pins.iter().filter(|old| !after.pins.iter().any(|p| p.value == old.value));
    for pin in gone {
        found.word("pins", names.pinned(pin.value), "may be learned again");
    }
    for silence in after.silenced.iter().filter(|one| !before.is_silenced(&one.learner)) {
        let why = match &silence.by {
            SilencedBy::Person => "is switched off".to_owned(),
            SilencedBy::Watchdog(why) => format!("is frozen: {why}"),
        };
        found.word("silenced", silence.learner.clone(), why);
    }
    for silence in before.silenced.iter().filter(|one| !after.is_silenced(&one.learner)) {
        found.word("silenced", silence.learner.clone(), "is listened to again");
    }
}

#[cfg(test)]
mod tests {
    use domain::{FastLayer, GatePolicy, ModelKind};

    use super::*;

    #[test]
    fn a_fast_layer_is_told_by_what_moved_in_it_from_where_to_where() {
        let before = Policy::day_one(GatePolicy::default());
        let mut after = before.clone();
        after.fast_layer = FastLayer { bias: -0.1, ..FastLayer::default() };
        after.fast_layer.slopes[ModelKind::Nhits.at()] = 0.05;
        after.fast_layer.slopes[ModelKind::Patchtst.at()] = 0.0004;
        let told = |before: &Policy, after: &Policy| {
            let change = Change::FastLayer(after.fast_layer);
            let moved = moves_of(&change, before, after, &Names::default());
            moved.iter().map(|one| (one.part, one.text())).collect::<Vec<_>>()
        };
        let line = |text: &str| ("fast layer", text.to_owned());
        assert_eq!(
            told(&before, &after),
            [line("bias +0.000 to -0.100"), line("nhits +0.000 to +0.050")]
        );
        assert_eq!(
            told(&after, &before),
            [line("bias -0.100 to +0.000"), line("nhits +0.050 to +0.000")]
        );
        assert!(told(&after, &after).is_empty());
    }
}
