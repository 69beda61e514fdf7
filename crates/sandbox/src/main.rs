//! The `cr3dentials-sandbox` program.

mod options;
mod shutdown_signal;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use cr3dentials_sandbox::{Running, spawn, test_users};
use options::Options;
use shutdown_signal::shutdown_signal;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    // At level `trace` the WebSocket library logs every message, including what users type.
    log::set_max_level(log::LevelFilter::Info);

    let options = Options::parse();
    let (config, faults) = match options.into_config() {
        Ok(read) => read,
        Err(problem) => return fail(&problem),
    };
    let (listen, parents) = (config.listen, config.parent_origins.join(", "));
    let running = match spawn(config).await {
        Ok(running) => running,
        Err(error) => return fail(&format!("could not start the sandbox on {listen}: {error}")),
    };
    if let Err(problems) = running.set_faults(&faults.into()) {
        return fail(&format!("--fault: {}", problems.join("; ")));
    }
    // Standard output may be closed, which is no reason to stop.
    let _ = std::io::stdout().write_all(greeting(&running, &parents).as_bytes());
    serve_until_signal(running).await
}

fn fail(problem: &str) -> ExitCode {
    eprintln!("{problem}");
    ExitCode::FAILURE
}

async fn serve_until_signal(mut running: Running) -> ExitCode {
    tokio::select! {
        () = shutdown_signal() => {
            running.stop().await;
            ExitCode::SUCCESS
        }
        result = running.wait() => fail(&format!("the sandbox stopped: {result:?}")),
    }
}

/// Returns the start-up text: URLs, API key and test users.
fn greeting(running: &Running, parents: &str) -> String {
    let framed_by = if parents.is_empty() { "no origin (see --parent-origin)" } else { parents };
    let users = test_users().iter().map(|user| {
        let early = if user.early { '*' } else { ' ' };
        let code = user.code.as_deref().unwrap_or("-");
        let answer = user.question.as_ref().map_or("-", |question| question.answer.as_str());
        format!("  {:<22}{early} {code:<7} {answer:<7} {}\n", user.name, user.summary)
    });
    format!(
        "CR3DENTIALS sandbox: a simulation for this machine only\n  \
         base URL   {}\n  API key    {}\n  console    {}\n  frame      {}\n  framed by  {framed_by}\n\n\
         Test users (password: `sandbox`). Choose those marked * at create, with --user or in the console:\n{}",
        running.base_url(),
        running.api_key(),
        running.console_url(),
        running.frame_origin(),
        users.collect::<String>(),
    )
}
