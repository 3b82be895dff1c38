//! What a change rests on, in words that promise no more than was tested.

use domain::Evidence;

use super::{Names, grouped};

/// An e-value that counts as evidence at 5 % (methods, Decision 2: 1/α).
const E_NEEDED: f64 = 20.0;

/// `1,318 outcomes (effective 402), effect +0.021 R [-0.004, +0.046], e = 2.9 of 20: no evidence yet`.
pub(crate) fn rests(evidence: &Evidence, names: &Names) -> String {
    let mut text = format!(
        "{} outcomes (effective {})",
        grouped(evidence.outcomes),
        grouped(evidence.outcomes_effective.round() as u64)
    );
    if let Some(shrink) = evidence.shrink {
        text.push_str(&format!(", {:.0} % of what was seen is kept", shrink * 100.0));
    }
    if let Some(effect) = effect(evidence) {
        text.push_str(&format!(", {effect}"));
    }
    if let Some(e_value) = evidence.e_value {
        text.push_str(&format!(", {}", e_words(e_value)));
    }
    if !evidence.says.is_empty() {
        text.push_str(&format!("; {}", names.spoken(&evidence.says)));
    }
    text
}

/// The estimate with its interval, where there is one.
fn effect(evidence: &Evidence) -> Option<String> {
    let effect = evidence.effect?;
    Some(format!("effect {:+.3} R [{:+.3}, {:+.3}]", effect.mean, effect.low, effect.high))
}

fn e_words(e_value: f64) -> String {
    if e_value >= E_NEEDED {
        format!("e = {}", at_most(e_value))
    } else {
        format!("e = {e_value:.1} of {E_NEEDED:.0}: no evidence yet")
    }
}

/// Beyond a million another digit says nothing.
fn at_most(e_value: f64) -> String {
    const MOST: f64 = 1e6;
    if e_value > MOST { "over 1,000,000".to_owned() } else { format!("{e_value:.0}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_is_claimed_only_where_it_was_tested() {
        let effect = domain::Effect { mean: 0.021, low: -0.004, high: 0.046 };
        let some =
            Evidence { e_value: Some(2.9), effect: Some(effect), ..Evidence::of(1_318, 402.0) };
        assert_eq!(
            rests(&some, &Names::default()),
            "1,318 outcomes (effective 402), effect +0.021 R [-0.004, +0.046], e = 2.9 of 20: no evidence yet"
        );
        let sure = Evidence { e_value: Some(24.0), ..Evidence::of(80, 61.0) };
        let endless = Evidence { e_value: Some(58_603_290_523.0), ..sure.clone() };
        assert!(rests(&endless, &Names::default()).ends_with(", e = over 1,000,000"));
        assert_eq!(rests(&sure, &Names::default()), "80 outcomes (effective 61), e = 24");
    }
}
