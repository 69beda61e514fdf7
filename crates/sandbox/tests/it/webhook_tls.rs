//! Webhooks over real TLS to a public host name that resolves to this machine.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use cr3dentials_sandbox::Webhooks;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use rcgen::{CertificateParams, CertifiedIssuer, KeyPair};
use serde_json::json;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::harness::receiver::Receiver;
use crate::harness::{Partner, until};

const HOST: &str = "partner.example.com";

/// Certificate authority created for a test, with its certificate in a file.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    pem: PathBuf,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let pem = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.pem"));
        std::fs::write(&pem, issuer.pem()).unwrap();
        Self { issuer, pem }
    }

    /// Serves `receiver` over TLS as [`HOST`].
    async fn serve(&self, receiver: &Receiver) -> SocketAddr {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![HOST.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate.into()], key);
        let acceptor = TlsAcceptor::from(Arc::new(config.unwrap()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = TowerToHyperService::new(receiver.router());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, service) = (acceptor.clone(), service.clone());
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        let _ =
                            Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
                    }
                });
            }
        });
        address
    }
}

async fn partner(ca: Option<PathBuf>, address: SocketAddr) -> Partner {
    let webhooks = Webhooks { ca, resolve: vec![(HOST.to_owned(), address)], retries: 0, ..Webhooks::default() };
    Partner::with_webhooks(webhooks).await
}

async fn deliver(partner: &Partner, address: SocketAddr) -> String {
    let url = format!("https://{HOST}:{}/webhooks/6f1c", address.port());
    let created = partner.create(json!({ "webhookUrl": url })).await;
    partner.terminate(&created).await;
    until(|| async { partner.show("/webhooks").await[0]["result"].as_str().map(str::to_owned) }).await
}

#[tokio::test]
async fn resolved_host_with_a_trusted_certificate_receives_webhooks() {
    let (authority, receiver) = (Authority::new("trusted"), Receiver::responding(&[]));
    let address = authority.serve(&receiver).await;
    let partner = partner(Some(authority.pem.clone()), address).await;
    assert_eq!(deliver(&partner, address).await, "HTTP 204");
    assert_eq!(receiver.received()[0].0["host"], format!("{HOST}:{}", address.port()).as_str());
}

#[tokio::test]
async fn untrusted_certificate_is_refused() {
    let (authority, receiver) = (Authority::new("unknown"), Receiver::responding(&[]));
    let address = authority.serve(&receiver).await;
    for ca in [None, Some(Authority::new("other").pem)] {
        let partner = partner(ca, address).await;
        assert_eq!(deliver(&partner, address).await, "could not connect");
    }
    assert_eq!(receiver.count(), 0);
}
