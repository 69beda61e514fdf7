use leptos::prelude::*;

use super::links::{Privacy, Support};
use super::{Model, words};
use crate::browser::driver::Driver;

/// What will happen, and the button that lets it.
#[component]
pub(crate) fn Start(model: Model, platform_id: u64) -> impl IntoView {
    let driver = model.driver.with_value(Driver::clone);
    leptos::task::spawn_local_scoped_with_cancellation(async move {
        // The name and the icon, for the header. Without them it reads a little plainer.
        let platforms = driver.platforms().await.unwrap_or_default();
        if let Some(found) = platforms.into_iter().find(|platform| platform.id == platform_id) {
            let _ = model.picked.try_set(Some(found));
        }
    });
    view! {
        <p class="cr3d-actions">
            <button class="cr3d-button cr3d-primary" type="button" on:click=move |_| model.begin(platform_id)>
                {move || model.text(words::START)}
            </button>
        </p>
        <p class="cr3d-links"><Privacy model /><Support model /></p>
    }
}
