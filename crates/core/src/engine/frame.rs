//! The iframe: one at a time, no URL twice, replaced only on demand.

use super::effect::Effect;
use super::event::{self, Event};
use super::input::{CallId, Failure, FailureKind, FrameId, FrameSignal};
use super::live::Live;
use super::secret::EmbedUrl;
use super::view::FrameView;
use super::{Engine, State};
use crate::contract::FrameUrl;
use crate::time::Millis;
use crate::wire::SessionStatus;

/// What is known of the session's iframe.
#[derive(Debug, Default)]
pub(super) struct FrameState {
    shown: Option<FrameId>,
    blocked: bool,
    unavailable: bool,
    announced: bool,
    want: Option<Want>,
    call: Option<(CallId, Millis)>,
    fetched_at: Option<Millis>,
    retry_at: Millis,
    failures: u32,
    window_asked: bool,
    pub(super) window: Option<EmbedUrl>,
}

/// What a fresh URL is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Want {
    Frame,
    Window,
}

impl FrameState {
    pub(super) fn view(&self) -> FrameView {
        match self {
            Self { unavailable: true, .. } => FrameView::Unavailable,
            Self { blocked: true, .. } => FrameView::Blocked,
            Self { shown: Some(_), .. } => FrameView::Shown,
            _ => FrameView::None,
        }
    }

    /// Whether there is a frame, or one is on its way.
    pub(super) fn is_coming(&self) -> bool {
        self.shown.is_some() || self.want == Some(Want::Frame)
    }

    /// Another page shows the session: nothing is wanted here.
    pub(super) fn give_up(&mut self) {
        (self.want, self.window, self.blocked, self.unavailable) = (None, None, false, false);
    }

    fn next_fetch(&self, spacing: Millis) -> Millis {
        self.fetched_at.map_or(self.retry_at, |at| self.retry_at.max(at + spacing))
    }
}

impl Engine {
    /// Shows `url` in the session's only frame, unless it was used before.
    pub(super) fn mount(&mut self, url: EmbedUrl) {
        if !self.claim(&url) {
            return self.no_fresh_url();
        }
        self.drop_frame();
        self.frames = self.frames.wrapping_add(1);
        let frame = FrameId(self.frames);
        let Some(live) = self.live() else { return };
        live.frame.shown = Some(frame);
        (live.frame.blocked, live.frame.unavailable) = (false, false);
        live.frame.window = None;
        let announced = std::mem::replace(&mut live.frame.announced, true);
        let (session_id, resumed) = (live.session_id.clone(), live.resumed);
        self.out.push(Effect::Mount(frame, url));
        if !announced {
            self.emit(Event::Ready(event::Ready { session_id, resumed }));
        }
    }

    /// The user, or a move in the DOM, needs a new frame. The old one stays until its successor can be shown.
    pub(super) fn want_frame(&mut self) {
        if let Some(live) = self.live() {
            live.frame.want = Some(Want::Frame);
        }
    }

    pub(super) fn drop_frame(&mut self) {
        if let Some(frame) = self.live().and_then(|live| live.frame.shown.take()) {
            self.out.push(Effect::Drop(frame));
        }
    }

    pub(super) fn cancel_embed(&mut self) {
        if let Some((call, _)) = self.live().and_then(|live| live.frame.call.take()) {
            self.out.push(Effect::Cancel(call));
        }
    }

    pub(super) fn frame_news(&mut self, frame: FrameId, news: FrameSignal) {
        let Some(live) = self.live() else { return };
        if live.frame.shown != Some(frame) {
            return;
        }
        match news {
            FrameSignal::Loaded | FrameSignal::Hint => self.hinted(),
            FrameSignal::CspBlocked => {
                if std::mem::replace(&mut live.frame.blocked, true) {
                    return;
                }
                live.frame.want.get_or_insert(Want::Window);
                let session_id = Some(live.session_id.clone());
                self.emit(Event::Error(event::Error {
                    session_id,
                    code: "frame-blocked".to_owned(),
                    message: "This page's Content-Security-Policy refuses the frame. Add its origin to frame-src."
                        .to_owned(),
                    retrying: false,
                }));
            }
            FrameSignal::Lost => {
                self.drop_frame();
                self.want_frame();
            }
        }
    }

    pub(super) fn embed_answered(&mut self, call: CallId, result: Result<FrameUrl, Failure>) {
        let Some(live) = self.live() else { return };
        if live.frame.call.take_if(|(open, _)| *open == call).is_none() {
            return;
        }
        match result {
            Ok(url) => self.embed_came(EmbedUrl(url.embed_url)),
            Err(failure) => self.embed_failed(failure),
        }
    }

    fn embed_came(&mut self, url: EmbedUrl) {
        let Some(live) = self.live() else { return };
        live.frame.failures = 0;
        match live.frame.want.take() {
            Some(Want::Frame) => self.mount(url),
            Some(Want::Window) if self.claim(&url) => {
                if let Some(live) = self.live() {
                    live.frame.window = Some(url);
                }
            }
            Some(Want::Window) | None => {}
        }
    }

    fn embed_failed(&mut self, failure: Failure) {
        if self.renews_after(&failure) {
            return;
        }
        let random = self.jitter.next_u64();
        let (config, now) = (self.config, self.now.mono);
        let Some(live) = self.live() else { return };
        let retrying = failure.kind.is_retryable();
        live.frame.failures = live.frame.failures.saturating_add(1);
        let wait = config.backoff.delay(live.frame.failures, failure.retry_after, random, config.longest_retry_after);
        live.frame.retry_at = now + wait;
        if !retrying {
            let wanted = live.frame.want.take();
            live.frame.unavailable = wanted == Some(Want::Frame) && live.frame.shown.is_none();
        }
        if live.frame.failures == 1 || !retrying {
            let session_id = Some(live.session_id.clone());
            self.emit(Event::Error(event::Error {
                session_id,
                code: failure.kind.code().to_owned(),
                message: failure.kind.message().to_owned(),
                retrying,
            }));
        }
    }

    pub(super) fn run_frame_timers(&mut self) {
        let (config, now, may_ask) = (self.config, self.now.mono, self.may_ask());
        let late = |(_, sent): &mut (CallId, Millis)| now >= *sent + config.embed_timeout;
        if let Some((call, _)) = self.live().and_then(|live| live.frame.call.take_if(late)) {
            self.out.push(Effect::Cancel(call));
            self.embed_failed(Failure { kind: FailureKind::Network, retry_after: None });
        }
        let State::Live(live) = &mut self.state else { return };
        let frame = &mut live.frame;
        let waits_long =
            live.status == Some(SessionStatus::Ready) && now >= live.status_since + config.offer_window_after;
        if waits_long && frame.shown.is_some() {
            if !std::mem::replace(&mut frame.window_asked, true) {
                frame.want.get_or_insert(Want::Window);
            }
        } else if !frame.blocked && live.status != Some(SessionStatus::Ready) {
            frame.window = None;
        }
        let due = live.claim.is_ours()
            && frame.want.is_some()
            && frame.call.is_none()
            && now >= frame.next_fetch(config.embed_spacing);
        if may_ask && due {
            let call = CallId(self.calls.wrapping_add(1));
            self.calls = call.0;
            frame.call = Some((call, now));
            frame.fetched_at = Some(now);
            self.out.push(Effect::FetchEmbedUrl { call });
        }
    }

    pub(super) fn frame_deadline(&self, live: &Live) -> Option<Millis> {
        let frame = &live.frame;
        let timeout = frame.call.map(|(_, sent)| sent + self.config.embed_timeout);
        let fetch = Some(frame.next_fetch(self.config.embed_spacing))
            .filter(|_| frame.want.is_some() && frame.call.is_none() && self.may_ask_about(live));
        let offer = Some(live.status_since + self.config.offer_window_after)
            .filter(|_| live.status == Some(SessionStatus::Ready) && frame.shown.is_some() && !frame.window_asked);
        [timeout, fetch, offer].into_iter().flatten().min()
    }

    /// Whether `url` was never used before; from now on it is.
    fn claim(&mut self, url: &EmbedUrl) -> bool {
        let fresh = !self.used.contains(url);
        if fresh {
            self.used.push(url.clone());
        }
        fresh
    }

    /// The server hands out what was loaded already: loading it again would only show the provider's refusal.
    fn no_fresh_url(&mut self) {
        let Some(live) = self.live() else { return };
        if live.frame.shown.is_some() {
            return;
        }
        live.frame.unavailable = true;
        let session_id = Some(live.session_id.clone());
        self.emit(Event::Error(event::Error {
            session_id,
            code: "bad-response".to_owned(),
            message: "The proxy returned an embed URL that was used before. Start again.".to_owned(),
            retrying: false,
        }));
    }
}
