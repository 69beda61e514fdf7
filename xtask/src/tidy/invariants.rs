use super::code::{code, words};
use super::tree::Tree;

/// Crates that provide a clock, a network, randomness, a browser or a view.
const IMPURE_CRATES: [&str; 13] = [
    "tokio",
    "rand",
    "getrandom",
    "fastrand",
    "uuid",
    "reqwest",
    "web_sys",
    "js_sys",
    "wasm_bindgen",
    "gloo_net",
    "leptos",
    "chrono",
    "jiff",
];

/// Names in the standard library that provide the same.
const IMPURE_NAMES: [&str; 8] =
    ["Instant", "SystemTime", "TcpStream", "TcpListener", "UdpSocket", "RandomState", "thread", "process"];

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

/// Invariant 1: the core receives the time and a random seed from its caller.
pub(crate) fn core_is_pure(tree: &Tree) -> Vec<String> {
    let mut wrong = Vec::new();
    let manifest: toml::Table = tree.text("crates/core/Cargo.toml").parse().unwrap_or_default();
    for name in manifest.get("dependencies").and_then(toml::Value::as_table).into_iter().flat_map(toml::Table::keys) {
        if IMPURE_CRATES.contains(&name.replace('-', "_").as_str()) {
            wrong.push(format!("crates/core/Cargo.toml: depends on {name}"));
        }
    }
    for (path, text) in tree.files("crates/core/src/", &[".rs"]) {
        // Unit tests may compare with other crates: tests are not built into the core.
        let own = code(text);
        let own = own.split("#[cfg(test)]").next().unwrap_or_default();
        for name in words(own).filter(|word| IMPURE_CRATES.contains(word) || IMPURE_NAMES.contains(word)) {
            wrong.push(format!("{path}: names {name}"));
        }
        if own.contains("std::net") {
            wrong.push(format!("{path}: names std::net"));
        }
    }
    wrong
}

/// The only file with exports. It is in a separate crate, so that an app that depends on the library has none of them.
const EXPORTS: &str = "crates/embed-module/src/export.rs";

/// Invariant 2: outside src/browser, code names only element types of the browser, and everything that JavaScript can
/// call is in one file. The demo page's program is not part of the component.
pub(crate) fn browser_stays_inside(tree: &Tree) -> Vec<String> {
    let mut wrong = Vec::new();
    let library = tree.files("src/", &[".rs"]).filter(|(path, _)| !path.starts_with("src/bin/"));
    for (path, text) in library.chain(tree.files("crates/embed-module/src/", &[".rs"])) {
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
    let attributes = code.split("#[").skip(1).filter_map(|rest| rest.split([']', '(']).next());
    attributes.filter_map(|path| words(path).last()).any(|name| name == "wasm_bindgen")
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
    fn pure_core_passes() {
        let source = "//! Not `std::time::Instant`.\nuse serde::Serialize;\npub fn f(now: u64) {}\n\
            #[cfg(test)]\nmod tests { use jiff::Timestamp; }";
        let tree = [("crates/core/src/lib.rs", source), ("crates/core/Cargo.toml", "[dependencies]\nserde = \"1\"")];
        assert!(core_is_pure(&tree.into()).is_empty());
    }

    #[test]
    fn clock_network_and_randomness_in_the_core_are_found() {
        for source in [
            "use std::time::{Duration, Instant};",
            "fn f() { std::time::SystemTime::now(); }",
            "use std::net::IpAddr;",
            "fn f() { tokio::spawn(g()); }",
            "fn f() -> u8 { rand::random() }",
        ] {
            assert_eq!(core_is_pure(&[("crates/core/src/engine/ask.rs", source)].into()).len(), 1, "{source}");
        }
        let manifest = "[dependencies]\ngetrandom = \"0.4\"";
        assert_eq!(core_is_pure(&[("crates/core/Cargo.toml", manifest)].into()).len(), 1);
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
        let by_path = "#[wasm_bindgen::prelude::wasm_bindgen]\npub fn mount() {}";
        assert_eq!(browser_stays_inside(&[("src/internals.rs", by_path)].into()).len(), 1);
    }
}
