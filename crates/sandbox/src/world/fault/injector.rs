//! Active faults, and the choice of those that apply to a request.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::Value;

use super::{Fault, Kind, Target};

/// Maximum number of faults.
const MAX_FAULTS: usize = 100;

/// An active fault and its random generator.
#[derive(Debug)]
struct Rule {
    fault: Fault,
    chance: StdRng,
}

/// All active faults, in order.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Rule>);

impl Faults {
    /// Replaces all faults by those in `faults`, a list.
    ///
    /// # Errors
    /// Every problem found, each with the index of its fault.
    pub(crate) fn set(&mut self, faults: &Value) -> Result<(), Vec<String>> {
        let Some(list) = faults.as_array().filter(|list| list.len() <= MAX_FAULTS) else {
            return Err(vec![format!("faults must be a list of at most {MAX_FAULTS}")]);
        };
        let read = |(at, value): (usize, &Value)| -> Result<Fault, String> {
            let fault: Fault = serde_json::from_value(value.clone()).map_err(|error| format!("fault {at}: {error}"))?;
            fault.check(value).map_err(|problem| format!("fault {at}: {problem}"))?;
            Ok(fault)
        };
        let (faults, problems): (Vec<_>, Vec<_>) = list.iter().enumerate().map(read).partition(Result::is_ok);
        if !problems.is_empty() {
            return Err(problems.into_iter().filter_map(Result::err).collect());
        }
        let mut before = std::mem::take(&mut self.0);
        let rule = |fault: Fault| match before.iter().position(|rule| rule.fault == fault) {
            // An unchanged fault keeps the state of its random generator.
            Some(at) => before.swap_remove(at),
            None => Rule { chance: StdRng::seed_from_u64(fault.seed), fault },
        };
        self.0 = faults.into_iter().flatten().map(rule).collect();
        Ok(())
    }

    /// Returns the active faults, with `skip` and `times` counted down.
    pub(crate) fn list(&self) -> Vec<&Fault> {
        self.0.iter().map(|rule| &rule.fault).collect()
    }

    /// Returns the faults that apply to one request, stream message or webhook at `target`.
    pub(crate) fn sample(&mut self, target: Target) -> Vec<Kind> {
        let mut kinds = Vec::new();
        for Rule { fault, chance } in &mut self.0 {
            let matches = fault.on == target || (fault.on == Target::Any && target.is_endpoint());
            if !matches || fault.times == Some(0) {
                continue;
            }
            if fault.skip > 0 {
                fault.skip -= 1;
            } else if chance.random::<f64>() < fault.probability {
                fault.times = fault.times.map(|times| times - 1);
                kinds.push(fault.kind.clone());
            }
        }
        kinds
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn faults(list: Value) -> Faults {
        let mut faults = Faults::default();
        faults.set(&list).unwrap();
        faults
    }

    #[test]
    fn fault_skips_requests_then_applies_a_limited_number_of_times() {
        let mut faults = faults(json!([{ "on": "get", "kind": "status", "status": 503, "skip": 1, "times": 2 }]));
        let mut applies = |target| !faults.sample(target).is_empty();
        assert_eq!([Target::Get; 5].map(&mut applies), [false, true, true, false, false]);
        assert!(!applies(Target::List));
    }

    #[test]
    fn target_any_covers_every_endpoint_and_nothing_else() {
        let mut faults = faults(json!([{ "on": "any", "kind": "malformed" }]));
        for (target, applies) in [(Target::Create, true), (Target::List, true), (Target::Page, false)] {
            assert_eq!(!faults.sample(target).is_empty(), applies, "{target:?}");
        }
    }

    #[test]
    fn same_seed_repeats_the_same_choices() {
        let choices = |seed: u64| {
            let list = json!([{ "on": "get", "kind": "malformed", "probability": 0.5, "seed": seed }]);
            let mut faults = faults(list);
            (0..64).map(|_| u8::from(!faults.sample(Target::Get).is_empty())).collect::<Vec<_>>()
        };
        assert_eq!(choices(1), choices(1));
        assert_ne!(choices(1), choices(2));
        assert!((20..44).contains(&choices(1).iter().filter(|applied| **applied == 1).count()));
    }

    #[test]
    fn invalid_fault_is_refused_and_changes_nothing() {
        let mut faults = faults(json!([{ "on": "get", "kind": "malformed" }]));
        for (fault, problem) in [
            (json!({ "on": "get", "kind": "status", "status": 200 }), "from 400 to 599"),
            (json!({ "on": "page", "kind": "malformed" }), "not supported on this target"),
            (json!({ "on": "webhook", "kind": "cut" }), "not supported on this target"),
            (json!({ "on": "get", "kind": "lose" }), "not supported on this target"),
            (json!({ "on": "get", "kind": "delay", "millis": 600_001 }), "at most"),
            (json!({ "on": "get", "kind": "delay", "millis": 1, "probability": 2 }), "from 0 to 1"),
            (json!({ "on": "webhook", "kind": "duplicate", "copies": 11 }), "from 1 to 10"),
            (json!({ "on": "get", "kind": "malformed", "tims": 1 }), "unknown field tims"),
            (json!({ "on": "moon", "kind": "malformed" }), "moon"),
            (json!({ "on": "get", "kind": "explode" }), "explode"),
        ] {
            let problems = faults.set(&json!([{ "on": "list", "kind": "malformed" }, fault])).unwrap_err();
            assert!(problems.len() == 1 && problems[0].starts_with("fault 1: "), "{problems:?}");
            assert!(problems[0].contains(problem), "{problems:?}");
        }
        assert_eq!(faults.list()[0].on, Target::Get);
    }
}
