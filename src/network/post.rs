//! One question by HTTP, for what no browser asks: a time stamp. It obeys `--connect-to`, the proxy and the
//! certificates to trust, as everything else does; it follows no redirect and reads no long answer.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST, HeaderValue, PROXY_AUTHORIZATION};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use url::Url;

use super::connect_to::ConnectToRules;
use super::proxy::Proxy;

/// Longer answers are none.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// How questions go out.
#[derive(Debug, Clone, Default)]
pub struct PostOptions {
    pub connect_to: ConnectToRules,
    pub proxy: Option<Proxy>,
    /// Certificates to trust besides those of the system (PEM or DER).
    pub extra_ca: Vec<PathBuf>,
    /// For the whole question.
    pub time_limit: Duration,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Http(#[from] hyper::Error),
    #[error("{0} is no address to ask")]
    Address(String),
    #[error("no answer in {0:?}")]
    Late(Duration),
    #[error("status {0}")]
    Status(u16),
    #[error("the answer is too long, or broke off")]
    Answer,
    #[error("TLS: {0}")]
    Tls(String),
    #[error("the proxy refused (status {0})")]
    Proxy(u16),
    #[error("this is not asked through a SOCKS proxy")]
    Socks,
}

/// A connection to a server, through whatever lies between.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// Posts `body` to `url` and gives what was answered with a status of 200.
///
/// # Errors
/// When nobody answers in time, or with something else.
pub async fn post(
    url: &Url,
    content_type: &'static str,
    body: Vec<u8>,
    options: &PostOptions,
) -> Result<Vec<u8>, PostError> {
    let asked = ask(url, content_type, body, options);
    tokio::time::timeout(options.time_limit, asked)
        .await
        .unwrap_or(Err(PostError::Late(options.time_limit)))
}

async fn ask(
    url: &Url,
    content_type: &'static str,
    body: Vec<u8>,
    options: &PostOptions,
) -> Result<Vec<u8>, PostError> {
    let address = || PostError::Address(url.to_string());
    let host = url.host_str().ok_or_else(address)?;
    let port = url.port_or_known_default().ok_or_else(address)?;
    let is_secure = match url.scheme() {
        "https" => true,
        "http" => false,
        _ => return Err(address()),
    };
    let mut stream: Box<dyn Stream> = Box::new(connect(host, port, is_secure, options).await?);
    if is_secure {
        stream = Box::new(secured(stream, host, options).await?);
    }
    // A proxy that passes questions on wants to know for whom.
    let target = match (&options.proxy, is_secure) {
        (Some(_), false) => url.to_string(),
        _ => url[url::Position::BeforePath..url::Position::AfterQuery].to_owned(),
    };
    let authority = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(target)
        .header(HOST, authority)
        .header(CONTENT_TYPE, HeaderValue::from_static(content_type))
        .body(Full::new(Bytes::from(body)))
        .map_err(|_| address())?;
    if let (Some(login), false) = (login(options), is_secure) {
        request.headers_mut().insert(PROXY_AUTHORIZATION, login);
    }
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let serving = tokio::spawn(connection);
    let answer = sender.send_request(request).await?;
    if answer.status() != 200 {
        return Err(PostError::Status(answer.status().as_u16()));
    }
    let read = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await;
    serving.abort();
    Ok(read.map_err(|_| PostError::Answer)?.to_bytes().to_vec())
}

/// To the server itself, to where `--connect-to` sends it, or through the proxy.
async fn connect(
    host: &str,
    port: u16,
    is_secure: bool,
    options: &PostOptions,
) -> Result<TcpStream, PostError> {
    let bare = |host: &str| host.trim_matches(['[', ']']).to_owned();
    if let Some((host, port)) = options.connect_to.target(&bare(host), port) {
        return Ok(TcpStream::connect((host, port)).await?);
    }
    let Some(proxy) = &options.proxy else {
        return Ok(TcpStream::connect((bare(host), port)).await?);
    };
    let server = Url::parse(&proxy.server()).map_err(|_| PostError::Address(proxy.server()))?;
    if server.scheme() != "http" {
        return Err(PostError::Socks);
    }
    let place = (
        bare(server.host_str().unwrap_or_default()),
        server.port_or_known_default().unwrap_or(80),
    );
    let stream = TcpStream::connect(place).await?;
    if is_secure {
        tunnel(stream, &format!("{host}:{port}"), options).await
    } else {
        Ok(stream)
    }
}

/// Asks the proxy for a way to `authority`, and gives the connection that leads there.
async fn tunnel(
    mut stream: TcpStream,
    authority: &str,
    options: &PostOptions,
) -> Result<TcpStream, PostError> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut head = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n").into_bytes();
    if let Some(login) = login(options) {
        head.extend_from_slice(b"Proxy-Authorization: ");
        head.extend_from_slice(login.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
    stream.write_all(&head).await?;
    // Byte by byte: what comes behind the head belongs to the server.
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") && answer.len() < 16 << 10 {
        answer.push(stream.read_u8().await?);
    }
    let text = String::from_utf8_lossy(&answer);
    match text.split(' ').nth(1).and_then(|status| status.parse().ok()) {
        Some(200) => Ok(stream),
        status => Err(PostError::Proxy(status.unwrap_or(0))),
    }
}

fn login(options: &PostOptions) -> Option<HeaderValue> {
    let login = options.proxy.as_ref()?.login()?;
    let text = BASE64_STANDARD.encode(format!("{}:{}", login.user, login.password));
    HeaderValue::from_str(&format!("Basic {text}")).ok()
}

async fn secured(
    stream: Box<dyn Stream>,
    host: &str,
    options: &PostOptions,
) -> Result<impl Stream + 'static, PostError> {
    let tls = |error: &dyn std::fmt::Display| PostError::Tls(error.to_string());
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    for path in &options.extra_ca {
        let bytes = fs_err::read(path)?;
        let in_pem: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&bytes)
            .filter_map(Result::ok)
            .collect();
        let found = if in_pem.is_empty() {
            vec![CertificateDer::from(bytes)]
        } else {
            in_pem
        };
        roots.add_parsable_certificates(found);
    }
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| tls(&error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned()).map_err(|error| tls(&error))?;
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .map_err(|error| tls(&error))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// A server that answers one question with `answer`; what it was asked comes back.
    async fn asked(answer: &'static [u8], ask: impl AsyncFnOnce(u16)) -> String {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let serving = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut bytes = vec![0_u8; 4096];
            let length = stream.read(&mut bytes).await.unwrap();
            stream.write_all(answer).await.unwrap();
            String::from_utf8_lossy(&bytes[..length]).into_owned()
        });
        ask(port).await;
        serving.await.unwrap()
    }

    fn options(connect_to: &[String], proxy: Option<String>) -> PostOptions {
        PostOptions {
            connect_to: ConnectToRules::new(connect_to.iter().map(|rule| rule.parse().unwrap()).collect()),
            proxy: proxy.map(|proxy| proxy.parse().unwrap()),
            extra_ca: Vec::new(),
            time_limit: Duration::from_secs(10),
        }
    }

    #[tokio::test]
    async fn a_question_goes_where_it_is_sent_and_its_answer_comes_back() {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        let url = Url::parse("http://tsa.gov.vn/ask?a=1").unwrap();
        let said = asked(answer, async |port| {
            let options = options(&[format!("tsa.gov.vn:80:127.0.0.1:{port}")], None);
            let answer = post(&url, "text/plain", b"question".to_vec(), &options).await;
            assert_eq!(answer.unwrap(), b"ok");
        })
        .await;
        assert!(said.starts_with("POST /ask?a=1 HTTP/1.1\r\n"), "{said}");
        assert!(said.contains("host: tsa.gov.vn\r\n"), "{said}");

        let said = asked(answer, async |port| {
            let proxy = format!("http://me:secret@127.0.0.1:{port}");
            let answer = post(&url, "text/plain", Vec::new(), &options(&[], Some(proxy))).await;
            assert_eq!(answer.unwrap(), b"ok");
        })
        .await;
        assert!(
            said.starts_with("POST http://tsa.gov.vn/ask?a=1 HTTP/1.1\r\n"),
            "{said}"
        );
        assert!(said.contains("proxy-authorization: Basic bWU6c2VjcmV0"), "{said}");

        let secure = Url::parse("https://tsa.gov.vn/").unwrap();
        let said = asked(b"HTTP/1.1 407 No\r\n\r\n", async |port| {
            let proxy = format!("http://me:secret@127.0.0.1:{port}");
            let refused = post(&secure, "text/plain", Vec::new(), &options(&[], Some(proxy))).await;
            assert!(matches!(refused, Err(PostError::Proxy(407))), "{refused:?}");
        })
        .await;
        assert!(said.starts_with("CONNECT tsa.gov.vn:443 HTTP/1.1\r\n"), "{said}");
    }

    #[tokio::test]
    async fn what_is_no_answer_is_an_error() {
        let url = Url::parse("http://tsa.gov.vn/").unwrap();
        let ask = async |answer: &'static [u8]| {
            let mut failed = None;
            asked(answer, async |port| {
                let options = options(&[format!("::127.0.0.1:{port}")], None);
                failed = post(&url, "text/plain", Vec::new(), &options).await.err();
            })
            .await;
            failed.unwrap()
        };
        let moved = b"HTTP/1.1 302 Found\r\nLocation: http://x/\r\nContent-Length: 0\r\n\r\n";
        assert!(matches!(ask(moved).await, PostError::Status(302)));
        let cut = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok";
        assert!(matches!(ask(cut).await, PostError::Answer));
        let long = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\nok";
        assert!(matches!(ask(long).await, PostError::Answer));
        assert!(matches!(ask(b"nonsense").await, PostError::Http(_)));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut silent = options(&[format!("::127.0.0.1:{port}")], None);
        silent.time_limit = Duration::from_millis(200);
        let late = post(&url, "text/plain", Vec::new(), &silent).await;
        assert!(matches!(late, Err(PostError::Late(_))), "{late:?}");
        drop(listener);
    }
}
