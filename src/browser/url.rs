//! Rules for the URLs that the component opens.

use super::window;

/// Returns `url` as an absolute URL if it is HTTP or HTTPS. Any other scheme, such as `javascript:`, would run with the
/// rights of the page.
pub(crate) fn web_url(url: &str) -> Option<String> {
    let here = window().location().href().ok()?;
    let url = web_sys::Url::new_with_base(url, &here).ok()?;
    matches!(url.protocol().as_str(), "https:" | "http:").then(|| url.href())
}

/// Returns true if an embed URL is HTTPS, or HTTP on a loopback host; no other URL reaches an iframe.
pub(crate) fn is_embeddable(url: &str) -> bool {
    let Ok(url) = web_sys::Url::new(url) else { return false };
    let is_loopback = ["localhost", "127.0.0.1", "[::1]"].contains(&url.hostname().as_str());
    match url.protocol().as_str() {
        "https:" => true,
        "http:" => is_loopback,
        _ => false,
    }
}
