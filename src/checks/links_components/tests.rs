#![allow(clippy::unwrap_used)]
use crate::checks::support::*;
use crate::observation::*;
use crate::rules::CheckId;
use LinkVisibility::{Hidden, Openable, Shown, Unclear};

const THREE: &[(&str, &str)] = &[
    ("sxd.tinh.gov.vn", "Sở Xây dựng"),
    ("syt.tinh.gov.vn", "Sở Y tế"),
    ("tinh.gov.vn/web/so-noi-vu", "Sở Nội vụ"),
];

fn with(all: Vec<Link>) -> Observation {
    let mut page = page_of(PORTAL);
    *links(&mut page) = all;
    page
}

fn code(all: Vec<Link>) -> &'static str {
    portal_world(THREE).code(CheckId::LinksComponents, &with(all))
}

fn home(site: &str) -> Link {
    link(&format!("https://{site}/"), "", Shown)
}

fn two() -> Vec<Link> {
    vec![home("sxd.tinh.gov.vn"), home("tinh.gov.vn/web/so-noi-vu")]
}

#[test]
fn all_listed_sites_in_any_form() {
    let mut all = two();
    all.push(Link {
        form: LinkForm::Select,
        ..link("http://www.syt.tinh.gov.vn", "Sở Y tế", Openable)
    });
    let finding = portal_world(THREE).check(CheckId::LinksComponents, &with(all));
    assert_eq!((finding.code, &finding.facts["found"]), ("all", &3.into()));
    assert_eq!(finding.facts["links"][1]["form"], "select");
}

#[test]
fn the_missing_ones_are_named() {
    let finding = portal_world(THREE).check(CheckId::LinksComponents, &with(two()));
    assert_eq!(finding.code, "missing");
    assert_eq!(finding.facts["missing"][0], "syt.tinh.gov.vn");
    assert_eq!(finding.facts["expected"], 3);
}

#[test]
fn hidden_deep_and_unclear_links_are_told_apart() {
    let more = |link: Link| code(two().into_iter().chain([link]).collect());
    assert_eq!(more(link("https://syt.tinh.gov.vn/", "", Hidden)), "hidden");
    assert_eq!(more(link("https://syt.tinh.gov.vn/", "", Unclear)), "uncertain");
    assert_eq!(
        more(link("https://syt.tinh.gov.vn/tin/1", "", Shown)),
        "deep_link_only"
    );
    assert_eq!(more(link("https://syt.tinh.gov.vn/tin/1", "", Hidden)), "missing");
}

#[test]
fn a_page_of_the_portals_own_that_lists_them_is_a_question() {
    let index = link(
        "https://tinh.gov.vn/danh-sach-don-vi",
        "Danh sách các đơn vị",
        Shown,
    );
    assert_eq!(code(vec![index.clone()]), "via_index");
    // Where most are linked directly, what is missing is missing.
    assert_eq!(code(two().into_iter().chain([index]).collect()), "missing");
}

#[test]
fn lists_that_only_a_script_can_fill_are_a_question() {
    let opaque = |text: &str| Link {
        form: LinkForm::Opaque,
        ..link("", text, Shown)
    };
    assert_eq!(
        code(two().into_iter().chain([opaque("Sở Y tế")]).collect()),
        "uncertain"
    );
    assert_eq!(code(vec![opaque("Các sở, ban, ngành")]), "uncertain");
    assert_eq!(
        code(two().into_iter().chain([opaque("Tìm kiếm")]).collect()),
        "missing"
    );
}

#[test]
fn found_but_not_listed_is_offered() {
    let mut all = two();
    all.push(home("moi.tinh.gov.vn"));
    all.push(home("other.gov.vn"));
    all.push(home("tinh.gov.vn"));
    let finding = portal_world(THREE).check(CheckId::LinksComponents, &with(all));
    assert_eq!(finding.facts["unlisted"].as_array().unwrap().len(), 1);
    assert_eq!(finding.facts["unlisted"][0]["site"], "moi.tinh.gov.vn");
}

#[test]
fn a_portal_without_components_in_the_list_is_not_asked() {
    assert_eq!(
        portal_world(&[]).code(CheckId::LinksComponents, &with(vec![])),
        "no_components"
    );
}

/// A list of many redirectors of which some were not followed accuses nobody.
#[test]
fn a_redirector_that_was_not_followed_may_lead_to_whatever_is_missing() {
    let all = ["sxd.tinh.gov.vn", "syt.tinh.gov.vn"].map(home).to_vec();
    let mut page = with(all);
    assert_eq!(
        portal_world(THREE).code(CheckId::LinksComponents, &page),
        "missing"
    );
    let logo = "https://tinh.gov.vn/doi-tac-1";
    links(&mut page).push(link(logo, "", Shown));
    assert_eq!(
        portal_world(THREE).code(CheckId::LinksComponents, &page),
        "uncertain"
    );
    page.followed.push(FollowedLink {
        url: logo.to_owned(),
        final_url: Some("https://tinh.gov.vn/web/so-noi-vu".to_owned()),
        ..FollowedLink::default()
    });
    assert_eq!(portal_world(THREE).code(CheckId::LinksComponents, &page), "all");
}

#[test]
fn what_is_missing_is_called_by_its_name() {
    let finding = portal_world(THREE).check(CheckId::LinksComponents, &with(vec![]));
    assert_eq!(finding.facts["missing"][1], "syt.tinh.gov.vn");
    assert_eq!(finding.facts["missing_named"][1], "Sở Y tế (syt.tinh.gov.vn)");
}
