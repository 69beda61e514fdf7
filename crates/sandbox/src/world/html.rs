//! HTML templates, and the security headers of a page.

use super::http::Response;

/// Returns a page with its security headers. `connect` is the page's `connect-src`.
pub(super) fn respond(status: u16, html: String, parents: &[String], connect: &str) -> Response {
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
pub(super) fn render(template: &str, values: &[(&str, &str)]) -> String {
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
}
