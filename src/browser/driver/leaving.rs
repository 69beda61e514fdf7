//! Opening, hiding and leaving: whoever is in the middle of signing in is asked first.

use std::rc::Rc;

use cr3dentials_core::engine::{HostAction, Input, Stage};

use super::super::dialog::Dialog;
use super::super::unload::ask_before_leaving;
use super::Driver;
use super::showing::{is_closed, signs_in};
use crate::options::Mode;

impl Driver {
    /// Shows the dialog. Where the user closed a verification for good, another begins.
    pub(crate) fn open(&self) {
        if is_closed(&self.view()) {
            self.act(HostAction::StartAgain);
        }
        // Of a session that was another user's there is nothing left.
        if self.view().stage == Stage::Idle
            && let Some(start) = self.0.options.new_session()
        {
            self.send(Input::Start(start));
        }
        self.with_dialog(Dialog::open);
    }

    /// Shows what stands in the page; a dialog over it only where the host has opened it already.
    pub(super) fn open_in_place(&self) {
        self.with_dialog(|dialog| {
            if self.0.options.mode != Mode::Modal || dialog.is_open() {
                dialog.open();
            }
        });
    }

    /// Hides the dialog. Nothing ends.
    pub(crate) fn hide(&self) {
        self.with_dialog(Dialog::hide);
    }

    /// Lays it out in another way.
    pub(crate) fn set_mode(&self, mode: Mode) {
        self.with_dialog(|dialog| dialog.set_mode(mode));
    }

    /// The user wants to close it. Whoever is in the middle of signing in is asked first.
    pub(crate) fn leave(&self) {
        if self.signs_in() && !self.0.leaving.get() {
            return self.ask_to_stay(true);
        }
        self.0.leaving.set(false);
        let ends = matches!(self.view().stage, Stage::Creating | Stage::NotStarted(_) | Stage::Live);
        self.act(HostAction::Close);
        // The page hears of an end, and may navigate.
        self.with_dialog(if ends { Dialog::hide } else { Dialog::dismiss });
    }

    /// The user was asked whether to stop, and stays.
    pub(crate) fn stay(&self) {
        self.ask_to_stay(false);
    }

    /// Esc or Back. The first time, whoever is in the middle of signing in is asked.
    pub(super) fn may_hide(&self) -> bool {
        if !self.signs_in() || self.0.asked_to_stay.get() {
            self.0.leaving.set(false);
            self.0.show();
            return true;
        }
        self.ask_to_stay(true);
        false
    }

    fn ask_to_stay(&self, asking: bool) {
        self.0.asked_to_stay.set(true);
        self.0.leaving.set(asking);
        self.0.show();
        self.0.focus_later(if asking { ".cr3d-leave button" } else { ".cr3d-close" });
    }

    /// Lets the browser ask once whoever leaves the page in the middle of signing in.
    pub(super) fn guard_unload(&self) {
        let wanted = self.signs_in() && !self.0.unload_asked.get();
        if wanted == self.0.unload.borrow().is_some() {
            return;
        }
        let weak = Rc::downgrade(&self.0);
        let on_asked = move || {
            if let Some(inner) = weak.upgrade() {
                inner.unload_asked.set(true);
            }
        };
        self.0.unload.replace(wanted.then(|| ask_before_leaving(on_asked)).flatten());
    }

    fn signs_in(&self) -> bool {
        signs_in(self.0.engine.borrow().view())
    }

    fn with_dialog(&self, act: impl FnOnce(&Dialog)) {
        if let Some(dialog) = self.0.dialog() {
            act(&dialog);
        }
    }
}
