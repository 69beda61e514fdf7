//! The sandbox as a program.

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use cr3dentials_sandbox::{Config, Running, spawn, test_users};
use tracing_subscriber::EnvFilter;

/// The CR3DENTIALS Partner API, played locally.
#[derive(Parser)]
#[command(version, about)]
struct Options {
    /// Where to listen; a loopback address.
    #[arg(long, env = "SANDBOX_LISTEN", default_value = "127.0.0.1:7071")]
    listen: SocketAddr,

    /// The key that partners must present.
    #[arg(long, env = "SANDBOX_API_KEY", default_value = Config::DEFAULT_API_KEY, hide_env_values = true)]
    api_key: String,

    /// The origin in embed URLs [default: http://LISTEN].
    #[arg(long, env = "SANDBOX_FRAME_ORIGIN", value_parser = origin)]
    frame_origin: Option<String>,

    /// An origin whose pages may frame the verification and get its messages; may be given more than once.
    #[arg(long, env = "SANDBOX_PARENT_ORIGIN", value_delimiter = ',', value_parser = origin)]
    parent_origin: Vec<String>,

    /// Allow webhooks to plain HTTP on a loopback address.
    #[arg(long, env = "SANDBOX_ALLOW_HTTP_WEBHOOKS")]
    allow_http_webhooks: bool,

    /// How fast verifications run: 2 is twice as fast.
    #[arg(long, env = "SANDBOX_SPEED", default_value_t = 1.0, value_parser = speed)]
    speed: f64,

    /// A header to add to every webhook, as "Name: value".
    #[arg(long, env = "SANDBOX_WEBHOOK_HEADER", hide_env_values = true, value_parser = header)]
    webhook_header: Option<(String, String)>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();

    let options = Options::parse();
    let config = Config {
        listen: options.listen,
        api_key: options.api_key,
        frame_origin: options.frame_origin,
        parent_origins: options.parent_origin,
        allow_http_webhooks: options.allow_http_webhooks,
        speed: options.speed,
        webhook_header: options.webhook_header,
    };
    let parents = config.parent_origins.join(", ");
    match spawn(config).await {
        Ok(running) => {
            greet(&running, &parents);
            serve_until_told(running).await
        }
        Err(error) => {
            eprintln!("The sandbox cannot listen on {}: {error}", options.listen);
            ExitCode::FAILURE
        }
    }
}

async fn serve_until_told(mut running: Running) -> ExitCode {
    tokio::select! {
        () = told_to_stop() => {
            running.stop().await;
            ExitCode::SUCCESS
        }
        result = running.wait() => {
            eprintln!("The sandbox stopped: {result:?}");
            ExitCode::FAILURE
        }
    }
}

/// Says where it is, how to get in and whom to sign in as.
fn greet(running: &Running, parents: &str) {
    println!("CR3DENTIALS sandbox, a simulation for this machine only");
    println!("  base URL   {}", running.base_url());
    println!("  API key    {}", running.api_key());
    println!("  frame      {}", running.frame_origin());
    println!("  framed by  {}", if parents.is_empty() { "nobody (see --parent-origin)" } else { parents });
    println!("\n  test user  password  code    outcome    what happens");
    for user in test_users() {
        let (code, outcome) = (user.code.as_deref().unwrap_or("-"), format!("{:?}", user.outcome).to_lowercase());
        println!("  {:<9}  {:<8}  {code:<6}  {outcome:<9}  {}", user.name, user.password, user.summary);
    }
}

/// Ends with SIGINT or SIGTERM.
async fn told_to_stop() {
    let interrupted = async { drop(tokio::signal::ctrl_c().await) };
    #[cfg(unix)]
    let terminated = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
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

fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("expected \"Name: value\"")?;
    let (name, value) = (name.trim(), value.trim());
    axum::http::HeaderName::try_from(name).map_err(|error| error.to_string())?;
    axum::http::HeaderValue::try_from(value).map_err(|error| error.to_string())?;
    Ok((name.to_owned(), value.to_owned()))
}
