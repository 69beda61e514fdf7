//! Routes for the list of platforms and for their icons.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue};
use axum::response::IntoResponse;
use cr3dentials_core::contract::PlatformView;
use cr3dentials_core::wire::Success;

use super::error::ApiError;
use super::success;
use crate::browser_view::platform_view;
use crate::state::AppState;

/// Caching of the list by browsers: five minutes.
const LIST_AGE: [(HeaderName, &str); 1] = [(CACHE_CONTROL, "private, max-age=300")];
/// Caching of an icon by browsers: one day.
const ICON_AGE: &str = "private, max-age=86400";

/// Content security policy of an icon. An SVG may contain scripts, which must not run if it is opened directly.
const ICON_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/// Handles `GET /platforms`.
pub(super) async fn list(
    State(state): State<Arc<AppState>>,
) -> Result<([(HeaderName, &'static str); 1], Json<Success<Vec<PlatformView>>>), ApiError> {
    let platforms = state.platforms.list().await?;
    Ok((LIST_AGE, success(platforms.iter().map(platform_view).collect())))
}

/// Handles `GET /platforms/{id}/icon`.
pub(super) async fn icon(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    let id = id.parse().map_err(|_| ApiError::not_found())?;
    let icon = state.platforms.icon(id).await?;
    let headers = [
        (CONTENT_TYPE, icon.content_type),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(ICON_POLICY)),
        (CACHE_CONTROL, HeaderValue::from_static(ICON_AGE)),
    ];
    Ok((headers, icon.bytes))
}
