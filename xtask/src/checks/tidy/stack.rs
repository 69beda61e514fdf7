use super::code::{code, words};
use super::tree::Tree;

/// Packages that we chose to build the component on.
const STACK: [&str; 6] = ["leptos", "wasm-bindgen", "web-sys", "gloo-net", "serde", "serde-wasm-bindgen"];

/// Checks that the root package depends on these packages and uses each of them.
pub(crate) fn used(tree: &Tree) -> Vec<String> {
    let manifest: toml::Table = tree.text("Cargo.toml").parse().unwrap_or_default();
    let depends = |name: &str| manifest.get("dependencies").and_then(|table| table.get(name)).is_some();
    let sources: Vec<String> = tree.files("src/", &[".rs"]).map(|(_, text)| code(text)).collect();
    let uses = |name: &str| sources.iter().any(|source| words(source).any(|word| word == name.replace('-', "_")));
    let mut wrong = Vec::new();
    for name in STACK {
        if !depends(name) {
            wrong.push(format!("Cargo.toml: {name} is not a dependency"));
        } else if !uses(name) {
            wrong.push(format!("src: nothing uses the dependency {name}"));
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "[dependencies]\nleptos = \"0.8\"\nwasm-bindgen = \"=0.2\"\ngloo-net = \"0.6\"\nserde = \"1\"\n\
        serde-wasm-bindgen = \"0.6\"\n[dependencies.web-sys]\nversion = \"0.3\"\n";
    const SOURCE: &str = "use leptos::prelude::*; use wasm_bindgen::JsValue; use web_sys::Element; use serde::Serialize;\n\
        fn f() { gloo_net::http::Request::get(\"/\"); serde_wasm_bindgen::to_value(&1); }";

    #[test]
    fn complete_stack_passes() {
        assert!(used(&[("Cargo.toml", MANIFEST), ("src/lib.rs", SOURCE)].into()).is_empty());
    }

    #[test]
    fn missing_or_merely_mentioned_dependency_is_found() {
        let without = MANIFEST.replace("gloo-net = \"0.6\"\n", "");
        assert_eq!(used(&[("Cargo.toml", without.as_str()), ("src/lib.rs", SOURCE)].into()).len(), 1);
        let mentioned = SOURCE.replace("gloo_net::http::Request::get(\"/\");", "/* gloo_net */");
        let wrong = used(&[("Cargo.toml", MANIFEST), ("src/lib.rs", mentioned.as_str())].into());
        assert_eq!(wrong, ["src: nothing uses the dependency gloo-net"]);
    }
}
