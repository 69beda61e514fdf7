//! Duration of each step: where users wait, and where they leave.

use std::cell::RefCell;

use cr3dentials_core::engine::{SessionEnd, Stage, View};
use cr3dentials_core::time::Millis;

use crate::telemetry::StepTime;

/// Current step and when it began.
#[derive(Debug, Default)]
pub(crate) struct StepTimer {
    now: RefCell<Option<(&'static str, Millis)>>,
}

impl StepTimer {
    /// Returns the step that ended with `view`, if one did.
    pub(crate) fn on_view(&self, view: &View, at: Millis) -> Option<StepTime> {
        let step = step_of(view);
        let mut now = self.now.borrow_mut();
        if now.is_some_and(|(name, _)| name == step) {
            return None;
        }
        let before = if has_ended(view) { now.take() } else { now.replace((step, at)) };
        before.map(|before| time(view, before, step, at))
    }

    /// Returns the step in which the user leaves.
    pub(crate) fn on_leave(&self, view: &View, at: Millis) -> Option<StepTime> {
        self.now.take().map(|before| time(view, before, "left", at))
    }
}

fn time(view: &View, (step, since): (&'static str, Millis), next: &'static str, at: Millis) -> StepTime {
    StepTime { session_id: view.session_id.clone(), step, next, millis: at.since(since).0 }
}

fn has_ended(view: &View) -> bool {
    matches!(view.stage, Stage::Ended(_))
}

fn step_of(view: &View) -> &'static str {
    match &view.stage {
        Stage::Idle => "choose",
        Stage::Creating | Stage::NotStarted(_) => "start",
        Stage::Live => view.step.as_str(),
        Stage::Ended(SessionEnd { reason, .. }) => reason.as_str(),
        Stage::Destroyed => "left",
    }
}
