//! A server renders on many threads, and may drop a rendering on another thread than the one that created it.
#![cfg(feature = "ssr")]

use any_spawner::Executor;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use leptos::prelude::*;
use leptos_axum::render_app_to_stream;
use leptos_ssr::{App, shell};

const HOST: &str = r#"<div class="cr3d-host">"#;

#[test]
fn a_rendering_may_be_dropped_on_another_thread() {
    for _ in 0..100 {
        let render = || {
            let owner = Owner::new();
            let html = owner.with(|| view! { <App /> }.to_html());
            assert!(html.contains(HOST), "{html}");
            owner
        };
        let owner = std::thread::spawn(render).join().expect("rendered");
        owner.cleanup();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pages_are_rendered_on_many_threads_at_once() {
    Executor::init_tokio().expect("the only executor");
    let options = LeptosOptions::builder().output_name("leptos_ssr").build();
    let render = render_app_to_stream(move || shell(options.clone()));
    let requests: Vec<_> = (0..200).map(|_| tokio::spawn(render(Request::new(Body::empty())))).collect();
    for request in requests {
        let response = request.await.expect("rendered");
        let page = to_bytes(response.into_body(), usize::MAX).await.expect("the whole page");
        assert!(String::from_utf8_lossy(&page).contains(HOST));
    }
}
