use tokio::sync::watch;

/// Resolves when the proxy shuts down or is dropped.
pub(crate) async fn stopped(stop: &mut watch::Receiver<bool>) {
    // Not kept: a borrowed value would lock the sender.
    drop(stop.wait_for(|stop| *stop).await);
}
