use std::time::{Duration, Instant};

use super::Figure;
use crate::command::{Failure, Result};
use crate::project::Project;
use crate::sandbox::{API_KEY, Sandbox};

/// Number of live sessions while the list endpoint is measured.
const SESSIONS: usize = 10_000;

/// Number of list requests that are timed.
const LISTS: usize = 2_000;

/// Measures the sandbox's memory and list latency when it is full, and how fast it simulates a week. Goes over HTTP, as a
/// partner would see it.
pub(super) fn run(project: &Project) -> Result<Vec<Figure>> {
    project.cargo().words("build --release --package cr3dentials-sandbox").run()?;
    let program = project.target().join("release").join(format!("cr3dentials-sandbox{}", std::env::consts::EXE_SUFFIX));
    let options = ["--rate-limit", "4000000000", "--switch", "createLimit=null"];
    let sandbox = Sandbox::start(&program, &options)?;
    let client = Client(ureq::agent());

    let create = format!("{}/partner/browser-session", sandbox.base_url);
    let about = r#"{"platformId":1,"webhookUrl":"https://partner.example.com/hook","externalReferenceId":"loan-2041"}"#;
    for _ in 0..SESSIONS {
        client.post(&create, about)?;
    }
    let list = format!("{}/partner/browser-sessions?limit=100&offset=", sandbox.base_url);
    let mut times = Vec::new();
    for at in 0..LISTS {
        let url = format!("{list}{}", at * 100 % SESSIONS);
        times.push(client.time(|client| client.get(&url))?);
    }
    times.sort_unstable();
    let memory = sandbox.memory();

    // A second sandbox with one session, so that only that session's week is simulated.
    let alone = Sandbox::start(&program, &options)?;
    client.post(&format!("{}/partner/browser-session", alone.base_url), r#"{"platformId":1}"#)?;
    let clock = format!("{}/sandbox/clock", alone.origin());
    let week = client.time(|client| (0..7 * 24).try_for_each(|_| client.post(&clock, r#"{"advanceSecs":3600}"#)))?;

    let millis = |time: Duration| time.as_secs_f64() * 1000.0;
    let at = |share: f64| millis(times[((times.len() - 1) as f64 * share) as usize]);
    let mut figures = vec![
        Figure { what: "list of 100 among 10,000 live, median", value: at(0.5), target: 10.0, unit: "ms" },
        Figure { what: "list of 100 among 10,000 live, p99", value: at(0.99), target: 10.0, unit: "ms" },
        Figure { what: "a week hour by hour, to the expiry", value: millis(week), target: 1000.0, unit: "ms" },
    ];
    match memory {
        Some(bytes) => {
            let value = bytes as f64 / 1e6;
            figures.push(Figure { what: "memory with 10,000 live sessions", value, target: 200.0, unit: "MB" });
        }
        None => eprintln!("This system does not report a process's memory."),
    }
    Ok(figures)
}

struct Client(ureq::Agent);

impl Client {
    fn get(&self, url: &str) -> Result {
        let request = self.0.get(url).header("x-api-key", API_KEY);
        Self::finish(request.call())
    }

    fn post(&self, url: &str, body: &str) -> Result {
        let request = self.0.post(url).header("x-api-key", API_KEY).header("content-type", "application/json");
        Self::finish(request.send(body))
    }

    fn time(&self, act: impl FnOnce(&Self) -> Result) -> Result<Duration> {
        let start = Instant::now();
        act(self)?;
        Ok(start.elapsed())
    }

    /// Reads the whole response: its time counts too.
    fn finish(response: std::result::Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result {
        let read = response.and_then(|mut response| response.body_mut().read_to_vec());
        read.map(drop).map_err(|error| Failure::new(format!("the sandbox: {error}")))
    }
}
