//! Options that a partner can set.

use cr3dentials_core::engine::Start;

use crate::headers::{self, Headers};
use crate::i18n::Strings;

/// Settings of one verification. Only `proxy_url` is required.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// Base URL of the proxy: absolute or a path, without a trailing slash. Fixed once started.
    pub proxy_url: String,
    /// ID of the platform whose account is verified; without it the user picks one. Fixed once started.
    pub platform_id: Option<u64>,
    /// Idempotency key of a create request that may already have been sent.
    pub idempotency_key: Option<String>,
    /// The partner's name, used in sentences such as "Sign in to {partner} and try again."
    pub partner_name: Option<String>,
    /// Title of the iframe, for screen readers. "Account verification" when absent.
    pub frame_title: Option<String>,
    /// Name under which a reloaded page finds its session. Derived from the proxy URL and the platform when absent.
    pub resume_key: Option<String>,
    /// Explains what will happen and waits for a click before a session is created. Needs `platform_id`; without it,
    /// choosing a platform is that click.
    pub start_screen: bool,
    /// URL of the partner's explanation of how the details are used. Linked before the start.
    pub privacy_url: Option<String>,
    /// URL of the partner's help. Linked before the start, and after a verification that failed or was terminated.
    pub support_url: Option<String>,
    /// Strings that replace the English ones, for another language or for your own wording.
    pub strings: Strings,
    /// Layout: in the page, in a dialog over it, or the frame alone.
    pub mode: Mode,
    /// Light, dark, or the setting of the device.
    pub theme: Theme,
    /// CSS `color-scheme` of the iframe. The provider's page is light.
    pub frame_color_scheme: FrameColorScheme,
    /// Lets the page in the frame request the height it needs, within bounds.
    pub auto_resize: bool,
    /// Announces in the page's title that the user must act.
    pub page_title: bool,
    /// Back leaves the page even while a sheet is open on a phone, instead of hiding the sheet.
    pub back_leaves_page: bool,
    /// Logs each decision to the console. Nothing secret is written there.
    pub debug: bool,
    /// Cookies that requests to the proxy carry, as in `fetch`.
    pub credentials: Credentials,
    /// Additional headers for the requests to the proxy, such as `Authorization`.
    pub headers: Headers,
}

/// Layout of a verification.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// In the page.
    #[default]
    Inline,
    /// In a dialog over the page; a sheet on phones. Closed until it is opened.
    Modal,
    /// The frame alone. Your page shows everything else, based on the events.
    Bare,
}

impl Mode {
    /// Returns the value of the `data-mode` attribute.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inline => "inline",
            Self::Modal => "modal",
            Self::Bare => "bare",
        }
    }

    /// Returns the mode with this name, if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Inline, Self::Modal, Self::Bare].into_iter().find(|mode| mode.as_str() == name)
    }
}

/// CSS `color-scheme` of the iframe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FrameColorScheme {
    /// The scheme that the provider's page is designed for.
    #[default]
    Light,
    /// Always dark.
    Dark,
    /// The scheme of the card.
    Auto,
}

impl FrameColorScheme {
    /// Returns the value of the `data-frame-scheme` attribute.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
            Self::Auto => "auto",
        }
    }

    /// Returns the scheme with this name, if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Light, Self::Dark, Self::Auto].into_iter().find(|scheme| scheme.as_str() == name)
    }
}

/// Color theme of the card.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// The setting of the device.
    #[default]
    Auto,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// Returns the value of the `data-theme` attribute.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Returns the theme with this name, if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Auto, Self::Light, Self::Dark].into_iter().find(|theme| theme.as_str() == name)
    }
}

/// Cookies that requests carry; the names are those of `fetch`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Credentials {
    /// Cookies for the page's own origin.
    #[default]
    SameOrigin,
    /// Cookies for a proxy on another origin too.
    Include,
    /// No cookies.
    Omit,
}

impl Credentials {
    /// Returns the value of the `credentials` option of `fetch`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SameOrigin => "same-origin",
            Self::Include => "include",
            Self::Omit => "omit",
        }
    }

    /// Returns the option with this name, if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::SameOrigin, Self::Include, Self::Omit].into_iter().find(|choice| choice.as_str() == name)
    }
}

impl Options {
    /// Returns why these options cannot start a session, as a message for developers; `None` when they can.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        let unsendable = self.headers.fixed().is_some_and(|list| !headers::can_be_sent(list));
        unsendable.then_some(headers::UNSENDABLE)
    }

    /// Returns the platform to start with after the user has read the start screen.
    pub(crate) fn start_screen_platform(&self) -> Option<u64> {
        self.platform_id.filter(|_| self.start_screen)
    }

    /// Returns the start of a new session, unless the user must first pick a platform or confirm.
    pub(crate) fn new_session(&self) -> Option<Start> {
        let platform_id = self.platform_id.filter(|_| !self.start_screen)?;
        Some(Start::New { platform_id, key: self.idempotency_key.clone(), failure: None })
    }

    /// Returns the name under which a reloaded page finds what is stored.
    pub(crate) fn resume_name(&self) -> String {
        match (&self.resume_key, self.platform_id) {
            (Some(key), _) => key.clone(),
            (None, Some(platform)) => format!("{}#{platform}", self.proxy_url),
            (None, None) => format!("{}#", self.proxy_url),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsendable_headers_are_reported_as_a_problem() {
        let with = |value: &str| Options {
            headers: vec![("X-Name".to_owned(), value.to_owned())].into(),
            ..Options::default()
        };
        assert_eq!(with("J\u{fc}rgen").problem(), None);
        assert!(with("\u{141}ukasz").problem().is_some());
    }
}
