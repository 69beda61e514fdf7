//! `cr3dentials-proxy`: the partner's backend as a program.

use std::error::Error;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use cr3dentials_proxy::{Config, LogFormat, open};
use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::sync::oneshot;
use tracing_subscriber::EnvFilter;

/// The partner's backend for CR3DENTIALS verifications: holds the API key, shows each browser only what is its own.
///
/// Every key of the file can also be set in the environment, in upper case after CR3D_; the environment wins.
/// Required: CR3D_API_KEY, CR3D_BACKEND_TOKEN, CR3D_ALLOWED_ORIGINS, CR3D_USER_AUTH. The README of this crate lists them
/// all. A CR3D_ variable that is none of them is an error.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// The configuration file, in TOML.
    #[arg(long, env = "CR3D_CONFIG", value_name = "FILE")]
    config: Option<OsString>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cr3dentials-proxy: {}", with_causes(&*error));
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> Result<(), Box<dyn Error>> {
    // An empty variable is how compose files leave one out.
    let file = args.config.filter(|file| !file.is_empty()).map(PathBuf::from);
    let config = Config::load(file.as_deref(), std::env::vars_os())?;
    start_log(config.log_format);
    raise_open_files();
    let stop = stop_signal()?;
    let cannot = |key: &str, error| format!("configuration: {key}: the address cannot be used: {error}");
    let public = TcpListener::bind(config.listen).await.map_err(|error| cannot("listen", error))?;
    let backend = TcpListener::bind(config.backend_listen).await.map_err(|error| cannot("backend_listen", error))?;
    let (upstream, base_path) = (config.upstream_url.clone(), config.base_path.clone());
    let webhooks = config.webhook_url.is_some();
    let proxy = open(config).await?;
    tracing::info!(
        public = %public.local_addr()?,
        backend = %backend.local_addr()?,
        base_path,
        upstream = upstream.host_str(),
        webhooks,
        "ready"
    );
    proxy.run(public, backend, stop).await;
    tracing::info!("stopped");
    Ok(())
}

/// Connections and the database need open files, and the usual soft limit is low.
#[cfg(unix)]
fn raise_open_files() {
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(open_files) => tracing::info!(open_files, "limit of open files"),
        Err(error) => tracing::warn!(%error, "could not raise the limit of open files"),
    }
}

#[cfg(not(unix))]
fn raise_open_files() {}

/// Resolves at the first SIGINT or SIGTERM. The second one ends the process at once.
#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let mut next = async move || {
        // As a shell reports a process that the signal has ended.
        tokio::select! {
            _ = interrupt.recv() => 130,
            _ = terminate.recv() => 143,
        }
    };
    let (first, stop) = oneshot::channel();
    tokio::spawn(async move {
        next().await;
        let _ = first.send(());
        std::process::exit(next().await);
    });
    Ok(async {
        let _ = stop.await;
    })
}

/// Resolves at the first Ctrl-C.
#[cfg(not(unix))]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

fn start_log(format: LogFormat) {
    let given = std::env::var("CR3D_LOG").ok().filter(|filter| !filter.is_empty());
    let filter = given.and_then(|filter| EnvFilter::try_new(filter).ok()).unwrap_or_else(|| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Json => log.json().init(),
        LogFormat::Text => log.init(),
    }
}

fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}
