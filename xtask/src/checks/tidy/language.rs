//! Lints for the language of the project: forbidden phrases, and comments that begin with a bare clause.

use regex::Regex;

use super::tree::Tree;

/// The list of forbidden phrases.
const PHRASES: &str = "xtask/phrases.txt";

/// Files that people read and edit, by their ending.
const READ: [&str; 12] = [".rs", ".ts", ".tsx", ".mjs", ".js", ".vue", ".css", ".sql", ".md", ".html", ".toml", ".yml"];

/// Parts of paths whose text is data, shown to users, quoted, or a test of these lints.
const EXEMPT: [&str; 6] = [
    "/fixtures/",
    "/locales/",
    "src/i18n/texts.rs",
    "npm/src/plain/texts.ts",
    "CODE_OF_CONDUCT.md",
    "xtask/src/checks/tidy/language.rs",
];

/// Words that begin a bare noun clause, such as "What the proxy knows".
const CLAUSES: [&str; 7] = ["What", "Whether", "How", "Where", "When", "Who", "Whoever"];

/// Matches a space of a phrase in a text: any white space, with the start of a comment line after a line break.
const SPACE: &str = r"\s+(?:(?://[/!]?|\*|#|--)\s+)?";

/// Finds phrases of `xtask/phrases.txt`.
pub(crate) fn no_forbidden_phrase(tree: &Tree) -> Vec<String> {
    let phrases = match Phrases::parse(tree.text(PHRASES)) {
        Ok(phrases) => phrases,
        Err(problem) => return vec![format!("{PHRASES}: {problem}")],
    };
    let mut wrong = Vec::new();
    // Searched as a whole, because a phrase may be broken over two lines.
    for (path, text) in read(tree).filter(|(_, text)| phrases.any.is_match(text)) {
        for (pattern, instead) in &phrases.each {
            for found in pattern.find_iter(text) {
                let line = text[..found.start()].matches('\n').count() + 1;
                wrong.push(format!("{path}:{line}: \"{}\"; instead: {instead}", found.as_str()));
            }
        }
    }
    wrong
}

/// The forbidden phrases.
struct Phrases<'a> {
    /// Each phrase and the words to use instead.
    each: Vec<(Regex, &'a str)>,
    /// All phrases in one expression: one pass over a text is much faster than one for each phrase.
    any: Regex,
}

impl<'a> Phrases<'a> {
    fn parse(text: &'a str) -> Result<Self, String> {
        let regex = |pattern: &str| {
            let pattern = format!("(?i-u){}", pattern.replace(' ', SPACE));
            Regex::new(&pattern).map_err(|error| error.to_string())
        };
        let mut each = Vec::new();
        let mut all = Vec::new();
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (pattern, instead) = line.split_once(" => ").ok_or_else(|| format!("{line:?} has no `=>`"))?;
            each.push((regex(pattern)?, instead));
            all.push(format!("(?:{pattern})"));
        }
        if each.is_empty() {
            return Err("no phrases".to_owned());
        }
        Ok(Self { each, any: regex(&all.join("|"))? })
    }
}

/// Finds comment lines that begin with a bare clause. A question is allowed.
pub(crate) fn no_bare_clause(tree: &Tree) -> Vec<String> {
    let mut wrong = Vec::new();
    for (path, text) in read(tree) {
        for (number, line) in text.lines().enumerate() {
            let clause = comment(path, line).filter(|text| {
                let first = text.split(' ').next().unwrap_or_default();
                CLAUSES.contains(&first) && text.contains(' ') && !text.trim_end_matches(" -->").ends_with('?')
            });
            if let Some(text) = clause {
                wrong.push(format!("{path}:{}: a comment begins with a bare clause: \"{text}\"", number + 1));
            }
        }
    }
    wrong
}

/// Returns the text of a line that is a comment and nothing else.
fn comment<'a>(path: &str, line: &'a str) -> Option<&'a str> {
    let marks: &[&str] = match path.rsplit('.').next() {
        Some("md" | "html") => &["<!--", "//"],
        Some("toml" | "yml") => &["#"],
        Some("sql") => &["--"],
        _ => &["///", "//!", "//", "/**", "/*", "*"],
    };
    let line = line.trim_start();
    marks.iter().find_map(|mark| line.strip_prefix(mark)?.strip_prefix(' ')).map(str::trim)
}

/// Returns the files that the lints read.
fn read(tree: &Tree) -> impl Iterator<Item = (&str, &str)> {
    tree.files("", &READ).filter(|(path, _)| !EXEMPT.iter().any(|part| path.contains(part)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;

    /// Returns the violations in files with these texts, with the real list of phrases.
    fn phrases_in(files: &[(String, &str)]) -> Vec<String> {
        let list = std::fs::read_to_string(Project::find().unwrap().at(PHRASES)).unwrap();
        let files = files.iter().map(|(path, text)| (path.as_str(), *text)).chain([(PHRASES, list.as_str())]);
        no_forbidden_phrase(&files.collect())
    }

    #[test]
    fn forbidden_phrases_are_found() {
        let old = [
            "/// Whoever waits is told.",
            "// Over already, by the store's word, which counts.",
            "/// A user waits so long for the request budget.",
            "/// So many at a time.",
            "there is no such thing here",
            "a fault of the proxy's own; its log says more",
            "// What was told last stands.",
            "/// Nobody asks for it.",
            "licensed under either, as you like",
            "// A port that makes no sense is passed over.",
            "/// A held question ends.",
            "/// The person in front of it.",
            "/// What a session had from the provider.",
            "// The browser is let go of; let go of it.",
            "/// Its patience is a minute.",
            "/// The sandbox plays a fault.",
            "// The proxy asks the provider at once.",
            "/// A word that is taken for an error.",
            "/// A port of its own.",
            "fn f() {} // TODO later",
            "fn f() { todo!() }",
            "fn f() { dbg!(1) }",
            "fn f() { unimplemented!() }",
            "-- FIXME",
            "XXX",
        ];
        let files: Vec<_> = old.iter().enumerate().map(|(at, text)| (format!("src/{at}.rs"), *text)).collect();
        let wrong = phrases_in(&files);
        for (path, text) in files {
            assert!(wrong.iter().any(|one| one.starts_with(&format!("{path}:1: "))), "{text}");
        }
        let wrong = phrases_in(&[("src/a.rs".to_owned(), "/// First.\n/// It was\n/// told.")]);
        assert_eq!(wrong, ["src/a.rs:2: \"was\n/// told.\"; instead: is notified, receives, gets"]);
    }

    #[test]
    fn ordinary_sentences_and_exempt_files_pass() {
        let files = [
            ("src/a.rs", "/// Returns the status of a session.\n/// One of its own events; the two can be told apart."),
            ("src/b.rs", "// The user is asked for a password and answers the security question."),
            ("src/c.rs", "fn display() { let autoplay = displayed; }\nlet todos = AUTODO; // things to do"),
            ("tests/fixtures/a.md", "whoever"),
            ("src/a.lock", "whoever"),
        ];
        assert_eq!(phrases_in(&files.map(|(path, text)| (path.to_owned(), text))), Vec::<String>::new());
    }

    #[test]
    fn unreadable_list_of_phrases_is_found() {
        for list in ["", "\\bwhoever\\b\n", "( => nothing\n"] {
            assert_eq!(no_forbidden_phrase(&[(PHRASES, list)].into()).len(), 1, "{list}");
        }
    }

    #[test]
    fn bare_clauses_are_found_and_questions_are_not() {
        for (path, line, is_wrong) in [
            ("src/a.rs", "    /// What the proxy knows.", true),
            ("src/a.rs", "//! How it works", true),
            ("src/a.rs", "let a = 1; // When it is", false),
            ("src/a.rs", "/// Whatever it takes.", false),
            ("src/a.rs", "// Who is this for?", false),
            ("src/a.rs", "let text = \"What is it\";", false),
            ("npm/a.ts", "   * Whether it is so.", true),
            ("npm/a.css", "/* Where it stands */", true),
            ("a.sql", "-- When it ended.", true),
            ("a.toml", "# How long", true),
            ("a.md", "## What you need", false),
            ("a.md", "* What you need", false),
            ("a.md", "<!-- What you need -->", true),
            ("a.yml", "# What now?", false),
        ] {
            assert_eq!(no_bare_clause(&[(path, line)].into()).len(), usize::from(is_wrong), "{path}: {line}");
        }
    }
}
