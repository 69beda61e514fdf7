//! Additional headers of the requests to the proxy: a list, or a function that is called for each request.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use HeadersSource::{Fixed, Provider};

/// Names and values.
pub(crate) type HeaderList = Vec<(String, String)>;

/// A provider's list; `None` when it failed, which it has then reported.
pub(crate) type ReadHeaders = Pin<Box<dyn Future<Output = Option<HeaderList>>>>;

/// Additional headers for the requests to the proxy, such as `Authorization`.
///
/// A token that expires needs a function: it is called for each request, and once more when the proxy responds with
/// 401, before that counts.
///
/// ```
/// use cr3dentials_embed::{Headers, Options};
///
/// async fn access_token() -> String {
///     // Refreshes the token when it is about to expire.
///     # String::new()
/// }
///
/// let options = Options {
///     proxy_url: "https://verify.harbor.example/api/verification".into(),
///     headers: Headers::provider(|| async {
///         vec![("Authorization".into(), format!("Bearer {}", access_token().await))]
///     }),
///     ..Options::default()
/// };
///
/// // Headers that never change.
/// let fixed = Headers::from(vec![("X-Tenant".into(), "harbor".into())]);
/// ```
#[derive(Clone)]
pub struct Headers(HeadersSource);

#[derive(Clone)]
enum HeadersSource {
    Fixed(HeaderList),
    Provider(Arc<dyn Fn() -> ReadHeaders + Send + Sync>),
}

impl Headers {
    /// Creates headers that `read` returns, for each request anew. It is called in browsers only, never on a server.
    pub fn provider<F>(read: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Vec<(String, String)>> + 'static,
    {
        Self::fallible(move || {
            let headers = read();
            Box::pin(async move { Some(headers.await) })
        })
    }

    /// Creates headers from a function that may fail.
    pub(crate) fn fallible(read: impl Fn() -> ReadHeaders + Send + Sync + 'static) -> Self {
        Self(Provider(Arc::new(read)))
    }

    /// Returns the list that never changes; `None` with a function.
    pub(crate) fn fixed(&self) -> Option<&HeaderList> {
        match &self.0 {
            Fixed(list) => Some(list),
            Provider(_) => None,
        }
    }

    /// Returns the headers for one request.
    pub(crate) fn read(&self) -> ReadHeaders {
        match &self.0 {
            Fixed(list) => Box::pin(std::future::ready(Some(list.clone()))),
            Provider(read) => read(),
        }
    }
}

impl Default for Headers {
    /// No headers.
    fn default() -> Self {
        Vec::new().into()
    }
}

impl From<Vec<(String, String)>> for Headers {
    fn from(list: Vec<(String, String)>) -> Self {
        Self(Fixed(list))
    }
}

impl PartialEq for Headers {
    /// Two functions are equal when they are the same one.
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Fixed(list), Fixed(other)) => list == other,
            (Provider(read), Provider(other)) => Arc::ptr_eq(read, other),
            (Fixed(_), Provider(_)) | (Provider(_), Fixed(_)) => false,
        }
    }
}

impl fmt::Debug for Headers {
    /// Writes the names only: the values may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Fixed(list) => f.debug_list().entries(list.iter().map(|(name, _)| name)).finish(),
            Provider(_) => f.write_str("Provider"),
        }
    }
}

/// Message for a header that cannot be sent.
pub(crate) const UNSENDABLE: &str =
    "headers: one of them cannot be sent. Encode it: HTTP headers are Latin-1, without line breaks.";

/// Returns true if HTTP allows these header names and values. No browser sends a request with others.
pub(crate) fn can_be_sent(headers: &[(String, String)]) -> bool {
    headers.iter().all(|(name, value)| is_header(name, value))
}

fn is_header(name: &str, value: &str) -> bool {
    let is_token = |character: char| character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character);
    // Browsers strip whitespace at both ends.
    let value = value.trim_matches([' ', '\t', '\r', '\n']);
    let fits = |character| character <= '\u{ff}' && !['\0', '\r', '\n'].contains(&character);
    !name.is_empty() && name.chars().all(is_token) && value.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn can_send(name: &str, value: &str) -> bool {
        can_be_sent(&[(name.to_owned(), value.to_owned())])
    }

    #[test]
    fn only_headers_that_http_allows_can_be_sent() {
        for (name, value) in [("Authorization", "Bearer a.b-c=\n"), ("X-Name", "J\u{fc}rgen"), ("X-Empty", "")] {
            assert!(can_send(name, value), "{name}: {value}");
        }
        for (name, value) in
            [("X-Name", "\u{141}ukasz"), ("X Name", "1"), ("", "1"), ("X-Lines", "a\r\nb"), ("\u{dc}", "1")]
        {
            assert!(!can_send(name, value), "{name}: {value}");
        }
    }

    #[test]
    fn debug_output_has_no_header_values() {
        let headers = Headers::from(vec![("Authorization".to_owned(), "Bearer secret".to_owned())]);
        assert_eq!(format!("{headers:?}"), r#"["Authorization"]"#);
    }

    #[test]
    fn options_with_headers_move_between_threads() {
        const fn is_sent<T: Send + Sync>() {}
        is_sent::<crate::Options>();
    }

    #[test]
    fn functions_are_equal_only_to_themselves() {
        let headers = || Headers::provider(|| async { Vec::new() });
        let one = headers();
        assert_eq!(one, one.clone());
        assert_ne!(one, headers());
        assert_ne!(one, Headers::default());
    }
}
