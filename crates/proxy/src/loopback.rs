//! Loopback addresses and host names.

use std::net::IpAddr;

use reqwest::ClientBuilder;
use url::Url;

/// Returns true if `ip` is a loopback address, including an IPv4 address mapped to IPv6.
pub(crate) fn is_loopback(ip: IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}

/// Returns true if `host` is a loopback address, `localhost` or a subdomain of `localhost`. An IPv6 address may be in
/// brackets.
pub(crate) fn is_loopback_host(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(&host);
    host == "localhost" || host.ends_with(".localhost") || bare.parse().is_ok_and(is_loopback)
}

/// Returns true if the URL's host is loopback, as by [`is_loopback_host`].
pub(crate) fn has_loopback_host(url: &Url) -> bool {
    url.host_str().is_some_and(is_loopback_host)
}

/// Disables the environment's HTTP proxy for requests to a loopback `url`: they are plain text and carry the API key,
/// so they must not leave this machine.
pub(crate) fn environment_proxy(builder: ClientBuilder, url: &Url) -> ClientBuilder {
    if has_loopback_host(url) { builder.no_proxy() } else { builder }
}
