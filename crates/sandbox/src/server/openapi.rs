//! OpenAPI 3.1 document of the Partner API as the sandbox serves it, built from the wire types and the current settings.

use cr3dentials_core::time::{Millis, UnixMillis};
use cr3dentials_core::wire::undocumented::SESSION_LIST_PATH;
use cr3dentials_core::wire::{
    CreateSession, CreatedSession, Platform, SESSION_COUNTRIES, Session, SessionList, SessionStatus, Success,
};
use serde_json::{Value, json};
use utoipa::OpenApi;

use crate::world::{
    ApiKey, Body, Headers, ListItems, Method, Request, Response, Settings, Switches, World, active_platforms,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "CR3DENTIALS Partner API, simulated",
        description = "The part of the provider's API that the local sandbox simulates. Behavior that the provider does \
                       not document is the sandbox's assumption, and each assumption is a switch.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    paths(list_platforms, create_session, get_session, list_sessions)
)]
struct Api;

#[utoipa::path(get, path = "/partner/browser-platforms", operation_id = "listPlatforms",
    responses((status = 200, description = "Every platform", body = Success<Vec<Platform>>)))]
#[allow(dead_code, reason = "utoipa reads it")]
fn list_platforms() {}

#[utoipa::path(post, path = "/partner/browser-session", operation_id = "createSession",
    request_body(content = CreateSession, description = "The account to verify"),
    responses(
        (status = 201, description = "The created session", body = Success<CreatedSession>),
        (status = 503, description = "The sandbox cannot hold more active sessions", body = ApiError),
    ))]
#[allow(dead_code, reason = "utoipa reads it")]
fn create_session() {}

#[utoipa::path(get, path = "/partner/browser-session/{id}", operation_id = "getSession",
    params(("id" = String, Path, description = "The session's id")),
    responses(
        (status = 200, description = "The session", body = Success<Session>),
        (status = 404, description = "Unknown session, or one that belongs to another key", body = ApiError),
    ))]
#[allow(dead_code, reason = "utoipa reads it")]
fn get_session() {}

#[utoipa::path(get, path = "/partner/browser-sessions", operation_id = "listSessions",
    params(
        ("status" = Option<SessionStatus>, Query, description = "Only sessions with this status"),
        ("limit" = Option<u64>, Query, description = "Page size; 20 when absent", minimum = 1, maximum = 100),
        ("offset" = Option<u64>, Query, description = "Number of sessions to skip", minimum = 0),
    ),
    responses((status = 200, description = "A page of sessions", body = Success<SessionList>)))]
#[allow(dead_code, reason = "utoipa reads it")]
fn list_sessions() {}

/// Error body.
#[derive(utoipa::ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "utoipa reads it")]
struct ApiError {
    /// HTTP status of the response.
    #[schema(minimum = 400, maximum = 599, example = 401)]
    status_code: u16,
    /// One message, or a list of messages.
    #[schema(value_type = Value, example = "Unauthorized")]
    message: Value,
    /// Reason phrase of the HTTP status, or further detail.
    error: Option<String>,
}

/// Responds to `GET /openapi.json`.
pub(super) fn document(settings: &Settings) -> Response {
    let mut document = json!(Api::openapi());
    document["servers"] = json!([{ "url": format!("{}/v1", settings.origin) }]);
    document["info"]["version"] = json!(env!("CARGO_PKG_VERSION"));
    refine_schemas(&mut document["components"]["schemas"], settings);
    document["components"]["securitySchemes"] = json!({
        "apiKey": { "type": "apiKey", "in": "header", "name": "x-api-key" },
        "bearer": { "type": "http", "scheme": "bearer" },
    });
    let paths = &mut document["paths"];
    add_examples(paths, settings);
    apply_switches(paths, settings);
    for operation in paths.as_object_mut().into_iter().flatten().flat_map(|(_, item)| operations(item)) {
        complete(operation);
    }
    Response::json(200, &document)
}

/// Adds constraints that the types cannot express: the sandbox's platforms, the documented countries and the webhook URL.
fn refine_schemas(schemas: &mut Value, settings: &Settings) {
    if settings.switches.list_items == ListItems::Bare {
        // Get and List share this schema.
        schemas["Session"]["required"] = json!(["sessionId", "status"]);
    }
    let create = &mut schemas["CreateSession"]["properties"];
    create["platformId"]["enum"] = json!(active_platforms());
    let countries = SESSION_COUNTRIES.map(Value::from).into_iter().chain([Value::Null]).collect::<Vec<_>>();
    create["country"]["enum"] = json!(countries);
    create["webhookUrl"]["format"] = json!("webhook-url");
    create["webhookUrl"]["description"] = json!("HTTPS, with a host name under a known public suffix");
    let text = json!({ "type": "string" });
    schemas["ApiError"]["properties"]["message"]["oneOf"] = json!([text, { "type": "array", "items": text }]);
}

/// Simulates a session until it expires and stores the responses as examples.
fn add_examples(paths: &mut Value, settings: &Settings) {
    let start = UnixMillis(1_769_850_000_000);
    let key = ApiKey::new("example");
    let switches = Switches { create_limit: None, list_limit: None, ..settings.switches.clone() };
    let settings = Settings { keys: vec![key], rate_limit: 10, switches, ..settings.clone() };
    let list_path = settings.switches.list_path.clone();
    let mut world = World::new(settings, [0; 32]);
    let mut send = |method, path: &str, body: &Value, later: Millis| {
        let headers = Headers {
            api_key: Some("example".to_owned()),
            content_type: Some("application/json".to_owned()),
            ..Headers::default()
        };
        let body = Body::Whole(body.to_string().into_bytes());
        let request = Request { method, path: format!("/v1{path}"), query: String::new(), headers, body };
        let response = world.handle(&request, start + later);
        serde_json::from_slice::<Value>(&response.body).unwrap_or_default()
    };
    let wanted = json!({
        "platformId": 1,
        "receiverData": { "name": "Amara Okafor", "email": "amara@partner.example" },
        "expiresInHours": 1,
        "webhookUrl": "https://partner.example.com/webhooks/6f1c",
        "externalReferenceId": "loan-2041",
        "country": "US",
    });
    let [platforms, create, get] =
        ["/partner/browser-platforms", "/partner/browser-session", "/partner/browser-session/{id}"];
    let created = send(Method::Post, create, &wanted, Millis(0));
    let session = format!("{create}/{}", created["data"]["sessionId"].as_str().unwrap_or_default());
    let mut put = |path: &str, method: &str, status: &str, example: Value| {
        paths[path][method]["responses"][status]["content"]["application/json"]["example"] = example;
    };
    put(platforms, "get", "200", send(Method::Get, platforms, &Value::Null, Millis(0)));
    put(get, "get", "200", send(Method::Get, &session, &Value::Null, Millis(5000)));
    put(get, "get", "404", send(Method::Get, &format!("{create}/unknown"), &Value::Null, Millis(5000)));
    if let Some(path) = list_path {
        put(SESSION_LIST_PATH, "get", "200", send(Method::Get, &path, &Value::Null, Millis::from_secs(3600)));
    }
    put(create, "post", "201", created);
    paths[create]["post"]["requestBody"]["content"]["application/json"]["example"] = wanted;
}

/// Applies the switches for the list's path and for create's status code.
fn apply_switches(paths: &mut Value, settings: &Settings) {
    let Some(paths) = paths.as_object_mut() else { return };
    if let (Some(list), Some(path)) = (paths.remove(SESSION_LIST_PATH), &settings.switches.list_path) {
        paths.insert(path.clone(), list);
    }
    let responses =
        paths.get_mut("/partner/browser-session").and_then(|item| item["post"]["responses"].as_object_mut());
    if let Some(responses) = responses {
        let mut created = responses.remove("201").unwrap_or_default();
        created["links"] = json!({
            "session": { "operationId": "getSession", "parameters": { "id": "$response.body#/data/sessionId" } },
        });
        responses.insert(settings.switches.create_status_code.to_string(), created);
    }
}

fn operations(item: &mut Value) -> impl Iterator<Item = &mut Value> {
    let methods = item.as_object_mut().into_iter().flatten();
    methods.filter(|(name, _)| matches!(name.as_str(), "get" | "post")).map(|(_, operation)| operation)
}

/// Adds the parts that every operation shares: authentication, error responses and rate-limit headers.
fn complete(operation: &mut Value) {
    operation["security"] = json!([{ "apiKey": [] }, { "bearer": [] }]);
    let error = |description: &str| {
        let schema = json!({ "$ref": "#/components/schemas/ApiError" });
        json!({ "description": description, "content": { "application/json": { "schema": schema } } })
    };
    let takes_input = operation.get("requestBody").is_some() || operation["parameters"][0]["in"] == "query";
    let responses = &mut operation["responses"];
    if takes_input {
        responses["400"] = error("Invalid request; `message` lists the problems");
    }
    responses["401"] = error("Missing, unknown, rotated or expired API key");
    responses["408"] = error("The body did not arrive in time");
    responses["413"] = error("The body is too large");
    responses["415"] = error("The body is not declared as JSON");
    responses["429"] = error("The key has no requests left until the window resets");
    for response in responses.as_object_mut().into_iter().flatten().map(|(_, response)| response) {
        for (name, description) in [
            ("X-RateLimit-Limit", "Requests allowed for the key in each window of 60 seconds"),
            ("X-RateLimit-Remaining", "Requests left in the current window"),
            (
                "X-RateLimit-Reset",
                "Time at which the window resets, in Unix seconds unless a switch changes the format",
            ),
        ] {
            let schema = json!({ "type": "integer", "minimum": 0 });
            response["headers"][name] = json!({ "description": description, "required": true, "schema": schema });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn document_lists_every_endpoint_with_errors_and_headers() {
        let document: Value = serde_json::from_slice(&document(&Settings::default()).body).unwrap();
        assert_eq!(document["openapi"].as_str().and_then(|version| version.rsplit_once('.')).unwrap().0, "3.1");
        let paths = document["paths"].as_object().unwrap();
        assert_eq!(paths.len(), 4);
        for (path, item) in paths {
            let operation = item.get("get").or_else(|| item.get("post")).unwrap();
            for status in ["401", "429"] {
                let headers = &operation["responses"][status]["headers"];
                assert!(headers["X-RateLimit-Reset"].is_object(), "{path} {status}");
            }
            assert!(operation["responses"]["401"]["content"]["application/json"].is_object(), "{path}");
        }
        for (path, method, status) in [
            ("/partner/browser-platforms", "get", "200"),
            ("/partner/browser-session", "post", "201"),
            ("/partner/browser-session/{id}", "get", "200"),
            ("/partner/browser-sessions", "get", "200"),
        ] {
            let example = &paths[path][method]["responses"][status]["content"]["application/json"]["example"];
            assert_eq!(example["status"], "success", "{path}");
        }
        let statuses = document["components"]["schemas"]["SessionStatus"]["enum"].as_array().unwrap().len();
        assert_eq!(statuses, SessionStatus::ALL.len());
    }
}
