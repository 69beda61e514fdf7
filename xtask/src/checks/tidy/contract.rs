mod read;

use std::collections::BTreeSet;

use super::tree::Tree;
use read::{
    Manifest, after, arms, between, called, class_methods, column, custom_properties, decoded, details,
    documented_fields, documented_pairs, engine_codes, fields, host_codes, host_parts, members, pairs, plain_kinds,
    quoted, rust_fields, settable, shell_parts, table, ticked, until, variants, view_parts, without_prefix,
};

/// Names of one kind, as one source has them.
type Names = BTreeSet<String>;

const INPUTS: &str = "crates/core/src/engine/input.rs";
const ENGINE: &str = "crates/core/src/engine/";
const EVENTS: &str = "crates/core/src/engine/event.rs";
const ENDS: &str = "crates/core/src/engine/end.rs";
const DECODE: &str = "src/browser/decode.rs";
const TYPES: &str = "npm/src/types.ts";
const OPTIONS: &str = "npm/src/options.ts";
const CLASS: &str = "npm/src/verify-element.ts";
const FAKE: &str = "npm/src/testing/fake.ts";
const PLAIN: &str = "npm/src/plain/protocol.ts";
const CSS: &str = "style/component.css";
const MANIFEST: &str = "npm/custom-elements.json";
const ELEMENT: &str = "docs/element.md";
const ERRORS: &str = "docs/errors.md";
const THEMING: &str = "docs/theming.md";

/// What the host keeps to itself or adds: the view knows nothing of it.
const OF_THE_HOST: [&str; 4] = ["sessionId", "clientToken", "wasmUrl", "telemetry"];
/// Fields that the view's events do not have: the host adds one, and the reason of an end brings the other.
const NO_FIELDS_OF_THE_VIEW: [&str; 2] = ["ready → mode", "end → code?"];
/// What the host tells the view besides the options.
const TOLD_BESIDES: [&str; 1] = ["idempotencyKey"];

/// What the element promises its page is said in Rust, in TypeScript, in the manifest and in the documents, and all of
/// them say the same.
pub(crate) fn agrees(tree: &Tree) -> Vec<String> {
    let manifest = Manifest::read(tree.text(MANIFEST));
    [events(tree, &manifest), options(tree, &manifest), looks(tree, &manifest), codes(tree, &manifest)].concat()
}

/// The events and what each brings along.
fn events(tree: &Tree, manifest: &Manifest) -> Vec<String> {
    let (types, rows) = (tree.text(TYPES), table(tree.text(ELEMENT), "## Events"));
    let names = [
        (EVENTS, arms(between(tree.text(EVENTS), "pub fn name(&self)", "\n    }"))),
        (TYPES, members(types, "DetailByName")),
        (MANIFEST, without_prefix(&manifest.names("events"), "cr3d-")),
        (ELEMENT, without_prefix(&column(&rows, 0), "cr3d-")),
    ];
    let of_manifest = manifest.pairs("events", |event| event["type"]["text"].as_str());
    let of_the_view =
        [(EVENTS, rust_fields(tree.text(EVENTS))), (TYPES, without(fields(types), &NO_FIELDS_OF_THE_VIEW))];
    let reasons = [
        (ENDS, variants(between(tree.text(ENDS), "pub enum EndReason {", "\n}\n"))),
        (TYPES, quoted(between(types, "export type EndReason =", ";")).collect()),
        (ELEMENT, ticked(between(tree.text(ELEMENT), "`reason` is ", " when")).map(str::to_owned).collect()),
    ];
    [
        differences("event", &names),
        differences("field that the view tells", &of_the_view),
        differences("reason of an end", &reasons),
        differences("event's detail", &[(TYPES, details(types)), (MANIFEST, of_manifest)]),
        differences("field of an event", &[(TYPES, fields(types)), (ELEMENT, documented_fields(&rows))]),
    ]
    .concat()
}

/// What a page can set and call.
fn options(tree: &Tree, manifest: &Manifest) -> Vec<String> {
    let (types, options, element) = (tree.text(TYPES), tree.text(OPTIONS), tree.text(ELEMENT));
    let rows = table(element, "## Attributes and properties");
    let changing: Vec<_> = rows.iter().filter(|row| row.get(4) == Some(&"any time")).cloned().collect();
    let mutable = members(types, "MutableOptions");
    let all: Names = mutable.union(&members(types, "VerifyOptions")).cloned().collect();
    let attributes = [
        (OPTIONS, pairs(options)),
        (MANIFEST, manifest.pairs("attributes", |attribute| attribute["fieldName"].as_str())),
        (ELEMENT, documented_pairs(&rows)),
    ];
    let properties = [
        (OPTIONS, settable(options)),
        (TYPES, all.clone()),
        (MANIFEST, manifest.properties()),
        (ELEMENT, column(&rows, 1)),
    ];
    let may_change = [
        (TYPES, mutable),
        (OPTIONS, quoted(between(options, "const MUTABLE", ";")).collect()),
        (ELEMENT, column(&changing, 1)),
    ];
    let of_the_view =
        [(DECODE, without(decoded(tree.text(DECODE)), &TOLD_BESIDES)), (TYPES, without(all, &OF_THE_HOST))];
    let methods = [
        (CLASS, class_methods(tree.text(CLASS))),
        (FAKE, quoted(between(tree.text(FAKE), "readonly method:", ";")).collect()),
        (MANIFEST, manifest.methods()),
        (ELEMENT, called(&table(element, "## Methods"))),
    ];
    [
        differences("attribute with its property", &attributes),
        differences("property", &properties),
        differences("option of the view", &of_the_view),
        differences("property that may change at any time", &may_change),
        differences("method", &methods),
    ]
    .concat()
}

/// What a page's style sheet can name.
fn looks(tree: &Tree, manifest: &Manifest) -> Vec<String> {
    let theming = tree.text(THEMING);
    let shell = shell_parts(tree.text("src/browser/shell.rs"));
    let parts = [
        ("src", view_parts(tree).union(&shell).cloned().collect()),
        (MANIFEST, manifest.names("cssParts")),
        (THEMING, column(&table(theming, "## Parts"), 0)),
    ];
    let properties = [
        (CSS, custom_properties(tree)),
        (MANIFEST, manifest.names("cssProperties")),
        (THEMING, column(&table(theming, "## Properties"), 0)),
    ];
    let states = [
        (CLASS, after(tree.text(CLASS), "#setState(\"")),
        (MANIFEST, manifest.names("cssStates")),
        (ELEMENT, until(tree.text(ELEMENT), ":state(", ')')),
    ];
    [
        differences("part of the shell", &[("src/browser/shell.rs", shell), ("npm/src/shell.ts", host_parts(tree))]),
        differences("part", &parts),
        differences("CSS property", &properties),
        differences("state", &states),
    ]
    .concat()
}

/// The error codes, and which of them a Leptos app never hears.
fn codes(tree: &Tree, manifest: &Manifest) -> Vec<String> {
    let rows = table(tree.text(ERRORS), "# Errors");
    let of_element = |row: &&Vec<&str>| row.get(1).is_some_and(|cell| cell.contains("Element only"));
    let only: Vec<_> = rows.iter().filter(of_element).cloned().collect();
    let kinds = arms(between(tree.text(INPUTS), "pub fn code(self)", "\n    }"));
    let in_rust: Names = engine_codes(tree).union(&kinds).cloned().collect();
    let in_host = host_codes(tree);
    let of_host = [("npm/src", in_host.difference(&in_rust).cloned().collect()), (ERRORS, column(&only, 0))];
    let all = [
        ("the sources", in_rust.union(&in_host).cloned().collect()),
        (ERRORS, column(&rows, 0)),
        (MANIFEST, manifest.codes()),
    ];
    [
        differences("code of a failed request", &[(INPUTS, kinds), (PLAIN, plain_kinds(tree.text(PLAIN)))]),
        differences("code that only the element has", &of_host),
        differences("error code", &all),
    ]
    .concat()
}

fn without(names: Names, left_out: &[&str]) -> Names {
    names.into_iter().filter(|name| !left_out.contains(&name.as_str())).collect()
}

/// What is in one of the sources and not in another. One that has nothing at all can no longer be read.
fn differences(what: &str, sources: &[(&str, Names)]) -> Vec<String> {
    let empty = sources.iter().filter(|(_, names)| names.is_empty());
    let mut wrong: Vec<_> = empty.map(|(place, _)| format!("{place}: no {what} is found")).collect();
    for (place, names) in sources.iter().filter(|(_, names)| !names.is_empty()) {
        let mut told = Names::new();
        for (other, theirs) in sources {
            for name in theirs.difference(names).filter(|name| told.insert((*name).clone())) {
                wrong.push(format!("{place}: the {what} `{name}` of {other} is missing"));
            }
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A project with one or two of everything.
    const PROJECT: [(&str, &str); 17] = [
        (
            EVENTS,
            "pub fn name(&self) -> &str {\nSelf::Ready(_) => \"ready\",\nSelf::Error(_) => \"error\",\n    }\n\
             pub struct Ready {\n    pub session_id: String,\n}\n\
             pub struct Error {\n    pub session_id: Option<String>,\n    pub code: String,\n}\n",
        ),
        (
            DECODE,
            "impl FromJs for Options {\n    proxy_url: text(value, \"proxyUrl\")?,\n    key: named(\"idempotencyKey\"),\n\
             headers: field(value, \"headers\"),\n}\nimpl FromJs for Strings {\n    text(value, \"lang\")\n}\n",
        ),
        (INPUTS, "pub fn code(self) -> &str {\nSelf::Network => \"network\",\n    }\nSelf::Tick => \"tick\","),
        (
            ENDS,
            "pub enum EndReason {\n    /// `ERROR`.\n    Failed {\n        code: u8,\n    },\n    Closed,\n}\ncode: format!(\"provider:{code}\"),\ncode: \"other-tab\".to_owned(),",
        ),
        (
            TYPES,
            "export type EndReason = \"failed\" | \"closed\";\n\
             export interface ReadyDetail {\n  /** A UUID: text. */\n  readonly sessionId: string;\n}\n\
             export interface ErrorDetail {\n  readonly sessionId?: string;\n  readonly code: string;\n}\n\
             export interface DetailByName {\n  readonly ready: ReadyDetail;\n  readonly error: ErrorDetail;\n}\n\
             export interface MutableOptions {\n  lang?: string;\n}\n\
             export interface VerifyOptions extends MutableOptions {\n  proxyUrl?: string;\n  headers?: Headers;\n}\n",
        ),
        (
            OPTIONS,
            "export const ATTRIBUTES = {\n  \"proxy-url\": \"proxyUrl\",\n  lang: \"lang\",\n} as const;\n\
             export const PROPERTIES = [\n  ...all.filter((option) => option !== \"lang\"),\n  \"headers\",\n] as const;\n\
             const MUTABLE: readonly string[] = [\"lang\"];",
        ),
        (
            CLASS,
            "  open(): void {\n  close(): void {\n  connectedCallback(): void {\n  #call(x: 1): void {\nthis.#setState(\"running\");\nthis.#setState(undefined);\nemit({ code: \"bad-options\" });",
        ),
        (FAKE, "  readonly method: \"open\" | \"close\";\n  code: \"no such code\""),
        (PLAIN, "export type FailureKind =\n  | \"network\";\n"),
        ("npm/src/plain/live.ts", "code: `provider:${end.code}`"),
        ("npm/src/shell.ts", "this.dialog.setAttribute(\"part\", \"dialog\");"),
        ("src/browser/shell.rs", "dialog.set_attribute(\"part\", \"dialog\").ok()?;"),
        ("src/view/bar.rs", "<div part=\"bar\"><p style:--cr3d-progress=move || 1></p></div>"),
        (CSS, "a { color: var(--cr3d-text, red); translate: var(--cr3d-progress, 0%) }"),
        (
            ERRORS,
            "# Errors\n\n| code | means |\n|---|---|\n| `network` | |\n| `other-tab` | |\n| `provider:CODE` | |\n\
            | `bad-options` | Element only. |\n",
        ),
        (
            THEMING,
            "## Properties\n\n| p | d |\n|---|---|\n| `--cr3d-text` | `red` |\n\n## Parts\n\n| p | d |\n|---|---|\n\
            | `bar` | |\n| `dialog` | |\n",
        ),
        (
            ELEMENT,
            "## Attributes and properties\n\n| a | p | v | d | may change |\n|---|---|---|---|---|\n\
             | `proxy-url` | `proxyUrl` | | | at the start |\n| `lang` | `lang` | | | any time |\n\
             | | `headers` | | | at the start |\n\n## Methods\n\n| m |\n|---|\n| `open()` |\n| `close()` |\n\n\
             ## Events\n\n| e | d |\n|---|---|\n| `cr3d-ready` | `sessionId` |\n| `cr3d-error` | `sessionId?`, `code` |\n\n\
             `reason` is `failed`, or `closed` when\n\n## State\n\n`:state(running)`\n",
        ),
    ];

    const CUSTOM_ELEMENTS: &str = r#"{ "modules": [{ "declarations": [{ "kind": "function" }, { "customElement": true,
        "attributes": [{ "name": "proxy-url", "fieldName": "proxyUrl" }, { "name": "lang", "fieldName": "lang" }],
        "members": [{ "kind": "field", "name": "proxyUrl" }, { "kind": "field", "name": "lang" },
            { "kind": "field", "name": "headers" }, { "kind": "field", "name": "state", "readonly": true },
            { "kind": "method", "name": "open" }, { "kind": "method", "name": "close" }],
        "events": [{ "name": "cr3d-ready", "type": { "text": "CustomEvent<ReadyDetail>" } },
            { "name": "cr3d-error", "type": { "text": "CustomEvent<ErrorDetail>" },
              "description": "Not `cr3d-end`. Codes: `network`, `other-tab`, `provider:CODE`, `bad-options`." }],
        "cssProperties": [{ "name": "--cr3d-text" }], "cssParts": [{ "name": "bar" }, { "name": "dialog" }],
        "cssStates": [{ "name": "running" }] }] }] }"#;

    /// What is wrong when `before` reads `after` in one file.
    fn wrong_with(path: &str, before: &str, after: &str) -> Vec<String> {
        let (mut files, mut changed) = (PROJECT.to_vec(), String::new());
        files.push((MANIFEST, CUSTOM_ELEMENTS));
        for (_, text) in files.iter_mut().filter(|(name, _)| *name == path) {
            assert!(text.contains(before), "{path}: {before}");
            changed = text.replacen(before, after, 1);
            *text = "";
        }
        let files: [(&str, &str); 18] = files.try_into().unwrap();
        agrees(&files.map(|(name, text)| (name, if name == path { changed.as_str() } else { text })).into())
    }

    #[test]
    fn a_project_that_says_the_same_everywhere_passes() {
        assert_eq!(wrong_with(ERRORS, "# Errors", "# Errors"), Vec::<String>::new());
    }

    #[test]
    fn whatever_one_side_changes_alone_is_found() {
        for (path, before, after, found) in [
            (EVENTS, "\"ready\"", "\"begun\"", "event `begun`"),
            (EVENTS, "pub code: String", "pub number: u8", "field that the view tells `error → number`"),
            (DECODE, "\"headers\"", "\"heads\"", "option of the view `heads`"),
            (CLASS, "  close(): void", "  end(now: boolean): void", "method `end`"),
            (TYPES, "readonly error: ErrorDetail", "readonly error: ReadyDetail", "detail `cr3d-error → CustomEvent<R"),
            (TYPES, "readonly code: string", "readonly code?: string", "field of an event `error → code?`"),
            (OPTIONS, "\"proxy-url\"", "\"proxy\"", "attribute with its property `proxy → proxyUrl`"),
            (OPTIONS, "  \"headers\",\n", "  \"headers\",\n  \"more\",\n", "property `more`"),
            (TYPES, "lang?: string", "lang?: string;\n  mode?: string", "any time `mode`"),
            (ELEMENT, "at the start", "any time", "property that may change at any time `proxyUrl`"),
            (FAKE, "| \"close\"", "| \"closed\"", "method `closed`"),
            ("npm/src/shell.ts", "\"dialog\"", "\"card\"", "part of the shell `card`"),
            ("src/view/bar.rs", "part=\"bar\"", "part=\"track\"", "part `track`"),
            (CSS, "--cr3d-text", "--cr3d-ink", "CSS property `--cr3d-ink`"),
            (CLASS, "\"running\"", "\"busy\"", "state `busy`"),
            (INPUTS, "\"network\"", "\"offline\"", "code of a failed request `offline`"),
            (ENDS, "    Closed", "    Shut", "reason of an end `shut`"),
            (ENDS, "\"other-tab\"", "\"elsewhere\"", "error code `elsewhere`"),
            (CLASS, "\"bad-options\"", "\"bad-option\"", "code that only the element has `bad-option`"),
            (ERRORS, "`provider:CODE`", "`provider`", "error code `provider:CODE`"),
            (MANIFEST, "{ \"name\": \"bar\" }, ", "", "part `bar`"),
            (THEMING, "| `dialog` | |\n", "", "part `dialog`"),
        ] {
            let wrong = wrong_with(path, before, after);
            assert!(wrong.iter().any(|one| one.contains(found)), "{path}: {after}: {wrong:#?}");
        }
    }

    #[test]
    fn a_source_that_can_no_longer_be_read_is_found() {
        let wrong = wrong_with(ELEMENT, "## Events", "## What is told");
        assert!(wrong.contains(&"docs/element.md: no event is found".to_owned()), "{wrong:?}");
        let wrong = wrong_with(MANIFEST, "\"customElement\": true", "\"customElement\": maybe");
        assert!(wrong.contains(&"npm/custom-elements.json: no part is found".to_owned()), "{wrong:?}");
    }

    #[test]
    fn one_sentence_tells_who_lacks_what() {
        let wrong = wrong_with(THEMING, "| `dialog` | |\n", "");
        assert_eq!(wrong, ["docs/theming.md: the part `dialog` of src is missing"]);
    }
}
