use super::tree::Tree;

const SOURCES: [&str; 7] = [".rs", ".ts", ".js", ".css", ".html", ".sql", ".toml"];
/// Maximum number of lines in a source file.
const MAX_LINES: usize = 400;

/// Marks of unfinished work, each in two halves because this file is checked too.
const UNFINISHED: [[&str; 2]; 6] =
    [["TO", "DO"], ["FIX", "ME"], ["XX", "X"], ["todo", "!("], ["dbg", "!("], ["unimplemented", "!("]];

/// Finds source files that are too long: they have more than one concern.
pub(crate) fn files_are_short(tree: &Tree) -> Vec<String> {
    tree.files("", &SOURCES)
        // A style sheet is one flat list of rules, and is shipped as one file.
        .filter(|(path, _)| !path.ends_with(".css"))
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > MAX_LINES)
        .map(|(path, lines)| format!("{path}: {lines} lines, {MAX_LINES} at most"))
        .collect()
}

/// Finds marks of unfinished work.
pub(crate) fn nothing_is_unfinished(tree: &Tree) -> Vec<String> {
    let mut wrong = Vec::new();
    for (path, text) in tree.files("", &SOURCES).chain(tree.files("", &[".md", ".yml", ".sh"])) {
        for (number, line) in text.lines().enumerate() {
            for mark in UNFINISHED.map(|halves| halves.concat()) {
                if has_word(line, &mark) {
                    wrong.push(format!("{path}:{}: {}", number + 1, mark.trim_end_matches('(')));
                }
            }
        }
    }
    wrong
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
    fn long_source_files_are_found_but_not_long_prose() {
        let (long, short) = ("a\n".repeat(MAX_LINES + 1), "a\n".repeat(MAX_LINES));
        let wrong = files_are_short(&[("src/a.rs", long.as_str()), ("src/b.rs", &short), ("docs/c.md", &long)].into());
        assert_eq!(wrong, ["src/a.rs: 401 lines, 400 at most"]);
    }

    #[test]
    fn unfinished_work_is_found() {
        for mark in UNFINISHED.map(|halves| halves.concat()) {
            let text = format!("fn f() {{\n    // {mark} later\n}}");
            assert_eq!(nothing_is_unfinished(&[("src/a.rs", text.as_str())].into()).len(), 1, "{mark}");
        }
        let words = "let todos = AUTODO; // what to do\n";
        assert!(nothing_is_unfinished(&[("src/a.rs", words)].into()).is_empty());
    }
}
