//! Validation of webhook URLs (docs/partner-api.md section 4): HTTPS with a top-level domain from the public suffix list.

use url::{Host, Url};

use crate::world::http::is_loopback;

/// Maximum length of a URL, in bytes.
const MAX_LENGTH: usize = 2048;

/// Checks a webhook URL. With `allow_http`, plain HTTP to a loopback address is accepted too, for development.
///
/// # Errors
/// The problem, as a phrase to follow the field's name.
pub(crate) fn check(text: &str, allow_http: bool) -> Result<(), &'static str> {
    if text.len() > MAX_LENGTH {
        return Err("is too long");
    }
    let url = Url::parse(text).map_err(|_| "must be a URL")?;
    match (url.scheme(), url.host()) {
        ("http", Some(host)) if allow_http && is_loopback(&host) => Ok(()),
        ("https", Some(Host::Domain(domain))) if is_public(domain) => Ok(()),
        ("https", _) => Err("must have a valid top-level domain"),
        _ => Err("must be an HTTPS URL"),
    }
}

/// Returns true if `domain` is a name under a known public suffix. The URL parser has already converted names in other
/// scripts to ASCII.
fn is_public(domain: &str) -> bool {
    let domain = domain.trim_end_matches('.');
    psl::suffix(domain.as_bytes()).is_some_and(|suffix| suffix.is_known()) && psl::domain_str(domain).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_url_with_a_top_level_domain_is_accepted() {
        for url in
            ["https://partner.example.com/hooks/1", "https://a.co:8443/x?y=z", "https://пример.рф/", "HTTPS://A.IO"]
        {
            assert_eq!(check(url, false), Ok(()), "{url}");
        }
    }

    #[test]
    fn any_other_url_is_refused() {
        for url in [
            "",
            "nowhere",
            "http://partner.example.com/",
            "https://localhost/",
            "https://partner/",
            "https://10.0.0.1/",
            "https://[::1]/",
            "https://a.local/",
            "https://a.test/",
            "https://partner.example/",
            "https://a.nosuchtld/",
            "https://co.uk/",
            "https://a.c/",
            "https://a.123x/",
            "ftp://a.com/",
            "javascript:alert(1)",
            "http://127.0.0.1/",
        ] {
            assert!(check(url, false).is_err(), "{url}");
        }
        assert_eq!(check(&format!("https://a.com/{}", "x".repeat(2048)), false), Err("is too long"));
    }

    #[test]
    fn plain_http_requires_the_setting_and_a_loopback_address() {
        for url in ["http://127.0.0.1:9/hook", "http://[::1]:9/hook", "http://localhost/hook"] {
            assert_eq!(check(url, true), Ok(()), "{url}");
        }
        for url in ["http://partner.example.com/", "http://10.0.0.1/", "http://127.0.0.1.evil.com/"] {
            assert!(check(url, true).is_err(), "{url}");
        }
    }
}
