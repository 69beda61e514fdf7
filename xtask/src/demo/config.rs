use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use super::ports::Ports;
use super::site::Probe;
use crate::command::{Failure, Result};
use crate::project::{Project, fresh_dir, read, write};

/// Timeout for the first response of a program that is already built.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// Timeout for the first response of the page, whose build is part of it.
const BUILD_TIMEOUT: Duration = Duration::from_secs(1200);

/// One of the three programs of the demo.
pub(crate) struct Part {
    pub(crate) name: &'static str,
    pub(crate) command: Command,
    pub(crate) probe: Probe,
    pub(crate) timeout: Duration,
}

/// Configuration of the three programs: addresses, secrets, and the folder of their files.
pub(crate) struct Config {
    sandbox: String,
    proxy: String,
    pub(crate) backend: String,
    page: u16,
    api_key: String,
    pub(crate) backend_token: String,
    dir: PathBuf,
}

impl Config {
    /// Creates an empty folder for the demo's files and writes trunk's configuration into it.
    pub(crate) fn new(project: &Project, ports: &Ports) -> Result<Self> {
        let dir = project.at("target/demo");
        fresh_dir(&dir)?;
        let config = Self {
            sandbox: format!("127.0.0.1:{}", ports.sandbox),
            proxy: format!("127.0.0.1:{}", ports.proxy),
            backend: format!("127.0.0.1:{}", ports.backend),
            page: ports.page,
            api_key: format!("sandbox-{}", secret()),
            backend_token: secret(),
            dir,
        };
        let trunk = trunk_config(&read(&project.at("Trunk.toml"))?, &project.root, &config)?;
        write(&config.dir.join("Trunk.toml"), &trunk)?;
        Ok(config)
    }

    /// URL of the demo page. It is on another site than the frame, which is at 127.0.0.1.
    pub(crate) fn page_url(&self) -> String {
        format!("{}/", self.page_origin())
    }

    fn page_origin(&self) -> String {
        format!("http://localhost:{}", self.page)
    }

    /// The three programs, in the order in which they are started.
    pub(crate) fn parts(&self, project: &Project) -> [Part; 3] {
        [self.sandbox(project), self.proxy(project), self.page(project)]
    }

    fn sandbox(&self, project: &Project) -> Part {
        let origin = format!("http://{}", self.sandbox);
        let mut command = Command::new(project.built("cr3dentials-sandbox"));
        command.args(["--listen", &self.sandbox, "--frame-origin", &origin, "--parent-origin", &self.page_origin()]);
        command.args(["--allow-http-webhooks", "--api-key", &self.api_key]).env("NO_COLOR", "1");
        let probe = Probe { url: format!("{origin}/"), any_status: true, error_hint: "" };
        Part { name: "sandbox", command, probe, timeout: START_TIMEOUT }
    }

    fn proxy(&self, project: &Project) -> Part {
        let mut command = Command::new(project.built("cr3dentials-proxy"));
        // The proxy refuses to start with a CR3D_ variable that it does not know, such as the demo's own ports.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name != "CR3D_LOG") {
            if name.to_string_lossy().starts_with("CR3D_") {
                command.env_remove(name);
            }
        }
        command
            .env("NO_COLOR", "1")
            .env("CR3D_API_KEY", &self.api_key)
            .env("CR3D_UPSTREAM_URL", format!("http://{}/v1", self.sandbox))
            .env("CR3D_LISTEN", &self.proxy)
            .env("CR3D_BACKEND_LISTEN", &self.backend)
            .env("CR3D_BACKEND_TOKEN", &self.backend_token)
            .env("CR3D_DATABASE", self.dir.join("proxy.sqlite"))
            .env("CR3D_ALLOWED_ORIGINS", self.page_origin())
            .env("CR3D_WEBHOOK_URL", format!("http://{}", self.proxy))
            .env("CR3D_USER_AUTH", "none");
        let probe = Probe {
            url: format!("http://{}/healthz", self.proxy),
            any_status: false,
            error_hint: "it is not healthy; see its log lines above",
        };
        Part { name: "proxy", command, probe, timeout: START_TIMEOUT }
    }

    fn page(&self, project: &Project) -> Part {
        let mut command = Command::new(project.which("trunk").unwrap_or_else(|| "trunk".into()));
        command.args(["serve", "--offline", "--config"]).arg(self.dir.join("Trunk.toml"));
        command.current_dir(&project.root).env("PATH", project.tool_path()).env("NO_COLOR", "true");
        let (name, version) = crate::build::trunk_wasm_opt();
        command.env(name, version);
        let (flags, remap) = crate::build::remapped_paths();
        command.env(flags, remap);
        let probe = Probe {
            url: self.page_url(),
            any_status: false,
            error_hint: "it could not be built; see the compiler's output above",
        };
        Part { name: "page", command, probe, timeout: BUILD_TIMEOUT }
    }

    /// Returns the text that is printed once everything is up. The first URL in it is the demo's.
    pub(crate) fn announcement(&self, project: &Project) -> Result<String> {
        let users = read(&project.at("crates/sandbox/test-users.json"))?;
        let users = users_table(&users).ok_or_else(|| Failure::new("crates/sandbox/test-users.json cannot be read"))?;
        Ok(format!(
            "\nThe demo is ready: {}\n\n\
             The provider is the local sandbox. Sign in as one of its test users, on any platform, with the password \
             `sandbox`.\nChoose those with a * in its console, http://{}/, before you start a verification:\n\n{users}\n\
             Results that your server receives are printed here. The page uses the sandbox at http://{} and the proxy at \
             http://{}.\nThe proxy serves results, for your server only, at http://{}. Press Ctrl-C to stop.\n",
            self.page_url(),
            self.sandbox,
            self.sandbox,
            self.proxy,
            self.backend,
        ))
    }
}

/// Returns trunk's configuration with the demo's ports. Every path is made absolute, because the file is not in the root.
fn trunk_config(text: &str, root: &Path, config: &Config) -> Result<String> {
    let bad = |what: &str| Failure::new(format!("Trunk.toml: {what}"));
    let mut table: toml::Table = text.parse().map_err(|error| bad(&format!("{error}")))?;
    let absolute = |path: &str| toml::Value::from(root.join(path).to_string_lossy().into_owned());

    let build = table.get_mut("build").and_then(toml::Value::as_table_mut).ok_or_else(|| bad("needs [build]"))?;
    build.insert("target".to_owned(), absolute("index.html"));
    build.insert("dist".to_owned(), toml::Value::from(config.dir.join("dist").to_string_lossy().into_owned()));

    let watch = table.get_mut("watch").and_then(|watch| watch.get_mut("watch")).and_then(toml::Value::as_array_mut);
    for path in watch.ok_or_else(|| bad("needs watch.watch"))? {
        *path = absolute(path.as_str().unwrap_or_default());
    }

    let serve = table.get_mut("serve").and_then(toml::Value::as_table_mut).ok_or_else(|| bad("needs [serve]"))?;
    serve.insert("port".to_owned(), toml::Value::from(i64::from(config.page)));

    let proxy = table.get_mut("proxy").and_then(|proxy| proxy.get_mut(0)).and_then(toml::Value::as_table_mut);
    let backend = toml::Value::from(format!("http://{}/api", config.proxy));
    proxy.ok_or_else(|| bad("needs [[proxy]]"))?.insert("backend".to_owned(), backend);
    toml::to_string(&table).map_err(|error| bad(&error.to_string()))
}

fn users_table(json: &str) -> Option<String> {
    let users: Value = serde_json::from_str(json).ok()?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let rows = users.as_array()?.iter().map(|user| {
        let mark = if user["early"] == true { '*' } else { ' ' };
        let answer = &user["question"]["answer"];
        let [name, code, answer, summary] = [&user["name"], &user["code"], answer, &user["summary"]].map(text);
        format!("  {name:22}{mark} {code:8} {answer:8} {summary}\n")
    });
    let head = format!("  {:22}  {:8} {:8} {}\n", "name", "code", "answer", "what happens");
    Some(rows.fold(head, |all, row| all + &row))
}

/// Good for one run on this machine: the standard library's random hash keys.
fn secret() -> String {
    let random = || RandomState::new().hash_one("cr3dentials");
    format!("{:016x}{:016x}", random(), random())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trunk_config_changes_only_ports_and_paths() {
        let project = Project::find().unwrap();
        let config = Config {
            sandbox: "127.0.0.1:1".to_owned(),
            proxy: "127.0.0.1:2".to_owned(),
            backend: "127.0.0.1:3".to_owned(),
            page: 4,
            api_key: secret(),
            backend_token: secret(),
            dir: PathBuf::from("/demo"),
        };
        let text = read(&project.at("Trunk.toml")).unwrap();
        let made: toml::Table = trunk_config(&text, Path::new("/root"), &config).unwrap().parse().unwrap();
        assert_eq!(made["serve"]["port"].as_integer(), Some(4));
        assert_eq!(made["proxy"][0]["backend"].as_str(), Some("http://127.0.0.1:2/api"));
        assert_eq!(made["build"]["dist"].as_str(), Some("/demo/dist"));
        assert_eq!(made["build"]["target"].as_str(), Some("/root/index.html"));
        let before: toml::Table = text.parse().unwrap();
        assert_eq!(made["tools"], before["tools"]);
        assert_eq!(made["build"]["cargo_profile"], before["build"]["cargo_profile"]);
        assert!(trunk_config("[build]", Path::new("/root"), &config).unwrap_err().to_string().contains("Trunk.toml"));
    }

    #[test]
    fn secrets_are_unique() {
        assert_ne!(secret(), secret());
        assert_eq!(secret().len(), 32);
    }

    #[test]
    fn announcement_lists_every_test_user() {
        let users = read(&Project::find().unwrap().at("crates/sandbox/test-users.json")).unwrap();
        let table = users_table(&users).unwrap();
        for name in ["success", "otp", "partial", "error", "cancel", "123456"] {
            assert!(table.contains(name), "{table}");
        }
    }
}
