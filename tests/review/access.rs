//! Nothing that people with a screen reader, a keyboard or weak sight could not use, in the report as it is on
//! the disk, and no name that becomes markup there.

use std::path::Path;

use crate::axe::Access;
use crate::chromium::Chromium;
use crate::{HOSTILE, HOSTILE_SITE, PORTAL};

/// The first page, a portal, a site, and a ranking.
pub fn the_report_on_the_disk(browser: &mut Chromium, access: &mut Access, run: &Path, ranking: &Path) {
    let address = |path: &Path| format!("file://{}", path.display());
    let report = run.join("report");
    let pages = [
        (
            report.join("index.html"),
            "document.querySelectorAll('#table tbody tr').length > 10",
            "first page",
        ),
        (report.join(format!("portals/{PORTAL}.html")), "true", "portal"),
        (report.join(format!("sites/{HOSTILE_SITE}.html")), "true", "site"),
        (ranking.to_path_buf(), "true", "ranking"),
    ];
    for (page, ready, what) in pages {
        access.open(browser, &address(&page), ready, what);
        browser.value("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
        access.look(browser, &format!("{what}, all opened"));
        no_name_became_markup(browser, what);
        let text = browser.value("document.body.textContent");
        assert!(text.as_str().unwrap().contains(HOSTILE), "{what} has the name");
    }
}

/// The names of these tests would be a picture that cannot be loaded.
pub fn no_name_became_markup(browser: &mut Chromium, what: &str) {
    let made = browser.value("document.querySelectorAll('img[src=\"x\"], img[onerror]').length");
    assert_eq!(made, 0, "{what}");
}
