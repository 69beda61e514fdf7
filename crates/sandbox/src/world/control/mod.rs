//! Control routes under `/sandbox`, used by tests and the console. Not part of the Partner API.

mod console;
mod provider;
mod sessions;

use serde_json::{Value, json};

pub(crate) use console::page as console_page;

use super::World;
use super::http::{Method, Request, Response, is_loopback, reason};

impl World {
    /// Handles a control route. Only a loopback `Host` is accepted, so that no web page can reach it under its own host
    /// name (DNS rebinding), and only JSON bodies, which no page of another origin can send.
    pub(super) fn control(&mut self, method: Method, path: &[&str], request: &Request) -> Response {
        if !is_allowed(request) {
            return Response::error(403, "Control routes accept only loopback hosts and same-origin requests");
        }
        match method {
            Method::Get => self.show(path),
            Method::Post => match request.json() {
                Ok(body) => self.command(path, &body),
                Err(response) => response,
            },
            Method::Other => Response::error(405, reason(405)).with_header("allow", "GET, POST".to_owned()),
        }
    }

    fn show(&self, path: &[&str]) -> Response {
        let shown = match path {
            ["overview"] => self.overview(),
            ["sessions"] => json!({ "now": self.now, "sessions": self.list_sessions() }),
            ["webhooks"] => json!(self.list_webhooks()),
            ["switches"] => json!(self.settings.switches),
            ["faults"] => json!(self.faults.list()),
            ["keys"] => json!(self.keys.describe()),
            ["settings"] => self.show_settings(),
            _ => return not_found(),
        };
        Response::json(200, &shown)
    }

    fn command(&mut self, path: &[&str], body: &Value) -> Response {
        match path {
            ["clock"] => self.move_clock(body),
            ["settings"] => self.set_settings(body),
            ["switches"] => self.set_switches(body),
            ["faults"] => self.replace_faults(body),
            ["keys"] => self.add_key(body),
            ["keys", id, "rotate"] => self.rotate_key(id),
            ["restart"] => self.restart(body),
            ["sessions", id, "terminate"] => self.terminate(id),
            ["sessions", id, "status"] => self.force_status(id, body),
            ["sessions", id, "user"] => self.choose_user(id, body),
            ["sessions", id, "cut"] => self.cut_stream(id),
            ["sessions", id, "announce"] => self.resend_webhook(id),
            _ => not_found(),
        }
    }

    /// Returns everything that the console shows.
    fn overview(&self) -> Value {
        json!({
            "now": self.now,
            "settings": self.show_settings(),
            "sessions": self.list_sessions(),
            "webhooks": self.list_webhooks(),
            "switches": self.settings.switches,
            "faults": self.faults.list(),
            "keys": self.keys.describe(),
        })
    }
}

fn not_found() -> Response {
    Response::error(404, reason(404))
}

/// Returns true if the `Host` is a loopback address and no page of another origin has sent the request.
pub(super) fn is_allowed(request: &Request) -> bool {
    let headers = &request.headers;
    let host = headers.host.as_deref().unwrap_or_default();
    let same_origin = |origin: &String| origin.split_once("://").is_some_and(|(_, authority)| authority == host);
    is_loopback_host(host) && headers.origin.as_ref().is_none_or(same_origin)
}

/// Returns true if a `Host` header is a loopback address, with any port.
fn is_loopback_host(host: &str) -> bool {
    let Ok(url) = url::Url::parse(&format!("http://{host}/")) else { return false };
    url.host().is_some_and(|host| is_loopback(&host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_hosts_are_allowed() {
        for host in ["127.0.0.1", "127.0.0.1:7071", "localhost:80", "[::1]:7071"] {
            assert!(is_loopback_host(host), "{host}");
        }
        for host in ["", "evil.example", "127.0.0.1.evil.example", "localhost.evil.example:7071", "10.0.0.1"] {
            assert!(!is_loopback_host(host), "{host}");
        }
    }
}
