use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::{Config, Shared, router};
use crate::world::World;

/// How long stopping waits for answers that are on their way.
const STOP_WITHIN: Duration = Duration::from_secs(5);

/// Runs the sandbox in the background.
///
/// # Errors
/// When `config.listen` is no loopback address (`InvalidInput`) or cannot be bound.
pub async fn spawn(config: Config) -> io::Result<Running> {
    if !config.listen.ip().is_loopback() {
        let message = format!("{} is no loopback address; the sandbox is for this machine only", config.listen);
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    let listener = TcpListener::bind(config.listen).await?;
    let addr = listener.local_addr()?;
    let api_key = config.api_key.clone();
    let settings = config.into_settings(&format!("http://{addr}"));
    let frame_origin = settings.frame_origin.clone();
    let shared = Shared::new(World::new(settings, rand::random()));
    let serving = Some(Serving::start(listener, &shared));
    Ok(Running { addr, frame_origin, api_key, shared, serving })
}

/// A sandbox that runs. Dropping it stops it.
#[must_use = "the sandbox stops when this is dropped"]
pub struct Running {
    /// Where it listens.
    pub addr: SocketAddr,
    frame_origin: String,
    api_key: String,
    shared: Arc<Shared>,
    serving: Option<Serving>,
}

impl Running {
    /// The Partner API's base URL: `http://127.0.0.1:PORT/v1`.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.addr)
    }

    /// The URL of the control routes: `http://127.0.0.1:PORT/sandbox`.
    pub fn control_url(&self) -> String {
        format!("http://{}/sandbox", self.addr)
    }

    /// The origin in embed URLs.
    pub fn frame_origin(&self) -> &str {
        &self.frame_origin
    }

    /// The key that is accepted.
    pub fn api_key(&self) -> &str {
        &self.api_key
    }

    /// Stops answering and frees the port: an outage. Nothing is forgotten, lifecycles go on and webhooks are sent.
    /// Without effect when it is stopped already.
    pub async fn stop(&mut self) {
        if let Some(serving) = self.serving.take() {
            serving.stop().await;
        }
    }

    /// Answers again, on the same port and with all it knew. Without effect when it runs already.
    ///
    /// # Errors
    /// When the port cannot be bound any more.
    pub async fn start(&mut self) -> io::Result<()> {
        if self.serving.is_none() {
            let listener = TcpListener::bind(self.addr).await?;
            self.serving = Some(Serving::start(listener, &self.shared));
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
    fn start(listener: TcpListener, shared: &Arc<Shared>) -> Self {
        let (finish, finished) = oneshot::channel::<()>();
        let app = router(shared);
        let task = tokio::spawn(async move {
            // Ends with a word and with the sender's drop alike.
            let told = async move { drop(finished.await) };
            axum::serve(listener, app).with_graceful_shutdown(told).await
        });
        Self { finish, task }
    }

    async fn stop(mut self) {
        let _ = self.finish.send(());
        if tokio::time::timeout(STOP_WITHIN, &mut self.task).await.is_err() {
            self.task.abort();
        }
    }
}
