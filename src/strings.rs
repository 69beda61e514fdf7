//! Words in other languages, or of the partner's own.

use std::sync::Arc;

use crate::browser::decode;

/// Words that are shown instead of the built-in English ones, and the language they are in.
///
/// The keys are those of `npm/src/locales/en.json`; what is missing stays English. In a sentence `{platform}`,
/// `{partner}` and the like are filled in; its form for when a name is not known has the key with `.plain` behind it,
/// and a number's forms have the plural category (`.one`, `.few`, `.other`) as `Intl.PluralRules` names it.
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
    /// Nothing yet, in the language of this BCP 47 tag.
    pub fn new(lang: &str) -> Self {
        Self { lang: lang.into(), texts: Arc::default() }
    }

    /// The words of a file of `npm/src/locales`, in the language of this tag; `None` when it is no such file.
    pub fn parse(lang: &str, json: &str) -> Option<Self> {
        decode::strings(lang, &js_sys::JSON::parse(json).ok()?)
    }

    /// With `text` under `key`. The last one counts.
    pub fn with(mut self, key: impl Into<String>, text: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.texts).push((key.into(), text.into()));
        self
    }

    /// The tag of the language; English unless told otherwise.
    pub fn lang(&self) -> &str {
        if self.lang.is_empty() { "en" } else { &self.lang }
    }

    /// Whether the language is written from right to left.
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
    fn the_last_one_counts_and_the_language_says_the_direction() {
        let strings = Strings::new("ar-EG").with("search", "a").with("search", "b");
        assert_eq!((strings.get("search"), strings.get("header")), (Some("b"), None));
        assert!(strings.is_rtl() && !Strings::default().is_rtl() && !Strings::new("arn").is_rtl());
        assert_eq!(Strings::default().lang(), "en");
    }
}
