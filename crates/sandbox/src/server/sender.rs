//! Webhook client (docs/partner-api.md section 4).

use std::io;

use super::Webhooks;
use crate::world::Outgoing;

/// Client that connects to receivers directly, with the configured certificates and addresses.
#[derive(Clone, Debug)]
pub(super) struct Sender(reqwest::Client);

impl Sender {
    pub(super) fn new(webhooks: &Webhooks) -> io::Result<Self> {
        let mut client = reqwest::Client::builder()
            .timeout(webhooks.timeout)
            // A redirect is not a 2xx, so it counts as a failed delivery.
            .redirect(reqwest::redirect::Policy::none())
            // Receivers on this machine must be reached directly, even if the environment sets a proxy.
            .no_proxy();
        if let Some(path) = &webhooks.ca {
            let named = |error: &dyn std::fmt::Display| {
                io::Error::new(io::ErrorKind::InvalidInput, format!("{}: {error}", path.display()))
            };
            let pem = std::fs::read(path).map_err(|error| named(&error))?;
            let certificates = reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| named(&error))?;
            if certificates.is_empty() {
                return Err(named(&"no certificate found in the file"));
            }
            client = client.tls_certs_merge(certificates);
        }
        for (host, address) in &webhooks.resolve {
            client = client.resolve(host, *address);
        }
        client.build().map(Self).map_err(io::Error::other)
    }

    /// Sends a webhook and returns the response's status, or why there was no response.
    pub(super) async fn send(&self, outgoing: Outgoing) -> Result<u16, &'static str> {
        let Outgoing { url, headers, body, .. } = outgoing;
        let post = self.0.post(url);
        let request = headers.into_iter().fold(post, |request, (name, value)| request.header(name, value));
        match request.body(body).send().await {
            Ok(response) => Ok(response.status().as_u16()),
            // Not the error's own text, which contains the URL.
            Err(error) if error.is_timeout() => Err("no response in time"),
            Err(error) if error.is_connect() => Err("could not connect"),
            Err(_) => Err("the connection broke"),
        }
    }
}
