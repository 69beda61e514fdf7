//! What a partner can set.

use cr3dentials_core::engine::Start;

use crate::strings::Strings;

/// The settings of one verification. Only `proxy_url` is needed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// Where the proxy answers: an absolute URL or a path, without a slash at its end. Fixed once started.
    pub proxy_url: String,
    /// The platform to verify an account of; without it the user picks one. Fixed once started.
    pub platform_id: Option<u64>,
    /// The idempotency key of a create that may already have been sent.
    pub idempotency_key: Option<String>,
    /// The partner's name, for sentences such as "{partner} will tell you".
    pub partner_name: Option<String>,
    /// The iframe's title, for screen readers. "Account verification" unless given.
    pub frame_title: Option<String>,
    /// Under which name a reloaded page finds its session. Made from the proxy and the platform unless given.
    pub resume_key: Option<String>,
    /// Whether to say what will happen and wait for a click before a session is created. Needs `platform_id`; without
    /// it the choice of a platform is that click.
    pub start_screen: bool,
    /// Where the partner says what becomes of the details. Shown before the start.
    pub privacy_url: Option<String>,
    /// Where the partner helps. Shown before the start, and where a verification did not work out.
    pub support_url: Option<String>,
    /// Words in another language, or of your own, instead of the English ones.
    pub strings: Strings,
    /// In the page, over it, or the frame alone.
    pub mode: Mode,
    /// Light, dark, or as the device is set.
    pub theme: Theme,
    /// The colour scheme that the frame is told of. The provider's page is light.
    pub frame_color_scheme: FrameColorScheme,
    /// Whether the frame may ask for the height it needs, within bounds.
    pub auto_resize: bool,
    /// Whether the page's title says when it is the user's turn.
    pub page_title: bool,
    /// Whether to explain each decision in the console. Nothing secret is written there.
    pub debug: bool,
    /// What the requests to the proxy carry of the user's cookies.
    pub credentials: Credentials,
    /// More headers for the requests to the proxy, such as `Authorization`: name and value.
    pub headers: Vec<(String, String)>,
}

/// How a verification is laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// In the page.
    #[default]
    Inline,
    /// In a dialog over the page; a sheet on phones. Closed until it is opened.
    Modal,
    /// The frame alone: everything else is yours to show, by the events.
    Bare,
}

impl Mode {
    /// The value of `data-mode`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inline => "inline",
            Self::Modal => "modal",
            Self::Bare => "bare",
        }
    }

    /// The mode of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Inline, Self::Modal, Self::Bare].into_iter().find(|mode| mode.as_str() == name)
    }
}

/// The colour scheme that the frame is told of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FrameColorScheme {
    /// What the provider's page is made for.
    #[default]
    Light,
    /// Always dark.
    Dark,
    /// The card's own.
    Auto,
}

impl FrameColorScheme {
    /// The value of `data-frame-scheme`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
            Self::Auto => "auto",
        }
    }

    /// The scheme of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Light, Self::Dark, Self::Auto].into_iter().find(|scheme| scheme.as_str() == name)
    }
}

/// Light, dark, or as the device is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the device is set.
    #[default]
    Auto,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// The value of `data-theme`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Auto, Self::Light, Self::Dark].into_iter().find(|theme| theme.as_str() == name)
    }
}

/// What requests carry of the user's cookies; the names are those of `fetch`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Credentials {
    /// Cookies for the page's own origin.
    #[default]
    SameOrigin,
    /// Cookies for a proxy on another origin too.
    Include,
    /// None.
    Omit,
}

impl Credentials {
    /// The value of `fetch`'s option.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SameOrigin => "same-origin",
            Self::Include => "include",
            Self::Omit => "omit",
        }
    }

    /// The option of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::SameOrigin, Self::Include, Self::Omit].into_iter().find(|choice| choice.as_str() == name)
    }
}

impl Options {
    /// Why no session can begin with these options, for developers; `None` when one can.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        let unsendable = self.headers.iter().any(|(name, value)| !can_be_sent(name, value));
        unsendable
            .then_some("headers: one of them cannot be sent. Encode it: HTTP headers are Latin-1, without line breaks.")
    }

    /// The platform to begin with once the user has read what will happen.
    pub(crate) fn begins_by_click(&self) -> Option<u64> {
        self.platform_id.filter(|_| self.start_screen)
    }

    /// A new session, if nobody has to be asked first.
    pub(crate) fn new_session(&self) -> Option<Start> {
        let platform_id = self.platform_id.filter(|_| !self.start_screen)?;
        Some(Start::New { platform_id, key: self.idempotency_key.clone() })
    }

    /// The name under which the session is kept for a reload.
    pub(crate) fn storage_key(&self) -> String {
        match (&self.resume_key, self.platform_id) {
            (Some(key), _) => format!("cr3d:{key}"),
            (None, Some(platform)) => format!("cr3d:{}#{platform}", self.proxy_url),
            (None, None) => format!("cr3d:{}#", self.proxy_url),
        }
    }
}

/// Returns whether HTTP has a place for this name and value. No browser sends a request with others.
fn can_be_sent(name: &str, value: &str) -> bool {
    let is_token = |character: char| character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character);
    // Browsers strip what is at the ends.
    let value = value.trim_matches([' ', '\t', '\r', '\n']);
    let fits = |character| character <= '\u{ff}' && !['\0', '\r', '\n'].contains(&character);
    !name.is_empty() && name.chars().all(is_token) && value.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_that_cannot_be_sent_are_a_problem() {
        let with =
            |name: &str, value: &str| Options { headers: vec![(name.into(), value.into())], ..Options::default() };
        for (name, value) in [("Authorization", "Bearer a.b-c=\n"), ("X-Name", "J\u{fc}rgen"), ("X-Empty", "")] {
            assert_eq!(with(name, value).problem(), None, "{name}: {value}");
        }
        for (name, value) in
            [("X-Name", "\u{141}ukasz"), ("X Name", "1"), ("", "1"), ("X-Lines", "a\r\nb"), ("\u{dc}", "1")]
        {
            assert!(with(name, value).problem().is_some(), "{name}: {value}");
        }
    }
}
