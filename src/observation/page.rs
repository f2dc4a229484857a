//! What the pass over the DOM brought: EMC code, badge candidates and links, frame by frame.
//!
//! Every string comes from a hostile page and is cut to a bounded length where it is read.

use serde::{Deserialize, Serialize};

use super::Rect;

/// The page as it stood after settling.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PageFacts {
    pub title: String,
    pub lang: String,
    pub charset: String,
    /// `meta` names and properties with their contents.
    pub meta: Vec<(String, String)>,
    pub text: PageText,
    /// Size of the document, as scrolled.
    pub width: f64,
    pub height: f64,
    pub element_count: u64,
    /// The top document first. Frames of other hosts are listed with their address, without contents.
    pub frames: Vec<FrameFacts>,
    /// One entry per candidate, with what the pictures said of it.
    pub badges: Vec<BadgeCandidate>,
    pub links: Vec<Link>,
    /// Lists that were longer than the probe brings back, by name.
    pub truncated: Vec<String>,
    /// It led to another page when it was scrolled, and was looked at again without scrolling.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub leaves_when_scrolled: bool,
}

/// Visible text, for telling a home page from a challenge, a parking page or an error page.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PageText {
    /// The first 4,000 characters of the visible text, white space folded.
    pub start: String,
    /// Length of all visible text in characters.
    pub length: u64,
    pub links: u64,
    pub images: u64,
    pub scripts: u64,
    pub forms: u64,
    /// `input[type=password]` and captcha widgets by name.
    pub markers: Vec<String>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FrameFacts {
    pub id: String,
    pub url: String,
    pub top: bool,
    /// The frame's host is the top document's host.
    pub same_host: bool,
    /// Where the frame stands in the page; `None` when it is not displayed.
    pub rect: Option<Rect>,
    /// Title and text of a displayed frame of the page's own host, which may be all that the page shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<PageText>,
    pub code: CodeFacts,
}

/// EMC code found in one document.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CodeFacts {
    /// Scripts and comments that name EMC's script, tracker host or queue.
    pub snippets: Vec<CodeSnippet>,
    /// The queue in the page's own world; `None` where there is none.
    pub queue: Option<QueueFacts>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CodeSnippet {
    pub place: SnippetPlace,
    /// `src` of an external script, resolved.
    pub src: Option<String>,
    /// `type` attribute as written.
    pub script_type: Option<String>,
    /// At most 4,000 characters.
    pub text: String,
    /// One-based line in the document, where known.
    pub line: Option<u32>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SnippetPlace {
    /// A script element that the browser runs.
    #[default]
    Live,
    /// Inside an HTML comment.
    HtmlComment,
    /// A script element of a type that the browser does not run.
    InertType,
    /// Inside `<noscript>`, `<template>`, `<textarea>` or other text that never runs.
    InertElement,
    /// Only inside a comment of the script's own language.
    ScriptComment,
}

/// `window._govaq` as the page's own scripts see it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct QueueFacts {
    /// Still a plain array: no script has consumed it.
    pub is_array: bool,
    /// Commands as JSON text, at most 50 of at most 500 characters.
    pub commands: Vec<String>,
    /// Arguments of every `setSiteId`, as text.
    pub site_ids: Vec<String>,
    pub tracker_urls: Vec<String>,
}

/// Something that may be the EMC badge.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BadgeCandidate {
    pub kind: BadgeKind,
    /// CSS path from the document, unique in it.
    pub selector: String,
    pub frame: String,
    /// The text, `alt`, `title`, label or file name by which it was found.
    pub words: String,
    /// At most 600 characters of its markup.
    pub markup: String,
    pub placement: Placement,
    /// Its box, whole.
    pub rect: Rect,
    /// What is left of the box after the clipping of its ancestors.
    pub clipped: Rect,
    /// Product of the opacities of it and its ancestors.
    pub opacity: f64,
    /// The style that keeps it from being drawn, if one does.
    pub hidden_by: Option<StyleCause>,
    /// Outside what scrolling can reach.
    pub off_screen: bool,
    pub hit_test: HitTest,
    /// One entry per look, at least two seconds apart; empty where it had no box.
    pub looks: Vec<BadgeLook>,
    /// The same for the mobile viewport; told beside, decides nothing.
    pub mobile: Option<BadgeLook>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BadgeKind {
    /// The widget that EMC's script puts in.
    #[default]
    Injected,
    /// A hand-made label, by its text.
    Text,
    /// By `alt`, `title` or `aria-label`.
    Attribute,
    /// An element whose background picture is named like the badge and that carries the words.
    Background,
    /// Text drawn inside an SVG.
    Svg,
    /// A picture without words whose file name, link or place suggests the badge.
    Suggested,
}

/// What kind of place the candidate stands in, so that news about EMC is no badge.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[allow(clippy::struct_excessive_bools)] // independent facts of the place
pub struct Placement {
    /// Inside an article, a headline, a news list, a paragraph of running text.
    pub in_news: bool,
    /// Characters of the smallest block around it, its own words included.
    pub block_text_length: u64,
    /// Inside a footer, header, sidebar or fixed box.
    pub in_frame_area: bool,
    /// That frame area is a footer, or stands where footers do.
    pub in_footer: bool,
    /// In a line that runs across.
    pub running: bool,
    /// Where a link around it leads.
    pub link: Option<String>,
    /// The whole line, list entry or table row that it stands in, at most 300 characters.
    pub line: String,
    /// The drawn line that its words stand in, in a footer the sentence of it, at most 300 characters; empty
    /// where the words are no text of the page.
    pub sentence: String,
    /// The drawn line before that one, at most 100 characters.
    pub line_before: String,
    /// What stands before and after that line, at most 300 characters.
    pub neighbours: String,
    /// In a row of a table that gives values to what is named in another cell.
    pub in_data_row: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StyleCause {
    /// The element that has the style: the candidate or one of its ancestors.
    pub selector: String,
    pub property: String,
    pub value: String,
    /// Where the page says so, as far as its style sheets can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<StyleRule>,
}

/// The declaration that gives an element a style.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StyleRule {
    pub place: RulePlace,
    /// Of the rule; empty for a `style` attribute.
    pub selector: String,
    /// `display: none !important`.
    pub declaration: String,
    /// The condition of the `@media` around it, if one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media: Option<String>,
    /// Address of the style sheet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// One-based, in the style sheet or the document as served, where it was found there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RulePlace {
    /// The `style` attribute of the element, where scripts write too.
    #[default]
    Attribute,
    /// A `<style>` of the document.
    Document,
    /// A style sheet of its own.
    Sheet,
}

/// `elementFromPoint` over a grid of the candidate's box, scrolled into view.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HitTest {
    pub points: u32,
    pub hits: u32,
    /// Points over which the dialog of this visit, or its backdrop, is painted.
    pub under_dialog: u32,
    /// What lies over it most.
    pub coverer: Option<Coverer>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Coverer {
    pub selector: String,
    pub rect: Rect,
    pub points: u32,
    /// It floats, and a visitor can close or fold it: words on the control.
    #[serde(default)]
    pub closed_by: Option<String>,
}

/// The candidate's box as painted, compared with the same box painted without it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BadgeLook {
    pub at_ms: u64,
    pub rect: Rect,
    pub displayed: bool,
    /// Share of the box's pixels that differ perceptibly, 0 to 1; `None` if it could not be painted.
    pub changed_share: Option<f64>,
    pub changed_pixels: Option<u64>,
    /// Largest colour difference in the box (CIEDE2000).
    pub strongest_difference: Option<f64>,
    /// Painted alone, over a plain ground, it would differ: what hides it lies over it.
    pub drawn_when_uncovered: Option<bool>,
}

/// A way from this page to another address.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Link {
    /// Absolute, as the browser resolves it.
    pub url: String,
    /// At most 160 characters: text, `alt` or `title`.
    pub text: String,
    pub form: LinkForm,
    pub visibility: LinkVisibility,
    /// Why it is not simply shown: what opens it, or what hides it.
    pub reason: Option<String>,
    pub frame: String,
    pub rect: Option<Rect>,
    /// It asks for a window of its own.
    pub new_window: bool,
    /// Addresses found inside the URL's own query or path, for redirectors.
    pub targets: Vec<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkForm {
    #[default]
    Anchor,
    /// An `option` of a `select`.
    Select,
    /// `onclick` that opens an address.
    Onclick,
    /// `area` of an image map.
    Map,
    /// An anchor inside a menu.
    Menu,
    /// `data-href`, `data-url` and the like.
    Data,
    /// A form that leads there.
    Form,
    /// An address in a script that writes or opens something.
    Script,
    /// A postback or script whose target cannot be read.
    Opaque,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkVisibility {
    /// Nothing can open it.
    #[default]
    Hidden,
    /// It could not be told whether something opens it.
    Unclear,
    /// A control, label, hover, focus, `:target`, `:checked`, slide or tab brings it up.
    Openable,
    /// Drawn.
    Shown,
}
