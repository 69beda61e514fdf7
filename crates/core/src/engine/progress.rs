//! The lifecycle as the server reports it: status, step, percentage and platform. The step and the percentage never go
//! back, and each change is emitted once.

use super::Context;
use super::protocol::event;
use super::protocol::{Event, FrameView, Step};
use crate::contract::{SessionPlatform, SessionView};
use crate::time::Millis;
use crate::wire::SessionStatus;

/// The last reported state of a session.
#[derive(Debug)]
pub(super) struct Progress {
    status: Option<SessionStatus>,
    status_since: Millis,
    /// The last reported percentage; `percent` is the highest.
    reported_percent: u8,
    percent: u8,
    step: Step,
    platform_id: Option<u64>,
    platform: Option<SessionPlatform>,
    changed_at: Millis,
}

/// The fields that a response changed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Changes {
    pub(super) any: bool,
    status: bool,
    percent: bool,
}

impl Progress {
    pub(super) fn new(now: Millis, platform_id: Option<u64>, status: Option<SessionStatus>) -> Self {
        Self {
            status,
            status_since: now,
            reported_percent: 0,
            percent: 0,
            step: Step::default(),
            platform_id,
            platform: None,
            changed_at: now,
        }
    }

    pub(super) fn status(&self) -> Option<&SessionStatus> {
        self.status.as_ref()
    }

    pub(super) fn step(&self) -> Step {
        self.step
    }

    pub(super) fn percent(&self) -> u8 {
        self.percent
    }

    pub(super) fn platform_id(&self) -> Option<u64> {
        self.platform_id
    }

    pub(super) fn platform(&self) -> Option<&SessionPlatform> {
        self.platform.as_ref()
    }

    pub(super) fn awaits_user(&self) -> bool {
        self.status.as_ref().is_some_and(SessionStatus::awaits_user)
    }

    pub(super) fn is_ready(&self) -> bool {
        self.status == Some(SessionStatus::Ready)
    }

    /// Returns the time since which the user has to act in the frame, or `None` if they have not.
    pub(super) fn users_turn_since(&self) -> Option<Millis> {
        self.awaits_user().then_some(self.status_since)
    }

    /// Takes over the server's view. `changed`: something outside this sub-machine changed too.
    pub(super) fn merge(&mut self, ctx: &Context, view: &SessionView, changed: bool) -> Changes {
        let percent = self.percent.max(view.progress.min(100));
        let status_changed = self.status.as_ref() != Some(&view.status);
        let changes = Changes {
            any: changed || status_changed || self.reported_percent != view.progress,
            status: status_changed,
            percent: percent != self.percent,
        };
        if changes.status {
            self.status = Some(view.status.clone());
            self.status_since = ctx.now.mono;
        }
        if changes.any {
            self.changed_at = ctx.now.mono;
        }
        self.reported_percent = view.progress;
        self.percent = percent;
        self.step = self.step.after(&view.status);
        self.platform_id = view.platform_id.or(self.platform_id);
        if view.platform.is_some() {
            self.platform.clone_from(&view.platform);
        }
        changes
    }

    /// Emits an event for each changed field.
    pub(super) fn emit(&self, ctx: &mut Context, session_id: &str, changes: Changes) {
        if changes.status {
            self.emit_status(ctx, session_id);
            if self.status == Some(SessionStatus::AwaitingUser) {
                ctx.emit(Event::Action(event::Action { session_id: session_id.to_owned() }));
            }
        }
        if changes.percent {
            let session_id = session_id.to_owned();
            ctx.emit(Event::Progress(event::Progress { session_id, progress: self.percent }));
        }
    }

    pub(super) fn emit_status(&self, ctx: &mut Context, session_id: &str) {
        if let Some(status) = self.status.clone() {
            ctx.emit(Event::Status(event::Status { session_id: session_id.to_owned(), status, step: self.step }));
        }
    }

    /// Returns true if nothing has changed for longer than usual.
    pub(super) fn is_slow(&self, ctx: &Context, frame: FrameView) -> bool {
        self.slow_at(ctx, frame).is_some_and(|at| ctx.now.mono >= at)
    }

    /// Returns the time at which the current step counts as slow; `None` while the user has to act.
    pub(super) fn slow_at(&self, ctx: &Context, frame: FrameView) -> Option<Millis> {
        let after = match self.status.as_ref()? {
            SessionStatus::Ready | SessionStatus::AwaitingUser => return None,
            SessionStatus::Created
            | SessionStatus::Initializing
            | SessionStatus::Connected
            | SessionStatus::LoadingTree => ctx.config.slow_opening_after,
            _ if frame == FrameView::Unavailable => return None,
            _ => ctx.config.slow_working_after,
        };
        Some(self.changed_at + after)
    }
}
