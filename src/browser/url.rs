//! Rules for the URLs that the component opens.

use wasm_bindgen::JsValue;

use super::decode::text;
use super::{foreign, window};

/// Returns `url` as an absolute URL if it is HTTP or HTTPS. Any other scheme, such as `javascript:`, would run with the
/// rights of the page.
pub(crate) fn web_url(url: &str) -> Option<String> {
    let here = window().location().href().ok()?;
    let url = parse(&[&url.into(), &here.into()])?;
    matches!(text(&url, "protocol")?.as_str(), "https:" | "http:").then(|| text(&url, "href"))?
}

/// Returns true if an embed URL is HTTPS, or HTTP on a loopback host; no other URL reaches an iframe.
pub(crate) fn is_embeddable(url: &str) -> bool {
    let part = |name| text(&parse(&[&url.into()])?, name);
    match part("protocol").as_deref() {
        Some("https:") => true,
        Some("http:") => {
            part("hostname").is_some_and(|host| ["localhost", "127.0.0.1", "[::1]"].contains(&host.as_str()))
        }
        _ => false,
    }
}

/// Returns a `URL` object; `None` for an invalid URL.
fn parse(arguments: &[&JsValue]) -> Option<JsValue> {
    foreign::construct("URL", arguments)
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests {
    use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

    use super::super::foreign::evaluate;
    use super::*;

    wasm_bindgen_test_configure!(run_in_browser);

    #[wasm_bindgen_test]
    fn only_secure_and_loopback_urls_are_embeddable() {
        for (url, embeddable) in [
            ("https://frame.example/verify/1?token=a", true),
            ("http://127.0.0.1:7071/verify", true),
            ("http://[::1]/verify", true),
            ("http://frame.example/verify", false),
            ("javascript:alert(1)", false),
            ("/verify", false),
        ] {
            assert_eq!(is_embeddable(url), embeddable, "{url}");
        }
        assert_eq!(web_url("javascript:alert(1)"), None);
        assert_eq!(web_url("https://harbor.example").as_deref(), Some("https://harbor.example/"));
    }

    #[wasm_bindgen_test]
    fn replaced_url_class_accepts_nothing() {
        let before = evaluate("Object.getOwnPropertyDescriptor(window, 'URL')", &JsValue::UNDEFINED);
        for class in ["undefined", "{}", "class { constructor() { throw 7 } }", "class { get protocol() { throw 7 } }"]
        {
            evaluate(&["window.URL = ", class].concat(), &JsValue::UNDEFINED);
            let accepted = (is_embeddable("https://frame.example"), web_url("https://harbor.example"));
            evaluate("Object.defineProperty(window, 'URL', it)", &before);
            assert_eq!(accepted, (false, None), "{class}");
        }
    }
}
