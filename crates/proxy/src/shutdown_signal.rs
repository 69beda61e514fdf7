//! The signals that shut down the program.

#[cfg(unix)]
use tokio::sync::oneshot;

/// Resolves at the first SIGINT or SIGTERM. A second signal exits the process immediately.
#[cfg(unix)]
pub(crate) fn shutdown_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let mut next = async move || {
        // The exit codes by which shells report a process that the signal ended: 128 plus the signal number.
        tokio::select! {
            _ = interrupt.recv() => 130,
            _ = terminate.recv() => 143,
        }
    };
    let (first, stop) = oneshot::channel();
    tokio::spawn(async move {
        next().await;
        let _ = first.send(());
        std::process::exit(next().await);
    });
    Ok(async {
        let _ = stop.await;
    })
}

/// Resolves at the first Ctrl-C.
#[cfg(not(unix))]
pub(crate) fn shutdown_signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
