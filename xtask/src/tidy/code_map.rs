use std::collections::BTreeSet;

use super::tree::Tree;

const DOCUMENT: &str = "docs/ARCHITECTURE.md";
const HEADING: &str = "## Code map";

/// Where every file and directory must be on the map, and the endings that count.
const MAPPED: [(&str, &[&str]); 7] = [
    ("src/", &[".rs"]),
    ("crates/core/src/", &[".rs"]),
    ("crates/embed-module/src/", &[".rs"]),
    ("crates/proxy/src/", &[".rs", ".sql"]),
    ("crates/sandbox/src/", &[".rs", ".html", ".svg"]),
    ("npm/src/", &[".ts"]),
    ("xtask/src/", &[".rs"]),
];

/// The code map in docs/ARCHITECTURE.md names every top-level module and no dead one.
pub(crate) fn matches(tree: &Tree) -> Vec<String> {
    let named = named(tree.text(DOCUMENT));
    if named.is_empty() {
        return vec![format!("{DOCUMENT}: no paths under {HEADING:?}")];
    }
    let dead = named.iter().filter(|path| !tree.has(path)).map(|path| format!("{DOCUMENT}: {path} is not there"));
    let there = top_level(tree);
    let missing = there.difference(&named).map(|path| format!("{DOCUMENT}: {path} is not on the code map"));
    dead.chain(missing).collect()
}

/// The paths in backticks below the heading: those with a slash in them. A directory may be named with one at its end.
fn named(document: &str) -> BTreeSet<String> {
    let below = document.split_once(HEADING).map_or("", |(_, below)| below);
    let section = below.split("\n## ").next().unwrap_or_default();
    let quoted = section.split('`').skip(1).step_by(2);
    quoted.filter(|text| is_path(text)).map(|text| text.trim_end_matches('/').to_owned()).collect()
}

fn is_path(text: &str) -> bool {
    text.contains('/')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c))
        && !text.starts_with('/')
}

/// The files and directories right below the mapped roots. `lib.rs`, `main.rs` and `mod.rs` are their roots' own, and
/// a file beside a directory of its name is one module with it.
fn top_level(tree: &Tree) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (root, endings) in MAPPED {
        for (path, _) in tree.files(root, endings) {
            let inside = &path[root.len()..];
            let name = inside.split('/').next().unwrap_or_default();
            let is_root = ["lib.rs", "main.rs", "mod.rs"].contains(&inside);
            let has_dir = inside.strip_suffix(".rs").is_some_and(|stem| tree.has(&format!("{root}{stem}/")));
            if !is_root && !has_dir {
                found.insert(format!("{root}{name}"));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(map: &str) -> Tree {
        let document =
            format!("# Architecture\n`src/old.rs` is history.\n## Code map\n{map}\n## Invariants\n`src/no.rs`\n");
        let files = [
            (DOCUMENT, document.as_str()),
            ("src/lib.rs", ""),
            ("src/options.rs", ""),
            ("src/view/mod.rs", ""),
            ("src/view/title.rs", ""),
            ("xtask/src/tidy.rs", ""),
            ("xtask/src/tidy/tree.rs", ""),
        ];
        files.into()
    }

    #[test]
    fn a_complete_map_passes() {
        let map = "- `src/options.rs`: settings\n- `src/view/`: `<Verification/>`, see `src/view/title.rs`\n- `xtask/src/tidy`";
        assert_eq!(matches(&tree(map)), Vec::<String>::new());
    }

    #[test]
    fn what_is_missing_and_what_is_dead_are_found() {
        let wrong = matches(&tree("- `src/options.rs`\n- `src/engine.rs`\n- `xtask/src/tidy`"));
        assert_eq!(
            wrong,
            [
                "docs/ARCHITECTURE.md: src/engine.rs is not there",
                "docs/ARCHITECTURE.md: src/view is not on the code map",
            ]
        );
    }

    #[test]
    fn no_map_at_all_is_found() {
        assert_eq!(matches(&[("src/options.rs", "")].into()).len(), 1);
    }
}
