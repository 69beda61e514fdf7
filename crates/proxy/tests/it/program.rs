//! The program as a partner runs it.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Stdio;

use tokio::process::{Child, Command};

use cr3dentials_test_support::{API_KEY, BACKEND_TOKEN, Backend, Browser, Directory, PAGE_ORIGIN, client, until};

/// Command that starts the program.
pub(crate) struct Setup {
    /// The ports of the public and of the backend listener.
    pub(crate) ports: [u16; 2],
    variables: Vec<(OsString, OsString)>,
    log: PathBuf,
}

impl Setup {
    /// Uses ports that were just free, a database and a log in `directory`, and an otherwise empty environment.
    pub(crate) fn new(provider: &str, directory: &Directory) -> Self {
        let listeners = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let ports = listeners.each_ref().map(|listener| listener.local_addr().unwrap().port());
        let [public, backend] = ports.map(|port| format!("127.0.0.1:{port}"));
        Self { ports, variables: Vec::new(), log: directory.0.join("log") }
            .with("CR3D_API_KEY", API_KEY)
            .with("CR3D_BACKEND_TOKEN", BACKEND_TOKEN)
            .with("CR3D_ALLOWED_ORIGINS", PAGE_ORIGIN)
            .with("CR3D_UPSTREAM_URL", provider)
            .with("CR3D_LISTEN", public)
            .with("CR3D_BACKEND_LISTEN", backend)
            .with("CR3D_DATABASE", directory.0.join("proxy.sqlite"))
            .with("CR3D_USER_AUTH", "none")
            .with("CR3D_LOG", "debug")
    }

    /// Adds a variable to the environment.
    pub(crate) fn with(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// Removes a variable from the environment.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self
    }

    /// Returns the base URL of the public listener.
    pub(crate) fn root(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports[0])
    }

    /// Starts the program and waits until it responds.
    pub(crate) async fn start(&self) -> Program {
        self.start_by(Command::new(env!("CARGO_BIN_EXE_cr3dentials-proxy"))).await
    }

    /// Like [`Setup::start`], with these soft and hard limits of open files.
    #[cfg(unix)]
    pub(crate) async fn start_with_open_files(&self, soft: u32, hard: u32) -> Program {
        let mut shell = Command::new("/bin/sh");
        let script = format!("ulimit -Sn {soft} && ulimit -Hn {hard} && exec \"$0\"");
        shell.args(["-c", &script, env!("CARGO_BIN_EXE_cr3dentials-proxy")]);
        self.start_by(shell).await
    }

    /// Starts the program, waits until it exits with an error and returns the error.
    pub(crate) async fn refusal(&self) -> String {
        let mut command = self.command(Command::new(env!("CARGO_BIN_EXE_cr3dentials-proxy")));
        let program = command.stderr(Stdio::piped()).spawn().unwrap();
        let started = async {
            let (url, http) = (format!("{}/healthz", self.root()), client());
            until("the program", || async { http.get(&url).send().await.ok() }).await
        };
        tokio::select! {
            output = program.wait_with_output() => {
                let output = output.unwrap();
                assert_eq!(output.status.code(), Some(1));
                String::from_utf8(output.stderr).unwrap()
            }
            _ = started => panic!("it started"),
        }
    }

    fn command(&self, mut command: Command) -> Command {
        command.env_clear().envs(self.variables.iter().map(|(name, value)| (name, value))).kill_on_drop(true);
        command
    }

    async fn start_by(&self, command: Command) -> Program {
        let log = OpenOptions::new().create(true).append(true).open(&self.log).unwrap();
        let child = self.command(command).stderr(log).spawn().unwrap();
        let (root, http) = (self.root(), client());
        until("the program", || async { http.get(format!("{root}/healthz")).send().await.ok() }).await;
        let browser = Browser::new(format!("{root}/api/verification"));
        let backend = Backend::new(format!("http://127.0.0.1:{}", self.ports[1]));
        Program { child, root, browser, backend, log: self.log.clone() }
    }
}

/// A running program. It is killed when it is dropped.
pub(crate) struct Program {
    pub(crate) child: Child,
    pub(crate) root: String,
    pub(crate) browser: Browser,
    pub(crate) backend: Backend,
    log: PathBuf,
}

impl Program {
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Sends a signal, such as `TERM`.
    #[cfg(unix)]
    pub(crate) async fn signal(&self, name: &str) {
        let id = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").args([format!("-{name}"), id]).status().await.unwrap().success());
    }

    /// Returns the log of this program and of previous ones in the same directory.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }
}
