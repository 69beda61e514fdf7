//! Partner API: counts, authenticates and routes each request (docs/partner-api.md sections 1 and 5).

mod endpoints;
mod keys;
mod rate_limit;
mod session_view;
mod validation;

use cr3dentials_core::wire::RATE_LIMIT_WINDOW_SECS;
use serde_json::json;

pub(crate) use keys::Keys;

use keys::{LimitClass, Limits};
use rate_limit::Verdict;

use super::World;
use super::fault::{self, Target};
use super::http::{Body, Headers, Method, Request, Response, reason};
use super::session::Owner;

/// Endpoint that a request under `/v1` addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Endpoint<'a> {
    Platforms,
    Create,
    Get(&'a str),
    List,
    /// Known path, wrong method: only this one is allowed.
    Only(&'static str),
    Nothing,
}

impl<'a> Endpoint<'a> {
    fn of(method: Method, path: &'a str, list_path: Option<&str>) -> Self {
        let (wanted, endpoint) = match path {
            "/partner/browser-platforms" => (Method::Get, Self::Platforms),
            "/partner/browser-session" => (Method::Post, Self::Create),
            path if Some(path) == list_path => (Method::Get, Self::List),
            path => match path.strip_prefix("/partner/browser-session/") {
                Some(id) if !id.is_empty() && !id.contains('/') => (Method::Get, Self::Get(id)),
                _ => return Self::Nothing,
            },
        };
        match wanted {
            wanted if wanted == method => endpoint,
            Method::Post => Self::Only("POST"),
            _ => Self::Only("GET"),
        }
    }

    fn limit_class(self) -> LimitClass {
        match self {
            Self::Create => LimitClass::Create,
            Self::List => LimitClass::List,
            _ => LimitClass::Other,
        }
    }

    fn target(self) -> Target {
        match self {
            Self::Platforms => Target::Platforms,
            Self::Create => Target::Create,
            Self::Get(_) => Target::Get,
            Self::List => Target::List,
            Self::Only(_) | Self::Nothing => Target::Any,
        }
    }
}

impl World {
    /// Handles a request under `/v1`.
    pub(super) fn partner_api(&mut self, request: &Request) -> Response {
        let path = request.path.strip_prefix("/v1").unwrap_or_default();
        let list_path = self.settings.switches.list_path.clone();
        let endpoint = Endpoint::of(request.method, path, list_path.as_deref());
        let caller = presented_key(&request.headers).and_then(|key| self.keys.find(key, self.now));
        let faults = self.faults.sample(endpoint.target());

        let mut verdict = self.keys.count(caller, endpoint.limit_class(), self.limits(), self.now);
        let injected = fault::rate_limited(&faults);
        if injected.is_some() {
            verdict = verdict.exhausted();
        }
        // A request without a valid key gets 401 rather than 429, unless a fault injects the 429.
        let exhausted = !verdict.allowed && (caller.is_some() || injected.is_some());
        let mut response = if exhausted {
            self.too_many_requests(verdict, injected.flatten())
        } else if let Some(refusal) = fault::refusal(&faults) {
            refusal
        } else if let Some(caller) = caller {
            self.endpoint(endpoint, caller, request)
        } else {
            Response::error(401, reason(401))
        };
        fault::apply(&mut response, &faults, self.now);
        let skewed = verdict.by_clock(fault::skewed(self.now, &faults));
        response.headers.extend(skewed.headers(self.settings.switches.reset_format));
        response
    }

    fn endpoint(&mut self, endpoint: Endpoint<'_>, caller: Owner, request: &Request) -> Response {
        match request.body {
            Body::Whole(_) => {}
            Body::TooLarge => return Response::error(413, "The body is too large"),
            Body::TimedOut => return Response::error(408, "The body did not arrive in time"),
        }
        let declared = request.headers.declares_json();
        if request.method == Method::Get && self.settings.switches.content_type_on_get_required && !declared {
            return Response::error(415, "Content-Type must be application/json");
        }
        match endpoint {
            Endpoint::Platforms => self.list_platforms(),
            Endpoint::Create => self.create(caller, request),
            Endpoint::Get(id) => self.get(caller, id),
            Endpoint::List => self.list(caller, request),
            Endpoint::Only(method) => Response::error(405, reason(405)).with_header("allow", method.to_owned()),
            Endpoint::Nothing => Response::error(404, reason(404)),
        }
    }

    fn limits(&self) -> Limits {
        let switches = &self.settings.switches;
        Limits { all: self.settings.rate_limit, create: switches.create_limit, list: switches.list_limit }
    }

    fn too_many_requests(&self, verdict: Verdict, retry_after: Option<u32>) -> Response {
        // The response for the separate limits of create and list is undocumented; assumed to be the same.
        let error = format!("Too many requests in {RATE_LIMIT_WINDOW_SECS} seconds; wait for the window to reset");
        let response = Response::json(429, &json!({ "statusCode": 429, "message": reason(429), "error": error }));
        let switched = self.settings.switches.retry_after.then(|| verdict.seconds_left());
        match retry_after.map(u64::from).or(switched) {
            Some(secs) => response.with_header("retry-after", secs.to_string()),
            None => response,
        }
    }
}

/// Returns the key from `x-api-key`, or else from `Authorization: Bearer`.
fn presented_key(headers: &Headers) -> Option<&str> {
    let bearer = || {
        let (scheme, key) = headers.authorization.as_deref()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
    };
    headers.api_key.as_deref().or_else(bearer)
}
