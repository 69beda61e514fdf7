use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::command::{Failure, Result};

/// Grace period between the signal to stop and the forced end of a child process.
const GRACE: Duration = Duration::from_secs(5);

/// Maximum number of output lines kept before the demo is ready, to be shown if a child process fails to start.
const HELD: usize = 300;

/// Child processes, each with the processes it starts itself. Dropping this ends them all.
#[derive(Default)]
pub(crate) struct Children {
    running: Vec<(&'static str, Child)>,
    log: Arc<Log>,
}

impl Children {
    /// Starts a program in its own process group: Ctrl-C reaches only this program, which then stops the children in order.
    pub(crate) fn start(&mut self, name: &'static str, mut command: Command) -> Result {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child =
            command.spawn().map_err(|error| Failure::new(format!("could not start the {name}: {error}")))?;
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

    /// Returns an error that names the first child process that has exited, if any.
    pub(crate) fn all_alive(&mut self) -> Result {
        for (name, child) in &mut self.running {
            if let Ok(Some(status)) = child.try_wait() {
                self.log.show_held();
                return Err(Failure::new(format!("the {name} has exited ({status}), so the others were stopped too")));
            }
        }
        Ok(())
    }

    /// Prints `text` as the first thing on standard output. From now on, the output of the children is printed too.
    pub(crate) fn announce(&self, text: &str) {
        self.log.announce(text);
    }

    /// Prints a line as if a child process called `name` had written it.
    pub(crate) fn print(&self, name: &str, line: &str) {
        self.log.line(name, line);
    }

    /// Stops all children: with a signal first, by force after the grace period.
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
            // It has just been killed or has exited; this only reaps it.
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
        // The group may have exited already, which is the goal.
        let _ = killpg(Pid::from_raw(group), signal);
    }
}

/// Ends a child.
#[cfg(not(unix))]
fn end(child: &mut Child, _by_force: bool) {
    // It may have exited already, which is the goal.
    let _ = child.kill();
}

/// Output of the children, one line at a time.
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
        // The page takes long to build, so its progress is shown. The first URL on the screen must be the demo's.
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
        // The last lines may still be in the pipe.
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
    fn exited_child_is_named_in_the_error() {
        let mut children = Children::default();
        children.start("proxy", shell("exec cat /dev/zero > /dev/null")).unwrap();
        children.start("sandbox", shell("exit 3")).unwrap();
        let mut message = String::new();
        wait_for("the end", || children.all_alive().map_err(|failure| message = failure.to_string()).is_err());
        assert!(message.contains("the sandbox has exited") && message.contains('3'), "{message}");
    }

    #[test]
    fn stopping_a_child_also_ends_its_children() {
        let mut children = Children::default();
        children.start("sandbox", shell("sleep 600 & echo pid $!; wait")).unwrap();
        let mut pid = 0;
        wait_for("the grandchild's id", || {
            let found = children.log.state().held.first().and_then(|line| line.rsplit(' ').next()?.parse().ok());
            found.map(|found: i32| pid = found).is_some()
        });
        children.stop();
        let exists = || nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), None).is_ok();
        wait_for("the grandchild's end", || !exists() || is_zombie(pid));
    }

    /// Returns true if the process has exited and its new parent has not reaped it yet.
    fn is_zombie(pid: i32) -> bool {
        std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| stat.contains(") Z "))
    }
}
