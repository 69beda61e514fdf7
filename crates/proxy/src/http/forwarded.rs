//! Refusal of requests from other machines while `user_auth` is `none`.
//!
//! A reverse proxy on the same host also connects from loopback. Its forwarding headers reveal where its client is, and
//! so does the requested host if it is passed on. A value that cannot be read counts as another machine.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::http::header::HOST;
use axum::http::uri::Authority;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::error::ApiError;
use crate::config::UserAuth;
use crate::loopback::{is_loopback, is_loopback_host};
use crate::state::AppState;

/// Headers whose value is a client's address or a list of addresses.
const ADDRESSES: [&str; 10] = [
    "x-forwarded-for",
    "x-original-forwarded-for",
    "x-real-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-envoy-external-address",
    "cf-connecting-ip",
    "true-client-ip",
    "fastly-client-ip",
    "fly-client-ip",
];

const MESSAGE: &str = "with `user_auth` set to `none` this proxy serves only this machine, but the request is for \
                       another host or was forwarded for another machine; set `user_auth` to `forward`";

/// Refuses requests for another host or from another machine while all requests belong to the same user.
pub(super) async fn refuse_other_machines(
    State(state): State<Arc<AppState>>,
    request: Request,
    next: Next,
) -> Response {
    if state.config.user_auth != UserAuth::None || comes_from_here(&request) {
        return next.run(request).await;
    }
    if let Some(count) = state.refused_requests.count() {
        tracing::warn!(count, "request refused: {MESSAGE}");
    }
    ApiError::forbidden(MESSAGE).into_response()
}

/// Returns true if the request is for this machine and so is every client named by a forwarding header.
///
/// Ignores `X-Forwarded-Host`: development servers add it for every client.
fn comes_from_here(request: &Request) -> bool {
    let headers = request.headers();
    let all = |name: &str, here: fn(&str) -> bool| {
        headers.get_all(name).iter().map(HeaderValue::to_str).all(|value| value.is_ok_and(here))
    };
    let authority = request.uri().authority();
    (authority.is_some() || headers.contains_key(HOST))
        && authority.is_none_or(is_this_machine)
        && all(HOST.as_str(), |host| host.parse().is_ok_and(|host| is_this_machine(&host)))
        && ADDRESSES.iter().all(|name| all(name, |value| value.split(',').all(is_here)))
        && all("forwarded", |value| {
            let is_client = |(name, _): &(&str, String)| name.eq_ignore_ascii_case("for");
            parameters(value)
                .is_some_and(|all| all.iter().filter(|pair| is_client(pair)).all(|(_, node)| is_here(node)))
        })
}

/// Returns true if the host is loopback, with or without a port.
fn is_this_machine(authority: &Authority) -> bool {
    let is_whole = authority.as_str().len() == authority.host().len() || authority.port_u16().is_some();
    is_whole && !authority.as_str().contains('@') && is_loopback_host(authority.host())
}

/// Parses the parameters of all elements of a `Forwarded` header. Returns `None` if it is malformed.
fn parameters(mut text: &str) -> Option<Vec<(&str, String)>> {
    let mut found = Vec::new();
    loop {
        let (name, value) = text.split_once('=')?;
        let (name, value) = (name.trim(), value.trim_start());
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return None;
        }
        let (value, rest) = match value.strip_prefix('"') {
            Some(quoted) => unquote(quoted)?,
            None => {
                let (value, rest) = value.split_at(value.find([',', ';']).unwrap_or(value.len()));
                (value.trim_end().to_owned(), rest)
            }
        };
        if value.contains(['"', '\\', '=']) {
            return None;
        }
        found.push((name, value));
        text = match rest.trim_start() {
            "" => return Some(found),
            rest => rest.strip_prefix([',', ';'])?,
        };
    }
}

/// Returns the text up to the closing quote, and the rest after it.
fn unquote(quoted: &str) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((text, &quoted[at + 1..])),
            '\\' => text.push(characters.next()?.1),
            _ => text.push(character),
        }
    }
    None
}

/// Returns true if `node` is a loopback address, with or without a port.
fn is_here(node: &str) -> bool {
    let node = node.trim();
    let bare = node.strip_prefix('[').and_then(|node| node.strip_suffix(']')).unwrap_or(node);
    let ip = bare.parse::<IpAddr>().or_else(|_| node.parse::<SocketAddr>().map(|address| address.ip()));
    ip.is_ok_and(is_loopback)
}
