//! What the provider's responses hold. One bad entry spoils nothing, and data that is too large is left behind.

use std::collections::BTreeMap;

use cr3dentials_core::wire::{Platform, Session, SessionStatus};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::answer::without_values;

/// The largest field of a session that is kept, in bytes.
const MAX_FIELD: usize = 1 << 20;

const DATA: &str = "extractedData";

/// Set in the stored session whose [`DATA`] was larger than [`MAX_FIELD`].
pub(crate) const DATA_TOO_LARGE: &str = "extractedDataTooLarge";

/// A session, typed and as it came.
#[derive(Clone, Debug)]
pub(crate) struct Fetched {
    pub(crate) session: Session,
    pub(crate) raw: Value,
}

/// The fields of a session, unread: the account's data may be too large to be kept.
pub(super) type RawSession = BTreeMap<String, Box<RawValue>>;

impl TryFrom<RawSession> for Fetched {
    type Error = serde_json::Error;

    fn try_from(mut fields: RawSession) -> Result<Self, Self::Error> {
        // The name is ours.
        fields.remove(DATA_TOO_LARGE);
        let data_too_large = fields.get(DATA).is_some_and(|data| data.get().len() > MAX_FIELD);
        fields.retain(|_, field| field.get().len() <= MAX_FIELD);
        let mut raw = Map::new();
        for (name, field) in fields {
            raw.insert(name, serde_json::from_str(field.get())?);
        }
        if data_too_large {
            raw.insert(DATA_TOO_LARGE.to_owned(), Value::Bool(true));
        }
        let raw = Value::Object(raw);
        Ok(Self { session: Session::deserialize(&raw)?, raw })
    }
}

/// A page of sessions.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Page {
    /// Those items that can be read: it is not documented what an item holds.
    pub(crate) items: Vec<Listed>,
    /// How many items there are, readable or not.
    pub(crate) count: usize,
    /// How many sessions there are in all.
    pub(crate) total: usize,
}

/// A session as a page has it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Listed {
    pub(crate) session_id: String,
    pub(crate) status: SessionStatus,
    /// 0–100, where the item has it.
    pub(crate) progress: Option<u8>,
}

#[derive(Deserialize)]
pub(super) struct RawPage {
    sessions: Vec<Box<RawValue>>,
    total: Option<u64>,
}

/// An item without the account's data, which is skipped unread.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawListed {
    session_id: String,
    status: SessionStatus,
    progress: Option<f64>,
}

impl From<RawListed> for Listed {
    fn from(raw: RawListed) -> Self {
        // In range after the clamp, so the cast cannot lose anything.
        let progress = raw.progress.map(|progress| progress.clamp(0.0, 100.0).round() as u8);
        Self { session_id: raw.session_id, status: raw.status, progress }
    }
}

impl From<RawPage> for Page {
    fn from(raw: RawPage) -> Self {
        let items = readable::<RawListed>("session", &raw.sessions).map(Listed::from).collect();
        let total = raw.total.map_or(0, |total| usize::try_from(total).unwrap_or(usize::MAX));
        Self { items, count: raw.sessions.len(), total }
    }
}

/// Those platforms that can be read.
pub(super) fn platforms(raw: &[Box<RawValue>]) -> Vec<Platform> {
    readable("platform", raw).collect()
}

/// The entries that are a `T`. The log names the others by their position, without their values.
fn readable<'a, T: DeserializeOwned>(what: &'a str, entries: &'a [Box<RawValue>]) -> impl Iterator<Item = T> + 'a {
    entries.iter().enumerate().filter_map(move |(position, entry)| {
        let read = serde_json::from_str(entry.get()).map_err(|error| without_values(&error));
        read.inspect_err(|reason| tracing::warn!(what, position, reason, "skipped an entry that cannot be read")).ok()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fetched(body: &Value) -> Fetched {
        serde_json::from_str::<RawSession>(&body.to_string()).unwrap().try_into().unwrap()
    }

    #[test]
    fn data_of_a_mebibyte_is_kept_and_more_is_marked() {
        // Two quotes belong to the text.
        for (length, kept) in [(MAX_FIELD - 2, true), (MAX_FIELD - 1, false)] {
            let body = json!({ "sessionId": "a", "status": "COMPLETED", "extractedData": "x".repeat(length) });
            let fetched = fetched(&body);
            assert_eq!(fetched.session.extracted_data.is_some(), kept);
            assert_eq!(fetched.raw.get(DATA_TOO_LARGE).is_some(), !kept);
        }
    }

    #[test]
    fn a_provider_cannot_set_our_mark() {
        let fetched = fetched(&json!({ "sessionId": "a", "status": "COMPLETED", "extractedDataTooLarge": true }));
        assert_eq!(fetched.raw, json!({ "sessionId": "a", "status": "COMPLETED" }));
    }
}
