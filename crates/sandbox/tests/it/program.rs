//! Program: start-up text, options, and secrets in its output.

use std::process::Stdio;

use cr3dentials_sandbox::testing::User;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::harness::{client, text, until};

struct Program {
    child: Child,
    greeting: Vec<String>,
}

impl Program {
    async fn start(options: &[&str]) -> Self {
        let mut child = command(options).env("RUST_LOG", "trace").spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut greeting = Vec::new();
        while let Some(line) = lines.next_line().await.unwrap() {
            let last = line.contains("stuck-verifying");
            greeting.push(line);
            if last {
                break;
            }
        }
        Self { child, greeting }
    }

    /// Returns the text after `name` in the start-up text.
    fn value(&self, name: &str) -> &str {
        let line = self.greeting.iter().find_map(|line| line.trim().strip_prefix(name));
        line.unwrap_or_else(|| panic!("no {name} in {:?}", self.greeting)).trim()
    }

    /// Kills the program and returns its log.
    async fn end(mut self) -> String {
        self.child.start_kill().unwrap();
        let mut logged = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut logged).await.unwrap();
        logged
    }
}

fn command(options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cr3dentials-sandbox"));
    command.args(["--listen", "127.0.0.1:0"]).args(options).kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[tokio::test]
async fn program_prints_its_urls_and_never_logs_user_input() {
    let program = Program::start(&["--speed", "50", "--seed", "7"]).await;
    let (base, key) = (program.value("base URL"), program.value("API key"));
    let create = client().post(format!("{base}/partner/browser-session")).bearer_auth(key);
    let created: Value = create.json(&json!({ "platformId": 1 })).send().await.unwrap().json().await.unwrap();
    let user = User::open(text(&created["data"], "embedUrl")).await.unwrap();
    user.sign_in_with("marker-zq77", "marker-zq77").await.unwrap();
    user.sign_in_with("otp", "marker-zq77").await.unwrap();
    user.code("marker-zq77").await.unwrap();
    user.code("123456").await.unwrap();
    until(|| async { user.state().await.ok().filter(|state| state.status.is_terminal()) }).await;
    let page = client().get(program.value("console")).send().await.unwrap();
    assert_eq!(page.status(), 200);
    let (token, key) = (text(&created["data"], "embedUrl").split_once("token=").unwrap().1, key.to_owned());

    let logged = program.end().await;
    assert!(logged.contains("TRACE") && logged.contains("request handled"), "requests are logged");
    for secret in ["marker-zq77", token, &key] {
        let line = logged.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret} was logged");
    }
}

#[tokio::test]
async fn invalid_options_are_refused_with_a_message() {
    for (options, message) in [
        (["--switch", "resetFormat=years"], "resetFormat has an invalid value"),
        (["--switch", "nothing=1"], "unknown switch nothing"),
        (["--user", "unknown"], "unknown test user unknown"),
        (["--fault", r#"{"on":"get","kind":"explode"}"#], "explode"),
        (["--listen", "0.0.0.0:0"], "is not a loopback address"),
        (["--clock", "yesterday"], "expected a time"),
        (["--webhook-ca", "/nowhere.pem"], "/nowhere.pem"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cr3dentials-sandbox"));
        let output = command.args(options).stdin(Stdio::null()).output().await.unwrap();
        let printed = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && printed.contains(message), "{options:?}: {printed}");
    }
}

#[tokio::test]
async fn options_take_effect() {
    let fault = r#"{"on":"platforms","kind":"status","status":503,"times":1}"#;
    let program = Program::start(&[
        "--switch",
        "createStatusCode=200",
        "--fault",
        fault,
        "--user",
        "stuck-created",
        "--seed",
        "7",
        "--clock",
        "2026-01-31T09:00:00Z",
    ])
    .await;
    let (base, key) = (program.value("base URL"), program.value("API key"));
    let platforms = async || {
        client().get(format!("{base}/partner/browser-platforms")).bearer_auth(key).send().await.unwrap().status()
    };
    assert_eq!([platforms().await, platforms().await].map(|status| status.as_u16()), [503, 200]);
    let create = client().post(format!("{base}/partner/browser-session")).bearer_auth(key);
    let created = create.json(&json!({ "platformId": 1 })).send().await.unwrap();
    assert_eq!(created.status(), 200);
    let created: Value = created.json().await.unwrap();
    assert_eq!(created["data"]["createdAt"], "2026-01-31T09:00:00.000Z");
    let sessions: Value =
        client().get(base.replace("/v1", "/sandbox/sessions")).send().await.unwrap().json().await.unwrap();
    assert_eq!(sessions["sessions"][0]["user"], "stuck-created");
}
