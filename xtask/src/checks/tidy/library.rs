use toml::{Table, Value};

use super::tree::Tree;

/// Features that choose how Leptos renders. An app turns on one in each of its builds.
const RENDERING: [&str; 3] = ["csr", "hydrate", "ssr"];

/// Checks that the root package fits into any Leptos app: it turns on no feature of Leptos, is a plain library crate, and
/// does not require one exact version of wasm-bindgen.
pub(crate) fn leaves_it_to_the_app(tree: &Tree) -> Vec<String> {
    let manifest: Table = tree.text("Cargo.toml").parse().unwrap_or_default();
    let mut wrong = Vec::new();
    let types = get(&manifest, &["lib", "crate-type"]).and_then(Value::as_array).into_iter().flatten();
    for kind in types.filter_map(Value::as_str).filter(|kind| !["lib", "rlib"].contains(kind)) {
        wrong.push(format!("the library's crate type is {kind}; only crates/embed-module may be one"));
    }
    for feature in array(get(&manifest, &["features", "default"])) {
        wrong.push(format!("the feature {feature} is on by default"));
    }
    for name in RENDERING {
        if array(get(&manifest, &["features", name])) != [format!("leptos/{name}")] {
            wrong.push(format!("the feature {name} is not leptos/{name} and nothing else"));
        }
    }
    for table in [&["dependencies"][..], &["workspace", "dependencies"]] {
        let dependency = |name: &str| get(&manifest, table).and_then(|all| all.get(name));
        for feature in array(dependency("leptos").and_then(|leptos| leptos.get("features"))) {
            wrong.push(format!("{}: leptos has the feature {feature}", table.join(".")));
        }
        let requirement = dependency("wasm-bindgen").map(|found| found.get("version").unwrap_or(found));
        if let Some(version) = requirement.and_then(Value::as_str).filter(|version| version.contains(['=', '<', '~'])) {
            wrong.push(format!("{}: wasm-bindgen may only be {version}", table.join(".")));
        }
    }
    wrong.into_iter().map(|what| format!("Cargo.toml: {what}")).collect()
}

fn get<'a>(manifest: &'a Table, path: &[&str]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(manifest.get(*first)?, |value, key| value.get(key))
}

fn array(value: Option<&Value>) -> Vec<&str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;

    const MANIFEST: &str = "[features]\ncsr = [\"leptos/csr\"]\nhydrate = [\"leptos/hydrate\"]\nssr = [\"leptos/ssr\"]\n\
        [dependencies]\nleptos.workspace = true\nwasm-bindgen.workspace = true\n\
        [workspace.dependencies]\nleptos = \"0.8.23\"\nwasm-bindgen = \"0.2.100\"\n";

    fn wrong(manifest: &str) -> Vec<String> {
        leaves_it_to_the_app(&[("Cargo.toml", manifest)].into())
    }

    #[test]
    fn plain_library_passes() {
        assert_eq!(wrong(MANIFEST), Vec::<String>::new());
    }

    #[test]
    fn settings_that_an_app_cannot_undo_are_found() {
        let changes = [
            ("[features]\n", "[lib]\ncrate-type = [\"cdylib\", \"rlib\"]\n[features]\n"),
            ("[features]\n", "[features]\ndefault = [\"csr\"]\n"),
            ("csr = [\"leptos/csr\"]\n", ""),
            ("leptos = \"0.8.23\"", "leptos = { version = \"0.8.23\", features = [\"csr\"] }"),
            ("leptos.workspace = true", "leptos = { workspace = true, features = [\"csr\"] }"),
            ("\"0.2.100\"", "\"=0.2.130\""),
            ("wasm-bindgen.workspace = true", "wasm-bindgen = { version = \"=0.2.130\" }"),
        ];
        for (from, to) in changes {
            let found = wrong(&MANIFEST.replace(from, to));
            assert_eq!(found.len(), 1, "{to}: {found:?}");
        }
    }

    #[test]
    fn cargo_enables_no_leptos_feature_for_the_library_alone() {
        for target in ["wasm32-unknown-unknown", "x86_64-unknown-linux-gnu"] {
            let tree = Project::find().unwrap().cargo();
            let tree = tree.words("tree --package cr3dentials-embed --edges normal --prefix none --format {p}|{f}");
            let tree = tree.args(["--target", target]).probe().unwrap();
            let leptos: Vec<_> = tree.lines().filter(|line| line.starts_with("leptos v")).collect();
            assert!(!leptos.is_empty(), "{tree}");
            assert!(leptos.iter().all(|line| line.trim_end_matches(" (*)").ends_with('|')), "{leptos:?}");
        }
    }
}
