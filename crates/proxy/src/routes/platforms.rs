use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue};
use axum::response::IntoResponse;
use cr3dentials_core::contract::PlatformView;
use cr3dentials_core::wire::Success;

use super::success;
use crate::error::ApiError;
use crate::shared::Shared;
use crate::view::platform_view;

const LIST_AGE: [(HeaderName, &str); 1] = [(CACHE_CONTROL, "private, max-age=300")];
const ICON_AGE: &str = "private, max-age=86400";

/// An SVG may hold scripts; opened by itself it may run none.
const ICON_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/// `GET /platforms`.
pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
) -> Result<([(HeaderName, &'static str); 1], Json<Success<Vec<PlatformView>>>), ApiError> {
    let platforms = shared.platforms.list(&shared.client, &shared.budget).await?;
    Ok((LIST_AGE, success(platforms.iter().map(platform_view).collect())))
}

/// `GET /platforms/{id}/icon`.
pub(super) async fn icon(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    let id = id.parse().map_err(|_| ApiError::not_found())?;
    let platforms = shared.platforms.list(&shared.client, &shared.budget).await?;
    let icon = shared.platforms.icon(&platforms, id).await?;
    let headers = [
        (CONTENT_TYPE, icon.content_type),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(ICON_POLICY)),
        (CACHE_CONTROL, HeaderValue::from_static(ICON_AGE)),
    ];
    Ok((headers, icon.bytes))
}
