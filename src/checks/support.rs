//! Builders for the unit tests of checks and judging: a measured home page to which a test adds what it is about.
#![allow(clippy::unwrap_used)]

use crate::checks::{CheckContext, Expected, IdUser, Portal, VisitFinding, run};
use crate::emc::EmcSettings;
use crate::observation::*;
use crate::rules::{CheckId, Rules};
use crate::site::{ListedSite, Role, SiteId, SiteIndex};

/// Read once: thousands of generated cases share it.
static RULES: std::sync::LazyLock<Rules> = std::sync::LazyLock::new(|| Rules::builtin().unwrap());

pub(crate) const SITE: &str = "sxd.tinh.gov.vn";
pub(crate) const PORTAL: &str = "tinh.gov.vn";
pub(crate) const SCRIPT: &str = "https://f-emc.ngsp.gov.vn/embed/gov-tracking.min.js";
pub(crate) const TRACKER: &str = "https://f-emc.ngsp.gov.vn/tracking";
pub(crate) const SNIPPET: &str = "var _govaq = window._govaq || []; _govaq.push(['trackPageView']);
_govaq.push(['setTrackerUrl', 'https://f-emc.ngsp.gov.vn/tracking']); _govaq.push(['setSiteId', '163']);
var s = document.createElement('script'); s.src = 'https://f-emc.ngsp.gov.vn/embed/gov-tracking.min.js';";

pub(crate) fn site(name: &str) -> SiteId {
    name.parse().unwrap()
}

/// A loaded, ordinary home page of `name` without anything of EMC.
pub(crate) fn page_of(name: &str) -> Observation {
    let url = site(name).home_url("https");
    Observation {
        schema: SCHEMA.to_owned(),
        site: site(name),
        visit: 1,
        engine: Engine::Shell,
        provenance: Provenance::default(),
        started_at: "2026-11-21T02:00:00Z".to_owned(),
        ended_at: "2026-11-21T02:00:09Z".to_owned(),
        attempts: vec![Attempt {
            url: url.clone(),
            ending: Ending::Loaded,
        }],
        splash: None,
        final_url: Some(url.clone()),
        document: DocumentFacts {
            url: Some(url.clone()),
            status: Some(200),
            mime_type: Some("text/html".to_owned()),
            address: Some("203.0.113.7:443".to_owned()),
            headers: vec![("server".to_owned(), "nginx".to_owned())],
            ..DocumentFacts::default()
        },
        page: Some(PageFacts {
            title: "Sở Xây dựng tỉnh Mẫu".to_owned(),
            text: PageText {
                start: "Trang chủ Giới thiệu Tin tức".to_owned(),
                length: 4_000,
                links: 80,
                images: 30,
                ..PageText::default()
            },
            frames: vec![FrameFacts {
                id: "top".to_owned(),
                url,
                top: true,
                same_host: true,
                ..FrameFacts::default()
            }],
            ..PageFacts::default()
        }),
        layout: None,
        requests: Vec::new(),
        console: Vec::new(),
        dialogs: Vec::new(),
        overlay: None,
        certificate: None,
        followed: Vec::new(),
        pictures: vec![Picture {
            kind: PictureKind::Desktop,
            file: "desktop.jpg".to_owned(),
            rect: Rect::default(),
            changed: Vec::new(),
        }],
        kept: Vec::new(),
        timings: Vec::new(),
        cut_short: Vec::new(),
        protocol: ProtocolCounts::default(),
    }
}

/// The home page of [`SITE`].
pub(crate) fn page() -> Observation {
    page_of(SITE)
}

/// A home page whose code works: script, call with id 163, badge.
pub(crate) fn connected() -> Observation {
    connected_as(SITE, "163")
}

pub(crate) fn connected_as(name: &str, id: &str) -> Observation {
    let mut page = page_of(name);
    snippet(&mut page, SnippetPlace::Live, &SNIPPET.replace("163", id));
    page.requests.push(script());
    page.requests.push(call(&format!("{TRACKER}?idsite={id}&rec=1")));
    badges(&mut page).push(badge());
    page
}

pub(crate) fn snippet(page: &mut Observation, place: SnippetPlace, text: &str) {
    let facts = page.page.as_mut().unwrap();
    facts.frames[0].code.snippets.push(CodeSnippet {
        place,
        text: text.to_owned(),
        ..CodeSnippet::default()
    });
}

/// A frame of another address, displayed.
pub(crate) fn frame(page: &mut Observation, id: &str, url: &str, same_host: bool) {
    page.page.as_mut().unwrap().frames.push(FrameFacts {
        id: id.to_owned(),
        url: url.to_owned(),
        same_host,
        rect: Some(Rect {
            x: 0.0,
            y: 0.0,
            width: 300.0,
            height: 100.0,
        }),
        ..FrameFacts::default()
    });
}

pub(crate) fn badges(page: &mut Observation) -> &mut Vec<BadgeCandidate> {
    &mut page.page.as_mut().unwrap().badges
}

pub(crate) fn links(page: &mut Observation) -> &mut Vec<Link> {
    &mut page.page.as_mut().unwrap().links
}

/// A request of the top document that was answered.
pub(crate) fn request(url: &str) -> RequestRecord {
    RequestRecord {
        at_ms: 400,
        url: url.to_owned(),
        method: "GET".to_owned(),
        resource: "Script".to_owned(),
        frame: Some("top".to_owned()),
        top_frame: true,
        status: Some(200),
        content_type: Some("application/javascript".to_owned()),
        address: Some("198.51.100.9:443".to_owned()),
        finished: true,
        ..RequestRecord::default()
    }
}

/// EMC's script, loaded.
pub(crate) fn script() -> RequestRecord {
    RequestRecord {
        body_sha256: Some("ab12".to_owned()),
        ..request(SCRIPT)
    }
}

/// A call to the tracker that was answered.
pub(crate) fn call(url: &str) -> RequestRecord {
    RequestRecord {
        resource: "Ping".to_owned(),
        status: Some(204),
        content_type: None,
        initiator: Initiator {
            kind: "script".to_owned(),
            url: Some(SCRIPT.to_owned()),
            line: Some(0),
        },
        ..request(url)
    }
}

/// The same request, ended by an error of Chromium's.
pub(crate) fn failed(request: RequestRecord, error: &str, blocked: Option<BlockReason>) -> RequestRecord {
    RequestRecord {
        status: None,
        content_type: None,
        address: None,
        finished: false,
        failure: Some(NetworkFailure {
            error: error.to_owned(),
            blocked,
            cancelled: false,
        }),
        ..request
    }
}

/// EMC's own widget, plainly visible in two looks.
pub(crate) fn badge() -> BadgeCandidate {
    let rect = Rect {
        x: 1_200.0,
        y: 2_400.0,
        width: 124.0,
        height: 24.0,
    };
    BadgeCandidate {
        kind: BadgeKind::Injected,
        selector: "#btnEMC".to_owned(),
        frame: "top".to_owned(),
        words: "Đã kết nối EMC".to_owned(),
        placement: Placement {
            block_text_length: 14,
            ..Placement::default()
        },
        rect,
        clipped: rect,
        opacity: 1.0,
        hit_test: HitTest {
            points: 25,
            hits: 25,
            under_dialog: 0,
            coverer: None,
        },
        looks: vec![look(3_000, 0.8), look(5_200, 0.8)],
        ..BadgeCandidate::default()
    }
}

/// A look at a badge of the usual size with this share of changed pixels.
pub(crate) fn look(at_ms: u64, share: f64) -> BadgeLook {
    BadgeLook {
        at_ms,
        rect: Rect {
            x: 1_200.0,
            y: 2_400.0,
            width: 124.0,
            height: 24.0,
        },
        displayed: true,
        changed_share: Some(share),
        changed_pixels: None,
        strongest_difference: Some(if share > 0.0 { 60.0 } else { 0.0 }),
        drawn_when_uncovered: None,
    }
}

/// A hand-made label.
pub(crate) fn label(kind: BadgeKind, words: &str) -> BadgeCandidate {
    BadgeCandidate {
        kind,
        selector: "footer span.label".to_owned(),
        words: words.to_owned(),
        placement: Placement {
            block_text_length: words.chars().count() as u64,
            in_frame_area: true,
            in_footer: true,
            ..Placement::default()
        },
        ..badge()
    }
}

pub(crate) fn link(url: &str, text: &str, visibility: LinkVisibility) -> Link {
    Link {
        url: url.to_owned(),
        text: text.to_owned(),
        visibility,
        frame: "top".to_owned(),
        ..Link::default()
    }
}

/// Everything around one visit, owned, so that a test changes what it is about.
pub(crate) struct World {
    pub listed: ListedSite,
    pub emc: EmcSettings,
    pub rules: &'static Rules,
    pub index: SiteIndex,
    pub expected: Vec<Expected>,
    pub portal: Option<Portal>,
    pub emc_answered: Option<bool>,
    pub beacon_stub: bool,
    pub shared: Vec<IdUser>,
}

/// A component with its portal, EMC up.
pub(crate) fn world() -> World {
    let mut index = SiteIndex::default();
    for name in [SITE, PORTAL] {
        index.add(&site(name));
    }
    World {
        listed: ListedSite {
            portal: Some(site(PORTAL)),
            name: "Sở Xây dựng".to_owned(),
            ..ListedSite::new(site(SITE), Role::Component)
        },
        emc: EmcSettings::default(),
        rules: &RULES,
        index,
        expected: Vec::new(),
        portal: Some(Portal {
            site: site(PORTAL),
            name: "Cổng thông tin điện tử tỉnh Mẫu".to_owned(),
        }),
        emc_answered: Some(true),
        beacon_stub: false,
        shared: Vec::new(),
    }
}

/// The portal with component sites of these addresses and names.
pub(crate) fn portal_world(components: &[(&str, &str)]) -> World {
    let mut world = world();
    world.listed = ListedSite::new(site(PORTAL), Role::Portal);
    world.portal = None;
    for (address, name) in components {
        world.index.add(&site(address));
        world.expected.push(Expected {
            site: site(address),
            name: (*name).to_owned(),
        });
    }
    world
}

impl World {
    /// Asks within everything that surrounds the visit.
    pub fn within<T>(&self, ask: impl FnOnce(&CheckContext<'_>) -> T) -> T {
        let others = |_: u64| self.shared.clone();
        ask(&CheckContext {
            listed: &self.listed,
            emc: &self.emc,
            signals: &self.rules.signals,
            index: &self.index,
            expected: &self.expected,
            portal: self.portal.clone(),
            emc_answered: self.emc_answered,
            beacon_stub: self.beacon_stub,
            others_with_id: &others,
            usual_script: None,
        })
    }

    pub fn check(&self, check: CheckId, observation: &Observation) -> VisitFinding {
        let finding = self.within(|context| run(check, observation, context)).unwrap();
        assert_eq!(
            check.status_of(finding.code),
            Some(finding.status),
            "{check} {}",
            finding.code
        );
        finding
    }

    pub fn code(&self, check: CheckId, observation: &Observation) -> &'static str {
        self.check(check, observation).code
    }
}
