//! User input never appears in logs, lists or responses.

use std::io;
use std::sync::{Mutex, OnceLock};

use cr3dentials_sandbox::testing::Step;
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::harness::{Partner, text};

/// Log of this process, at every level.
struct Log(Mutex<Vec<u8>>);

impl io::Write for &Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for &'static Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self::Writer {
        self
    }
}

fn log() -> &'static Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    LOG.get_or_init(|| Log(Mutex::new(Vec::new())))
}

#[tokio::test]
async fn user_input_is_in_no_log_list_or_response() {
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false).with_writer(log());
    tracing::subscriber::set_global_default(subscriber.finish()).unwrap();

    const NAMES: [&str; 2] = ["marker-name-zq81", "otp@marker-domain-zq81.example"];
    const PASSWORD: &str = "marker-password-zq81";
    const CODE: &str = "marker-code-zq81";
    let partner = Partner::new().await;
    let created = partner.create(json!({ "receiverData": { "name": "marker-receiver-zq81" } })).await;
    let user = partner.user(&created).await;
    let mut seen = String::new();
    for name in NAMES {
        seen += &format!("{:?}", user.sign_in_with(name, PASSWORD).await.unwrap());
    }
    seen += &format!("{:?}", user.wait_for(Step::Code).await.unwrap());
    seen += &format!("{:?}", user.code(CODE).await.unwrap());
    user.code("123456").await.unwrap();
    partner.until(&created, "COMPLETED").await;

    seen += &partner.session(&created).await.to_string();
    seen += &partner.get("/partner/browser-sessions").await.1.to_string();
    seen += &partner.show("/overview").await.to_string();
    seen += &format!("{:?}", partner.sandbox);
    let logged = String::from_utf8_lossy(&log().0.lock().unwrap()).into_owned();
    assert!(logged.contains("/partner/browser-sessions"), "requests are logged");
    seen += &logged;
    assert!(!seen.contains("zq81"), "user input or receiver data was shown or logged");

    let (_, token) = text(&created, "embedUrl").split_once("token=").unwrap();
    assert!(!logged.contains(token), "a token was logged");
    assert!(!logged.contains(&partner.sandbox.api_key()), "the key was logged");
}
