//! Without users, only people at this very machine are served.
//!
//! A reverse proxy on the same host connects from loopback as well. Its forwarding headers show where its client is.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::config::UserAuth;
use crate::error::ApiError;
use crate::loopback::is_loopback;
use crate::shared::Shared;

/// Headers whose value is the address of one client.
const SINGLE: [&str; 3] = ["x-real-ip", "cf-connecting-ip", "true-client-ip"];

const MESSAGE: &str = "this proxy knows no users (`user_auth` is `none`) and serves only this machine, but the request \
                       was forwarded for a client elsewhere; set `user_auth` to `forward`";

/// Refuses requests that were forwarded for a client elsewhere, as long as everybody is the same user.
pub(super) async fn check(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    if shared.config.user_auth != UserAuth::None || comes_from_here(request.headers()) {
        return next.run(request).await;
    }
    let count = shared.forwarded_requests.fetch_add(1, Ordering::Relaxed) + 1;
    if count.is_power_of_two() {
        tracing::warn!(count, "refused: {MESSAGE}");
    }
    ApiError::forbidden(MESSAGE).into_response()
}

/// Whether every client that a forwarding header names is on this machine. A name that is no address is not.
///
/// `X-Forwarded-Host` does not count: development servers add it whatever the client.
fn comes_from_here(headers: &HeaderMap) -> bool {
    let all = |name: &str, here: fn(&str) -> bool| {
        headers.get_all(name).iter().map(HeaderValue::to_str).all(|value| value.is_ok_and(here))
    };
    all("x-forwarded-for", |value| value.split(',').all(is_here))
        && all("forwarded", |value| {
            split(value, ',').flat_map(|element| split(element, ';')).filter_map(client).all(is_here)
        })
        && SINGLE.iter().all(|name| all(name, is_here))
}

/// The value of `for=`, if the pair is one.
fn client(pair: &str) -> Option<&str> {
    let (name, value) = pair.split_once('=')?;
    name.trim().eq_ignore_ascii_case("for").then_some(value.trim().trim_matches('"'))
}

/// Splits at `separator`, but not within quotes.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |character| {
        quoted ^= character == '"';
        character == separator && !quoted
    })
}

/// Whether `node` is a loopback address, with or without a port.
fn is_here(node: &str) -> bool {
    let node = node.trim();
    let bare = node.strip_prefix('[').and_then(|node| node.strip_suffix(']')).unwrap_or(node);
    let ip = bare.parse::<IpAddr>().or_else(|_| node.parse::<SocketAddr>().map(|address| address.ip()));
    ip.is_ok_and(is_loopback)
}
