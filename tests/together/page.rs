//! The page: an engine with everything around it, in simulated time, under the laws that must hold.

use std::collections::{BTreeMap, BTreeSet};

use cr3dentials_core::engine::{
    CallId, Config, Effect, EmbedUrl, EndReason, Engine, Event, FailureKind, FrameId, FrameNews, HostAction, Input,
    Now, PageNews, Stage, Start,
};
use cr3dentials_core::time::{Millis, UnixMillis};
use cr3dentials_sandbox::world::{Method, Settings, World};
use cr3dentials_sandbox::{ApiKey, Switches};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use crate::person::Person;
use crate::relay::{Late, Relay, failure, send};

const START: UnixMillis = UnixMillis(1_767_225_600_000);

pub(crate) struct Page {
    pub(crate) chance: StdRng,
    world: World,
    relay: Relay,
    engine: Engine,
    /// Since the beginning.
    now: Millis,
    /// How wrong the device's clock is.
    skew: i64,
    /// Answers on their way, by when they come.
    coming: BTreeMap<(Millis, u64), Input>,
    sent: u64,
    open: BTreeSet<CallId>,
    session: Option<String>,
    frame: Option<(FrameId, Option<Person>)>,
    urls: BTreeSet<String>,
    ends: Vec<String>,
    /// Whether an end was told and no other session begun since.
    over: bool,
    completed: bool,
    destroyed: bool,
}

impl Page {
    pub(crate) fn new(seed: u64) -> Self {
        let mut chance = StdRng::seed_from_u64(seed);
        let settings = Settings {
            keys: vec![ApiKey::new("key")],
            rate_limit: 120,
            origin: "http://127.0.0.1:1".to_owned(),
            frame_origin: "http://127.0.0.1:1".to_owned(),
            parent_origins: Vec::new(),
            speed: 1.0,
            allow_http_webhooks: false,
            webhook_url: None,
            webhook_header: None,
            webhook_retries: 3,
            switches: Switches::default(),
        };
        let mut page = Self {
            world: World::new(settings, chance.random()),
            relay: Relay::default(),
            engine: Engine::new(Config::default(), chance.random()),
            now: Millis(0),
            skew: chance.random_range(-600_000..=600_000),
            coming: BTreeMap::new(),
            sent: 0,
            open: BTreeSet::new(),
            session: None,
            frame: None,
            urls: BTreeSet::new(),
            ends: Vec::new(),
            over: false,
            completed: false,
            destroyed: false,
            chance,
        };
        page.give(Input::Start(Start::New { platform_id: 1, key: None }));
        page
    }

    /// Lets time pass, and everything happen that falls due, until something comes up.
    pub(crate) fn live_until_the_next_whim(&mut self) {
        let until = self.now + Millis(self.chance.random_range(1..8000));
        self.live_until(until);
    }

    pub(crate) fn person_acts(&mut self) {
        let wall = self.wall();
        if let Some((_, Some(person))) = &self.frame
            && person.act(&mut self.world, wall, &mut self.chance)
        {
            self.frame_says(FrameNews::Hint);
        }
    }

    pub(crate) fn frame_says(&mut self, news: FrameNews) {
        if let Some((id, _)) = &self.frame {
            let id = *id;
            self.give(Input::Frame(id, news));
        }
    }

    /// As the lid of a laptop is closed: nothing runs, and the clocks are elsewhere afterwards.
    pub(crate) fn sleep(&mut self, most: u64) {
        self.now = self.now + Millis(self.chance.random_range(1..most));
        self.give(Input::Tick);
    }

    /// Another tab takes the session; after a while the user wants it here again.
    pub(crate) fn stolen(&mut self) {
        if let Some(session) = self.session.clone() {
            self.give(Input::Claimed(session, false));
            let pause = self.chance.random_range(1..20_000);
            self.later(pause, Input::Host(HostAction::UseHere));
        }
    }

    pub(crate) fn start_again(&mut self) {
        self.give(Input::Host(HostAction::StartAgain));
        // Offline, the create waits; the new beginning is one all the same.
        if self.engine.view().stage == Stage::Creating {
            (self.over, self.completed) = (false, false);
        }
    }

    pub(crate) fn destroy(&mut self) {
        self.give(Input::Host(HostAction::Destroy));
        self.destroyed = true;
    }

    pub(crate) fn control(&mut self, path: &str, body: &Value) {
        let wall = self.wall();
        let answer = send(&mut self.world, wall, Method::Post, &format!("/sandbox{path}"), &body.to_string());
        assert!(
            answer.status < 300 || answer.status == 404 || answer.status == 409,
            "{path} {body}: {}",
            answer.status
        );
    }

    /// Makes the provider show that status.
    pub(crate) fn force(&mut self, status: &Value) {
        if let Some(session) = self.session.clone() {
            self.control(&format!("/sessions/{session}/status"), &json!({ "status": status }));
        }
    }

    /// Everything is well again and stays so; whatever is under way comes to its end by itself.
    pub(crate) fn calm_down(&mut self) {
        self.control("/faults", &json!([]));
        for news in [PageNews::Online, PageNews::Restored, PageNews::Visible] {
            self.give(Input::Page(news));
        }
        self.live_until(self.now + Millis::from_secs(300));
        if self.engine.view().stage == Stage::Live {
            // Past the expiry of an hour, and what else there is to wait for.
            self.now = self.now + Millis::from_secs(3700);
            self.live_until(self.now + Millis::from_secs(300));
        }
        let (view, truth) = (self.engine.view().clone(), self.truth());
        if view.stalled && truth.is_none() {
            // Forgotten by the provider before anybody had heard when it expires: no end was ever reached.
            return;
        }
        let under_way = matches!(view.stage, Stage::Live | Stage::Creating);
        assert!(!under_way, "nothing is under way in the end, but the provider says {truth:?}: {view:?}");
    }

    /// How the sessions of this run ended.
    pub(crate) fn ends(self) -> Vec<String> {
        self.ends
    }

    /// Gives the engine an input and does what it wants.
    pub(crate) fn give(&mut self, input: Input) {
        let now = Now { mono: self.now, wall: UnixMillis(self.wall().0 + self.skew) };
        let effects = self.engine.handle(now, input);
        assert!(!self.destroyed || effects.is_empty(), "something was done after a destroy: {effects:?}");
        for effect in effects {
            self.perform(effect);
        }
    }

    fn live_until(&mut self, until: Millis) {
        loop {
            let answer = self.coming.keys().next().map(|(at, _)| *at);
            let next = self.engine.deadline().into_iter().chain(answer).min().filter(|at| *at <= until);
            let Some(next) = next else { break };
            self.now = self.now.max(next);
            let due = self.coming.first_entry().filter(|entry| entry.key().0 <= self.now);
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
                self.over = false;
                self.completed = false;
                let late = self.relay.create(&mut self.world, wall, &key, platform_id);
                self.answer(call, late, |result| Input::Created(call, result));
            }
            Effect::Ask { call, .. } => {
                let session = self.session.clone().expect("there is a session to ask for");
                let late = self.relay.status(&mut self.world, wall, &session);
                self.answer(call, late, |result| Input::Status(call, result));
            }
            Effect::GetEmbed { call } => {
                let session = self.session.clone().expect("there is a session to get a frame for");
                let late = self.relay.frame_url(&mut self.world, wall, &session);
                self.answer(call, late, |result| Input::Embed(call, result));
            }
            Effect::Cancel(call) => {
                self.open.remove(&call);
            }
            Effect::Mount(id, EmbedUrl(url)) => {
                assert!(self.frame.is_none(), "there are two frames");
                assert!(self.urls.insert(url.clone()), "an embed URL was loaded twice");
                self.frame = Some((id, Person::open(&mut self.world, wall, &url)));
                self.later(300, Input::Frame(id, FrameNews::Loaded));
            }
            Effect::Drop(_) => self.frame = None,
            Effect::Save(resume) => self.session = Some(resume.session_id),
            Effect::Claim { session_id, .. } => self.later(2, Input::Claimed(session_id, true)),
            Effect::Renew => panic!("the relay knows one user"),
            Effect::Release | Effect::Forget | Effect::Farewell => {}
            Effect::Emit(event) => self.hear(&event),
        }
    }

    /// Lets the answer come, late and in any order; the network may lose it.
    fn answer<T>(
        &mut self,
        call: CallId,
        (result, delay): Late<T>,
        input: impl FnOnce(Result<T, cr3dentials_core::engine::Failure>) -> Input,
    ) {
        self.open.insert(call);
        let result = if self.chance.random_ratio(1, 30) { Err(failure(FailureKind::Network)) } else { result };
        let latency = if self.chance.random_ratio(1, 15) { 15_000 } else { 400 };
        let latency = self.chance.random_range(1..latency) + delay.0;
        self.later(latency, input(result));
    }

    fn later(&mut self, millis: u64, input: Input) {
        self.sent += 1;
        self.coming.insert((self.now + Millis(millis), self.sent), input);
    }

    fn hear(&mut self, event: &Event) {
        assert!(!self.destroyed, "an event after a destroy: {event:?}");
        assert!(!self.over, "an event after the end: {event:?}");
        match event {
            Event::Complete(_) => {
                assert!(!std::mem::replace(&mut self.completed, true), "completed twice");
            }
            Event::End(end) => {
                self.over = true;
                let completed = end.reason == EndReason::Completed;
                assert_eq!(self.completed, completed, "complete is told when, and only when, it was");
                self.is_true(&end.reason, end.confirmed);
                let name = format!("{:?}", end.reason);
                self.ends.push(name.split([' ', '{']).next().unwrap().to_owned());
            }
            _ => {}
        }
    }

    /// That an end which a server is said to have confirmed is what the provider says.
    fn is_true(&mut self, reason: &EndReason, confirmed: bool) {
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
            assert!(expected.contains(&status.as_str()), "{reason:?}, but {status}");
        }
    }

    /// The session's status as the provider knows it; nothing when it was forgotten.
    fn truth(&mut self) -> Option<String> {
        let wall = self.wall();
        let listed = send(&mut self.world, wall, Method::Get, "/sandbox/sessions", "");
        let listed: Value = serde_json::from_slice(&listed.body).unwrap();
        let mut sessions = listed["sessions"].as_array().unwrap().iter();
        let found = sessions.find(|one| one["sessionId"].as_str() == self.session.as_deref())?;
        found["status"].as_str().map(str::to_owned)
    }
}
