//! The real binary behind a proxy that asks for a login, and with an authority of its own to trust.
#![allow(clippy::unwrap_used)]

#[path = "support/inbox.rs"]
mod inbox;
#[path = "support/login_proxy.rs"]
mod login_proxy;
mod support;
#[path = "support/tls.rs"]
mod tls;

use std::path::Path;
use std::process::{Command, Stdio};

use fixture_web::FixtureWeb;
use inbox::Inbox;
use login_proxy::LoginProxy;
use serde_json::Value;
use support::{Robot, Run, serve, short_list};
use tls::{Certificates, front};

const SITE: &str = "sxd.tinhmau.gov.vn";

/// A run over one site that reaches everything through `proxy`.
async fn through(proxy: &str) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let out = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_emc-audit"));
    command.arg("run").arg("--sites").arg(short_list(folder.path()));
    command.arg("--out").arg(out.path()).args(["--proxy", proxy]);
    command
        .env("EMC_AUDIT_RUN__RETRY_PAUSES_S", "[]")
        .stderr(Stdio::piped());
    Robot::from_command(command, out).end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_asks_for_a_login_gets_it_and_nobody_else_learns_it() {
    let web = serve().await;
    let proxy = LoginProxy::to(web.tls_port(), web.plain_port()).await;
    let run = through(&proxy.url()).await;
    assert_eq!(run.results[SITE]["verdict"], "pass", "{}", run.stderr());
    assert!(proxy.passed() > 0);
    for folder in [
        run.folder(),
        run.folder().join("sites").join(SITE).join("visit-1/data"),
    ] {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let bytes = std::fs::read(entry.path()).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes);
            let told = ["mat%20khau", "mat khau", "cm9ib3Q6bWF0IGtoYXU="]
                .iter()
                .any(|secret| text.contains(secret));
            assert!(!told, "{} has the password", entry.path().display());
        }
    }
    web.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_login_is_no_fault_of_the_site() {
    let web = serve().await;
    let proxy = LoginProxy::to(web.tls_port(), web.plain_port()).await;
    let run = through(&format!("http://robot:sai@127.0.0.1:{}", proxy.port)).await;
    let result = &run.results[SITE];
    assert_eq!(result["verdict"], "not_measured", "{result}");
    assert_eq!(proxy.passed(), 0);
    web.shutdown().await;
}

/// What `doctor` remarks, by key.
fn remarks(web: &FixtureWeb, folder: &Path, more: &[&str]) -> Vec<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_emc-audit"))
        .args(["doctor", "--json"])
        .args(web.connect_to_arguments())
        .args(more)
        .current_dir(folder)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let key = |line: &str| {
        serde_json::from_str::<Value>(line).unwrap()["key"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    text.lines().map(key).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_of_ones_own_is_trusted_when_it_is_named() {
    let (web, folder) = (serve().await, tempfile::tempdir().unwrap());
    std::fs::write(folder.path().join("ca.pem"), web.ca_pem()).unwrap();
    let without = remarks(&web, folder.path(), &[]);
    assert!(without.contains(&"emc_untrusted".to_owned()), "{without:?}");
    let with = remarks(&web, folder.path(), &["--extra-ca", "ca.pem"]);
    assert!(with.contains(&"emc_certificate".to_owned()), "{with:?}");
    // The full browser too: it is started, and a site is measured in it.
    let (list, authority) = (short_list(folder.path()), folder.path().join("ca.pem"));
    let flags = ["--engine", "chrome", "--extra-ca", authority.to_str().unwrap()];
    let run = support::audit(&web, &list, &flags).await;
    assert_eq!(run.results[SITE]["outcome"], "measured", "{}", run.stderr());
    assert!(support::leftovers(run.robot).is_empty());
    web.shutdown().await;
}

#[test]
fn a_file_that_is_no_certificate_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(
        &file,
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    )
    .unwrap();
    for path in [file.as_path(), Path::new("/nowhere/ca.pem")] {
        let output = Command::new(env!("CARGO_BIN_EXE_emc-audit"))
            .args(["check", "sxd.tinhmau.gov.vn", "--lang", "en", "--extra-ca"])
            .arg(path)
            .current_dir(folder.path())
            .output()
            .unwrap();
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{words}");
        assert!(words.contains(path.to_str().unwrap()), "{words}");
    }
}

/// What `notify --test` says for a webhook behind `proxy`, and its exit code.
async fn notify(folder: &Path, hook: &str, proxy: &str) -> (Option<i32>, String) {
    std::fs::write(folder.join("secret"), "khoa\n").unwrap();
    let settings = format!(
        "[network]\nproxy = \"{proxy}\"\nextra_ca = [\"ca.pem\"]\n\
         [notify.webhook]\nurl = \"{hook}\"\nsecret_file = \"secret\"\nwhen = [\"run\"]\n"
    );
    std::fs::write(folder.join("emc-audit.toml"), settings).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_emc-audit"));
    command
        .args(["notify", "--test", "--lang", "en"])
        .current_dir(folder);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap());
    let output = output.await.unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_goes_through_the_proxy_and_its_tunnel() {
    let (inbox, certificates) = (Inbox::default(), Certificates::of("DNS:hook.tinhmau.gov.vn"));
    let address = inbox.serve_web().await;
    let plain = url::Url::parse(&address).unwrap().port().unwrap();
    let secure = front(&certificates, plain).await;
    let proxy = LoginProxy::to(secure, plain).await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(certificates.ca(), folder.path().join("ca.pem")).unwrap();
    let known = proxy.url();

    // No resolver knows the name: only the proxy leads there. The inbox refuses the first attempt.
    let (code, said) = notify(folder.path(), "http://hook.tinhmau.gov.vn/hook", &known).await;
    assert_eq!((code, inbox.posted().len()), (Some(1), 1), "{said}");
    assert!(said.contains("503"), "{said}");
    let (code, said) = notify(folder.path(), "https://hook.tinhmau.gov.vn/hook", &known).await;
    assert_eq!((code, inbox.posted().len()), (Some(0), 2), "{said}");
    assert_eq!(proxy.passed(), 2);
    // The login is the proxy's alone.
    assert!(!inbox.posted()[1].headers.contains_key("proxy-authorization"));

    let stranger = format!("http://robot:sai@127.0.0.1:{}", proxy.port);
    let (code, said) = notify(folder.path(), "https://hook.tinhmau.gov.vn/hook", &stranger).await;
    assert_eq!((code, inbox.posted().len()), (Some(1), 2), "{said}");
    assert!(!said.contains(":sai@"), "{said}");
    let (code, said) = notify(folder.path(), &address, &stranger).await;
    assert_eq!(
        (code, inbox.posted().len()),
        (Some(0), 3),
        "this machine needs no proxy: {said}"
    );
    let (code, said) = notify(folder.path(), &address, "socks5://127.0.0.1:1080").await;
    assert_eq!((code, inbox.posted().len()), (Some(2), 3), "{said}");
    assert!(
        said.contains("network.proxy") && said.contains("socks5://127.0.0.1:1080"),
        "{said}"
    );
}
