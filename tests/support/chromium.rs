//! A real Chromium for tests that use a page as a person does: keys, clicks, and what it says of errors.
#![allow(clippy::unwrap_used, dead_code)] // each test file uses a part of it

use std::fs::File;
use std::io::{BufRead, BufReader, Write, pipe};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use command_fds::{CommandFdExt, FdMapping};
use emc_audit::browser::find_engine;
use emc_audit::observation::Engine;
use serde_json::{Value, json};

/// One page of a browser of its own.
pub struct Chromium {
    child: Child,
    to: File,
    from: BufReader<File>,
    session: String,
    number: u64,
    /// What the page complained of: exceptions and errors on its console, with those of answers.
    pub complaints: Vec<String>,
    /// Every address that it asked for.
    pub requests: Vec<String>,
    _profile: tempfile::TempDir,
}

impl Chromium {
    pub fn start() -> Self {
        let program = find_engine(Engine::Chrome, None).unwrap().program;
        let profile = tempfile::tempdir().unwrap();
        let (theirs_in, to) = pipe().unwrap();
        let (from, theirs_out) = pipe().unwrap();
        let mut command = Command::new(program);
        command
            .args([
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
            ])
            .arg("--remote-debugging-pipe")
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mapped = |parent_fd, child_fd| FdMapping { parent_fd, child_fd };
        command
            .fd_mappings(vec![mapped(theirs_in.into(), 3), mapped(theirs_out.into(), 4)])
            .unwrap();
        let child = command.spawn().unwrap();
        drop(command);
        let to = File::from(std::os::fd::OwnedFd::from(to));
        let from = BufReader::new(File::from(std::os::fd::OwnedFd::from(from)));
        let mut browser = Self {
            child,
            to,
            from,
            session: String::new(),
            number: 0,
            complaints: Vec::new(),
            requests: Vec::new(),
            _profile: profile,
        };
        let target = browser.call("Target.createTarget", json!({"url": "about:blank"}));
        let attached = browser.call(
            "Target.attachToTarget",
            json!({"targetId": target["targetId"], "flatten": true}),
        );
        attached["sessionId"]
            .as_str()
            .unwrap()
            .clone_into(&mut browser.session);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        browser
    }

    /// A command of the protocol, with its answer.
    #[allow(clippy::needless_pass_by_value)] // callers make it where they call
    pub fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.number += 1;
        let mut message = json!({"id": self.number, "method": method, "params": parameters});
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        self.to.write_all(format!("{message}\0").as_bytes()).unwrap();
        loop {
            let mut bytes = Vec::new();
            self.from.read_until(0, &mut bytes).unwrap();
            bytes.pop();
            let told: Value = serde_json::from_slice(&bytes).unwrap();
            if told["id"] == self.number {
                assert!(told["error"].is_null(), "{method}: {}", told["error"]);
                return told["result"].clone();
            }
            if told["method"] == "Network.requestWillBeSent" {
                let url = told["params"]["request"]["url"].as_str().unwrap();
                self.requests.push(url.to_owned());
            }
            let is_error = match told["method"].as_str() {
                Some("Runtime.exceptionThrown") => true,
                Some("Runtime.consoleAPICalled") => told["params"]["type"] == "error",
                Some("Log.entryAdded") => told["params"]["entry"]["level"] == "error",
                _ => false,
            };
            if is_error {
                self.complaints.push(told["params"].to_string());
            }
        }
    }

    pub fn open(&mut self, url: &str) {
        self.call("Page.navigate", json!({"url": url}));
    }

    pub fn size(&mut self, width: u32, height: u32) {
        let metrics =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
        self.call("Emulation.setDeviceMetricsOverride", metrics);
    }

    /// As people set their screens: `light` or `dark`.
    pub fn prefers(&mut self, scheme: &str) {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.call("Emulation.setEmulatedMedia", json!({"features": features}));
    }

    /// What an expression is in the page.
    pub fn value(&mut self, expression: &str) -> Value {
        let asked = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let told = self.call("Runtime.evaluate", asked);
        assert!(told["exceptionDetails"].is_null(), "{expression}: {told}");
        told["result"]["value"].clone()
    }

    /// Waits until an expression is true in the page.
    pub fn wait(&mut self, expression: &str) {
        let began = Instant::now();
        while self.value(&format!(
            "(() => {{ try {{ return Boolean({expression}); }} catch {{ return false; }} }})()"
        )) != true
        {
            let body = self.value("document.body?.innerText");
            assert!(
                began.elapsed() < Duration::from_mins(2),
                "it did not come true that {expression}: {body}"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Presses one key, as its name in `KeyboardEvent.key`.
    pub fn key(&mut self, key: &str) {
        let code = match key {
            "Tab" => 9,
            "Enter" => 13,
            "Escape" => 27,
            "ArrowLeft" => 37,
            "ArrowRight" => 39,
            _ => i32::from(key.as_bytes()[0].to_ascii_uppercase()),
        };
        let mut pressed = json!({"type": "keyDown", "key": key, "windowsVirtualKeyCode": code});
        match key {
            "Enter" => pressed["text"] = json!("\r"),
            _ if key.len() == 1 => pressed["text"] = json!(key),
            _ => {}
        }
        self.call("Input.dispatchKeyEvent", pressed);
        let released = json!({"type": "keyUp", "key": key, "windowsVirtualKeyCode": code});
        self.call("Input.dispatchKeyEvent", released);
    }

    /// Opens a page and waits until all of it is there.
    pub fn visit(&mut self, url: &str) {
        self.open("about:blank");
        self.wait("location.href === 'about:blank'");
        self.open(url);
        self.wait("location.href !== 'about:blank' && document.readyState === 'complete'");
    }

    /// Presses the mouse in the middle of the first element of that kind.
    pub fn click_on(&mut self, selector: &str) {
        let place = self.value(&format!(
            "(() => {{ const e = document.querySelector({}); e.scrollIntoView({{ block: 'center' }});
             const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; }})()",
            json!(selector)
        ));
        for kind in ["mousePressed", "mouseReleased"] {
            let event =
                json!({"type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1});
            self.call("Input.dispatchMouseEvent", event);
        }
    }

    /// Presses Tab until the focus is on an element of that kind; fails where it never gets there.
    pub fn tab_to(&mut self, selector: &str) {
        let is_there = format!("Boolean(document.activeElement?.matches({}))", json!(selector));
        for _ in 0..200 {
            if self.value(&is_there) == true {
                return;
            }
            self.key("Tab");
        }
        panic!("the keyboard does not get to {selector}");
    }

    /// How far a page can be scrolled sideways, in pixels.
    pub fn sideways(&mut self) -> i64 {
        let over = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        self.value(over).as_i64().unwrap()
    }

    /// Types into whatever has the focus.
    pub fn type_text(&mut self, text: &str) {
        self.call("Input.insertText", json!({"text": text}));
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
