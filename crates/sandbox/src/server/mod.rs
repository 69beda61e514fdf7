//! HTTP server: an axum router around a [`World`], and a task that advances its time and sends webhooks.

mod adapter;
mod config;
mod driver;
mod openapi;
mod running;
mod sender;
mod stream;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::routing::any;
use cr3dentials_core::time::{Millis, UnixMillis};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::sync::watch;

use crate::world::World;
use sender::Sender;

pub use config::{Clock, Config, Webhooks};
pub use running::{Running, spawn};
pub(crate) use stream::{GONE, REPLACED};

/// Returns the sandbox as a router, to be served at `config.listen`: URLs in responses use that address unless
/// `public_origin` and `frame_origin` override it.
///
/// The control routes serve only this machine. If `config.listen` is not a loopback address, serve the router with
/// `into_make_service_with_connect_info::<SocketAddr>()`; without the peer's address they refuse every request.
///
/// The background task starts with the first request and ends when the router is dropped. A restart on command cuts
/// the streams and may drop the sessions, but does not release the port, which belongs to the caller.
///
/// # Errors
/// Fails when the configuration names an unreadable file or an unknown test user (`InvalidInput`).
pub fn app(config: &Config) -> io::Result<Router> {
    Ok(router(&Shared::new(config, config.listen)?))
}

/// State shared by the router, the background task and a [`Running`].
#[derive(Debug)]
pub(crate) struct Shared {
    world: Mutex<World>,
    clock: Clock,
    sender: Sender,
    /// Number of changes. Wakes the background task, since something may be due sooner, and the streams, which may
    /// have a new state to send.
    changed: watch::Sender<u64>,
    /// Number of restarts so far, and how long the last one keeps the server down. A restart cuts every stream, as does
    /// dropping this.
    restarts: watch::Sender<(u64, Millis)>,
    /// True if the server listens on a loopback address, so that only this machine reaches it.
    is_loopback: bool,
    driver: Once,
}

impl Shared {
    /// Creates the state of a sandbox that listens on `addr`.
    fn new(config: &Config, addr: SocketAddr) -> io::Result<Arc<Self>> {
        let seed = match config.seed {
            Some(seed) => StdRng::seed_from_u64(seed).random(),
            None => rand::random(),
        };
        let mut world = World::new(config.settings(addr), seed);
        if let Some(user) = &config.user
            && !world.set_user(user)
        {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("unknown test user {user}")));
        }
        Ok(Arc::new(Self {
            world: Mutex::new(world),
            clock: config.clock,
            sender: Sender::new(&config.webhooks)?,
            changed: watch::Sender::new(0),
            restarts: watch::Sender::new((0, Millis(0))),
            is_loopback: config.listen.ip().is_loopback(),
            driver: Once::new(),
        }))
    }

    /// Runs `act` on the world, then notifies the background task and the streams.
    fn with<R>(&self, act: impl FnOnce(&mut World, UnixMillis) -> R) -> R {
        let (result, restart) = {
            let mut world = self.world();
            let result = act(&mut world, self.now());
            (result, world.take_restart())
        };
        self.changed.send_modify(|count| *count += 1);
        if let Some(restart) = restart {
            self.cut_streams(restart.down);
        }
        result
    }

    /// Cuts every stream and restarts a [`Running`] server, which stays down for `down`.
    fn cut_streams(&self, down: Millis) {
        self.restarts.send_modify(|restart| *restart = (restart.0 + 1, down));
    }

    /// Locks the world. Held for one call at a time and never across an await.
    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the current time of the configured clock.
    fn now(&self) -> UnixMillis {
        match self.clock {
            Clock::Stopped(at) => at,
            Clock::Machine => {
                let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                UnixMillis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
            }
        }
    }
}

fn router(shared: &Arc<Shared>) -> Router {
    Router::new().route("/stream/{id}", any(stream::open)).fallback(adapter::handle).with_state(Arc::clone(shared))
}
