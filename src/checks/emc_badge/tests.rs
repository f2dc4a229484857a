#![allow(clippy::unwrap_used)]
use proptest::prelude::*;

use crate::checks::support::*;
use crate::observation::*;
use crate::rules::CheckId;
use crate::verdict::Status;

fn code(page: &Observation) -> &'static str {
    world().code(CheckId::EmcBadge, page)
}

/// A connected page with this badge alone.
fn with(badge: BadgeCandidate) -> Observation {
    let mut page = connected();
    *badges(&mut page) = vec![badge];
    page
}

fn flat(share: f64) -> Vec<BadgeLook> {
    vec![look(3_000, share), look(5_200, share)]
}

#[test]
fn a_badge_that_makes_a_difference_in_the_picture_is_visible() {
    assert_eq!(code(&connected()), "visible");
    // Letters without a background change only a tenth of their box.
    assert_eq!(
        code(&with(BadgeCandidate {
            looks: flat(0.12),
            ..badge()
        })),
        "visible"
    );
}

#[test]
fn a_see_through_cover_hides_nothing_and_a_cover_without_pointer_events_does() {
    let catcher = HitTest {
        points: 25,
        hits: 0,
        under_dialog: 0,
        coverer: Some(Coverer {
            selector: "#catcher".to_owned(),
            rect: Rect::default(),
            points: 25,
            closed_by: None,
        }),
    };
    let clicks = BadgeCandidate {
        hit_test: catcher.clone(),
        ..badge()
    };
    assert_eq!(code(&with(clicks)), "visible");
    let covered = BadgeCandidate {
        hit_test: catcher,
        looks: flat(0.0),
        ..badge()
    };
    assert_eq!(code(&with(covered)), "covered");
    let mut looks = flat(0.0);
    for look in &mut looks {
        look.drawn_when_uncovered = Some(true);
    }
    assert_eq!(code(&with(BadgeCandidate { looks, ..badge() })), "covered");
}

#[test]
fn styles_and_empty_boxes_hide() {
    let style = StyleCause {
        selector: ".yhy-append-wrap".to_owned(),
        property: "display".to_owned(),
        value: "none".to_owned(),
        rule: None,
    };
    let hidden = BadgeCandidate {
        hidden_by: Some(style),
        rect: Rect::default(),
        looks: vec![],
        ..badge()
    };
    let finding = world().check(CheckId::EmcBadge, &with(hidden));
    assert_eq!(finding.code, "hidden");
    assert!(finding.facts["cause"].as_str().unwrap().contains("display: none"));
    let see_through = BadgeCandidate {
        opacity: 0.0,
        looks: flat(0.0),
        ..badge()
    };
    assert_eq!(code(&with(see_through)), "hidden");
    let clipped = BadgeCandidate {
        clipped: Rect::default(),
        looks: vec![],
        ..badge()
    };
    assert_eq!(code(&with(clipped)), "hidden");
}

#[test]
fn what_a_script_hides_again_is_hidden() {
    let mut again = badge();
    again.looks[1].displayed = false;
    again.looks[1].changed_share = None;
    assert_eq!(code(&with(again)), "hidden");
}

#[test]
fn outside_the_page_too_small_and_of_one_colour_are_told_apart() {
    let rect = Rect {
        x: -9_999.0,
        ..badge().rect
    };
    let away = BadgeCandidate {
        off_screen: true,
        rect,
        clipped: Rect::default(),
        looks: vec![],
        ..badge()
    };
    assert_eq!(code(&with(away)), "off_screen");
    let dot = Rect {
        width: 2.0,
        height: 2.0,
        ..badge().rect
    };
    let mut looks = flat(1.0);
    for look in &mut looks {
        look.rect = dot;
    }
    assert_eq!(
        code(&with(BadgeCandidate {
            rect: dot,
            clipped: dot,
            looks,
            ..badge()
        })),
        "too_small"
    );
    let mut looks = flat(0.0);
    for look in &mut looks {
        look.drawn_when_uncovered = Some(false);
    }
    assert_eq!(
        code(&with(BadgeCandidate { looks, ..badge() })),
        "invisible_colour"
    );
}

#[test]
fn a_strip_that_clipping_leaves_is_too_small_and_not_hidden() {
    let strip = Rect {
        height: 2.0,
        ..badge().rect
    };
    let style = StyleCause {
        selector: "#yhy-append".to_owned(),
        property: "overflow".to_owned(),
        value: "hidden".to_owned(),
        rule: None,
    };
    let mut cut = BadgeCandidate {
        clipped: strip,
        hidden_by: Some(style),
        looks: vec![],
        ..badge()
    };
    assert_eq!(code(&with(cut.clone())), "too_small");
    cut.clipped = Rect::default();
    assert_eq!(code(&with(cut.clone())), "hidden");
    // The box that clips is itself a strip, beside which the badge lies.
    cut.hidden_by.as_mut().unwrap().value = "hidden (115x2)".to_owned();
    assert_eq!(code(&with(cut)), "too_small");
}

#[test]
fn a_badge_that_is_nowhere_to_be_painted_is_off_screen_before_it_is_hidden() {
    let mut away = badge();
    away.off_screen = true;
    for look in &mut away.looks {
        look.displayed = false;
        look.changed_share = None;
    }
    assert_eq!(code(&with(away)), "off_screen");
}

#[test]
fn a_badge_that_can_hardly_be_told_from_its_ground_is_for_a_person() {
    let mut looks = flat(0.3);
    for look in &mut looks {
        look.strongest_difference = Some(3.5);
    }
    assert_eq!(code(&with(BadgeCandidate { looks, ..badge() })), "uncertain");
}

#[test]
fn one_look_is_not_enough() {
    let once = BadgeCandidate {
        looks: vec![look(3_000, 0.8)],
        ..badge()
    };
    assert_eq!(code(&with(once)), "uncertain");
}

#[test]
fn a_label_passes_with_working_code_and_fails_without() {
    let text = label(BadgeKind::Text, "Đã kết nối EMC");
    assert_eq!(code(&with(text.clone())), "visible");
    let mut alone = page();
    badges(&mut alone).push(text.clone());
    assert_eq!(code(&alone), "label_without_connection");
    // EMC down: nobody knows whether the code works, and the label is there to see.
    let mut down = page();
    down.requests.push(RequestRecord {
        status: Some(503),
        ..script()
    });
    badges(&mut down).push(text);
    assert_eq!(code(&down), "visible");
    let mut pasted = page();
    badges(&mut pasted).push(badge());
    assert_eq!(
        code(&pasted),
        "visible",
        "the widget itself is no hand-made label"
    );
}

#[test]
fn a_picture_that_only_suggests_the_badge_is_for_a_person() {
    assert_eq!(
        code(&with(label(BadgeKind::Suggested, "/images/logo-emc.png"))),
        "uncertain"
    );
    let mut linked = label(BadgeKind::Suggested, "/images/a1.png");
    linked.placement.link = Some("https://emc.ngsp.gov.vn/".to_owned());
    assert_eq!(code(&with(linked)), "uncertain");
    let hidden = BadgeCandidate {
        looks: flat(0.0),
        ..label(BadgeKind::Suggested, "/images/logo-emc.png")
    };
    assert_eq!(code(&with(hidden)), "absent");
}

#[test]
fn one_visible_candidate_is_enough_and_of_hidden_ones_the_most_visible_counts() {
    let hidden = BadgeCandidate {
        looks: vec![],
        rect: Rect::default(),
        ..badge()
    };
    let mut page = with(hidden.clone());
    badges(&mut page).push(label(BadgeKind::Text, "Đã kết nối EMC"));
    assert_eq!(code(&page), "visible");
    let mut none = with(hidden);
    let mut looks = flat(0.0);
    for look in &mut looks {
        look.drawn_when_uncovered = Some(true);
    }
    badges(&mut none).push(BadgeCandidate { looks, ..badge() });
    assert_eq!(code(&none), "covered");
}

#[test]
fn a_dialog_that_nothing_closed_leaves_a_question() {
    let mut looks = flat(0.0);
    for look in &mut looks {
        look.drawn_when_uncovered = Some(true);
    }
    let mut page = with(BadgeCandidate { looks, ..badge() });
    page.overlay = Some(Overlay {
        selector: "#greeting".to_owned(),
        text: String::new(),
        rect: Rect::default(),
        veil: false,
        closed_by: None,
    });
    assert_eq!(code(&page), "uncertain");
    page.overlay.as_mut().unwrap().closed_by = Some("escape".to_owned());
    assert_eq!(code(&page), "covered");
}

#[test]
fn what_shines_through_the_veil_of_a_dialog_that_stays_is_left_to_a_person() {
    let under = |under_dialog| BadgeCandidate {
        hit_test: HitTest {
            points: 15,
            hits: 15 - under_dialog,
            under_dialog,
            coverer: None,
        },
        ..badge()
    };
    let greeted = |badge, closed_by: Option<&str>| {
        let mut page = with(badge);
        page.overlay = Some(Overlay {
            selector: "#survey".to_owned(),
            text: String::new(),
            rect: Rect::default(),
            veil: true,
            closed_by: closed_by.map(str::to_owned),
        });
        page
    };
    assert_eq!(code(&greeted(under(15), None)), "uncertain");
    assert_eq!(code(&greeted(under(15), Some("escape"))), "visible");
    // It stands over the veil, or beside the dialog.
    assert_eq!(code(&greeted(under(0), None)), "visible");
    let mut framed = greeted(
        BadgeCandidate {
            frame: "below".to_owned(),
            ..under(0)
        },
        None,
    );
    frame(&mut framed, "below", "https://sxd.tinh.gov.vn/chan-trang", true);
    assert_eq!(code(&framed), "uncertain");
}

#[test]
fn a_badge_that_could_not_appear_is_not_missed() {
    let mut down = page();
    down.requests.push(RequestRecord {
        status: Some(502),
        ..script()
    });
    assert_eq!(code(&down), "emc_host_down");
    let mut stub = world();
    stub.beacon_stub = true;
    let mut kept = connected();
    badges(&mut kept).clear();
    assert_eq!(stub.code(CheckId::EmcBadge, &kept), "beacon_stub");
    assert_eq!(stub.code(CheckId::EmcBadge, &page()), "absent");
    assert_eq!(code(&kept), "absent");
}

#[test]
fn a_badge_in_a_foreign_frame_is_not_this_sites() {
    let mut page = with(BadgeCandidate {
        frame: "f".to_owned(),
        ..badge()
    });
    frame(&mut page, "f", "https://other.gov.vn/", false);
    assert_eq!(code(&page), "absent");
}

proptest! {
    #[test]
    fn more_changed_pixels_never_make_it_less_visible(share in 0.0f64..1.0, more in 0.0f64..1.0, hits in 0u32..=25) {
        let seen = |share: f64| {
            let coverer = Some(Coverer { selector: "#x".to_owned(), rect: Rect::default(), points: 25 - hits, closed_by: None });
            let mut looks = flat(share);
            for look in &mut looks {
 look.strongest_difference = Some(60.0);
}
            let badge = BadgeCandidate { looks, hit_test: HitTest { points: 25, hits, under_dialog: 0, coverer }, ..badge() };
            world_status(&with(badge))
        };
        let rank = |status: Status| match status { Status::Pass => 0, Status::Review => 1, _ => 2 };
        prop_assert!(rank(seen((share + more).min(1.0))) <= rank(seen(share)));
    }

    #[test]
    fn no_measure_makes_it_panic(values in prop::collection::vec(prop::num::f64::ANY, 8)) {
        let rect = Rect { x: values[0], y: values[1], width: values[2], height: values[3] };
        let mut odd = BadgeCandidate { rect, clipped: rect, opacity: values[4], ..badge() };
        odd.looks[1].changed_share = Some(values[5]);
        odd.looks[1].strongest_difference = Some(values[6]);
        odd.looks[1].rect.height = values[7];
        code(&with(odd));
    }
}

thread_local! {
    static WORLD: World = world();
}

fn world_status(page: &Observation) -> Status {
    WORLD.with(|world| world.check(CheckId::EmcBadge, page).status)
}

#[test]
fn a_badge_in_a_strip_that_turns_is_for_a_person() {
    let mut looks = flat(0.0);
    let still = BadgeCandidate {
        looks: looks.clone(),
        ..badge()
    };
    looks[1].rect.x -= 260.0;
    let turning = BadgeCandidate { looks, ..badge() };
    assert_eq!(code(&with(still)), "invisible_colour");
    assert_eq!(code(&with(turning)), "uncertain");
}

#[test]
fn labels_that_are_written_upwards_are_read_along_their_height() {
    let sized = |width: f64, height: f64| {
        let rect = Rect {
            width,
            height,
            ..badge().rect
        };
        let looks = badge().looks.into_iter().map(|look| BadgeLook { rect, ..look });
        BadgeCandidate {
            rect,
            clipped: rect,
            looks: looks.collect(),
            ..badge()
        }
    };
    assert_eq!(code(&with(sized(18.0, 115.0))), "visible");
    assert_eq!(code(&with(sized(6.0, 115.0))), "too_small");
    assert_eq!(code(&with(sized(18.0, 18.0))), "too_small");
}

#[test]
fn a_floating_box_that_a_visitor_can_close_is_no_verdict() {
    let covered = |closed_by: Option<&str>| BadgeCandidate {
        hit_test: HitTest {
            under_dialog: 0,
            points: 25,
            hits: 0,
            coverer: Some(Coverer {
                selector: "#chat".to_owned(),
                rect: Rect::default(),
                points: 25,
                closed_by: closed_by.map(str::to_owned),
            }),
        },
        looks: flat(0.0),
        ..badge()
    };
    assert_eq!(code(&with(covered(None))), "covered");
    assert_eq!(code(&with(covered(Some("thu nhỏ")))), "uncertain");
}

#[test]
fn a_look_that_was_cut_short_accuses_nobody() {
    let mut page = with(BadgeCandidate {
        hidden_by: Some(StyleCause {
            selector: "#btnEMC".to_owned(),
            property: "visibility".to_owned(),
            value: "hidden".to_owned(),
            rule: None,
        }),
        looks: flat(0.0),
        ..badge()
    });
    assert_eq!(code(&page), "hidden");
    page.cut_short.push("badge: a look was not answered".to_owned());
    assert_eq!(code(&page), "uncertain");
}

#[test]
fn a_widget_that_was_pasted_into_the_html_is_a_label() {
    let mut page = page();
    badges(&mut page).push(badge());
    assert_eq!(code(&page), "visible");
    page.document.served_badge = true;
    assert_eq!(code(&page), "label_without_connection");
}
