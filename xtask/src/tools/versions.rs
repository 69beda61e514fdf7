//! Version of every tool, each with the environment variable that overrides it. npm's packages are pinned in
//! `npm/package.json` and crates in `Cargo.lock`. The tests below compare the places that must agree.

use std::fmt::Write;

/// A tool and the version it must have.
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    variable: &'static str,
    default: &'static str,
    note: &'static str,
}

impl Tool {
    /// Returns the version to use: from the environment variable if it is set, else the default.
    pub(crate) fn version(&self) -> String {
        std::env::var(self.variable)
            .ok()
            .filter(|version| !version.is_empty())
            .unwrap_or_else(|| self.default.to_owned())
    }
}

/// Bundles the demo page. 0.22 needs a newer compiler.
pub(crate) const TRUNK: Tool =
    Tool { name: "trunk", variable: "CR3D_TRUNK_VERSION", default: "0.21.14", note: "exactly" };

/// Generates a module's JavaScript. Must have the version of the crate `wasm-bindgen` in `Cargo.lock`.
pub(crate) const WASM_BINDGEN: Tool = Tool {
    name: "wasm-bindgen-cli",
    variable: "CR3D_WASM_BINDGEN_VERSION",
    default: "0.2.130",
    note: "exactly; the version of the crate in Cargo.lock",
};

/// Provides `wasm-opt`. Old versions silently break today's modules.
pub(crate) const BINARYEN: Tool = Tool {
    name: "binaryen",
    variable: "CR3D_BINARYEN_VERSION",
    default: "132",
    note: "exactly; the version of the package in npm/package.json",
};

/// Runs the TypeScript tools. The minimum version is that of Vite and current bundlers.
pub(crate) const NODE: Tool =
    Tool { name: "node", variable: "CR3D_NODE_VERSION", default: "20.19", note: "this or newer" };

/// Checks the sandbox against its OpenAPI document. Installed from PyPI.
pub(crate) const SCHEMATHESIS: Tool =
    Tool { name: "schemathesis", variable: "CR3D_SCHEMATHESIS_VERSION", default: "4.32.5", note: "exactly" };

/// Drives Firefox.
pub(crate) const GECKODRIVER: Tool =
    Tool { name: "geckodriver", variable: "CR3D_GECKODRIVER_VERSION", default: "0.36.0", note: "exactly" };

/// Checks the licenses and sources of dependencies.
pub(crate) const CARGO_DENY: Tool =
    Tool { name: "cargo-deny", variable: "CR3D_CARGO_DENY_VERSION", default: "0.20.2", note: "exactly" };

/// Checks spelling. Installed from PyPI, which has it as a binary.
pub(crate) const TYPOS: Tool =
    Tool { name: "typos", variable: "CR3D_TYPOS_VERSION", default: "1.52.0", note: "exactly" };

const ALL: [&Tool; 8] = [&TRUNK, &WASM_BINDGEN, &BINARYEN, &NODE, &SCHEMATHESIS, &GECKODRIVER, &CARGO_DENY, &TYPOS];

/// Formats every tool as a table.
pub(crate) fn table() -> String {
    ALL.iter().fold(String::new(), |mut text, tool| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{:18} {:9} {:27} {}", tool.name, tool.version(), tool.variable, tool.note);
        text
    })
}

/// Returns true if `found`, such as `v20.20.2`, is `wanted` or newer. False when `found` is not a version.
pub(crate) fn at_least(found: &str, wanted: &str) -> bool {
    let numbers = |text: &str| -> Option<Vec<u64>> {
        text.trim().trim_start_matches('v').split('.').map(|part| part.parse().ok()).collect()
    };
    matches!((numbers(found), numbers(wanted)), (Some(found), Some(wanted)) if found >= wanted)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::project::{Project, read};

    fn file(path: &str) -> String {
        read(&Project::find().unwrap().at(path)).unwrap()
    }

    /// The versions of each package in a lock file.
    fn locked(path: &str) -> BTreeMap<String, Vec<String>> {
        let lock: toml::Table = file(path).parse().unwrap();
        let mut versions = BTreeMap::<_, Vec<_>>::new();
        for package in lock["package"].as_array().unwrap() {
            let [name, version] = ["name", "version"].map(|key| package[key].as_str().unwrap().to_owned());
            versions.entry(name).or_default().push(version);
        }
        versions
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(at_least("v20.20.2", "20.19"));
        assert!(at_least("20.19", "20.19"));
        assert!(at_least("100.0.0", "20.19"));
        assert!(!at_least("v18.20.4", "20.19"));
        assert!(!at_least("v20.9.0", "20.19"));
        assert!(!at_least("", "20.19"));
        assert!(!at_least("twenty", "20.19"));
    }

    #[test]
    fn wasm_bindgen_cli_has_the_version_of_the_crate() {
        let locked = locked("Cargo.lock");
        assert_eq!(locked["wasm-bindgen"], [WASM_BINDGEN.default]);
    }

    #[test]
    fn leptos_example_has_the_versions_of_the_workspace() {
        let (ours, theirs) = (locked("Cargo.lock"), locked("examples/leptos-ssr/Cargo.lock"));
        let is_other = |name: &String, version: &String| ours.get(name).is_some_and(|ours| !ours.contains(version));
        let others: Vec<_> = theirs
            .iter()
            .flat_map(|(name, versions)| versions.iter().map(move |version| (name, version)))
            .filter(|(name, version)| is_other(name, version))
            .collect();
        assert!(others.is_empty(), "copy Cargo.lock there and build it: {others:?}");
    }

    #[test]
    fn trunk_npm_and_xtask_pin_the_same_wasm_opt() {
        let package: serde_json::Value = serde_json::from_str(&file("npm/package.json")).unwrap();
        assert_eq!(package["devDependencies"]["binaryen"], format!("{}.0.0", BINARYEN.default));
        let trunk: toml::Table = file("Trunk.toml").parse().unwrap();
        assert_eq!(trunk["tools"]["wasm_opt"].as_str().unwrap(), format!("version_{}", BINARYEN.default));
        assert_eq!(trunk["trunk-version"].as_str().unwrap(), format!("^{}", TRUNK.default));
    }

    #[test]
    fn npm_lock_file_names_no_registry() {
        assert!(!file("npm/package-lock.json").contains("\"resolved\""));
    }
}
