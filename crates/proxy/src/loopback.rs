//! Loopback addresses and host names.

use std::net::IpAddr;

use reqwest::ClientBuilder;
use url::{Host, Url};

/// Returns true if `ip` is a loopback address, including an IPv4 address mapped to IPv6.
pub(crate) fn is_loopback(ip: IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}

/// Returns true if the URL's host is a loopback address, `localhost` or a subdomain of `localhost`.
pub(crate) fn has_loopback_host(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => is_loopback(ip.into()),
        Some(Host::Ipv6(ip)) => is_loopback(ip.into()),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// Disables the environment's HTTP proxy for requests to a loopback `url`: they are plain text and carry the API key,
/// so they must not leave this machine.
pub(crate) fn environment_proxy(builder: ClientBuilder, url: &Url) -> ClientBuilder {
    if has_loopback_host(url) { builder.no_proxy() } else { builder }
}
