//! The fields of a JSON object, each parsed separately, so that an unreadable one affects no other.

use std::borrow::{Borrow, Cow};
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// Maximum nesting depth of a field that is kept. Below serde_json's limit of 128, since a stored field is parsed again
/// as part of its object.
const MAX_DEPTH: usize = 100;

/// The fields of an object by name, usually unparsed. The last one of a repeated field counts.
pub(crate) struct Fields<T>(pub(crate) BTreeMap<String, T>);

impl<T: Borrow<RawValue>> Fields<T> {
    /// Returns the fields that can be parsed.
    pub(crate) fn readable(&self) -> Map<String, Value> {
        let read = |(name, field): (&String, &T)| Some((name.clone(), read(field.borrow())?));
        self.0.iter().filter_map(read).collect()
    }
}

fn read(field: &RawValue) -> Option<Value> {
    serde_json::from_str(field.get()).ok().filter(|value| is_within(value, MAX_DEPTH))
}

fn is_within(value: &Value, depth: usize) -> bool {
    match value {
        Value::Array(items) => depth > 0 && items.iter().all(|item| is_within(item, depth - 1)),
        Value::Object(fields) => depth > 0 && fields.values().all(|field| is_within(field, depth - 1)),
        _ => true,
    }
}

/// Returns the text of a response. Bytes that are not UTF-8 become half of a surrogate pair, so that their field is
/// unreadable instead of being parsed as something else.
pub(crate) fn text(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = str::from_utf8(bytes) {
        return text.into();
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push_str("\\ud800");
        }
    }
    text.into()
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Fields<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Object(PhantomData))
    }
}

struct Object<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
    type Value = Fields<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = BTreeMap::new();
        while let Some((Name(name), field)) = map.next_entry()? {
            fields.insert(name, field);
        }
        Ok(Fields(fields))
    }
}

/// A field's name. Read as bytes, since it may not be valid Unicode.
struct Name(String);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Name;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a name")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Name, E> {
                Ok(Name(String::from_utf8_lossy(bytes).into_owned()))
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}
