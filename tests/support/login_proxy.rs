//! A proxy on loopback that asks for a login.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

/// `robot:mat khau`, in small letters as headers may come in any.
const LOGIN: &str = "proxy-authorization: basic cm9ib3q6bwf0igtoyxu=\r\n";
const REFUSAL: &[u8] =
    b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"noi bo\"\r\n\
    Content-Length: 0\r\nConnection: close\r\n\r\n";

/// Every name leads to the same servers on loopback.
pub struct LoginProxy {
    pub port: u16,
    passed: Arc<AtomicUsize>,
}

impl LoginProxy {
    /// What is asked for by CONNECT is at the port `tls`, everything else at `plain`.
    pub async fn to(tls: u16, plain: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let passed = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&passed);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serve_one(client, tls, plain, Arc::clone(&counted)));
            }
        });
        Self { port, passed }
    }

    /// With the login that it wants.
    pub fn url(&self) -> String {
        format!("http://robot:mat%20khau@127.0.0.1:{}", self.port)
    }

    /// How many connections it let pass.
    pub fn passed(&self) -> usize {
        self.passed.load(Ordering::Relaxed)
    }
}

async fn serve_one(mut client: TcpStream, tls: u16, plain: u16, passed: Arc<AtomicUsize>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match client.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let text = String::from_utf8_lossy(&head);
    if !text.to_ascii_lowercase().contains(LOGIN) {
        client.write_all(REFUSAL).await.ok();
        return;
    }
    passed.fetch_add(1, Ordering::Relaxed);
    let is_tunnel = text.starts_with("CONNECT ");
    let Ok(mut server) = TcpStream::connect(("127.0.0.1", if is_tunnel { tls } else { plain })).await else {
        return;
    };
    let begun = if is_tunnel {
        client
            .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
            .await
    } else {
        server.write_all(&head).await
    };
    if begun.is_ok() {
        copy_bidirectional(&mut client, &mut server).await.ok();
    }
}
