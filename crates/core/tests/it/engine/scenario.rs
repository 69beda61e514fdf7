//! A session as a story: methods for everything that can happen to it, and for what the page does in response.
//!
//! Tests of behavior build inputs and read effects only through this file. Times are milliseconds since the start of
//! the scenario.

mod results;

use cr3dentials_core::contract::{Created, SessionView};
use cr3dentials_core::engine::event::Error;
use cr3dentials_core::engine::{
    ClientToken, Config, Effect, EndReason, Event, Failure, FailureKind, FrameId, FrameSignal, HostAction, Input,
    PageSignal, Resume, SessionEnd, Stage, Start, StatusResponse, View,
};
use cr3dentials_core::time::{Millis, UnixMillis};
use cr3dentials_core::wire::SessionStatus;

use crate::engine::harness::{Call, EPOCH, Harness, view};

/// The id of the session that a scenario creates.
pub(crate) const SESSION: &str = "s1";

/// Expiry of a scenario's session, in milliseconds since its start.
pub(crate) const EXPIRY: u64 = 3_600_000;

/// The harness's clock at the start.
const START: u64 = 1000;

/// Something that the engine makes the page do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Create { key: String, platform_id: u64 },
    Poll(Poll),
    RequestUrl,
    Abort,
    SayGoodbye,
    ShowFrame(String),
    RemoveFrame,
    Save(Resume),
    Forget,
    StartOver,
    RequestOwnership { steal: bool },
    ReleaseOwnership,
    Emit(Event),
}

/// A status request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Poll {
    /// The revision the page has.
    pub(crate) after: u64,
    /// Seconds the server may hold it.
    pub(crate) wait_secs: u64,
    /// True if the server should check with the provider first.
    pub(crate) fresh: bool,
}

impl From<Effect> for Action {
    fn from(effect: Effect) -> Self {
        match effect {
            Effect::Create { key, platform_id, .. } => Self::Create { key, platform_id },
            Effect::PollStatus { after, wait_secs, fresh, .. } => Self::Poll(Poll { after, wait_secs, fresh }),
            Effect::FetchEmbedUrl { .. } => Self::RequestUrl,
            Effect::Cancel(_) => Self::Abort,
            Effect::NotifyClosed => Self::SayGoodbye,
            Effect::Mount(_, url) => Self::ShowFrame(url.0),
            Effect::Drop(_) => Self::RemoveFrame,
            Effect::Save(resume) => Self::Save(resume),
            Effect::Forget => Self::Forget,
            Effect::Renew => Self::StartOver,
            Effect::AcquireOwnership { steal, .. } => Self::RequestOwnership { steal },
            Effect::ReleaseOwnership => Self::ReleaseOwnership,
            Effect::Emit(event) => Self::Emit(event),
        }
    }
}

/// A verification on a page, from its start.
pub(crate) struct Scenario {
    harness: Harness,
    actions: Vec<(u64, Action)>,
}

impl Scenario {
    /// A page where nothing was started.
    pub(crate) fn idle() -> Self {
        Self::seeded(1)
    }

    /// A page whose random numbers begin at `seed`.
    pub(crate) fn seeded(seed: u64) -> Self {
        Self { harness: Harness::new(seed), actions: Vec::new() }
    }

    /// A page where the user has picked the platform.
    pub(crate) fn picking() -> Self {
        let config = Config { user_picks: true, ..Config::default() };
        Self { harness: Harness::with(config, 1), actions: Vec::new() }
    }

    /// A page that has requested a session.
    pub(crate) fn creating() -> Self {
        let mut scenario = Self::idle();
        scenario.start();
        scenario
    }

    /// A page whose session was just created. Its first status request is under way.
    pub(crate) fn live() -> Self {
        let mut scenario = Self::creating();
        scenario.create_succeeds();
        scenario
    }

    /// A live session with this status, reported at the start.
    pub(crate) fn with_status(status: SessionStatus) -> Self {
        let mut scenario = Self::live();
        scenario.poll_returns(status, 10);
        scenario
    }

    /// A reloaded page that goes on with a saved session. Its first status request is under way.
    pub(crate) fn resumed() -> Self {
        let mut scenario = Self::idle();
        scenario.resume();
        scenario
    }

    // Things that happen.

    pub(crate) fn start(&mut self) {
        self.start_with(1, None);
    }

    pub(crate) fn start_with(&mut self, platform_id: u64, key: Option<&str>) {
        self.give(Input::Start(Start::New { platform_id, key: key.map(str::to_owned), failure: None }));
    }

    /// The host page has sent a create with this key, which failed.
    pub(crate) fn start_after_failure(&mut self, key: &str, kind: FailureKind, retry_after: Option<u64>) {
        let failure = Some(failure(kind, retry_after));
        self.give(Input::Start(Start::New { platform_id: 1, key: Some(key.to_owned()), failure }));
    }

    /// The host page passes on a session that its server created.
    pub(crate) fn start_given(&mut self, created: Created) {
        self.give(Input::Start(Start::Given(created)));
    }

    pub(crate) fn resume(&mut self) {
        let client_token = ClientToken("token".to_owned());
        let expires_at = Some(EPOCH + Millis(EXPIRY));
        let resume = Resume { session_id: SESSION.to_owned(), client_token, platform_id: Some(1), expires_at };
        self.give(Input::Start(Start::Resume(resume)));
    }

    /// The response to a create of the session `id`.
    pub(crate) fn new_session(&mut self, id: &str) -> Created {
        self.harness.new_session(id)
    }

    pub(crate) fn create_succeeds(&mut self) {
        let created = self.new_session(SESSION);
        self.create_returns(created);
    }

    pub(crate) fn create_returns(&mut self, created: Created) {
        let call = self.harness.the(Call::Create).expect("a create is under way");
        self.give(Input::Created(call, Ok(created)));
    }

    pub(crate) fn create_fails(&mut self, kind: FailureKind, retry_after: Option<u64>) {
        let call = self.harness.the(Call::Create).expect("a create is under way");
        self.give(Input::Created(call, Err(failure(kind, retry_after))));
    }

    /// A long poll returns this status and progress.
    pub(crate) fn poll_returns(&mut self, status: SessionStatus, progress: u8) {
        let report = self.report(status, progress);
        self.poll_returns_report(report);
    }

    pub(crate) fn poll_returns_report(&mut self, report: SessionView) {
        self.respond(report, true);
    }

    /// A poll that was not a long poll returns.
    pub(crate) fn short_poll_returns(&mut self, status: SessionStatus, progress: u8) {
        let report = self.report(status, progress);
        self.respond(report, false);
    }

    fn respond(&mut self, report: SessionView, held: bool) {
        let call = self.harness.the(Call::Poll).expect("a status request is under way");
        self.give(Input::Status(call, StatusResponse { result: Ok(report), long_polled: held }));
    }

    /// A report on the session, dated by the server's clock.
    pub(crate) fn report(&self, status: SessionStatus, progress: u8) -> SessionView {
        view(SESSION, status, progress, self.harness.server)
    }

    pub(crate) fn poll_fails(&mut self, kind: FailureKind) {
        self.poll_fails_until(kind, None);
    }

    /// The status request, which was not a long poll, fails with a response that names the time of the next one.
    pub(crate) fn poll_fails_until(&mut self, kind: FailureKind, retry_after: Option<u64>) {
        let call = self.harness.the(Call::Poll).expect("a status request is under way");
        let result = Err(failure(kind, retry_after));
        self.give(Input::Status(call, StatusResponse { result, long_polled: false }));
    }

    /// A long poll ends without a response of the proxy.
    pub(crate) fn long_poll_is_cut(&mut self, kind: FailureKind, retry_after: Option<u64>) {
        let call = self.harness.the(Call::Poll).expect("a status request is under way");
        let result = Err(failure(kind, retry_after));
        self.give(Input::Status(call, StatusResponse { result, long_polled: true }));
    }

    /// A request for a frame URL returns one that was never used.
    pub(crate) fn url_arrives(&mut self) -> String {
        let url = self.harness.fresh_url();
        let call = self.harness.the(Call::Embed).expect("a URL request is under way");
        self.give(Input::Embed(call, Ok(url.clone())));
        url.embed_url
    }

    /// A request for a frame URL returns the first one again.
    pub(crate) fn used_url_arrives(&mut self) {
        let mut url = self.harness.fresh_url();
        url.embed_url = self.frames_shown().first().expect("a frame was shown").clone();
        let call = self.harness.the(Call::Embed).expect("a URL request is under way");
        self.give(Input::Embed(call, Ok(url)));
    }

    pub(crate) fn url_fails(&mut self, kind: FailureKind, retry_after: Option<u64>) {
        let call = self.harness.the(Call::Embed).expect("a URL request is under way");
        self.give(Input::Embed(call, Err(failure(kind, retry_after))));
    }

    pub(crate) fn frame_sends_message(&mut self) {
        self.frame_signal(FrameSignal::Hint);
    }

    pub(crate) fn frame_loads(&mut self) {
        self.frame_signal(FrameSignal::Loaded);
    }

    pub(crate) fn frame_is_blocked(&mut self) {
        self.frame_signal(FrameSignal::CspBlocked);
    }

    pub(crate) fn frame_is_moved(&mut self) {
        self.frame_signal(FrameSignal::Lost);
    }

    fn frame_signal(&mut self, signal: FrameSignal) {
        let frame = self.harness.frame.expect("a frame is shown");
        self.give(Input::Frame(frame, signal));
    }

    /// Every signal of an iframe that is not the session's.
    pub(crate) fn unknown_frame_signals(&mut self) {
        for signal in [FrameSignal::Loaded, FrameSignal::Hint, FrameSignal::CspBlocked, FrameSignal::Lost] {
            self.give(Input::Frame(FrameId(u32::MAX), signal));
        }
    }

    pub(crate) fn page_is_hidden(&mut self) {
        self.give(Input::Page(PageSignal::Hidden));
    }

    pub(crate) fn page_is_visible(&mut self) {
        self.give(Input::Page(PageSignal::Visible));
    }

    pub(crate) fn page_is_frozen(&mut self) {
        self.give(Input::Page(PageSignal::Frozen));
    }

    pub(crate) fn page_is_restored(&mut self) {
        self.give(Input::Page(PageSignal::Restored));
    }

    pub(crate) fn network_goes(&mut self) {
        self.give(Input::Page(PageSignal::Offline));
    }

    pub(crate) fn network_returns(&mut self) {
        self.give(Input::Page(PageSignal::Online));
    }

    pub(crate) fn refresh(&mut self) {
        self.give(Input::Host(HostAction::Refresh));
    }

    pub(crate) fn remount(&mut self) {
        self.give(Input::Host(HostAction::Remount));
    }

    pub(crate) fn start_again(&mut self) {
        self.give(Input::Host(HostAction::StartAgain));
    }

    pub(crate) fn use_here(&mut self) {
        self.give(Input::Host(HostAction::UseHere));
    }

    pub(crate) fn close(&mut self) {
        self.give(Input::Host(HostAction::Close));
    }

    pub(crate) fn destroy(&mut self) {
        self.give(Input::Host(HostAction::Destroy));
    }

    /// From now on no request for tab ownership is granted by itself.
    pub(crate) fn hold_ownership(&mut self) {
        self.harness.alone = false;
    }

    /// The browser reports that this tab owns the session, or that another does.
    pub(crate) fn ownership(&mut self, is_ours: bool) {
        self.ownership_of(SESSION, is_ours);
    }

    pub(crate) fn ownership_of(&mut self, session: &str, is_ours: bool) {
        self.give(Input::Ownership(session.to_owned(), is_ours));
    }

    /// The device's clock is set, and nothing else changes.
    pub(crate) fn set_clock(&mut self, wall: UnixMillis) {
        self.harness.now.wall = wall;
    }

    /// The device's clock is set forwards, or backwards, by this many milliseconds.
    pub(crate) fn move_clock(&mut self, by: i64) {
        self.harness.now.wall.0 += by;
    }

    /// The device sleeps, and wakes up.
    pub(crate) fn sleep(&mut self, millis: u64) {
        self.harness.sleep(Millis(millis));
        self.give(Input::Tick);
    }

    /// Lets time pass. The page wakes the engine exactly when it wants to be woken.
    pub(crate) fn wait(&mut self, millis: u64) {
        let until = self.harness.now.mono + Millis(millis);
        loop {
            let next = self.harness.engine.deadline().map_or(until, |at| at.min(until));
            self.harness.pass(next.since(self.harness.now.mono));
            self.record();
            if next == until {
                return;
            }
        }
    }

    /// Waits until this many milliseconds after the start.
    pub(crate) fn wait_until(&mut self, at: u64) {
        self.wait(at.checked_sub(self.now()).expect("that time has passed"));
    }

    fn give(&mut self, input: Input) {
        self.harness.give(input);
        self.record();
    }

    fn record(&mut self) {
        let now = self.now();
        let new = self.harness.log.drain(..).map(|effect| (now, Action::from(effect)));
        self.actions.extend(new);
    }
}

fn failure(kind: FailureKind, retry_after: Option<u64>) -> Failure {
    Failure { kind, retry_after: retry_after.map(Millis) }
}
