//! The rules of this project that no compiler knows. Each is a function from the project's text to what is wrong
//! with it, so that each is itself tested on a text that breaks it.

mod code;
mod contract;
mod invariants;
mod library;
mod manners;
mod stack;
mod tree;

use crate::command::{Failure, Result};
use crate::project::Project;
use tree::Tree;

/// A rule: what is wrong, one sentence each.
type Rule = fn(&Tree) -> Vec<String>;

const RULES: [(&str, Rule); 8] = [
    ("the component stands on its stack", stack::used),
    ("the crate leaves features, exports and versions to the app", library::leaves_it_to_the_app),
    ("invariant 1: the core has no clock, network or randomness", invariants::core_is_pure),
    (
        "invariant 2: only src/browser names web-sys, only the module's export.rs exports",
        invariants::browser_stays_inside,
    ),
    ("the contract's codes are documented", manners::contract_is_documented),
    ("the element's contract is the same everywhere", contract::agrees),
    ("files stay readable", manners::files_are_short),
    ("nothing is left half done", manners::nothing_is_half_done),
];

/// Checks every rule.
pub(crate) fn run(project: &Project) -> Result {
    let tree = Tree::read(&project.root)?;
    let wrong = violations(&tree);
    if wrong.is_empty() {
        eprintln!("{} rules hold in {} files.", RULES.len(), tree.len());
        return Ok(());
    }
    Err(Failure::new(format!("tidy found {}:\n{}", wrong.len(), wrong.join("\n"))))
}

fn violations(tree: &Tree) -> Vec<String> {
    RULES.iter().flat_map(|(name, rule)| rule(tree).into_iter().map(move |what| format!("- {what} ({name})"))).collect()
}
