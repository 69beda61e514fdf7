//! Decodes values from JavaScript, field by field.
//!
//! Written by hand, because generated decoders (with their error texts and number formatting) make up a tenth of the
//! module. As tolerant as the contract requires: null means absent, unknown fields are ignored, numbers are clamped. A
//! test compares each decoder with the generated one.

use cr3dentials_core::contract::{Created, FrameUrl, PlatformView, SessionPlatform, SessionView};
use cr3dentials_core::engine::{ClientToken, Failure, FailureKind, Resume};
use cr3dentials_core::time::{Millis, UnixMillis};
use cr3dentials_core::wire::SessionStatus;
use js_sys::{Array, Function};
use leptos::reactive::send_wrapper_ext::SendOption;
use wasm_bindgen::{JsCast, JsValue};

use super::partner_client::PartnerClient;
use super::{foreign, log};
use crate::headers::{HeaderList, Headers};
use crate::i18n::Strings;
use crate::options::{Credentials, FrameColorScheme, Mode, Options, Theme};

/// A type that can be decoded from a JavaScript value.
pub(crate) trait FromJs: Sized {
    /// Decodes `value`; `None` when a required field is missing or invalid.
    fn from_js(value: &JsValue) -> Option<Self>;
}

/// Returns a field; `None` when it is absent or null, or when `object` is not an object.
pub(crate) fn field(object: &JsValue, name: &str) -> Option<JsValue> {
    foreign::get(object, name)
}

/// Returns a text field.
pub(crate) fn text(object: &JsValue, name: &str) -> Option<String> {
    field(object, name)?.as_string()
}

/// Returns a numeric field as an integer; fractions are truncated, out-of-range values are clamped.
pub(crate) fn whole(object: &JsValue, name: &str) -> Option<u64> {
    // The cast saturates.
    field(object, name)?.as_f64().map(|number| number as u64)
}

/// Returns true if a field is truthy. An absent field is false.
fn flag(object: &JsValue, name: &str) -> bool {
    field(object, name).is_some_and(|value| value.is_truthy())
}

fn time(object: &JsValue, name: &str) -> Option<UnixMillis> {
    // The browser's own parser reads the date format of the contract.
    let millis = js_sys::Date::parse(&text(object, name)?);
    // An invalid date is NaN; the cast saturates.
    millis.is_finite().then_some(UnixMillis(millis as i64))
}

impl FromJs for SessionView {
    fn from_js(value: &JsValue) -> Option<Self> {
        let progress = field(value, "progress").and_then(|number| number.as_f64()).unwrap_or(0.0);
        Some(Self {
            session_id: text(value, "sessionId")?,
            status: SessionStatus::from_name(&text(value, "status")?),
            // In range after the clamp.
            progress: progress.clamp(0.0, 100.0).round() as u8,
            platform_id: whole(value, "platformId"),
            platform: field(value, "platform").as_ref().and_then(SessionPlatform::from_js),
            expires_at: time(value, "expiresAt"),
            created_at: time(value, "createdAt"),
            completed_at: time(value, "completedAt"),
            error_code: text(value, "errorCode"),
            error_message: text(value, "errorMessage"),
            has_attestation: flag(value, "hasAttestation"),
            rev: whole(value, "rev").unwrap_or(0),
            server_time: time(value, "serverTime"),
        })
    }
}

impl FromJs for SessionPlatform {
    fn from_js(value: &JsValue) -> Option<Self> {
        Some(Self {
            id: whole(value, "id").unwrap_or(0),
            name: text(value, "name").unwrap_or_default(),
            display_name: text(value, "displayName").unwrap_or_default(),
            icon: text(value, "icon"),
        })
    }
}

impl FromJs for Created {
    fn from_js(value: &JsValue) -> Option<Self> {
        Some(Self {
            session_id: text(value, "sessionId")?,
            embed_url: text(value, "embedUrl")?,
            status: text(value, "status").map(|name| SessionStatus::from_name(&name)).unwrap_or_default(),
            platform_id: whole(value, "platformId"),
            expires_at: time(value, "expiresAt"),
            created_at: time(value, "createdAt"),
            server_time: time(value, "serverTime"),
            client_token: text(value, "clientToken")?,
        })
    }
}

impl FromJs for FrameUrl {
    fn from_js(value: &JsValue) -> Option<Self> {
        Some(Self { embed_url: text(value, "embedUrl")? })
    }
}

impl FromJs for PlatformView {
    fn from_js(value: &JsValue) -> Option<Self> {
        Some(Self {
            id: whole(value, "id")?,
            name: text(value, "name").unwrap_or_default(),
            display_name: text(value, "displayName")?,
            description: text(value, "description"),
            icon: text(value, "icon"),
            is_active: flag(value, "isActive"),
        })
    }
}

impl FromJs for Vec<PlatformView> {
    /// Skips entries that cannot be decoded, so that the others can still be chosen.
    fn from_js(value: &JsValue) -> Option<Self> {
        Some(value.dyn_ref::<Array>()?.iter().filter_map(|item| PlatformView::from_js(&item)).collect())
    }
}

impl FromJs for Resume {
    fn from_js(value: &JsValue) -> Option<Self> {
        Some(Self {
            session_id: text(value, "sessionId")?,
            client_token: ClientToken(text(value, "clientToken")?),
            platform_id: whole(value, "platformId"),
            expires_at: time(value, "expiresAt"),
        })
    }
}

impl FromJs for Failure {
    fn from_js(value: &JsValue) -> Option<Self> {
        let kind = FailureKind::from_code(&text(value, "kind")?)?;
        Some(Self { kind, retry_after: whole(value, "retryAfter").map(Millis) })
    }
}

impl FromJs for Options {
    /// Rejects all options when one has an undocumented value, so that the mistake is noticed.
    fn from_js(value: &JsValue) -> Option<Self> {
        let named = |name: &str| text(value, name);
        Some(Self {
            proxy_url: match text(value, "proxyUrl") {
                Some(url) => url,
                None => PartnerClient::from_js(value).filter(PartnerClient::is_complete).map(|_| String::new())?,
            },
            platform_id: whole(value, "platformId"),
            idempotency_key: named("idempotencyKey"),
            partner_name: named("partnerName"),
            frame_title: named("frameTitle"),
            resume_key: named("resumeKey"),
            theme: named("theme").map_or(Some(Theme::default()), |name| Theme::from_name(&name))?,
            credentials: named("credentials")
                .map_or(Some(Credentials::default()), |name| Credentials::from_name(&name))?,
            headers: field(value, "headers").map_or(Some(Headers::default()), |headers| Headers::from_js(&headers))?,
            start_screen: flag(value, "startScreen"),
            privacy_url: named("privacyUrl"),
            support_url: named("supportUrl"),
            strings: Strings::from_js(value).unwrap_or_default(),
            mode: named("mode").map_or(Some(Mode::default()), |name| Mode::from_name(&name))?,
            frame_color_scheme: named("frameColorScheme")
                .map_or(Some(FrameColorScheme::default()), |name| FrameColorScheme::from_name(&name))?,
            auto_resize: flag(value, "autoResize"),
            page_title: flag(value, "pageTitle"),
            back_leaves_page: field(value, "backButton").is_some_and(|hides| hides.is_falsy()),
            debug: flag(value, "debug"),
        })
    }
}

impl FromJs for PartnerClient {
    /// Decodes the functions among the options; anything else counts as absent.
    fn from_js(value: &JsValue) -> Option<Self> {
        let function = |name| field(value, name)?.dyn_into().ok();
        Some(Self {
            create_session: function("createSession"),
            get_session: function("getSession"),
            get_frame: function("getFrame"),
        })
    }
}

impl FromJs for Strings {
    /// Decodes `strings`, an object of texts, and the `lang` next to it. Values that are not text are ignored.
    fn from_js(value: &JsValue) -> Option<Self> {
        Self::from_object(&text(value, "lang").unwrap_or_default(), &field(value, "strings")?)
    }
}

impl FromJs for Headers {
    /// Decodes a list of `[name, value]`, or a function that returns such a list or a promise of one.
    fn from_js(value: &JsValue) -> Option<Self> {
        let Some(function) = value.dyn_ref::<Function>() else { return Some(pairs(value)?.into()) };
        // Options move between threads on a server, where there are no functions of JavaScript.
        let function = SendOption::new_local(Some(function.clone()));
        Some(Self::fallible(move || {
            let function = function.as_ref().cloned();
            Box::pin(async move {
                let headers = match function?.call0(&JsValue::UNDEFINED) {
                    Ok(headers) => foreign::settled(&headers).await,
                    Err(error) => Err(error),
                };
                let list = headers.map(|headers| pairs(&headers));
                match &list {
                    Ok(Some(_)) => {}
                    Ok(None) => log::error("headers: the function did not return headers", &JsValue::UNDEFINED),
                    Err(error) => log::error("headers: the function failed", error),
                }
                list.ok().flatten()
            })
        }))
    }
}

/// Decodes a list of `[name, value]`.
fn pairs(value: &JsValue) -> Option<HeaderList> {
    value.dyn_ref::<Array>()?.iter().map(|item| pair(&item)).collect()
}

fn pair(item: &JsValue) -> Option<(String, String)> {
    let item = item.dyn_ref::<Array>()?;
    Some((item.get(0).as_string()?, item.get(1).as_string()?))
}

#[cfg(all(test, target_arch = "wasm32"))]
#[allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
mod tests {
    use serde::de::DeserializeOwned;
    use std::fmt::Debug;
    use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

    use super::*;

    wasm_bindgen_test_configure!(run_in_browser);

    fn agree<T: FromJs + DeserializeOwned + PartialEq + Debug>(body: &str) {
        let data = field(&js_sys::JSON::parse(body).unwrap(), "data").unwrap();
        let generated: T = serde_wasm_bindgen::from_value(data.clone()).unwrap();
        assert_eq!(T::from_js(&data), Some(generated), "{body}");
    }

    #[wasm_bindgen_test]
    fn decoders_agree_with_the_generated_ones() {
        agree::<Vec<PlatformView>>(include_str!("../../tests/fixtures/contract/platforms.json"));
        agree::<Created>(include_str!("../../tests/fixtures/contract/created.json"));
        agree::<SessionView>(include_str!("../../tests/fixtures/contract/session.json"));
        agree::<FrameUrl>(include_str!("../../tests/fixtures/contract/frame.json"));
        agree::<SessionView>(
            r#"{"data": {"sessionId": "s", "status": "RESTING", "progress": 130.4, "platform": null}}"#,
        );
        agree::<Resume>(r#"{"data": {"sessionId": "s", "clientToken": "t", "platformId": null, "more": 1}}"#);
        agree::<Failure>(r#"{"data": {"kind": "rate-limited", "retryAfter": 60000}}"#);
        agree::<Failure>(r#"{"data": {"kind": "network", "retryAfter": null}}"#);
    }

    #[wasm_bindgen_test]
    fn invalid_responses_are_rejected() {
        for text in ["null", "7", "[]", "{}", r#"{"sessionId": 7, "status": "READY"}"#, r#"{"sessionId": "s"}"#] {
            let value = js_sys::JSON::parse(text).unwrap();
            assert_eq!(SessionView::from_js(&value), None, "{text}");
            assert_eq!(Created::from_js(&value), None, "{text}");
        }
    }
}
