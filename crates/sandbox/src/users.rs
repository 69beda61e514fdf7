//! The test users: the name typed at sign-in chooses how the verification ends, as test cards do in payments.

use std::sync::LazyLock;

use serde::Deserialize;

/// The one source of the test users, as JSON text: a list of objects with the fields of [`TestUser`].
pub const TEST_USERS_JSON: &str = include_str!("../test-users.json");

/// The end of the addresses that may stand for a test user, so that nobody's real address ever does.
const ADDRESS_ENDING: &str = ".example";

/// How a test user's verification ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// `COMPLETED`.
    Completed,
    /// `PARTIAL_COMPLETE`.
    Partial,
    /// `ERROR`.
    Failed,
    /// `CANCELLED`.
    Cancelled,
}

/// Somebody to sign in as.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct TestUser {
    /// What to type; `name@anything.example` does as well.
    pub name: String,
    /// A password to show. Any other non-empty one is accepted too.
    pub password: String,
    /// The one-time code that is asked for; absent when none is.
    #[serde(default)]
    pub code: Option<String>,
    /// How the verification ends.
    pub outcome: Outcome,
    /// What happens, in a sentence for people.
    pub summary: String,
}

/// Every test user, in the order of the file.
pub fn test_users() -> &'static [TestUser] {
    // The file is part of the program and a test reads it, so the fallback is never seen.
    static USERS: LazyLock<Vec<TestUser>> = LazyLock::new(|| serde_json::from_str(TEST_USERS_JSON).unwrap_or_default());
    &USERS
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_holds_one_user_for_each_end() {
        let users: Vec<TestUser> = serde_json::from_str(TEST_USERS_JSON).unwrap();
        for outcome in [Outcome::Completed, Outcome::Partial, Outcome::Failed, Outcome::Cancelled] {
            assert!(users.iter().any(|user| user.outcome == outcome), "{outcome:?}");
        }
        assert_eq!(find("otp").and_then(|user| user.code.as_deref()), Some("123456"));
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
}
