//! Shows the engine's state in the card, the dialog and the page's title.

use cr3dentials_core::engine::{EndReason, Stage, Step, View};
use cr3dentials_core::wire::SessionStatus;

use super::super::clock;
use super::{ComponentEvent, Inner, ViewState};
use crate::i18n::Localizer;
use crate::i18n::texts::TITLE_CALL;

impl Inner {
    /// Reports that the user left during the current step.
    pub(super) fn report_left_step(&self) {
        let left = self.step_timer.on_leave(self.engine.borrow().view(), clock::now().mono);
        if let Some(step) = left {
            (self.on_event)(ComponentEvent::Step(step));
        }
    }

    pub(super) fn render(&self) {
        let view = self.engine.borrow().view().clone();
        let now = clock::now().mono;
        if view.stage == Stage::Destroyed {
            self.page_listeners.take();
            self.shell_callbacks.take();
            self.tab_lock.release();
            self.page_title.set_prefix(None);
            self.unload_listener.take();
            return;
        }
        if let Some(step) = self.step_timer.on_view(&view, now) {
            (self.on_event)(ComponentEvent::Step(step));
        }
        let announces = self.options.page_title && view.stage == Stage::Live && awaits_user(&view);
        self.page_title
            .set_prefix(announces.then(|| {
                Localizer { strings: self.strings.borrow().clone(), ..Localizer::default() }.fill(TITLE_CALL)
            }));
        if !is_signing_in(&view) {
            self.confirming_leave.set(false);
        }
        if !is_closed(&view) {
            if self.hidden_on_close.take() {
                self.shell.show();
            }
        } else if self.shell.is_open() {
            self.hidden_on_close.set(true);
            self.shell.hide();
        }
        self.shell.set_end(match &view.stage {
            Stage::Ended(end) => end.reason.as_str(),
            _ => "",
        });
        (self.on_view_state)(&ViewState { view, confirming_leave: self.confirming_leave.get() });
    }
}

/// Returns true if the verification was closed permanently, so that there is nothing to show.
pub(super) fn is_closed(view: &View) -> bool {
    matches!(&view.stage, Stage::Ended(end) if end.reason == EndReason::Closed)
}

fn awaits_user(view: &View) -> bool {
    view.status.as_ref().is_some_and(SessionStatus::awaits_user) && !view.elsewhere
}

/// Returns true while the user is signing in, and would lose work by leaving.
pub(super) fn is_signing_in(view: &View) -> bool {
    view.stage == Stage::Live && view.step == Step::SignIn && !view.elsewhere
}
