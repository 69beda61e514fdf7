//! A person before the frame page, for tests: opens an embed URL as a browser would and acts, over real HTTP.

use std::fmt;
use std::time::Duration;

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

pub use crate::world::{FrameState, Step};

/// How long a person waits for what they expect to see.
const PATIENCE: Duration = Duration::from_secs(15);

/// How often they look.
const GLANCE: Duration = Duration::from_millis(10);

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
    client: Client,
    /// The URL below which this session's state and actions are.
    frame: String,
    key: String,
}

impl fmt::Debug for User {
    /// Without the page's key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("frame", &self.frame).finish_non_exhaustive()
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
            return Err(Error::refused(status, "the page was refused"));
        }
        let html = response.text().await?;
        let (Some(session), Some(key)) = (meta(&html, "session"), meta(&html, "frame-key")) else {
            return Err(Error::other("the answer is no frame page"));
        };
        let (origin, _) = embed_url.split_once("/verify/").ok_or_else(|| Error::other("this is no embed URL"))?;
        Ok(Self { client, frame: format!("{origin}/frame/{session}"), key: key.to_owned() })
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
    /// 403 when the page was opened anew since, or a network fault.
    pub async fn state(&self) -> Result<FrameState, Error> {
        let request = self.client.get(format!("{}/state", self.frame));
        self.send(request).await
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

    async fn act(&self, action: Value) -> Result<FrameState, Error> {
        let request = self.client.post(format!("{}/actions", self.frame)).json(&action);
        self.send(request).await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<FrameState, Error> {
        let response = request.header("Frame-Key", &self.key).send().await?;
        match response.status() {
            status if status.is_success() => Ok(response.json().await?),
            status => Err(Error::refused(status, "the frame refused")),
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
    status: Option<StatusCode>,
}

impl Error {
    /// The HTTP status of a refusal.
    pub fn status(&self) -> Option<u16> {
        self.status.map(|status| status.as_u16())
    }

    fn refused(status: StatusCode, message: &str) -> Self {
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
        Self { status: error.status(), message: error.without_url().to_string() }
    }
}
