//! API keys (docs/partner-api.md section 1), each with its own rate limits (section 5).

use std::fmt;

use cr3dentials_core::time::UnixMillis;
use serde_json::{Value, json};
use subtle::ConstantTimeEq;

use super::rate_limit::{Verdict, Window};
use crate::world::session::Owner;
use crate::world::settings::ApiKey;

/// Maximum number of keys.
const MAX_KEYS: usize = 100;

/// Separate limit that a request counts against, in addition to the key's overall limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LimitClass {
    Create,
    List,
    Other,
}

/// Current limits, in requests per window; `None` is unlimited.
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

/// Every key, in order of creation.
pub(crate) struct Keys {
    slots: Vec<Slot>,
    /// Shared by all requests without a valid key, so that guessing keys takes no memory.
    anonymous: Window,
}

impl fmt::Debug for Keys {
    /// Shows only the number of keys, which are secrets.
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

    /// Adds a key and returns its id; `None` if there are too many.
    pub(crate) fn add(&mut self, key: ApiKey) -> Option<String> {
        if self.slots.len() >= MAX_KEYS {
            return None;
        }
        let [all, create, list] = [(); 3].map(|()| Window::default());
        self.slots.push(Slot { key, generation: 0, all, create, list });
        Some(id(self.slots.len() - 1))
    }

    /// Finds the key with this secret, unless it has expired.
    pub(crate) fn find(&self, presented: &str, now: UnixMillis) -> Option<Owner> {
        let matches = |slot: &Slot| {
            let is_valid = slot.key.expires_at.is_none_or(|at| now < at);
            is_valid && bool::from(slot.key.secret.as_bytes().ct_eq(presented.as_bytes()))
        };
        let key = self.slots.iter().position(matches)?;
        Some(Owner::new(key, self.slots[key].generation))
    }

    /// Counts a request. The returned headers describe the overall limit, even if another one refused the request.
    pub(crate) fn count(
        &mut self,
        caller: Option<Owner>,
        class: LimitClass,
        limits: Limits,
        now: UnixMillis,
    ) -> Verdict {
        let Some(slot) = caller.and_then(|caller| self.slots.get_mut(caller.key())) else {
            return self.anonymous.count(limits.all, now);
        };
        let verdict = slot.all.count(limits.all, now);
        let separate = match class {
            LimitClass::Create => limits.create.map(|limit| slot.create.count(limit, now)),
            LimitClass::List => limits.list.map(|limit| slot.list.count(limit, now)),
            LimitClass::Other => None,
        };
        verdict.and(separate.is_none_or(|separate| separate.allowed))
    }

    /// Replaces the secret of the key with the id `wanted`; the old one is refused at once. Returns false if there is no
    /// such key.
    pub(crate) fn rotate(&mut self, wanted: &str, secret: String) -> bool {
        let Some(at) = (0..self.slots.len()).find(|at| id(*at) == wanted) else { return false };
        let slot = &mut self.slots[at];
        slot.key.secret = secret;
        // The new key does not expire.
        slot.key.expires_at = None;
        slot.generation += 1;
        // The provider counts requests by key, and this is a new one.
        (slot.all, slot.create, slot.list) = (Window::default(), Window::default(), Window::default());
        true
    }

    /// Returns the secret of the first key.
    pub(crate) fn first(&self) -> Option<&str> {
        self.slots.first().map(|slot| slot.key.secret.as_str())
    }

    /// Describes every key for the control routes, without its secret.
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
    fn rotated_key_is_refused_at_once_and_keeps_its_sessions() {
        let mut keys = Keys::new(vec![ApiKey::new("one"), ApiKey::new("two")]);
        let (one, two) = (keys.find("one", NOW).unwrap(), keys.find("two", NOW).unwrap());
        assert!(!one.is_same_key(two));
        assert!(keys.rotate("key-1", "three".to_owned()) && !keys.rotate("key-9", "x".to_owned()));
        assert_eq!(keys.find("one", NOW), None);
        let three = keys.find("three", NOW).unwrap();
        assert!(three.is_same_key(one) && one.is_older_than(three) && !two.is_older_than(three));
    }

    #[test]
    fn expired_key_is_refused() {
        let keys = Keys::new(vec![ApiKey { expires_at: Some(NOW), ..ApiKey::new("one") }]);
        assert!(keys.find("one", UnixMillis(NOW.0 - 1)).is_some());
        assert_eq!(keys.find("one", NOW), None);
    }

    #[test]
    fn create_has_its_own_smaller_limit() {
        let mut keys = Keys::new(vec![ApiKey::new("one")]);
        let caller = keys.find("one", NOW);
        let mut count = |class| keys.count(caller, class, LIMITS, NOW).allowed;
        assert!(count(LimitClass::Create));
        assert!(!count(LimitClass::Create), "and it counts against the overall limit too");
        assert!(count(LimitClass::List));
        assert!(!count(LimitClass::Other));
    }
}
