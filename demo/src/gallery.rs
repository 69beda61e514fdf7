//! Gallery of every state of the component, for people and for the tests.

use cr3dentials_embed::internals::SceneCard;
use cr3dentials_embed::{Options, Strings, Theme};
use leptos::prelude::*;

use crate::bench::switch;
use crate::language::LanguageSwitch;
use crate::scenes::scenes;

/// HTML of the placeholder for the iframe, styled in `demo.css`.
const FRAME_HTML: &str = r#"<p class="window">The provider’s window</p>"#;

#[component]
pub(crate) fn Gallery() -> impl IntoView {
    let theme = RwSignal::new(Theme::Auto);
    let width = RwSignal::new(320_u32);
    let words = RwSignal::new(Strings::default());
    Effect::new(move |_| {
        if let Some(page) = document().document_element() {
            let _ = page.set_attribute("data-theme", theme.get().as_str());
        }
    });
    view! {
        <div class="gallery">
            <h1>"Every state"</h1>
            <div class="gallery-switches">
                <LanguageSwitch choose=move |strings| words.set(strings) />
                {switch("Theme", theme, [(Theme::Auto, "Device"), (Theme::Light, "Light"), (Theme::Dark, "Dark")])}
                {switch("Width", width, [(320, "320"), (480, "480"), (720, "720")])}
            </div>
            <div class="scenes" style=move || format!("--width: {}px", width.get())>
                // Redrawn for other strings or colors, because options are read once.
                {move || {
                    let options = Options {
                        proxy_url: "/api/verification".to_owned(),
                        platform_id: Some(1),
                        partner_name: Some("Harbor".to_owned()),
                        privacy_url: Some("/privacy".to_owned()),
                        support_url: Some("/help".to_owned()),
                        theme: theme.get(),
                        strings: words.get(),
                        ..Options::default()
                    };
                    scenes()
                        .into_iter()
                        .map(|(name, scene)| {
                            let options = options.clone();
                            view! {
                                <section class="scene" data-scene=name aria-label=name>
                                    <p class="scene-name">{name}</p>
                                    <SceneCard scene options frame_html=FRAME_HTML />
                                </section>
                            }
                        })
                        .collect_view()
                }}
            </div>
        </div>
    }
}
