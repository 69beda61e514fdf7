//! Command-line options of the program.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;

use clap::Parser;
use clap::builder::BoolishValueParser;
use cr3dentials_core::time::UnixMillis;
use cr3dentials_core::wire::RATE_LIMIT_REQUESTS;
use cr3dentials_sandbox::{ApiKey, Clock, Config, Switches, Webhooks};
use serde_json::{Map, Value};

/// Simulates the CR3DENTIALS Partner API on this machine.
#[derive(Parser)]
#[command(version, about)]
pub(crate) struct Options {
    /// Address to listen on; must be loopback unless --expose is given.
    #[arg(long, env = "SANDBOX_LISTEN", default_value = "127.0.0.1:7071")]
    listen: SocketAddr,

    /// Allow --listen to be any address. The console and the control routes stay local to this machine.
    #[arg(long, env = "SANDBOX_EXPOSE", value_parser = BoolishValueParser::new())]
    expose: bool,

    /// API key to accept; may be given more than once.
    #[arg(long, env = "SANDBOX_API_KEY", default_value = Config::DEFAULT_API_KEY, hide_env_values = true)]
    api_key: Vec<String>,

    /// Requests per minute allowed for each key.
    #[arg(long, env = "SANDBOX_RATE_LIMIT", default_value_t = RATE_LIMIT_REQUESTS)]
    rate_limit: u32,

    /// Origin at which others reach the sandbox, used in icon and embed URLs [default: http://LISTEN].
    #[arg(long, env = "SANDBOX_PUBLIC_ORIGIN", value_parser = origin)]
    public_origin: Option<String>,

    /// Origin in embed URLs, if it differs from the public origin.
    #[arg(long, env = "SANDBOX_FRAME_ORIGIN", value_parser = origin)]
    frame_origin: Option<String>,

    /// Origin whose pages may embed the frame page and receive its messages; may be given more than once.
    #[arg(long, env = "SANDBOX_PARENT_ORIGIN", value_delimiter = ',', value_parser = origin)]
    parent_origin: Vec<String>,

    /// Speed of verifications: 2 is twice as fast.
    #[arg(long, env = "SANDBOX_SPEED", default_value_t = 1.0, value_parser = speed)]
    speed: f64,

    /// Stop the clock at this time (ISO 8601); from then on only the control route moves it.
    #[arg(long, env = "SANDBOX_CLOCK", value_parser = time)]
    clock: Option<UnixMillis>,

    /// Seed for ids, tokens and keys; the same seed generates the same ones.
    #[arg(long, env = "SANDBOX_SEED")]
    seed: Option<u64>,

    /// Test user that new sessions follow until a user signs in.
    #[arg(long, env = "SANDBOX_USER")]
    user: Option<String>,

    /// Undocumented behavior of the provider, as NAME=VALUE; may be given more than once. The console lists them.
    #[arg(long = "switch", value_name = "NAME=VALUE", value_parser = switch)]
    switches: Vec<(String, Value)>,

    /// Refuse a GET without `Content-Type: application/json`: short for --switch contentTypeOnGetRequired=true.
    #[arg(long, env = "SANDBOX_STRICT", value_parser = BoolishValueParser::new())]
    strict: bool,

    /// Fault to inject, as a JSON object; may be given more than once. The README describes them.
    #[arg(long = "fault", value_name = "JSON", value_parser = fault)]
    faults: Vec<Value>,

    /// Webhook URL for sessions that have no webhookUrl.
    #[arg(long, env = "SANDBOX_WEBHOOK_URL", hide_env_values = true)]
    webhook_url: Option<String>,

    /// Header to add to every webhook, as "Name: value".
    #[arg(long, env = "SANDBOX_WEBHOOK_HEADER", hide_env_values = true, value_parser = header)]
    webhook_header: Option<(String, String)>,

    /// Retries of a failed webhook.
    #[arg(long, env = "SANDBOX_WEBHOOK_RETRIES", default_value_t = Webhooks::RETRIES)]
    webhook_retries: u32,

    /// PEM file of certificates to trust when sending webhooks, in addition to the system's.
    #[arg(long, env = "SANDBOX_WEBHOOK_CA", value_name = "FILE")]
    webhook_ca: Option<PathBuf>,

    /// Send webhooks for HOST to ADDRESS, as HOST=ADDRESS[:PORT]; may be given more than once.
    #[arg(long, value_name = "HOST=ADDRESS", value_parser = resolve)]
    resolve: Vec<(String, SocketAddr)>,

    /// Allow webhooks to plain HTTP on a loopback address.
    #[arg(long, env = "SANDBOX_ALLOW_HTTP_WEBHOOKS", value_parser = BoolishValueParser::new())]
    allow_http_webhooks: bool,
}

impl Options {
    /// Returns the configuration and the initial faults.
    pub(crate) fn into_config(self) -> Result<(Config, Vec<Value>), String> {
        let strict = self.strict.then(|| ("contentTypeOnGetRequired".to_owned(), Value::Bool(true)));
        let changes: Map<String, Value> = strict.into_iter().chain(self.switches).collect();
        let switches = Switches::default().with(&changes.into()).map_err(|problem| format!("--switch: {problem}"))?;
        let config = Config {
            listen: self.listen,
            expose: self.expose,
            keys: self.api_key.into_iter().map(ApiKey::new).collect(),
            rate_limit: self.rate_limit,
            public_origin: self.public_origin,
            frame_origin: self.frame_origin,
            parent_origins: self.parent_origin,
            speed: self.speed,
            clock: self.clock.map_or(Clock::Machine, Clock::Stopped),
            seed: self.seed,
            user: self.user,
            switches,
            webhooks: Webhooks {
                url: self.webhook_url,
                header: self.webhook_header,
                retries: self.webhook_retries,
                timeout: Webhooks::TIMEOUT,
                allow_http: self.allow_http_webhooks,
                ca: self.webhook_ca,
                resolve: self.resolve,
            },
        };
        Ok((config, self.faults))
    }
}

/// Parses an origin such as `https://partner.example.com`, with nothing after the host and the port.
fn origin(text: &str) -> Result<String, String> {
    let url = url::Url::parse(text).map_err(|error| error.to_string())?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    if !matches!(url.scheme(), "http" | "https") || !bare {
        return Err("expected an origin such as https://partner.example.com".to_owned());
    }
    Ok(url.origin().ascii_serialization())
}

fn speed(text: &str) -> Result<f64, String> {
    let speed: f64 = text.parse().map_err(|_| "expected a number".to_owned())?;
    if speed.is_finite() && speed > 0.0 { Ok(speed) } else { Err("expected a number above 0".to_owned()) }
}

fn time(text: &str) -> Result<UnixMillis, String> {
    UnixMillis::parse(text).ok_or_else(|| "expected a time such as 2026-01-31T09:00:00Z".to_owned())
}

/// Parses `NAME=VALUE`. A value that is not JSON becomes a string.
fn switch(text: &str) -> Result<(String, Value), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((name.to_owned(), serde_json::from_str(value).unwrap_or_else(|_| Value::from(value))))
}

fn fault(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

fn resolve(text: &str) -> Result<(String, SocketAddr), String> {
    let (host, address) = text.split_once('=').ok_or("expected HOST=ADDRESS")?;
    let with_port = address.parse().ok();
    // Port 0 means the port of the URL.
    let without = || (address, 0).to_socket_addrs().ok().and_then(|mut found| found.next());
    let address = with_port.or_else(without).ok_or("expected an address such as 127.0.0.1:8443")?;
    Ok((host.to_owned(), address))
}

fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("expected \"Name: value\"")?;
    let (name, value) = (name.trim(), value.trim());
    axum::http::HeaderName::try_from(name).map_err(|error| error.to_string())?;
    axum::http::HeaderValue::try_from(value).map_err(|error| error.to_string())?;
    Ok((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switch_value_is_json_or_a_string() {
        assert_eq!(switch("createStatusCode=200"), Ok(("createStatusCode".to_owned(), Value::from(200))));
        assert_eq!(switch("resetFormat=delta"), Ok(("resetFormat".to_owned(), Value::from("delta"))));
        assert_eq!(switch("listPath=null"), Ok(("listPath".to_owned(), Value::Null)));
        assert!(switch("listPath").is_err());
    }

    #[test]
    fn resolve_accepts_addresses_with_and_without_a_port() {
        let expected = |port| Ok(("partner.example.com".to_owned(), SocketAddr::from(([127, 0, 0, 1], port))));
        assert_eq!(resolve("partner.example.com=127.0.0.1:8443"), expected(8443));
        assert_eq!(resolve("partner.example.com=127.0.0.1"), expected(0));
        assert!(resolve("partner.example.com").is_err());
    }

    #[test]
    fn option_defaults_match_the_library_defaults() {
        let (config, faults) = Options::parse_from(["sandbox"]).into_config().unwrap();
        assert_eq!(config.keys[0].secret, Config::DEFAULT_API_KEY);
        assert_eq!((config.rate_limit, config.webhooks.retries, faults.len()), (120, 3, 0));
    }
}
