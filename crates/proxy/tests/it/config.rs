use std::collections::HashMap;
use std::process::Command;

use cr3dentials_proxy::{Config, StartError, UserAuth, open};

use cr3dentials_test_support::Directory;

const REQUIRED: [(&str, &str); 4] = [
    ("CR3D_API_KEY", "marker-secret-key"),
    ("CR3D_BACKEND_TOKEN", "marker-secret-token"),
    ("CR3D_ALLOWED_ORIGINS", "http://localhost, http://127.0.0.1:8080"),
    ("CR3D_USER_AUTH", "none"),
];

fn load(extra: &[(&str, &str)]) -> Result<Config, cr3dentials_proxy::ConfigError> {
    let env: HashMap<&str, &str> = REQUIRED.iter().chain(extra).copied().collect();
    Config::load(None, env)
}

fn fault(extra: &[(&str, &str)]) -> String {
    load(extra).unwrap_err().to_string()
}

#[test]
fn the_defaults_match_the_documentation() {
    let config = load(&[]).unwrap();
    assert_eq!(config.upstream_url.as_str(), cr3dentials_core::wire::DEFAULT_BASE_URL);
    assert_eq!(
        (config.listen.to_string(), config.backend_listen.to_string()),
        ("127.0.0.1:7072".into(), "127.0.0.1:7073".into())
    );
    assert_eq!((config.base_path.as_str(), &config.user_auth), ("/api/verification", &UserAuth::None));
    assert_eq!((config.webhook_url, config.expires_in_hours), (None, None));
    assert_eq!(config.allowed_origins.len(), 2);
}

#[test]
fn an_error_names_the_key_and_never_the_value() {
    for (name, value) in [
        ("CR3D_LISTEN", "everywhere"),
        ("CR3D_UPSTREAM_URL", "http://api.example/v1"),
        ("CR3D_UPSTREAM_URL", "marker"),
        ("CR3D_WEBHOOK_URL", "ftp://a.example"),
        ("CR3D_ALLOWED_ORIGINS", "*"),
        ("CR3D_ALLOWED_ORIGINS", "https://a.example/path"),
        ("CR3D_BASE_PATH", "api"),
        ("CR3D_USER_AUTH", "marker"),
        ("CR3D_EXPIRES_IN_HOURS", "169"),
        ("CR3D_EXPIRES_IN_HOURS", "0"),
        ("CR3D_BROWSER_MAY_CHOOSE_COUNTRY", "perhaps"),
        ("CR3D_LOG_FORMAT", "xml"),
    ] {
        let fault = fault(&[(name, value)]);
        assert!(fault.contains(name), "{fault}");
        assert!(!fault.contains("marker"), "{fault}");
    }
    assert!(fault(&[("CR3D_USER_AUTH", "forward")]).contains("forward_auth_url"));
    let hook = [("CR3D_WEBHOOK_URL", "https://a.example"), ("CR3D_WEBHOOK_HEADER_NAME", "x-a")];
    assert!(fault(&hook).contains("webhook_header_value"));
    assert!(fault(&[("CR3D_BACKEND_TOKEN", "short")]).contains("backend_token"));
    assert!(fault(&[("CR3D_TOKEN_SECRET", "short")]).contains("token_secret"));
    assert!(fault(&[("CR3D_API_KEY", "with space")]).contains("api_key"));
    for (name, _) in REQUIRED {
        assert!(fault(&[(name, "")]).contains(name), "{name}");
    }
}

#[test]
fn user_auth_none_requires_a_loopback_listener() {
    let fault = fault(&[("CR3D_LISTEN", "0.0.0.0:7072")]);
    assert!(fault.contains("user_auth"), "{fault}");
    let forward = [
        ("CR3D_LISTEN", "0.0.0.0:7072"),
        ("CR3D_USER_AUTH", "forward"),
        ("CR3D_FORWARD_AUTH_URL", "https://a.example/me"),
    ];
    assert!(load(&forward).is_ok());
}

#[test]
fn the_environment_wins_over_the_file() {
    let directory = Directory::create();
    let file = directory.0.join("proxy.toml");
    let text = r#"
        api_key = "from-the-file"
        backend_token = "marker-secret-token"
        user_auth = "layer"
        allowed_origins = ["https://a.example", "https://b.example"]
        expires_in_hours = 2
        show_error_messages = true
    "#;
    std::fs::write(&file, text).unwrap();
    let load = |key: Option<&str>| Config::load(Some(&file), key.map(|key| ("CR3D_API_KEY", key)));
    let config = load(None).unwrap();
    assert_eq!((config.api_key.expose(), config.expires_in_hours), ("from-the-file", Some(2)));
    assert!(config.show_error_messages && config.allowed_origins.len() == 2);
    assert_eq!(load(Some("from-the-environment")).unwrap().api_key.expose(), "from-the-environment");
    for (text, named) in [
        (format!("{text}\ntypo_key = 1"), "typo_key"),
        (format!("{text}\nlisten = {{}}"), "listen"),
        ("api_key = \"marker-secret".to_owned(), "line 1"),
    ] {
        std::fs::write(&file, text).unwrap();
        let fault = load(None).unwrap_err().to_string();
        assert!(fault.contains(named) && !fault.contains("marker"), "{fault}");
    }
    let missing = Config::load(Some("/no/such/file".as_ref()), [("", "")]).unwrap_err();
    assert!(missing.to_string().contains("/no/such/file"));
}

#[test]
fn empty_variables_and_service_links_are_ignored() {
    for (name, value) in [
        ("CR3D_SANDBOX", ""),
        ("CR3D_PROXY_SERVICE_HOST", "10.0.0.1"),
        ("CR3D_PROXY_SERVICE_PORT", "7072"),
        ("CR3D_PROXY_SERVICE_PORT_PUBLIC_HTTP", "7072"),
        ("CR3D_PROXY_PORT", "tcp://10.0.0.1:7072"),
        ("CR3D_PROXY_PORT", "udp://10.0.0.1:7072"),
        ("CR3D_PROXY_PORT_7072_TCP", "tcp://10.0.0.1:7072"),
        ("CR3D_PROXY_PORT_7072_TCP_PROTO", "tcp"),
        ("CR3D_PROXY_PORT_7072_TCP_PORT", "7072"),
        ("CR3D_PROXY_PORT_7072_TCP_ADDR", "10.0.0.1"),
        ("CR3D_MY_PORT_API_PORT_53_UDP", "udp://10.0.0.1:53"),
    ] {
        assert!(load(&[(name, value)]).is_ok(), "{name}={value}: {}", fault(&[(name, value)]));
    }
}

#[test]
fn a_file_key_is_ignored_if_the_environment_overrides_its_need() {
    let directory = Directory::create();
    let file = directory.0.join("proxy.toml");
    let text = "user_auth = \"forward\"\nforward_auth_url = \"https://a.example/me\"\nforward_auth_header = \"x-user\"";
    std::fs::write(&file, text).unwrap();
    let config = Config::load(Some(&file), REQUIRED).unwrap();
    assert_eq!(config.user_auth, UserAuth::None);
    // A key of the environment is not ignored, whatever the file has.
    let environment = REQUIRED.into_iter().chain([("CR3D_FORWARD_AUTH_URL", "https://a.example/me")]);
    let fault = Config::load(Some(&file), environment).unwrap_err().to_string();
    assert!(fault.contains("CR3D_FORWARD_AUTH_URL") && fault.contains("user_auth"), "{fault}");
    std::fs::write(&file, text.replace("forward\"", "layer\"")).unwrap();
    let environment = REQUIRED.into_iter().filter(|(name, _)| *name != "CR3D_USER_AUTH");
    let fault = Config::load(Some(&file), environment).unwrap_err().to_string();
    assert!(fault.contains("forward_auth_"), "{fault}");
}

#[test]
fn debug_output_hides_secrets() {
    let config = load(&[("CR3D_TOKEN_SECRET", "marker-secret-marker-secret-marker-secret")]).unwrap();
    assert!(!format!("{config:?}").contains("marker-secret"));
}

#[tokio::test]
async fn an_unopenable_database_is_named_in_the_error() {
    let mut config = load(&[]).unwrap();
    config.database = "/no/such/directory/proxy.sqlite".into();
    let Err(error @ StartError::Store(_)) = open(config).await else { panic!("opened") };
    assert!(error.to_string().contains("database"));
}

#[test]
fn the_program_prints_a_configuration_error_and_exits() {
    let output = Command::new(env!("CARGO_BIN_EXE_cr3dentials-proxy"))
        .env_clear()
        .env("CR3D_API_KEY", "marker-secret-key")
        .env("CR3D_ALLOWED_ORIGINS", "https://a.example")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text.contains("backend_token") && text.contains("CR3D_BACKEND_TOKEN"), "{text}");
    assert!(!text.contains("marker-secret"), "{text}");
}
