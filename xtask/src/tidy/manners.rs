use super::tree::Tree;

const SOURCES: [&str; 7] = [".rs", ".ts", ".js", ".css", ".html", ".sql", ".toml"];
const LONGEST: usize = 400;

/// Words that mark unfinished work. In two halves, because this file is checked too.
const HALF_DONE: [[&str; 2]; 6] =
    [["TO", "DO"], ["FIX", "ME"], ["XX", "X"], ["todo", "!("], ["dbg", "!("], ["unimplemented", "!("]];

/// A file that is longer has more than one concern.
pub(crate) fn files_are_short(tree: &Tree) -> Vec<String> {
    tree.files("", &SOURCES)
        // A style sheet is one flat list, and is shipped as one.
        .filter(|(path, _)| !path.ends_with(".css"))
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST)
        .map(|(path, lines)| format!("{path}: {lines} lines, {LONGEST} at most"))
        .collect()
}

/// Work that is not finished is not in the project.
pub(crate) fn nothing_is_half_done(tree: &Tree) -> Vec<String> {
    let mut wrong = Vec::new();
    for (path, text) in tree.files("", &SOURCES).chain(tree.files("", &[".md", ".yml", ".sh"])) {
        for (number, line) in text.lines().enumerate() {
            for mark in HALF_DONE.map(|halves| halves.concat()) {
                if has_word(line, &mark) {
                    wrong.push(format!("{path}:{}: {}", number + 1, mark.trim_end_matches('(')));
                }
            }
        }
    }
    wrong
}

/// Every code that the proxy can answer with, and every header, is explained to its reader.
pub(crate) fn contract_is_documented(tree: &Tree) -> Vec<String> {
    let source = tree.text("crates/core/src/contract.rs");
    let document = tree.text("docs/contract.md");
    let codes = source.split("=> \"").skip(1).filter_map(|rest| rest.split('"').next());
    let headers = source.split("_HEADER: &str = \"").skip(1).filter_map(|rest| rest.split('"').next());
    codes
        .chain(headers)
        .filter(|name| !document.contains(&format!("`{name}`")))
        .map(|name| format!("docs/contract.md: `{name}` of crates/core/src/contract.rs is not explained"))
        .collect()
}

fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let is_name = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let ends_open = word.ends_with('(') || !is_name(line[at + word.len()..].chars().next());
        !is_name(line[..at].chars().next_back()) && ends_open
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_is_found_and_long_prose_is_not() {
        let (long, short) = ("a\n".repeat(LONGEST + 1), "a\n".repeat(LONGEST));
        let wrong = files_are_short(&[("src/a.rs", long.as_str()), ("src/b.rs", &short), ("docs/c.md", &long)].into());
        assert_eq!(wrong, ["src/a.rs: 401 lines, 400 at most"]);
    }

    #[test]
    fn unfinished_work_is_found() {
        for mark in HALF_DONE.map(|halves| halves.concat()) {
            let text = format!("fn f() {{\n    // {mark} later\n}}");
            assert_eq!(nothing_is_half_done(&[("src/a.rs", text.as_str())].into()).len(), 1, "{mark}");
        }
        let words = "let todos = AUTODO; // what to do\n";
        assert!(nothing_is_half_done(&[("src/a.rs", words)].into()).is_empty());
    }

    #[test]
    fn a_code_without_an_explanation_is_found() {
        let source =
            "pub const TOKEN_HEADER: &str = \"Cr3d-Token\";\nSelf::Conflict => \"conflict\",\nSelf::Conflict => 409,";
        let tree = |document: &str| [("crates/core/src/contract.rs", source), ("docs/contract.md", document)].into();
        assert!(contract_is_documented(&tree("`conflict`: 409. `Cr3d-Token`: yours.")).is_empty());
        assert_eq!(contract_is_documented(&tree("a conflict")).len(), 2);
    }
}
