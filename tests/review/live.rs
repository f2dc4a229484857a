//! What the page shows of what goes on: decisions in the report at once, a recheck under way and what it found,
//! and that listening ends.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::access::no_name_became_markup;
use crate::axe::Access;
use crate::chromium::Chromium;
use crate::page::{choose, click, go_to, is_ready, says};
use crate::review_server::Review;
use crate::{HOSTILE_SITE, MENDED};

/// The word beside a verdict that a person changed.
const DECIDED: &str = "Người rà soát kết luận";

/// While another program holds the run its pages say what was decided, its tables are not given out, and its
/// files wait; then all of them say it.
pub fn the_report_follows_at_once_and_its_files_when_they_can(
    review: &Review,
    lock: std::fs::File,
    run: &Path,
    decided: &BTreeSet<String>,
) {
    let (cookie, _) = review.log_in("view");
    let name = run.file_name().unwrap().to_str().unwrap();
    let ask = |path: &str| {
        let (status, _, body) = review.ask(
            "GET",
            &format!("/files/{name}/{path}"),
            &[("Cookie", &cookie)],
            "",
        );
        (status, String::from_utf8_lossy(&body).into_owned())
    };
    for site in decided {
        let path = format!("report/sites/{site}.html");
        let on_disk = std::fs::read_to_string(run.join(&path)).unwrap();
        assert!(!on_disk.contains(DECIDED), "{site}");
        assert!(ask(&path).1.contains(DECIDED), "{site}");
    }
    assert_eq!(
        ask("results.csv").0,
        409,
        "a table without the newest decisions is not given out"
    );
    let results = run.join("results.jsonl");
    let says_so = |text: &str| text.contains("\"decision\":\"confirm\"");
    assert!(!says_so(&std::fs::read_to_string(&results).unwrap()));
    drop(lock);
    let (status, given) = ask("results.jsonl");
    assert!(status == 200 && says_so(&given), "{status}");
    assert_eq!(
        given,
        std::fs::read_to_string(&results).unwrap(),
        "the files follow"
    );
}

/// A site that was mended since the run: the recheck is watched to its end, its findings are told beside what
/// the run said, in the queue and in the report, and decided about; the files of the run stay what they were.
pub fn a_recheck_is_watched_and_told_beside_the_run(
    browser: &mut Chromium,
    access: &mut Access,
    review: &Review,
    sites: &Path,
    run: &Path,
) {
    mend(sites);
    click(browser, "to-work");
    go_to(
        browser,
        &format!("document.getElementById('site').textContent === '{MENDED}'"),
    );
    click(browser, "recheck-now");
    says(browser, "job-state", &format!("Đang chạy: {MENDED}"));
    says(browser, "job-state", "Đã xong");
    choose(browser, "changed");
    // The queue follows the end of the recheck by itself.
    browser.wait("document.getElementById('entry').offsetParent");
    go_to(
        browser,
        &format!(
            "document.getElementById('site').textContent === '{MENDED}' && document.getElementById('check').textContent.includes('Mã giám sát')"
        ),
    );
    says(browser, "rechecked", "nay là Đạt (trước đó: ");
    access.look(browser, "finding of a recheck");
    let picture = browser.value("document.querySelector('#pictures a').href");
    let name = run.file_name().unwrap().to_str().unwrap();
    assert!(
        !picture.as_str().unwrap().contains(name),
        "pictures are the recheck's: {picture}"
    );
    browser.key("c");
    says(browser, "message", "Đã lưu");

    let report = format!("http://127.0.0.1:{}/files/{name}/report/", review.port);
    for (page, what) in [
        ("index.html".to_owned(), "first page, live"),
        (format!("sites/{MENDED}.html"), "mended site, live"),
    ] {
        access.open(browser, &format!("{report}{page}"), "true", what);
        let told = browser.value("document.querySelector('details.banner').textContent");
        assert!(told.as_str().unwrap().contains("Đã kiểm tra lại"), "{told}");
        let on_disk = std::fs::read_to_string(run.join("report").join(page)).unwrap();
        assert!(!on_disk.contains("Đã kiểm tra lại"), "{what}");
    }
    browser.value("document.querySelector('details.banner a').click()");
    browser.wait(&format!(
        "document.readyState === 'complete' && !location.href.includes('/{name}/')"
    ));
    let title = browser.value("document.title");
    assert!(
        title.as_str().unwrap().starts_with("xalongson"),
        "the recheck's page: {title}"
    );
    access.open(
        browser,
        &format!("{report}sites/{HOSTILE_SITE}.html"),
        "true",
        "hostile site, live",
    );
    no_name_became_markup(browser, "hostile site, live");
    browser.open(&format!("http://127.0.0.1:{}/", review.port));
    is_ready(browser);
    click(browser, "job-run");
    browser.wait("document.getElementById('run').selectedOptions[0].textContent.includes('kiểm tra lại')");
}

/// Puts the code onto the site that had none.
fn mend(sites: &Path) {
    let page = sites.join(MENDED).join("index.html");
    let text = std::fs::read_to_string(&page).unwrap();
    let code = "<script>var _govaq = window._govaq = [];
        _govaq.push(['trackPageView'], ['setTrackerUrl', 'https://f-emc.ngsp.gov.vn/tracking'], ['setSiteId', '8119']);</script>
        <script async src=\"https://f-emc.ngsp.gov.vn/embed/gov-tracking.min.js\"></script></head>";
    assert!(text.contains("</head>"));
    std::fs::write(&page, text.replacen("</head>", code, 1)).unwrap();
}

/// One who listens to the audit under way.
fn listener(review: &Review, cookie: &str) -> (u16, BufReader<TcpStream>) {
    let stream = TcpStream::connect(("127.0.0.1", review.port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    write!(
        &stream,
        "GET /api/v1/job/events HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nCookie: {cookie}\r\n\r\n",
        review.port
    )
    .unwrap();
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).unwrap();
    (line.split(' ').nth(1).unwrap().parse().unwrap(), stream)
}

/// The newest state comes at once; there are not more listeners than places; and the server ends while they listen.
pub fn listeners_are_few_and_end_with_the_server(review: Review) {
    let (cookie, _) = review.log_in("view");
    let mut all = Vec::new();
    let refused = loop {
        let (status, stream) = listener(&review, &cookie);
        if status != 200 {
            break status;
        }
        all.push(stream);
        assert!(all.len() < 200, "there is no end of places");
    };
    assert_eq!((refused, all.len()), (503, 64));
    let first = &mut all[0];
    let mut line = String::new();
    while !line.starts_with("data: ") {
        line.clear();
        first.read_line(&mut line).unwrap();
    }
    assert!(
        line.contains("\"running\":false") && line.contains(MENDED),
        "{line}"
    );
    let began = Instant::now();
    review.end();
    assert!(began.elapsed() < Duration::from_mins(1), "{:?}", began.elapsed());
    for mut stream in all {
        stream.read_to_end(&mut Vec::new()).unwrap();
    }
}
