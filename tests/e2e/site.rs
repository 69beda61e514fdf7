//! The partner's site: the built pages, the proxy's routes below `/api`, and a record of all that passed.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use http_body_util::BodyExt;
use tower_http::services::{ServeDir, ServeFile};

use crate::stage::artefact;

/// A request to the proxy and what was answered.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    pub(crate) body: String,
}

/// Everything that passed, and how much is still open.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    done: Arc<Mutex<Vec<Exchange>>>,
    started: Arc<Mutex<Vec<String>>>,
    open: Arc<Mutex<usize>>,
}

impl Record {
    pub(crate) fn exchanges(&self) -> Vec<Exchange> {
        self.done.lock().unwrap().clone()
    }

    /// The paths and queries of all requests, those that are still open included.
    pub(crate) fn started(&self) -> Vec<String> {
        self.started.lock().unwrap().clone()
    }

    /// Requests that were not answered yet and whose browser is still there.
    pub(crate) fn open(&self) -> usize {
        *self.open.lock().unwrap()
    }
}

/// One request under way, also when its browser goes away.
struct Open(Record);

impl Open {
    fn new(record: &Record) -> Self {
        *record.open.lock().unwrap() += 1;
        Self(record.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        *self.0.open.lock().unwrap() -= 1;
    }
}

pub(crate) fn router(proxy: Router, record: Record) -> Router {
    let pages = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/e2e/pages");
    Router::new()
        .route_service("/element.html", ServeFile::new(format!("{pages}/element.html")))
        .nest_service("/npm", ServeDir::new(artefact("CR3D_NPM_BUILD", "npm/build")))
        .merge(proxy.layer(middleware::from_fn_with_state(record, note)))
        .fallback_service(ServeDir::new(artefact("CR3D_DIST", "dist")))
}

async fn note(State(record): State<Record>, request: Request, next: Next) -> Response {
    let _open = Open::new(&record);
    let method = request.method().to_string();
    let target = request.uri().to_string();
    record.started.lock().unwrap().push(target.clone());
    let (head, body) = next.run(request).await.into_parts();
    let bytes = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let body = String::from_utf8_lossy(&bytes).into_owned();
    record.done.lock().unwrap().push(Exchange { method, target, body });
    Response::from_parts(head, Body::from(bytes))
}
