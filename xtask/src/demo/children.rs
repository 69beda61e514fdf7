use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::command::{Failure, Result};

/// How long a child may take to end by itself.
const GRACE: Duration = Duration::from_secs(5);

/// How many of a child's lines are kept for the case that it fails to start.
const HELD: usize = 300;

/// Programs that run beside us, each with whatever it starts itself. Dropping ends them all.
#[derive(Default)]
pub(crate) struct Children {
    running: Vec<(&'static str, Child)>,
    log: Arc<Log>,
}

impl Children {
    /// Starts one, in a process group of its own: Ctrl-C reaches only us, and we end it in good order.
    pub(crate) fn start(&mut self, name: &'static str, mut command: Command) -> Result {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child =
            command.spawn().map_err(|error| Failure::new(format!("the {name} cannot be started: {error}")))?;
        let outputs: [Option<Box<dyn Read + Send>>; 2] = [
            child.stdout.take().map(|output| Box::new(output) as _),
            child.stderr.take().map(|output| Box::new(output) as _),
        ];
        for output in outputs.into_iter().flatten() {
            let log = self.log.clone();
            thread::spawn(move || {
                for line in BufReader::new(output).split(b'\n').map_while(std::result::Result::ok) {
                    log.line(name, &String::from_utf8_lossy(&line));
                }
            });
        }
        self.running.push((name, child));
        Ok(())
    }

    /// An error that names the first one that has ended.
    pub(crate) fn all_alive(&mut self) -> Result {
        for (name, child) in &mut self.running {
            if let Ok(Some(status)) = child.try_wait() {
                self.log.show_held();
                return Err(Failure::new(format!("the {name} has ended ({status}), so the rest was ended too")));
            }
        }
        Ok(())
    }

    /// Prints `text`, the first thing on standard output, and from now on what the children say.
    pub(crate) fn announce(&self, text: &str) {
        self.log.announce(text);
    }

    /// Prints a line as if a child called `name` had said it.
    pub(crate) fn say(&self, name: &str, line: &str) {
        self.log.line(name, line);
    }

    /// Ends all of them: first asked, then made to.
    pub(crate) fn stop(&mut self) {
        for (_, child) in &mut self.running {
            end(child, false);
        }
        let deadline = Instant::now() + GRACE;
        while Instant::now() < deadline
            && self.running.iter_mut().any(|(_, child)| matches!(child.try_wait(), Ok(None)))
        {
            thread::sleep(Duration::from_millis(20));
        }
        for (_, mut child) in self.running.drain(..) {
            end(&mut child, true);
            // It was ended just now, one way or the other.
            let _ = child.wait();
        }
    }
}

impl Drop for Children {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Ends a child and its process group.
#[cfg(unix)]
fn end(child: &mut Child, by_force: bool) {
    use nix::sys::signal::{Signal, killpg};
    use nix::unistd::Pid;
    let signal = if by_force { Signal::SIGKILL } else { Signal::SIGTERM };
    if let Ok(group) = i32::try_from(child.id()) {
        // The group may be gone already, which is what was wanted.
        let _ = killpg(Pid::from_raw(group), signal);
    }
}

/// Ends a child.
#[cfg(not(unix))]
fn end(child: &mut Child, _by_force: bool) {
    // It may be gone already, which is what was wanted.
    let _ = child.kill();
}

/// Everything that the children say, one line at a time.
#[derive(Default)]
struct Log(Mutex<State>);

#[derive(Default)]
struct State {
    announced: bool,
    held: Vec<String>,
}

impl Log {
    fn line(&self, name: &str, text: &str) {
        let text = text.trim_end();
        if text.is_empty() {
            return;
        }
        let line = format!("{name:7} | {text}");
        let mut state = self.state();
        if state.announced {
            println!("{line}");
            return;
        }
        // The page takes long to build, so its progress is shown. The first address to be seen must be the demo's.
        if name == "page" && !text.contains("://") {
            eprintln!("{line}");
        } else if state.held.len() < HELD {
            state.held.push(line);
        }
    }

    fn announce(&self, text: &str) {
        let mut state = self.state();
        state.announced = true;
        state.held.clear();
        println!("{text}");
    }

    fn show_held(&self) {
        // What was said last may still be on its way through the pipe.
        thread::sleep(Duration::from_millis(100));
        for line in self.state().held.drain(..) {
            eprintln!("{line}");
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    fn wait_for(what: &str, mut condition: impl FnMut() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(10);
        while !condition() {
            assert!(Instant::now() < deadline, "{what} did not happen");
            thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn a_child_that_dies_is_named() {
        let mut children = Children::default();
        children.start("proxy", shell("exec cat /dev/zero > /dev/null")).unwrap();
        children.start("sandbox", shell("exit 3")).unwrap();
        let mut told = String::new();
        wait_for("the end", || children.all_alive().map_err(|failure| told = failure.to_string()).is_err());
        assert!(told.contains("the sandbox has ended") && told.contains('3'), "{told}");
    }

    #[test]
    fn a_grandchild_ends_with_its_parent() {
        let mut children = Children::default();
        children.start("sandbox", shell("sleep 600 & echo pid $!; wait")).unwrap();
        let mut pid = 0;
        wait_for("the grandchild's id", || {
            let told = children.log.state().held.first().and_then(|line| line.rsplit(' ').next()?.parse().ok());
            told.map(|told: i32| pid = told).is_some()
        });
        children.stop();
        let exists = || nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), None).is_ok();
        wait_for("the grandchild's end", || !exists() || is_zombie(pid));
    }

    /// Ended, but not yet collected by the process that adopted it.
    fn is_zombie(pid: i32) -> bool {
        std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| stat.contains(") Z "))
    }
}
