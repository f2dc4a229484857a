//! What people with a screen reader, a keyboard or weak sight cannot use, as axe-core finds it in the page that a
//! browser shows, wide and narrow, light and dark.
#![allow(clippy::unwrap_used, dead_code)] // each test file uses a part of it

use std::path::Path;

use serde_json::json;

use crate::chromium::Chromium;

/// What it finds in the page that is loaded; only what axe-core calls serious or critical.
const RUN: &str = "axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.slice(0, 5).map(({ target, failureSummary }) =>
        id + ' ' + target.join(' ') + ': ' + failureSummary.replace(/\\s+/g, ' '))))";

/// Looks at pages, and keeps what is wrong with them until the end.
pub struct Access {
    axe: String,
    pub problems: Vec<String>,
}

impl Access {
    /// # Panics
    /// Where axe-core was not fetched.
    pub fn new() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/axe-core/axe.min.js");
        let axe = std::fs::read_to_string(&path).unwrap_or_else(|cause| {
            panic!(
                "{}: {cause}; run scripts/fetch-axe (scripts/test does it too), which needs npm and a network",
                path.display()
            )
        });
        Self {
            axe,
            problems: Vec::new(),
        }
    }

    /// Looks at what the browser shows now, as it is on a desk and on a telephone.
    pub fn look(&mut self, browser: &mut Chromium, what: &str) {
        if browser.value("typeof axe") == "undefined" {
            browser.value(&format!("{}; 0", self.axe));
        }
        for (width, height) in [(390, 844), (1366, 900)] {
            browser.size(width, height);
            for scheme in ["dark", "light"] {
                browser.prefers(scheme);
                let found = browser.value(RUN);
                let found = found.as_array().unwrap().iter();
                self.problems.extend(
                    found.map(|one| format!("{what}, {width} px, {scheme}: {}", one.as_str().unwrap())),
                );
            }
            let wide = browser.value("document.documentElement.scrollWidth");
            if wide.as_u64().unwrap() > u64::from(width) {
                self.problems
                    .push(format!("{what}, {width} px: scrolls sideways to {wide}"));
            }
        }
        // What the page says of itself while it was looked at is the page's.
        let said = browser.complaints.drain(..);
        self.problems.extend(said.map(|said| format!("{what}: {said}")));
    }

    /// Opens a page and looks at it.
    pub fn open(&mut self, browser: &mut Chromium, url: &str, ready: &str, what: &str) {
        browser.open(url);
        browser.wait(&format!(
            "location.href.startsWith({}) && document.readyState === 'complete' && ({ready})",
            json!(url)
        ));
        self.look(browser, what);
    }

    /// # Panics
    /// Where anything was wrong.
    pub fn end(self) {
        assert!(self.problems.is_empty(), "{}", self.problems.join("\n"));
    }
}
