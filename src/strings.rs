//! UI strings in other languages or with the partner's own wording.

use std::sync::Arc;

use crate::browser::decode;

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
        decode::strings(lang, &js_sys::JSON::parse(json).ok()?)
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

    /// Returns true if the language is written from right to left.
    pub(crate) fn is_rtl(&self) -> bool {
        let language = self.lang().split('-').next().unwrap_or_default();
        matches!(language, "ar" | "fa" | "he" | "ur")
    }

    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.texts.iter().rev().find(|(known, _)| known == key).map(|(_, text)| text.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_text_wins_and_language_sets_direction() {
        let strings = Strings::new("ar-EG").with("search", "a").with("search", "b");
        assert_eq!((strings.get("search"), strings.get("header")), (Some("b"), None));
        assert!(strings.is_rtl() && !Strings::default().is_rtl() && !Strings::new("arn").is_rtl());
        assert_eq!(Strings::default().lang(), "en");
    }
}
