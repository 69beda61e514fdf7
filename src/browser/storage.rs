//! Data that a reloaded page needs, in `sessionStorage`: one entry for each resume key, with a [`Resume`] as JSON.
//! `npm/src/storage.ts` reads and writes the same format.
//!
//! Storage may be full, blocked or absent; a reload then simply starts over.

use cr3dentials_core::engine::Resume;
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use web_sys::Storage;

use super::decode::FromJs;
use super::window;

/// Returns the session stored under `key`, if there is one and it can be read.
pub(crate) fn load(key: &str) -> Option<Resume> {
    let text = storage()?.get_item(key).ok()??;
    Resume::from_js(&js_sys::JSON::parse(&text).ok()?)
}

/// Stores the session under `key`.
pub(crate) fn save(key: &str, resume: &Resume) {
    let text = resume
        .serialize(&Serializer::json_compatible())
        .ok()
        .and_then(|value| js_sys::JSON::stringify(&value).ok())
        .and_then(|text| text.as_string());
    if let (Some(storage), Some(text)) = (storage(), text) {
        let _ = storage.set_item(key, &text);
    }
}

/// Removes the session stored under `key`.
pub(crate) fn forget(key: &str) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(key);
    }
}

fn storage() -> Option<Storage> {
    window().session_storage().ok()?
}
