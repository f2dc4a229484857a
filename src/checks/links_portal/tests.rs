#![allow(clippy::unwrap_used)]
use proptest::prelude::*;

use crate::checks::support::*;
use crate::observation::*;
use crate::rules::CheckId;
use LinkVisibility::{Hidden, Openable, Shown, Unclear};

fn with(all: Vec<Link>) -> Observation {
    let mut page = page();
    *links(&mut page) = all;
    page
}

fn code(all: Vec<Link>) -> &'static str {
    world().code(CheckId::LinksPortal, &with(all))
}

#[test]
fn every_way_of_writing_the_portals_home_counts() {
    for url in [
        "https://tinh.gov.vn/",
        "http://www.TINH.gov.vn",
        "https://tinh.gov.vn/web/guest/home",
        "https://tinh.gov.vn:443/?utm_source=x",
        "https://tinh.gov.vn/Default.aspx",
    ] {
        assert_eq!(code(vec![link(url, "", Shown)]), "linked", "{url}");
    }
    let option = Link {
        form: LinkForm::Select,
        ..link("https://tinh.gov.vn/", "Tỉnh Mẫu", Openable)
    };
    assert_eq!(code(vec![option]), "linked");
}

#[test]
fn nothing_hidden_deep_and_unclear_are_told_apart() {
    assert_eq!(code(vec![]), "absent");
    assert_eq!(
        code(vec![link("https://syt.tinh.gov.vn/", "Sở Y tế", Shown)]),
        "absent"
    );
    assert_eq!(code(vec![link("https://tinh.gov.vn/", "", Hidden)]), "hidden");
    assert_eq!(code(vec![link("https://tinh.gov.vn/", "", Unclear)]), "uncertain");
    let news = link("https://tinh.gov.vn/tin-tuc/1", "Tin", Shown);
    assert_eq!(code(vec![news.clone()]), "deep_link_only");
    assert_eq!(
        code(vec![news, link("https://tinh.gov.vn/", "", Shown)]),
        "linked"
    );
    assert_eq!(
        code(vec![link("https://tinh.gov.vn/tin-tuc/1", "Tin", Hidden)]),
        "absent"
    );
}

#[test]
fn a_redirector_of_the_portal_counts_and_sharing_does_not() {
    let through = |url: &str| Link {
        targets: vec!["https://tinh.gov.vn/".to_owned()],
        ..link(url, "Tỉnh Mẫu", Shown)
    };
    assert_eq!(
        code(vec![through(
            "https://sxd.tinh.gov.vn/redirect?url=https://tinh.gov.vn/"
        )]),
        "linked"
    );
    assert_eq!(
        code(vec![through(
            "https://www.facebook.com/sharer.php?u=https://tinh.gov.vn/"
        )]),
        "absent"
    );
    let login = through("https://sso.tinh.gov.vn/login?service=https://tinh.gov.vn/");
    assert_eq!(code(vec![login]), "absent");
}

#[test]
fn a_name_without_a_readable_address_is_for_a_person() {
    let postback = Link {
        form: LinkForm::Opaque,
        ..link("", "Tỉnh Mẫu", Shown)
    };
    assert_eq!(code(vec![postback]), "uncertain");
    let numbered = link(
        "https://sxd.tinh.gov.vn/lienket.aspx?id=12",
        "Cổng thông tin điện tử tỉnh",
        Shown,
    );
    assert_eq!(code(vec![numbered]), "uncertain");
    // The site's own home under a similar name is not the portal.
    assert_eq!(
        code(vec![link(
            "https://sxd.tinh.gov.vn/",
            "Cổng thông tin điện tử",
            Shown
        )]),
        "absent"
    );
}

#[test]
fn an_own_address_named_like_the_portal_is_followed_before_it_counts() {
    let mut page = with(vec![link(
        "https://sxd.tinh.gov.vn/cong-tinh",
        "Cổng TTĐT tỉnh Mẫu",
        Shown,
    )]);
    assert_eq!(world().code(CheckId::LinksPortal, &page), "uncertain");
    for (end, code) in [
        ("https://tinh.gov.vn/", "linked"),
        ("https://sxd.tinh.gov.vn/cong-tinh", "absent"),
    ] {
        page.followed = vec![FollowedLink {
            url: "https://sxd.tinh.gov.vn/cong-tinh".to_owned(),
            final_url: Some(end.to_owned()),
            ..FollowedLink::default()
        }];
        assert_eq!(world().code(CheckId::LinksPortal, &page), code);
    }
}

/// Where nobody knows whether it leads to the portal, its absence is not believed.
#[test]
fn what_may_redirect_and_was_not_followed_to_its_end_is_for_a_person() {
    let go = "https://sxd.tinh.gov.vn/go/12a";
    let mut page = with(vec![link(go, "Đối tác", Shown)]);
    assert_eq!(world().code(CheckId::LinksPortal, &page), "uncertain");
    for (end, status, code) in [
        (Some("https://tinh.gov.vn/"), None, "linked"),
        (Some("https://other.com/"), Some(200), "absent"),
        (Some(go), Some(200), "absent"),
        (Some(go), Some(404), "absent"),
        (Some(go), Some(429), "uncertain"),
        (None, None, "uncertain"),
    ] {
        page.followed = vec![FollowedLink {
            url: go.to_owned(),
            final_url: end.map(str::to_owned),
            status,
            ..FollowedLink::default()
        }];
        assert_eq!(
            world().code(CheckId::LinksPortal, &page),
            code,
            "{end:?} {status:?}"
        );
    }
    assert_eq!(code(vec![link(go, "Đối tác", Hidden)]), "absent");
}

#[test]
fn a_doubt_says_where_to_look_and_a_hidden_link_says_why() {
    let postback = Link {
        form: LinkForm::Opaque,
        ..link("javascript:go(1)", "Cổng TTĐT Tỉnh Mẫu", Shown)
    };
    let finding = world().check(CheckId::LinksPortal, &with(vec![postback]));
    assert_eq!(finding.facts["where"], " (“Cổng TTĐT Tỉnh Mẫu”)");
    assert_eq!(finding.facts["links"][0]["url"], "javascript:go(1)");
    let hidden = Link {
        reason: Some("display: none on .cu".to_owned()),
        ..link("https://tinh.gov.vn/", "Cổng tỉnh", Hidden)
    };
    let finding = world().check(CheckId::LinksPortal, &with(vec![hidden]));
    assert_eq!(finding.facts["cause"], "display: none on .cu");
}

#[test]
fn the_name_of_a_host_makes_no_redirector() {
    let mut page = page_of("links.tinh.gov.vn");
    *links(&mut page) = vec![link("https://links.tinh.gov.vn/chuyen-muc/1", "Tỉnh Mẫu", Shown)];
    let mut world = world();
    world.listed.site = site("links.tinh.gov.vn");
    assert_eq!(world.code(CheckId::LinksPortal, &page), "absent");
}

#[test]
fn a_frame_of_the_portal_counts_and_one_that_was_not_read_is_a_question() {
    let mut page = with(vec![]);
    frame(&mut page, "menu", "https://tinh.gov.vn/menu.html", false);
    assert_eq!(world().code(CheckId::LinksPortal, &page), "uncertain");
    links(&mut page).push(Link {
        frame: "menu".to_owned(),
        ..link("https://tinh.gov.vn/", "", Shown)
    });
    assert_eq!(world().code(CheckId::LinksPortal, &page), "linked");
    let mut foreign = with(vec![Link {
        frame: "ad".to_owned(),
        ..link("https://tinh.gov.vn/", "", Shown)
    }]);
    frame(&mut foreign, "ad", "https://other.com/", false);
    assert_eq!(world().code(CheckId::LinksPortal, &foreign), "absent");
}

#[test]
fn a_list_of_links_that_was_cut_proves_no_absence() {
    let mut page = with(vec![]);
    page.page.as_mut().unwrap().truncated.push("links".to_owned());
    assert_eq!(world().code(CheckId::LinksPortal, &page), "uncertain");
}

#[test]
fn a_component_without_a_portal_is_not_asked() {
    let mut alone = world();
    alone.portal = None;
    assert_eq!(alone.code(CheckId::LinksPortal, &with(vec![])), "no_portal");
}

#[test]
fn a_unit_below_the_portals_own_host_links_to_its_root() {
    let mut world = world();
    world.listed.site = site("tinh.gov.vn/web/so-noi-vu");
    world.index.add(&site("tinh.gov.vn/web/so-noi-vu"));
    let mut page = page_of("tinh.gov.vn/web/so-noi-vu");
    *links(&mut page) = vec![link("https://tinh.gov.vn/web/so-noi-vu/", "Trang chủ", Shown)];
    assert_eq!(world.code(CheckId::LinksPortal, &page), "absent");
    links(&mut page).push(link("https://tinh.gov.vn/", "Cổng tỉnh", Shown));
    assert_eq!(world.code(CheckId::LinksPortal, &page), "linked");
}

/// Ways in which people write the address of a home page.
fn any_home() -> impl Strategy<Value = String> {
    let scheme = prop::sample::select(vec!["https://", "http://", "HTTPS://", "//"]);
    let host = prop::sample::select(vec![
        "tinh.gov.vn",
        "www.tinh.gov.vn",
        "TINH.GOV.VN",
        "tinh.gov.vn.",
    ]);
    let tail = prop::sample::select(vec![
        "",
        "/",
        "//",
        "/web/guest/home",
        "/Default.aspx",
        "/index.html",
        "/SitePages/Home.aspx",
        "/?utm_source=a&utm_medium=b",
        "/#main",
    ]);
    (scheme, host, tail).prop_map(|(scheme, host, tail)| {
        let scheme = if scheme == "//" { "https://" } else { scheme };
        format!("{scheme}{host}{tail}")
    })
}

/// Other sites of the province, its neighbours, and what only looks like the portal.
fn any_stranger() -> impl Strategy<Value = String> {
    let host = prop_oneof![
        "[a-z]{2,8}\\.tinh\\.gov\\.vn",
        "[a-z]{3,8}\\.gov\\.vn",
        "[a-z]{2,5}tinh\\.gov\\.vn",
        "tinh\\.gov\\.vn\\.[a-z]{2,6}\\.com",
    ];
    (host, "(/[a-z]{1,5}){0,3}").prop_filter_map("not the portal or this site", |(host, path)| {
        let own = ["tinh.gov.vn", "www.tinh.gov.vn", PORTAL, SITE];
        let foreign = !own.contains(&host.as_str()) && !host.ends_with(&format!(".{SITE}"));
        foreign.then(|| format!("https://{host}{path}"))
    })
}

proptest! {
    /// Whatever else stands on the page, a home of the portal that is shown is the link that the rule asks for.
    #[test]
    fn a_shown_home_is_always_enough(
        home in any_home(), others in prop::collection::vec(any_stranger(), 0..6), at in 0..6_usize
    ) {
        let mut all: Vec<Link> = others.iter().map(|url| link(url, "Liên kết", Shown)).collect();
        all.insert(at.min(all.len()), link(&home, "", Shown));
        prop_assert_eq!(code(all), "linked");
    }

    /// No number of links to others makes one to the portal, and each only adds: never from a pass to a fail.
    #[test]
    fn strangers_are_never_the_portal(others in prop::collection::vec(any_stranger(), 0..6)) {
        let all: Vec<Link> = others.iter().map(|url| link(url, "Liên kết", Shown)).collect();
        prop_assert_ne!(code(all), "linked");
    }
}
