//! Parsing of the file and the environment into a [`Config`].

use std::collections::HashMap;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use cr3dentials_core::wire::{DEFAULT_BASE_URL, expires_in_hours};
use url::Url;

use super::{Config, ConfigError, LogFormat, Origin, UserAuth};
use crate::loopback::has_loopback_host;
use crate::secret::Secret;

const KEYS: [&str; 19] = [
    "api_key",
    "upstream_url",
    "listen",
    "backend_listen",
    "backend_token",
    "database",
    "allowed_origins",
    "webhook_url",
    "webhook_header_name",
    "webhook_header_value",
    "base_path",
    "user_auth",
    "forward_auth_url",
    "forward_auth_header",
    "expires_in_hours",
    "token_secret",
    "browser_may_choose_country",
    "show_error_messages",
    "log_format",
];

/// Prefix of every environment variable.
const PREFIX: &str = "CR3D_";

/// Variables that are not configuration keys: the path of the file, and the log filter.
const OTHER_VARIABLES: [&str; 2] = ["CR3D_CONFIG", "CR3D_LOG"];

/// Keys that require another key, and the value that the other key must have, if any.
const NEEDS: [(&str, &str, Option<&str>); 4] = [
    ("forward_auth_url", "user_auth", Some("forward")),
    ("forward_auth_header", "user_auth", Some("forward")),
    ("webhook_header_name", "webhook_url", None),
    ("webhook_header_value", "webhook_url", None),
];

/// All configured values, as text.
pub(super) struct Values(HashMap<&'static str, ConfiguredValue>);

struct ConfiguredValue {
    source: Source,
    /// Name of the key or variable that set it.
    name: String,
    text: String,
}

/// Source of a value. A later variant takes precedence.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    File,
    Environment,
}

impl Values {
    /// Collects the values of the file and the environment.
    ///
    /// # Errors
    /// Returns an error for a file that cannot be read or is not TOML, an unknown key or variable, and a key without
    /// the one it requires.
    pub(super) fn collect(
        file: Option<&Path>,
        environment: impl Iterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigError> {
        let mut values = HashMap::new();
        for (name, value) in file.map(read_table).transpose()?.unwrap_or_default() {
            let Some(key) = KEYS.into_iter().find(|key| *key == name) else {
                return Err(unknown(&name, "key", KEYS.map(str::to_owned)));
            };
            let text = text(&value)
                .ok_or_else(|| ConfigError::new(key, "expected a string, a number, a boolean or a list of strings"))?;
            values.insert(key, ConfiguredValue { source: Source::File, name: key.to_owned(), text });
        }
        for (name, value) in environment {
            let name = name.to_string_lossy().into_owned();
            if !name.starts_with(PREFIX) || OTHER_VARIABLES.contains(&name.as_str()) {
                continue;
            }
            // Compose files pass an empty variable for one that is not set.
            if value.is_empty() {
                continue;
            }
            let Some(key) = KEYS.into_iter().find(|key| variable(key) == name) else {
                if is_service_link(&name, &value.to_string_lossy()) {
                    continue;
                }
                return Err(unknown(&name, "variable", KEYS.map(variable)));
            };
            let value = value.into_string().map_err(|_| ConfigError::new(&name, "is not UTF-8"))?;
            values.insert(key, ConfiguredValue { source: Source::Environment, name, text: value });
        }
        let values = Self(values);
        values.check_needs()?;
        Ok(values)
    }

    /// Checks that every key has the one it requires, since it would be ignored otherwise. A key of the file may be
    /// ignored if the environment overrides the one it requires.
    fn check_needs(&self) -> Result<(), ConfigError> {
        for (key, needed, value) in NEEDS {
            let Some(given) = self.0.get(key) else { continue };
            let expected = match self.0.get(needed) {
                Some(chosen) => chosen.source > given.source || value.is_none_or(|value| chosen.text.trim() == value),
                None => false,
            };
            if !expected {
                let value = value.map(|value| format!(" = \"{value}\"")).unwrap_or_default();
                return Err(ConfigError::new(&given.name, format!("has no effect without `{needed}{value}`")));
            }
        }
        Ok(())
    }

    fn optional<T>(&self, key: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<Option<T>, ConfigError> {
        let Some(ConfiguredValue { name, text, .. }) = self.0.get(key) else { return Ok(None) };
        parse(text.trim()).map(Some).map_err(|message| ConfigError::new(name, message))
    }

    fn required<T>(&self, key: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<T, ConfigError> {
        let missing = || ConfigError::new(key, format!("is required; set it in the file or as {}", variable(key)));
        self.optional(key, parse)?.ok_or_else(missing)
    }
}

/// Returns the environment variable of a key.
fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.to_uppercase())
}

/// Returns true if Kubernetes set the variable: it does so in each pod for every service, such as one named `cr3d-…`.
fn is_service_link(name: &str, value: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_url = ["tcp://", "udp://", "sctp://"].iter().any(|scheme| value.starts_with(scheme));
    // `rest` is the part after `_PORT_`, such as `7072_TCP` or `7072_TCP_ADDR`.
    let is_port = |rest: &str| {
        let mut parts = rest.split('_');
        let (number, protocol, detail) = (parts.next(), parts.next(), parts.next());
        number.is_some_and(is_number)
            && matches!(protocol, Some("TCP" | "UDP" | "SCTP"))
            && matches!(detail, None | Some("PROTO" | "PORT" | "ADDR"))
            && parts.next().is_none()
    };
    name.ends_with("_SERVICE_HOST")
        || name.ends_with("_SERVICE_PORT")
        || name.contains("_SERVICE_PORT_")
        || (name.ends_with("_PORT") && is_url)
        || name.match_indices("_PORT_").any(|(at, separator)| is_port(&name[at + separator.len()..]))
}

/// Returns the error for an unknown name, with the closest known name as a suggestion.
fn unknown(name: &str, kind: &str, known: impl IntoIterator<Item = String>) -> ConfigError {
    const CLOSE: usize = 3;
    let distance = |known: &String| strsim::damerau_levenshtein(name, known);
    let nearest = known.into_iter().min_by_key(distance).filter(|nearest| distance(nearest) <= CLOSE);
    let suggestion = nearest.map(|nearest| format!("; did you mean {nearest}?")).unwrap_or_default();
    ConfigError::new(name, format!("unknown {kind}{suggestion}"))
}

/// Builds the configuration from the collected values.
///
/// # Errors
/// Returns an error for the first key that is missing or has an invalid value.
pub(super) fn read(values: &Values) -> Result<Config, ConfigError> {
    let mut config = Config::new(
        values.required("api_key", secret)?,
        values.required("backend_token", secret)?,
        values.required("allowed_origins", origins)?,
        values.optional("upstream_url", base_url)?.map_or_else(default_upstream, Ok)?,
        user_auth(values)?,
    );
    set_if_some(&mut config.listen, values.optional("listen", address)?);
    set_if_some(&mut config.backend_listen, values.optional("backend_listen", address)?);
    set_if_some(&mut config.database, values.optional("database", |text| Ok(PathBuf::from(text)))?);
    set_if_some(&mut config.base_path, values.optional("base_path", base_path)?);
    set_if_some(&mut config.browser_may_choose_country, values.optional("browser_may_choose_country", boolean)?);
    set_if_some(&mut config.show_error_messages, values.optional("show_error_messages", boolean)?);
    set_if_some(&mut config.log_format, values.optional("log_format", log_format)?);
    config.webhook_url = values.optional("webhook_url", base_url)?;
    config.webhook_header = webhook_header(values)?;
    config.expires_in_hours = values.optional("expires_in_hours", hours)?;
    config.token_secret = values.optional("token_secret", secret)?;
    Ok(config)
}

fn default_upstream() -> Result<Url, ConfigError> {
    base_url(DEFAULT_BASE_URL).map_err(|message| ConfigError::new("upstream_url", message))
}

fn set_if_some<T>(target: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *target = value;
    }
}

fn user_auth(values: &Values) -> Result<UserAuth, ConfigError> {
    let name = values.required("user_auth", |text| match text {
        "none" | "layer" | "forward" => Ok(text.to_owned()),
        _ => Err("expected `none`, `forward` or `layer`".to_owned()),
    })?;
    Ok(match name.as_str() {
        "forward" => UserAuth::Forward {
            url: values.required("forward_auth_url", base_url)?,
            header: values.optional("forward_auth_header", header_name)?.unwrap_or_else(|| "x-user-id".to_owned()),
        },
        "layer" => UserAuth::Layer,
        _ => UserAuth::None,
    })
}

fn webhook_header(values: &Values) -> Result<Option<(String, Secret)>, ConfigError> {
    let name = values.optional("webhook_header_name", header_name)?;
    let value = values.optional("webhook_header_value", secret)?;
    match (name, value) {
        (Some(name), Some(value)) => Ok(Some((name, value))),
        (None, None) => Ok(None),
        (None, Some(_)) => {
            Err(ConfigError::new("webhook_header_name", "is required together with webhook_header_value"))
        }
        (Some(_), None) => {
            Err(ConfigError::new("webhook_header_value", "is required together with webhook_header_name"))
        }
    }
}

fn read_table(path: &Path) -> Result<toml::Table, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| ConfigError::new("--config", format!("{}: {error}", path.display())))?;
    // The parser's Display quotes the line, which may hold a secret.
    text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| 1 + text[..span.start.min(text.len())].matches('\n').count());
        ConfigError::new("--config", format!("{} line {line}: not valid TOML", path.display()))
    })
}

/// Converts a value of the file to the text that the environment would hold.
fn text(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(boolean) => Some(boolean.to_string()),
        toml::Value::Array(items) => {
            items.iter().map(toml::Value::as_str).collect::<Option<Vec<_>>>().map(|items| items.join(","))
        }
        _ => None,
    }
}

fn secret(text: &str) -> Result<Secret, String> {
    if text.is_empty() { Err("must not be empty".to_owned()) } else { Ok(Secret::new(text)) }
}

fn origins(text: &str) -> Result<Vec<Origin>, String> {
    text.split(',').map(str::trim).filter(|origin| !origin.is_empty()).map(str::parse).collect()
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "expected an address and a port, such as 127.0.0.1:7072".to_owned())
}

/// Parses a base URL. Plain HTTP is allowed for loopback only, since keys and users' cookies are sent there.
fn base_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|_| "expected a URL such as https://www.example.com".to_owned())?;
    match url.scheme() {
        "https" => Ok(url),
        "http" if has_loopback_host(&url) => Ok(url),
        "http" => Err("plain http is allowed for loopback only; use https".to_owned()),
        _ => Err("expected a URL that begins with https://".to_owned()),
    }
}

fn base_path(text: &str) -> Result<String, String> {
    let path = text.trim_end_matches('/');
    let clean = path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte));
    if path.starts_with('/') && clean && !path.contains("//") {
        Ok(path.to_owned())
    } else {
        Err("expected a path such as /api/verification".to_owned())
    }
}

fn boolean(text: &str) -> Result<bool, String> {
    match text {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err("expected `true` or `false`".to_owned()),
    }
}

fn log_format(text: &str) -> Result<LogFormat, String> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err("expected `text` or `json`".to_owned()),
    }
}

fn hours(text: &str) -> Result<u16, String> {
    let range = expires_in_hours::MIN..=expires_in_hours::MAX;
    let hours = text.parse().ok().filter(|hours| range.contains(hours));
    hours.ok_or_else(|| format!("expected whole hours from {} to {}", range.start(), range.end()))
}

fn header_name(text: &str) -> Result<String, String> {
    axum::http::HeaderName::try_from(text)
        .map(|name| name.as_str().to_owned())
        .map_err(|_| "expected a header name".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_names_every_key() {
        let readme = include_str!("../../README.md");
        for key in KEYS {
            assert!(readme.contains(&format!("`{key}`")), "{key}");
        }
    }
}
