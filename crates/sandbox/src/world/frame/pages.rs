//! HTML of the frame page and of its error pages.

use crate::world::html::{render, respond};
use crate::world::http::Response;
use crate::world::session::Session;
use crate::world::settings::Settings;

const VERIFY: &str = include_str!("../../frame/verify.html");
const MESSAGE: &str = include_str!("../../frame/message.html");

/// Returns the frame page of a session, with the key of this opening in its HTML.
pub(super) fn verify(session: &Session, settings: &Settings) -> Response {
    let (platform, parents) = (session.platform, &settings.parent_origins);
    let address = platform.login_url.trim_start_matches("https://");
    let (host, path) = address.split_at(address.find('/').unwrap_or(address.len()));
    // A list of strings, so this cannot fail.
    let parents_json = serde_json::to_string(parents).unwrap_or_default();
    let html = render(
        VERIFY,
        &[
            ("session", &session.id),
            ("stream", &session.stream_url(settings)),
            ("key", session.page.key()),
            ("parents", &parents_json),
            ("platform", platform.name),
            ("name", platform.display_name),
            ("host", host),
            ("path", path),
        ],
    );
    respond(200, html, parents, &settings.frame_origin.replacen("http", "ws", 1))
}

/// Returns the 404 page for an address that names no session.
pub(super) fn unknown_link(parents: &[String]) -> Response {
    let line = "Go back to the page that you came from and start again there.";
    message(404, "This link is not valid", line, parents)
}

/// Returns the 410 page for a token that was used, has expired or never existed; the page does not reveal which.
pub(super) fn unusable_link(parents: &[String]) -> Response {
    let line = "It opens once, and not for long. Go back to the page that you came from and open it from there.";
    message(410, "This link cannot be used again", line, parents)
}

/// Returns the 410 page for a verification that has ended.
pub(super) fn ended(parents: &[String]) -> Response {
    let line = "There is nothing more to do here. Go back to the page that you came from.";
    message(410, "This verification is over", line, parents)
}

fn message(status: u16, title: &str, line: &str, parents: &[String]) -> Response {
    respond(status, render(MESSAGE, &[("title", title), ("line", line)]), parents, "'none'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_origins_may_frame_the_page() {
        let policy = |parents: &[String]| ended(parents).headers[1].1.clone();
        assert!(policy(&[]).ends_with("frame-ancestors 'none'"));
        let parents = ["https://a.com".to_owned(), "http://localhost:8080".to_owned()];
        assert!(policy(&parents).ends_with("frame-ancestors https://a.com http://localhost:8080"));
    }
}
