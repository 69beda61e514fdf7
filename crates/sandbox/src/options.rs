//! The command line.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;

use clap::Parser;
use clap::builder::BoolishValueParser;
use cr3dentials_core::time::UnixMillis;
use cr3dentials_core::wire::RATE_LIMIT_REQUESTS;
use cr3dentials_sandbox::{ApiKey, Clock, Config, Switches, Webhooks};
use serde_json::{Map, Value};

/// The CR3DENTIALS Partner API, played locally.
#[derive(Parser)]
#[command(version, about)]
pub(crate) struct Options {
    /// Where to listen; a loopback address, unless --expose is given.
    #[arg(long, env = "SANDBOX_LISTEN", default_value = "127.0.0.1:7071")]
    listen: SocketAddr,

    /// Allow any address to listen on. The console and the control routes stay with this machine.
    #[arg(long, env = "SANDBOX_EXPOSE", value_parser = BoolishValueParser::new())]
    expose: bool,

    /// A key that partners may present; may be given more than once.
    #[arg(long, env = "SANDBOX_API_KEY", default_value = Config::DEFAULT_API_KEY, hide_env_values = true)]
    api_key: Vec<String>,

    /// Requests a minute that each key has.
    #[arg(long, env = "SANDBOX_RATE_LIMIT", default_value_t = RATE_LIMIT_REQUESTS)]
    rate_limit: u32,

    /// Where others reach the sandbox: the origin of icons and of embed URLs [default: http://LISTEN].
    #[arg(long, env = "SANDBOX_PUBLIC_ORIGIN", value_parser = origin)]
    public_origin: Option<String>,

    /// The origin in embed URLs, when it is another one.
    #[arg(long, env = "SANDBOX_FRAME_ORIGIN", value_parser = origin)]
    frame_origin: Option<String>,

    /// An origin whose pages may frame the verification and get its messages; may be given more than once.
    #[arg(long, env = "SANDBOX_PARENT_ORIGIN", value_delimiter = ',', value_parser = origin)]
    parent_origin: Vec<String>,

    /// How fast verifications run: 2 is twice as fast.
    #[arg(long, env = "SANDBOX_SPEED", default_value_t = 1.0, value_parser = speed)]
    speed: f64,

    /// Stop the clock at this time (ISO 8601); only the control route moves it then.
    #[arg(long, env = "SANDBOX_CLOCK", value_parser = time)]
    clock: Option<UnixMillis>,

    /// Make the same ids, tokens and keys each time.
    #[arg(long, env = "SANDBOX_SEED")]
    seed: Option<u64>,

    /// The test user whose road new sessions take until somebody signs in.
    #[arg(long, env = "SANDBOX_USER")]
    user: Option<String>,

    /// What the provider leaves open, as NAME=VALUE; may be given more than once. The console lists them.
    #[arg(long = "switch", value_name = "NAME=VALUE", value_parser = switch)]
    switches: Vec<(String, Value)>,

    /// Refuse a GET without `Content-Type: application/json`: short for --switch contentTypeOnGetRequired=true.
    #[arg(long, env = "SANDBOX_STRICT", value_parser = BoolishValueParser::new())]
    strict: bool,

    /// What goes wrong, as a JSON object; may be given more than once. The README describes them.
    #[arg(long = "fault", value_name = "JSON", value_parser = fault)]
    faults: Vec<Value>,

    /// Where ends are announced when a session has no webhookUrl of its own.
    #[arg(long, env = "SANDBOX_WEBHOOK_URL", hide_env_values = true)]
    webhook_url: Option<String>,

    /// A header to add to every webhook, as "Name: value".
    #[arg(long, env = "SANDBOX_WEBHOOK_HEADER", hide_env_values = true, value_parser = header)]
    webhook_header: Option<(String, String)>,

    /// How often a webhook that failed is tried again.
    #[arg(long, env = "SANDBOX_WEBHOOK_RETRIES", default_value_t = Webhooks::RETRIES)]
    webhook_retries: u32,

    /// A file of certificates (PEM) that webhooks' receivers may have besides those that the system trusts.
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
    /// The configuration, and the faults to begin with.
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

/// Reads an origin such as `https://partner.example.com`: nothing after the host and the port.
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

/// A value that is no JSON is taken as a text.
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
    // 0 stands for the port of the URL.
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
    fn values_of_switches_are_json_or_else_texts() {
        assert_eq!(switch("createStatusCode=200"), Ok(("createStatusCode".to_owned(), Value::from(200))));
        assert_eq!(switch("resetFormat=delta"), Ok(("resetFormat".to_owned(), Value::from("delta"))));
        assert_eq!(switch("listPath=null"), Ok(("listPath".to_owned(), Value::Null)));
        assert!(switch("listPath").is_err());
    }

    #[test]
    fn hosts_are_sent_to_addresses_with_or_without_a_port() {
        let expected = |port| Ok(("partner.example.com".to_owned(), SocketAddr::from(([127, 0, 0, 1], port))));
        assert_eq!(resolve("partner.example.com=127.0.0.1:8443"), expected(8443));
        assert_eq!(resolve("partner.example.com=127.0.0.1"), expected(0));
        assert!(resolve("partner.example.com").is_err());
    }

    #[test]
    fn the_defaults_are_the_library_s() {
        let (config, faults) = Options::parse_from(["sandbox"]).into_config().unwrap();
        assert_eq!(config.keys[0].secret, Config::DEFAULT_API_KEY);
        assert_eq!((config.rate_limit, config.webhooks.retries, faults.len()), (120, 3, 0));
    }
}
