//! Reading of the provider's responses, up to a maximum size.

use cr3dentials_core::time::{Millis, UnixMillis};
use cr3dentials_core::wire::undocumented::RATE_LIMIT_RESET_UNIT_MILLIS;
use cr3dentials_core::wire::{ErrorBody, RATE_LIMIT_HEADERS, RATE_LIMIT_WINDOW_SECS};
use reqwest::Response;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

use super::ProviderError;
use super::fields::{Fields, text};
use super::rate_limiter::RateLimitHeaders;

/// Returns the data of a successful response, or the kind of error. A body of more than `max` bytes is an error.
pub(super) async fn read<T: DeserializeOwned>(response: Response, max: usize) -> Result<T, ProviderError> {
    let status = response.status();
    let body = body(response, max).await;
    if status.is_success() {
        let unreadable = |reason| ProviderError::Unreadable { status: status.as_u16(), reason };
        return success(&text(&body?)).map_err(unreadable);
    }
    let status = status.as_u16();
    let body =
        body.ok().and_then(|body| serde_json::from_str::<Fields<&RawValue>>(&text(&body)).ok()?.readable().into());
    // The documented body repeats the status. This distinguishes it from a gateway's page.
    let documented = body.filter(|body| body.get("statusCode").and_then(Value::as_u64) == Some(status.into()));
    Err(match documented.and_then(|body| ErrorBody::deserialize(body).ok()) {
        Some(body) => ProviderError::Api { status, body },
        None => ProviderError::Undocumented { status },
    })
}

/// Returns the data of the envelope, or the reason why there is none.
fn success<T: DeserializeOwned>(body: &str) -> Result<T, String> {
    let Fields(envelope): Fields<&RawValue> = serde_json::from_str(body).map_err(|error| without_values(&error))?;
    let status = envelope.get("status").and_then(|status| serde_json::from_str::<String>(status.get()).ok());
    match envelope.get("data") {
        Some(data) if status.as_deref() == Some("success") => {
            serde_json::from_str(data.get()).map_err(|error| without_values(&error))
        }
        _ => Err("the envelope's status is not \"success\"".to_owned()),
    }
}

/// Reads the rate limit headers.
pub(super) fn limits(headers: &HeaderMap, now: UnixMillis) -> RateLimitHeaders {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
    let [_, remaining, reset] = RATE_LIMIT_HEADERS;
    RateLimitHeaders {
        remaining: number(remaining),
        reset_in: number(reset).map(|reset| until_reset(reset, now)),
        retry_after: number(RETRY_AFTER.as_str()).map(Millis::from_secs),
    }
}

/// Formats a serde error without the values that it quotes, which may be a user's data.
pub(super) fn without_values(error: &serde_json::Error) -> String {
    format!("{:?} at line {} column {}", error.classify(), error.line(), error.column())
}

/// Returns the time until `reset`. Undocumented: assumed to be a Unix time in seconds. Milliseconds and a number of
/// seconds from now are recognized by their size.
fn until_reset(reset: u64, now: UnixMillis) -> Millis {
    const A_YEAR_SECS: u64 = 31_536_000;
    let now = u64::try_from(now.0).unwrap_or(0);
    let at = match reset {
        0..A_YEAR_SECS => return Millis::from_secs(reset.min(RATE_LIMIT_WINDOW_SECS)),
        // Seconds until the year 5138, milliseconds from the year 1973.
        A_YEAR_SECS..100_000_000_000 => reset.saturating_mul(RATE_LIMIT_RESET_UNIT_MILLIS),
        _ => reset,
    };
    Millis(at.saturating_sub(now))
}

async fn body(mut response: Response, max: usize) -> Result<Vec<u8>, ProviderError> {
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(ProviderError::transport)? {
        if body.len() + chunk.len() > max {
            return Err(ProviderError::Unreadable { status, reason: format!("more than {max} bytes") });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_limit_reset_is_read_in_every_unit() {
        let now = UnixMillis(1_769_850_300_000);
        for reset in [1_769_850_330, 1_769_850_330_000, 30] {
            assert_eq!(until_reset(reset, now), Millis(30_000), "{reset}");
        }
        assert_eq!(until_reset(1_769_850_200, now), Millis(0));
    }
}
