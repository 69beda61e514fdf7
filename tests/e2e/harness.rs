//! The harness of a test: its own sandbox, proxy, site and browser.

use std::future::Future;
use std::io::Write;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use cr3dentials_proxy::{Proxy, UserAuth};
use cr3dentials_sandbox::{ApiKey, Config as SandboxConfig, Running, Webhooks};
pub(crate) use cr3dentials_test_support::{API_KEY, until};
use cr3dentials_test_support::{Backend, Directory, config, control};
use futures_util::FutureExt;
use serde_json::Value;
use tokio::net::TcpListener;

use crate::browser::Browser;
use crate::site::{self, Record};

/// The project's root.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

pub(crate) struct Harness {
    pub(crate) browser: Browser,
    pub(crate) sandbox: Running,
    pub(crate) record: Record,
    /// `http://localhost:PORT`: another site than the frame's 127.0.0.1, as in production.
    pub(crate) origin: String,
    backend: Backend,
    _proxy: Proxy,
    _directory: Directory,
}

/// Returns the path of a build artifact: from the environment variable, or where xtask puts it.
pub(crate) fn artifact(variable: &str, default: &str) -> PathBuf {
    let path = std::env::var_os(variable).map_or_else(|| Path::new(ROOT).join(default), PathBuf::from);
    assert!(path.exists(), "{} is missing: run `cargo xtask test e2e`, which builds it", path.display());
    path
}

/// Runs `test`. If it fails, saves a screenshot and all logs.
pub(crate) fn run_test<F: Future<Output = ()>>(name: &str, test: impl FnOnce(Arc<Harness>) -> F) {
    run_test_as(name, || async { (UserAuth::None, ()) }, |harness, ()| test(harness));
}

/// Runs `test` with signed-in users: `partner` returns how the proxy identifies them, and a value for the test.
pub(crate) fn run_test_as<P, A: Future<Output = (UserAuth, P)>, F: Future<Output = ()>>(
    name: &str,
    partner: impl FnOnce() -> A,
    test: impl FnOnce(Arc<Harness>, P) -> F,
) {
    let log = Log::default();
    // One thread, so that the logs of this test's sandbox and proxy are captured here and nowhere else.
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_env_filter("cr3dentials_proxy=debug,cr3dentials_sandbox=debug,info")
        .with_writer({
            let log = log.clone();
            move || log.clone()
        })
        .finish();
    let _guard = tracing_subscriber::util::SubscriberInitExt::set_default(subscriber);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (user_auth, partner) = partner().await;
        let harness = Arc::new(Harness::new(user_auth).await);
        let result = AssertUnwindSafe(test(Arc::clone(&harness), partner)).catch_unwind().await;
        if let Err(panic) = result {
            save_artifacts(name, &harness, &log).await;
            harness.browser.quit().await;
            std::panic::resume_unwind(panic);
        }
        harness.browser.quit().await;
    });
}

impl Harness {
    async fn new(user_auth: UserAuth) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let origin = format!("http://localhost:{port}");
        let sandbox = cr3dentials_sandbox::spawn(SandboxConfig {
            keys: vec![ApiKey::new(API_KEY)],
            parent_origins: vec![origin.clone()],
            speed: 2.0,
            webhooks: Webhooks { allow_http: true, ..Webhooks::default() },
            ..SandboxConfig::default()
        })
        .await
        .unwrap();

        let directory = Directory::create();
        let mut config = config(&sandbox.base_url(), &directory);
        config.allowed_origins = vec![origin.parse().unwrap()];
        config.webhook_url = Some(format!("http://127.0.0.1:{port}").parse().unwrap());
        config.user_auth = user_auth;
        let proxy = cr3dentials_proxy::open(config).await.unwrap();

        let record = Record::default();
        let site = site::router(proxy.public_router(), record.clone());
        tokio::spawn(async move { axum::serve(listener, site).await });
        let backend_listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let backend = Backend::new(format!("http://{}", backend_listener.local_addr().unwrap()));
        let backend_router = proxy.backend_router();
        tokio::spawn(async move { axum::serve(backend_listener, backend_router).await });

        let browser = Browser::start().await;
        Self { browser, sandbox, record, origin, backend, _proxy: proxy, _directory: directory }
    }

    /// Returns the full result that the partner's server gets for a session.
    pub(crate) async fn result(&self, session: &str) -> Value {
        let response = self.backend.get(&format!("/results/{session}")).await;
        assert_eq!(response.status, 200);
        response.data().clone()
    }

    /// Makes the provider report `status` from now on.
    pub(crate) async fn force(&self, session: &str, status: &str) {
        self.control(&format!("/sessions/{session}/status"), serde_json::json!({"status": status})).await;
    }

    /// Sends a control command to the sandbox.
    pub(crate) async fn control(&self, path: &str, body: Value) {
        control(&self.sandbox, path, body).await;
    }

    /// Returns the response of a control route of the sandbox.
    pub(crate) async fn look(&self, path: &str) -> Value {
        let url = format!("{}{path}", self.sandbox.control_url());
        reqwest::Client::new().get(url).send().await.unwrap().json().await.unwrap()
    }

    /// Number of status requests that made the proxy contact the provider first, as a hint from the frame does.
    pub(crate) fn fresh_polls(&self) -> usize {
        self.record.started().iter().filter(|target| target.contains("fresh=1")).count()
    }
}

async fn save_artifacts(name: &str, harness: &Harness, log: &Log) {
    let folder = Path::new(ROOT).join("target/e2e");
    let _ = std::fs::create_dir_all(&folder);
    let shot = folder.join(format!("{name}.png"));
    let _ = harness.browser.driver.enter_default_frame().await;
    let _ = harness.browser.driver.screenshot(&shot).await;
    for (file, target) in [("sandbox", "cr3dentials_sandbox"), ("proxy", "cr3dentials_proxy")] {
        let _ = std::fs::write(folder.join(format!("{name}.{file}.log")), log.of(target));
    }
    let _ = std::fs::write(folder.join(format!("{name}.browser.log")), harness.browser.console().await);
    let exchanges: String = harness.record.exchanges().iter().map(|exchange| format!("{exchange:?}\n")).collect();
    let _ = std::fs::write(folder.join(format!("{name}.exchanges.log")), exchanges);
    eprintln!("{name} failed: a screenshot and the logs are in {}", folder.display());
}

/// Log output of a test.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Returns the lines logged by `target`.
    fn of(&self, target: &str) -> String {
        let log = self.0.lock().unwrap();
        String::from_utf8_lossy(&log)
            .lines()
            .filter(|line| line.contains(target))
            .map(|line| format!("{line}\n"))
            .collect()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
