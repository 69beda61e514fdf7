//! How each source says what it says: as much of its language as these checks need.

use serde_json::Value;

use super::super::tree::Tree;
use super::{CSS, ENGINE, Names};

/// The element's class in the manifest.
pub(super) struct Manifest(Value);

impl Manifest {
    pub(super) fn read(text: &str) -> Self {
        let whole: Value = serde_json::from_str(text).unwrap_or_default();
        let modules = whole["modules"].as_array().into_iter().flatten();
        let mut classes = modules.flat_map(|module| module["declarations"].as_array().into_iter().flatten());
        Self(classes.find(|class| class["customElement"] == true).cloned().unwrap_or_default())
    }

    fn items(&self, list: &str) -> impl Iterator<Item = &Value> {
        self.0[list].as_array().into_iter().flatten()
    }

    pub(super) fn names(&self, list: &str) -> Names {
        self.items(list).filter_map(|item| item["name"].as_str()).map(str::to_owned).collect()
    }

    pub(super) fn pairs(&self, list: &str, second: impl Fn(&Value) -> Option<&str>) -> Names {
        self.items(list)
            .map(|item| pair(item["name"].as_str().unwrap_or_default(), second(item).unwrap_or("?")))
            .collect()
    }

    fn members(&self, kind: &str) -> impl Iterator<Item = &Value> {
        self.items("members").filter(move |member| member["kind"] == kind)
    }

    /// The fields that can be set.
    pub(super) fn properties(&self) -> Names {
        let settable = self.members("field").filter(|field| field["readonly"] != true && field["static"] != true);
        settable.filter_map(|field| field["name"].as_str()).map(str::to_owned).collect()
    }

    pub(super) fn methods(&self) -> Names {
        self.members("method").filter_map(|method| method["name"].as_str()).map(str::to_owned).collect()
    }

    /// The codes that the description of the error event names, behind its colon.
    pub(super) fn codes(&self) -> Names {
        let error = self.items("events").find(|event| event["name"] == "cr3d-error");
        let text = error.and_then(|event| event["description"].as_str()).unwrap_or_default();
        ticked(text.split_once(": ").map_or("", |(_, codes)| codes)).map(str::to_owned).collect()
    }
}

/// The rows of the first table below a heading, without its head: their cells.
pub(super) fn table<'a>(document: &'a str, heading: &str) -> Vec<Vec<&'a str>> {
    let mark = format!("{heading}\n");
    let below = document.split_once(mark.as_str()).map_or("", |(_, below)| below);
    let lines = below.split("\n## ").next().unwrap_or_default().lines().skip_while(|line| !line.starts_with('|'));
    let rows = lines.take_while(|line| line.starts_with('|')).skip(2);
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

pub(super) fn column(rows: &[Vec<&str>], at: usize) -> Names {
    rows.iter().filter_map(|row| ticked(row.get(at)?).next()).map(str::to_owned).collect()
}

pub(super) fn documented_pairs(rows: &[Vec<&str>]) -> Names {
    let cell = |row: &[&str], at: usize| row.get(at).and_then(|cell| ticked(cell).next().map(str::to_owned));
    rows.iter().filter_map(|row| Some(pair(&cell(row, 0)?, &cell(row, 1)?))).collect()
}

pub(super) fn documented_fields(rows: &[Vec<&str>]) -> Names {
    let of = |row: &Vec<&str>| {
        let name = ticked(row.first()?).next()?.strip_prefix("cr3d-")?.to_owned();
        Some(ticked(row.get(1)?).map(move |field| pair(&name, field)).collect::<Vec<_>>())
    };
    rows.iter().filter_map(of).flatten().collect()
}

/// The methods of a table of calls.
pub(super) fn called(rows: &[Vec<&str>]) -> Names {
    column(rows, 0).iter().filter_map(|call| call.split('(').next()).map(str::to_owned).collect()
}

/// The attributes of options.ts with their properties.
pub(super) fn pairs(source: &str) -> Names {
    let lines = between(source, "export const ATTRIBUTES = {", "\n}").lines();
    let entries = lines.filter_map(|line| line.split_once(": "));
    entries.map(|(name, option)| pair(name.trim().trim_matches('"'), option.trim_matches(['"', ',']))).collect()
}

/// What can be set: every attribute's property, and those of no attribute, one a line in the list of properties.
pub(super) fn settable(source: &str) -> Names {
    let listed = between(source, "export const PROPERTIES = [", "\n]").lines();
    let own = listed.filter(|line| line.trim_start().starts_with('"')).flat_map(quoted);
    let of_attributes = pairs(source).into_iter().filter_map(|pair| Some(pair.split_once(" → ")?.1.to_owned()));
    of_attributes.chain(own).collect()
}

/// An interface's members with their types, `?` included where they may be absent.
pub(super) fn typed_members<'a>(
    source: &'a str,
    interface: &str,
) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
    let mark = format!("export interface {interface} ");
    let body = between(source, &mark, "\n}");
    let lines =
        body.lines().filter_map(|line| line.strip_prefix("  ")).map(|line| line.trim_start_matches("readonly "));
    let members = lines.filter(|line| line.starts_with(|first: char| first.is_ascii_lowercase()));
    members.filter_map(|line| line.split_once(": ")).map(|(name, kind)| (name, kind.trim_end_matches(';')))
}

pub(super) fn members(source: &str, interface: &str) -> Names {
    typed_members(source, interface).map(|(name, _)| name.trim_end_matches('?').to_owned()).collect()
}

/// Each event with its detail, as the manifest writes it.
pub(super) fn details(types: &str) -> Names {
    let events = typed_members(types, "DetailByName");
    events.map(|(name, detail)| pair(&format!("cr3d-{name}"), &format!("CustomEvent<{detail}>"))).collect()
}

/// Each event with each field of its detail.
pub(super) fn fields(types: &str) -> Names {
    let events = typed_members(types, "DetailByName");
    events.flat_map(|(name, detail)| typed_members(types, detail).map(move |(field, _)| pair(name, field))).collect()
}

/// The same in Rust: the fields of the struct that an event is named after, as they are called in JavaScript.
pub(super) fn rust_fields(source: &str) -> Names {
    let structs = source.split("pub struct ").skip(1).filter_map(|rest| rest.split_once(" {"));
    structs
        .flat_map(|(name, body)| {
            let fields = body.split("\n}").next().unwrap_or_default().lines();
            let named = fields.filter_map(|line| line.trim().strip_prefix("pub ")?.split_once(": "));
            named.map(move |(field, kind)| {
                let optional = if kind.starts_with("Option<") { "?" } else { "" };
                pair(&name.to_lowercase(), &format!("{}{optional}", camel(field)))
            })
        })
        .collect()
}

/// The options that the view reads: the texts of the decoder, and of what it hands on to.
pub(super) fn decoded(source: &str) -> Names {
    let body = |of: &str| quoted(between(source, &format!("impl FromJs for {of} {{"), "\n}\n")).collect::<Names>();
    body("Options").union(&body("Strings")).cloned().collect()
}

/// The methods of the element's class that a page can call.
pub(super) fn class_methods(source: &str) -> Names {
    let declared = source.lines().filter_map(|line| line.strip_prefix("  ")?.split_once('('));
    let names = declared.map(|(name, _)| name).filter(|name| name.bytes().all(|byte| byte.is_ascii_alphabetic()));
    names.filter(|name| !name.ends_with("Callback") && *name != "constructor").map(str::to_owned).collect()
}

/// The variants of an enum, as they are called in JavaScript.
pub(super) fn variants(body: &str) -> Names {
    let lines = body.lines().filter_map(|line| line.strip_prefix("    "));
    let named = lines.filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase()));
    named.filter_map(|line| line.split([' ', ',', '(']).next()).map(str::to_lowercase).collect()
}

fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let (initial, rest) = word.split_at(word.len().min(1));
        name + &initial.to_uppercase() + rest
    })
}

/// The codes that are written in the engine, beside those of failed requests.
pub(super) fn engine_codes(tree: &Tree) -> Names {
    let sources = tree.files(ENGINE, &[".rs"]).map(|(_, text)| text.split("#[cfg(test)]").next().unwrap_or_default());
    sources.flat_map(|text| after(text, "code: \"").into_iter().chain(provider(text, "\"provider:{code}\""))).collect()
}

/// The codes that are written in the host. The fake says what a test tells it.
pub(super) fn host_codes(tree: &Tree) -> Names {
    let host = tree.files("npm/src/", &[".ts"]).filter(|(path, _)| !path.starts_with("npm/src/testing"));
    let marks = ["code: \"", "#report(\"", "#emitError(\""];
    let codes = |text: &str| marks.into_iter().flat_map(|mark| after(text, mark)).collect::<Names>();
    host.flat_map(|(_, text)| codes(text).into_iter().chain(provider(text, "`provider:${"))).collect()
}

pub(super) fn provider(text: &str, mark: &str) -> Option<String> {
    text.contains(mark).then(|| "provider:CODE".to_owned())
}

pub(super) fn plain_kinds(source: &str) -> Names {
    quoted(between(source, "export type FailureKind =", ";")).collect()
}

pub(super) fn shell_parts(source: &str) -> Names {
    after(source, "set_attribute(\"part\", \"").into_iter().chain(after(source, "Some(\"")).collect()
}

pub(super) fn host_parts(tree: &Tree) -> Names {
    after(tree.text("npm/src/shell.ts"), "setAttribute(\"part\", \"")
}

/// As an attribute, or as the optional name of `named_paragraph`.
pub(super) fn view_parts(tree: &Tree) -> Names {
    let named = |text: &str| text.split("named_paragraph(").skip(1).flat_map(|call| after(call, "Some(\"")).collect();
    tree.files("src/view/", &[".rs"])
        .flat_map(|(_, text)| {
            let named: Names = named(text);
            after(text, "part=\"").into_iter().chain(named)
        })
        .collect()
}

/// What a page may set: not what the view itself sets for its style sheet.
pub(super) fn custom_properties(tree: &Tree) -> Names {
    let view = tree.files("src/", &[".rs"]).flat_map(|(_, text)| until(text, "style:", '='));
    let ours: Names = view.collect();
    let used = tree.text(CSS).split("var(--cr3d-").skip(1).filter_map(|rest| rest.split([',', ')']).next());
    used.map(|name| format!("--cr3d-{}", name.trim())).filter(|name| !ours.contains(name)).collect()
}

pub(super) fn without_prefix(names: &Names, prefix: &str) -> Names {
    names.iter().map(|name| name.strip_prefix(prefix).unwrap_or(name).to_owned()).collect()
}

pub(super) fn pair(first: &str, second: &str) -> String {
    format!("{first} → {second}")
}

/// What stands between two marks; nothing where one is missing.
pub(super) fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let below = text.split_once(start).map_or("", |(_, below)| below);
    below.split_once(end).map_or("", |(inside, _)| inside)
}

/// The names that a match answers.
pub(super) fn arms(text: &str) -> Names {
    after(text, "=> \"")
}

/// What stands behind each mark, up to the closing quote.
pub(super) fn after(text: &str, mark: &str) -> Names {
    until(text, mark, '"')
}

pub(super) fn until(text: &str, mark: &str, end: char) -> Names {
    text.split(mark).skip(1).filter_map(|rest| rest.split(end).next()).map(str::to_owned).collect()
}

pub(super) fn quoted(text: &str) -> impl Iterator<Item = String> {
    text.split('"').skip(1).step_by(2).map(str::to_owned)
}

pub(super) fn ticked(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}
