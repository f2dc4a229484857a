//! Holiday dress: blossoms, flags and fireworks that a page puts on for Tết or a national day and takes off
//! again. What a person calls dress calls itself so, in names of elements and files, and hangs over the page.

use crate::observation::{Block, BlockPosition, RequestRecord};

use super::boxes::Boxes;
use super::colour::Colour;
use super::regions::Region;
use super::words;

/// One picture may be called anything; dress is more than one thing.
const LEAST_SIGNS: usize = 2;
/// A banner of the feast that takes this share of the region is what stands where the usual one stood.
const BANNER_SHARE: f64 = 0.25;
const MAX_SIGNS: usize = 8;

#[derive(Debug, Default)]
pub(crate) struct Dress {
    /// What gives it away, each once: names of files and elements.
    pub(crate) signs: Vec<String>,
    /// Blocks that hang over the page or beside it.
    hung: Vec<usize>,
    /// Wide pictures of the feast within the flow of the region: another banner.
    banners: Vec<usize>,
    /// Share of the region that those banners take.
    banner_share: f64,
}

impl Dress {
    /// `files`: names of scripts and style sheets of the page that speak of a feast.
    pub(crate) fn of(boxes: &Boxes<'_>, region: &Region, files: &[String]) -> Self {
        let mut dress = Self::default();
        let mut veil = false;
        for (index, block) in boxes.blocks.iter().enumerate() {
            let rect = &boxes.rects[index];
            if rect.area() <= 0.0 {
                continue;
            }
            let hangs = matches!(block.position, BlockPosition::Absolute | BlockPosition::Fixed)
                || block.clicks_through;
            let Some(sign) = sign_of(block) else {
                veil |= block.picture == "canvas" && boxes.is_veil(index);
                continue;
            };
            let in_region = rect.intersection(&region.rect).area();
            if hangs {
                // What spans the page without being a picture itself holds what is hung.
                if boxes.is_picture(index) || rect.width < boxes.width * 0.4 {
                    dress.hung.push(index);
                }
                dress.sign(sign);
            } else if boxes.is_picture(index) && in_region > 0.0 && rect.width >= boxes.width * 0.4 {
                dress.banners.push(index);
                dress.banner_share += in_region / region.rect.area().max(1.0);
                dress.sign(sign);
            }
        }
        for file in files {
            dress.sign(file.clone());
        }
        // Something falls over the whole page: snow, petals, or nothing but moving dots. Alone it says nothing.
        if veil && !dress.signs.is_empty() {
            dress.sign("canvas".to_owned());
        }
        dress
    }

    fn sign(&mut self, sign: String) {
        if self.signs.len() < MAX_SIGNS && !self.signs.contains(&sign) {
            self.signs.push(sign);
        }
    }

    /// A picture hung over the page, not to be looked at.
    pub(crate) fn is_hung(&self, index: usize) -> bool {
        self.hung.binary_search(&index).is_ok()
    }

    /// A banner of the feast.
    pub(crate) fn wears(&self, index: usize) -> bool {
        self.banners.binary_search(&index).is_ok()
    }

    /// The banner of the feast stands where the usual one stood.
    pub(crate) fn has_banner(&self) -> bool {
        self.banner_share >= BANNER_SHARE
    }

    /// More than one thing speaks of a feast.
    pub(crate) fn is_plain_to_see(&self) -> bool {
        self.signs.len() >= LEAST_SIGNS
    }
}

/// The name that speaks of a feast.
fn sign_of(block: &Block) -> Option<String> {
    let file = file_name(&block.picture_url).to_lowercase();
    if words::names_feast(&file) {
        return Some(file);
    }
    words::names_feast(&block.names).then(|| block.names.clone())
}

/// Names of the scripts and style sheets among `requests` that speak of a feast, each once.
pub fn dress_files(requests: &[RequestRecord]) -> Vec<String> {
    let mut files: Vec<String> = requests
        .iter()
        .map(|request| file_name(&request.url).to_lowercase())
        .filter(|file| matches!(file.rsplit_once('.'), Some((_, "js" | "css"))))
        .filter(|file| words::names_feast(file))
        .collect();
    files.sort_unstable();
    files.dedup();
    files
}

/// The last part of an address, without its query.
fn file_name(address: &str) -> &str {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default()
}

/// Red, gold or pink: what feasts are dressed in.
pub(crate) fn is_festive(colour: &Colour) -> bool {
    let hue = colour.hue();
    colour.chroma() > 25.0 && (hue <= 100.0 || hue >= 340.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feasts_are_told_by_their_names_and_places_are_not() {
        for name in [
            "banner-tet-2026.png",
            "tet2026.css",
            "hoa-mai-trai.png",
            "hoadao.js",
            "canh-dao.gif",
            "mung-xuan.jpg",
            "xuan2026.png",
            "le-2-9.jpg",
            "quockhanh.png",
            "snowflake",
            "phao-hoa.js",
        ] {
            assert!(words::names_feast(name), "{name}");
        }
        for name in [
            "banner-xuan-truong.jpg",
            "tho-xuan.png",
            "logo.png",
            "flag-icon-vn",
            "tin-12-9-2026.jpg",
            "thong-tin-tettitle",
            "banner.jpg",
            "internet.png",
            "daonguyen.jpg",
        ] {
            assert!(!words::names_feast(name), "{name}");
        }
    }

    #[test]
    fn red_and_gold_are_festive_and_blue_and_white_are_not() {
        for rgb in [[0xC8, 0x10, 0x18], [0xF7, 0xC5, 0x2B], [0xE7, 0x69, 0x9A]] {
            assert!(is_festive(&Colour::new(rgb)), "{rgb:?}");
        }
        for rgb in [[0x0B, 0x53, 0x94], [0xFF, 0xFF, 0xFF], [0x0A, 0x7A, 0x3B]] {
            assert!(!is_festive(&Colour::new(rgb)), "{rgb:?}");
        }
    }
}
