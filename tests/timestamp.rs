//! Time stamps by a real authority on this machine: OpenSSL behind a small server. It also breaks, sleeps and lies.
#![allow(clippy::unwrap_used)]

#[path = "support/login_proxy.rs"]
mod login_proxy;
mod support;
#[path = "support/tls.rs"]
mod tls;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use emc_audit::bundle::{
    JudgedBy, Roots, RunFolder, RunKind, RunRecord, RunState, StampError, StampRequest, check_stamp,
};
use emc_audit::emc::EmcSettings;
use login_proxy::LoginProxy;
use serde_json::{Value, json};
use support::{Robot, Run, short_list};
use tls::{Certificates, front};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;

const CONFIG: &str = "[tsa]\ndefault_tsa = one\n[one]\nserial = serial\ndigests = sha256\nsigner_digest = sha256\n\
    default_policy = 1.2.3.4.1\ness_cert_id_alg = sha256\n";

/// The keys of an authority, and of the root that vouches for it.
struct Authority(tempfile::TempDir);

impl Authority {
    /// `key` are OpenSSL's words for a new key, `usage` is what the certificate is for.
    fn new(key: &[&str], usage: &str) -> Self {
        let authority = Self(tempfile::tempdir().unwrap());
        std::fs::write(authority.path("tsa.cnf"), CONFIG).unwrap();
        std::fs::write(authority.path("serial"), "01\n").unwrap();
        std::fs::write(authority.path("ext"), format!("extendedKeyUsage = {usage}\n")).unwrap();
        let new = |more: &[&str]| authority.openssl(&[&["req", "-nodes"], key, more].concat());
        new(&[
            "-x509", "-keyout", "ca.key", "-out", "ca.pem", "-days", "30", "-subj", "/CN=Root",
        ]);
        new(&[
            "-keyout",
            "tsa.key",
            "-out",
            "tsa.csr",
            "-subj",
            "/CN=Dau thoi gian",
        ]);
        let sign = "x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out tsa.pem -days 30 -extfile ext";
        authority.openssl(&sign.split(' ').collect::<Vec<_>>());
        authority
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn openssl(&self, arguments: &[&str]) {
        let ended = Command::new("openssl")
            .args(arguments)
            .current_dir(self.0.path())
            .output()
            .expect("openssl is installed. hint: scripts/test installs it");
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success(), "{arguments:?}: {said}");
    }

    /// The authority's answer to a question.
    fn answer(&self, question: &[u8]) -> Vec<u8> {
        std::fs::write(self.path("question"), question).unwrap();
        let reply =
            "ts -reply -config tsa.cnf -queryfile question -signer tsa.pem -inkey tsa.key -out answer";
        self.openssl(&reply.split(' ').collect::<Vec<_>>());
        std::fs::read(self.path("answer")).unwrap()
    }

    fn roots(&self) -> Roots {
        Roots::read(&self.path("ca.pem")).unwrap()
    }
}

const RSA: &[&str] = &["-newkey", "rsa:2048"];
const CURVE: &[&str] = &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"];
const FOR_STAMPS: &str = "critical,timeStamping";
const LIST: &[u8] = b"the list of a run\n";

#[test]
fn a_good_answer_is_good_and_every_other_is_not() {
    let request = StampRequest::new(LIST).unwrap();
    for key in [RSA, CURVE] {
        let authority = Authority::new(key, FOR_STAMPS);
        let answer = authority.answer(&request.bytes);
        let stamp = check_stamp(&answer, LIST, Some(&request), Some(&authority.roots())).unwrap();
        assert!(
            stamp.is_rooted && stamp.authority.contains("Dau thoi gian"),
            "{stamp:?}"
        );
        let age = jiff::Timestamp::now().duration_since(stamp.at);
        assert!(age.as_secs().abs() < 60, "{stamp:?}");
        let alone = check_stamp(&answer, LIST, None, None).unwrap();
        assert!(!alone.is_rooted);

        let of = |answer: &[u8], list: &[u8]| check_stamp(answer, list, Some(&request), None).unwrap_err();
        assert_eq!(of(&answer, b"another list\n"), StampError::Other("imprint"));
        let other = StampRequest::new(LIST).unwrap();
        let stale = authority.answer(&other.bytes);
        assert_eq!(of(&stale, LIST), StampError::Other("nonce"));
        let stranger = Authority::new(key, FOR_STAMPS);
        let untrusted = check_stamp(&answer, LIST, None, Some(&stranger.roots()));
        assert!(
            matches!(untrusted, Err(StampError::Untrusted(_))),
            "{untrusted:?}"
        );
        // The sums are in there twice: neither may be another, nor may a byte of the signature.
        let mut touched = answer.clone();
        let last = touched.len() - 9;
        touched[last] ^= 1;
        assert!(
            matches!(of(&touched, LIST), StampError::Signature(_)),
            "{:?}",
            of(&touched, LIST)
        );
        for at in (0..answer.len()).step_by(7) {
            let mut touched = answer.clone();
            touched[at] ^= 0x20;
            if let Ok(still) = check_stamp(&touched, LIST, Some(&request), Some(&authority.roots())) {
                assert_eq!(still, stamp, "byte {at}: only what says nothing may differ");
            }
        }
        for cut in [0, 1, 10, answer.len() / 2, answer.len() - 1] {
            assert!(check_stamp(&answer[..cut], LIST, None, None).is_err(), "{cut}");
        }
    }
}

#[test]
fn a_certificate_for_something_else_may_not_stamp() {
    let authority = Authority::new(CURVE, FOR_STAMPS);
    let request = StampRequest::new(LIST).unwrap();
    // OpenSSL itself refuses to stamp with others: the usage is taken from the certificate afterwards.
    let answer = authority.answer(&request.bytes);
    let usage = [0x2b, 6, 1, 5, 5, 7, 3, 8];
    let at = answer.windows(8).position(|bytes| bytes == usage).unwrap();
    let mut other = answer.clone();
    other[at + 7] = 1;
    let found = check_stamp(&other, LIST, None, None).unwrap_err();
    // The sum of the certificate is signed too, which is noticed first.
    assert_eq!(found, StampError::Signature("certificate"));
}

/// How a server answers.
#[derive(Clone, Copy, PartialEq)]
enum Manner {
    Good,
    Broken,
    Slow,
    /// With a stamp of something else.
    Lying,
}

/// Serves an authority; the value is its address.
async fn serve(authority: Arc<Authority>, manner: Manner) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let question = question(&mut stream).await;
            let (status, body) = match manner {
                Manner::Broken => ("500 Broken", Vec::new()),
                Manner::Slow => std::future::pending().await,
                Manner::Lying => (
                    "200 OK",
                    authority.answer(&StampRequest::new(b"other").unwrap().bytes),
                ),
                Manner::Good => ("200 OK", authority.answer(&question)),
            };
            let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n", body.len());
            stream
                .write_all(&[head.as_bytes(), &body].concat())
                .await
                .unwrap();
        }
    });
    format!("http://{address}/")
}

async fn question(stream: &mut tokio::net::TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        bytes.push(stream.read_u8().await.unwrap());
        if bytes.ends_with(b"\r\n\r\n") {
            break;
        }
    }
    let head = String::from_utf8(bytes).unwrap().to_ascii_lowercase();
    assert!(
        head.contains("content-type: application/timestamp-query\r\n"),
        "{head}"
    );
    let length = head.split("content-length: ").nth(1).unwrap();
    let mut body = vec![0; length.split("\r\n").next().unwrap().parse().unwrap()];
    stream.read_exact(&mut body).await.unwrap();
    body
}

/// A run that has ended, without a visit.
fn run_in(out: &Path) -> RunFolder {
    let started = "2026-11-21T02:00:00Z".parse().unwrap();
    let folder = RunFolder::create(out, started).unwrap();
    let judged_by = JudgedBy {
        profile: "province".to_owned(),
        rules: "1".to_owned(),
        only: None,
        beacon_stub: false,
        confirm: true,
        emc: EmcSettings::default(),
    };
    let mut record = RunRecord::begin(folder.name(), RunKind::Full, started, judged_by);
    record.state = RunState::Finished;
    folder.write_record(&record).unwrap();
    folder.seal(None).unwrap();
    folder
}

async fn emc_audit(settings: &Path, arguments: Vec<String>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_emc-audit"));
    command.arg("--settings").arg(settings).args(arguments);
    command.args(["--lang", "en"]).stdin(Stdio::null());
    tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn authorities_are_asked_until_one_answers_and_what_lies_is_not_kept() {
    let authority = Arc::new(Authority::new(CURVE, FOR_STAMPS));
    let mut urls = Vec::new();
    for manner in [Manner::Broken, Manner::Slow, Manner::Lying] {
        urls.push(serve(Arc::clone(&authority), manner).await);
    }
    let folder = tempfile::tempdir().unwrap();
    let run = run_in(folder.path());
    let settings = folder.path().join("emc-audit.toml");
    let ca = authority.path("ca.pem");
    let write = |urls: &[String]| {
        let ca = ca.display();
        let text = format!(
            "[evidence]\ntimestamp_authorities = {urls:?}\ntimestamp_wait_s = 2\ntimestamp_ca = \"{ca}\"\n"
        );
        std::fs::write(&settings, text).unwrap();
    };
    let arguments = |words: &[&str]| -> Vec<String> {
        let path = folder.path().display().to_string();
        let words = words.iter().map(|word| (*word).to_owned());
        words.chain(["--out".to_owned(), path]).collect()
    };
    write(&urls);
    let failed = emc_audit(&settings, arguments(&["timestamp", run.name()])).await;
    let said = text(&failed.stderr);
    assert_eq!(failed.status.code(), Some(1), "{said}");
    for reason in ["status 500", "no answer in 2s", "imprint"] {
        assert!(said.contains(reason), "{reason}: {said}");
    }
    assert_eq!(run.stamps(), 0);
    let unstamped = emc_audit(
        &settings,
        vec!["verify".to_owned(), run.path().display().to_string()],
    )
    .await;
    assert_eq!(unstamped.status.code(), Some(0), "a run is whole without");

    urls.push(serve(Arc::clone(&authority), Manner::Good).await);
    write(&urls);
    let stamped = emc_audit(&settings, arguments(&["timestamp", run.name()])).await;
    assert_eq!(stamped.status.code(), Some(0), "{}", text(&stamped.stderr));
    assert!(
        text(&stamped.stdout).contains("Dau thoi gian"),
        "{}",
        text(&stamped.stdout)
    );
    verified(&settings, &run, &authority).await;
    sealed_again(&settings, &run).await;
}

/// The stamp is checked without the authority, by its root and by OpenSSL itself.
async fn verified(settings: &Path, run: &RunFolder, authority: &Authority) {
    let path = run.path().display().to_string();
    let sound = emc_audit(
        settings,
        vec!["verify".to_owned(), path.clone(), "--json".to_owned()],
    )
    .await;
    assert_eq!(sound.status.code(), Some(0), "{}", text(&sound.stdout));
    let report: Value = serde_json::from_slice(&sound.stdout).unwrap();
    let stamp = &report["seals"][0]["time_stamps"][0];
    assert_eq!(stamp["state"], "good");
    assert_eq!(stamp["authority"], "CN=Dau thoi gian");
    let place = |name: &str| run.path().join(name).display().to_string();
    let (list, token) = (place("manifest-sha256.txt"), place("manifest-sha256.txt.tsr"));
    authority.openssl(&[
        "ts", "-verify", "-data", &list, "-in", &token, "-CAfile", "ca.pem",
    ]);
    let empty = settings.with_file_name("empty.toml");
    std::fs::write(&empty, "").unwrap();
    let alone = emc_audit(&empty, vec!["verify".to_owned(), path.clone()]).await;
    assert_eq!(alone.status.code(), Some(0));
    let said = text(&alone.stdout);
    assert!(said.contains("not checked against a trusted root"), "{said}");
    let stranger = Authority::new(CURVE, FOR_STAMPS);
    let ca = stranger.path("ca.pem").display().to_string();
    let other = vec!["verify".to_owned(), path, "--timestamp-ca".to_owned(), ca];
    let untrusted = emc_audit(&empty, other).await;
    assert_eq!(untrusted.status.code(), Some(3), "{}", text(&untrusted.stdout));
}

/// A list that is replaced keeps its stamp; one that somebody else's stamp is put beside has none.
async fn sealed_again(settings: &Path, run: &RunFolder) {
    run.write_file("new.txt", b"new").unwrap();
    run.seal(None).unwrap();
    assert_eq!(run.stamps(), 0);
    let path = run.path().display().to_string();
    let sound = emc_audit(settings, vec!["verify".to_owned(), path.clone()]).await;
    let said = text(&sound.stdout);
    assert_eq!(sound.status.code(), Some(0), "{said}");
    assert!(said.contains("manifest-sha256.1.txt was there at"), "{said}");
    let kept = run.path().join("manifest-sha256.1.txt.tsr");
    std::fs::copy(kept, run.path().join("manifest-sha256.txt.tsr")).unwrap();
    let touched = emc_audit(settings, vec!["verify".to_owned(), path]).await;
    let said = text(&touched.stdout);
    assert_eq!(touched.status.code(), Some(3), "{said}");
    assert!(
        said.contains("manifest-sha256.txt.tsr") && said.contains("imprint"),
        "{said}"
    );
}

/// A whole run over one site, by these settings.
async fn run_by(web: &fixture_web::FixtureWeb, settings: &Path, list: &Path) -> Run {
    let settings = settings.to_str().unwrap();
    let more = ["--settings", settings, "--lang", "en"];
    Robot::start(web, list, &more, |_| {}).end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_asks_by_itself_and_an_authority_that_is_down_fails_none() {
    let authority = Arc::new(Authority::new(CURVE, FOR_STAMPS));
    let certificates = Certificates::of("IP:127.0.0.1");
    let plain = Url::parse(&serve(Arc::clone(&authority), Manner::Good).await).unwrap();
    let secure = front(&certificates, plain.port().unwrap()).await;
    let secure = format!("https://127.0.0.1:{secure}/");
    let closed = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let down = format!("http://{}/", closed.local_addr().unwrap());
    drop(closed);

    let (web, folder) = (support::serve().await, tempfile::tempdir().unwrap());
    let settings = folder.path().join("emc-audit.toml");
    let list = short_list(folder.path());
    let write = |authorities: &[&str], trusted: &[PathBuf]| {
        let text = format!(
            "[network]\nextra_ca = {}\n[evidence]\ntimestamp_authorities = {}\ntimestamp_ca = {}\n",
            json!(trusted),
            json!(authorities),
            json!(authority.path("ca.pem")),
        );
        std::fs::write(&settings, text).unwrap();
    };
    let stamp_of = async |run: &Run| {
        let path = run.folder().display().to_string();
        let verified = emc_audit(&settings, vec!["verify".to_owned(), path, "--json".to_owned()]).await;
        assert_eq!(verified.status.code(), Some(0), "{}", text(&verified.stdout));
        let report: Value = serde_json::from_slice(&verified.stdout).unwrap();
        report["seals"][0]["time_stamps"][0].clone()
    };
    let again = async |run: &Run| {
        let out = run.out.path().display().to_string();
        let words = ["timestamp", "latest", "--out"].map(str::to_owned);
        emc_audit(&settings, [&words[..], &[out]].concat()).await
    };

    write(&[&down], &[]);
    let without = run_by(&web, &settings, &list).await;
    let said = without.stderr();
    assert_eq!(without.exit_code(), Some(0), "{said}");
    assert!(said.contains(&format!("no time stamp from {down}")), "{said}");
    assert_eq!(stamp_of(&without).await, Value::Null);

    // By HTTPS it has to be trusted first, as everything else that the agency's own authority vouches for.
    write(&[&secure], &[]);
    let stranger = again(&without).await;
    assert_eq!(stranger.status.code(), Some(1));
    assert!(
        text(&stranger.stderr).contains("UnknownIssuer"),
        "{}",
        text(&stranger.stderr)
    );
    write(&[&secure], &[certificates.ca()]);
    let late = again(&without).await;
    assert_eq!(late.status.code(), Some(0), "{}", text(&late.stderr));
    assert_eq!(stamp_of(&without).await["state"], "good");

    write(&[&down, &secure], &[certificates.ca()]);
    let with = run_by(&web, &settings, &list).await;
    let said = with.stderr();
    assert_eq!(with.exit_code(), Some(0), "{said}");
    assert!(said.contains("Dau thoi gian") && said.contains(&down), "{said}");
    // Nobody is asked: there is nobody in the settings.
    write(&[], &[]);
    let stamp = stamp_of(&with).await;
    assert_eq!(
        (&stamp["state"], &stamp["authority"]),
        (&json!("good"), &json!("CN=Dau thoi gian"))
    );
    web.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_behind_a_proxy_is_asked_through_it() {
    let authority = Arc::new(Authority::new(CURVE, FOR_STAMPS));
    let certificates = Certificates::of("DNS:tsa.tinhmau.gov.vn");
    let plain = Url::parse(&serve(Arc::clone(&authority), Manner::Good).await).unwrap();
    let plain = plain.port().unwrap();
    let proxy = LoginProxy::to(front(&certificates, plain).await, plain).await;
    let folder = tempfile::tempdir().unwrap();
    let settings = folder.path().join("emc-audit.toml");
    for (times, scheme) in ["https", "http"].into_iter().enumerate() {
        let out = folder.path().join(scheme);
        let run = run_in(&out);
        let text_of = format!(
            "[network]\nproxy = {}\nextra_ca = {}\n[evidence]\ntimestamp_authorities = {}\n",
            json!(proxy.url()),
            json!([certificates.ca()]),
            json!([format!("{scheme}://tsa.tinhmau.gov.vn/")]),
        );
        std::fs::write(&settings, text_of).unwrap();
        let words = ["timestamp", run.name(), "--out"].map(str::to_owned);
        let stamped = emc_audit(&settings, [&words[..], &[out.display().to_string()]].concat()).await;
        assert_eq!(stamped.status.code(), Some(0), "{}", text(&stamped.stderr));
        assert_eq!((run.stamps(), proxy.passed()), (1, times + 1));
    }
}
