//! One row for each documented rule of docs/partner-api.md (sections 1 to 7), checked on a world without a server.
//! `switches` tests the assumptions.

mod access;
mod endpoints;
mod iframe;
mod lifecycle;
mod webhooks;

use crate::harness::provider::Provider;

/// A rule: its section, its text, and a check.
type Rule = (&'static str, &'static str, fn(&mut Provider));

fn rules() -> impl Iterator<Item = &'static Rule> {
    [access::RULES, endpoints::RULES, lifecycle::RULES, webhooks::RULES, iframe::RULES].into_iter().flatten()
}

#[test]
fn every_rule_holds() {
    let mut broken = Vec::new();
    for (section, rule, check) in rules() {
        if std::panic::catch_unwind(|| check(&mut Provider::new())).is_err() {
            broken.push(format!("{section}: {rule}"));
        }
    }
    assert!(broken.is_empty(), "{} of {} rules are broken:\n{}", broken.len(), rules().count(), broken.join("\n"));
}

#[test]
fn every_section_has_a_rule() {
    for section in ["1", "2 platforms", "2 create", "2 get", "2 list", "3", "4", "5", "6", "7"] {
        assert!(rules().any(|(known, _, _)| *known == section), "{section}");
    }
}
