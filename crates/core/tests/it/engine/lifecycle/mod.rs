//! Whole runs of a verification, one behavior per test.

mod endings;
mod frames;
mod polling;
mod starting;

use cr3dentials_core::engine::{EndReason, Event, Input, SessionEnd, Stage, Start};
use cr3dentials_core::time::Millis;
use cr3dentials_core::wire::SessionStatus::Ready;

use crate::engine::harness::Harness;

const NEW: Input = Input::Start(Start::New { platform_id: 1, key: None, failure: None });

/// A new session whose first status is `READY`.
fn ready() -> Harness {
    let mut harness = Harness::new(1);
    harness.give(NEW);
    harness.created("s1");
    harness.respond(Ready, 5);
    harness.pass(Millis(600));
    harness
}

fn ended(reason: EndReason) -> Stage {
    Stage::Ended(SessionEnd { reason, confirmed: true })
}

fn names(harness: &Harness) -> Vec<&'static str> {
    harness.events.iter().map(Event::name).collect()
}
