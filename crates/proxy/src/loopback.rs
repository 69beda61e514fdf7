//! Addresses and names of this machine itself.

use std::net::IpAddr;

use reqwest::ClientBuilder;
use url::{Host, Url};

/// Returns whether `ip` is this very machine, also when IPv6 carries the IPv4 address.
pub(crate) fn is_loopback(ip: IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}

/// Returns whether the URL's host is this very machine: a loopback address, `localhost` or a name below it.
pub(crate) fn has_loopback_host(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => is_loopback(ip.into()),
        Some(Host::Ipv6(ip)) => is_loopback(ip.into()),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// Lets requests to `url` pass the environment's HTTP proxy only when they leave this machine anyway. To loopback they
/// are plain text and carry the API key.
pub(crate) fn environment_proxy(builder: ClientBuilder, url: &Url) -> ClientBuilder {
    if has_loopback_host(url) { builder.no_proxy() } else { builder }
}
