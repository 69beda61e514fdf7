//! A driver for tests: records the effects instead of performing them, and checks the invariants after every input.

use std::collections::{HashMap, HashSet, VecDeque};

use cr3dentials_core::contract::{Created, FrameUrl, SessionView};
use cr3dentials_core::engine::event;
use cr3dentials_core::engine::{
    CallId, Config, Effect, Engine, Event, Failure, FailureKind, FrameId, Input, Now, Stage, Start, StatusResponse,
};
use cr3dentials_core::time::{Millis, UnixMillis};
use cr3dentials_core::wire::SessionStatus;

pub(crate) const EPOCH: UnixMillis = UnixMillis(1_800_000_000_000);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Create,
    Poll,
    Embed,
}

pub(crate) struct Harness {
    pub(crate) engine: Engine,
    pub(crate) now: Now,
    /// The server's clock, which also advances while the device sleeps.
    pub(crate) server: UnixMillis,
    pub(crate) open: HashMap<CallId, Call>,
    pub(crate) frame: Option<FrameId>,
    pub(crate) events: Vec<Event>,
    pub(crate) log: Vec<Effect>,
    /// True if no other tab shows the session, so that ownership is granted at once.
    pub(crate) alone: bool,
    acquiring: Option<String>,
    mounted: HashSet<String>,
    polls: VecDeque<Millis>,
    ended: HashSet<String>,
    ends_without_session: u32,
    progress: HashMap<String, u8>,
    reported: HashSet<SessionStatus>,
    expires_at: Option<UnixMillis>,
    destroyed: bool,
    urls: u32,
}

impl Harness {
    pub(crate) fn new(seed: u64) -> Self {
        Self::with(Config::default(), seed)
    }

    pub(crate) fn with(config: Config, seed: u64) -> Self {
        Self {
            engine: Engine::new(config, seed),
            now: Now { mono: Millis(1000), wall: EPOCH },
            server: EPOCH,
            open: HashMap::new(),
            frame: None,
            events: Vec::new(),
            log: Vec::new(),
            alone: true,
            acquiring: None,
            mounted: HashSet::new(),
            polls: VecDeque::new(),
            ended: HashSet::new(),
            ends_without_session: 0,
            progress: HashMap::new(),
            reported: HashSet::new(),
            expires_at: None,
            destroyed: false,
            urls: 0,
        }
    }

    /// Passes one input to the engine and checks every invariant on the resulting effects.
    pub(crate) fn give(&mut self, input: Input) -> Vec<Effect> {
        self.note(&input);
        let mut effects = self.engine.handle(self.now, input.clone());
        assert!(!self.destroyed || effects.is_empty(), "after destroy: {effects:?}");
        self.check_input(&input, &effects);
        for effect in &effects {
            self.perform(effect);
        }
        self.log.extend(effects.iter().cloned());
        self.check_state();
        self.destroyed = self.engine.view().stage == Stage::Destroyed;
        if let Some(session_id) = self.acquiring.take().filter(|_| self.alone) {
            effects.extend(self.give(Input::Ownership(session_id, true)));
        }
        effects
    }

    /// Advances the clock by `length`, with a tick at each deadline.
    pub(crate) fn pass(&mut self, length: Millis) {
        let until = self.now.mono + length;
        while let Some(deadline) = self.engine.deadline().filter(|deadline| *deadline <= until) {
            assert!(deadline > self.now.mono, "the deadline does not move: {deadline:?}");
            self.step_to(deadline);
            self.give(Input::Tick);
        }
        self.step_to(until);
    }

    /// Advances the clock until a status request is in flight.
    pub(crate) fn pass_to_poll(&mut self) {
        while self.the(Call::Poll).is_none() {
            let deadline = self.engine.deadline().expect("a poll is planned");
            self.pass(deadline.since(self.now.mono));
        }
    }

    fn step_to(&mut self, mono: Millis) {
        self.sleep(mono.since(self.now.mono));
        self.now.mono = mono;
    }

    /// Lets time pass while the device sleeps: its monotonic clock stands still, and nothing runs.
    pub(crate) fn sleep(&mut self, length: Millis) {
        self.now.wall = self.now.wall + length;
        self.server = self.server + length;
    }

    pub(crate) fn the(&self, kind: Call) -> Option<CallId> {
        self.open.iter().find(|(_, open)| **open == kind).map(|(call, _)| *call)
    }

    pub(crate) fn created(&mut self, session: &str) -> Vec<Effect> {
        let call = self.the(Call::Create).expect("a create is in flight");
        let created = self.new_session(session);
        self.give(Input::Created(call, Ok(created)))
    }

    pub(crate) fn new_session(&mut self, session: &str) -> Created {
        Created {
            session_id: session.to_owned(),
            embed_url: self.fresh_url().embed_url,
            status: SessionStatus::Created,
            platform_id: Some(1),
            expires_at: Some(EPOCH + Millis::from_secs(3600)),
            created_at: None,
            server_time: Some(self.server),
            client_token: "token".to_owned(),
        }
    }

    pub(crate) fn fresh_url(&mut self) -> FrameUrl {
        self.urls += 1;
        FrameUrl { embed_url: format!("https://frame.example.com/verify/{}", self.urls) }
    }

    /// Responds to the poll in flight with `status`.
    pub(crate) fn respond(&mut self, status: SessionStatus, progress: u8) -> Vec<Effect> {
        let call = self.the(Call::Poll).expect("a poll is in flight");
        let response = self.response(status, progress);
        self.give(Input::Status(call, response))
    }

    pub(crate) fn response(&self, status: SessionStatus, progress: u8) -> StatusResponse {
        let session_id = self.engine.view().session_id.clone().unwrap_or_default();
        StatusResponse { result: Ok(view(&session_id, status, progress, self.server)), long_polled: true }
    }

    pub(crate) fn fail(&mut self, kind: FailureKind) -> Vec<Effect> {
        let call = self.the(Call::Poll).expect("a poll is in flight");
        let result = Err(Failure { kind, retry_after: None });
        self.give(Input::Status(call, StatusResponse { result, long_polled: false }))
    }

    pub(crate) fn ends(&self) -> Vec<&Event> {
        self.events.iter().filter(|event| matches!(event, Event::End(_))).collect()
    }

    fn note(&mut self, input: &Input) {
        match input {
            Input::Start(Start::Given(created)) => {
                self.reported.insert(created.status.clone());
                self.expires_at = created.expires_at;
            }
            Input::Created(call, result) => {
                self.open.remove(call);
                if let Ok(created) = result {
                    self.reported.insert(created.status.clone());
                    self.expires_at = created.expires_at;
                }
            }
            Input::Status(call, response) => {
                self.open.remove(call);
                if let Ok(view) = &response.result {
                    self.reported.insert(view.status.clone());
                    self.expires_at = view.expires_at.or(self.expires_at);
                }
            }
            Input::Embed(call, _) => {
                self.open.remove(call);
            }
            _ => {}
        }
    }

    /// Invariants 3 and 6: effects that an input of this kind must never have.
    fn check_input(&self, input: &Input, effects: &[Effect]) {
        let may_expire = self.expires_at.is_none_or(|at| self.server.since(at) >= 50_000);
        let ends = effects.iter().any(|effect| matches!(effect, Effect::Emit(Event::End(_))));
        let drops = effects.iter().any(|effect| matches!(effect, Effect::Drop(_)));
        let failed = matches!(
            input,
            Input::Created(_, Err(_))
                | Input::Status(_, StatusResponse { result: Err(_), .. })
                | Input::Embed(_, Err(_))
        );
        // Another user's session is left at once, with its iframe and without an end.
        let of_other = effects.contains(&Effect::Renew);
        let drops = drops && !of_other;
        assert!(
            !(failed && (ends || drops)) || may_expire,
            "a failure ended the session or removed the iframe: {effects:?}"
        );
        let emits = effects.iter().any(|effect| matches!(effect, Effect::Emit(_)));
        assert!(!(of_other && emits), "an event was emitted for another user's session: {effects:?}");
        if let Input::Frame(..) = input {
            let emits = effects.iter().any(|effect| {
                matches!(effect, Effect::Emit(event) if !matches!(event, Event::Error(_) | Event::Expiring(_)))
            });
            assert!(!emits || may_expire, "an iframe set a status: {effects:?}");
        }
    }

    fn perform(&mut self, effect: &Effect) {
        match effect {
            Effect::Create { call, .. } => self.open_call(*call, Call::Create),
            Effect::PollStatus { call, .. } => {
                self.open_call(*call, Call::Poll);
                self.check_poll_rate();
            }
            Effect::FetchEmbedUrl { call } => self.open_call(*call, Call::Embed),
            Effect::Cancel(call) => assert!(self.open.remove(call).is_some(), "canceled a call that was not in flight"),
            // Invariant 4.
            Effect::Mount(frame, url) => {
                assert_eq!(self.frame, None, "two iframes at once");
                assert!(self.mounted.insert(url.0.clone()), "a URL mounted twice");
                self.frame = Some(*frame);
            }
            Effect::Drop(frame) => assert_eq!(self.frame.take(), Some(*frame), "removed an iframe that was not shown"),
            Effect::Emit(event) => self.check_event(event),
            Effect::AcquireOwnership { session_id, .. } => self.acquiring = Some(session_id.clone()),
            Effect::Renew => assert_eq!(self.engine.view().stage, Stage::Idle, "something is still in progress"),
            Effect::ReleaseOwnership | Effect::NotifyClosed | Effect::Save(_) | Effect::Forget => {}
        }
    }

    fn open_call(&mut self, call: CallId, kind: Call) {
        assert_eq!(self.the(kind), None, "two calls of a kind in flight: {kind:?}");
        assert!(self.open.insert(call, kind).is_none(), "a call id was reused");
    }

    fn check_poll_rate(&mut self) {
        if let Some(last) = self.polls.back() {
            assert!(self.now.mono.since(*last) >= Millis(500), "two polls within half a second");
        }
        self.polls.push_back(self.now.mono);
        while self.polls.front().is_some_and(|at| self.now.mono.since(*at) > Millis(60_000)) {
            self.polls.pop_front();
        }
        assert!(self.polls.len() <= 121, "{} polls in a minute", self.polls.len());
    }

    /// Invariant 5, and that every emitted status was reported by a server.
    fn check_event(&mut self, event: &Event) {
        if let Some(session) = event.session_id() {
            assert!(!self.ended.contains(session), "emitted after the end: {event:?}");
        }
        match event {
            Event::Status(event) => {
                assert!(self.reported.contains(&event.status), "no server reported {}", event.status)
            }
            Event::Complete(_) => assert!(self.reported.contains(&SessionStatus::Completed)),
            Event::Partial(_) => assert!(self.reported.contains(&SessionStatus::PartialComplete)),
            Event::Progress(event::Progress { session_id, progress }) => {
                let last = self.progress.insert(session_id.clone(), *progress).unwrap_or(0);
                assert!(*progress > last, "progress went from {last} to {progress}");
            }
            Event::Expiring(_) => {
                let left = self.expires_at.map(|at| at.since(self.server));
                assert!(left.is_none_or(|left| left <= 300_000), "warned too early, {left:?} ms before");
            }
            Event::End(event::End { session_id: Some(session), confirmed, .. }) => {
                let past = self.expires_at.map(|at| self.server.since(at));
                assert!(*confirmed || past.is_none_or(|past| past >= 50_000), "ended {past:?} ms after its expiry");
                self.ended.insert(session.clone());
            }
            Event::End(event::End { session_id: None, .. }) => self.ends_without_session += 1,
            _ => {}
        }
        self.events.push(event.clone());
    }

    fn check_state(&self) {
        let view = self.engine.view();
        if matches!(view.stage, Stage::Ended(_) | Stage::Destroyed | Stage::Idle) || view.elsewhere {
            assert!(self.open.is_empty(), "calls left in flight: {:?}", self.open);
            assert_eq!(self.frame, None, "an iframe left over");
            assert_eq!(self.engine.deadline(), None, "a timer left over");
        }
        if let Some(deadline) = self.engine.deadline() {
            assert!(deadline > self.now.mono, "a deadline in the past");
        }
    }
}

pub(crate) fn view(session_id: &str, status: SessionStatus, progress: u8, server_time: UnixMillis) -> SessionView {
    SessionView {
        session_id: session_id.to_owned(),
        error_code: (status == SessionStatus::Error).then(|| "ACCOUNT_LOCKED".to_owned()),
        has_attestation: status == SessionStatus::Completed,
        rev: u64::from(progress),
        status,
        progress,
        platform_id: Some(1),
        platform: None,
        expires_at: Some(EPOCH + Millis::from_secs(3600)),
        created_at: None,
        completed_at: None,
        error_message: None,
        server_time: Some(server_time),
    }
}
