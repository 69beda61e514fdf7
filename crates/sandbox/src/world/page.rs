//! HTML of the frame page, of its error pages and of the console.

use serde_json::json;

use super::http::Response;
use super::session::Session;
use super::settings::Settings;
use super::switches::SWITCHES;

const VERIFY: &str = include_str!("../frame/verify.html");
const CONSOLE: &str = include_str!("../console/console.html");
const MESSAGE: &str = include_str!("../frame/message.html");

/// Returns the console. Its HTML contains no secrets; its script fetches the rest.
pub(super) fn console(settings: &Settings) -> Response {
    // Plain data, so this cannot fail.
    let users = crate::users::TEST_USERS_JSON;
    let switches = serde_json::to_string(&SWITCHES.map(|switch| {
        json!({ "name": switch.name, "question": switch.question, "section": switch.section, "values": switch.values() })
    }));
    let html = render(
        CONSOLE,
        &[("base", &format!("{}/v1", settings.origin)), ("users", users), ("switches", &switches.unwrap_or_default())],
    );
    respond(200, html, &[], "'self'")
}

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
            ("key", session.frame_key.as_deref().unwrap_or_default()),
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
pub(super) fn spent_link(parents: &[String]) -> Response {
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

/// Returns a page with its security headers. `connect` is the page's `connect-src`.
fn respond(status: u16, html: String, parents: &[String], connect: &str) -> Response {
    let ancestors = if parents.is_empty() { "'none'".to_owned() } else { parents.join(" ") };
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src {connect}; \
         base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}"
    );
    let headers = vec![
        ("content-type", "text/html; charset=utf-8".to_owned()),
        ("content-security-policy", policy),
        ("cache-control", "no-store".to_owned()),
        ("x-content-type-options", "nosniff".to_owned()),
        ("referrer-policy", "no-referrer".to_owned()),
    ];
    Response::new(status, headers, html.into_bytes())
}

/// Replaces each `{{name}}` in `template` with its escaped value, in one pass, so that a value is never read as a template.
fn render(template: &str, values: &[(&str, &str)]) -> String {
    let mut parts = template.split("{{");
    let mut html = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("}}").unwrap_or((part, ""));
        let value = values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value);
        html.push_str(&escape(value));
        html.push_str(rest);
    }
    html
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn template_values_are_escaped_and_not_expanded() {
        let html = render("<p title=\"{{a}}\">{{b}}{{c}}</p>", &[("a", "\"<&'"), ("b", "{{a}}")]);
        assert_eq!(html, "<p title=\"&quot;&lt;&amp;&#39;\">{{a}}</p>");
    }

    #[test]
    fn only_listed_origins_may_frame_the_page() {
        let policy = |parents: &[String]| ended(parents).headers[1].1.clone();
        assert!(policy(&[]).ends_with("frame-ancestors 'none'"));
        let parents = ["https://a.com".to_owned(), "http://localhost:8080".to_owned()];
        assert!(policy(&parents).ends_with("frame-ancestors https://a.com http://localhost:8080"));
    }
}
