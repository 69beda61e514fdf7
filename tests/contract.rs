//! The element's contract with its page, in `tests/fixtures/element-contract.json`, agrees with the Rust sources and the
//! documents. `npm/test/contract.test.ts` compares it with the TypeScript sources and the generated manifest. The proxy's
//! contract with browsers agrees with its document.
#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs, reason = "test names describe the tests")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cr3dentials_embed::core::contract::{
    CONTRACT_HEADER, ErrorCode, IDEMPOTENCY_HEADER, REQUEST_ID_HEADER, TOKEN_HEADER,
};
use cr3dentials_embed::core::engine::event::{
    Action, Complete, End, Error, Event, Expiring, Partial, Progress, Ready, Status,
};
use cr3dentials_embed::core::engine::{EndReason, FailureKind, Problem, Step};
use cr3dentials_embed::core::wire::SessionStatus;
use serde_json::Value;

type Names = BTreeSet<String>;

/// Fields that the view's events do not have: the host adds `mode`, and the reason of an end includes its `code`.
const HOST_FIELDS: [&str; 2] = ["ready mode", "end code?"];

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn read(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Returns the text of all Rust files in a folder, without their unit tests.
fn sources(folder: &str) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(path(folder)).unwrap() {
        let file = entry.unwrap().path();
        let name = format!("{folder}/{}", file.file_name().unwrap().to_string_lossy());
        if file.is_dir() {
            text += &sources(&name);
        } else if name.ends_with(".rs") && !name.ends_with("tests.rs") {
            text += read(&name).split("#[cfg(test)]").next().unwrap();
        }
    }
    text
}

fn contract() -> Value {
    serde_json::from_str(&read("tests/fixtures/element-contract.json")).unwrap()
}

/// Returns the texts of a list.
fn names(list: &Value) -> Names {
    list.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

/// Returns each key of an object of lists with each text of its list, separated by a space.
fn pairs(lists: &Value) -> Names {
    let of_list =
        |(key, list): (&String, &Value)| names(list).into_iter().map(|name| format!("{key} {name}")).collect();
    lists.as_object().unwrap().iter().flat_map(|entry| -> Vec<String> { of_list(entry) }).collect()
}

/// Returns the texts between `start` and the next `end`.
fn between(text: &str, start: &str, end: char) -> Names {
    text.split(start).skip(1).filter_map(|rest| rest.split(end).next()).map(str::to_owned).collect()
}

/// Returns the cells of the first table below a heading, without its head.
fn table<'a>(document: &'a str, heading: &str) -> Vec<Vec<&'a str>> {
    let below = document.split_once(&format!("{heading}\n")).expect("the heading exists").1;
    let lines = below.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    lines.skip(2).map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

/// Returns the texts in backticks.
fn code(text: &str) -> impl Iterator<Item = String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned)
}

/// Returns the first text in backticks of each row's cell in a column.
fn column(rows: &[Vec<&str>], at: usize) -> Names {
    rows.iter().filter_map(|row| code(row[at]).next()).collect()
}

/// Returns an event of each kind, with all optional fields or without them.
fn events(full: bool) -> [Event; 9] {
    let id = || "s1".to_owned();
    let optional = || full.then(id);
    [
        Event::Ready(Ready { session_id: id(), resumed: true }),
        Event::Status(Status { session_id: id(), status: SessionStatus::Ready, step: Step::Connect }),
        Event::Progress(Progress { session_id: id(), progress: 1 }),
        Event::Action(Action { session_id: id() }),
        Event::Expiring(Expiring { session_id: id(), minutes: 1 }),
        Event::Complete(Complete { session_id: id(), has_attestation: true }),
        Event::Partial(Partial { session_id: id(), has_attestation: true }),
        Event::Error(Error { session_id: optional(), code: id(), message: id(), retrying: true }),
        Event::End(End { session_id: optional(), reason: EndReason::Closed, confirmed: true }),
    ]
}

#[test]
fn events_of_the_engine_have_the_fields_of_the_contract() {
    let fields = |event: &Event| -> Names {
        let json = serde_json::to_value(event).unwrap();
        json[event.name()].as_object().unwrap().keys().cloned().collect()
    };
    // A new event does not compile here until it is in the list above.
    let name = |event: &Event| match event {
        Event::Ready(_) | Event::Status(_) | Event::Progress(_) | Event::Action(_) | Event::Expiring(_) => event.name(),
        Event::Complete(_) | Event::Partial(_) | Event::Error(_) | Event::End(_) => event.name(),
    };
    let mut found = Names::new();
    for (full, bare) in events(true).iter().zip(&events(false)) {
        let required = fields(bare);
        let mark = |field: &String| if required.contains(field) { "" } else { "?" };
        found.extend(fields(full).iter().map(|field| format!("{} {field}{}", name(full), mark(field))));
    }
    let mut expected = pairs(&contract()["events"]);
    expected.retain(|field| !HOST_FIELDS.contains(&field.as_str()));
    assert_eq!(found, expected);
}

#[test]
fn end_reasons_of_the_engine_are_those_of_the_contract() {
    use EndReason::{Cancelled, Closed, Completed, Expired, Failed, Partial, Terminated};
    let all = [Completed, Partial, Failed { code: None }, Cancelled, Expired, Terminated, Closed];
    // A new reason does not compile here until it is in the list above.
    let name = |reason: &EndReason| match reason {
        Completed | Partial | Failed { .. } | Cancelled | Expired | Terminated | Closed => reason.as_str().to_owned(),
    };
    assert_eq!(all.iter().map(name).collect::<Names>(), names(&contract()["endReasons"]));
}

#[test]
fn error_codes_of_the_engine_are_those_of_the_contract() {
    use FailureKind::{
        BadResponse, ContractVersion, Forbidden, Intermediary, KeySpent, Network, NotFound, OtherUser, RateLimited,
        Refused, Server,
    };
    // A new kind does not compile here until it is in the list above.
    let code = |kind: &FailureKind| match kind {
        Network | Forbidden | OtherUser | KeySpent | NotFound | RateLimited | Refused | Server | BadResponse
        | Intermediary | ContractVersion => kind.code().to_owned(),
    };
    let request: Names = FailureKind::ALL.iter().map(code).collect();
    let codes = &contract()["errorCodes"];
    assert_eq!(request, names(&codes["request"]));

    let all = [
        Problem::BadOptions(""),
        Problem::OtherTab,
        Problem::FrameBlocked,
        Problem::UsedEmbedUrl,
        Problem::Provider("CODE".to_owned()),
    ];
    // A new problem does not compile here until it is in the list above.
    let code = |problem: &Problem| match problem {
        Problem::Request(_) | Problem::BadOptions(_) | Problem::OtherTab | Problem::FrameBlocked => problem.code(),
        Problem::UsedEmbedUrl | Problem::Provider(_) => problem.code(),
    };
    let found: Names = all.iter().map(|problem| code(problem).into_owned()).collect();
    let verification = &found - &request;
    assert_eq!(verification, names(&codes["verification"]));
}

#[test]
fn view_reads_the_options_of_the_contract() {
    let decoder = read("src/browser/decode.rs");
    let body = |of: &str| {
        let start = decoder.split_once(&format!("impl FromJs for {of} {{")).expect("the decoder exists").1;
        let body = start.split_once("\n}\n").unwrap().0;
        body.split('"').skip(1).step_by(2).map(str::to_owned).collect::<Names>()
    };
    let found = &(&body("Options") | &body("Strings")) | &body("PartnerClient");
    let contract = contract();
    let mut expected = names(&contract["propertiesWithoutAttribute"]);
    expected.extend(contract["attributes"].as_object().unwrap().values().map(|name| name.as_str().unwrap().to_owned()));
    let mut expected = &expected - &names(&contract["hostProperties"]);
    // The host passes this to the view in addition to the options.
    expected.insert("idempotencyKey".to_owned());
    assert_eq!(found, expected);
}

#[test]
fn view_has_the_parts_and_properties_of_the_contract() {
    let (view, shell) = (sources("src/view"), read("src/browser/shell/shell.js"));
    let mut parts = between(&view, "part=\"", '"');
    for call in view.split("named_paragraph(").skip(1) {
        parts.extend(between(call.split(')').next().unwrap(), "Some(\"", '"'));
    }
    // A tag, a class and a part.
    for line in shell.lines().filter(|line| line.contains("append(")) {
        parts.extend(line.split('"').nth(5).map(str::to_owned));
    }
    assert_eq!(parts, names(&contract()["parts"]));

    // Without the properties that the view itself sets for the style sheet.
    let set = between(&sources("src"), "style:", '=');
    let style = read("style/component.css");
    let used = style.split("var(").skip(1).filter_map(|rest| rest.split([',', ')']).next()).map(str::trim);
    let used: Names = used.filter(|name| name.starts_with("--cr3d-")).map(str::to_owned).collect();
    assert_eq!(&used - &set, names(&contract()["cssProperties"]));
}

#[test]
fn element_document_describes_the_contract() {
    let (document, contract) = (read("docs/element.md"), contract());

    let options = table(&document, "## Attributes and properties");
    let attributes = options.iter().filter_map(|row| Some((code(row[0]).next()?, code(row[1]).next()?)));
    let expected = contract["attributes"].as_object().unwrap().iter();
    let expected: BTreeSet<_> =
        expected.map(|(name, property)| (name.clone(), property.as_str().unwrap().to_owned())).collect();
    assert_eq!(attributes.collect::<BTreeSet<_>>(), expected);
    let others: Vec<_> = options.iter().filter(|row| row[0].is_empty()).cloned().collect();
    assert_eq!(column(&others, 1), names(&contract["propertiesWithoutAttribute"]));
    let mutable: Vec<_> = options.iter().filter(|row| row[4] == "any time").cloned().collect();
    assert_eq!(column(&mutable, 1), names(&contract["mutableProperties"]));

    let methods = column(&table(&document, "## Methods"), 0);
    let methods: Names = methods.iter().map(|call| call.split('(').next().unwrap().to_owned()).collect();
    assert_eq!(methods, names(&contract["methods"]));

    let mut fields = Names::new();
    for row in table(&document, "## Events") {
        let event = code(row[0]).next().unwrap();
        fields.extend(code(row[1]).map(|field| format!("{} {field}", event.strip_prefix("cr3d-").unwrap())));
    }
    assert_eq!(fields, pairs(&contract["events"]));

    let reasons = document.split_once("`reason` is ").unwrap().1.split(" when").next().unwrap();
    assert_eq!(code(reasons).collect::<Names>(), names(&contract["endReasons"]));
    assert_eq!(between(&document, ":state(", ')'), names(&contract["states"]));
}

#[test]
fn errors_document_describes_the_contract() {
    let document = read("docs/errors.md");
    let rows = table(&document, "# Errors");
    let (element, all): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row[1].contains("Element only"));
    let codes = &contract()["errorCodes"];
    assert_eq!(column(&element, 0), names(&codes["element"]));
    assert_eq!(column(&all, 0), &names(&codes["request"]) | &names(&codes["verification"]));
}

#[test]
fn theming_document_describes_the_contract() {
    let document = read("docs/theming.md");
    assert_eq!(column(&table(&document, "## Parts"), 0), names(&contract()["parts"]));
    assert_eq!(column(&table(&document, "## Properties"), 0), names(&contract()["cssProperties"]));
}

#[test]
fn proxy_document_describes_codes_and_headers() {
    let document = read("docs/contract.md");
    let headers = [CONTRACT_HEADER, TOKEN_HEADER, IDEMPOTENCY_HEADER, REQUEST_ID_HEADER];
    for name in ErrorCode::ALL.iter().map(|code| code.as_str()).chain(headers) {
        assert!(document.contains(&format!("`{name}`")), "docs/contract.md: `{name}` is not explained");
    }
}
