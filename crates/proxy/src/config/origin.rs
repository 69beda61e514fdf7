use std::fmt;
use std::str::FromStr;

use url::Url;

use crate::loopback::has_loopback_host;

/// Origin of a page, as browsers send it in `Origin`: `https://www.example.com`, with a port unless it is the scheme's
/// default.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin(String);

impl Origin {
    /// Returns the origin as in the header.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Origin {
    /// Returns true if its host is a loopback address or name.
    pub(crate) fn is_loopback(&self) -> bool {
        Url::parse(&self.0).is_ok_and(|url| has_loopback_host(&url))
    }
}

impl FromStr for Origin {
    type Err = String;

    /// # Errors
    /// Returns a message that does not repeat the text.
    fn from_str(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|_| "an origin looks like https://www.example.com".to_owned())?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err("an origin begins with https:// or http://".to_owned());
        }
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        if !bare || url.password().is_some() {
            return Err("an origin has no path, query or user: https://www.example.com".to_owned());
        }
        Ok(Self(url.origin().ascii_serialization()))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_normalized_as_browsers_send_it() {
        let origin = |text: &str| text.parse::<Origin>().map(|origin| origin.to_string());
        assert_eq!(origin("https://Example.com/").as_deref(), Ok("https://example.com"));
        assert_eq!(origin("https://example.com:443").as_deref(), Ok("https://example.com"));
        assert_eq!(origin("http://127.0.0.1:8080").as_deref(), Ok("http://127.0.0.1:8080"));
    }

    #[test]
    fn invalid_origins_are_rejected() {
        for text in ["*", "null", "", "example.com", "https://a.example/path", "https://u:p@a.example", "file:///x"] {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
    }
}
