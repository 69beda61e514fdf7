//! Readers for fields that the provider may send in more than one shape.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A percentage: fractions are rounded, anything outside 0–100 is clamped, anything else counts as 0.
pub(super) fn progress<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    let value = Value::deserialize(deserializer)?;
    // In range after the clamp, so the cast cannot lose anything.
    Ok(value.as_f64().map_or(0, |number| number.clamp(0.0, 100.0).round() as u8))
}

/// A value whose null means the same as its absence.
pub(crate) fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// A value that counts as absent when it cannot be read. No optional field of the provider may cost the required ones.
///
/// The whole input must be JSON that [`Value`] can hold; the proxy leaves out the fields that are not.
pub(super) fn unreadable_as_absent<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + DeserializeOwned,
{
    Ok(T::deserialize(Value::deserialize(deserializer)?).unwrap_or_default())
}

/// A truth value that is true when it is null or cannot be read.
pub(super) fn unreadable_as_true<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Value::deserialize(deserializer)?.as_bool().unwrap_or(true))
}

/// Text, or a list of texts joined into one sentence list.
pub(super) fn text_or_list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => text,
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("; "),
        _ => String::new(),
    })
}
