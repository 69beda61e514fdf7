//! A headless Chromium for one test, and the actions of a user in it.

use std::process::Stdio;

use serde_json::{Value, json};
use thirtyfour::prelude::*;
use thirtyfour::{ChromeCapabilities, ChromiumLikeCapabilities, LoggingPrefsLogLevel};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::harness::until;

/// Script that defines `deep`, which finds an element in the page or in the custom element's shadow root.
const DEEP: &str = "const deep = s => document.querySelector(s) \
    ?? document.querySelector('cr3dentials-verify')?.shadowRoot?.querySelector(s) ?? null;";

pub(crate) struct Browser {
    pub(crate) driver: WebDriver,
    _chromedriver: Child,
}

impl Browser {
    pub(crate) async fn start() -> Self {
        let (chromedriver, port) = chromedriver().await;
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities()).await.unwrap();
        let browser = Self { driver, _chromedriver: chromedriver };
        browser.resize(1280, 1100).await;
        browser
    }

    pub(crate) async fn quit(&self) {
        let _ = self.driver.clone().quit().await;
    }

    pub(crate) async fn open(&self, url: &str) {
        self.driver.goto(url).await.unwrap();
    }

    pub(crate) async fn resize(&self, width: u32, height: u32) {
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    pub(crate) async fn devtools(&self, command: &str, params: Value) -> Value {
        self.driver.cdp().send_raw(command, params).await.unwrap()
    }

    /// Runs a script, which may use `deep(selector)`, in the current frame.
    pub(crate) async fn run(&self, script: &str) -> Value {
        self.try_run(script).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    async fn try_run(&self, script: &str) -> WebDriverResult<Value> {
        Ok(self.driver.execute(format!("{DEEP} {script}"), vec![]).await?.json().clone())
    }

    /// Returns the text of the first element matching `selector`, in the page or in the shadow root.
    pub(crate) async fn text(&self, selector: &str) -> Option<String> {
        let script = format!("return deep({})?.textContent ?? null", json!(selector));
        self.try_run(&script).await.ok()?.as_str().map(|text| text.trim().to_owned())
    }

    pub(crate) async fn wait_for_text(&self, selector: &str, text: &str) {
        until(&format!("“{text}” in {selector}"), || async {
            self.text(selector).await.filter(|found| found.contains(text)).map(drop)
        })
        .await;
    }

    pub(crate) async fn wait_for(&self, selector: &str) -> WebElement {
        until(selector, || async {
            let script = format!("{DEEP} return deep({})", json!(selector));
            self.driver.execute(script, vec![]).await.ok()?.element().ok()
        })
        .await
    }

    /// Clicks the first element matching `selector` with the mouse.
    pub(crate) async fn click(&self, selector: &str) {
        until(&format!("a click on {selector}"), || async {
            let script = format!("{DEEP} return deep({})", json!(selector));
            let element = self.driver.execute(script, vec![]).await.ok()?.element().ok()?;
            element.click().await.ok()
        })
        .await;
    }

    /// Picks a platform in the picker.
    pub(crate) async fn pick(&self, name: &str) {
        self.wait_for(".cr3d-platforms button").await;
        let button = self
            .driver
            .execute(
                format!(
                    "{DEEP} const list = deep('.cr3d-platforms'); \
                     return [...list.querySelectorAll('button')].find(b => b.textContent.includes(arguments[0]))"
                ),
                vec![json!(name)],
            )
            .await
            .unwrap();
        button.element().unwrap().click().await.unwrap();
    }

    /// Waits until the frame shows `field` and switches to the frame, until [`Self::leave_frame`].
    pub(crate) async fn enter_frame_at(&self, field: &str) {
        until(&format!("{field} in the frame"), || async {
            self.driver.enter_default_frame().await.ok()?;
            let frame = self.driver.execute(format!("{DEEP} return deep('.cr3d-frame iframe')"), vec![]).await.ok()?;
            frame.element().ok()?.enter_frame().await.ok()?;
            let field = self.driver.find(By::Css(field)).await.ok()?;
            field.is_displayed().await.ok()?.then_some(())
        })
        .await;
    }

    pub(crate) async fn leave_frame(&self) {
        self.driver.enter_default_frame().await.unwrap();
    }

    /// Signs in to the platform inside the frame as the test user `name`, by typing.
    pub(crate) async fn sign_in(&self, name: &str) {
        self.enter_frame_at("#username").await;
        self.type_into("#username", name).await;
        self.type_into("#password", "sandbox").await;
        self.driver.find(By::Css("#sign-in")).await.unwrap().click().await.unwrap();
        self.leave_frame().await;
    }

    /// Types the one-time code inside the frame.
    pub(crate) async fn type_code(&self, code: &str) {
        self.enter_frame_at("#code").await;
        self.type_into("#code", code).await;
        self.driver.find(By::Css("#submit-code")).await.unwrap().click().await.unwrap();
        self.leave_frame().await;
    }

    pub(crate) async fn type_into(&self, field: &str, text: &str) {
        let field = self.driver.find(By::Css(field)).await.unwrap();
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Returns everything in the console, including page and network errors.
    pub(crate) async fn console(&self) -> String {
        let entries = self.driver.browser_log().await.unwrap_or_default();
        entries.iter().map(|entry| format!("{} {}\n", entry.level, entry.message)).collect()
    }

    /// Returns the URL and body of every response that the browser received since the last call.
    pub(crate) async fn network_log(&self) -> Vec<(String, String)> {
        let mut responses = Vec::new();
        for entry in self.driver.get_log("performance").await.unwrap() {
            let message: Value = serde_json::from_str(&entry.message).unwrap();
            let message = &message["message"];
            if message["method"] != "Network.responseReceived" {
                continue;
            }
            let url = message["params"]["response"]["url"].as_str().unwrap_or_default().to_owned();
            let request = message["params"]["requestId"].clone();
            let params = json!({"requestId": request});
            // A body may have been discarded with the frame that requested it.
            let body = self.driver.cdp().send_raw("Network.getResponseBody", params).await.unwrap_or_default();
            responses.push((url, body["body"].as_str().unwrap_or_default().to_owned()));
        }
        responses
    }
}

/// Starts a chromedriver for one test and returns it with its port.
///
/// If chromedriver chooses a free port, it finds one on IPv6 and then needs the same on IPv4, where another test may use
/// it. If it reports that, and only then, it is started again.
async fn chromedriver() -> (Child, String) {
    let program = std::env::var("CHROMEDRIVER").unwrap_or_else(|_| "chromedriver".to_owned());
    for _ in 0..20 {
        let mut child = Command::new(&program)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}; `cargo xtask setup` installs it"));
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut output = String::new();
        while let Some(line) = lines.next_line().await.unwrap() {
            if let Some((_, port)) = line.split_once("started successfully on port ") {
                let port = port.trim_end_matches('.').to_owned();
                tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
                return (child, port);
            }
            output += &line;
        }
        assert!(output.contains("port not available"), "{program} ended: {output}");
    }
    panic!("{program} found no port that is free on IPv4 and IPv6 in 20 attempts");
}

fn capabilities() -> ChromeCapabilities {
    let mut capabilities = DesiredCapabilities::chrome();
    for argument in [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        "--lang=en-US",
    ] {
        capabilities.add_arg(argument).unwrap();
    }
    if let Ok(chrome) = std::env::var("CHROME") {
        capabilities.set_binary(&chrome).unwrap();
    }
    capabilities.set_logging_prefs("browser", LoggingPrefsLogLevel::All).unwrap();
    capabilities.set_logging_prefs("performance", LoggingPrefsLogLevel::All).unwrap();
    capabilities
}
