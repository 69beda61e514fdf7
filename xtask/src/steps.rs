use std::time::{Duration, Instant};

use crate::command::{Failure, Result};

/// Runs named steps in order until one fails, and prints how long each took.
#[derive(Default)]
pub(crate) struct Steps {
    done: Vec<(String, Duration, bool)>,
    failure: Option<Failure>,
}

impl Steps {
    /// Runs a step, unless an earlier one failed.
    pub(crate) fn step(&mut self, name: &str, what: &str, step: impl FnOnce() -> Result) {
        if self.failure.is_some() {
            return;
        }
        eprintln!("\n== {name}: {what}");
        let start = Instant::now();
        let result = step();
        let time = start.elapsed();
        eprintln!("-- {name}: {} after {}", if result.is_ok() { "done" } else { "failed" }, human(time));
        self.done.push((name.to_owned(), time, result.is_ok()));
        self.failure = result.err();
    }

    /// Prints a summary and returns the first failure.
    pub(crate) fn finish(self) -> Result {
        eprintln!();
        for (name, time, good) in &self.done {
            eprintln!("{:14} {:>9}  {}", name, human(*time), if *good { "ok" } else { "FAILED" });
        }
        eprintln!("{:14} {:>9}", "all", human(self.done.iter().map(|(_, time, _)| *time).sum()));
        self.failure.map_or(Ok(()), Err)
    }
}

fn human(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", time.as_secs_f64()),
        10..120 => format!("{seconds} s"),
        _ => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_failure_skips_the_rest_and_is_returned() {
        let mut steps = Steps::default();
        let mut ran = Vec::new();
        let mut run = |number, result| {
            ran.push(number);
            result
        };
        steps.step("one", "", || run(1, Ok(())));
        steps.step("two", "", || run(2, Err(Failure::new("two is broken"))));
        steps.step("three", "", || run(3, Ok(())));
        assert_eq!(steps.finish().unwrap_err().to_string(), "two is broken");
        assert_eq!(ran, [1, 2]);
    }

    #[test]
    fn durations_are_readable() {
        assert_eq!(human(Duration::from_millis(1_240)), "1.2 s");
        assert_eq!(human(Duration::from_secs(75)), "75 s");
        assert_eq!(human(Duration::from_secs(605)), "10 min 05 s");
    }
}
