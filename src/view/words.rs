//! Every word that users read, in English. What happens, and what to do; nothing is promised that is not known.
//!
//! `{platform}` and `{partner}` are filled in; a sentence that needs a name has a second form without it.

/// A sentence, and how it reads where a name in it is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Text {
    with_names: &'static str,
    without: &'static str,
}

const fn text(text: &'static str) -> Text {
    Text { with_names: text, without: text }
}

const fn named(with_names: &'static str, without: &'static str) -> Text {
    Text { with_names, without }
}

/// A title and the line below it.
pub(crate) type Saying = (Text, Text);

const A_FEW_SECONDS: Text = text("This takes a few seconds.");
const KEEP_OPEN: Text = text("Please keep this page open.");
const COME_LATER: Text = text("Please come back later.");

pub(crate) const HEADER: Text = named("Verify your {platform} account", "Verify your account");
pub(crate) const TRUST: Text = named(
    "You sign in to {platform} in a separate, protected browser. Your password is not stored.",
    "You sign in yourself, in a separate, protected browser. Your password is not stored.",
);
pub(crate) const STEPS: [&str; 4] = ["Connect", "Sign in", "Read details", "Check"];

pub(crate) const PICK: Saying = (text("Which account do you want to verify?"), text("Search or choose from the list."));
pub(crate) const NO_PLATFORMS: Saying = (text("Nothing to choose from right now"), COME_LATER);
pub(crate) const TRY_ANOTHER_NAME: &str = "Try another name.";
pub(crate) const NOT_AVAILABLE: &str = "Not available now";

pub(crate) const OPENING: Saying = (text("Opening a secure window"), A_FEW_SECONDS);
pub(crate) const READY: Saying = (text("Ready when you are"), named("Sign in to {platform} below.", "Sign in below."));
pub(crate) const CONNECTED: Saying = (named("Opening {platform}", "Opening the sign-in page"), A_FEW_SECONDS);
pub(crate) const AWAITING_USER: Saying =
    (text("Your turn"), named("Continue in the {platform} window below.", "Continue in the window below."));
pub(crate) const RUNNING: Saying = (named("Checking your {platform} account", "Checking your account"), KEEP_OPEN);
pub(crate) const COLLECTING: Saying = (text("Reading your account details"), text("Nothing to do for you now."));
pub(crate) const VERIFYING: Saying = (text("Making sure that the details are genuine"), text("Nearly done."));
pub(crate) const UNKNOWN: Saying = (text("Still working"), KEEP_OPEN);
pub(crate) const SLOW: Saying =
    (text("This is taking longer than usual"), text("You can keep waiting, or start again."));

pub(crate) const COMPLETED: Saying =
    (text("Verified"), named("Your {platform} account is verified.", "Your account is verified."));
pub(crate) const PARTIAL: Saying = (
    text("Partly verified"),
    named(
        "Some of your {platform} details could be read. {partner} will tell you if more is needed.",
        "Some of your details could be read. You will be told if more is needed.",
    ),
);
pub(crate) const FAILED: Saying = (
    text("We could not verify your account"),
    named(
        "Try again. If it keeps happening, give {partner} this code:",
        "Try again. If it keeps happening, quote this code:",
    ),
);
pub(crate) const FAILED_WITHOUT_CODE: Saying = (
    FAILED.0,
    named(
        "Try again. If it keeps happening, ask {partner} for help.",
        "Try again. If it keeps happening, ask for help.",
    ),
);
pub(crate) const CANCELLED: Saying = (text("You cancelled"), text("Start again whenever you like."));
pub(crate) const EXPIRED: Saying = (text("Time ran out"), text("Start again; it takes a few minutes."));
pub(crate) const TERMINATED: Saying = (
    text("The verification was ended"),
    named("Start again, or ask {partner} for help.", "Start again, or ask for help."),
);
pub(crate) const STALLED: Saying = (text("We cannot see your verification any more"), TERMINATED.1);
pub(crate) const NOT_FOUND: Saying = (text("We could not find your verification"), text("Start again."));

pub(crate) const COULD_NOT_START: Saying = (text("We could not start"), text("Try again."));
pub(crate) const NOT_ALLOWED: Saying = (
    text("You cannot start this here"),
    named("Sign in to {partner} and try again.", "Sign in on this site and try again."),
);
pub(crate) const BUSY: Text = text("Many people are verifying right now");
pub(crate) const OFFLINE: Saying = (text("You are offline"), text("We carry on when the connection is back."));
pub(crate) const RECONNECTING: Saying = (text("Reconnecting"), text("Keep this page open; we keep trying."));
pub(crate) const FRAME_BLOCKED: Saying = (text("The window cannot open on this page"), text("Open it in a new tab."));
pub(crate) const NO_FRAME: Saying = (text("The window could not be opened again"), text("Start again."));
pub(crate) const NOTHING_THERE: &str = "Nothing there?";
pub(crate) const EXPIRING: &str = "Finish now, or start again.";

pub(crate) const TRY_AGAIN: &str = "Try again";
pub(crate) const START_AGAIN: &str = "Start again";
pub(crate) const NEW_TAB: &str = "Open in a new tab";
pub(crate) const SEARCH: &str = "Search";

/// The names that sentences are filled with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Names {
    pub(crate) platform: Option<String>,
    pub(crate) partner: Option<String>,
}

impl Names {
    /// The sentence with the names in it, or its form without them.
    pub(crate) fn fill(&self, text: Text) -> String {
        let fill = |text: &str| {
            let mut filled = text.to_owned();
            for (mark, name) in [("{platform}", &self.platform), ("{partner}", &self.partner)] {
                if let Some(name) = name {
                    filled = filled.replace(mark, name);
                } else if filled.contains(mark) {
                    return None;
                }
            }
            Some(filled)
        };
        fill(text.with_names).unwrap_or_else(|| text.without.to_owned())
    }
}

/// How long is left: "4 minutes left".
pub(crate) fn minutes_left(minutes: u32) -> String {
    format!("{minutes} {} left", if minutes == 1 { "minute" } else { "minutes" })
}

/// When the next try is: "We will try again in 5 seconds."
pub(crate) fn trying_again_in(seconds: u32) -> String {
    format!("We will try again in {seconds} {}.", if seconds == 1 { "second" } else { "seconds" })
}

/// Nothing matches a search: `Nothing found for "ub"`.
pub(crate) fn nothing_found(query: &str) -> String {
    format!("Nothing found for \u{201c}{query}\u{201d}")
}

/// Which of the four steps it is: "Step 2 of 4: Sign in".
pub(crate) fn step_of(number: usize) -> String {
    format!("Step {} of {}: {}", number + 1, STEPS.len(), STEPS[number.min(STEPS.len() - 1)])
}
