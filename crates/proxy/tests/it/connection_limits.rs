//! Connections that use up the connection limit and send nothing.

use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::program::{Program, Setup};
use cr3dentials_test_support::{Directory, PAGE_ORIGIN, client, until};

fn setup(directory: &Directory) -> Setup {
    Setup::new("http://127.0.0.1:9/v1", directory)
}

/// Opens a connection to the public listener that sends half a header and then nothing.
async fn half_a_header(setup: &Setup) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", setup.ports[0])).await.unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: 127.0").await.unwrap();
    stream
}

/// Opens a connection with a request in flight, whose body never arrives.
async fn half_a_body(setup: &Setup) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", setup.ports[0])).await.unwrap();
    let header = format!(
        "POST /api/verification/sessions HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: {PAGE_ORIGIN}\r\nIdempotency-Key: key\r\n\
         Content-Type: application/json\r\nContent-Length: 17\r\n\r\n"
    );
    stream.write_all(header.as_bytes()).await.unwrap();
    stream
}

#[tokio::test]
async fn silent_connections_do_not_block_the_backend() {
    let directory = Directory::create();
    let setup = setup(&directory);
    let program = setup.start_with_open_files(128, 128).await;
    let mut silent = vec![half_a_header(&setup).await];
    for _ in 0..150 {
        silent.push(TcpStream::connect(("127.0.0.1", setup.ports[0])).await.unwrap());
    }
    let results = timeout(Duration::from_secs(10), program.backend.get("/results")).await;
    assert!(results.is_ok_and(|results| results.status == 200), "the backend listener does not respond");
    // On the public listener, waiting connections are served in turn.
    let health = timeout(Duration::from_secs(20), client().get(format!("{}/healthz", program.root)).send()).await;
    assert!(health.is_ok_and(|health| health.unwrap().status() == 200), "the public listener does not respond");
}

#[tokio::test]
async fn half_sent_headers_do_not_block_the_public_listener() {
    let directory = Directory::create();
    let setup = setup(&directory);
    let program = setup.start_with_open_files(256, 256).await;
    let mut half = Vec::new();
    for _ in 0..200 {
        half.push(half_a_header(&setup).await);
    }
    let health = timeout(Duration::from_secs(10), client().get(format!("{}/healthz", program.root)).send()).await;
    assert!(health.is_ok_and(|health| health.unwrap().status() == 200), "the public listener does not respond");
}

#[tokio::test]
async fn shutdown_does_not_wait_for_half_sent_headers() {
    let directory = Directory::create();
    let setup = setup(&directory);
    let mut program = setup.start().await;
    let _half = half_a_header(&setup).await;
    program.signal("TERM").await;
    let ended = timeout(Duration::from_secs(5), program.child.wait()).await;
    assert_eq!(ended.map(|status| status.unwrap().code()).ok(), Some(Some(0)));
}

#[tokio::test]
async fn the_limit_of_open_files_is_raised() {
    let directory = Directory::create();
    let program = setup(&directory).start_with_open_files(256, 1024).await;
    let log = program.log();
    assert!(log.contains("open_files=1024"), "{log}");
}

async fn ends_at_the_second(signal: &str, code: i32) {
    let directory = Directory::create();
    let setup = setup(&directory);
    let mut program: Program = setup.start().await;
    let _slow = half_a_body(&setup).await;
    program.signal(signal).await;
    // The first signal has arrived once the listener is closed.
    let address = ("127.0.0.1", setup.ports[0]);
    until("the listener to close", || async { TcpStream::connect(address).await.err() }).await;
    program.signal(signal).await;
    let ended = timeout(Duration::from_secs(5), program.child.wait()).await;
    assert_eq!(ended.map(|status| status.unwrap().code()).ok(), Some(Some(code)));
}

#[tokio::test]
async fn a_second_signal_exits_immediately() {
    tokio::join!(ends_at_the_second("TERM", 143), ends_at_the_second("INT", 130));
}
