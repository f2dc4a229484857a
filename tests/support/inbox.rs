//! Where messages arrive: a mail server and a web server on loopback. Each refuses the first attempt, as
//! servers do that are down for a moment.
#![allow(clippy::unwrap_used, dead_code)] // each test file uses a part of it

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A request of a webhook.
#[derive(Debug, Clone)]
pub struct Posted {
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// All that arrived, refused attempts too.
#[derive(Debug, Clone, Default)]
pub struct Inbox {
    posted: Arc<Mutex<Vec<Posted>>>,
    mails: Arc<Mutex<Vec<String>>>,
    /// Attempts to send mail.
    calls: Arc<Mutex<usize>>,
}

impl Inbox {
    pub fn posted(&self) -> Vec<Posted> {
        self.posted.lock().unwrap().clone()
    }

    /// The mails as they came, headers first.
    pub fn mails(&self) -> Vec<String> {
        self.mails.lock().unwrap().clone()
    }

    pub fn mail_attempts(&self) -> usize {
        *self.calls.lock().unwrap()
    }

    /// Serves until the test ends; the address of its one page.
    pub async fn serve_web(&self) -> String {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = Router::new().route("/hook", post(take)).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        format!("http://{address}/hook")
    }

    /// Takes mail until the test ends.
    pub async fn serve_mail(&self) -> SocketAddr {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let inbox = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(inbox.clone().talk(stream));
            }
        });
        address
    }

    /// As much of RFC 5321 as a sender needs. A sender that goes away ends it.
    async fn talk(self, stream: TcpStream) -> Option<()> {
        let mut stream = BufReader::new(stream);
        say(&mut stream, "220 loopback").await?;
        loop {
            let line = line(&mut stream).await?;
            let answer = match line.split([' ', ':']).next()? {
                "EHLO" => "250-loopback\r\n250 8BITMIME",
                "MAIL" => {
                    let mut calls = self.calls.lock().unwrap();
                    *calls += 1;
                    if *calls == 1 { "451 not now" } else { "250 go on" }
                }
                "RCPT" | "RSET" | "NOOP" => "250 go on",
                "DATA" => {
                    say(&mut stream, "354 until a full stop").await?;
                    let mut mail = String::new();
                    loop {
                        match line_of(&mut stream).await?.as_str() {
                            ".\r\n" => break,
                            text => mail.push_str(text.strip_prefix('.').unwrap_or(text)),
                        }
                    }
                    self.mails.lock().unwrap().push(mail);
                    "250 taken"
                }
                "QUIT" => {
                    say(&mut stream, "221 bye").await?;
                    return None;
                }
                _ => "502 unknown",
            };
            say(&mut stream, answer).await?;
        }
    }
}

async fn take(State(inbox): State<Inbox>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let mut posted = inbox.posted.lock().unwrap();
    posted.push(Posted {
        headers,
        body: body.to_vec(),
    });
    if posted.len() == 1 {
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        StatusCode::NO_CONTENT
    }
}

async fn say(stream: &mut BufReader<TcpStream>, text: &str) -> Option<()> {
    stream.write_all(format!("{text}\r\n").as_bytes()).await.ok()
}

async fn line_of(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    let read = stream.read_line(&mut line).await.ok()?;
    (read > 0).then_some(line)
}

async fn line(stream: &mut BufReader<TcpStream>) -> Option<String> {
    Some(line_of(stream).await?.trim_end().to_owned())
}
