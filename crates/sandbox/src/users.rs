//! The test users: the name typed at sign-in chooses how the verification goes, as test cards do in payments.

use std::sync::LazyLock;

use cr3dentials_core::wire::SessionStatus;
use serde::Deserialize;

/// The one source of the test users, as JSON text: a list of objects with the fields of [`TestUser`].
pub const TEST_USERS_JSON: &str = include_str!("../test-users.json");

/// The end of the addresses that may stand for a test user, so that nobody's real address ever does.
const ADDRESS_ENDING: &str = ".example";

/// How a test user's verification ends.
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
    /// `TERMINATED`, by hand.
    Terminated,
}

/// What an end goes without, although most like it have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Lack {
    /// Completed, without an attestation.
    Attestation,
    /// Partly complete, without data.
    Data,
    /// Failed, without an error code.
    Code,
}

/// What is wrong with the frame page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FrameTrouble {
    /// Its connection is cut again and again.
    Drops,
    /// It never arrives.
    NeverLoads,
}

/// A security question.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Question {
    /// The question.
    pub text: String,
    /// What answers it, in any case.
    pub answer: String,
}

/// Somebody to sign in as.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TestUser {
    /// What to type; `name@anything.example` does as well.
    pub name: String,
    /// A password to show. Any other non-empty one is accepted too.
    pub password: String,
    /// Whether it must be chosen when the session is created, because what it does comes before the sign-in.
    #[serde(default)]
    pub early: bool,
    /// How many passwords are refused before one is accepted.
    #[serde(default)]
    pub refusals: u8,
    /// The one-time code that is asked for; absent when none is.
    #[serde(default)]
    pub code: Option<String>,
    /// The question that is asked after it, if any.
    #[serde(default)]
    pub question: Option<Question>,
    /// The accounts to choose one of after that, if there is more than one.
    #[serde(default)]
    pub accounts: Vec<String>,
    /// How fast everything goes: 1 is the sandbox's own pace, 0.1 a tenth of it.
    #[serde(default = "ordinary_pace")]
    pub pace: f64,
    /// The status that the session never leaves by itself.
    #[serde(default)]
    pub stuck_at: Option<SessionStatus>,
    /// What is wrong with the frame page.
    #[serde(default)]
    pub frame: Option<FrameTrouble>,
    /// How the verification ends.
    pub outcome: Outcome,
    /// What that end goes without.
    #[serde(default)]
    pub lacks: Option<Lack>,
    /// What happens, in a sentence for people.
    pub summary: String,
}

/// Something that the user is asked for after the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    Code,
    Question,
    Account,
}

impl TestUser {
    /// What is asked for after the password, in order.
    pub(crate) fn asks(&self) -> impl Iterator<Item = Ask> {
        let code = self.code.as_ref().map(|_| Ask::Code);
        let question = self.question.as_ref().map(|_| Ask::Question);
        let account = (!self.accounts.is_empty()).then_some(Ask::Account);
        [code, question, account].into_iter().flatten()
    }
}

/// Every test user, in the order of the file. The first one is the ordinary case.
///
/// # Panics
/// Never: the file is part of the program, and a test reads it.
pub fn test_users() -> &'static [TestUser] {
    static USERS: LazyLock<Vec<TestUser>> = LazyLock::new(|| {
        #[allow(clippy::expect_used, reason = "the file is part of the program, and a test reads it")]
        serde_json::from_str(TEST_USERS_JSON).expect("test-users.json is a list of test users")
    });
    &USERS
}

/// Who a session is played by until somebody signs in.
pub(crate) fn ordinary() -> &'static TestUser {
    &test_users()[0]
}

/// The test user that `typed` stands for: a name in any case, alone or as an address that ends in `.example`.
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
    fn the_file_holds_one_user_for_each_end_each_ask_and_each_place_to_be_stuck_at() {
        let users: Vec<TestUser> = serde_json::from_str(TEST_USERS_JSON).unwrap();
        use Outcome::{Cancelled, Completed, Failed, Partial, Terminated};
        for outcome in [Completed, Partial, Failed, Cancelled, Terminated] {
            assert!(users.iter().any(|user| user.outcome == outcome), "{outcome:?}");
        }
        for ask in [Ask::Code, Ask::Question, Ask::Account] {
            assert!(users.iter().any(|user| user.asks().eq([ask])), "{ask:?}");
        }
        for status in SessionStatus::ALL.iter().filter(|status| !status.is_terminal()) {
            assert!(users.iter().any(|user| user.stuck_at.as_ref() == Some(status)), "{status}");
        }
        for lack in [Lack::Attestation, Lack::Data, Lack::Code] {
            assert!(users.iter().any(|user| user.lacks == Some(lack)), "{lack:?}");
        }
        assert!(users.iter().all(|user| user.stuck_at.iter().all(|status| SessionStatus::ALL.contains(status))));
        assert_eq!(find("otp").and_then(|user| user.code.as_deref()), Some("123456"));
        assert_eq!(ordinary().name, "success");
    }

    #[test]
    fn a_name_is_found_alone_and_as_an_example_address() {
        for typed in ["success", " Success ", "success@anything.example"] {
            assert_eq!(find(typed).map(|user| user.name.as_str()), Some("success"), "{typed}");
        }
        for typed in ["", "somebody", "success@gmail.com", "@x.example", "success@example@x.com"] {
            assert_eq!(find(typed), None, "{typed}");
        }
    }

    #[test]
    fn what_comes_before_the_sign_in_is_chosen_before_it() {
        use SessionStatus::{Connected, Created, Initializing, LoadingTree, Ready};
        for user in test_users() {
            let stuck_early = matches!(user.stuck_at, Some(Created | Initializing | Ready | Connected | LoadingTree));
            let early = stuck_early || user.frame == Some(FrameTrouble::NeverLoads);
            assert_eq!(user.early, early, "{}", user.name);
        }
    }
}
