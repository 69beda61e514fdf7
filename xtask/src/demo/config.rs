use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use super::ports::Ports;
use super::site::Probe;
use crate::command::{Failure, Result};
use crate::project::{Project, fresh_dir, read, write};

/// How long a program that is already built may take to answer.
const SOON: Duration = Duration::from_secs(30);

/// How long the page may take to be built.
const LATER: Duration = Duration::from_secs(1200);

/// One of the three programs.
pub(crate) struct Part {
    pub(crate) name: &'static str,
    pub(crate) command: Command,
    pub(crate) probe: Probe,
    pub(crate) patience: Duration,
}

/// What the three are told, and where they meet.
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
    /// A fresh place for the demo's files, with trunk's configuration and an empty database in it.
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

    /// Where the demo is. On another site than the frame, which is at 127.0.0.1.
    pub(crate) fn page_url(&self) -> String {
        format!("{}/", self.page_origin())
    }

    fn page_origin(&self) -> String {
        format!("http://localhost:{}", self.page)
    }

    /// The three, in the order in which they are started.
    pub(crate) fn parts(&self, project: &Project) -> [Part; 3] {
        [self.sandbox(project), self.proxy(project), self.page(project)]
    }

    fn sandbox(&self, project: &Project) -> Part {
        let origin = format!("http://{}", self.sandbox);
        let mut command = Command::new(project.built("cr3dentials-sandbox"));
        command.args(["--listen", &self.sandbox, "--frame-origin", &origin, "--parent-origin", &self.page_origin()]);
        command.args(["--allow-http-webhooks", "--api-key", &self.api_key]).env("NO_COLOR", "1");
        let probe = Probe { url: format!("{origin}/"), any: true, else_say: "" };
        Part { name: "sandbox", command, probe, patience: SOON }
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
            any: false,
            else_say: "it is not healthy; its own lines above say why",
        };
        Part { name: "proxy", command, probe, patience: SOON }
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
            any: false,
            else_say: "it could not be built; the compiler's lines above say why",
        };
        Part { name: "page", command, probe, patience: LATER }
    }

    /// What the user is told once everything answers. The first address is the demo's.
    pub(crate) fn announcement(&self, project: &Project) -> Result<String> {
        let users = read(&project.at("crates/sandbox/test-users.json"))?;
        let users = users_table(&users).ok_or_else(|| Failure::new("crates/sandbox/test-users.json cannot be read"))?;
        Ok(format!(
            "\nThe demo is ready: {}\n\n\
             The provider is the local sandbox. Sign in as one of its test users, on any platform, with the password \
             `sandbox`.\nThose with a * are chosen at its console, http://{}/, before a verification begins:\n\n{users}\n\
             What your server receives is printed here. Behind the page are the sandbox at http://{}, the proxy at \
             http://{}\nand, for your server only, the proxy's results at http://{}. Ctrl-C ends all of it.\n",
            self.page_url(),
            self.sandbox,
            self.sandbox,
            self.proxy,
            self.backend,
        ))
    }
}

/// trunk's own configuration with the demo's ports, made for a place other than the root: every path is absolute.
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
    fn the_demo_changes_ports_and_paths_of_the_page_and_nothing_else() {
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
    fn secrets_differ() {
        assert_ne!(secret(), secret());
        assert_eq!(secret().len(), 32);
    }

    #[test]
    fn every_test_user_is_told() {
        let users = read(&Project::find().unwrap().at("crates/sandbox/test-users.json")).unwrap();
        let table = users_table(&users).unwrap();
        for name in ["success", "otp", "partial", "error", "cancel", "123456"] {
            assert!(table.contains(name), "{table}");
        }
    }
}
