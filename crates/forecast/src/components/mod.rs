//! The registry of components: one line each. A component is one input of fusion: it leans, −1..=1, up for
//! rising prices, and is scored on its own. Heads vote on the side; components only say how much of their
//! conviction to believe. Where its features are absent it is silent.

mod crowd;
mod flow;
mod price;

use domain::{COMPONENT_NAMES, COMPONENTS_MAX, Leans, Row};

/// One component.
pub struct ComponentSpec {
    /// As it is written everywhere; seed 001's names where it has one.
    pub name: &'static str,
    /// What it goes by, in words.
    pub what: &'static str,
    /// Which way it leans on a row, and how strongly; nothing where its features are absent.
    pub lean: fn(&Row<'_>) -> Option<f64>,
}

const fn component(
    name: &'static str,
    what: &'static str,
    lean: fn(&Row<'_>) -> Option<f64>,
) -> ComponentSpec {
    ComponentSpec { name, what, lean }
}

/// All of them. Their places are those of weights and records, so a new one is added at the end.
pub const COMPONENTS: &[ComponentSpec] = &[
    component("ofi", "with the order flow of 12 bars", flow::order_flow),
    component("takers", "with whoever took at the best prices in 12 bars", flow::takers),
    component("volume_balance", "with the side that volume came on", flow::volume_balance),
    component("momentum", "with the move of 24 bars", price::momentum),
    component("trend", "with the fast mean against the slow", price::trend),
    component("reversion", "against a close far from its mean of 20 bars", price::reversion),
    component("channel", "with the close's place in the range of 55 bars", price::channel),
    component("vwap", "against a close far from what was paid on average", price::vwap),
    component("autocorrelation", "with the last step where steps repeat", price::autocorrelation),
    component("funding", "against whoever pays for holding", crowd::funding),
    component("crowd", "against what most accounts hold", crowd::accounts),
    component("open_interest", "with the move that new money follows", crowd::open_interest),
    component("mood", "against extremes of fear and greed", crowd::mood),
    component("headlines", "with the news", crowd::headlines),
    component("ensemble", "with the trained models in charge; silent while there are none", |_| {
        None
    }),
];

const _: () = assert!(
    COMPONENTS.len() == COMPONENT_NAMES.len() && COMPONENTS.len() <= COMPONENTS_MAX,
    "learners know components by these names, and a record has no room for more"
);

/// How every component leans on a row.
pub fn leans(row: &Row<'_>) -> Leans {
    let mut leans = Leans::SILENT;
    for (at, component) in COMPONENTS.iter().enumerate() {
        leans.set(at, (component.lean)(row));
    }
    leans
}

/// A feature over what is sure, cut to −1..=1.
fn scaled(row: &Row<'_>, at: usize, sure: f64) -> Option<f64> {
    row.get(at).map(|value| (value / sure).clamp(-1.0, 1.0))
}
