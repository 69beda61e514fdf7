//! Neither sandbox nor proxy stores or logs what a user types into the frame.

use std::io::Write;
use std::sync::{Arc, Mutex};

use crate::scenario::Scenario;
use cr3dentials_test_support::{Harness, client};

/// Log output of this thread, on which sandbox and proxy run here.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn typed_text_is_in_no_log_list_response_or_database() {
    const MARKER: &str = "marker-zq5f";
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        // The WebSocket library logs each message at `trace`, on the simulated user's side too. The program's own log
        // filter prevents that; a test of the sandbox program checks it.
        .with_env_filter("trace,tungstenite=info")
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing_subscriber::util::SubscriberInitExt::set_default(subscriber);

    let scenario = Scenario::begin(Harness::new().await, true).await;
    let user = scenario.open().await;
    user.sign_in_with(MARKER, MARKER).await.unwrap();
    user.sign_in_with("everything", MARKER).await.unwrap();
    user.code(MARKER).await.unwrap();
    user.code("123456").await.unwrap();
    user.answer(MARKER).await.unwrap();
    user.answer("bento").await.unwrap();
    user.pick(0).await.unwrap();
    scenario.end().await;
    scenario.holds_proof().await;
    drop(guard);

    let mut seen: Vec<(String, Vec<u8>)> = vec![("the log".to_owned(), log.0.lock().unwrap().clone())];
    assert!(seen[0].1.len() > 10_000, "the log is too short for this test to mean anything");
    let files = std::fs::read_dir(scenario.harness.config.database.parent().unwrap()).unwrap();
    for file in files.map(|file| file.unwrap().path()) {
        seen.push((file.display().to_string(), std::fs::read(&file).unwrap()));
    }
    let stored = |(_, bytes): &(String, Vec<u8>)| String::from_utf8_lossy(bytes).contains(&scenario.session.id);
    assert!(seen[1..].iter().any(stored), "the database does not contain the session, so this test means nothing");
    seen.extend(
        scenario.harness.browser.seen().into_iter().map(|response| (response.path, response.text.into_bytes())),
    );
    seen.push((
        "the result".to_owned(),
        scenario.harness.backend.result(&scenario.session).await.to_string().into_bytes(),
    ));
    let overview = client().get(format!("{}/overview", scenario.harness.provider.control_url())).send().await.unwrap();
    seen.push(("the sandbox".to_owned(), overview.bytes().await.unwrap().to_vec()));
    for (place, bytes) in seen {
        let text = String::from_utf8_lossy(&bytes);
        let line = text.lines().find(|line| line.contains(MARKER));
        assert!(line.is_none(), "{place} contains the typed text: {}", line.unwrap_or_default());
    }
}
