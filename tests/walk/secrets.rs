//! What a person types into the frame is kept by nobody: not by the sandbox, not by the proxy.

use std::io::Write;
use std::sync::{Arc, Mutex};

use crate::harness::{World, client};
use crate::stage::Stage;

/// Everything that is logged on this thread, which is all that sandbox and proxy do here.
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
async fn what_is_typed_is_in_no_log_list_answer_or_database() {
    const MARKER: &str = "marker-zq5f";
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        // The WebSocket library shows each message, ours at the person's end too. The program keeps it quiet: that is
        // tested where the program is.
        .with_env_filter("trace,tungstenite=info")
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing_subscriber::util::SubscriberInitExt::set_default(subscriber);

    let stage = Stage::begin(World::new().await, true).await;
    let user = stage.open().await;
    user.sign_in_with(MARKER, MARKER).await.unwrap();
    user.sign_in_with("everything", MARKER).await.unwrap();
    user.code(MARKER).await.unwrap();
    user.code("123456").await.unwrap();
    user.answer(MARKER).await.unwrap();
    user.answer("bento").await.unwrap();
    user.pick(0).await.unwrap();
    stage.end().await;
    stage.holds_proof().await;
    drop(guard);

    let mut seen: Vec<(String, Vec<u8>)> = vec![("the log".to_owned(), log.0.lock().unwrap().clone())];
    assert!(seen[0].1.len() > 10_000, "the log holds what happened, or this shows nothing");
    let files = std::fs::read_dir(stage.world.config.database.parent().unwrap()).unwrap();
    for file in files.map(|file| file.unwrap().path()) {
        seen.push((file.display().to_string(), std::fs::read(&file).unwrap()));
    }
    let stored = |(_, bytes): &(String, Vec<u8>)| String::from_utf8_lossy(bytes).contains(&stage.session.id);
    assert!(seen[1..].iter().any(stored), "the database holds the session, or this shows nothing");
    seen.extend(stage.world.browser.seen().into_iter().map(|answer| (answer.path, answer.text.into_bytes())));
    seen.push(("the result".to_owned(), stage.world.backend.result(&stage.session).await.to_string().into_bytes()));
    let overview = client().get(format!("{}/overview", stage.world.sandbox.control_url())).send().await.unwrap();
    seen.push(("the sandbox".to_owned(), overview.bytes().await.unwrap().to_vec()));
    for (place, bytes) in seen {
        let text = String::from_utf8_lossy(&bytes);
        let line = text.lines().find(|line| line.contains(MARKER));
        assert!(line.is_none(), "{place} holds what was typed: {}", line.unwrap_or_default());
    }
}
