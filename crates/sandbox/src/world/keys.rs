//! The partner's API keys (partner-api section 1), each with its own share of requests (section 5).

use std::fmt;

use cr3dentials_core::time::UnixMillis;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use subtle::ConstantTimeEq;

use super::limit::{Verdict, Window};

/// The keys kept at most.
const MAX_KEYS: usize = 100;

/// What a key is for. The sandbox treats both alike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// For trying things out.
    #[default]
    Development,
    /// For the real thing.
    Production,
}

/// A key that is accepted.
#[derive(Clone)]
pub struct ApiKey {
    /// What the partner sends.
    pub secret: String,
    /// What it is for.
    pub environment: Environment,
    /// When it ends by itself, if ever.
    pub expires_at: Option<UnixMillis>,
}

impl ApiKey {
    /// A development key that does not expire.
    pub fn new(secret: impl Into<String>) -> Self {
        Self { secret: secret.into(), environment: Environment::default(), expires_at: None }
    }
}

impl fmt::Debug for ApiKey {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKey").field("environment", &self.environment).finish_non_exhaustive()
    }
}

/// Which key made a session: its place, and how often it had been rotated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    key: usize,
    generation: u32,
}

impl Owner {
    /// Whether `self` is the same partner's key as `other`, rotated or not.
    pub(crate) fn is_partner_of(self, other: Self) -> bool {
        self.key == other.key
    }

    pub(crate) fn is_older_than(self, other: Self) -> bool {
        self.is_partner_of(other) && self.generation < other.generation
    }
}

/// Which limits a request counts against, besides the one over everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Share {
    Create,
    List,
    Other,
}

/// The limits in force: requests in a window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) all: u32,
    pub(crate) create: Option<u32>,
    pub(crate) list: Option<u32>,
}

struct Slot {
    key: ApiKey,
    generation: u32,
    all: Window,
    create: Window,
    list: Window,
}

/// Every key, in the order of their making.
pub(crate) struct Keys {
    slots: Vec<Slot>,
    /// Shared by all requests without a good key, so that guessing keys takes no memory.
    anonymous: Window,
}

impl fmt::Debug for Keys {
    /// Only how many: they are secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({})", self.slots.len())
    }
}

impl Keys {
    pub(crate) fn new(keys: Vec<ApiKey>) -> Self {
        let mut all = Self { slots: Vec::new(), anonymous: Window::default() };
        keys.into_iter().for_each(|key| drop(all.add(key)));
        all
    }

    /// Adds a key and gives its id; `None` when there are too many.
    pub(crate) fn add(&mut self, key: ApiKey) -> Option<String> {
        if self.slots.len() >= MAX_KEYS {
            return None;
        }
        let [all, create, list] = [(); 3].map(|()| Window::default());
        self.slots.push(Slot { key, generation: 0, all, create, list });
        Some(id(self.slots.len() - 1))
    }

    /// Whose key `presented` is, if it is one and has not expired.
    pub(crate) fn find(&self, presented: &str, now: UnixMillis) -> Option<Owner> {
        let fits = |slot: &Slot| {
            let good = slot.key.expires_at.is_none_or(|at| now < at);
            good && bool::from(slot.key.secret.as_bytes().ct_eq(presented.as_bytes()))
        };
        let key = self.slots.iter().position(fits)?;
        Some(Owner { key, generation: self.slots[key].generation })
    }

    /// Counts a request. The headers tell of the limit over everything, whichever limit refused it.
    pub(crate) fn count(&mut self, caller: Option<Owner>, share: Share, limits: Limits, now: UnixMillis) -> Verdict {
        let Some(slot) = caller.and_then(|caller| self.slots.get_mut(caller.key)) else {
            return self.anonymous.count(limits.all, now);
        };
        let verdict = slot.all.count(limits.all, now);
        let further = match share {
            Share::Create => limits.create.map(|limit| slot.create.count(limit, now)),
            Share::List => limits.list.map(|limit| slot.list.count(limit, now)),
            Share::Other => None,
        };
        verdict.and(further.is_none_or(|further| further.allowed))
    }

    /// Gives the key `id` a new secret; the old one ends at once. False when there is no such key.
    pub(crate) fn rotate(&mut self, wanted: &str, secret: String) -> bool {
        let Some(at) = (0..self.slots.len()).find(|at| id(*at) == wanted) else { return false };
        let slot = &mut self.slots[at];
        slot.key.secret = secret;
        // Its successor is a new key, which has not expired.
        slot.key.expires_at = None;
        slot.generation += 1;
        // The provider counts by key, and this is another one.
        (slot.all, slot.create, slot.list) = (Window::default(), Window::default(), Window::default());
        true
    }

    /// The first key's secret.
    pub(crate) fn first(&self) -> Option<&str> {
        self.slots.first().map(|slot| slot.key.secret.as_str())
    }

    /// For people: every key without its secret.
    pub(crate) fn describe(&self) -> Vec<Value> {
        let describe = |(at, slot): (usize, &Slot)| {
            json!({
                "id": id(at),
                "environment": slot.key.environment,
                "expiresAt": slot.key.expires_at,
                "rotations": slot.generation,
            })
        };
        self.slots.iter().enumerate().map(describe).collect()
    }
}

fn id(at: usize) -> String {
    format!("key-{}", at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_000_000);
    const LIMITS: Limits = Limits { all: 3, create: Some(1), list: None };

    #[test]
    fn a_rotated_key_ends_at_once_and_keeps_its_partner() {
        let mut keys = Keys::new(vec![ApiKey::new("one"), ApiKey::new("two")]);
        let (one, two) = (keys.find("one", NOW).unwrap(), keys.find("two", NOW).unwrap());
        assert!(!one.is_partner_of(two));
        assert!(keys.rotate("key-1", "three".to_owned()) && !keys.rotate("key-9", "x".to_owned()));
        assert_eq!(keys.find("one", NOW), None);
        let three = keys.find("three", NOW).unwrap();
        assert!(three.is_partner_of(one) && one.is_older_than(three) && !two.is_older_than(three));
    }

    #[test]
    fn a_key_may_expire() {
        let keys = Keys::new(vec![ApiKey { expires_at: Some(NOW), ..ApiKey::new("one") }]);
        assert!(keys.find("one", UnixMillis(NOW.0 - 1)).is_some());
        assert_eq!(keys.find("one", NOW), None);
    }

    #[test]
    fn create_has_a_smaller_limit_of_its_own() {
        let mut keys = Keys::new(vec![ApiKey::new("one")]);
        let caller = keys.find("one", NOW);
        let mut count = |share| keys.count(caller, share, LIMITS, NOW).allowed;
        assert!(count(Share::Create));
        assert!(!count(Share::Create), "and it counts against the limit over everything too");
        assert!(count(Share::List));
        assert!(!count(Share::Other));
    }
}
