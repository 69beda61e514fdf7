//! The simulated page: an engine and its surroundings in simulated time. Checks the engine's invariants at every step.

mod checks;

use std::collections::{BTreeMap, BTreeSet};

use cr3dentials_core::engine::{
    CallId, Config, Connection, Effect, EmbedUrl, EndReason, Engine, Event, Failure, FailureKind, FrameId, FrameSignal,
    HostAction, Input, Now, PageSignal, Stage, Start, StatusResponse,
};
use cr3dentials_core::time::{Millis, UnixMillis};
use cr3dentials_sandbox::ApiKey;
use cr3dentials_sandbox::world::{Method, Settings, World};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use crate::gateway::Gateway;
use crate::relay::{Late, Relay, failure, send};
use crate::user::User;

/// Interval at which the backend looks for news while it holds a request.
const LOOK_INTERVAL: Millis = Millis(2000);

const START: UnixMillis = UnixMillis(1_767_225_600_000);

pub(crate) struct Page {
    pub(crate) rng: StdRng,
    world: World,
    relay: Relay,
    pub(crate) gateway: Gateway,
    /// True if the network loses some responses and delays others.
    is_shaky: bool,
    engine: Engine,
    /// Time since the start of the run.
    now: Millis,
    /// Time for which the device's monotonic clock stood still.
    slept: Millis,
    /// Error of the device's clock, in milliseconds.
    skew: i64,
    /// Everything that falls due, ordered by its time.
    pending: BTreeMap<(Millis, u64), Due>,
    sent: u64,
    open: BTreeSet<CallId>,
    session: Option<String>,
    frame: Option<(FrameId, Option<User>)>,
    urls: BTreeSet<String>,
    expires_at: Option<UnixMillis>,
    ends: Vec<String>,
    errors: Vec<String>,
    /// True if the view has shown that it reconnects.
    reconnected: bool,
    /// True if an end was emitted and no new session has started since.
    ended: bool,
    completed: bool,
    destroyed: bool,
}

/// Something that happens at its time.
enum Due {
    Input(Box<Input>),
    /// The backend looks whether it can respond to a long poll.
    Look(LongPoll),
}

/// A status request that the backend holds.
#[derive(Clone, Copy)]
struct LongPoll {
    call: CallId,
    after: u64,
    since: Millis,
    until: Millis,
}

impl Page {
    /// A page that starts a verification, over a shaky network and any gateway.
    pub(crate) fn new(seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let gateway = Gateway::random(&mut rng);
        let failure = rng.random_ratio(1, 5).then(|| {
            let retry_after = rng.random_ratio(1, 2).then(|| Millis(rng.random_range(0..20_000)));
            Failure { kind: FailureKind::ALL[rng.random_range(0..FailureKind::ALL.len())], retry_after }
        });
        let mut page = Self::idle(rng, gateway);
        page.is_shaky = true;
        page.skew = page.rng.random_range(-600_000..=600_000);
        let key = failure.map(|_| "key of the host".to_owned());
        page.give(Input::Start(Start::New { platform_id: 1, key, failure }));
        page
    }

    /// A page behind `gateway`, over a network without faults.
    pub(crate) fn behind(gateway: Gateway) -> Self {
        let mut page = Self::idle(StdRng::seed_from_u64(1), gateway);
        page.give(Input::Start(Start::New { platform_id: 1, key: None, failure: None }));
        page
    }

    fn idle(mut rng: StdRng, gateway: Gateway) -> Self {
        let settings = Settings {
            keys: vec![ApiKey::new("key")],
            origin: "http://127.0.0.1:1".to_owned(),
            frame_origin: "http://127.0.0.1:1".to_owned(),
            ..Settings::default()
        };
        Self {
            world: World::new(settings, rng.random()),
            relay: Relay::default(),
            gateway,
            is_shaky: false,
            engine: Engine::new(Config::default(), rng.random()),
            now: Millis(0),
            slept: Millis(0),
            skew: 0,
            pending: BTreeMap::new(),
            sent: 0,
            open: BTreeSet::new(),
            session: None,
            frame: None,
            urls: BTreeSet::new(),
            expires_at: None,
            ends: Vec::new(),
            errors: Vec::new(),
            reconnected: false,
            ended: false,
            completed: false,
            destroyed: false,
            rng,
        }
    }

    /// Advances time by a random interval and delivers everything that falls due.
    pub(crate) fn run_until_next_event(&mut self) {
        let until = self.now + Millis(self.rng.random_range(1..8000));
        self.run_until(until);
    }

    /// Advances time by this many milliseconds.
    pub(crate) fn pass(&mut self, millis: u64) {
        self.run_until(self.now + Millis(millis));
    }

    pub(crate) fn user_acts(&mut self) {
        let wall = self.wall();
        if let Some((_, Some(user))) = &self.frame
            && user.act(&mut self.world, wall, &mut self.rng)
        {
            self.frame_signals(FrameSignal::Hint);
        }
    }

    /// A test user performs the next step, if there is one.
    pub(crate) fn user_acts_as(&mut self, name: &str) {
        let wall = self.wall();
        if let Some((_, Some(user))) = &self.frame
            && user.act_as(&mut self.world, wall, name)
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

    /// As [`sleep`](Self::sleep), with a monotonic clock that stands still meanwhile.
    pub(crate) fn suspend(&mut self, most: u64) {
        let length = self.rng.random_range(1..most);
        self.slept = self.slept + Millis(length);
        self.now = self.now + Millis(length);
        self.give(Input::Tick);
    }

    /// The device's clock is set.
    pub(crate) fn set_clock(&mut self, most: i64) {
        self.skew = self.rng.random_range(-most..=most);
    }

    pub(crate) fn change_gateway(&mut self) {
        self.gateway = Gateway::random(&mut self.rng);
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
        self.gateway = Gateway::absent();
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

    pub(crate) fn errors(&self) -> &[String] {
        &self.errors
    }

    /// Returns true if the view has shown that it reconnects.
    pub(crate) fn has_reconnected(&self) -> bool {
        self.reconnected
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ended
    }

    /// Passes an input to the engine and performs the returned effects.
    pub(crate) fn give(&mut self, input: Input) {
        let mono = self.now.since(self.slept);
        let now = Now { mono, wall: UnixMillis(self.wall().0 + self.skew) };
        self.note(&input);
        let effects = self.engine.handle(now, input);
        self.reconnected |= self.engine.view().connection == Connection::Reconnecting;
        assert!(!self.destroyed || effects.is_empty(), "effects after destroy: {effects:?}");
        for effect in effects {
            self.perform(effect);
        }
    }

    fn run_until(&mut self, until: Millis) {
        loop {
            let delivery = self.pending.keys().next().map(|(at, _)| *at);
            let deadline = self.engine.deadline().map(|at| at + self.slept);
            let next = deadline.into_iter().chain(delivery).min().filter(|at| *at <= until);
            let Some(next) = next else { break };
            self.now = self.now.max(next);
            let due = self.pending.first_entry().filter(|entry| entry.key().0 <= self.now);
            match due.map(|entry| entry.remove()) {
                Some(Due::Input(input)) => self.give(*input),
                Some(Due::Look(poll)) => self.look(poll),
                None => self.give(Input::Tick),
            }
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
            Effect::PollStatus { call, after, wait_secs, .. } => {
                self.open.insert(call);
                self.look(LongPoll { call, after, since: self.now, until: self.now + Millis::from_secs(wait_secs) });
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
            Effect::Save(resume) => {
                self.session = Some(resume.session_id);
                self.expires_at = resume.expires_at;
            }
            Effect::AcquireOwnership { session_id, .. } => self.later(2, Input::Ownership(session_id, true)),
            Effect::Renew => panic!("the relay has only one user"),
            Effect::ReleaseOwnership | Effect::Forget | Effect::NotifyClosed => {}
            Effect::Emit(event) => self.on_event(&event),
        }
    }

    /// Responds to a status request, unless it is a long poll whose backend has nothing new yet.
    fn look(&mut self, poll: LongPoll) {
        if !self.open.contains(&poll.call) {
            return;
        }
        let LongPoll { call, after, since, until } = poll;
        let long_polled = self.gateway.holds && until > since;
        let input = |result| Input::Status(call, StatusResponse { result, long_polled });
        if long_polled && self.gateway.cut_after.is_some_and(|length| self.now >= since + length) {
            let kind = if self.gateway.closes { FailureKind::Network } else { FailureKind::Intermediary };
            return self
                .respond::<()>(call, (Err(failure(kind)), Millis(0)), |cut| input(cut.map(|()| unreachable!())));
        }
        let (wall, session) = (self.wall(), self.session.clone().expect("a session to request the status of"));
        let late = self.relay.status(&mut self.world, wall, &session);
        let has_news = late.0.as_ref().is_ok_and(|view| view.rev != after);
        if !long_polled || has_news || late.0.is_err() || self.now >= until {
            return self.respond(call, late, input);
        }
        let cut = self.gateway.cut_after.map(|length| since + length);
        let next = (self.now + LOOK_INTERVAL).min(until);
        self.sent += 1;
        self.pending.insert((cut.map_or(next, |cut| next.min(cut)), self.sent), Due::Look(poll));
    }

    /// Schedules the response with a random latency, so that responses arrive in any order. The network may lose it.
    fn respond<T>(
        &mut self,
        call: CallId,
        (result, delay): Late<T>,
        input: impl FnOnce(Result<T, cr3dentials_core::engine::Failure>) -> Input,
    ) {
        self.open.insert(call);
        let is_lost = self.is_shaky && self.rng.random_ratio(1, 30);
        let result = match self.gateway.intercept(&mut self.rng) {
            Some(failure) => Err(failure),
            None if is_lost => Err(failure(FailureKind::Network)),
            None => result,
        };
        let most = if self.is_shaky && self.rng.random_ratio(1, 15) { 15_000 } else { 400 };
        let latency = self.rng.random_range(1..most) + delay.0;
        self.later(latency, input(result));
    }

    fn later(&mut self, millis: u64, input: Input) {
        self.sent += 1;
        self.pending.insert((self.now + Millis(millis), self.sent), Due::Input(Box::new(input)));
    }
}
