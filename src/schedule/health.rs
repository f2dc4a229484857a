//! `/healthz` and `/metrics`: how the scheduler is, for whoever restarts it, and what it counts, for whoever
//! watches it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::metrics::Metrics;
use crate::notify::http_client;

const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// A scheduler that does not answer within this is not well.
const PATIENCE: Duration = Duration::from_secs(5);

/// A server that listens.
#[derive(Debug)]
pub struct HealthServer {
    listener: TcpListener,
    metrics: Arc<Metrics>,
}

impl HealthServer {
    /// # Errors
    /// When the address is taken.
    pub async fn bind(listen: SocketAddr, metrics: Arc<Metrics>) -> io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        Ok(Self { listener, metrics })
    }

    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers until `stop` fires.
    pub async fn serve(self, stop: CancellationToken) -> io::Result<()> {
        let service = Router::new()
            .route("/healthz", get(health))
            .route("/metrics", get(numbers))
            .with_state(self.metrics);
        axum::serve(self.listener, service)
            .with_graceful_shutdown(async move { stop.cancelled().await })
            .await
    }
}

async fn health(State(metrics): State<Arc<Metrics>>) -> Response {
    if metrics.is_well() {
        (StatusCode::OK, "ok\n").into_response()
    } else {
        let said = "what happens cannot be written down\n";
        (StatusCode::SERVICE_UNAVAILABLE, said).into_response()
    }
}

async fn numbers(State(metrics): State<Arc<Metrics>>) -> Response {
    match metrics.text() {
        Ok(text) => ([(header::CONTENT_TYPE, OPENMETRICS)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Asks a scheduler on this machine how it is: what it said, and whether it is well.
///
/// # Errors
/// When nobody answers in time.
pub async fn ask_health(listen: SocketAddr) -> io::Result<(bool, String)> {
    let client = http_client(PATIENCE, &[]).map_err(io::Error::other)?;
    // One that listens everywhere listens here.
    let host = match listen.ip() {
        ip if !ip.is_unspecified() => ip,
        ip if ip.is_ipv4() => std::net::Ipv4Addr::LOCALHOST.into(),
        _ => std::net::Ipv6Addr::LOCALHOST.into(),
    };
    let place = SocketAddr::new(host, listen.port());
    let answer = client
        .get(format!("http://{place}/healthz"))
        .send()
        .await
        .map_err(io::Error::other)?;
    let is_well = answer.status().is_success();
    let said = answer.text().await.map_err(io::Error::other)?;
    Ok((is_well, said.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::net::Ipv4Addr;

    #[tokio::test]
    async fn it_is_well_while_what_happens_can_be_written() {
        let metrics = Arc::new(Metrics::default());
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let server = HealthServer::bind(any, Arc::clone(&metrics)).await.unwrap();
        let (address, stop) = (server.address().unwrap(), CancellationToken::new());
        let answering = tokio::spawn(server.serve(stop.clone()));
        assert!(ask_health(address).await.unwrap().0);
        metrics.remembers(false);
        let (is_well, said) = ask_health(address).await.unwrap();
        assert!(!is_well && said.contains("written"), "{said}");
        stop.cancel();
        answering.await.unwrap().unwrap();
        assert!(ask_health(address).await.is_err(), "nobody is there any more");
    }
}
