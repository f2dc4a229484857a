//! The in-page half of a visit, called from here: one script in an isolated world of each frame.

use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::browser::{BrowserError, Frame, Page, World};
use crate::emc::EmcSettings;
use crate::observation::{CodeFacts, HitTest, LayoutFacts, PageFacts, QueueFacts, Rect, StyleCause};

/// The script, in the order its parts need each other.
const SOURCE: &str = concat!(
    include_str!("probe/dom.js"),
    include_str!("probe/sign.js"),
    include_str!("probe/style.js"),
    include_str!("probe/clip.js"),
    include_str!("probe/rules.js"),
    include_str!("probe/scripts.js"),
    include_str!("probe/open.js"),
    include_str!("probe/reach.js"),
    include_str!("probe/urls.js"),
    include_str!("probe/opaque.js"),
    include_str!("probe/links.js"),
    include_str!("probe/words.js"),
    include_str!("probe/lines.js"),
    include_str!("probe/place.js"),
    include_str!("probe/badge.js"),
    include_str!("probe/suggest.js"),
    include_str!("probe/declared.js"),
    include_str!("probe/look.js"),
    include_str!("probe/layout.js"),
    include_str!("probe/code.js"),
    include_str!("probe/page.js"),
    include_str!("probe/act.js"),
    include_str!("probe/motion.js"),
    include_str!("probe/again.js"),
    include_str!("probe/close.js"),
    include_str!("probe/overlay.js"),
    include_str!("probe/splash.js"),
    include_str!("probe/collect.js"),
    include_str!("probe/view.js"),
);

/// Links and blocks that one frame brings back at most.
const LINKS_MAX: u32 = 3000;
const BLOCKS_MAX: u32 = 2500;

/// The probe in one frame.
#[derive(Debug, Clone)]
pub(super) struct Probe {
    pub frame: Frame,
    world: World,
}

/// What one frame's pass over the DOM brings.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Collected {
    pub page: PageFacts,
    pub code: CodeFacts,
    pub layout: Option<LayoutFacts>,
}

/// A cheap look at a page that is still loading.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct PageState {
    pub url: String,
    pub ready_state: String,
    pub elements: u64,
    pub text_length: u64,
    pub badge: u32,
    pub code: bool,
    pub links: u64,
    pub height: f64,
}

/// One badge candidate, scrolled into view.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct BadgeState {
    pub found: bool,
    pub rect: Rect,
    pub clipped: Rect,
    pub displayed: bool,
    pub opacity: f64,
    pub hidden_by: Option<StyleCause>,
    pub off_screen: bool,
    pub hit_test: HitTest,
    /// Where the page was scrolled to for it.
    pub scroll: Scroll,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(super) struct Scroll {
    pub y: f64,
}

/// A dialog that the page has drawn over itself; coordinates for a click are viewport pixels.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct OverlayState {
    pub found: bool,
    pub selector: String,
    pub text: String,
    pub rect: Rect,
    /// It, or what lies under it, is painted over the whole view.
    pub veil: bool,
    /// It asks for consent, and `close` says yes.
    pub consent: bool,
    pub close: Option<ClickTarget>,
    pub backdrop: Option<ClickTarget>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct ClickTarget {
    pub selector: String,
    pub x: f64,
    pub y: f64,
    pub words: String,
}

/// Whether such a dialog is gone.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct OverlayGone {
    pub gone: bool,
}

/// A page that is only a way in to the home page.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct SplashState {
    pub is_splash: bool,
    pub href: Option<String>,
    pub x: f64,
    pub y: f64,
    pub words: String,
}

/// What was done to hold the page still: transitions of something wide that were brought to their end.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Frozen {
    pub ended: u32,
}

/// For how long a script still faded something wide in or out.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Rest {
    pub faded_ms: f64,
}

/// How far scrolling came.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Scrolled {
    pub reached: f64,
    pub height: f64,
}

impl Probe {
    /// Puts the probe into a frame.
    pub(super) async fn install(page: &Page, frame: &Frame, limit: Duration) -> Result<Self, BrowserError> {
        let world = page.isolated_world(frame, limit).await?;
        let source = format!("{SOURCE}\n;true");
        let installed: bool = page.evaluate(&world, &source, limit).await?;
        debug_assert!(installed);
        Ok(Self {
            frame: frame.clone(),
            world,
        })
    }

    pub(super) async fn collect(
        &self,
        page: &Page,
        emc: &EmcSettings,
        top: bool,
        limit: Duration,
    ) -> Result<Collected, BrowserError> {
        let argument = json!({ "emc": emc, "top": top, "links_max": LINKS_MAX, "blocks_max": BLOCKS_MAX });
        // As text: the browser would otherwise walk the whole answer twice.
        let expression = format!("__emcAudit.json('collect', {argument})");
        let text: String = page.evaluate(&self.world, &expression, limit).await?;
        parse("collect", &text)
    }

    /// The boxes of the page as it stands.
    pub(super) async fn layout(&self, page: &Page, limit: Duration) -> Result<LayoutFacts, BrowserError> {
        let expression = format!("__emcAudit.json('layout', {{ blocks_max: {BLOCKS_MAX} }})");
        let text: String = page.evaluate(&self.world, &expression, limit).await?;
        parse("layout", &text)
    }

    pub(super) async fn state(
        &self,
        page: &Page,
        emc: &EmcSettings,
        limit: Duration,
    ) -> Result<PageState, BrowserError> {
        self.call(page, "state", &json!({ "emc": emc }), limit).await
    }

    /// Scrolls the candidate into view and says how it stands there.
    pub(super) async fn badge(
        &self,
        page: &Page,
        selector: &str,
        limit: Duration,
    ) -> Result<BadgeState, BrowserError> {
        self.call(page, "badge", &json!(selector), limit).await
    }

    /// Whether an element that was hidden is so still.
    pub(super) async fn is_gone(
        &self,
        page: &Page,
        selector: &str,
        limit: Duration,
    ) -> Result<bool, BrowserError> {
        #[derive(Deserialize)]
        struct Answer {
            gone: bool,
        }
        let answer: Answer = self.call(page, "isGone", &json!(selector), limit).await?;
        Ok(answer.gone)
    }

    /// Calls one of the probe's functions that change how the page looks: `hide`, `show`, `isolate` …
    pub(super) async fn act(
        &self,
        page: &Page,
        function: &str,
        argument: &serde_json::Value,
        limit: Duration,
    ) -> Result<(), BrowserError> {
        self.call::<serde_json::Value>(page, function, argument, limit)
            .await
            .map(drop)
    }

    /// Addresses of the links on the page, at most `max`; for pages that are only looked up.
    pub(super) async fn addresses(
        &self,
        page: &Page,
        max: u32,
        limit: Duration,
    ) -> Result<Vec<String>, BrowserError> {
        self.call(page, "addresses", &json!({ "max": max }), limit).await
    }

    /// Lets the probe look into the shadow roots that the page keeps closed. 0: it has none.
    pub(super) async fn open_closed_roots(
        &self,
        page: &Page,
        limit: Duration,
    ) -> Result<usize, BrowserError> {
        let take = "(...nodes) => __emcAudit.takeClosed(nodes)";
        page.with_nodes_in_closed_roots(&self.frame, &self.world, take, limit)
            .await
    }

    /// The document as it stands, at most `max` characters.
    pub(super) async fn html(
        &self,
        page: &Page,
        max: usize,
        limit: Duration,
    ) -> Result<String, BrowserError> {
        let expression = format!(
            "((h)=>h.length>{max}?h.slice(0,{max}):h)('<!DOCTYPE html>\\n'+(document.documentElement?document.documentElement.outerHTML:''))"
        );
        page.evaluate(&self.world, &expression, limit).await
    }

    /// Calls one of the probe's functions.
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        page: &Page,
        function: &str,
        argument: &serde_json::Value,
        limit: Duration,
    ) -> Result<T, BrowserError> {
        page.evaluate(&self.world, &format!("__emcAudit.{function}({argument})"), limit)
            .await
    }
}

/// The queue of EMC commands, read in the world of the page's own scripts.
pub(super) async fn read_queue(
    page: &Page,
    frame: &Frame,
    emc: &EmcSettings,
    limit: Duration,
) -> Result<Option<QueueFacts>, BrowserError> {
    let Some(world) = page.main_world(frame) else {
        return Ok(None);
    };
    let name = json!(emc.queue);
    let expression = format!(
        "({})({name})",
        include_str!("probe/queue.js").trim_end().trim_end_matches(';')
    );
    let text: String = page.evaluate(&world, &expression, limit).await?;
    parse("queue", &text)
}

/// Reads what the probe sent as JSON text.
fn parse<T: DeserializeOwned>(function: &str, text: &str) -> Result<T, BrowserError> {
    serde_json::from_str(text).map_err(|error| BrowserError::Unreadable {
        method: function.to_owned(),
        reason: error.to_string(),
    })
}
