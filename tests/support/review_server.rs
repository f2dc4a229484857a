//! The review server as the real binary, and requests to it as their bytes are.
#![allow(clippy::unwrap_used, dead_code)] // each test file uses a part of it

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::support::signal;

pub const JSON: (&str, &str) = ("Content-Type", "application/json");
/// Of every account.
pub const SECRET: &str = "một mật khẩu dài";

/// The server under way.
pub struct Review {
    child: Child,
    pub port: u16,
}

impl Review {
    /// `more` is put into its environment, which the audits that it starts have too.
    pub fn start(out: &Path, settings: &Path, more: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_emc-audit"));
        command.arg("--settings").arg(settings).arg("serve");
        command.args(["--listen", "127.0.0.1:0", "--out"]).arg(out);
        command
            .env("EMC_AUDIT_RUN__RETRY_PAUSES_S", "[0]")
            .envs(more.iter().copied());
        command.stdin(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let said = lines.find_map(|line| {
            line.unwrap()
                .split_once("http://127.0.0.1:")
                .map(|(_, rest)| rest.to_owned())
        });
        let port = said.unwrap().split('/').next().unwrap().parse().unwrap();
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, port }
    }

    pub fn end(mut self) {
        signal(self.child.id(), "-INT");
        assert!(self.child.wait().unwrap().success());
    }

    /// One request as its bytes are; the status, the head and the body of the answer.
    pub fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> (u16, String, Vec<u8>) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let mut request = Vec::new();
        write!(
            request,
            "{method} {path} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n",
            body.len()
        )
        .unwrap();
        if !headers.iter().any(|(name, _)| *name == "Host") {
            write!(request, "Host: 127.0.0.1:{}\r\n", self.port).unwrap();
        }
        for (name, value) in headers {
            write!(request, "{name}: {value}\r\n").unwrap();
        }
        write!(request, "\r\n{body}").unwrap();
        stream.write_all(&request).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, head, answer[end + 4..].to_vec())
    }

    pub fn status(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> u16 {
        self.ask(method, path, headers, body).0
    }

    /// The cookie and the token of somebody who logs in.
    pub fn log_in(&self, name: &str) -> (String, String) {
        let body = json!({"name": name, "password": SECRET}).to_string();
        let (status, head, _) = self.ask("POST", "/api/v1/login", &[JSON], &body);
        assert_eq!(status, 200);
        let mut lines = head.lines();
        let set = lines.find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
        assert!(
            set.contains("HttpOnly") && set.contains("SameSite=Strict"),
            "{set}"
        );
        let cookie = set.split(';').next().unwrap().to_owned();
        let (_, _, body) = self.ask("GET", "/api/v1/session", &[("Cookie", &cookie)], "");
        let session: Value = serde_json::from_slice(&body).unwrap();
        (cookie, session["token"].as_str().unwrap().to_owned())
    }
}

impl Drop for Review {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
