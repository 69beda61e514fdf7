use serde::{Deserialize, Serialize};

use super::effect::Effect;
use super::event::{self, Event};
use super::live::Live;
use super::{Engine, State};
use crate::contract::SessionView;
use crate::time::{Millis, UnixMillis};
use crate::wire::SessionStatus;

/// How a session ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionEnd {
    /// Why.
    #[serde(flatten)]
    pub reason: EndReason,
    /// Whether a server said so. Only an expiry can be unconfirmed, and a close needs no server.
    pub confirmed: bool,
}

/// Why a session ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "camelCase")]
pub enum EndReason {
    /// `COMPLETED`.
    Completed,
    /// `PARTIAL_COMPLETE`.
    Partial,
    /// `ERROR`.
    Failed {
        /// The provider's code, if it gave one. An open set.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
    },
    /// `CANCELLED`, by the user.
    Cancelled,
    /// `TERMINATED` past `expiresAt`, or nothing heard until well past it.
    Expired,
    /// `TERMINATED` before.
    Terminated,
    /// By the host page. The session itself may still complete.
    Closed,
}

impl EndReason {
    /// Its name, as events give it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Partial => "partial",
            Self::Failed { .. } => "failed",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Terminated => "terminated",
            Self::Closed => "closed",
        }
    }

    /// Why a session with this view has ended; `None` while it has not.
    pub(super) fn of(view: &SessionView, server_now: UnixMillis) -> Option<Self> {
        Some(match view.status {
            SessionStatus::Completed => Self::Completed,
            SessionStatus::PartialComplete => Self::Partial,
            SessionStatus::Error => Self::Failed { code: view.error_code.clone() },
            SessionStatus::Cancelled => Self::Cancelled,
            SessionStatus::Terminated if view.expires_at.is_some_and(|at| server_now >= at) => Self::Expired,
            SessionStatus::Terminated => Self::Terminated,
            _ => return None,
        })
    }
}

impl Engine {
    /// Ends the session: the frame goes, what was saved goes, and the end is the last thing that is said.
    pub(super) fn end(&mut self, reason: EndReason, confirmed: bool) {
        self.cancel_ask();
        self.cancel_embed();
        self.drop_frame();
        self.out.push(Effect::Forget);
        let State::Live(live) = std::mem::replace(&mut self.state, State::Idle) else { return };
        let session_id = Some(live.session_id.clone());
        if let EndReason::Failed { code: Some(code) } = &reason {
            self.emit(Event::Error(event::Error {
                session_id: session_id.clone(),
                code: format!("provider:{code}"),
                message: "The provider ended the verification with this code. The user can try again.".to_owned(),
                retrying: false,
            }));
        }
        self.emit(Event::End(event::End { session_id, reason: reason.clone(), confirmed }));
        self.state = State::Ended(SessionEnd { reason, confirmed }, Some(live));
    }

    /// The host page ends what is under way. It ends our view only: no cancel exists upstream.
    pub(super) fn close(&mut self) {
        match &self.state {
            State::Live(_) => {
                self.out.push(Effect::NotifyClosed);
                self.end(EndReason::Closed, true);
            }
            State::Creating(_) | State::NotStarted(..) => {
                self.cancel_create();
                self.emit(Event::End(event::End { session_id: None, reason: EndReason::Closed, confirmed: true }));
                self.state = State::Ended(SessionEnd { reason: EndReason::Closed, confirmed: true }, None);
            }
            State::Idle | State::Ended(..) | State::Destroyed => {}
        }
    }

    /// Warns before `expiresAt`, asks at it, and gives up on an unreachable server well past it.
    pub(super) fn run_expiry(&mut self) {
        let (before, after, now) = (self.config.expiring_before, self.config.expired_after, self.now);
        let cut_off = !self.page.online;
        let Some(live) = self.live().filter(|live| live.claim.is_ours()) else { return };
        let Some(left) = live.until_expiry(now.wall) else { return };

        if left <= -(after.0 as i64) && (cut_off || live.failures > 0 || live.denials > 0) {
            return self.end(EndReason::Expired, false);
        }
        if left <= 0 {
            live.minutes_left = None;
            if !std::mem::replace(&mut live.expiry_asked, true) {
                self.ask_anew();
            }
        } else if left <= before.0 as i64 {
            let minutes = u32::try_from((left as u64).div_ceil(60_000)).unwrap_or(u32::MAX);
            live.minutes_left = Some(minutes);
            if !std::mem::replace(&mut live.expiring_told, true) {
                let session_id = live.session_id.clone();
                self.emit(Event::Expiring(event::Expiring { session_id, minutes }));
            }
        } else {
            live.minutes_left = None;
        }
    }

    /// When [`Engine::run_expiry`] has something to do next.
    pub(super) fn expiry_deadline(&self, live: &Live) -> Option<Millis> {
        let left = live.until_expiry(self.now.wall)?;
        let before = self.config.expiring_before.0 as i64;
        let after = self.config.expired_after.0 as i64;
        let wait = if left > before {
            left - before
        } else if left > 0 {
            // The next whole minute, or the expiry itself.
            (left - 1) % 60_000 + 1
        } else if left > -after {
            left + after
        } else {
            return None;
        };
        // The device's clock may be set, or may sleep: look again now and then.
        Some(self.now.mono + Millis((wait as u64).min(300_000)))
    }
}
