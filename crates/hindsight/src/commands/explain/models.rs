//! What models said of a decision: which version was asked, and what each of its members expected.

use domain::{ModelKind, Modelled, Outcome, Seat};
use serde_json::{Map, Value, json};

use super::Whole;

/// The version that was asked and what its members expected of the decided side; nothing where none was.
pub(super) fn said(whole: &Whole) -> Option<String> {
    let modelled = &whole.record.decision.basis.modelled;
    let version = modelled.version;
    let expected: Vec<String> = members(modelled)
        .into_iter()
        .map(|(kind, chance)| format!("{} {chance:.2}", kind.name()))
        .collect();
    let expected = match expected.as_slice() {
        [] => String::new(),
        told => format!(": {}", told.join(", ")),
    };
    (version != 0).then(|| format!("version {version}{expected}"))
}

/// The same for programs.
pub(super) fn as_json(whole: &Whole) -> Value {
    let modelled = &whole.record.decision.basis.modelled;
    if modelled.version == 0 {
        return Value::Null;
    }
    let members: Map<String, Value> = members(modelled)
        .into_iter()
        .map(|(kind, chance)| (kind.name().to_owned(), json!(chance)))
        .collect();
    let weights = whole.model.iter().flat_map(|record| &record.members);
    let weights: Map<String, Value> =
        weights.map(|member| (member.kind.name().to_owned(), json!(member.weight))).collect();
    json!({
        "version": modelled.version,
        "name": whole.model.as_ref().map(|record| &record.name),
        "expected": members,
        "weights": weights,
    })
}

/// An outcome in which what was not said is null.
pub(super) fn outcome_json(outcome: &Outcome) -> Value {
    let mut told = json!(outcome);
    let modelled = &outcome.basis.modelled;
    let place = &mut told["basis"]["modelled"];
    if place.is_object() {
        place["ensemble"] = json!(modelled.ensemble());
        place["members"] = json!(modelled.members());
    }
    told
}

/// What is kept of members is the champion's, or before there is one the challenger's: of another version that
/// was asked it is not known.
fn members(modelled: &Modelled) -> Vec<(ModelKind, f64)> {
    let seated = |seat: Seat| modelled.seated[seat.at()];
    let kept = match seated(Seat::Champion) {
        0 => seated(Seat::Challenger),
        champion => champion,
    };
    let all = ModelKind::ALL.into_iter().filter(|_| kept == modelled.version);
    all.filter_map(|kind| Some((kind, modelled.member(kind)?))).collect()
}

#[cfg(test)]
mod tests {
    use domain::{MODEL_COUNT, SEAT_COUNT};

    use super::*;

    #[test]
    fn what_is_known_of_members_is_told_of_whom_it_is_known() {
        let mut members_said = [Modelled::UNSAID; MODEL_COUNT];
        members_said[ModelKind::Xgboost.at()] = 0.5;
        let mut seated = [0; SEAT_COUNT];
        seated[Seat::Challenger.at()] = 3;
        let modelled = Modelled { version: 3, seated, members: members_said, ..Modelled::NONE };
        assert_eq!(members(&modelled), [(ModelKind::Xgboost, 0.5)]);
        seated[Seat::Champion.at()] = 2;
        assert_eq!(members(&Modelled { seated, ..modelled }), []);
    }

    #[test]
    fn what_was_not_said_is_null_to_programs() {
        let told = outcome_json(&scenarios::outcome(0, 1.0));
        assert_eq!(told["basis"]["modelled"]["ensemble"], Value::Null);
        assert_eq!(told["basis"]["modelled"]["members"][0], Value::Null);
    }
}
