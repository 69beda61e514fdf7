//! UI texts: the English ones, their replacements in other languages, and how names and numbers are filled in.

pub(crate) mod intl;
mod localizer;
mod strings;
pub(crate) mod texts;

pub(crate) use localizer::Localizer;
pub use strings::Strings;
