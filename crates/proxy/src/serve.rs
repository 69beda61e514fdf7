//! Connection limits: silent connections are closed, and browsers cannot use up the backend's connections.

use std::io::ErrorKind;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use http_body_util::BodyExt;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};
use tower::{ServiceExt, service_fn};

use crate::shutdown::stopped;

/// File descriptors reserved for the backend listener, the database and outgoing requests.
const RESERVED_FILES: usize = 256;

/// Maximum number of public connections. Each takes about ten kilobytes of memory.
const MAX_PUBLIC_CONNECTIONS: usize = 16_384;

/// Timeout for an idle connection to close before it is dropped. One that has sent half a header would not close by
/// itself.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(500);

/// Limits on a listener's connections.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Maximum number of concurrent connections. Further ones wait until one closes.
    pub(crate) connections: usize,
    /// Timeout for receiving a complete request header, from the connection's start and after each response.
    pub(crate) header: Duration,
    /// Minimum age of an idle connection that is closed to make room for a waiting one.
    pub(crate) settled: Duration,
}

impl Limits {
    /// Returns the limits of the public and the backend listener for a process that may have `open_files` open.
    pub(crate) fn shares(open_files: usize) -> [Self; 2] {
        let reserve = RESERVED_FILES.min(open_files / 2);
        let limits = |connections| Self {
            connections,
            // Longer than the 60 s for which common load balancers keep a connection, so that they never reuse one that
            // is being closed here.
            header: Duration::from_secs(65),
            settled: Duration::from_secs(1),
        };
        [limits((open_files - reserve).clamp(1, MAX_PUBLIC_CONNECTIONS)), limits((reserve / 4).max(1))]
    }
}

/// Serves `router` until `stop`, then finishes requests in flight. Dropping the future aborts them.
pub(crate) async fn serve(listener: TcpListener, router: Router, limits: Limits, stop: watch::Receiver<bool>) {
    let mut stopping = stop.clone();
    let slots = Arc::new(Semaphore::new(limits.connections));
    // True while another connection waits for a slot.
    let at_capacity = watch::Sender::new(false);
    let mut connections = JoinSet::new();
    loop {
        let next = async {
            at_capacity.send_replace(slots.available_permits() == 0);
            let slot = slots.clone().acquire_owned().await;
            at_capacity.send_replace(false);
            (slot, accept(&listener).await)
        };
        let (slot, stream) = tokio::select! {
            () = stopped(&mut stopping) => break,
            next = next => next,
        };
        // Frees the tasks of ended connections.
        while connections.try_join_next().is_some() {}
        let connection = connection(stream, router.clone(), limits, at_capacity.subscribe(), stop.clone());
        connections.spawn(async move {
            connection.await;
            drop(slot);
        });
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// Returns the next connection, retrying after errors.
async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) => match error.kind() {
                ErrorKind::ConnectionAborted | ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset => {}
                _ => {
                    // Such as no free descriptors: temporary, and retrying immediately would only use the processor.
                    tracing::error!(%error, "could not accept a connection");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            },
        }
    }
}

async fn connection(
    stream: TcpStream,
    router: Router,
    limits: Limits,
    mut at_capacity: watch::Receiver<bool>,
    mut stop: watch::Receiver<bool>,
) {
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder.http1().timer(TokioTimer::new()).header_read_timeout(limits.header);
    let requests = watch::Sender::new(0);
    let mut in_flight = requests.subscribe();
    let service = service_fn(move |request: Request<_>| {
        let guard = InFlight::new(&requests);
        let response = router.clone().oneshot(request);
        async { response.await.map(|response| response.map(|body| guarded(body, guard))) }
    });
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service)));
    let settled = Instant::now() + limits.settled;
    let make_room = async {
        sleep_until(settled).await;
        // Not kept: a borrowed value would lock the sender.
        drop(at_capacity.wait_for(|at_capacity| *at_capacity).await);
    };
    tokio::select! {
        // An error is the client's: it disconnected, or did not send HTTP.
        _ = connection.as_mut() => return,
        () = stopped(&mut stop) => {}
        () = make_room => {}
    }
    connection.as_mut().graceful_shutdown();
    let idle = async {
        // An error means that the connection has ended.
        while in_flight.wait_for(|requests| *requests == 0).await.is_ok() {
            if timeout(CLOSE_TIMEOUT, in_flight.wait_for(|requests| *requests > 0)).await.is_err() {
                break;
            }
        }
    };
    tokio::select! {
        _ = connection => {}
        () = idle => {}
    }
}

/// Counts a request as in flight, from the end of its header until its response is written.
struct InFlight(watch::Sender<usize>);

impl InFlight {
    fn new(requests: &watch::Sender<usize>) -> Arc<Self> {
        requests.send_modify(|requests| *requests += 1);
        Arc::new(Self(requests.clone()))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.send_modify(|requests| *requests -= 1);
    }
}

/// Returns `body` with the guard in the body and in each of its parts: hyper drops the body once the last part is
/// queued, and that part once it is written.
fn guarded(body: Body, guard: Arc<InFlight>) -> Body {
    struct Part(Bytes, #[expect(dead_code, reason = "dropped with the part")] Arc<InFlight>);

    impl AsRef<[u8]> for Part {
        fn as_ref(&self) -> &[u8] {
            &self.0
        }
    }

    Body::new(body.map_frame(move |frame| frame.map_data(|data| Bytes::from_owner(Part(data, guard.clone())))))
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::time::timeout;

    use super::*;

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    const HALF_HEADER: &[u8] = b"GET / HTTP/1.1\r\nHost: ";

    /// More bytes than the system's socket buffers hold.
    const LARGE_BODY: usize = 32 << 20;

    struct Served {
        address: std::net::SocketAddr,
        stop: watch::Sender<bool>,
        task: tokio::task::JoinHandle<()>,
    }

    impl Served {
        async fn with(limits: Limits) -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let (address, stop) = (listener.local_addr().unwrap(), watch::Sender::new(false));
            let large = get(async || "x".repeat(LARGE_BODY));
            let router = Router::new().route("/", get(async || "here")).route("/large", large);
            let task = tokio::spawn(serve(listener, router, limits, stop.subscribe()));
            Self { address, stop, task }
        }

        async fn send(&self, bytes: &[u8]) -> TcpStream {
            let mut stream = TcpStream::connect(self.address).await.unwrap();
            stream.write_all(bytes).await.unwrap();
            stream
        }
    }

    /// Reads until the peer closes.
    async fn rest(mut stream: TcpStream) -> String {
        let mut bytes = Vec::new();
        // A reset also ends the connection.
        let _ =
            timeout(Duration::from_secs(10), stream.read_to_end(&mut bytes)).await.expect("the connection stays open");
        String::from_utf8(bytes).unwrap()
    }

    async fn response(stream: &mut TcpStream) -> bool {
        let mut bytes = Vec::new();
        while !bytes.ends_with(b"here") {
            if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
                return false;
            }
        }
        true
    }

    fn limits() -> Limits {
        Limits { connections: 8, header: Duration::from_millis(200), settled: Duration::ZERO }
    }

    #[tokio::test]
    async fn silent_slow_and_idle_connections_are_closed() {
        let served = Served::with(limits()).await;
        let silent = served.send(b"").await;
        let slow = served.send(HALF_HEADER).await;
        let mut idle = served.send(REQUEST).await;
        assert!(response(&mut idle).await);
        for stream in [silent, slow, idle] {
            rest(stream).await;
        }
    }

    #[tokio::test]
    async fn idle_connections_at_the_limit_make_room_for_another() {
        let served = Served::with(Limits { header: Duration::from_secs(60), ..limits() }).await;
        let mut idle = Vec::new();
        for _ in 0..8 {
            let mut stream = served.send(REQUEST).await;
            assert!(response(&mut stream).await);
            idle.push(stream);
        }
        let mut another = served.send(REQUEST).await;
        assert!(timeout(Duration::from_secs(10), response(&mut another)).await.is_ok_and(|responded| responded));
        rest(idle.remove(0)).await;
    }

    #[tokio::test]
    async fn stopping_closes_the_listener_and_ignores_idle_connections() {
        let served = Served::with(Limits { header: Duration::from_secs(60), ..limits() }).await;
        let mut idle = served.send(REQUEST).await;
        assert!(response(&mut idle).await);
        served.stop.send_replace(true);
        timeout(Duration::from_secs(10), served.task).await.expect("serving continues").unwrap();
        assert!(TcpStream::connect(served.address).await.is_err());
    }

    #[tokio::test]
    async fn half_sent_headers_make_room_for_a_complete_request() {
        let served = Served::with(Limits { header: Duration::from_secs(60), ..limits() }).await;
        let mut half = Vec::new();
        for _ in 0..20 {
            half.push(served.send(HALF_HEADER).await);
        }
        let mut whole = served.send(REQUEST).await;
        assert!(timeout(Duration::from_secs(10), response(&mut whole)).await.is_ok_and(|responded| responded));
        rest(half.remove(0)).await;
    }

    #[tokio::test]
    async fn stopping_does_not_wait_for_half_sent_headers() {
        let served = Served::with(Limits { header: Duration::from_secs(60), ..limits() }).await;
        let _half = served.send(HALF_HEADER).await;
        let mut idle = served.send(REQUEST).await;
        assert!(response(&mut idle).await);
        let mut second_half = idle;
        second_half.write_all(HALF_HEADER).await.unwrap();
        served.stop.send_replace(true);
        timeout(Duration::from_secs(5), served.task).await.expect("serving continues").unwrap();
    }

    #[tokio::test]
    async fn stopping_waits_for_a_slow_reader() {
        let served = Served::with(limits()).await;
        let mut slow = served.send(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n").await;
        let mut bytes = [0; 4];
        slow.read_exact(&mut bytes).await.unwrap();
        served.stop.send_replace(true);
        tokio::time::sleep(3 * CLOSE_TIMEOUT).await;
        let text = rest(slow).await;
        assert!(text.contains("content-length: 33554432") && text.len() > LARGE_BODY, "{} bytes", text.len());
    }

    #[test]
    fn the_backend_keeps_its_share_at_every_open_file_limit() {
        for (open_files, public, backend) in
            [(128, 64, 16), (1_024, 768, 64), (1 << 20, MAX_PUBLIC_CONNECTIONS, 64), (0, 1, 1)]
        {
            let shares = Limits::shares(open_files).map(|limits| limits.connections);
            assert_eq!(shares, [public, backend], "{open_files}");
        }
    }
}
