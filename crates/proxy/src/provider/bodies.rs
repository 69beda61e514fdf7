//! Contents of the provider's responses. An unreadable entry affects no other entry, and oversized data is dropped.

use cr3dentials_core::wire::{CreatedSession, Platform, Session, SessionStatus};
use serde::Deserialize;
use serde::de::{DeserializeOwned, Error};
use serde_json::Value;
use serde_json::value::RawValue;

use super::fields::Fields;
use super::response::without_values;
use crate::session_json::{DATA_TOO_LARGE, DATA_UNREADABLE, LASTING_FIELDS};

/// Maximum size of a session's field that is kept, in bytes.
const MAX_FIELD: usize = 1 << 20;

/// Field of a session that holds the account's data.
const DATA: &str = "extractedData";

/// A session, parsed and as received.
#[derive(Clone, Debug)]
pub(crate) struct FetchedSession {
    pub(crate) session: Session,
    pub(crate) raw: Value,
}

/// The unparsed fields of an object: they may be too large to be kept, or unreadable.
pub(super) type RawFields = Fields<Box<RawValue>>;

impl TryFrom<RawFields> for FetchedSession {
    type Error = serde_json::Error;

    fn try_from(Fields(mut fields): RawFields) -> Result<Self, Self::Error> {
        // Reserved for our own marks.
        fields.remove(DATA_TOO_LARGE);
        fields.remove(DATA_UNREADABLE);
        let has_data = fields.contains_key(DATA);
        let data_too_large = fields.get(DATA).is_some_and(|data| data.get().len() > MAX_FIELD);
        fields.retain(|_, field| field.get().len() <= MAX_FIELD);
        let mut raw = Fields(fields).readable();
        if data_too_large {
            raw.insert(DATA_TOO_LARGE.to_owned(), Value::Bool(true));
        } else if has_data && !raw.contains_key(DATA) {
            raw.insert(DATA_UNREADABLE.to_owned(), Value::Bool(true));
        }
        let session = Session::deserialize(&raw)?;
        if raw.contains_key(DATA_UNREADABLE) {
            tracing::warn!(
                session = session.session_id,
                "could not read the data of a session; storing the session without it"
            );
        }
        // A field that could not be parsed must not replace the stored value.
        let understood = serde_json::to_value(&session)?;
        raw.retain(|name, _| !LASTING_FIELDS.contains(&name.as_str()) || !understood[name].is_null());
        Ok(Self { session, raw: Value::Object(raw) })
    }
}

/// Parses a session that was just created.
pub(super) fn created(fields: &RawFields) -> Result<CreatedSession, serde_json::Error> {
    CreatedSession::deserialize(fields.readable())
}

/// One page of the session list.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ListPage {
    /// The readable items. The fields of an item are not documented.
    pub(crate) items: Vec<ListItem>,
    /// Number of items on the page, readable or not.
    pub(crate) count: usize,
    /// Total number of sessions in the list.
    pub(crate) total: usize,
}

/// A session on a list page.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ListItem {
    pub(crate) session_id: String,
    pub(crate) status: SessionStatus,
    /// Progress in percent, if the item has it.
    pub(crate) progress: Option<u8>,
}

/// A list item without the account's data, which is skipped unparsed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawListItem {
    session_id: String,
    status: SessionStatus,
    progress: Option<Value>,
}

impl From<RawListItem> for ListItem {
    fn from(raw: RawListItem) -> Self {
        let progress = raw.progress.and_then(|progress| progress.as_f64());
        // In range after the clamp, so the cast is lossless.
        let progress = progress.map(|progress| progress.clamp(0.0, 100.0).round() as u8);
        Self { session_id: raw.session_id, status: raw.status, progress }
    }
}

impl TryFrom<RawFields> for ListPage {
    type Error = serde_json::Error;

    fn try_from(Fields(fields): RawFields) -> Result<Self, Self::Error> {
        let sessions = fields.get("sessions").ok_or_else(|| Self::Error::missing_field("sessions"))?;
        let sessions: Vec<Box<RawValue>> = serde_json::from_str(sessions.get())?;
        let total: Option<u64> = fields.get("total").and_then(|total| serde_json::from_str(total.get()).ok());
        let items = readable::<RawListItem>("session", &sessions).map(ListItem::from).collect();
        let total = total.map_or(0, |total| usize::try_from(total).unwrap_or(usize::MAX));
        Ok(Self { items, count: sessions.len(), total })
    }
}

/// Returns the platforms that can be read.
pub(super) fn platforms(raw: &[Box<RawValue>]) -> Vec<Platform> {
    readable("platform", raw).collect()
}

/// Parses the entries as `T`. Skips unreadable ones and logs their position, without their values.
fn readable<'a, T: DeserializeOwned>(what: &'a str, entries: &'a [Box<RawValue>]) -> impl Iterator<Item = T> + 'a {
    entries.iter().enumerate().filter_map(move |(position, entry)| {
        let read = serde_json::from_str(entry.get()).and_then(|Fields(mut fields): Fields<&RawValue>| {
            fields.remove(DATA);
            T::deserialize(Fields(fields).readable())
        });
        let read = read.map_err(|error| without_values(&error));
        read.inspect_err(|reason| tracing::warn!(what, position, reason, "skipped an unreadable entry")).ok()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fetched(body: &Value) -> FetchedSession {
        serde_json::from_str::<RawFields>(&body.to_string()).unwrap().try_into().unwrap()
    }

    #[test]
    fn data_up_to_a_mebibyte_is_kept_and_larger_data_is_marked() {
        // The JSON text includes two quotes.
        for (length, kept) in [(MAX_FIELD - 2, true), (MAX_FIELD - 1, false)] {
            let body = json!({ "sessionId": "a", "status": "COMPLETED", "extractedData": "x".repeat(length) });
            let fetched = fetched(&body);
            assert_eq!(fetched.session.extracted_data.is_some(), kept);
            assert_eq!(fetched.raw.get(DATA_TOO_LARGE).is_some(), !kept);
        }
    }

    #[test]
    fn list_items_with_unreadable_fields_are_kept() {
        let ordinary = r#""sessionId":"a","status":"RUNNING""#;
        for field in [r#""progress":"half""#, r#""progress":1e999"#, r#""other":"\ud83d""#, r#""status":"RUNNING""#] {
            let body = format!(r#"{{"total":"1","sessions":[{{{ordinary},{field}}},{{"status":"RUNNING"}},7]}}"#);
            let page = ListPage::try_from(serde_json::from_str::<RawFields>(&body).unwrap()).unwrap();
            let items = vec![ListItem { session_id: "a".to_owned(), status: SessionStatus::Running, progress: None }];
            assert_eq!(page, ListPage { items, count: 3, total: 0 }, "{field}");
        }
    }

    #[test]
    fn the_provider_cannot_set_reserved_marks() {
        for mark in [DATA_TOO_LARGE, DATA_UNREADABLE] {
            let fetched = fetched(&json!({ "sessionId": "a", "status": "COMPLETED", mark: true }));
            assert_eq!(fetched.raw, json!({ "sessionId": "a", "status": "COMPLETED" }));
        }
    }
}
