//! The demo: serves the sandbox as the provider, the proxy as the partner's backend, and the page until Ctrl-C. Page and
//! frame are on two sites, `localhost` and `127.0.0.1`, as they are in production.

mod children;
mod config;
mod partner;
mod ports;
mod site;

use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use crate::command::{Failure, Result};
use crate::project::Project;
use crate::steps::Steps;
use crate::tools;
use children::Children;
use partner::Partner;
use ports::Ports;

/// Interval between checks that the child processes are still running.
const TICK: Duration = Duration::from_millis(200);

/// Number of ticks between two requests for the results that the partner's server received.
const TICKS_PER_RESULTS_REQUEST: u32 = 5;

/// Command-line options of `cargo xtask demo`.
pub(crate) struct Options {
    port: Option<u16>,
    open: bool,
}

impl Options {
    pub(crate) fn parse(args: &[String]) -> Result<Self> {
        let mut options = Self { port: None, open: true };
        let mut args = args.iter().map(String::as_str);
        while let Some(arg) = args.next() {
            match arg {
                "--no-open" => options.open = false,
                "--port" => options.port = Some(ports::parse("--port", args.next().unwrap_or_default())?),
                _ => return Err(Failure::new(format!("unknown argument {arg:?}; see `cargo xtask help`"))),
            }
        }
        Ok(options)
    }
}

/// Serves the demo. Ctrl-C is the normal way to end it, and counts as success.
pub(crate) fn run(project: &Project, options: Options) -> Result<ExitCode> {
    let mut steps = Steps::default();
    steps.step("setup", "install missing tools", || tools::setup(project, tools::Scope::Build));
    steps.step("backend", "build the sandbox and the proxy", || {
        project.cargo().words("build -p cr3dentials-sandbox -p cr3dentials-proxy --bins").run()
    });
    steps.finish()?;

    let ports = Ports::choose(options.port)?;
    let config = config::Config::new(project, &ports)?;
    let stop = stop_signal()?;
    let mut children = Children::default();
    let partner = Partner::new(&config);
    let result = serve(project, &config, &mut children, &stop, partner, options.open);
    children.stop();
    match result {
        Ok(()) => {
            eprintln!("\nThe sandbox, the proxy and the page have stopped.");
            Ok(ExitCode::SUCCESS)
        }
        Err(failure) => Err(failure),
    }
}

fn serve(
    project: &Project,
    config: &config::Config,
    children: &mut Children,
    stop: &Receiver<()>,
    mut partner: Partner,
    open: bool,
) -> Result {
    eprintln!("\nStarting the sandbox, the proxy and the page. The first build of the page takes a few minutes.");
    for part in config.parts(project) {
        children.start(part.name, part.command)?;
        let mut waiting = site::Waiting::new(part.name, &part.probe, part.timeout);
        while !waiting.is_up()? {
            if wait(stop, children)? {
                return Ok(());
            }
        }
    }
    children.announce(&config.announcement(project)?);
    if open && std::io::stdout().is_terminal() {
        site::open_in_browser(project, &config.page_url());
    }
    let mut ticks = 0;
    while !wait(stop, children)? {
        ticks += 1;
        if ticks % TICKS_PER_RESULTS_REQUEST == 0 {
            for line in partner.new_results() {
                children.print("partner", &line);
            }
        }
    }
    Ok(())
}

/// Waits for one tick. Returns true when the user wants to stop, and an error when a child process has exited.
fn wait(stop: &Receiver<()>, children: &mut Children) -> Result<bool> {
    match stop.recv_timeout(TICK) {
        Ok(()) | Err(RecvTimeoutError::Disconnected) => Ok(true),
        Err(RecvTimeoutError::Timeout) => children.all_alive().map(|()| false),
    }
}

/// Returns a channel that receives a message when the user or the system asks this program to end.
fn stop_signal() -> Result<Receiver<()>> {
    let (sender, receiver) = channel();
    let notify = move || {
        // The receiver is gone only when the program is already ending.
        let _ = sender.send(());
    };
    ctrlc::set_handler(notify)
        .map_err(|error| Failure::new(format!("could not install the Ctrl-C handler: {error}")))?;
    Ok(receiver)
}
