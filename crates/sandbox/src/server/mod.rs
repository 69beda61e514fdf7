//! The rules on the network: an axum router around a [`World`], and a task that plays time and sends webhooks.

mod adapter;
mod config;
mod driver;
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

/// The sandbox as a router, to be served at `config.listen`: that address is where everything is said to be, unless
/// `public_origin` and `frame_origin` say otherwise.
///
/// The control routes are for this machine. Where `config.listen` is no loopback address, serve the router with
/// `into_make_service_with_connect_info::<SocketAddr>()`, or they answer nobody.
///
/// Its background task starts with the first request and ends when the router is dropped. A restart on command cuts
/// the streams and may forget the sessions, but the port is its server's.
///
/// # Errors
/// When the configuration names a file that cannot be read, or a test user that there is not (`InvalidInput`).
pub fn app(config: &Config) -> io::Result<Router> {
    Ok(router(&Shared::new(config, config.listen)?))
}

/// What the router, the background task and a [`Running`] share.
#[derive(Debug)]
pub(crate) struct Shared {
    world: Mutex<World>,
    clock: Clock,
    sender: Sender,
    /// How often something changed: tells the background task that something may be due sooner than it thinks, and
    /// the streams that they may have something to say.
    changed: watch::Sender<u64>,
    /// The restarts that were asked for, each with how long to stay away. Each cuts every stream, and so does the end.
    restarts: watch::Sender<(u64, Millis)>,
    /// Whether only this machine can reach the address that is listened on.
    is_loopback: bool,
    driver: Once,
}

impl Shared {
    /// For a sandbox that listens on `addr`.
    fn new(config: &Config, addr: SocketAddr) -> io::Result<Arc<Self>> {
        let seed = match config.seed {
            Some(seed) => StdRng::seed_from_u64(seed).random(),
            None => rand::random(),
        };
        let mut world = World::new(config.settings(addr), seed);
        if let Some(user) = &config.user
            && !world.set_user(user)
        {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("there is no test user {user}")));
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

    /// Does something with the rules, and tells whoever waits for changes.
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

    /// Cuts every stream, and lets the server, if it is ours, go away for so long.
    fn cut_streams(&self, down: Millis) {
        self.restarts.send_modify(|restart| *restart = (restart.0 + 1, down));
    }

    /// The rules. Held for one call at a time and never across an await.
    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time of day.
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
    Router::new().route("/stream/{id}", any(stream::open)).fallback(adapter::answer).with_state(Arc::clone(shared))
}
