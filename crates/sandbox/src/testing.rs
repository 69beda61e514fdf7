//! A person before the frame page, for tests: opens an embed URL as a browser would and acts, over real HTTP and a real
//! WebSocket.

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

pub use crate::world::{FrameState, Step};

/// How long a person waits for what they expect to see.
const PATIENCE: Duration = Duration::from_secs(15);

/// How often they look.
const GLANCE: Duration = Duration::from_millis(10);

/// How often a connection that was cut is made again for one action.
const RECONNECTS: usize = 10;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A person who has the page of one session open.
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
    line: Mutex<Line>,
}

/// The connection, and the number of the last message.
#[derive(Default)]
struct Line {
    socket: Option<Socket>,
    messages: u64,
}

impl fmt::Debug for User {
    /// Without the page's key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("stream_url", &self.stream_url).finish_non_exhaustive()
    }
}

impl User {
    /// Opens the page, which spends the URL.
    ///
    /// # Errors
    /// When the page is refused (410 when the URL was used or is too old), or is no frame page.
    pub async fn open(embed_url: &str) -> Result<Self, Error> {
        let client = Client::builder().no_proxy().timeout(PATIENCE).build()?;
        let response = client.get(embed_url).send().await?;
        let status = response.status();
        if !status.is_success() {
            return Err(Error::refused(status.as_u16(), "the page was refused"));
        }
        let html = response.text().await?;
        let (Some(stream_url), Some(key)) = (meta(&html, "stream"), meta(&html, "frame-key")) else {
            return Err(Error::other("the answer is no frame page"));
        };
        Ok(Self { stream_url: stream_url.to_owned(), key: key.to_owned(), line: Mutex::default() })
    }

    /// Waits for the sign-in form, then signs in as `name` with a password that every test user has. Anything but a
    /// test user's name is refused by the page, which the answer says.
    ///
    /// # Errors
    /// When the form does not come, or on a network fault.
    pub async fn sign_in(&self, name: &str) -> Result<FrameState, Error> {
        self.sign_in_with(name, "sandbox").await
    }

    /// As [`User::sign_in`], with a password of the caller's choice.
    ///
    /// # Errors
    /// When the form does not come, or on a network fault.
    pub async fn sign_in_with(&self, name: &str, password: &str) -> Result<FrameState, Error> {
        self.wait_for(Step::SignIn).await?;
        self.act(json!({ "type": "signIn", "username": name, "password": password })).await
    }

    /// Waits for the form for a one-time code, then types `code`.
    ///
    /// # Errors
    /// When the form does not come, or on a network fault.
    pub async fn code(&self, code: &str) -> Result<FrameState, Error> {
        self.wait_for(Step::Code).await?;
        self.act(json!({ "type": "code", "code": code })).await
    }

    /// Waits for the security question, then answers it.
    ///
    /// # Errors
    /// When the question does not come, or on a network fault.
    pub async fn answer(&self, answer: &str) -> Result<FrameState, Error> {
        self.wait_for(Step::Question).await?;
        self.act(json!({ "type": "answer", "answer": answer })).await
    }

    /// Waits for the list of accounts, then picks one by its place in it, from 0.
    ///
    /// # Errors
    /// When the list does not come, or on a network fault.
    pub async fn pick(&self, account: usize) -> Result<FrameState, Error> {
        self.wait_for(Step::Account).await?;
        self.act(json!({ "type": "account", "account": account })).await
    }

    /// Cancels, whatever the page shows.
    ///
    /// # Errors
    /// 409 when the session has ended, or a network fault.
    pub async fn cancel(&self) -> Result<FrameState, Error> {
        self.act(json!({ "type": "cancel" })).await
    }

    /// What the page shows now.
    ///
    /// # Errors
    /// 403 when the page was opened anew since, 404 when the session is gone, or a network fault.
    pub async fn state(&self) -> Result<FrameState, Error> {
        self.act(json!({ "type": "look" })).await
    }

    /// Waits until the page shows `step`.
    ///
    /// # Errors
    /// When it does not within 15 s, or shows an end instead.
    pub async fn wait_for(&self, step: Step) -> Result<FrameState, Error> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let state = self.state().await?;
            if state.step == step {
                return Ok(state);
            }
            if state.status.is_terminal() || Instant::now() >= deadline {
                return Err(Error::other(format!("waited for {step:?}, and the page shows {:?}", state.step)));
            }
            sleep(GLANCE).await;
        }
    }

    /// Sends an action and gives what the page shows then. A connection that is cut is made again.
    async fn act(&self, mut action: Value) -> Result<FrameState, Error> {
        let mut line = self.line.lock().await;
        line.messages += 1;
        action["id"] = json!(line.messages);
        for _ in 0..RECONNECTS {
            let socket = match &mut line.socket {
                Some(socket) => socket,
                none => none.insert(self.connect().await?),
            };
            match timeout(PATIENCE, ask(socket, &action)).await {
                Ok(Reply::Told(reply)) => return read(reply),
                Ok(Reply::Closed(4403)) => return Err(Error::refused(403, "this page was opened anew")),
                Ok(Reply::Closed(4404)) => return Err(Error::refused(404, "there is no such session")),
                Ok(Reply::Closed(_)) => line.socket = None,
                Err(_) => return Err(Error::other("the sandbox did not answer")),
            }
        }
        Err(Error::other("the connection was cut again and again"))
    }

    async fn connect(&self) -> Result<Socket, Error> {
        let (mut socket, _) = connect_async(&self.stream_url).await?;
        socket.send(Message::text(json!({ "key": self.key }).to_string())).await?;
        Ok(socket)
    }
}

enum Reply {
    Told(Value),
    /// By this code; 1006 when without a word.
    Closed(u16),
}

/// Sends `action` and passes over what comes until its reply does.
async fn ask(socket: &mut Socket, action: &Value) -> Reply {
    const WITHOUT_A_WORD: u16 = 1006;
    // A failure to send shows in what comes: the reason of a close, or nothing.
    let _ = socket.send(Message::text(action.to_string())).await;
    while let Some(Ok(message)) = socket.next().await {
        match message {
            Message::Text(text) => {
                let message: Value = serde_json::from_str(&text).unwrap_or_default();
                if message["re"] == action["id"] || message["re"].is_null() && message["status"] == 400 {
                    return Reply::Told(message);
                }
            }
            Message::Close(frame) => return Reply::Closed(frame.map_or(WITHOUT_A_WORD, |frame| frame.code.into())),
            _ => {}
        }
    }
    Reply::Closed(WITHOUT_A_WORD)
}

fn read(reply: Value) -> Result<FrameState, Error> {
    match reply["status"].as_u64() {
        Some(200) => serde_json::from_value(reply["state"].clone()).map_err(|error| Error::other(error.to_string())),
        status => {
            let status = status.and_then(|status| u16::try_from(status).ok()).unwrap_or_default();
            Err(Error::refused(status, reply["message"].as_str().unwrap_or("the frame refused")))
        }
    }
}

/// The content of a meta element of the frame page.
fn meta<'a>(html: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = html.split_once(&format!("<meta name=\"{name}\" content=\""))?;
    rest.split_once('"').map(|(content, _)| content)
}

/// What kept the person from going on.
#[derive(Debug)]
pub struct Error {
    message: String,
    status: Option<u16>,
}

impl Error {
    /// The HTTP status of a refusal.
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
    /// Without the URL, which may hold a token.
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
