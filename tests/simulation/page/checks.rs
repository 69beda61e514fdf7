//! Checks of every event, and of the end.

use super::*;

impl Page {
    /// Notes what the engine learns of the session's expiry.
    pub(super) fn note(&mut self, input: &Input) {
        if let Input::Status(call, StatusResponse { result: Ok(view), .. }) = input
            && self.open.remove(call)
        {
            self.expires_at = view.expires_at.or(self.expires_at);
        }
    }

    pub(super) fn on_event(&mut self, event: &Event) {
        assert!(!self.destroyed, "event after destroy: {event:?}");
        assert!(!self.ended, "event after the end: {event:?}");
        match event {
            Event::Complete(_) => {
                assert!(!std::mem::replace(&mut self.completed, true), "completed twice");
            }
            Event::End(end) => {
                self.ended = true;
                let completed = end.reason == EndReason::Completed;
                assert_eq!(self.completed, completed, "the complete event must match the end reason");
                self.check_end(&end.reason, end.confirmed);
                let name = format!("{:?}", end.reason);
                self.ends.push(name.split([' ', '{']).next().unwrap().to_owned());
            }
            Event::Error(error) => self.errors.push(error.code.clone()),
            _ => {}
        }
    }

    /// Checks that an end marked as confirmed matches the provider's status, and any other the true time.
    fn check_end(&mut self, reason: &EndReason, confirmed: bool) {
        if !confirmed {
            assert_eq!(*reason, EndReason::Expired, "only an expiry can be unconfirmed");
            let past = self.expires_at.map(|at| self.wall().since(at));
            assert!(past.is_none_or(|past| past >= 50_000), "expired {past:?} ms after its time");
            return;
        }
        let expected: &[&str] = match reason {
            EndReason::Completed => &["COMPLETED"],
            EndReason::Partial => &["PARTIAL_COMPLETE"],
            EndReason::Failed { .. } => &["ERROR"],
            EndReason::Cancelled => &["CANCELLED"],
            EndReason::Expired | EndReason::Terminated => &["TERMINATED"],
            EndReason::Closed => return,
        };
        if let Some(status) = self.truth() {
            assert!(
                expected.contains(&status.as_str()),
                "the end reason is {reason:?}, but the provider's status is {status}"
            );
        }
    }

    /// Returns the session's status at the provider; `None` when the provider has forgotten it.
    pub(super) fn truth(&mut self) -> Option<String> {
        let wall = self.wall();
        let listed = send(&mut self.world, wall, Method::Get, "/sandbox/sessions", "");
        let listed: Value = serde_json::from_slice(&listed.body).unwrap();
        let mut sessions = listed["sessions"].as_array().unwrap().iter();
        let found = sessions.find(|one| one["sessionId"].as_str() == self.session.as_deref())?;
        found["status"].as_str().map(str::to_owned)
    }
}
