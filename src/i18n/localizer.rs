//! Texts in the user's language, with names and numbers filled in.

use super::intl;
use super::strings::Strings;
use super::texts::{self, Counted, Text};

/// Strings in use, and the names for their placeholders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Localizer {
    pub(crate) platform: Option<String>,
    pub(crate) partner: Option<String>,
    pub(crate) strings: Strings,
}

impl Localizer {
    /// Returns the text with the names in it, or its form without them.
    pub(crate) fn fill(&self, text: Text) -> String {
        let whole = self.strings.get(text.key).unwrap_or(text.with_names);
        self.named(whole).unwrap_or_else(|| {
            let plain = self.strings.get(&[text.key, ".plain"].concat());
            plain.unwrap_or(text.without_names).to_owned()
        })
    }

    /// Returns the form for `number`, with the digits of the language.
    pub(crate) fn count(&self, counted: Counted, number: u32) -> String {
        let lang = self.strings.lang();
        let get = |category: &str| self.strings.get(&[counted.key, ".", category].concat());
        let english = if number == 1 { counted.one } else { counted.other };
        let form = get(&intl::plural(lang, number)).or_else(|| get("other")).unwrap_or(english);
        form.replace("{n}", &intl::number(lang, number))
    }

    /// Returns the position among the four steps: "Step 2 of 4: Sign in".
    pub(crate) fn step_of(&self, number: usize) -> String {
        let lang = self.strings.lang();
        // Four steps: the casts are lossless.
        let digits = |number: usize| intl::number(lang, number as u32);
        let form = self
            .fill(texts::STEP_OF)
            .replace("{n}", &digits(number + 1))
            .replace("{count}", &digits(texts::STEPS.len()));
        form.replace("{step}", &self.fill(texts::STEPS[number.min(texts::STEPS.len() - 1)]))
    }

    /// Returns `None` when the text needs a name that is unknown.
    fn named(&self, text: &str) -> Option<String> {
        let mut filled = text.to_owned();
        for (mark, name) in [("{platform}", &self.platform), ("{partner}", &self.partner)] {
            if let Some(name) = name {
                filled = filled.replace(mark, name);
            } else if filled.contains(mark) {
                return None;
            }
        }
        Some(filled)
    }
}

#[cfg(test)]
mod tests {
    use super::super::texts::{HEADER, START_AGAIN, TRY_AGAIN};
    use super::*;

    #[test]
    fn replaced_text_keeps_its_form_without_names() {
        let strings = Strings::new("de")
            .with("header", "{platform}-Konto bestätigen")
            .with("header.plain", "Konto bestätigen")
            .with("tryAgain", "Noch einmal");
        let localizer = Localizer { platform: Some("Uber".to_owned()), partner: None, strings: strings.clone() };
        assert_eq!(localizer.fill(HEADER), "Uber-Konto bestätigen");
        assert_eq!(Localizer { strings, ..Localizer::default() }.fill(HEADER), "Konto bestätigen");
        assert_eq!(localizer.fill(TRY_AGAIN), "Noch einmal");
        assert_eq!(localizer.fill(START_AGAIN), "Start again");
    }
}
