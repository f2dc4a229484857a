//! The boxes of the page that header and footer are found and compared by.

use serde::{Deserialize, Serialize};

use super::Rect;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LayoutFacts {
    pub page_width: f64,
    pub page_height: f64,
    pub viewport_width: f64,
    pub viewport_height: f64,
    /// CSS colours of `html` and `body`, as computed.
    pub html_background: String,
    pub body_background: String,
    /// `filter` of `html`, `body` or what wraps most of the page (`grayscale(1)` in times of mourning).
    pub page_filter: Option<String>,
    /// In document order, parents before children; at most 2,500.
    pub blocks: Vec<Block>,
}

/// One drawn element.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Block {
    /// Index of the parent in `blocks`.
    pub parent: Option<u32>,
    pub tag: String,
    pub role: String,
    /// `id` and `class`, lower case, at most 160 characters.
    pub names: String,
    pub rect: Rect,
    pub position: BlockPosition,
    /// Direct text, at most 120 characters.
    pub text: String,
    /// Characters of text in it and below it.
    pub text_length: u64,
    /// Links in it and below it.
    pub links: u64,
    /// CSS colours as computed; empty when transparent.
    pub background: String,
    pub colour: String,
    pub font_size: f64,
    /// `img`, `svg`, `canvas`, `video`, `background` or empty.
    pub picture: String,
    /// Address of the picture, at most 200 characters.
    pub picture_url: String,
    /// `left`, `center`, `right` of its text.
    pub align: String,
    /// `pointer-events: none`: it lies over the page only to be seen.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub clicks_through: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BlockPosition {
    #[default]
    Static,
    Relative,
    Absolute,
    Fixed,
    Sticky,
}
