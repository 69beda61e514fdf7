//! The default colors are readable: WCAG 2.2 contrast of text, controls and focus rings, in light and dark.
#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs, reason = "test names describe the tests")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]

use std::collections::BTreeMap;

use cr3dentials_embed::STYLE;

/// Returns the colors of the first rule after `selector` in the style sheet.
fn colors(selector: &str) -> BTreeMap<String, [f64; 3]> {
    let rule = STYLE.split(selector).nth(1).expect(selector).split('}').next().unwrap();
    let declaration = |line: &str| {
        let (name, value) = line.trim().strip_prefix("--_")?.split_once(':')?;
        let hex = value.split('#').nth(1)?.get(..6)?;
        let part = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).map(|part| f64::from(part) / 255.0);
        Some((name.to_owned(), [part(0).ok()?, part(2).ok()?, part(4).ok()?]))
    };
    rule.lines().filter_map(declaration).collect()
}

fn luminance(color: [f64; 3]) -> f64 {
    let linear = |part: f64| if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) };
    0.2126 * linear(color[0]) + 0.7152 * linear(color[1]) + 0.0722 * linear(color[2])
}

fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// Mixes `share` of `ink` into `paper`, like CSS `color-mix`.
fn mixed(ink: [f64; 3], paper: [f64; 3], share: f64) -> [f64; 3] {
    std::array::from_fn(|part| ink[part] * share + paper[part] * (1.0 - share))
}

#[test]
fn default_themes_have_enough_contrast() {
    let themes = [("light", colors("\n.cr3d {")), ("dark", colors("\n.cr3d[data-theme=\"dark\"] {"))];
    for (theme, colors) in &themes {
        let at_least = |ink: &str, paper: &str, least: f64| {
            let ratio = contrast(colors[ink], colors[paper]);
            assert!(ratio >= least, "{theme}: {ink} on {paper} is {ratio:.2} : 1, not {least}");
        };
        for paper in ["background", "surface"] {
            for ink in ["text", "muted", "accent", "good", "attention", "bad"] {
                at_least(ink, paper, 4.5);
            }
            // Controls have a visible border, and the focus a visible ring.
            at_least("control", paper, 3.0);
        }
        at_least("on-accent", "accent", 4.5);
        for tone in ["muted", "accent", "good", "attention", "bad"] {
            let disc = mixed(colors[tone], colors["background"], 0.14);
            assert!(contrast(colors[tone], disc) >= 3.0, "{theme}: the icon on the disc of {tone}");
        }
    }
}

#[test]
fn dark_theme_is_the_same_for_device_and_page_setting() {
    assert_eq!(colors(".cr3d:not([data-theme=\"light\"]) {"), colors("\n.cr3d[data-theme=\"dark\"] {"));
}
