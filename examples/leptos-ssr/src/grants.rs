use leptos::prelude::*;

/// Returns true if the loan is granted. It runs on the server, which requests the result from the proxy. Reports from a
/// browser do not count.
///
/// A real server grants only to the user who is signed in (compare the result's `user`), and once for each session.
#[server(endpoint = "grants")]
pub(crate) async fn is_granted(session_id: String) -> Result<bool, ServerFnError> {
    expect_context::<Backend>().is_granted(&session_id).await.map_err(|error| {
        leptos::logging::error!("could not read the result of {session_id:?}: {error}");
        ServerFnError::new("the result could not be read")
    })
}

/// The proxy's backend listener, which only this server can reach.
#[cfg(feature = "ssr")]
#[derive(Clone)]
pub struct Backend {
    /// Sends the requests.
    pub client: reqwest::Client,
    /// Address of the listener, such as `http://127.0.0.1:7073`.
    pub url: String,
    /// Value of the proxy's `CR3D_BACKEND_TOKEN`.
    pub token: String,
}

#[cfg(feature = "ssr")]
impl Backend {
    async fn is_granted(&self, session_id: &str) -> Result<bool, reqwest::Error> {
        // The id becomes part of a path.
        let is_id = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        if !is_id(session_id) {
            return Ok(false);
        }
        let request = self.client.get(format!("{}/results/{session_id}", self.url)).bearer_auth(&self.token);
        let response = request.timeout(std::time::Duration::from_secs(10)).send().await?;
        if response.status() == reqwest::StatusCode::NOT_FOUND {
            return Ok(false);
        }
        let Envelope { data } = response.error_for_status()?.json().await?;
        Ok(data.status == "COMPLETED" && data.has_attestation)
    }
}

#[cfg(feature = "ssr")]
#[derive(serde::Deserialize)]
struct Envelope {
    data: SessionResult,
}

#[cfg(feature = "ssr")]
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct SessionResult {
    status: String,
    has_attestation: bool,
}
