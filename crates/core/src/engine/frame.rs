//! The session's iframe: at most one at a time, no embed URL loaded twice, replaced only on request.

use super::Context;
use super::protocol::event;
use super::protocol::{CallId, Effect, EmbedUrl, Event, Failure, FrameId, FrameSignal, FrameView, Problem};
use crate::time::Millis;

/// Fetches embed URLs and shows the iframe.
#[derive(Debug, Default)]
pub(super) struct Frame {
    shown: Option<FrameId>,
    mounted_at: Millis,
    /// The iframe has sent a message, so the user sees something in it.
    is_alive: bool,
    blocked: bool,
    unavailable: bool,
    /// The host page knows that the session is shown.
    announced: bool,
    wanted: Option<Purpose>,
    /// The request for an embed URL in flight, and the time at which it was sent.
    fetch: Option<(CallId, Millis)>,
    fetched_at: Option<Millis>,
    retry_at: Millis,
    failures: u32,
    /// The time since which nothing is known of the user, when a new window was offered last.
    offered_since: Option<Millis>,
    window: Option<EmbedUrl>,
}

/// The use of a fresh embed URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Frame,
    Window,
}

/// The session that the iframe belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) struct FrameOwner<'a> {
    pub(super) session_id: &'a str,
    pub(super) resumed: bool,
}

impl Frame {
    pub(super) fn view(&self) -> FrameView {
        match self {
            Self { unavailable: true, .. } => FrameView::Unavailable,
            Self { blocked: true, .. } => FrameView::Blocked,
            Self { shown: Some(_), .. } => FrameView::Shown,
            _ => FrameView::None,
        }
    }

    /// Returns the URL offered for a new window.
    pub(super) fn window(&self) -> Option<&EmbedUrl> {
        self.window.as_ref()
    }

    /// Returns true if an iframe is shown or requested.
    pub(super) fn is_coming(&self) -> bool {
        self.shown.is_some() || self.wanted == Some(Purpose::Frame)
    }

    /// Shows `url` in the session's only iframe, unless the URL was used before.
    pub(super) fn mount(&mut self, ctx: &mut Context, owner: FrameOwner<'_>, url: EmbedUrl) {
        if !ctx.mark_used(&url) {
            return self.report_used_url(ctx, owner.session_id);
        }
        self.remove(ctx);
        let frame = ctx.next_frame();
        self.shown = Some(frame);
        (self.mounted_at, self.is_alive) = (ctx.now.mono, false);
        (self.blocked, self.unavailable) = (false, false);
        self.window = None;
        ctx.push(Effect::Mount(frame, url));
        if !std::mem::replace(&mut self.announced, true) {
            let session_id = owner.session_id.to_owned();
            ctx.emit(Event::Ready(event::Ready { session_id, resumed: owner.resumed }));
        }
    }

    /// Returns the time since which the iframe has sent nothing, or `None` once it has. A content blocker or a policy of
    /// the page or the provider may have left it empty, which nothing reports.
    pub(super) fn silent_since(&self) -> Option<Millis> {
        (!self.is_alive).then_some(self.mounted_at)
    }

    /// Requests a new iframe. The current one stays until the new one can be shown.
    pub(super) fn request(&mut self) {
        self.wanted = Some(Purpose::Frame);
    }

    pub(super) fn remove(&mut self, ctx: &mut Context) {
        if let Some(frame) = self.shown.take() {
            ctx.push(Effect::Drop(frame));
        }
    }

    pub(super) fn cancel_fetch(&mut self, ctx: &mut Context) {
        if let Some((call, _)) = self.fetch.take() {
            ctx.push(Effect::Cancel(call));
        }
    }

    /// Withdraws every request, because another tab shows the session.
    pub(super) fn yield_to_other_tab(&mut self) {
        (self.wanted, self.window, self.blocked, self.unavailable) = (None, None, false, false);
    }

    /// Processes a signal of the shown iframe, and returns true if it hints at a changed status. Signals of other
    /// iframes are ignored.
    pub(super) fn on_signal(
        &mut self,
        ctx: &mut Context,
        session_id: &str,
        frame: FrameId,
        signal: FrameSignal,
    ) -> bool {
        if self.shown != Some(frame) {
            return false;
        }
        match signal {
            FrameSignal::Loaded => return true,
            FrameSignal::Hint => {
                self.is_alive = true;
                return true;
            }
            FrameSignal::CspBlocked => {
                if !std::mem::replace(&mut self.blocked, true) {
                    self.wanted.get_or_insert(Purpose::Window);
                    ctx.report(Some(session_id), &Problem::FrameBlocked, false);
                }
            }
            FrameSignal::Lost => {
                self.remove(ctx);
                self.request();
            }
        }
        false
    }

    /// Returns true if `call` is the request in flight, which is then finished.
    pub(super) fn finish_fetch(&mut self, call: CallId) -> bool {
        self.fetch.take_if(|(open, _)| *open == call).is_some()
    }

    pub(super) fn on_url(&mut self, ctx: &mut Context, owner: FrameOwner<'_>, url: EmbedUrl) {
        self.failures = 0;
        match self.wanted.take() {
            Some(Purpose::Frame) => self.mount(ctx, owner, url),
            Some(Purpose::Window) if ctx.mark_used(&url) => self.window = Some(url),
            Some(Purpose::Window) | None => {}
        }
    }

    pub(super) fn on_failure(&mut self, ctx: &mut Context, session_id: &str, failure: Failure) {
        let retrying = failure.kind.is_retryable();
        // A window may be offered to a user who needs none, so it is no error if it cannot be.
        let is_offer = self.wanted == Some(Purpose::Window) && !self.blocked;
        self.failures = self.failures.saturating_add(1);
        self.retry_at = ctx.now.mono + ctx.backoff(self.failures, failure.retry_after);
        if failure.retry_after.is_some() {
            // The server knows better than our interval when it has a URL again.
            self.retry_at = self.retry_at.max(ctx.now.mono + ctx.config.backoff.base);
            self.fetched_at = None;
        }
        if !retrying {
            let wanted = self.wanted.take();
            self.unavailable = wanted == Some(Purpose::Frame) && self.shown.is_none();
        }
        if !is_offer && (self.failures == 1 || !retrying) {
            ctx.report(Some(session_id), &Problem::Request(failure.kind), retrying);
        }
    }

    /// Cancels the request in flight if it has timed out, and returns true if it has.
    pub(super) fn time_out_fetch(&mut self, ctx: &mut Context) -> bool {
        let now = ctx.now.mono;
        let timeout = ctx.config.embed_url_timeout;
        let late = self.fetch.take_if(|(_, sent)| now >= *sent + timeout);
        if let Some((call, _)) = late {
            ctx.push(Effect::Cancel(call));
        }
        late.is_some()
    }

    /// Offers a new window when the user has given no sign for long, and withdraws the offer once they have.
    /// `unseen_since`: the time since which the user must act and nothing is known of them.
    pub(super) fn update_window(&mut self, ctx: &Context, unseen_since: Option<Millis>) {
        if self.offer_at(ctx, unseen_since).is_some_and(|at| ctx.now.mono >= at) {
            self.offered_since = unseen_since;
            self.wanted.get_or_insert(Purpose::Window);
        } else if !self.blocked && unseen_since.is_none() {
            self.window = None;
            self.wanted.take_if(|wanted| *wanted == Purpose::Window);
        }
    }

    /// Requests an embed URL if one is wanted and due.
    pub(super) fn fetch_if_due(&mut self, ctx: &mut Context) {
        if ctx.can_send() && self.fetch_at(ctx).is_some_and(|at| ctx.now.mono >= at) {
            let call = ctx.next_call();
            self.fetch = Some((call, ctx.now.mono));
            self.fetched_at = Some(ctx.now.mono);
            ctx.push(Effect::FetchEmbedUrl { call });
        }
    }

    pub(super) fn deadline(&self, ctx: &Context, unseen_since: Option<Millis>) -> Option<Millis> {
        let timeout = self.fetch.map(|(_, sent)| sent + ctx.config.embed_url_timeout);
        let fetch = self.fetch_at(ctx).filter(|_| ctx.can_send());
        [timeout, fetch, self.offer_at(ctx, unseen_since)].into_iter().flatten().min()
    }

    /// Returns the time of the next request, or `None` if no URL is wanted or one is being fetched.
    fn fetch_at(&self, ctx: &Context) -> Option<Millis> {
        let spaced = self.fetched_at.map(|at| at + ctx.config.min_embed_url_interval);
        spaced.max(Some(self.retry_at)).filter(|_| self.wanted.is_some() && self.fetch.is_none())
    }

    /// Returns the time at which a new window is offered, once for each time that the user must act.
    fn offer_at(&self, ctx: &Context, unseen_since: Option<Millis>) -> Option<Millis> {
        let at = unseen_since? + ctx.config.offer_window_after;
        let is_offered = self.offered_since == unseen_since || self.blocked && self.window.is_some();
        (self.shown.is_some() && !is_offered).then_some(at)
    }

    /// Reports a URL that was used before. Loading it again would only show the provider's refusal.
    fn report_used_url(&mut self, ctx: &mut Context, session_id: &str) {
        if self.shown.is_none() {
            self.unavailable = true;
            ctx.report(Some(session_id), &Problem::UsedEmbedUrl, false);
        }
    }
}
