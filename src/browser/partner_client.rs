//! Functions of a partner with an own client, called in place of requests to the proxy.

use cr3dentials_core::engine::{Failure, FailureKind};
use cr3dentials_core::time::Millis;
use js_sys::{Function, Object};
use wasm_bindgen::JsValue;

use super::decode::{text, whole};
use super::foreign;
use super::response::kind_of_error;

/// The partner's functions, each of which resolves to the `data` of the contract's response.
#[derive(Clone, Debug, Default)]
pub(crate) struct PartnerClient {
    pub(super) create_session: Option<Function>,
    pub(super) get_session: Option<Function>,
    pub(super) get_frame: Option<Function>,
}

impl PartnerClient {
    /// Returns true if no request about a session needs the proxy's address.
    pub(super) fn is_complete(&self) -> bool {
        self.create_session.is_some() && self.get_session.is_some() && self.get_frame.is_some()
    }
}

/// Calls a function of the partner, and returns what its promise resolves to.
pub(super) async fn call(function: &Function, request: &Object) -> Result<JsValue, Failure> {
    let data = match function.call1(&JsValue::UNDEFINED, request) {
        Ok(pending) => foreign::settled(&pending).await,
        Err(error) => Err(error),
    };
    data.map_err(|error| failure_of(&error))
}

/// Judges a rejection as the proxy's error with its `status`, `code` and `retryAfter` (in seconds). Without a status
/// there was no response.
fn failure_of(error: &JsValue) -> Failure {
    let status = whole(error, "status").map(|status| u16::try_from(status).unwrap_or(u16::MAX));
    let kind = status.map_or(FailureKind::Network, |status| kind_of_error(status, text(error, "code").as_deref()));
    Failure { kind, retry_after: whole(error, "retryAfter").map(Millis::from_secs) }
}
