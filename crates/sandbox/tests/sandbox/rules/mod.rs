//! One row for each rule of the provider's contract (sections 1 to 7), played on the rules alone. What the contract
//! leaves open is in `switches`.

mod access;
mod course;
mod endpoints;
mod provider;

use provider::Provider;

/// A rule: the section of the contract it stands in, what it says, and a play in which it holds.
type Rule = (&'static str, &'static str, fn(&mut Provider));

fn rules() -> impl Iterator<Item = &'static Rule> {
    [access::RULES, endpoints::RULES, course::RULES].into_iter().flatten()
}

#[test]
fn every_rule_holds() {
    let mut broken = Vec::new();
    for (section, rule, holds) in rules() {
        let play = std::panic::catch_unwind(|| holds(&mut Provider::new()));
        if play.is_err() {
            broken.push(format!("{section}: {rule}"));
        }
    }
    assert!(broken.is_empty(), "{} of {} rules are broken:\n{}", broken.len(), rules().count(), broken.join("\n"));
}

#[test]
fn no_section_is_left_out() {
    for section in ["1", "2 platforms", "2 create", "2 get", "2 list", "3", "4", "5", "6", "7"] {
        assert!(rules().any(|(known, _, _)| *known == section), "{section}");
    }
}
