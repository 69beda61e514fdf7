//! The WebSocket that drives a frame page.
//!
//! The page's first message is its key: `{"key": "…"}`. From then on the sandbox says `{"state": …}` whenever that
//! changes, and answers each message of the page, `{"id": 1, "type": "signIn", …}`, with `{"re": 1, "status": 200,
//! "state": …}` or a refusal. The dialect is the sandbox's own.

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

/// The longest message of a page, in bytes.
const MAX_MESSAGE: usize = 4096;

/// How long a page may take to say who it is.
const KEY_WITHIN: Duration = Duration::from_secs(5);

/// How often progress is looked at, which moves by itself.
const GLANCE: Duration = Duration::from_millis(500);

/// The close code for a page that is not, or no longer, the one that was opened last.
pub(crate) const REPLACED: u16 = 4403;

/// The close code for a session that there is not, or no longer.
pub(crate) const GONE: u16 = 4404;

/// The close code for a first message that is no key.
const NO_KEY: u16 = 4400;

/// `GET /stream/{id}`: only the frame page's own origin may open it, where a browser says which that is.
pub(super) async fn open(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Response {
    driver::ensure_started(&shared);
    let Ok(upgrade) = upgrade else { return StatusCode::UPGRADE_REQUIRED.into_response() };
    let stranger = headers.get(header::ORIGIN).is_some_and(|origin| !shared.world().is_frame_origin(origin.as_bytes()));
    if stranger {
        return StatusCode::FORBIDDEN.into_response();
    }
    let upgrade = upgrade.max_message_size(MAX_MESSAGE).max_frame_size(MAX_MESSAGE);
    upgrade.on_upgrade(move |socket| async move {
        let mut stream = Stream { shared, id, socket };
        let reason = stream.run().await;
        if let Some(code) = reason {
            let close = CloseFrame { code, reason: "".into() };
            // Whoever is gone already needs no goodbye.
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
    /// Serves the page until the stream is over; the close code, unless the stream is to be cut without a word.
    async fn run(&mut self) -> Option<u16> {
        let Some(key) = self.key().await else { return Some(NO_KEY) };
        if let Err(end) = self.shared.with(|world, now| world.open_stream(&self.id, &key, now)) {
            return Some(code(end));
        }
        let mut changed = self.shared.changed.subscribe();
        let mut restarts = self.shared.restarts.subscribe();
        let mut glance = interval(GLANCE);
        glance.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut said: Option<(FrameState, u32)> = None;
        loop {
            let (state, cuts) = match self.look(&key) {
                Ok(seen) => seen,
                Err(end) => return Some(code(end)),
            };
            if said.as_ref().is_some_and(|(_, cuts_before)| cuts != *cuts_before) {
                return None;
            }
            if said.as_ref().is_none_or(|(before, _)| *before != state) {
                self.say(json!({ "state": state }).to_string(), said.is_none()).await?;
                said = Some((state, cuts));
                continue;
            }
            tokio::select! {
                message = self.socket.recv() => match message {
                    Some(Ok(Message::Text(text))) => {
                        let reply = self.shared.with(|world, now| world.frame_message(&self.id, &key, &text, now));
                        match reply {
                            Ok(reply) => self.say(reply, true).await?,
                            Err(end) => return Some(code(end)),
                        }
                    }
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    _ => return None,
                },
                _ = glance.tick() => {}
                change = changed.changed() => change.ok()?,
                _ = restarts.changed() => return None,
            }
        }
    }

    fn look(&self, key: &str) -> Result<(FrameState, u32), StreamEnd> {
        // Not `with`: looking is no change, and streams that wake each other would never rest.
        let (mut world, now) = (self.shared.world(), self.shared.now());
        world.frame_state(&self.id, key, now)
    }

    /// The key that the first message holds.
    async fn key(&mut self) -> Option<String> {
        match timeout(KEY_WITHIN, self.socket.recv()).await {
            Ok(Some(Ok(Message::Text(text)))) => {
                let message: Value = serde_json::from_str(&text).ok()?;
                message["key"].as_str().map(str::to_owned)
            }
            _ => None,
        }
    }

    /// Says `text`; `None` when the stream is over, by its fate or because nobody listens.
    async fn say(&mut self, text: String, is_first: bool) -> Option<()> {
        let fate = self.shared.world().stream_fate(&self.id, is_first);
        if fate.delay.0 > 0 {
            sleep(Duration::from_millis(fate.delay.0)).await;
        }
        self.socket.send(Message::Text(text.into())).await.ok()?;
        (!fate.cut).then_some(())
    }
}

fn code(end: StreamEnd) -> u16 {
    match end {
        StreamEnd::Replaced => REPLACED,
        StreamEnd::Gone => GONE,
    }
}
