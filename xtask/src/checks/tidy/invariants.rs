use super::code::{code, words};
use super::tree::Tree;

/// Crates that the core may depend on: they have no clock, network or randomness. Names of the standard library that do
/// are refused by clippy, in crates/core/clippy.toml.
const PURE_CRATES: [&str; 3] = ["serde", "serde_json", "utoipa"];

/// Returns true for web-sys types that the view may name: elements it draws into and the types of events.
fn is_element_type(name: &str) -> bool {
    name == "Element"
        || name == "Node"
        || (name.starts_with("Html") && name.ends_with("Element"))
        || (name.starts_with("Svg") && name.ends_with("Element"))
        || name.ends_with("Event")
        || name == "EventTarget"
        || name == "ShadowRoot"
}

/// Invariant 1: the core receives the time and a random seed from its caller, so it depends on no crate that has them.
pub(crate) fn core_depends_on_pure_crates(tree: &Tree) -> Vec<String> {
    let manifest: toml::Table = tree.text("crates/core/Cargo.toml").parse().unwrap_or_default();
    let names = manifest.get("dependencies").and_then(toml::Value::as_table).into_iter().flat_map(toml::Table::keys);
    let impure = names.filter(|name| !PURE_CRATES.contains(&name.as_str()));
    impure
        .map(|name| format!("crates/core/Cargo.toml: the dependency {name} is not in the list of pure crates"))
        .collect()
}

/// The only file with exports. It is in a separate crate, so that an app that depends on the library has none of them.
const EXPORTS: &str = "crates/embed-module/src/export.rs";

/// Invariant 2: outside src/browser, code names only element types of the browser, and everything that JavaScript can
/// call is in one file.
pub(crate) fn browser_stays_inside(tree: &Tree) -> Vec<String> {
    let mut wrong = Vec::new();
    for (path, text) in tree.files("src/", &[".rs"]).chain(tree.files("crates/embed-module/src/", &[".rs"])) {
        // Tests may access the whole page.
        if path.ends_with("/tests.rs") {
            continue;
        }
        let code = code(text);
        if path != EXPORTS && exports(&code) {
            wrong.push(format!("{path}: exports to JavaScript; only {EXPORTS} may"));
        }
        if !path.starts_with("src/browser") {
            let foreign = web_sys_names(&code).into_iter().filter(|name| !is_element_type(name));
            wrong.extend(foreign.map(|name| format!("{path}: names web_sys::{name}; only src/browser may")));
        }
    }
    wrong
}

/// Returns true if the code has an attribute of wasm-bindgen, under any path.
fn exports(code: &str) -> bool {
    let code = without_imports(code);
    let attributes = code.split("#[").skip(1).filter_map(|rest| rest.split([']', '(']).next());
    attributes.filter_map(|path| words(path).last()).any(|name| name == "wasm_bindgen")
}

/// Removes the blocks that declare functions and types of JavaScript, each with its attribute.
fn without_imports(code: &str) -> String {
    let mut rest = code;
    let mut kept = String::new();
    while let Some((before, block)) = rest.split_once("extern ") {
        kept.push_str(before.rsplit_once("#[").map_or(before, |(before, _)| before));
        rest = block.split_once('}').map_or("", |(_, rest)| rest);
    }
    kept + rest
}

/// Returns the names after each `web_sys::`, including those in lists.
fn web_sys_names(code: &str) -> Vec<String> {
    let mut names = Vec::new();
    for rest in code.split("web_sys").skip(1) {
        let Some(rest) = rest.trim_start().strip_prefix("::") else {
            names.push("(the crate itself)".to_owned());
            continue;
        };
        let rest = rest.trim_start();
        let list = rest.strip_prefix('{').and_then(|rest| rest.split('}').next());
        match list {
            Some(list) => names.extend(list.split(',').filter_map(|item| words(item).next()).map(str::to_owned)),
            None => names.push(words(rest).next().filter(|_| !rest.starts_with('*')).unwrap_or("*").to_owned()),
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn core_dependency_outside_the_list_is_found() {
        for (manifest, violations) in [
            ("[dependencies]\nserde.workspace = true\n[dev-dependencies]\njiff = \"0.2\"", 0),
            ("[dependencies]\nserde = \"1\"\ngetrandom = \"0.4\"", 1),
            ("[dependencies.tokio]\nversion = \"1\"", 1),
        ] {
            let found = core_depends_on_pure_crates(&[("crates/core/Cargo.toml", manifest)].into());
            assert_eq!(found.len(), violations, "{manifest}");
        }
    }

    #[test]
    fn browser_types_outside_src_browser_are_found() {
        let fetch = "use web_sys::{AbortController, Window};\nfn f() { web_sys::window(); }";
        assert!(browser_stays_inside(&[("src/browser/http.rs", fetch)].into()).is_empty());
        assert_eq!(browser_stays_inside(&[("src/view/frame.rs", fetch)].into()).len(), 3);
        assert_eq!(browser_stays_inside(&[("src/view/frame.rs", "use web_sys::*;")].into()).len(), 1);
        assert_eq!(browser_stays_inside(&[("src/view/frame.rs", "use web_sys as w;")].into()).len(), 1);
        let elements = "use web_sys::{Element, HtmlIFrameElement, KeyboardEvent};\nfn f(n: &web_sys::Node) {}";
        assert!(browser_stays_inside(&[("src/view/frame.rs", elements)].into()).is_empty());
    }

    #[test]
    fn exports_outside_the_export_file_are_found() {
        let export = "use wasm_bindgen::prelude::*;\n#[wasm_bindgen(js_name = mount)]\npub fn mount() {}";
        assert!(browser_stays_inside(&[(EXPORTS, export)].into()).is_empty());
        for path in ["src/browser/http.rs", "src/internals.rs", "crates/embed-module/src/panics.rs"] {
            assert_eq!(browser_stays_inside(&[(path, export)].into()).len(), 1, "{path}");
        }
        let import =
            "#[wasm_bindgen(module = \"/a.js\")]\nextern \"C\" {\n    #[wasm_bindgen(method)]\n    fn a(it: &A);\n}\n";
        let both = format!("{import}{export}");
        assert!(browser_stays_inside(&[("src/browser/http.rs", import)].into()).is_empty());
        assert_eq!(browser_stays_inside(&[("src/browser/http.rs", both.as_str())].into()).len(), 1);
        let by_path = "#[wasm_bindgen::prelude::wasm_bindgen]\npub fn mount() {}";
        assert_eq!(browser_stays_inside(&[("src/internals.rs", by_path)].into()).len(), 1);
    }
}
