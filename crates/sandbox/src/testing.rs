//! Simulated user of the frame page, for tests: opens an embed URL as a browser would and acts over real HTTP and a
//! real WebSocket.

use std::fmt;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, timeout};
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::server::{GONE, REPLACED};

pub use crate::world::{FrameState, Step};

/// Timeout for an HTTP response, a reply on the stream or an expected step.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Interval at which [`User::wait_for`] polls the page's state.
const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// Maximum number of connections made for one action.
const MAX_CONNECTIONS: usize = 10;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Simulated user who has the frame page of one session open.
///
/// ```no_run
/// # async fn walk(embed_url: &str) -> Result<(), cr3dentials_sandbox::testing::Error> {
/// use cr3dentials_sandbox::testing::User;
///
/// let user = User::open(embed_url).await?;
/// user.sign_in("otp").await?;
/// user.code("123456").await?;
/// # Ok(())
/// # }
/// ```
pub struct User {
    stream_url: String,
    key: String,
    connection: Mutex<Connection>,
}

/// Open stream, if any, and the number of the last message sent.
#[derive(Default)]
struct Connection {
    socket: Option<Socket>,
    messages: u64,
}

impl fmt::Debug for User {
    /// Omits the page's key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("stream_url", &self.stream_url).finish_non_exhaustive()
    }
}

impl User {
    /// Opens the page, which uses up the URL.
    ///
    /// # Errors
    /// Fails when the page is refused (410 if the URL was used or has expired), or is not a frame page.
    pub async fn open(embed_url: &str) -> Result<Self, Error> {
        let client = Client::builder().no_proxy().timeout(TIMEOUT).build()?;
        let response = client.get(embed_url).send().await?;
        let status = response.status();
        if !status.is_success() {
            return Err(Error::refused(status.as_u16(), "the page was refused"));
        }
        let html = response.text().await?;
        let (Some(stream_url), Some(key)) = (meta(&html, "stream"), meta(&html, "frame-key")) else {
            return Err(Error::other("the response is not a frame page"));
        };
        Ok(Self { stream_url: stream_url.to_owned(), key: key.to_owned(), connection: Mutex::default() })
    }

    /// Waits for the sign-in form, then signs in as `name` with the password `sandbox`. If `name` is not a test user,
    /// the page refuses it and the returned state has `refused` set.
    ///
    /// # Errors
    /// Fails when the form does not appear, or on a network error.
    pub async fn sign_in(&self, name: &str) -> Result<FrameState, Error> {
        self.sign_in_with(name, "sandbox").await
    }

    /// Signs in like [`User::sign_in`], with the given password.
    ///
    /// # Errors
    /// Fails when the form does not appear, or on a network error.
    pub async fn sign_in_with(&self, name: &str, password: &str) -> Result<FrameState, Error> {
        self.wait_for(Step::SignIn).await?;
        self.act(json!({ "type": "signIn", "username": name, "password": password })).await
    }

    /// Waits for the form for a one-time code, then submits `code`.
    ///
    /// # Errors
    /// Fails when the form does not appear, or on a network error.
    pub async fn code(&self, code: &str) -> Result<FrameState, Error> {
        self.wait_for(Step::Code).await?;
        self.act(json!({ "type": "code", "code": code })).await
    }

    /// Waits for the security question, then answers it.
    ///
    /// # Errors
    /// Fails when the question does not appear, or on a network error.
    pub async fn answer(&self, answer: &str) -> Result<FrameState, Error> {
        self.wait_for(Step::Question).await?;
        self.act(json!({ "type": "answer", "answer": answer })).await
    }

    /// Waits for the list of accounts, then picks one by its zero-based index.
    ///
    /// # Errors
    /// Fails when the list does not appear, or on a network error.
    pub async fn pick(&self, account: usize) -> Result<FrameState, Error> {
        self.wait_for(Step::Account).await?;
        self.act(json!({ "type": "account", "account": account })).await
    }

    /// Cancels the verification at any step.
    ///
    /// # Errors
    /// 409 when the session has ended, or a network error.
    pub async fn cancel(&self) -> Result<FrameState, Error> {
        self.act(json!({ "type": "cancel" })).await
    }

    /// Returns the current state of the page.
    ///
    /// # Errors
    /// 403 when the page has been opened again since, 404 when the session no longer exists, or a network error.
    pub async fn state(&self) -> Result<FrameState, Error> {
        self.act(json!({ "type": "look" })).await
    }

    /// Waits until the page shows `step`.
    ///
    /// # Errors
    /// Fails when it does not within 15 s, or when the session ends first.
    pub async fn wait_for(&self, step: Step) -> Result<FrameState, Error> {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            let state = self.state().await?;
            if state.step == step {
                return Ok(state);
            }
            if state.status.is_terminal() || Instant::now() >= deadline {
                return Err(Error::other(format!("waited for {step:?}, and the page shows {:?}", state.step)));
            }
            sleep(POLL_INTERVAL).await;
        }
    }

    /// Sends an action and returns the page's state after it. Reconnects when the stream is cut.
    async fn act(&self, mut action: Value) -> Result<FrameState, Error> {
        let mut connection = self.connection.lock().await;
        connection.messages += 1;
        action["id"] = json!(connection.messages);
        for _ in 0..MAX_CONNECTIONS {
            let socket = match &mut connection.socket {
                Some(socket) => socket,
                none => none.insert(self.connect().await?),
            };
            match timeout(TIMEOUT, request(socket, &action)).await {
                Ok(Reply::Message(reply)) => return read(reply),
                Ok(Reply::Closed(REPLACED)) => return Err(Error::refused(403, "this page was opened again elsewhere")),
                Ok(Reply::Closed(GONE)) => return Err(Error::refused(404, "session not found")),
                Ok(Reply::Closed(_)) => connection.socket = None,
                Err(_) => return Err(Error::other("the sandbox did not respond in time")),
            }
        }
        Err(Error::other(format!("the stream was cut {MAX_CONNECTIONS} times")))
    }

    async fn connect(&self) -> Result<Socket, Error> {
        let (mut socket, _) = connect_async(&self.stream_url).await?;
        socket.send(Message::text(json!({ "key": self.key }).to_string())).await?;
        Ok(socket)
    }
}

enum Reply {
    Message(Value),
    /// Close code; 1006 if the connection ended without a close frame.
    Closed(u16),
}

/// Sends `action` and waits for its reply, ignoring other messages.
async fn request(socket: &mut Socket, action: &Value) -> Reply {
    const NO_CLOSE_FRAME: u16 = 1006;
    // A failed send shows below: as a close frame, or as the end of the stream.
    let _ = socket.send(Message::text(action.to_string())).await;
    while let Some(Ok(message)) = socket.next().await {
        match message {
            Message::Text(text) => {
                let message: Value = serde_json::from_str(&text).unwrap_or_default();
                if message["re"] == action["id"] || message["re"].is_null() && message["status"] == 400 {
                    return Reply::Message(message);
                }
            }
            Message::Close(frame) => return Reply::Closed(frame.map_or(NO_CLOSE_FRAME, |frame| frame.code.into())),
            _ => {}
        }
    }
    Reply::Closed(NO_CLOSE_FRAME)
}

fn read(reply: Value) -> Result<FrameState, Error> {
    match reply["status"].as_u64() {
        Some(200) => serde_json::from_value(reply["state"].clone()).map_err(|error| Error::other(error.to_string())),
        status => {
            let status = status.and_then(|status| u16::try_from(status).ok()).unwrap_or_default();
            Err(Error::refused(status, reply["message"].as_str().unwrap_or("the action was refused")))
        }
    }
}

/// Returns the content of a meta element of the frame page.
fn meta<'a>(html: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = html.split_once(&format!("<meta name=\"{name}\" content=\""))?;
    rest.split_once('"').map(|(content, _)| content)
}

/// Error of a simulated user's action.
#[derive(Debug)]
pub struct Error {
    message: String,
    status: Option<u16>,
}

impl Error {
    /// Returns the HTTP status if the sandbox refused the action.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    fn refused(status: u16, message: &str) -> Self {
        Self { message: format!("{message}: {status}"), status: Some(status) }
    }

    fn other(message: impl Into<String>) -> Self {
        Self { message: message.into(), status: None }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl From<reqwest::Error> for Error {
    /// Omits the URL, which may hold a token.
    fn from(error: reqwest::Error) -> Self {
        let status = error.status().map(|status| status.as_u16());
        Self { status, message: error.without_url().to_string() }
    }
}

impl From<tungstenite::Error> for Error {
    fn from(error: tungstenite::Error) -> Self {
        Self::other(error.to_string())
    }
}
