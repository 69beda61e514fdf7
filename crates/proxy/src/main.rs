//! `cr3dentials-proxy`: the partner's backend as a program.

mod shutdown_signal;

use std::error::Error;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use cr3dentials_proxy::{Config, ErrorChain, LogFormat, open};
use shutdown_signal::shutdown_signal;
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

/// Backend for CR3DENTIALS verifications: holds the API key and shows each browser only its own sessions.
///
/// Every key in the configuration file can also be set as an environment variable: CR3D_ followed by the key in upper
/// case. The environment takes precedence. Required: CR3D_API_KEY, CR3D_BACKEND_TOKEN, CR3D_ALLOWED_ORIGINS,
/// CR3D_USER_AUTH. The crate's README lists all of them. An unknown CR3D_ variable is an error.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// Path of the configuration file, in TOML.
    #[arg(long, env = "CR3D_CONFIG", value_name = "FILE")]
    config: Option<OsString>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cr3dentials-proxy: {}", ErrorChain(&*error));
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> Result<(), Box<dyn Error>> {
    // Compose files pass an empty variable for one that is not set.
    let file = args.config.filter(|file| !file.is_empty()).map(PathBuf::from);
    let config = Config::load(file.as_deref(), std::env::vars_os())?;
    start_log(config.log_format);
    raise_open_files();
    let stop = shutdown_signal()?;
    let listen_error = |key: &str, error| format!("configuration: {key}: could not listen on this address: {error}");
    let public = TcpListener::bind(config.listen).await.map_err(|error| listen_error("listen", error))?;
    let backend =
        TcpListener::bind(config.backend_listen).await.map_err(|error| listen_error("backend_listen", error))?;
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

/// Raises the soft limit of open files. Connections and the database need many, and the usual limit is low.
#[cfg(unix)]
fn raise_open_files() {
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(open_files) => tracing::info!(open_files, "limit of open files"),
        Err(error) => tracing::warn!(%error, "could not raise the limit of open files"),
    }
}

#[cfg(not(unix))]
fn raise_open_files() {}

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
