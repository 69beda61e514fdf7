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

use super::config::from_here;
use super::{Config, Shared, router};

/// How long stopping waits for answers that are on their way.
const STOP_WITHIN: Duration = Duration::from_secs(5);

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1024;

/// How long a restart waits for them.
const RESTART_WITHIN: Duration = Duration::from_millis(200);

/// Runs the sandbox in the background.
///
/// # Errors
/// When `config.listen` is no loopback address and `config.expose` is not set, or another part of the configuration
/// cannot be (`InvalidInput`), or the address cannot be bound.
pub async fn spawn(config: Config) -> io::Result<Running> {
    if !config.listen.ip().is_loopback() && !config.expose {
        let message = format!("{} is no loopback address, and the sandbox is not to be exposed", config.listen);
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    let listener = TcpListener::bind(config.listen).await?;
    let addr = listener.local_addr()?;
    let settings = config.settings(addr);
    let shared = Shared::new(&config, addr)?;
    let serving = Some(Serving::start(listener, addr, &shared));
    Ok(Running { addr, origin: settings.origin, frame_origin: settings.frame_origin, shared, serving, reserved: None })
}

/// A sandbox that runs. Dropping it stops it.
#[must_use = "the sandbox stops when this is dropped"]
pub struct Running {
    /// Where it listens.
    pub addr: SocketAddr,
    origin: String,
    frame_origin: String,
    shared: Arc<Shared>,
    serving: Option<Serving>,
    /// Keeps the port while nobody listens on it.
    reserved: Option<TcpSocket>,
}

impl Running {
    /// The Partner API's base URL: `http://127.0.0.1:PORT/v1`, or below the public origin.
    pub fn base_url(&self) -> String {
        format!("{}/v1", self.origin)
    }

    /// The URL of the control routes: `http://127.0.0.1:PORT/sandbox`.
    pub fn control_url(&self) -> String {
        format!("http://{}/sandbox", from_here(self.addr))
    }

    /// The page for people who drive the sandbox: `http://127.0.0.1:PORT/`.
    pub fn console_url(&self) -> String {
        format!("http://{}/", from_here(self.addr))
    }

    /// The origin in embed URLs.
    pub fn frame_origin(&self) -> &str {
        &self.frame_origin
    }

    /// The first key that is accepted, as it is now.
    pub fn api_key(&self) -> String {
        self.shared.world().api_key().unwrap_or_default().to_owned()
    }

    /// Sets how the sandbox misbehaves, as `POST /sandbox/faults` does.
    ///
    /// # Errors
    /// Everything that is wrong with the list.
    pub fn set_faults(&self, faults: &serde_json::Value) -> Result<(), Vec<String>> {
        self.shared.world().set_faults(faults)
    }

    /// Stops answering, so that connections are refused: an outage. Nothing is forgotten, lifecycles go on and webhooks are sent.
    /// Without effect when it is stopped already.
    pub async fn stop(&mut self) {
        if let Some(serving) = self.serving.take() {
            let ((), reserved) = tokio::join!(serving.stop(), reserve(self.addr));
            // Where that failed, starting again says so.
            self.reserved = reserved.ok();
        }
    }

    /// Answers again, on the same port and with all it knew. Without effect when it runs already.
    ///
    /// # Errors
    /// When the port cannot be bound any more.
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

    /// Waits until it stops by itself, which only a fault of the network makes it do.
    ///
    /// # Errors
    /// That fault.
    pub async fn wait(&mut self) -> io::Result<()> {
        match &mut self.serving {
            Some(serving) => (&mut serving.task).await.unwrap_or_else(|error| Err(io::Error::other(error))),
            None => Ok(()),
        }
    }
}

impl std::fmt::Debug for Running {
    /// Without the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").field("addr", &self.addr).finish_non_exhaustive()
    }
}

/// A server task. Dropping it tells the task to finish.
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
        if tokio::time::timeout(STOP_WITHIN, &mut self.task).await.is_err() {
            self.task.abort();
        }
    }
}

/// Serves until told to finish, by a word or by the sender's drop. A restart on command frees the port, cuts what is
/// idle, and comes back after a while.
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
        // Answers on their way get a moment, as from a server that is told to stop.
        let (_, reserved) = tokio::join!(tokio::time::timeout(RESTART_WITHIN, serving), reserve(addr));
        let (_, down) = *restarts.borrow_and_update();
        tokio::time::sleep(Duration::from_millis(down.0)).await;
        listener = reserved?.listen(BACKLOG)?;
    }
}

/// Binds the port as soon as its listener is gone, without listening on it: connections are refused, and nobody else can
/// take it, not even as the near end of a connection of their own.
async fn reserve(addr: SocketAddr) -> io::Result<TcpSocket> {
    let started = tokio::time::Instant::now();
    loop {
        match bind(addr) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && started.elapsed() < STOP_WITHIN => {
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
