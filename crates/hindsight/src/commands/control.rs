//! `control`: how much a run may do from now on.

use domain::{Command, Control, World};
use serde_json::json;

use super::order::{self, Fed};
use super::setup;
use crate::args::{ControlName, Global};
use crate::failure::Failure;

/// Gives the order to a run; it stands until the next one, whatever is restarted in between.
///
/// # Errors
/// When there is no such run, or the store cannot be read or written.
pub fn run(
    global: &Global,
    name: ControlName,
    run: Option<&str>,
    unfed: bool,
) -> Result<(), Failure> {
    let control = name.control();
    let fed = if unfed { Fed::ByNobody } else { Fed::Perhaps };
    let mut stood = order::stored(global, run, fed)?;
    let at = stood.now();
    stood.give(Command::Control { control, at })?;
    let id = &stood.run.id;
    if global.json {
        return setup::print_json(
            &json!({ "run": id, "control": control.name(), "at": at.to_string() }),
        );
    }
    let mut text = format!("Run {id} from {at} on: {}.\n", meaning(control));
    if stood.run.world == World::Replay {
        text.push_str(
            "It is a replay, which no command goes on with; repeating it forgets the order.\n",
        );
    }
    setup::print(&text)
}

fn meaning(control: Control) -> &'static str {
    match control {
        Control::Run => "everything is allowed again",
        Control::Pause => "no new positions; those held go on under their exits",
        Control::ReduceOnly => "no new positions; the stops of those held follow closer",
        Control::Kill => "no new positions; those held are closed at the next price",
    }
}
