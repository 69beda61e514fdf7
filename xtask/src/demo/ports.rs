use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};

use crate::command::{Failure, Result};

/// Where the parts listen, all on this machine only.
pub(crate) struct Ports {
    pub(crate) sandbox: u16,
    pub(crate) proxy: u16,
    pub(crate) backend: u16,
    pub(crate) page: u16,
}

impl Ports {
    /// The usual ports, or others where those are taken. A port that was asked for is used or refused.
    pub(crate) fn choose(page: Option<u16>) -> Result<Self> {
        Ok(Self {
            sandbox: port("the sandbox", "CR3D_DEMO_SANDBOX_PORT", None, 7071)?,
            proxy: port("the proxy", "CR3D_DEMO_PROXY_PORT", None, 7072)?,
            backend: port("the proxy's backend listener", "CR3D_DEMO_BACKEND_PORT", None, 7073)?,
            page: port("the page", "CR3D_DEMO_PORT", page, 8080)?,
        })
    }
}

/// A port in text. `name` is what the user wrote it for.
pub(crate) fn parse(name: &str, text: &str) -> Result<u16> {
    text.parse()
        .ok()
        .filter(|port| *port > 0)
        .ok_or_else(|| Failure::new(format!("{name} needs a port, 1 to 65535, not {text:?}")))
}

fn port(who: &str, variable: &str, asked: Option<u16>, usual: u16) -> Result<u16> {
    let named = std::env::var(variable).ok().filter(|text| !text.is_empty());
    let named = named.map(|text| parse(variable, &text)).transpose()?;
    if let Some(port) = asked.or(named) {
        return if is_free(port) {
            Ok(port)
        } else {
            Err(Failure::new(format!("port {port} for {who} is taken; choose another one with {variable}")))
        };
    }
    if is_free(usual) {
        return Ok(usual);
    }
    let other = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    let port = other.map_err(|error| Failure::new(format!("no port is free for {who}: {error}")))?.port();
    eprintln!("Port {usual} for {who} is taken, so it gets {port}; {variable} chooses one.");
    Ok(port)
}

/// Whether nobody listens there, on either kind of loopback address: `localhost` may mean both.
fn is_free(port: u16) -> bool {
    let six = TcpListener::bind((Ipv6Addr::LOCALHOST, port));
    let six_is_taken = six.is_err_and(|error| error.kind() == std::io::ErrorKind::AddrInUse);
    !six_is_taken && TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_refused_by_name_when_asked_for_and_replaced_when_not() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let number = taken.local_addr().unwrap().port();
        let refused = port("the page", "CR3D_DEMO_TEST_UNSET", Some(number), 1).unwrap_err().to_string();
        assert!(refused.contains(&number.to_string()) && refused.contains("CR3D_DEMO_TEST_UNSET"), "{refused}");
        assert_ne!(port("the page", "CR3D_DEMO_TEST_UNSET", None, number).unwrap(), number);
    }

    #[test]
    fn nonsense_is_no_port() {
        assert_eq!(parse("--port", "8081").unwrap(), 8081);
        for text in ["", "0", "70000", "-1", "http"] {
            assert!(parse("--port", text).unwrap_err().to_string().starts_with("--port"), "{text}");
        }
    }
}
