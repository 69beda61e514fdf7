//! Data that a reloaded page needs, in `sessionStorage`, as JSON: a [`Resume`] for each resume key, and the idempotency
//! key of a create while the proxy has not responded to it. `npm/src/storage.ts` reads and writes the same format.
//!
//! Storage may be full, blocked or absent; a reload then simply starts over.

use std::cell::RefCell;

use cr3dentials_core::engine::Resume;
use cr3dentials_core::time::Millis;
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;
use web_sys::Storage;

use super::decode::{FromJs, text, whole};
use super::{clock, window};

/// Time after a create was sent in which its idempotency key is used again. After that a user who returns to the page
/// expects to begin anew.
const KEY_REUSE_TIME: Millis = Millis::from_secs(30);

thread_local! {
    /// Keys of the creates in flight: another element of the page must not use them.
    static IN_USE: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Returns the session stored under the resume key `name`, if there is one and it can be read.
pub(crate) fn load(name: &str) -> Option<Resume> {
    Resume::from_js(&read(&resume_entry(name))?)
}

/// Stores the session under the resume key `name`.
pub(crate) fn save(name: &str, resume: &Resume) {
    write(&resume_entry(name), resume);
}

/// Removes the session stored under the resume key `name`.
pub(crate) fn forget(name: &str) {
    remove(&resume_entry(name));
}

/// An idempotency key that a create of this page uses.
#[derive(Debug)]
#[must_use = "dropping it lets other elements of the page use the key"]
pub(crate) struct KeyInUse(String);

impl Drop for KeyInUse {
    fn drop(&mut self) {
        IN_USE.with_borrow_mut(|keys| keys.retain(|key| *key != self.0));
    }
}

/// Stored form of an idempotency key.
#[derive(Serialize)]
struct StoredKey<'a> {
    key: &'a str,
    /// Unix time in milliseconds until which the key is used again.
    until: u64,
}

/// Stores the key of a create that is being sent, for the platform `platform_id`.
pub(crate) fn save_key(name: &str, platform_id: u64, key: &str) -> KeyInUse {
    write(&key_entry(name, platform_id), &StoredKey { key, until: unix_now().saturating_add(KEY_REUSE_TIME.0) });
    IN_USE.with_borrow_mut(|keys| keys.push(key.to_owned()));
    KeyInUse(key.to_owned())
}

/// Removes the key, because there was a response.
pub(crate) fn forget_key(name: &str, platform_id: u64) {
    remove(&key_entry(name, platform_id));
}

/// Returns the key of a create that was interrupted, for example by a reload: the proxy may have received it.
pub(crate) fn interrupted_key(name: &str, platform_id: u64) -> Option<String> {
    let stored = read(&key_entry(name, platform_id))?;
    let (key, until, now) = (text(&stored, "key")?, whole(&stored, "until")?, unix_now());
    // A device whose clock was set back would keep the key for too long.
    let is_recent = now < until && until <= now.saturating_add(KEY_REUSE_TIME.0);
    (is_recent && !IN_USE.with_borrow(|keys| keys.contains(&key))).then_some(key)
}

fn resume_entry(name: &str) -> String {
    ["cr3d:", name].concat()
}

fn key_entry(name: &str, platform_id: u64) -> String {
    ["cr3d-create:", name, "#", &platform_id.to_string()].concat()
}

fn unix_now() -> u64 {
    u64::try_from(clock::now().wall.0).unwrap_or(0)
}

fn read(entry: &str) -> Option<JsValue> {
    js_sys::JSON::parse(&storage()?.get_item(entry).ok()??).ok()
}

fn write(entry: &str, value: &impl Serialize) {
    let text = value
        .serialize(&Serializer::json_compatible())
        .ok()
        .and_then(|value| js_sys::JSON::stringify(&value).ok())
        .and_then(|text| text.as_string());
    if let (Some(storage), Some(text)) = (storage(), text) {
        let _ = storage.set_item(entry, &text);
    }
}

fn remove(entry: &str) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(entry);
    }
}

fn storage() -> Option<Storage> {
    window().session_storage().ok()?
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests {
    use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

    use super::super::foreign::evaluate;
    use super::*;

    wasm_bindgen_test_configure!(run_in_browser);

    /// Stores a key as the host does, `seconds` before now.
    fn store_before(seconds: i32) {
        let expression = "sessionStorage.setItem('cr3d-create:name#1', \
            JSON.stringify({ key: 'k', until: Date.now() + 30_000 - it * 1000 }))";
        evaluate(expression, &seconds.into());
    }

    #[wasm_bindgen_test]
    fn interrupted_create_is_found_for_half_a_minute() {
        for (seconds, found) in [(1, Some("k")), (29, Some("k")), (31, None), (-3600, None)] {
            store_before(seconds);
            assert_eq!(interrupted_key("name", 1).as_deref(), found, "{seconds} s");
        }
        assert_eq!(interrupted_key("name", 2), None);
        assert_eq!(interrupted_key("other", 1), None);
        evaluate("sessionStorage.setItem('cr3d-create:name#1', '[')", &JsValue::UNDEFINED);
        assert_eq!(interrupted_key("name", 1), None);
    }

    #[wasm_bindgen_test]
    fn key_of_a_create_in_flight_is_not_used_twice() {
        let in_use = save_key("two", 1, "k");
        assert_eq!(interrupted_key("two", 1), None);
        drop(in_use);
        assert_eq!(interrupted_key("two", 1).as_deref(), Some("k"));
        forget_key("two", 1);
        assert_eq!(interrupted_key("two", 1), None);
    }

    #[wasm_bindgen_test]
    fn storage_that_refuses_is_like_an_empty_one() {
        let restore = "Object.defineProperty(window, 'sessionStorage', it)";
        let before = evaluate("Object.getOwnPropertyDescriptor(window, 'sessionStorage')", &JsValue::UNDEFINED);
        for storage in [
            "{ get() { throw new DOMException('no', 'SecurityError') } }",
            "{ value: null }",
            "{ value: {} }",
            "{ value: { getItem: () => 7, setItem() { throw 7 }, removeItem() { throw 7 } } }",
        ] {
            let refusing =
                ["Object.defineProperty(window, 'sessionStorage', { configurable: true, ...", storage, " })"];
            evaluate(&refusing.concat(), &JsValue::UNDEFINED);
            drop(save_key("none", 1, "k"));
            forget_key("none", 1);
            let found = (interrupted_key("none", 1), load("none"));
            forget("none");
            evaluate(restore, &before);
            assert_eq!(found, (None, None), "{storage}");
        }
    }
}
