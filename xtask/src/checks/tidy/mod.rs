//! Project-specific lints that no compiler or tool has. Each is a function from the project's files to a list of
//! violations, and has its own test on files that break it.

mod code;
mod invariants;
mod language;
mod length;
mod library;
mod stack;
mod tree;

use crate::command::{Failure, Result};
use crate::project::Project;
use tree::Tree;

/// A lint. Returns one sentence for each violation.
type Rule = fn(&Tree) -> Vec<String>;

const RULES: [(&str, Rule); 7] = [
    ("the component uses its six packages", stack::used),
    ("the crate sets no features, exports or exact versions for the app", library::leaves_it_to_the_app),
    ("invariant 1: the core depends on no clock, network or randomness", invariants::core_depends_on_pure_crates),
    (
        "invariant 2: only src/browser names web-sys, only the module's export.rs exports",
        invariants::browser_stays_inside,
    ),
    ("files are short", length::files_are_short),
    ("no forbidden phrase", language::no_forbidden_phrase),
    ("no comment begins with a bare clause", language::no_bare_clause),
];

/// Runs every lint.
pub(crate) fn run(project: &Project) -> Result {
    let tree = Tree::read(&project.root)?;
    let wrong = violations(&tree);
    if wrong.is_empty() {
        eprintln!("{} lints passed on {} files.", RULES.len(), tree.len());
        return Ok(());
    }
    Err(Failure::new(format!("tidy found {}:\n{}", wrong.len(), wrong.join("\n"))))
}

fn violations(tree: &Tree) -> Vec<String> {
    RULES.iter().flat_map(|(name, rule)| rule(tree).into_iter().map(move |what| format!("- {what} ({name})"))).collect()
}
