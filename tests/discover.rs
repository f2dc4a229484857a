//! The real binary looks for the component sites of the fixture portal: it finds every one that is there, and none
//! that is not one.
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use emc_audit::inventory::{ReadOptions, SiteList, read_list};
use emc_audit::site::{Role, SiteState};
use fixture_web::{FixtureWeb, Options, Site, UnknownHost};
use support::{fixtures, is_below, serve};

const PORTAL: &str = "tinhmau.gov.vn";

/// Components of the portal that are served: those of the province's list, and those that only discovery knows.
fn components() -> BTreeSet<String> {
    let sites = Site::read_all(&fixtures()).unwrap().into_iter();
    let own = sites.filter(|site| {
        let listed = site.list.as_ref().is_some_and(|row| row.portal == PORTAL) && is_below(site, "sites");
        listed || is_below(site, "discovery/components")
    });
    own.map(|site| site.id()).collect()
}

async fn discover(web: &FixtureWeb, folder: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_emc-audit"));
    command
        .arg("discover")
        .args(more)
        .args(web.connect_to_arguments());
    command.current_dir(folder).stdin(Stdio::null());
    tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

fn read(path: &Path) -> SiteList {
    read_list(path, &ReadOptions::default()).unwrap()
}

fn active(list: &SiteList) -> BTreeSet<String> {
    let sites = list.sites.iter();
    let own = sites.filter(|site| site.role == Role::Component && site.state == SiteState::Active);
    own.map(|site| site.site.to_string()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_component_is_found_and_none_that_is_not_one() {
    let web = serve().await;
    let folder = tempfile::tempdir().unwrap();
    let output = discover(&web, folder.path(), &[PORTAL]).await;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "draft.csv");

    let list = read(&folder.path().join("draft.csv"));
    assert_eq!(active(&list), components(), "{said}");
    assert_eq!(
        list.sites.len(),
        components().len() + 1,
        "the portal, and nothing that is open"
    );
    assert!(list.remarks.is_empty(), "{:?}", list.remarks);
    let named = |site: &str| {
        let found = list.sites.iter().find(|one| one.site.to_string() == site);
        found.unwrap().name.clone()
    };
    assert_eq!(named("sxd.tinhmau.gov.vn"), "Sở Xây dựng");
    assert_eq!(named("xadongtam.tinhmau.gov.vn"), "UBND xã Đồng Tâm");
    let moved = list
        .sites
        .iter()
        .find(|one| one.site.to_string() == "syt.tinhmau.gov.vn");
    let aliases: Vec<String> = moved.unwrap().aliases.iter().map(ToString::to_string).collect();
    assert_eq!(aliases, ["soyte.tinhmau.gov.vn"], "the old name leads there");
    assert_eq!(
        web.emc_calls().len(),
        0,
        "the national statistics hear nothing of a search"
    );

    let again = discover(&web, folder.path(), &[PORTAL]).await;
    assert_eq!(again.status.code(), Some(2), "nothing is written over");
    web.shutdown().await;
}

/// The second portal names a unit without linking to its site, which is under a name made of the unit's.
#[tokio::test(flavor = "multi_thread")]
async fn a_unit_that_is_only_named_is_found_under_its_name() {
    let web = serve().await;
    let folder = tempfile::tempdir().unwrap();
    let output = discover(&web, folder.path(), &["tpmau.gov.vn", "--to", "tp.csv"]).await;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let found = active(&read(&folder.path().join("tp.csv")));
    let wanted = ["bqlcho.tpmau.gov.vn", "phuongbentam.tpmau.gov.vn"].map(str::to_owned);
    assert_eq!(found, BTreeSet::from(wanted), "{said}");
    web.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_search_writes_what_it_has_and_leaves_nothing_behind() {
    let web = serve().await;
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_emc-audit"));
    command
        .args(["discover", PORTAL])
        .args(web.connect_to_arguments());
    let mut robot = command
        .current_dir(folder.path())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let id = robot.id();
    support::wait_until("the robot's browser runs", || {
        !support::browser_processes(id).is_empty()
    })
    .await;
    support::signal(id, "-INT");
    let status = tokio::task::spawn_blocking(move || robot.wait().unwrap())
        .await
        .unwrap();
    assert_eq!(status.code(), Some(130));
    let list = read(&folder.path().join("draft.csv"));
    assert_eq!(list.sites[0].site.to_string(), PORTAL);
    support::wait_until("nothing is left", || support::leftovers(id).is_empty()).await;
    web.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_keeps_what_people_wrote_and_says_what_is_gone_and_moved() {
    let web = FixtureWeb::start(Options {
        unknown_host: UnknownHost::Answer,
        ..Options::new(fixtures())
    })
    .await
    .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("list.csv");
    let before = "Ghi nhớ;Website;Tên cơ quan;Loại;Cổng\n\
        ;tinhmau.gov.vn;Cổng tỉnh;cổng;\n\
        đã gọi;https://sxd.tinhmau.gov.vn/;Sở XD (tên sửa tay);trang thành phần;tinhmau.gov.vn\n\
        ;xakhongcon.tinhmau.gov.vn;Xã Không Còn;trang thành phần;tinhmau.gov.vn\n\
        ;soyte.tinhmau.gov.vn;Sở Y tế;trang thành phần;tinhmau.gov.vn\n";
    std::fs::write(&list, before).unwrap();
    let output = discover(&web, folder.path(), &[PORTAL, "--merge", "list.csv"]).await;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(
        said.contains("*.tinhmau.gov.vn"),
        "every name answers here: {said}"
    );
    assert_eq!(
        std::fs::read_to_string(&list).unwrap(),
        before,
        "the list stays as it is"
    );

    let merged = folder.path().join("list.merged.csv");
    let text = std::fs::read_to_string(&merged).unwrap();
    let line = |site: &str| text.lines().find(|line| line.contains(site)).unwrap().to_owned();
    assert!(line("sxd.tinhmau").starts_with("đã gọi;https://sxd.tinhmau.gov.vn/;Sở XD (tên sửa tay);"));
    assert!(line("xakhongcon").contains("không còn"), "{text}");
    assert!(
        line("soyte").contains("đã chuyển: nay dẫn tới syt.tinhmau.gov.vn"),
        "{text}"
    );
    assert!(line("vpubnd").ends_with(";mới"), "{text}");
    let known: BTreeSet<String> = read(&merged)
        .sites
        .iter()
        .map(|site| site.site.to_string())
        .collect();
    assert!(components().is_subset(&known), "{said}");

    let in_place = discover(
        &web,
        folder.path(),
        &[PORTAL, "--merge", "list.csv", "--in-place", "--no-names"],
    )
    .await;
    assert_eq!(in_place.status.code(), Some(0));
    assert!(std::fs::read_to_string(&list).unwrap().contains("đã gọi;"));
    web.shutdown().await;
}
