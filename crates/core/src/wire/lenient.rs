//! Deserializers for fields that the provider may send in more than one form.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Reads a percentage: fractions are rounded, numbers outside 0–100 clamped, and anything else counts as 0.
pub(super) fn progress<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    let value = Value::deserialize(deserializer)?;
    // The value is within 0–100 after the clamp, so the cast is lossless.
    Ok(value.as_f64().map_or(0, |number| number.clamp(0.0, 100.0).round() as u8))
}

/// Reads a value that may be null; null means the same as absent.
pub(crate) fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// Reads a value that counts as absent when it cannot be parsed, so that a malformed optional field never costs the
/// required ones.
///
/// The whole input must be JSON that [`Value`] can hold; the proxy removes fields that it cannot.
pub(super) fn unreadable_as_absent<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + DeserializeOwned,
{
    Ok(T::deserialize(Value::deserialize(deserializer)?).unwrap_or_default())
}

/// Reads a boolean that is true when it is null or cannot be parsed.
pub(super) fn unreadable_as_true<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Value::deserialize(deserializer)?.as_bool().unwrap_or(true))
}

/// Reads a text, or a list of texts joined with semicolons.
pub(super) fn text_or_list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => text,
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("; "),
        _ => String::new(),
    })
}
