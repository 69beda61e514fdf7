//! Checks that the generated tables of the README match the code. `CR3D_WRITE_DOCS=1` rewrites them.

use std::path::PathBuf;

use cr3dentials_sandbox::{SWITCHES, TestUser, test_users};

/// Compares the section between two markers with `text`, or writes it.
fn section(name: &str, text: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let document = std::fs::read_to_string(&path).unwrap();
    let (begin, end) = (format!("<!-- {name}: made from the code -->\n"), format!("<!-- /{name} -->"));
    let (before, rest) = document.split_once(&begin).expect("the section's start marker");
    let (found, after) = rest.split_once(&end).expect("the section's end marker");
    if std::env::var_os("CR3D_WRITE_DOCS").is_some() {
        std::fs::write(&path, format!("{before}{begin}{text}{end}{after}")).unwrap();
        return;
    }
    assert_eq!(found, text, "run `CR3D_WRITE_DOCS=1 cargo test -p cr3dentials-sandbox --test it docs`");
}

#[test]
fn readme_tables_match_the_code() {
    section("test users", &format!("\n{}\n", users()));
    section("switches", &format!("\n{}\n", switches()));
}

#[test]
fn every_switch_is_named_in_its_section_of_the_contract() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/partner-api.md");
    let document = std::fs::read_to_string(path).unwrap();
    for switch in SWITCHES {
        let (_, rest) = document.split_once(&format!("\n## {}. ", switch.section)).expect("the section exists");
        let section = rest.split("\n## ").next().unwrap();
        assert!(section.contains(&format!("`{}`", switch.name)), "{} in section {}", switch.name, switch.section);
    }
}

fn users() -> String {
    let row = |user: &TestUser| {
        let code = user.code.as_ref().map(|code| format!("code `{code}`"));
        let answer = user.question.as_ref().map(|question| format!("answer `{}`", question.answer));
        let account = (!user.accounts.is_empty()).then(|| "one of two accounts".to_owned());
        let challenges: Vec<_> = [code, answer, account].into_iter().flatten().collect();
        let when = if user.early { "create" } else { "sign-in" };
        format!("| `{}` | {when} | {} | {} |\n", user.name, challenges.join(", "), user.summary)
    };
    let rows: String = test_users().iter().map(row).collect();
    format!("| name | chosen at | challenges | what happens |\n|---|---|---|---|\n{rows}")
}

fn switches() -> String {
    let rows: String = SWITCHES
        .iter()
        .map(|switch| {
            let values: Vec<_> = switch.values().iter().map(|value| format!("`{value}`")).collect();
            let values = values.join(", ").replace('"', "");
            format!("| `{}` | {} | {values} |\n", switch.name, switch.question)
        })
        .collect();
    format!("| switch | open question | values; the first is the default |\n|---|---|---|\n{rows}")
}
