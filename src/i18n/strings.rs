//! UI strings in other languages or with the partner's own wording.

use std::sync::Arc;

use js_sys::{Array, Object};
use wasm_bindgen::{JsCast, JsValue};

/// UI strings that replace the built-in English ones, and their language.
///
/// The keys are those of `npm/src/locales/en.json`; missing keys stay English. Placeholders such as `{platform}` and
/// `{partner}` are filled in. The variant for when a name is unknown has `.plain` after its key, and the variants for a
/// number have the plural category of `Intl.PluralRules` (`.one`, `.few`, `.other`).
///
/// ```
/// use cr3dentials_embed::Strings;
///
/// let strings = Strings::new("en-GB").with("tryAgain", "Have another go");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strings {
    lang: Arc<str>,
    texts: Arc<Vec<(String, String)>>,
}

impl Strings {
    /// Creates an empty set of strings for the language of this BCP 47 tag.
    pub fn new(lang: &str) -> Self {
        Self { lang: lang.into(), texts: Arc::default() }
    }

    /// Parses a file in the format of `npm/src/locales`, for the language of this tag; `None` when it is invalid.
    pub fn parse(lang: &str, json: &str) -> Option<Self> {
        Self::from_object(lang, &js_sys::JSON::parse(json).ok()?)
    }

    /// Decodes an object of texts, in the language of this tag. Values that are not text are ignored; `None` when
    /// `texts` is not an object.
    pub(crate) fn from_object(lang: &str, texts: &JsValue) -> Option<Self> {
        let entries = Object::entries(texts.is_object().then(|| texts.unchecked_ref())?);
        let add = |strings: Self, (key, text): (String, String)| strings.with(key, text);
        Some(entries.iter().filter_map(|entry| text_entry(&entry)).fold(Self::new(lang), add))
    }

    /// Adds `text` under `key`. The last text of a key wins.
    pub fn with(mut self, key: impl Into<String>, text: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.texts).push((key.into(), text.into()));
        self
    }

    /// Returns the tag of the language; English by default.
    pub fn lang(&self) -> &str {
        if self.lang.is_empty() { "en" } else { &self.lang }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.texts.iter().rev().find(|(known, _)| known == key).map(|(_, text)| text.as_str())
    }
}

fn text_entry(entry: &JsValue) -> Option<(String, String)> {
    let entry = entry.dyn_ref::<Array>()?;
    Some((entry.get(0).as_string()?, entry.get(1).as_string()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_text_wins_and_english_is_the_default() {
        let strings = Strings::new("ar-EG").with("search", "a").with("search", "b");
        assert_eq!((strings.get("search"), strings.get("header")), (Some("b"), None));
        assert_eq!(Strings::default().lang(), "en");
    }
}
