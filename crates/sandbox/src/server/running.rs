use std::future::IntoFuture;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use cr3dentials_core::time::Millis;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::config::local_address;
use super::{Config, Shared, router};

/// Timeout for requests in flight when the server stops.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// Maximum number of connections waiting to be accepted.
const BACKLOG: u32 = 1024;

/// Timeout for requests in flight when the server restarts.
const RESTART_TIMEOUT: Duration = Duration::from_millis(200);

/// Runs the sandbox in the background.
///
/// # Errors
/// Fails when `config.listen` is not a loopback address and `config.expose` is not set, when another part of the
/// configuration is invalid (`InvalidInput`), or when the address cannot be bound.
pub async fn spawn(config: Config) -> io::Result<Running> {
    if !config.listen.ip().is_loopback() && !config.expose {
        let message = format!("{} is not a loopback address; set `expose` to allow it", config.listen);
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    let listener = TcpListener::bind(config.listen).await?;
    let addr = listener.local_addr()?;
    let settings = config.settings(addr);
    let shared = Shared::new(&config, addr)?;
    let serving = Some(Serving::start(listener, addr, &shared));
    Ok(Running { addr, origin: settings.origin, frame_origin: settings.frame_origin, shared, serving, reserved: None })
}

/// A running sandbox. Dropping it stops it.
#[must_use = "the sandbox stops when this is dropped"]
pub struct Running {
    /// Address it listens on.
    pub addr: SocketAddr,
    origin: String,
    frame_origin: String,
    shared: Arc<Shared>,
    serving: Option<Serving>,
    /// Holds the port while the server is stopped.
    reserved: Option<TcpSocket>,
}

impl Running {
    /// Returns the Partner API's base URL: `http://127.0.0.1:PORT/v1`, or `/v1` at the public origin.
    pub fn base_url(&self) -> String {
        format!("{}/v1", self.origin)
    }

    /// Returns the URL of the control routes: `http://127.0.0.1:PORT/sandbox`.
    pub fn control_url(&self) -> String {
        format!("http://{}/sandbox", local_address(self.addr))
    }

    /// Returns the URL of the console, the page that controls the sandbox: `http://127.0.0.1:PORT/`.
    pub fn console_url(&self) -> String {
        format!("http://{}/", local_address(self.addr))
    }

    /// Returns the origin in embed URLs.
    pub fn frame_origin(&self) -> &str {
        &self.frame_origin
    }

    /// Returns the current secret of the first API key.
    pub fn api_key(&self) -> String {
        self.shared.world().api_key().unwrap_or_default().to_owned()
    }

    /// Replaces the faults to inject, as `POST /sandbox/faults` does.
    ///
    /// # Errors
    /// Every problem found in the list.
    pub fn set_faults(&self, faults: &serde_json::Value) -> Result<(), Vec<String>> {
        self.shared.world().set_faults(faults)
    }

    /// Stops the server, so that connections are refused: an outage. Sessions are kept, their lifecycles continue and
    /// webhooks are sent. Does nothing if it is stopped already.
    pub async fn stop(&mut self) {
        if let Some(serving) = self.serving.take() {
            let ((), reserved) = tokio::join!(serving.stop(), reserve(self.addr));
            // If reserving the port failed, `start` reports it.
            self.reserved = reserved.ok();
        }
    }

    /// Starts the server again, on the same port and with its sessions. Does nothing if it is running.
    ///
    /// # Errors
    /// Fails when the port can no longer be bound.
    pub async fn start(&mut self) -> io::Result<()> {
        if self.serving.is_none() {
            let listener = match self.reserved.take() {
                Some(socket) => socket.listen(BACKLOG)?,
                None => TcpListener::bind(self.addr).await?,
            };
            self.serving = Some(Serving::start(listener, self.addr, &self.shared));
        }
        Ok(())
    }

    /// Waits until the server stops without [`Running::stop`], which only a network error causes.
    ///
    /// # Errors
    /// That network error.
    pub async fn wait(&mut self) -> io::Result<()> {
        match &mut self.serving {
            Some(serving) => (&mut serving.task).await.unwrap_or_else(|error| Err(io::Error::other(error))),
            None => Ok(()),
        }
    }
}

impl std::fmt::Debug for Running {
    /// Omits the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").field("addr", &self.addr).finish_non_exhaustive()
    }
}

/// Server task. Dropping this makes the task finish.
struct Serving {
    finish: oneshot::Sender<()>,
    task: JoinHandle<io::Result<()>>,
}

impl Serving {
    fn start(listener: TcpListener, addr: SocketAddr, shared: &Arc<Shared>) -> Self {
        let (finish, finished) = oneshot::channel();
        let task = tokio::spawn(serve(listener, addr, Arc::clone(shared), finished));
        Self { finish, task }
    }

    async fn stop(mut self) {
        let _ = self.finish.send(());
        if tokio::time::timeout(STOP_TIMEOUT, &mut self.task).await.is_err() {
            self.task.abort();
        }
    }
}

/// Serves until `finished` receives a message or its sender is dropped. A restart on command releases the port, closes
/// idle connections, and serves again after the requested time.
async fn serve(
    mut listener: TcpListener,
    addr: SocketAddr,
    shared: Arc<Shared>,
    mut finished: oneshot::Receiver<()>,
) -> io::Result<()> {
    let app = router(&shared).into_make_service_with_connect_info::<SocketAddr>();
    let mut restarts = shared.restarts.subscribe();
    loop {
        let (go, gone) = oneshot::channel::<()>();
        let serving = axum::serve(listener, app.clone()).with_graceful_shutdown(async move { drop(gone.await) });
        let mut serving = pin!(serving.into_future());
        let restart = tokio::select! {
            result = &mut serving => return result,
            _ = &mut finished => false,
            changed = restarts.changed() => changed.is_ok(),
        };
        drop(go);
        if !restart {
            shared.cut_streams(Millis(0));
            return serving.await;
        }
        // Requests in flight get a short time to finish, as in a graceful shutdown.
        let (_, reserved) = tokio::join!(tokio::time::timeout(RESTART_TIMEOUT, serving), reserve(addr));
        let (_, down) = *restarts.borrow_and_update();
        tokio::time::sleep(Duration::from_millis(down.0)).await;
        listener = reserved?.listen(BACKLOG)?;
    }
}

/// Binds the port as soon as its listener is gone, without listening on it: connections are refused, and no other
/// process can take the port, not even as the local end of an outgoing connection.
async fn reserve(addr: SocketAddr) -> io::Result<TcpSocket> {
    let started = tokio::time::Instant::now();
    loop {
        match bind(addr) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && started.elapsed() < STOP_TIMEOUT => {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            result => return result,
        }
    }
}

fn bind(addr: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if addr.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(addr)?;
    Ok(socket)
}
