use super::tree::Tree;

const SOURCES: [&str; 7] = [".rs", ".ts", ".js", ".css", ".html", ".sql", ".toml"];

/// Maximum number of lines in a source file.
const MAX_LINES: usize = 400;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_source_files_are_found_but_not_long_prose() {
        let (long, short) = ("a\n".repeat(MAX_LINES + 1), "a\n".repeat(MAX_LINES));
        let wrong = files_are_short(&[("src/a.rs", long.as_str()), ("src/b.rs", &short), ("docs/c.md", &long)].into());
        assert_eq!(wrong, ["src/a.rs: 401 lines, 400 at most"]);
    }
}
