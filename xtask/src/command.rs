use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

/// An error for the user: what went wrong and what to do about it.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

pub(crate) type Result<T = ()> = std::result::Result<T, Failure>;

/// A program to run until it exits. Its command line is printed first, so that it can be repeated by hand.
pub(crate) struct Run {
    command: Command,
    shown: String,
}

impl Run {
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let shown = Path::new(program.as_ref()).file_name().unwrap_or(program.as_ref()).to_string_lossy().into_owned();
        Self { command: Command::new(program), shown }
    }

    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.shown.push(' ');
        self.shown.push_str(&arg.as_ref().to_string_lossy());
        self.command.arg(arg);
        self
    }

    /// Appends several arguments, separated by white space.
    pub(crate) fn words(self, words: &str) -> Self {
        words.split_whitespace().fold(self, Self::arg)
    }

    pub(crate) fn args<A: AsRef<OsStr>>(self, args: impl IntoIterator<Item = A>) -> Self {
        args.into_iter().fold(self, Self::arg)
    }

    pub(crate) fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.command.env(name, value.into());
        self
    }

    pub(crate) fn env_remove(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    pub(crate) fn dir(mut self, dir: impl AsRef<Path>) -> Self {
        self.command.current_dir(dir);
        self
    }

    /// Runs the program. Its standard output goes to our standard error: our standard output is for results.
    pub(crate) fn run(mut self) -> Result {
        let status = self.status()?;
        if status.success() { Ok(()) } else { Err(Failure::new(format!("`{}` failed: {status}", self.shown))) }
    }

    /// Runs the program like [`Run::run`], and returns its exit code instead of failing.
    pub(crate) fn code(mut self) -> Result<i32> {
        let status = self.status()?;
        status.code().ok_or_else(|| Failure::new(format!("`{}` failed: {status}", self.shown)))
    }

    fn status(&mut self) -> Result<ExitStatus> {
        eprintln!("$ {}", self.shown);
        self.command.stdin(Stdio::null()).stdout(std::io::stderr());
        self.command.status().map_err(|error| self.unable(&error))
    }

    /// Runs the program like [`Run::run`], and also calls `line` with every line of its output.
    pub(crate) fn watch(mut self, mut line: impl FnMut(&str)) -> Result {
        eprintln!("$ {}", self.shown);
        self.command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = self.command.spawn().map_err(|error| self.unable(&error))?;
        if let Some(output) = child.stdout.take() {
            for text in BufReader::new(output).split(b'\n').map_while(std::result::Result::ok) {
                let text = String::from_utf8_lossy(&text);
                // Keep counting even when the terminal is gone.
                let _ = writeln!(std::io::stderr(), "{text}");
                line(&text);
            }
        }
        let status = child.wait().map_err(|error| self.unable(&error))?;
        if status.success() { Ok(()) } else { Err(Failure::new(format!("`{}` failed: {status}", self.shown))) }
    }

    /// Runs the program silently and returns its standard output, trimmed. `None` when it is missing or fails.
    pub(crate) fn probe(mut self) -> Option<String> {
        let output = self.command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    fn unable(&self, error: &std::io::Error) -> Failure {
        let hint = if error.kind() == std::io::ErrorKind::NotFound {
            "; run `cargo xtask setup`, which installs it or says how"
        } else {
            ""
        };
        Failure::new(format!("`{}` cannot be run: {error}{hint}", self.shown))
    }
}
