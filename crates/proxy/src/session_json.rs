//! The JSON of a session as it is stored: the fields that are kept, and those that the proxy adds.

use serde_json::Value;

/// Fields that never change and that some responses omit. The stored value is kept in that case.
pub(crate) const LASTING_FIELDS: [&str; 5] =
    ["platformId", "platform", "expiresAt", "createdAt", "externalReferenceId"];

/// Fields that hold short-lived credentials. Never stored.
const CREDENTIALS: [&str; 2] = ["embedUrl", "streamUrl"];

/// Set in a stored session whose data was too large to be stored.
pub(crate) const DATA_TOO_LARGE: &str = "extractedDataTooLarge";

/// Set in a stored session whose data could not be read.
pub(crate) const DATA_UNREADABLE: &str = "extractedDataUnreadable";

/// Returns the session JSON to store when the provider returns `new` and `old` is stored.
pub(crate) fn merge_session(old: &Value, mut new: Value) -> Value {
    if let Value::Object(fields) = &mut new {
        for name in CREDENTIALS {
            fields.remove(name);
        }
        for name in LASTING_FIELDS {
            let known = old.get(name).filter(|value| !value.is_null());
            if let (Some(known), true) = (known, fields.get(name).is_none_or(Value::is_null)) {
                fields.insert(name.to_owned(), known.clone());
            }
        }
    }
    new
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn omitted_fields_are_kept_and_credentials_removed() {
        let old = json!({"sessionId": "a", "platformId": 1, "expiresAt": "2026-01-31T09:05:00.000Z"});
        let new = json!({"sessionId": "a", "platformId": null, "embedUrl": "https://e", "streamUrl": "wss://s"});
        assert_eq!(
            merge_session(&old, new),
            json!({"sessionId": "a", "platformId": 1, "expiresAt": "2026-01-31T09:05:00.000Z"})
        );
    }
}
