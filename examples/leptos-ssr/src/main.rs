//! The lender's server: renders the page, serves its files, and forwards the component's requests to the proxy.

mod forward;

use std::env;
use std::net::Ipv4Addr;

use any_spawner::Executor;
use axum::Router;
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::routing::{any, get, post};
use forward::Forward;
use leptos::prelude::*;
use leptos_axum::{handle_server_fns_with_context, render_app_to_stream};
use leptos_ssr::{Backend, shell};
use tower_http::services::ServeDir;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The executor of Leptos's own tasks. With routes of leptos_router, `generate_route_list` does this.
    Executor::init_tokio()?;
    let variable = |name: &str, default: &str| env::var(name).unwrap_or_else(|_| default.to_owned());
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
    let forward = Forward { client: client.clone(), proxy_url: variable("PROXY_URL", "http://127.0.0.1:7072") };
    let backend = Backend {
        client,
        url: variable("BACKEND_URL", "http://127.0.0.1:7073"),
        token: env::var("BACKEND_TOKEN")
            .map_err(|_| "Set BACKEND_TOKEN to the value of the proxy's CR3D_BACKEND_TOKEN.")?,
    };
    // The output name and folder of wasm-bindgen.
    let options = LeptosOptions::builder().output_name("leptos_ssr").site_pkg_dir("pkg").build();

    let server_fns = move |request: Request| {
        let backend = backend.clone();
        handle_server_fns_with_context(move || provide_context(backend.clone()), request)
    };
    let app = Router::new()
        .route("/", get(render_app_to_stream(move || shell(options.clone()))))
        .route("/cr3dentials-embed.css", get(([(CONTENT_TYPE, "text/css")], cr3dentials_embed::STYLE)))
        .nest_service("/pkg", ServeDir::new("pkg"))
        .route("/api/verification/{*path}", any(move |request| forward::forward(forward.clone(), request)))
        .route("/api/{*server_fn}", post(server_fns));

    // This machine only: the example does not authenticate users.
    let port = variable("PORT", "8080").parse()?;
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    println!("Open http://localhost:{port}/");
    axum::serve(listener, app).await?;
    Ok(())
}
