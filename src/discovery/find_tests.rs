#![allow(clippy::unwrap_used)]
use proptest::prelude::*;

use super::*;
use crate::language::Language;

fn finds() -> Finds {
    Finds::new(&"tinhmau.gov.vn".parse().unwrap())
}

fn sight() -> Sight {
    Sight {
        outcome: Outcome::Measured,
        reason: None,
        went_to: None,
        title: String::new(),
        system: None,
        links_back: false,
        has_code: false,
        emc_ids: Vec::new(),
    }
}

/// A find that is named so, with what was seen of it.
fn weighed(url: &str, named: &[(Source, &str)], sight: Option<Sight>) -> Option<Confidence> {
    let mut finds = finds();
    for (source, text) in named {
        finds.note(&url.parse().unwrap(), text, source.clone());
    }
    let mut find = finds.by_site.into_values().next()?;
    find.sight = sight;
    find.weigh(&finds.here)
}

#[test]
fn a_unit_that_the_portal_shows_and_that_answers_is_sure() {
    let unit = [(Source::Home, "Sở Xây dựng")];
    let url = "https://sxd.tinhmau.gov.vn/";
    assert_eq!(weighed(url, &unit, Some(sight())), Some(Confidence::High));
    assert_eq!(
        weighed(url, &[(Source::Name, "")], Some(sight())),
        Some(Confidence::Low)
    );
    let back = Sight {
        links_back: true,
        ..sight()
    };
    assert_eq!(
        weighed(url, &[(Source::Name, "")], Some(back)),
        Some(Confidence::High)
    );
    let down = Sight {
        outcome: Outcome::Unreachable,
        ..sight()
    };
    assert_eq!(weighed(url, &unit, Some(down.clone())), Some(Confidence::Medium));
    assert_eq!(weighed(url, &[(Source::Certificate, "")], Some(down)), None);
    assert_eq!(weighed(url, &unit, None), Some(Confidence::Low));
}

#[test]
fn what_is_no_unit_is_none() {
    let measured = || Some(sight());
    for (url, text) in [
        ("https://chinhphu.vn/", "Cổng Thông tin điện tử Chính phủ"),
        ("https://baomau.vn/", "Báo Mẫu"),
        ("https://tinhkhac.gov.vn/", "Cổng Thông tin điện tử tỉnh Khác"),
        ("https://sxd.tinhkhac.gov.vn/", "Sở Xây dựng"),
        ("https://mail.tinhmau.gov.vn/", "Thư điện tử"),
        ("https://dichvucong.tinhmau.gov.vn/", "Dịch vụ công"),
        ("https://tinhmau.gov.vn/chuyen-muc/1", "Giới thiệu"),
    ] {
        assert_eq!(weighed(url, &[(Source::Home, text)], measured()), None, "{url}");
    }
    let parked = Sight {
        outcome: Outcome::NotTheSite,
        reason: Some("parking".to_owned()),
        ..sight()
    };
    let url = "https://sxd.tinhmau.gov.vn/";
    assert_eq!(weighed(url, &[(Source::Name, "")], Some(parked.clone())), None);
    let shown = [(Source::Home, "Sở Xây dựng")];
    assert_eq!(weighed(url, &shown, Some(parked)), Some(Confidence::Low));
    let to_portal = Sight {
        went_to: Some("tinhmau.gov.vn".parse().unwrap()),
        ..sight()
    };
    assert_eq!(weighed(url, &shown, Some(to_portal)), None);
}

#[test]
fn a_site_of_another_domain_is_left_to_a_person() {
    let back = Sight {
        links_back: true,
        has_code: true,
        ..sight()
    };
    let url = "https://sgddttinhmau.edu.vn/";
    let shown = [(Source::Home, "Sở Giáo dục và Đào tạo")];
    assert_eq!(weighed(url, &shown, Some(back.clone())), Some(Confidence::Low));
    assert_eq!(weighed(url, &[(Source::SiteMap, "")], Some(back)), None);
}

#[test]
fn names_come_from_links_then_from_the_page() {
    let mut finds = finds();
    let url = "https://sxd.tinhmau.gov.vn/".parse().unwrap();
    finds.note(
        &url,
        "Sở Xây dựng công bố giá vật liệu",
        Source::Page("x".to_owned()),
    );
    finds.note(&url, "Trang thông tin điện tử Sở Xây dựng", Source::Home);
    let mut find = finds.by_site.into_values().next().unwrap();
    assert_eq!(find.name_for_people(), "Sở Xây dựng");
    find.texts.clear();
    assert_eq!(find.name_for_people(), "sxd.tinhmau.gov.vn");
    find.sight = Some(Sight {
        title: "Trang chủ - Sở Xây dựng tỉnh Mẫu".to_owned(),
        ..sight()
    });
    assert_eq!(find.name_for_people(), "Sở Xây dựng tỉnh Mẫu");
    for language in [Language::Vietnamese, Language::English] {
        for reason in find.reasons() {
            let text = reason.text(language);
            assert!(!text.contains('…') && !text.contains('{'), "{text}");
        }
    }
}

proptest! {
    /// More evidence never makes a site less sure.
    #[test]
    fn evidence_never_counts_against(back in any::<bool>(), code in any::<bool>(), home in any::<bool>(), text in "(Sở A|tin|)") {
        let url = "https://sxd.tinhmau.gov.vn/";
        let seen = Sight { links_back: back, has_code: code, ..sight() };
        let mut named = vec![(Source::Name, "")];
        if home {
            named.push((Source::Home, text.as_str()));
        }
        let before = weighed(url, &named, Some(seen.clone()));
        named.push((Source::Certificate, ""));
        let more = Sight { links_back: true, ..seen };
        prop_assert!(weighed(url, &named, Some(more)) >= before);
    }
}
