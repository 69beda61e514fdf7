//! The simulated page: an engine and its surroundings in simulated time. Checks the engine's invariants at every step.

use std::collections::{BTreeMap, BTreeSet};

use cr3dentials_core::engine::{
    CallId, Config, Effect, EmbedUrl, EndReason, Engine, Event, FailureKind, FrameId, FrameSignal, HostAction, Input,
    Now, PageSignal, Stage, Start, StatusResponse,
};
use cr3dentials_core::time::{Millis, UnixMillis};
use cr3dentials_sandbox::ApiKey;
use cr3dentials_sandbox::world::{Method, Settings, World};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use crate::relay::{Late, Relay, failure, send};
use crate::user::User;

const START: UnixMillis = UnixMillis(1_767_225_600_000);

pub(crate) struct Page {
    pub(crate) rng: StdRng,
    world: World,
    relay: Relay,
    engine: Engine,
    /// Time since the start of the run.
    now: Millis,
    /// Error of the device's clock, in milliseconds.
    skew: i64,
    /// Inputs to deliver, ordered by delivery time.
    pending: BTreeMap<(Millis, u64), Input>,
    sent: u64,
    open: BTreeSet<CallId>,
    session: Option<String>,
    frame: Option<(FrameId, Option<User>)>,
    urls: BTreeSet<String>,
    ends: Vec<String>,
    /// True if an end was emitted and no new session has started since.
    ended: bool,
    completed: bool,
    destroyed: bool,
}

impl Page {
    pub(crate) fn new(seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let settings = Settings {
            keys: vec![ApiKey::new("key")],
            origin: "http://127.0.0.1:1".to_owned(),
            frame_origin: "http://127.0.0.1:1".to_owned(),
            ..Settings::default()
        };
        let mut page = Self {
            world: World::new(settings, rng.random()),
            relay: Relay::default(),
            engine: Engine::new(Config::default(), rng.random()),
            now: Millis(0),
            skew: rng.random_range(-600_000..=600_000),
            pending: BTreeMap::new(),
            sent: 0,
            open: BTreeSet::new(),
            session: None,
            frame: None,
            urls: BTreeSet::new(),
            ends: Vec::new(),
            ended: false,
            completed: false,
            destroyed: false,
            rng,
        };
        page.give(Input::Start(Start::New { platform_id: 1, key: None, failure: None }));
        page
    }

    /// Advances time by a random interval and delivers everything that falls due.
    pub(crate) fn run_until_next_event(&mut self) {
        let until = self.now + Millis(self.rng.random_range(1..8000));
        self.run_until(until);
    }

    pub(crate) fn user_acts(&mut self) {
        let wall = self.wall();
        if let Some((_, Some(user))) = &self.frame
            && user.act(&mut self.world, wall, &mut self.rng)
        {
            self.frame_signals(FrameSignal::Hint);
        }
    }

    pub(crate) fn frame_signals(&mut self, news: FrameSignal) {
        if let Some((id, _)) = &self.frame {
            let id = *id;
            self.give(Input::Frame(id, news));
        }
    }

    /// Simulates a closed laptop lid: nothing runs, and the clocks have advanced afterwards.
    pub(crate) fn sleep(&mut self, most: u64) {
        self.now = self.now + Millis(self.rng.random_range(1..most));
        self.give(Input::Tick);
    }

    /// Another tab takes over the session; after a while the user takes it back.
    pub(crate) fn taken_by_another_tab(&mut self) {
        if let Some(session) = self.session.clone() {
            self.give(Input::Ownership(session, false));
            let pause = self.rng.random_range(1..20_000);
            self.later(pause, Input::Host(HostAction::UseHere));
        }
    }

    pub(crate) fn start_again(&mut self) {
        self.give(Input::Host(HostAction::StartAgain));
        // Offline, the create request waits, but the restart counts already.
        if self.engine.view().stage == Stage::Creating {
            (self.ended, self.completed) = (false, false);
        }
    }

    pub(crate) fn destroy(&mut self) {
        self.give(Input::Host(HostAction::Destroy));
        self.destroyed = true;
    }

    pub(crate) fn control(&mut self, path: &str, body: &Value) {
        let wall = self.wall();
        let response = send(&mut self.world, wall, Method::Post, &format!("/sandbox{path}"), &body.to_string());
        assert!(
            response.status < 300 || response.status == 404 || response.status == 409,
            "{path} {body}: {}",
            response.status
        );
    }

    /// Makes the provider report `status`.
    pub(crate) fn force(&mut self, status: &Value) {
        if let Some(session) = self.session.clone() {
            self.control(&format!("/sessions/{session}/status"), &json!({ "status": status }));
        }
    }

    /// Removes all faults, and checks that a session in progress then ends by itself.
    pub(crate) fn calm_down(&mut self) {
        self.control("/faults", &json!([]));
        for news in [PageSignal::Online, PageSignal::Restored, PageSignal::Visible] {
            self.give(Input::Page(news));
        }
        self.run_until(self.now + Millis::from_secs(300));
        if self.engine.view().stage == Stage::Live {
            // Past the expiry after one hour, and every other timeout.
            self.now = self.now + Millis::from_secs(3700);
            self.run_until(self.now + Millis::from_secs(300));
        }
        let (view, truth) = (self.engine.view().clone(), self.truth());
        if view.stalled && truth.is_none() {
            // The provider forgot the session before the engine learned when it expires, so it cannot end.
            return;
        }
        let in_progress = matches!(view.stage, Stage::Live | Stage::Creating);
        assert!(!in_progress, "still in progress, while the provider's status is {truth:?}: {view:?}");
    }

    /// Returns the end reasons of this run's sessions.
    pub(crate) fn ends(self) -> Vec<String> {
        self.ends
    }

    /// Passes an input to the engine and performs the returned effects.
    pub(crate) fn give(&mut self, input: Input) {
        let now = Now { mono: self.now, wall: UnixMillis(self.wall().0 + self.skew) };
        let effects = self.engine.handle(now, input);
        assert!(!self.destroyed || effects.is_empty(), "effects after destroy: {effects:?}");
        for effect in effects {
            self.perform(effect);
        }
    }

    fn run_until(&mut self, until: Millis) {
        loop {
            let delivery = self.pending.keys().next().map(|(at, _)| *at);
            let next = self.engine.deadline().into_iter().chain(delivery).min().filter(|at| *at <= until);
            let Some(next) = next else { break };
            self.now = self.now.max(next);
            let due = self.pending.first_entry().filter(|entry| entry.key().0 <= self.now);
            let input = due.map_or(Input::Tick, |entry| entry.remove());
            self.give(input);
        }
        self.now = self.now.max(until);
    }

    fn wall(&self) -> UnixMillis {
        START + self.now
    }

    fn perform(&mut self, effect: Effect) {
        let wall = self.wall();
        match effect {
            Effect::Create { call, key, platform_id } => {
                self.ended = false;
                self.completed = false;
                let late = self.relay.create(&mut self.world, wall, &key, platform_id);
                self.respond(call, late, |result| Input::Created(call, result));
            }
            Effect::PollStatus { call, .. } => {
                let session = self.session.clone().expect("a session to request the status of");
                let late = self.relay.status(&mut self.world, wall, &session);
                self.respond(call, late, |result| Input::Status(call, StatusResponse { result, long_polled: false }));
            }
            Effect::FetchEmbedUrl { call } => {
                let session = self.session.clone().expect("a session to fetch an embed URL for");
                let late = self.relay.frame_url(&mut self.world, wall, &session);
                self.respond(call, late, |result| Input::Embed(call, result));
            }
            Effect::Cancel(call) => {
                self.open.remove(&call);
            }
            Effect::Mount(id, EmbedUrl(url)) => {
                assert!(self.frame.is_none(), "two frames at once");
                assert!(self.urls.insert(url.clone()), "an embed URL was loaded twice");
                self.frame = Some((id, User::open(&mut self.world, wall, &url)));
                self.later(300, Input::Frame(id, FrameSignal::Loaded));
            }
            Effect::Drop(_) => self.frame = None,
            Effect::Save(resume) => self.session = Some(resume.session_id),
            Effect::AcquireOwnership { session_id, .. } => self.later(2, Input::Ownership(session_id, true)),
            Effect::Renew => panic!("the relay has only one user"),
            Effect::ReleaseOwnership | Effect::Forget | Effect::NotifyClosed => {}
            Effect::Emit(event) => self.on_event(&event),
        }
    }

    /// Schedules the response with a random latency, so that responses arrive in any order. The network may lose it.
    fn respond<T>(
        &mut self,
        call: CallId,
        (result, delay): Late<T>,
        input: impl FnOnce(Result<T, cr3dentials_core::engine::Failure>) -> Input,
    ) {
        self.open.insert(call);
        let result = if self.rng.random_ratio(1, 30) { Err(failure(FailureKind::Network)) } else { result };
        let latency = if self.rng.random_ratio(1, 15) { 15_000 } else { 400 };
        let latency = self.rng.random_range(1..latency) + delay.0;
        self.later(latency, input(result));
    }

    fn later(&mut self, millis: u64, input: Input) {
        self.sent += 1;
        self.pending.insert((self.now + Millis(millis), self.sent), input);
    }

    fn on_event(&mut self, event: &Event) {
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
            _ => {}
        }
    }

    /// Checks that an end marked as confirmed matches the provider's status.
    fn check_end(&mut self, reason: &EndReason, confirmed: bool) {
        if !confirmed {
            assert_eq!(*reason, EndReason::Expired, "only an expiry can be unconfirmed");
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
    fn truth(&mut self) -> Option<String> {
        let wall = self.wall();
        let listed = send(&mut self.world, wall, Method::Get, "/sandbox/sessions", "");
        let listed: Value = serde_json::from_slice(&listed.body).unwrap();
        let mut sessions = listed["sessions"].as_array().unwrap().iter();
        let found = sessions.find(|one| one["sessionId"].as_str() == self.session.as_deref())?;
        found["status"].as_str().map(str::to_owned)
    }
}
