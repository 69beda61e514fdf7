use std::net::SocketAddr;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::app::{StartError, open};
use crate::config::Config;

/// A proxy that serves in the background of the same process, for tests. Dropping it stops it immediately.
#[must_use = "dropping a running proxy stops it"]
#[derive(Debug)]
pub struct Running {
    public: SocketAddr,
    backend: SocketAddr,
    base_path: String,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

/// Starts a proxy on the configured listeners, where port 0 picks a free port. Port 0 in `webhook_url` is replaced with
/// the public listener's port.
///
/// # Errors
/// Returns the errors of [`open`], and an error for an address that cannot be bound.
pub async fn spawn(mut config: Config) -> Result<Running, StartError> {
    config.check()?;
    let public = TcpListener::bind(config.listen).await.map_err(StartError::Listen)?;
    let backend = TcpListener::bind(config.backend_listen).await.map_err(StartError::Listen)?;
    let public_addr = public.local_addr().map_err(StartError::Listen)?;
    let backend_addr = backend.local_addr().map_err(StartError::Listen)?;
    if let Some(url) = config.webhook_url.as_mut().filter(|url| url.port() == Some(0)) {
        let _ = url.set_port(Some(public_addr.port()));
    }
    let base_path = config.base_path.clone();
    let proxy = open(config).await?;
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(proxy.run(public, backend, async {
        // An error means that the handle was dropped.
        let _ = stopped.await;
    }));
    Ok(Running { public: public_addr, backend: backend_addr, base_path, stop: Some(stop), task })
}

impl Running {
    /// Returns the base URL of the browser routes, without a trailing slash.
    pub fn public_url(&self) -> String {
        format!("http://{}{}", self.public, self.base_path)
    }

    /// Returns the base URL of the public listener's webhook and health routes, without a trailing slash.
    pub fn root_url(&self) -> String {
        format!("http://{}", self.public)
    }

    /// Returns the base URL of the backend routes, without a trailing slash.
    pub fn backend_url(&self) -> String {
        format!("http://{}", self.backend)
    }

    /// Shuts down as on a signal: long polls are responded to first.
    ///
    /// # Errors
    /// Returns an error if the proxy panicked.
    pub async fn stop(mut self) -> std::io::Result<()> {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        (&mut self.task).await.map_err(std::io::Error::other)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}
