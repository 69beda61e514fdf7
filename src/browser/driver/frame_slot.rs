//! The place of the session's iframe in the shell.

use std::cell::RefCell;

use cr3dentials_core::engine::{FrameId, FrameSignal};

use super::super::frame::Frame;
use super::super::shell::Shell;

/// Holds at most one iframe. Dropping it removes the iframe.
pub(super) struct FrameSlot {
    shell: Shell,
    auto_resize: bool,
    frame: RefCell<Option<(FrameId, Frame)>>,
}

impl FrameSlot {
    pub(super) fn new(shell: Shell, auto_resize: bool) -> Self {
        Self { shell, auto_resize, frame: RefCell::default() }
    }

    /// Shows `url` in an iframe, which replaces the one before.
    pub(super) fn mount(&self, id: FrameId, url: &str, title: &str, on_signal: impl Fn(FrameSignal) + Clone + 'static) {
        let frame = Frame::show(&self.shell, url, title, self.auto_resize, on_signal);
        self.frame.replace(frame.map(|frame| (id, frame)));
    }

    /// Removes the iframe, if there is one.
    pub(super) fn remove(&self) {
        self.frame.take();
    }

    /// Returns the ID of the iframe that is mounted.
    pub(super) fn mounted(&self) -> Option<FrameId> {
        self.frame.borrow().as_ref().map(|(id, _)| *id)
    }
}
