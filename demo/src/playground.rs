//! Playground for colors and shapes, with the CSS to copy.

use std::fmt::Write;

use leptos::prelude::*;

/// Changed properties, by their names without `--cr3d-`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Look(Vec<(&'static str, String)>);

impl Look {
    /// Returns the CSS declarations, each indented by `indent`.
    pub(crate) fn declarations(&self, indent: &str) -> String {
        self.0.iter().fold(String::new(), |mut css, (name, value)| {
            // Writing to a String cannot fail.
            let _ = writeln!(css, "{indent}--cr3d-{name}: {value};");
            css
        })
    }

    fn set(&mut self, name: &'static str, value: String) {
        self.0.retain(|(other, _)| *other != name);
        self.0.push((name, value));
        if name == "accent" {
            // Text on the accent color must be readable.
            let on_accent = self.get("accent").and_then(on).unwrap_or("#ffffff");
            self.set("on-accent", on_accent.to_owned());
        }
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| *other == name).map(|(_, value)| value.as_str())
    }
}

/// Returns white or nearly black, whichever has more contrast with `color`.
fn on(color: &str) -> Option<&'static str> {
    let [white, black] = ["#ffffff", "#14181f"];
    Some(if contrast(color, white)? >= contrast(color, black)? { white } else { black })
}

/// Returns the contrast ratio of two `#rrggbb` colors, as defined by WCAG 2.
fn contrast(one: &str, other: &str) -> Option<f64> {
    let (one, other) = (luminance(one)?, luminance(other)?);
    Some((one.max(other) + 0.05) / (one.min(other) + 0.05))
}

fn luminance(color: &str) -> Option<f64> {
    let number = u32::from_str_radix(color.strip_prefix('#')?, 16).ok()?;
    let part = |shift: u32| {
        let part = f64::from(number >> shift & 0xff) / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    Some(0.2126 * part(16) + 0.7152 * part(8) + 0.0722 * part(0))
}

const COLORS: [(&str, &str, &str); 4] = [
    ("accent", "Accent", "#3451d1"),
    ("background", "Background", "#ffffff"),
    ("surface", "Surface", "#f6f7f9"),
    ("text", "Text", "#14181f"),
];
const LENGTHS: [(&str, &str, u32, u32); 4] = [
    ("radius", "Card corners", 12, 32),
    ("radius-control", "Control corners", 8, 24),
    ("space", "Space at the sides", 16, 40),
    ("frame-height", "Window height", 560, 900),
];
const FONTS: [(&str, &str); 3] =
    [("inherit", "The page’s"), ("Georgia, serif", "Serif"), ("ui-monospace, monospace", "Monospace")];

#[component]
pub(crate) fn Playground(look: RwSignal<Look>) -> impl IntoView {
    let css = move || look.with(|look| format!("cr3dentials-verify {{\n{}}}", look.declarations("  ")));
    let set = move |name, value| look.update(|look| look.set(name, value));
    let is_plain = move || look.with(|look| look.0.is_empty());
    view! {
        <div class="playground">
            {COLORS.map(|(name, label, value)| view! {
                <label>
                    {label}
                    <input type="color" value=value on:input:target=move |event| set(name, event.target().value()) />
                </label>
            }).collect_view()}
            {LENGTHS.map(|(name, label, value, most)| view! {
                <label>
                    {label}
                    <input
                        type="range"
                        min="0"
                        max=most.to_string()
                        value=value.to_string()
                        on:input:target=move |event| set(name, format!("{}px", event.target().value()))
                    />
                </label>
            }).collect_view()}
            <label>
                "Font"
                <select on:change:target=move |event| set("font", event.target().value())>
                    {FONTS.map(|(font, label)| view! { <option value=font>{label}</option> }).collect_view()}
                </select>
            </label>
        </div>
        <p class="hint" role="status">{move || look.with(warning)}</p>
        {move || (!is_plain()).then(|| view! {
            <pre class="css" tabindex="0" aria-label="The CSS to copy"><code>{css}</code></pre>
            <p class="playground-actions">
                <button class="chip" type="button" on:click=move |_| copy(&css())>"Copy the CSS"</button>
                <button class="chip" type="button" on:click=move |_| look.set(Look::default())>"Start over"</button>
            </p>
        })}
    }
}

/// Returns a warning about the first pair of colors with too little contrast.
fn warning(look: &Look) -> Option<String> {
    let color = |name: &'static str| {
        let default = COLORS.iter().find(|(other, ..)| *other == name).map_or("#000000", |(.., value)| value);
        look.get(name).unwrap_or(default).to_owned()
    };
    [("text", "background"), ("text", "surface"), ("accent", "background")].into_iter().find_map(|(ink, paper)| {
        let ratio = contrast(&color(ink), &color(paper))?;
        (ratio < 4.5).then(|| format!("{ink} on {paper} has a contrast of {ratio:.1} : 1. Text needs 4.5 : 1."))
    })
}

fn copy(text: &str) {
    if window().is_secure_context() {
        // Not awaited: a text that was not copied can still be read.
        let _ = window().navigator().clipboard().write_text(text);
    }
}
