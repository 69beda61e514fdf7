//! The demo: the sandbox as the provider, the proxy as the partner's backend, and the page, served together until
//! Ctrl-C. Page and frame are on two sites, `localhost` and `127.0.0.1`, as they are in production.

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
use crate::setup;
use crate::steps::Steps;
use children::Children;
use partner::Partner;
use ports::Ports;

/// How often the children are looked at.
const TICK: Duration = Duration::from_millis(200);

/// How often the partner's server is asked what it received: every so many ticks.
const TICKS_PER_QUESTION: u32 = 5;

/// What the command line says.
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
                _ => return Err(Failure::new(format!("{arg:?} is not understood; see `cargo xtask help`"))),
            }
        }
        Ok(options)
    }
}

/// Serves the demo. Ctrl-C is its ordinary end, and a success.
pub(crate) fn run(project: &Project, options: Options) -> Result<ExitCode> {
    let mut steps = Steps::default();
    steps.step("setup", "the tools", || setup::run(project, setup::Scope::Build));
    steps.step("backend", "the sandbox and the proxy", || {
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
            eprintln!("\nAll three have ended.");
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
    eprintln!("\nStarting the sandbox, the proxy and the page. The page is built first: some minutes when it is new.");
    for part in config.parts(project) {
        children.start(part.name, part.command)?;
        let mut waiting = site::Waiting::new(part.name, &part.probe, part.patience);
        while !waiting.is_over()? {
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
        if ticks % TICKS_PER_QUESTION == 0 {
            for line in partner.news() {
                children.say("partner", &line);
            }
        }
    }
    Ok(())
}

/// Waits for a moment. True when the user wants to stop; an error when a child has ended.
fn wait(stop: &Receiver<()>, children: &mut Children) -> Result<bool> {
    match stop.recv_timeout(TICK) {
        Ok(()) | Err(RecvTimeoutError::Disconnected) => Ok(true),
        Err(RecvTimeoutError::Timeout) => children.all_alive().map(|()| false),
    }
}

/// Receives when the user or the system wants us to end.
fn stop_signal() -> Result<Receiver<()>> {
    let (sender, receiver) = channel();
    let tell = move || {
        // Nobody listens only when we are ending already.
        let _ = sender.send(());
    };
    ctrlc::set_handler(tell).map_err(|error| Failure::new(format!("Ctrl-C cannot be watched: {error}")))?;
    Ok(receiver)
}
