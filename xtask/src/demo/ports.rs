use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};

use crate::command::{Failure, Result};

/// Ports that the programs listen on, on the loopback address only.
pub(crate) struct Ports {
    pub(crate) sandbox: u16,
    pub(crate) proxy: u16,
    pub(crate) backend: u16,
    pub(crate) page: u16,
}

impl Ports {
    /// Chooses the default ports, or free ones where those are in use. Fails when a port that the user chose is in use.
    pub(crate) fn choose(page: Option<u16>) -> Result<Self> {
        Ok(Self {
            sandbox: port("the sandbox", "CR3D_DEMO_SANDBOX_PORT", None, 7071)?,
            proxy: port("the proxy", "CR3D_DEMO_PROXY_PORT", None, 7072)?,
            backend: port("the proxy's backend listener", "CR3D_DEMO_BACKEND_PORT", None, 7073)?,
            page: port("the page", "CR3D_DEMO_PORT", page, 8080)?,
        })
    }
}

/// Parses a port. `name` is the option or variable it came from.
pub(crate) fn parse(name: &str, text: &str) -> Result<u16> {
    text.parse()
        .ok()
        .filter(|port| *port > 0)
        .ok_or_else(|| Failure::new(format!("{name} needs a port, 1 to 65535, not {text:?}")))
}

fn port(part: &str, variable: &str, requested: Option<u16>, default: u16) -> Result<u16> {
    let named = std::env::var(variable).ok().filter(|text| !text.is_empty());
    let named = named.map(|text| parse(variable, &text)).transpose()?;
    if let Some(port) = requested.or(named) {
        return if is_free(port) {
            Ok(port)
        } else {
            Err(Failure::new(format!("port {port} for {part} is in use; choose another one with {variable}")))
        };
    }
    if is_free(default) {
        return Ok(default);
    }
    let other = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    let port = other.map_err(|error| Failure::new(format!("no port is free for {part}: {error}")))?.port();
    eprintln!("Port {default} for {part} is in use, so it gets {port}; set {variable} to choose one.");
    Ok(port)
}

/// Returns true if the port is free on both loopback addresses: `localhost` may mean either.
fn is_free(port: u16) -> bool {
    let v6 = TcpListener::bind((Ipv6Addr::LOCALHOST, port));
    let v6_is_taken = v6.is_err_and(|error| error.kind() == std::io::ErrorKind::AddrInUse);
    !v6_is_taken && TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taken_port_is_refused_if_requested_else_replaced() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let number = taken.local_addr().unwrap().port();
        let refused = port("the page", "CR3D_DEMO_TEST_UNSET", Some(number), 1).unwrap_err().to_string();
        assert!(refused.contains(&number.to_string()) && refused.contains("CR3D_DEMO_TEST_UNSET"), "{refused}");
        assert_ne!(port("the page", "CR3D_DEMO_TEST_UNSET", None, number).unwrap(), number);
    }

    #[test]
    fn invalid_ports_are_refused() {
        assert_eq!(parse("--port", "8081").unwrap(), 8081);
        for text in ["", "0", "70000", "-1", "http"] {
            assert!(parse("--port", text).unwrap_err().to_string().starts_with("--port"), "{text}");
        }
    }
}
