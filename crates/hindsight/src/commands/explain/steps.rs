//! How a size came about, line by line, and the words for what stood around it.

use domain::{Climate, Decision, ExitMode, ExitPlan, Sizing, SizingLimit, Standing, StandingOrder};

/// What a sizer is called and does.
fn sizer_name(at: usize) -> String {
    decide::SIZERS.get(at).map_or_else(
        || format!("factor {}", at + 1),
        |sizer| format!("{} ({})", sizer.name.replace('_', " "), sizer.what),
    )
}

/// Every step from equity to size, each with its numbers.
pub(super) fn steps(decision: &Decision) -> Vec<(String, String)> {
    let sizing = &decision.sizing;
    let mut steps = odds(sizing);
    steps.extend(stake(decision));
    steps.extend(notional(sizing, &decision.plan));
    steps.into_iter().map(|(step, value)| (step.into_owned(), value)).collect()
}

type Steps = Vec<(std::borrow::Cow<'static, str>, String)>;

fn odds(sizing: &Sizing) -> Steps {
    vec![
        ("equity".into(), format!("{:.2}", sizing.equity)),
        (
            "similar outcomes, overlap discounted".into(),
            format!("{:.1}", sizing.outcomes_effective),
        ),
        ("win probability, calibrated".into(), format!("{:.3}", sizing.win_probability)),
        ("its lower bound, which sizes".into(), format!("{:.3}", sizing.win_probability_low)),
        (
            "a win brings, a loss takes".into(),
            format!("{:.3} R, {:.3} R, costs within", sizing.win_r, sizing.loss_r),
        ),
        ("payoff b = win / loss".into(), format!("{:.3}", sizing.win_r / sizing.loss_r)),
        (
            "break-even p = 1 / (1 + b)".into(),
            format!("{:.3}", sizing.loss_r / (sizing.win_r + sizing.loss_r)),
        ),
        ("Kelly f = p - (1 - p) / b, p low".into(), format!("{:+.4}", sizing.kelly_fraction)),
    ]
}

/// What sizers multiplied the stake by, and what is at risk then.
fn stake(decision: &Decision) -> Steps {
    let sizing = &decision.sizing;
    let mut steps: Steps = sizing
        .factors
        .iter()
        .enumerate()
        // One, and the zero of a record without sizers, change nothing.
        .filter(|(_, factor)| **factor != 1.0 && **factor != 0.0)
        .map(|(at, factor)| ("sizer".into(), format!("x {factor:.3} {}", sizer_name(at))))
        .collect();
    if steps.is_empty() {
        steps.push(("sizers".into(), "none changed the stake".to_owned()));
    }
    let of_kelly = sizing.risk_fraction / sizing.kelly_fraction;
    let how = match decision.standing {
        Standing::Probe | Standing::Explored => "a probe's: no proven edge".to_owned(),
        _ if of_kelly.is_finite() && of_kelly > 0.0 => {
            format!("{of_kelly:.3} of Kelly: multiplier, sizers and caps within")
        }
        _ => "a probe's: Kelly asks for nothing".to_owned(),
    };
    let at_risk = format!("{:.3} % ({how})", sizing.risk_fraction * 100.0);
    steps.push(("equity put at risk".into(), at_risk));
    steps
}

fn notional(sizing: &Sizing, plan: &ExitPlan) -> Steps {
    let at_risk = sizing.notional_asked * sizing.loss_r * plan.stop_fraction / sizing.equity;
    let last_word = match sizing.limit {
        SizingLimit::None if sizing.notional < sizing.notional_asked => {
            "no limit shrank it, but it was cut to whole steps".to_owned()
        }
        SizingLimit::None => "no limit shrank it".to_owned(),
        limit => format!("last word: {}", limit.name().replace('_', " ")),
    };
    vec![
        ("round-trip cost".into(), format!("{:.4} % of notional", sizing.cost_fraction * 100.0)),
        (
            "notional = equity x risk / loss".into(),
            format!(
                "{:.2}, a loss takes {:.3} % of equity",
                sizing.notional_asked,
                at_risk * 100.0
            ),
        ),
        ("notional after limits".into(), format!("{:.2} ({last_word})", sizing.notional)),
        ("size".into(), sizing.quantity.to_string()),
        (
            "leverage".into(),
            format!("{:.3}, at most {:.2} with this stop", sizing.leverage, sizing.leverage_max),
        ),
        ("liquidation".into(), liquidation(plan)),
        (
            "expected, p (win) - (1 - p) (loss)".into(),
            format!(
                "{:+.4} % of notional, {:+.2}",
                sizing.expected_fraction * 100.0,
                sizing.expected_profit
            ),
        ),
    ]
}

/// Where the margin would be taken, beside the stop that is to come first.
fn liquidation(plan: &ExitPlan) -> String {
    plan.liquidation_fraction.map_or_else(
        || "none: paid for in full".to_owned(),
        |away| {
            format!(
                "{:.2} % away, {:.1} times the stop's distance",
                away * 100.0,
                away / plan.stop_fraction
            )
        },
    )
}

/// The kind of market, in words.
pub(super) fn climate(climate: &Climate) -> String {
    let words = |name: &str| name.replace('_', " ");
    let frame = match climate.frame_bars {
        0 | 1 => "on bars as they are".to_owned(),
        bars => format!("on frames of {bars} bars"),
    };
    format!(
        "{} here, {} over all symbols, seen {frame}",
        words(climate.regime.name()),
        words(climate.global.name()),
    )
}

/// What restricted it, in words.
pub(super) fn standing_order(order: &StandingOrder) -> String {
    let mut parts = Vec::new();
    if !order.may_enter {
        parts.push("no entries".to_owned());
    }
    if order.conviction_min > 0.0 {
        parts.push(format!("conviction of at least {:.2}", order.conviction_min));
    }
    if order.risk_scale < 1.0 {
        parts.push(format!("sizes x {:.2}", order.risk_scale));
    }
    match order.exits {
        ExitMode::AsPlanned => {}
        ExitMode::Tight => parts.push("stops follow closer".to_owned()),
        ExitMode::Flat => parts.push("positions leave at once".to_owned()),
    }
    if parts.is_empty() {
        return "none: nothing restricted it".to_owned();
    }
    let because: Vec<String> =
        order.restrictions().map(|cause| cause.name().replace('_', " ")).collect();
    if because.is_empty() {
        return parts.join(", ");
    }
    format!("{}, because of {}", parts.join(", "), because.join(", "))
}

/// How it was to end, a line each.
pub(super) fn plan(plan: &ExitPlan) -> Vec<String> {
    let percent = |fraction: f64| format!("{:.2} %", fraction * 100.0);
    let mut lines = vec![format!(
        "stop {} away, target {}, longest hold {:.0} h",
        percent(plan.stop_fraction),
        plan.target_fraction
            .map_or_else(|| "none".to_owned(), |target| format!("{} away", percent(target))),
        plan.hold_ms_max as f64 / 3_600_000.0
    )];
    if let Some(trail) = plan.trail {
        lines.push(format!(
            "after {} in favour the stop follows {} behind",
            percent(trail.after_fraction),
            percent(trail.behind_fraction)
        ));
    }
    if let Some(part) = plan.partial {
        lines.push(format!(
            "{:.0} % of it leaves {} in favour",
            part.share_fraction * 100.0,
            percent(part.at_fraction)
        ));
    }
    if let Some(leave_by) = plan.leave_by {
        lines.push(format!("it leaves by {leave_by}, before trading ends"));
    }
    if plan.liquidation_fraction.is_some() {
        lines.push(format!("liquidation {}", liquidation(plan)));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::made_up::decision;
    use domain::{PartialExit, Restriction, SIZERS_MAX, Side, Timestamp};

    #[test]
    fn a_standing_order_is_said_with_its_causes() {
        assert_eq!(standing_order(&StandingOrder::FREE), "none: nothing restricted it");
        let order = StandingOrder {
            may_enter: true,
            conviction_min: 0.7,
            risk_scale: 0.5,
            exits: ExitMode::Tight,
            because: Restriction::GlobalRegime.bit() | Restriction::Drawdown.bit(),
        };
        assert_eq!(
            standing_order(&order),
            "conviction of at least 0.70, sizes x 0.50, stops follow closer, because of global regime, \
             drawdown"
        );
    }

    #[test]
    fn a_plan_is_told_with_its_part_its_hour_and_its_liquidation() {
        let mut told = decision(0, Standing::Conviction, Side::Long).plan;
        told.partial = Some(PartialExit { at_fraction: 0.015, share_fraction: 0.5 });
        told.leave_by = Some(Timestamp::from_ms(0));
        told.liquidation_fraction = Some(0.09);
        let lines = plan(&told);
        assert_eq!(lines[1], "50 % of it leaves 1.50 % in favour");
        assert_eq!(lines[2], "it leaves by 1970-01-01T00:00:00Z, before trading ends");
        assert_eq!(lines[3], "liquidation 9.00 % away, 4.5 times the stop's distance");
    }

    #[test]
    fn only_sizers_that_changed_the_size_are_steps_of_it() {
        let mut sized = decision(0, Standing::Conviction, Side::Long);
        sized.sizing.factors = [1.0, 0.8, 1.0, 1.0, 1.0, 1.0, 1.0, 1.25, 1.0, 1.0, 1.0, 1.0];
        let steps = steps(&sized);
        let factors: Vec<&(String, String)> =
            steps.iter().filter(|(step, _)| step == "sizer").collect();
        assert_eq!(factors.len(), 2);
        assert!(factors[0].1.starts_with("x 0.800 "), "{factors:?}");
        sized.sizing.factors = [1.0; SIZERS_MAX];
        assert!(super::steps(&sized).iter().any(|(_, value)| value == "none changed the stake"));
    }
}
