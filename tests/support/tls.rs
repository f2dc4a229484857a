//! TLS in front of a server on loopback, with certificates that OpenSSL makes.
#![allow(clippy::unwrap_used)]

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{ServerConfig, crypto::ring};

/// An authority and the certificate of a server that it vouches for.
pub struct Certificates(tempfile::TempDir);

impl Certificates {
    /// For a server of this name, as OpenSSL writes it: `DNS:tsa.gov.vn`, `IP:127.0.0.1`.
    pub fn of(name: &str) -> Self {
        let certificates = Self(tempfile::tempdir().unwrap());
        std::fs::write(
            certificates.path("ext"),
            format!("subjectAltName = {name}\nextendedKeyUsage = serverAuth\n"),
        )
        .unwrap();
        let new = "req -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256";
        let of_ca = "-x509 -keyout ca.key -out ca.pem -days 30 -subj /CN=Goc";
        certificates.openssl(&format!("{new} {of_ca}"));
        certificates.openssl(&format!("{new} -keyout server.key -out server.csr -subj /CN=May"));
        certificates.openssl(
            "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out server.pem -days 30 -extfile ext",
        );
        certificates
    }

    /// The file to trust.
    pub fn ca(&self) -> PathBuf {
        self.path("ca.pem")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn openssl(&self, words: &str) {
        let ended = Command::new("openssl")
            .args(words.split(' '))
            .current_dir(self.0.path())
            .output()
            .expect("openssl is installed. hint: scripts/test installs it");
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success(), "{words}: {said}");
    }
}

/// Takes TLS until the test ends, and passes what is in it to the port `plain`; the value is its own port.
pub async fn front(certificates: &Certificates, plain: u16) -> u16 {
    let chain = vec![CertificateDer::from_pem_file(certificates.path("server.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_file(certificates.path("server.key")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                // A client that does not trust it goes away.
                let Ok(mut client) = acceptor.accept(client).await else {
                    return;
                };
                let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, plain)).await.unwrap();
                copy_bidirectional(&mut client, &mut server).await.ok();
            });
        }
    });
    port
}
