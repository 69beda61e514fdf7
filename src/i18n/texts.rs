//! All texts that users read, each with its key and its English wording. They say what happens and what to do, and
//! promise nothing that is not known. Other languages and the wording of a partner replace them by key.
//!
//! `{platform}` and `{partner}` are placeholders; a sentence that needs a name has a second form without it, whose key
//! ends in `.plain`.

/// A text, and its form for when a name in it is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Text {
    pub(super) key: &'static str,
    pub(super) with_names: &'static str,
    pub(super) without_names: &'static str,
}

const fn text(key: &'static str, text: &'static str) -> Text {
    Text { key, with_names: text, without_names: text }
}

const fn named(key: &'static str, with_names: &'static str, without_names: &'static str) -> Text {
    Text { key, with_names, without_names }
}

/// A title and the line below it.
pub(crate) type TitleAndLine = (Text, Text);

const KEEP_OPEN: Text = text("running.line", "Please keep this page open.");

pub(crate) const HEADER: Text = named("header", "Verify your {platform} account", "Verify your account");
pub(crate) const TRUST: Text = named(
    "trust",
    "You sign in to {platform} in a separate, protected browser. Your password is not stored.",
    "You sign in yourself, in a separate, protected browser. Your password is not stored.",
);
pub(crate) const FRAME_TITLE: Text = text("frameTitle", "Account verification");
pub(crate) const STEPS: [Text; 4] = [
    text("step.connect", "Connect"),
    text("step.signIn", "Sign in"),
    text("step.readDetails", "Read details"),
    text("step.check", "Check"),
];
pub(crate) const STEP_OF: Text = text("stepOf", "Step {n} of {count}: {step}");
pub(crate) const PROGRESS: Text = text("progress", "Progress");

pub(crate) const PICK: TitleAndLine =
    (text("pick.title", "Which account do you want to verify?"), text("pick.line", "Search or choose from the list."));
pub(crate) const NO_PLATFORMS: TitleAndLine = (
    text("noPlatforms.title", "Nothing to choose from right now"),
    text("noPlatforms.line", "Please come back later."),
);
pub(crate) const BEFORE_START: TitleAndLine = (
    text("start.title", "Before you start"),
    named(
        "start.line",
        "{partner} will receive the details it needs from your account. You sign in yourself.",
        "The details that are needed will be read from your account. You sign in yourself.",
    ),
);
pub(crate) const NOTHING_FOUND: Text = text("nothingFound", "Nothing found for “{text}”");
pub(crate) const TRY_ANOTHER_NAME: Text = text("tryAnotherName", "Try another name.");
pub(crate) const NOT_AVAILABLE: Text = text("notAvailable", "Not available now");
pub(crate) const SEARCH: Text = text("search", "Search");

pub(crate) const OPENING: TitleAndLine =
    (text("opening.title", "Opening a secure window"), text("opening.line", "This takes a few seconds."));
pub(crate) const READY: TitleAndLine =
    (text("ready.title", "Ready when you are"), named("ready.line", "Sign in to {platform} below.", "Sign in below."));
pub(crate) const CONNECTED: TitleAndLine =
    (named("connected.title", "Opening {platform}", "Opening the sign-in page"), OPENING.1);
pub(crate) const AWAITING_USER: TitleAndLine = (
    text("awaitingUser.title", "Your turn"),
    named("awaitingUser.line", "Continue in the {platform} window below.", "Continue in the window below."),
);
pub(crate) const RUNNING: TitleAndLine =
    (named("running.title", "Checking your {platform} account", "Checking your account"), KEEP_OPEN);
pub(crate) const COLLECTING: TitleAndLine =
    (text("collecting.title", "Reading your account details"), text("collecting.line", "Nothing to do for you now."));
pub(crate) const VERIFYING: TitleAndLine =
    (text("verifying.title", "Making sure that the details are genuine"), text("verifying.line", "Nearly done."));
pub(crate) const UNKNOWN: TitleAndLine = (text("unknown.title", "Still working"), KEEP_OPEN);
pub(crate) const SLOW: TitleAndLine = (
    text("slow.title", "This is taking longer than usual"),
    text("slow.line", "You can keep waiting, or start again."),
);

pub(crate) const COMPLETED: TitleAndLine = (
    text("completed.title", "Verified"),
    named("completed.line", "Your {platform} account is verified.", "Your account is verified."),
);
pub(crate) const PARTIAL: TitleAndLine = (
    text("partial.title", "Partly verified"),
    named(
        "partial.line",
        "Some of your {platform} details could be read. {partner} will tell you if more is needed.",
        "Some of your details could be read. You will be told if more is needed.",
    ),
);
pub(crate) const FAILED: TitleAndLine = (
    text("failed.title", "We could not verify your account"),
    named(
        "failed.line",
        "Try again. If it keeps happening, give {partner} this code:",
        "Try again. If it keeps happening, quote this code:",
    ),
);
pub(crate) const FAILED_WITHOUT_CODE: TitleAndLine = (
    FAILED.0,
    named(
        "failedWithoutCode.line",
        "Try again. If it keeps happening, ask {partner} for help.",
        "Try again. If it keeps happening, ask for help.",
    ),
);
pub(crate) const CANCELLED: TitleAndLine =
    (text("cancelled.title", "You cancelled"), text("cancelled.line", "Start again whenever you like."));
pub(crate) const EXPIRED: TitleAndLine =
    (text("expired.title", "Time ran out"), text("expired.line", "Start again; it takes a few minutes."));
pub(crate) const TERMINATED: TitleAndLine = (
    text("terminated.title", "The verification was ended"),
    named("terminated.line", "Start again, or ask {partner} for help.", "Start again, or ask for help."),
);
pub(crate) const STALLED: TitleAndLine =
    (text("stalled.title", "We cannot see your verification any more"), TERMINATED.1);
pub(crate) const NOT_FOUND: TitleAndLine =
    (text("notFound.title", "We could not find your verification"), text("notFound.line", "Start again."));

pub(crate) const COULD_NOT_START: TitleAndLine =
    (text("couldNotStart.title", "We could not start"), text("couldNotStart.line", "Try again."));
pub(crate) const NOT_ALLOWED: TitleAndLine = (
    text("notAllowed.title", "You cannot start this here"),
    named("notAllowed.line", "Sign in to {partner} and try again.", "Sign in on this site and try again."),
);
pub(crate) const BUSY: Text = text("busy.title", "Many people are verifying right now");
pub(crate) const OFFLINE: TitleAndLine =
    (text("offline.title", "You are offline"), text("offline.line", "We carry on when the connection is back."));
pub(crate) const RECONNECTING: TitleAndLine =
    (text("reconnecting.title", "Reconnecting"), text("reconnecting.line", "Keep this page open; we keep trying."));
/// The line promises no more than that of reconnecting: something between page and proxy is in the way.
pub(crate) const STILL_TRYING: TitleAndLine = (SLOW.0, RECONNECTING.1);
pub(crate) const FRAME_BLOCKED: TitleAndLine = (
    text("frameBlocked.title", "The window cannot open on this page"),
    text("frameBlocked.line", "Open it in a new tab."),
);
pub(crate) const NO_FRAME: TitleAndLine = (text("noFrame.title", "The window could not be opened again"), NOT_FOUND.1);
pub(crate) const ELSEWHERE: TitleAndLine =
    (text("elsewhere.title", "Already open elsewhere"), text("elsewhere.line", "Use it there, or use here."));
pub(crate) const STOP: TitleAndLine =
    (text("stop.title", "Stop verifying?"), text("stop.line", "You would have to start again."));
pub(crate) const NOTHING_THERE: Text = text("nothingThere", "Nothing there?");
pub(crate) const EXPIRING: Text = text("expiring", "Finish now, or start again.");

pub(crate) const START: Text = text("start", "Start");
pub(crate) const PRIVACY: Text = text("privacy", "Privacy");
pub(crate) const SUPPORT: Text = text("support", "Help");
pub(crate) const TRY_AGAIN: Text = text("tryAgain", "Try again");
pub(crate) const START_AGAIN: Text = text("startAgain", "Start again");
pub(crate) const NEW_TAB: Text = text("newTab", "Open in a new tab");
pub(crate) const USE_HERE: Text = text("useHere", "Use here");
pub(crate) const KEEP_GOING: Text = text("keepGoing", "Keep going");
pub(crate) const CLOSE: Text = text("close", "Close");
pub(crate) const DONE: Text = text("done", "Done");
/// Added to the page's title when the user must act.
pub(crate) const TITLE_CALL: Text = AWAITING_USER.0;

/// A text with a number in it: the key without its plural category, and the two forms of English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(super) key: &'static str,
    pub(super) one: &'static str,
    pub(super) other: &'static str,
}

/// Time left before the session expires.
pub(crate) const MINUTES_LEFT: Counted =
    Counted { key: "minutesLeft", one: "{n} minute left", other: "{n} minutes left" };
/// Time until the next attempt.
pub(crate) const TRYING_AGAIN: Counted =
    Counted { key: "tryingAgain", one: "We will try again in {n} second.", other: "We will try again in {n} seconds." };

#[cfg(all(test, not(target_arch = "wasm32")))]
#[allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
mod tests {
    #[test]
    fn built_in_texts_match_the_english_file() {
        let file = include_str!("../../npm/src/locales/en.json");
        let file: std::collections::BTreeMap<String, String> = serde_json::from_str(file).unwrap();
        // Both are in the source: the file, and the calls with a key and its English text.
        let source = include_str!("texts.rs").split("mod tests").next().unwrap().replace("\n", " ");
        let source = source.split_whitespace().collect::<Vec<_>>().join(" ");
        for (key, english) in &file {
            let base = key.trim_end_matches(".plain").trim_end_matches(".one").trim_end_matches(".other");
            let quoted = |text: &str| format!("\"{text}\"");
            assert!(source.contains(&quoted(base)), "{key} is not used");
            assert!(source.contains(&quoted(english)), "{key} is {english:?} in the file only");
        }
        let keys = source.matches("text( \"").count() + source.matches("text(\"").count();
        assert!(keys > 40 && file.len() > 80, "{keys} texts, {} in the file", file.len());
    }
}
