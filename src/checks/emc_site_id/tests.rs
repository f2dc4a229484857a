#![allow(clippy::unwrap_used)]
use crate::checks::IdUser;
use crate::checks::support::*;
use crate::observation::*;
use crate::rules::CheckId;

fn code(page: &Observation) -> &'static str {
    world().code(CheckId::EmcSiteId, page)
}

fn listed(ids: &[u64]) -> World {
    let mut world = world();
    world.listed.emc_site_ids = ids.to_vec();
    world
}

#[test]
fn one_number_is_valid_where_the_list_knows_none() {
    assert_eq!(code(&connected()), "valid");
    assert_eq!(listed(&[60, 163]).code(CheckId::EmcSiteId, &connected()), "valid");
}

#[test]
fn another_number_than_the_lists_is_a_mismatch() {
    assert_eq!(listed(&[60]).code(CheckId::EmcSiteId, &connected()), "mismatch");
}

#[test]
fn empty_zero_and_words_are_no_ids() {
    assert_eq!(code(&connected_as(SITE, "")), "missing");
    assert_eq!(code(&connected_as(SITE, "0")), "not_a_number");
    assert_eq!(code(&connected_as(SITE, "abc")), "not_a_number");
    assert_eq!(code(&connected_as(SITE, "-5")), "not_a_number");
}

#[test]
fn two_ids_on_one_page_are_several() {
    let mut page = connected();
    snippet(&mut page, SnippetPlace::Live, &SNIPPET.replace("163", "227"));
    assert_eq!(code(&page), "several");
}

#[test]
fn an_id_in_a_comment_or_of_inert_code_is_not_on_the_page() {
    let mut page = connected();
    snippet(
        &mut page,
        SnippetPlace::HtmlComment,
        &SNIPPET.replace("163", "227"),
    );
    snippet(&mut page, SnippetPlace::InertType, &SNIPPET.replace("163", "228"));
    assert_eq!(code(&page), "valid");
}

#[test]
fn an_id_of_other_owners_is_shared() {
    let mut world = world();
    world.shared = vec![IdUser {
        site: site("syt.tinh.gov.vn"),
        owner: "Sở Y tế".to_owned(),
    }];
    let finding = world.check(CheckId::EmcSiteId, &connected());
    assert_eq!(finding.code, "shared");
    assert_eq!(finding.facts["shared_with"][0], "syt.tinh.gov.vn");
}

#[test]
fn without_a_script_that_ran_there_is_nothing_to_judge() {
    assert_eq!(code(&page()), "no_code");
    let mut commented = page();
    snippet(&mut commented, SnippetPlace::HtmlComment, SNIPPET);
    assert_eq!(code(&commented), "no_code");
}

#[test]
fn an_id_that_only_the_page_can_compute_is_not_called_missing() {
    let mut page = page();
    page.requests.push(script());
    snippet(
        &mut page,
        SnippetPlace::Live,
        &SNIPPET.replace("'163'", "site.id"),
    );
    assert_eq!(code(&page), "uncertain");
    page.requests.push(call(&format!("{TRACKER}?idsite=163")));
    assert_eq!(code(&page), "valid");
}
