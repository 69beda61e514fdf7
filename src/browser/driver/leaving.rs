//! Opening, hiding and leaving. A user who is signing in is asked to confirm first.

use std::rc::Rc;

use cr3dentials_core::engine::{HostAction, Input, Stage};

use super::super::unload::confirm_before_unload;
use super::Driver;
use super::showing::{is_closed, is_signing_in};
use crate::options::Mode;

impl Driver {
    /// Shows the dialog. If the user closed the last verification permanently, starts another.
    pub(crate) fn open(&self) {
        if is_closed(&self.view()) {
            self.act(HostAction::StartAgain);
        }
        // Idle again: the session belonged to another user and was dropped.
        if self.view().stage == Stage::Idle
            && let Some(start) = self.0.options.new_session()
        {
            self.send(Input::Start(start));
        }
        self.0.shell.show();
    }

    /// Shows a card that is part of the page; a modal dialog only if the host has already opened it.
    pub(super) fn open_initially(&self) {
        if !self.0.shell.is_hidden_dialog() {
            self.0.shell.show();
        }
    }

    /// Hides the dialog. The session does not end.
    pub(crate) fn hide(&self) {
        self.0.shell.hide();
    }

    /// Changes the layout.
    pub(crate) fn set_mode(&self, mode: Mode) {
        self.0.shell.set_mode(mode);
    }

    /// Closes the verification at the user's request. A user who is signing in is asked to confirm first.
    pub(crate) fn leave(&self) {
        if self.is_signing_in() && !self.0.confirming_leave.get() {
            return self.set_leave_confirmation(true);
        }
        self.0.confirming_leave.set(false);
        self.act(HostAction::Close);
        self.0.shell.hide();
    }

    /// Continues after the user was asked whether to stop.
    pub(crate) fn stay(&self) {
        self.set_leave_confirmation(false);
    }

    /// Returns true if Esc or Back may hide the dialog. The first time, a user who is signing in must confirm.
    pub(super) fn may_hide(&self) -> bool {
        if !self.is_signing_in() || self.0.leave_confirmation_shown.get() {
            self.0.confirming_leave.set(false);
            self.0.render();
            return true;
        }
        self.set_leave_confirmation(true);
        false
    }

    fn set_leave_confirmation(&self, shown: bool) {
        self.0.leave_confirmation_shown.set(true);
        self.0.confirming_leave.set(shown);
        self.0.render();
        self.0.shell.focus_soon(if shown { ".cr3d-leave button" } else { ".cr3d-close" });
    }

    /// Lets the browser ask once for confirmation when a user who is signing in leaves the page.
    pub(super) fn update_unload_listener(&self) {
        let wanted = self.is_signing_in() && !self.0.unload_prompted.get();
        if wanted == self.0.unload_listener.borrow().is_some() {
            return;
        }
        let weak = Rc::downgrade(&self.0);
        let on_prompt = move || {
            if let Some(inner) = weak.upgrade() {
                inner.unload_prompted.set(true);
            }
        };
        self.0.unload_listener.replace(wanted.then(|| confirm_before_unload(on_prompt)).flatten());
    }

    fn is_signing_in(&self) -> bool {
        is_signing_in(self.0.engine.borrow().view())
    }
}
