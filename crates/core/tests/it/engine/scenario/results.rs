//! Results of a scenario: the actions that the engine requested, and its view.

use super::*;

impl Scenario {
    pub(crate) fn now(&self) -> u64 {
        self.harness.now.mono.0 - START
    }

    pub(crate) fn view(&self) -> &View {
        self.harness.engine.view()
    }

    /// Returns the time at which the engine must be woken next.
    pub(crate) fn next_wake(&self) -> Option<u64> {
        self.harness.engine.deadline().map(|at| at.0 - START)
    }

    /// Actions so far, in order, each with its time.
    pub(crate) fn actions(&self) -> &[(u64, Action)] {
        &self.actions
    }

    /// Takes the actions since the last call.
    pub(crate) fn take_actions(&mut self) -> Vec<Action> {
        self.actions.drain(..).map(|(_, action)| action).collect()
    }

    fn pick<T>(&self, pick: impl Fn(&Action) -> Option<T>) -> Vec<T> {
        self.actions.iter().filter_map(|(_, action)| pick(action)).collect()
    }

    fn times(&self, pick: impl Fn(&Action) -> bool) -> Vec<u64> {
        self.actions.iter().filter(|(_, action)| pick(action)).map(|(at, _)| *at).collect()
    }

    pub(crate) fn polls(&self) -> Vec<Poll> {
        self.pick(|action| match action {
            Action::Poll(poll) => Some(*poll),
            _ => None,
        })
    }

    pub(crate) fn poll_times(&self) -> Vec<u64> {
        self.times(|action| matches!(action, Action::Poll(_)))
    }

    pub(crate) fn last_poll_time(&self) -> Option<u64> {
        self.poll_times().last().copied()
    }

    /// Returns true while a status request is under way.
    pub(crate) fn is_polling(&self) -> bool {
        self.harness.the(Call::Poll).is_some()
    }

    /// Returns true while a create is under way.
    pub(crate) fn is_creating(&self) -> bool {
        self.harness.the(Call::Create).is_some()
    }

    pub(crate) fn create_times(&self) -> Vec<u64> {
        self.times(|action| matches!(action, Action::Create { .. }))
    }

    /// The idempotency keys of the creates so far.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.pick(|action| match action {
            Action::Create { key, .. } => Some(key.clone()),
            _ => None,
        })
    }

    /// The platforms of the creates so far.
    pub(crate) fn platforms(&self) -> Vec<u64> {
        self.pick(|action| match action {
            Action::Create { platform_id, .. } => Some(*platform_id),
            _ => None,
        })
    }

    pub(crate) fn url_request_times(&self) -> Vec<u64> {
        self.times(|action| *action == Action::RequestUrl)
    }

    pub(crate) fn has_frame(&self) -> bool {
        self.harness.frame.is_some()
    }

    /// The URLs of the frames shown so far.
    pub(crate) fn frames_shown(&self) -> Vec<String> {
        self.pick(|action| match action {
            Action::ShowFrame(url) => Some(url.clone()),
            _ => None,
        })
    }

    pub(crate) fn abort_times(&self) -> Vec<u64> {
        self.times(|action| *action == Action::Abort)
    }

    pub(crate) fn saved(&self) -> Vec<Resume> {
        self.pick(|action| match action {
            Action::Save(resume) => Some(resume.clone()),
            _ => None,
        })
    }

    pub(crate) fn did(&self, wanted: &Action) -> bool {
        self.actions.iter().any(|(_, action)| action == wanted)
    }

    /// Events for the host page so far.
    pub(crate) fn events(&self) -> Vec<Event> {
        self.pick(|action| match action {
            Action::Emit(event) => Some(event.clone()),
            _ => None,
        })
    }

    pub(crate) fn event_names(&self) -> Vec<&'static str> {
        self.events().iter().map(Event::name).collect()
    }

    /// Times of the events with this name.
    pub(crate) fn event_times(&self, name: &str) -> Vec<u64> {
        self.times(|action| matches!(action, Action::Emit(event) if event.name() == name))
    }

    pub(crate) fn errors(&self) -> Vec<Error> {
        self.pick(|action| match action {
            Action::Emit(Event::Error(error)) => Some(error.clone()),
            _ => None,
        })
    }

    /// The code of each error, and whether the page tries again by itself.
    pub(crate) fn error_codes(&self) -> Vec<(String, bool)> {
        self.errors().into_iter().map(|error| (error.code, error.retrying)).collect()
    }

    /// The reason of the session's end, and true if a server confirmed it; `None` before the end.
    pub(crate) fn end(&self) -> Option<(EndReason, bool)> {
        match &self.view().stage {
            Stage::Ended(SessionEnd { reason, confirmed }) => Some((reason.clone(), *confirmed)),
            _ => None,
        }
    }
}
