//! WebSocket that drives a frame page.
//!
//! The page's first message is its key: `{"key": "…"}`. From then on the sandbox sends `{"state": …}` whenever the state
//! changes, and replies to each message of the page, `{"id": 1, "type": "signIn", …}`, with `{"re": 1, "status": 200,
//! "state": …}` or a refusal. The provider documents no such protocol; this one is the sandbox's own.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use super::{Shared, driver};
use crate::world::{FrameState, StreamEnd};

/// Maximum size of a message from a page, in bytes.
const MAX_MESSAGE: usize = 4096;

/// Timeout for the page's first message.
const KEY_TIMEOUT: Duration = Duration::from_secs(5);

/// Interval at which a stream checks progress, which moves without an event.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(500);

/// Close code for a page that is not the last one opened for its session.
pub(crate) const REPLACED: u16 = 4403;

/// Close code for a session that does not exist, or no longer does.
pub(crate) const GONE: u16 = 4404;

/// Close code if the first message is not a key.
const NO_KEY: u16 = 4400;

/// Handles `GET /stream/{id}`. If the client sends an `Origin`, it must be the frame page's.
pub(super) async fn open(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Response {
    driver::ensure_started(&shared);
    let Ok(upgrade) = upgrade else { return StatusCode::UPGRADE_REQUIRED.into_response() };
    let is_foreign =
        headers.get(header::ORIGIN).is_some_and(|origin| !shared.world().is_frame_origin(origin.as_bytes()));
    if is_foreign {
        return StatusCode::FORBIDDEN.into_response();
    }
    let upgrade = upgrade.max_message_size(MAX_MESSAGE).max_frame_size(MAX_MESSAGE);
    upgrade.on_upgrade(move |socket| async move {
        let mut stream = Stream { shared, id, socket };
        let reason = stream.run().await;
        if let Some(code) = reason {
            let close = CloseFrame { code, reason: "".into() };
            // Fails only if the page has disconnected already.
            let _ = stream.socket.send(Message::Close(Some(close))).await;
        }
    })
}

struct Stream {
    shared: Arc<Shared>,
    id: String,
    socket: WebSocket,
}

impl Stream {
    /// Serves the page until the stream ends. Returns the close code; `None` cuts the connection without a close frame.
    async fn run(&mut self) -> Option<u16> {
        let Some(key) = self.key().await else { return Some(NO_KEY) };
        if let Err(end) = self.shared.with(|world, now| world.open_stream(&self.id, &key, now)) {
            return Some(code(end));
        }
        let mut changed = self.shared.changed.subscribe();
        let mut restarts = self.shared.restarts.subscribe();
        let mut progress = interval(PROGRESS_INTERVAL);
        progress.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut sent: Option<(FrameState, u32)> = None;
        loop {
            let (state, cuts) = match self.state(&key) {
                Ok(seen) => seen,
                Err(end) => return Some(code(end)),
            };
            if sent.as_ref().is_some_and(|(_, cuts_before)| cuts != *cuts_before) {
                return None;
            }
            if sent.as_ref().is_none_or(|(before, _)| *before != state) {
                self.send(json!({ "state": state }).to_string(), sent.is_none()).await?;
                sent = Some((state, cuts));
                continue;
            }
            tokio::select! {
                message = self.socket.recv() => match message {
                    Some(Ok(Message::Text(text))) => {
                        let reply = self.shared.with(|world, now| world.frame_message(&self.id, &key, &text, now));
                        match reply {
                            Ok(reply) => self.send(reply, true).await?,
                            Err(end) => return Some(code(end)),
                        }
                    }
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    _ => return None,
                },
                _ = progress.tick() => {}
                change = changed.changed() => change.ok()?,
                _ = restarts.changed() => return None,
            }
        }
    }

    fn state(&self, key: &str) -> Result<(FrameState, u32), StreamEnd> {
        // Not `with`: this is not a change, and streams that notify each other would never sleep.
        let (mut world, now) = (self.shared.world(), self.shared.now());
        world.frame_state(&self.id, key, now)
    }

    /// Reads the first message and returns its key.
    async fn key(&mut self) -> Option<String> {
        match timeout(KEY_TIMEOUT, self.socket.recv()).await {
            Ok(Some(Ok(Message::Text(text)))) => {
                let message: Value = serde_json::from_str(&text).ok()?;
                message["key"].as_str().map(str::to_owned)
            }
            _ => None,
        }
    }

    /// Sends `text`. Returns `None` if the stream has ended, because of a fault or because the page is gone.
    async fn send(&mut self, text: String, is_first: bool) -> Option<()> {
        let faults = self.shared.world().stream_faults(&self.id, is_first);
        if faults.delay.0 > 0 {
            sleep(Duration::from_millis(faults.delay.0)).await;
        }
        self.socket.send(Message::Text(text.into())).await.ok()?;
        (!faults.cut).then_some(())
    }
}

fn code(end: StreamEnd) -> u16 {
    match end {
        StreamEnd::Replaced => REPLACED,
        StreamEnd::Gone => GONE,
    }
}
