//! Test users: the name typed at sign-in decides how the verification goes, like test cards in payments.

use std::sync::LazyLock;

use cr3dentials_core::wire::SessionStatus;
use serde::Deserialize;

/// Source of the test users, as JSON text: a list of objects with the fields of [`TestUser`].
pub const TEST_USERS_JSON: &str = include_str!("../test-users.json");

/// Suffix required of an email address that names a test user, so that a real address never does.
const ADDRESS_ENDING: &str = ".example";

/// Terminal status of a test user's verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// `COMPLETED`.
    Completed,
    /// `PARTIAL_COMPLETE`.
    Partial,
    /// `ERROR`.
    Failed,
    /// `CANCELLED`.
    Cancelled,
    /// `TERMINATED`, manually.
    Terminated,
}

/// Part of the result that is missing, although the status usually comes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Lack {
    /// `COMPLETED` without an attestation.
    Attestation,
    /// `PARTIAL_COMPLETE` without data.
    Data,
    /// `ERROR` without an error code.
    Code,
}

/// Malfunction of the frame page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FrameTrouble {
    /// Its stream is cut repeatedly.
    Drops,
    /// The page never loads.
    NeverLoads,
}

/// Security question, asked after the password.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Question {
    /// Text shown to the user.
    pub text: String,
    /// Expected answer, compared without regard to case.
    pub answer: String,
}

/// A user to sign in as, and how the verification then goes.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TestUser {
    /// User name to type; `name@anything.example` works as well.
    pub name: String,
    /// Password to display. Any other non-empty one is accepted too.
    pub password: String,
    /// True if the user must be chosen at create, because its behavior starts before the sign-in.
    #[serde(default)]
    pub early: bool,
    /// Number of passwords refused before one is accepted.
    #[serde(default)]
    pub refusals: u8,
    /// Required one-time code; absent if there is none.
    #[serde(default)]
    pub code: Option<String>,
    /// Security question, shown after the code; absent if there is none.
    #[serde(default)]
    pub question: Option<Question>,
    /// Accounts to choose from, shown after the question; empty if there is no choice.
    #[serde(default)]
    pub accounts: Vec<String>,
    /// Speed relative to the sandbox's own: 0.1 is a tenth of it.
    #[serde(default = "ordinary_pace")]
    pub pace: f64,
    /// Status that the session does not leave without outside action.
    #[serde(default)]
    pub stuck_at: Option<SessionStatus>,
    /// Malfunction of the frame page; absent if it works.
    #[serde(default)]
    pub frame: Option<FrameTrouble>,
    /// Terminal status of the verification.
    pub outcome: Outcome,
    /// Part of the result that is missing; absent if it is complete.
    #[serde(default)]
    pub lacks: Option<Lack>,
    /// One sentence for documentation and the console.
    pub summary: String,
}

/// Sign-in step that follows the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Challenge {
    Code,
    Question,
    Account,
}

impl TestUser {
    /// Returns the sign-in steps that follow the password, in order.
    pub(crate) fn challenges(&self) -> impl Iterator<Item = Challenge> {
        let code = self.code.as_ref().map(|_| Challenge::Code);
        let question = self.question.as_ref().map(|_| Challenge::Question);
        let account = (!self.accounts.is_empty()).then_some(Challenge::Account);
        [code, question, account].into_iter().flatten()
    }
}

/// Returns every test user, in the order of the file. The first one is the default.
///
/// # Panics
/// Never: the file is compiled in, and a test parses it.
pub fn test_users() -> &'static [TestUser] {
    static USERS: LazyLock<Vec<TestUser>> = LazyLock::new(|| {
        #[allow(clippy::expect_used, reason = "the file is compiled in, and a test parses it")]
        serde_json::from_str(TEST_USERS_JSON).expect("test-users.json is a list of test users")
    });
    &USERS
}

/// Returns the test user that a session follows until a user signs in.
pub(crate) fn default_user() -> &'static TestUser {
    &test_users()[0]
}

/// Finds the test user named by `typed`: a name in any case, alone or as an email address that ends in `.example`.
pub(crate) fn find(typed: &str) -> Option<&'static TestUser> {
    let typed = typed.trim().to_lowercase();
    let name = match typed.split_once('@') {
        Some((name, domain)) if domain.ends_with(ADDRESS_ENDING) => name,
        Some(_) => return None,
        None => &typed,
    };
    test_users().iter().find(|user| user.name == name)
}

fn ordinary_pace() -> f64 {
    1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_users_cover_every_outcome_challenge_and_stuck_status() {
        let users: Vec<TestUser> = serde_json::from_str(TEST_USERS_JSON).unwrap();
        use Outcome::{Cancelled, Completed, Failed, Partial, Terminated};
        for outcome in [Completed, Partial, Failed, Cancelled, Terminated] {
            assert!(users.iter().any(|user| user.outcome == outcome), "{outcome:?}");
        }
        for challenge in [Challenge::Code, Challenge::Question, Challenge::Account] {
            assert!(users.iter().any(|user| user.challenges().eq([challenge])), "{challenge:?}");
        }
        for status in SessionStatus::ALL.iter().filter(|status| !status.is_terminal()) {
            assert!(users.iter().any(|user| user.stuck_at.as_ref() == Some(status)), "{status}");
        }
        for lack in [Lack::Attestation, Lack::Data, Lack::Code] {
            assert!(users.iter().any(|user| user.lacks == Some(lack)), "{lack:?}");
        }
        assert!(users.iter().all(|user| user.stuck_at.iter().all(|status| SessionStatus::ALL.contains(status))));
        assert_eq!(find("otp").and_then(|user| user.code.as_deref()), Some("123456"));
        assert_eq!(default_user().name, "success");
    }

    #[test]
    fn user_is_found_by_name_and_by_example_address() {
        for typed in ["success", " Success ", "success@anything.example"] {
            assert_eq!(find(typed).map(|user| user.name.as_str()), Some("success"), "{typed}");
        }
        for typed in ["", "unknown", "success@gmail.com", "@x.example", "success@example@x.com"] {
            assert_eq!(find(typed), None, "{typed}");
        }
    }

    #[test]
    fn users_that_act_before_sign_in_are_marked_early() {
        use SessionStatus::{Connected, Created, Initializing, LoadingTree, Ready};
        for user in test_users() {
            let stuck_early = matches!(user.stuck_at, Some(Created | Initializing | Ready | Connected | LoadingTree));
            let early = stuck_early || user.frame == Some(FrameTrouble::NeverLoads);
            assert_eq!(user.early, early, "{}", user.name);
        }
    }
}
