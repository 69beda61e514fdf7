/// Returns Rust source with all comments and literals replaced by spaces, so that only code is left. Line breaks stay.
pub(crate) fn code(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    let mut after_name = false;
    while let Some(first) = rest.chars().next() {
        let length = skipped(rest, after_name);
        if length == 0 {
            out.push(first);
            after_name = first.is_alphanumeric() || first == '_';
            rest = &rest[first.len_utf8()..];
        } else {
            out.extend(rest[..length].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
            after_name = false;
            rest = &rest[length..];
        }
    }
    out
}

/// Returns the identifiers in `code`, lifetime names included, in order.
pub(crate) fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// Returns the length of the comment or literal at the start of `text`; zero when it starts with code.
fn skipped(text: &str, after_name: bool) -> usize {
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    if text.starts_with("/*") {
        return block_comment(text);
    }
    if text.starts_with('"') {
        return quoted(text, '"');
    }
    if text.starts_with('\'') {
        return character(text);
    }
    if !after_name && (text.starts_with("r\"") || text.starts_with("r#")) {
        return raw_string(text);
    }
    0
}

fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        if text[at..].starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if text[at..].starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Returns the length of a character literal, or zero for a lifetime.
fn character(text: &str) -> usize {
    let mut inside = text.chars().skip(1);
    match (inside.next(), inside.next()) {
        (Some('\\'), _) => quoted(text, '\''),
        (Some(c), Some('\'')) => 2 + c.len_utf8(),
        _ => 0,
    }
}

/// Returns the length of a raw string, or zero for a raw identifier.
fn raw_string(text: &str) -> usize {
    let hashes = text[1..].chars().take_while(|c| *c == '#').count();
    if !text[1 + hashes..].starts_with('"') {
        return 0;
    }
    let end = format!("\"{}", "#".repeat(hashes));
    let inside = 2 + hashes;
    text[inside..].find(&end).map_or(text.len(), |at| inside + at + end.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(source: &str) -> Vec<String> {
        words(&code(source)).map(str::to_owned).collect()
    }

    #[test]
    fn comments_and_literals_are_blanked_out() {
        assert_eq!(seen("a /* b /* c */ d */ e // f\n/// g\nh"), ["a", "e", "h"]);
        assert_eq!(seen(r#"a("b \" c", 'd', '\'', '"') e"#), ["a", "e"]);
        assert_eq!(seen("a(r#\"b \" c\"#, r\"d\\\") e"), ["a", "e"]);
        assert_eq!(seen("fn a<'b>(c: &'b str, r#type: u8) {}"), ["fn", "a", "b", "c", "b", "str", "r", "type", "u8"]);
        assert_eq!(seen("b\"bytes\" for\"x\""), ["b", "for"]);
        assert_eq!(seen("\"never closed"), Vec::<String>::new());
    }

    #[test]
    fn line_breaks_are_kept() {
        assert_eq!(code("a\n/* b\nc */ d\n\"e\nf\" g").lines().count(), 5);
    }
}
