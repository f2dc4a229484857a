//! Pictures that judging makes beside the bags: a thumbnail, the badge marked in its place, and the regions
//! of a site under those of its portal. They may be made again at any time.

use std::io::Cursor;
use std::path::Path;

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::codecs::png::{CompressionType, FilterType as PngFilter, PngEncoder};
use image::imageops;
use image::{ImageFormat, Rgb, RgbImage};
use rayon::prelude::*;
use serde_json::Value;

use super::side_by_side;
use crate::bundle::{RunFolder, StoreError};
use crate::judge::PictureSource;
use crate::observation::{PictureKind, Rect};
use crate::site::SiteId;
use crate::verdict::{Finding, SiteResult, Status};

/// Width of a thumbnail in pixels, and the height at which a page is cut in it.
const THUMB: (u32, u32) = (280, 210);
/// Room around what is marked.
const MARGIN: f64 = 160.0;
/// A marked part of a page is not taller.
const MARKED_HEIGHT_MAX: f64 = 1400.0;
const LINE: u32 = 3;
const RED: Rgb<u8> = Rgb([215, 38, 30]);
const ORANGE: Rgb<u8> = Rgb([232, 135, 0]);

/// What pictures there are of a site; paths are relative to the run's folder.
#[derive(Debug, Clone, Default)]
pub struct SitePictures {
    pub thumb: Option<String>,
    pub shown: Vec<ShownPicture>,
    /// Files of the visits, by their paths in the site's folder, with their sums.
    pub files: Vec<(String, String)>,
}

/// One picture of a site's page.
#[derive(Debug, Clone)]
pub struct ShownPicture {
    pub path: String,
    /// Key of the caption in the section `report` of the language file.
    pub caption: &'static str,
    pub visit: u32,
    pub wide: bool,
}

/// Makes the pictures of all sites, several at a time.
///
/// # Errors
/// When a picture cannot be written.
pub fn make_all(
    folder: &RunFolder,
    results: &[SiteResult],
    base: &str,
) -> Result<Vec<SitePictures>, StoreError> {
    let made = results
        .par_iter()
        .map(|result| make_pictures(folder, result, base, true));
    made.collect()
}

/// Says which pictures there are of each site, without making any.
///
/// # Errors
/// When the folder of a site cannot be made.
pub fn find_all(
    folder: &RunFolder,
    results: &[SiteResult],
    base: &str,
) -> Result<Vec<SitePictures>, StoreError> {
    let found = results
        .iter()
        .map(|result| make_pictures(folder, result, base, false));
    found.collect()
}

/// Makes the pictures of one site below `base` (relative to the run's folder, empty for the folder itself)
/// and says which there are. A picture that is missing or damaged is left out: it is evidence of nothing.
/// Without `make`, those that are there stay as they are.
fn make_pictures(
    folder: &RunFolder,
    result: &SiteResult,
    base: &str,
    make: bool,
) -> Result<SitePictures, StoreError> {
    let site = &result.site;
    let bags = format!("sites/{}", site.folder_name());
    let base = format!("{base}{bags}");
    let place = folder.path().join(&base);
    fs_err::create_dir_all(&place)?;
    let mut pictures = SitePictures {
        files: folder.evidence_sums(site),
        ..SitePictures::default()
    };
    let Some(visit) = shown_visit(folder, result) else {
        return Ok(pictures);
    };
    let settle = |path: &Path, image: Option<RgbImage>, format| match image {
        Some(image) => save(path, &image, format).map(|()| true),
        None => Ok(!make && path.is_file()),
    };
    let desktop = make
        .then(|| folder.picture(site, visit, PictureKind::Desktop))
        .flatten();
    let thumb = desktop.as_ref().and_then(thumb);
    if settle(&place.join("thumb.jpg"), thumb, ImageFormat::Jpeg)? {
        pictures.thumb = Some(format!("{base}/thumb.jpg"));
    }
    let mut show = |path: String, caption, wide| {
        pictures.shown.push(ShownPicture {
            path,
            caption,
            visit,
            wide,
        });
    };
    let badge = result
        .findings
        .iter()
        .find(|finding| finding.check == "emc.badge");
    let annotated = match (&desktop, badge) {
        (Some(desktop), Some(finding)) => marked(desktop, finding),
        _ => None,
    };
    if settle(&place.join("annotated.png"), annotated, ImageFormat::Png)? {
        show(format!("{base}/annotated.png"), "annotated", true);
    }
    for (kind, check, name, caption) in [
        (PictureKind::Header, "look.header", "header.png", "look_header"),
        (PictureKind::Footer, "look.footer", "footer.png", "look_footer"),
    ] {
        let finding = result.findings.iter().find(|finding| finding.check == check);
        let pair = match (finding, &result.portal) {
            (Some(finding), Some(portal)) if make => pair(folder, (portal, site), visit, kind, finding),
            _ => None,
        };
        if pair.is_some() {
            fs_err::create_dir_all(place.join("look"))?;
        }
        if settle(&place.join("look").join(name), pair, ImageFormat::Png)? {
            show(format!("{base}/look/{name}"), caption, true);
        }
    }
    for (kind, name, caption) in [
        (PictureKind::Badge, "badge.png", "badge"),
        (PictureKind::Desktop, "desktop.jpg", "desktop"),
        (PictureKind::Mobile, "mobile.jpg", "mobile"),
    ] {
        let path = format!("{bags}/visit-{visit}/data/{name}");
        if folder.path().join(&path).is_file() {
            show(path, caption, kind == PictureKind::Desktop);
        }
    }
    Ok(pictures)
}

/// Whether a file of the evidence is a picture, by its name.
pub(super) fn is_picture(name: &str) -> bool {
    let extension = Path::new(name).extension();
    extension.is_some_and(|extension| extension == "png" || extension == "jpg")
}

/// A stored page would run its scripts and call its servers when it is opened: it is named, not linked.
pub(super) fn may_be_opened(name: &str) -> bool {
    name.rsplit('.').next() != Some("html")
}

/// The last visit with a picture of the page: the one that confirmed, if there was one.
fn shown_visit(folder: &RunFolder, result: &SiteResult) -> Option<u32> {
    let visits = u32::try_from(result.visits.len()).ok()?;
    let place = folder.site_path(&result.site);
    (1..=visits)
        .rev()
        .find(|visit| place.join(format!("visit-{visit}/data/desktop.jpg")).is_file())
}

fn save(path: &Path, picture: &RgbImage, format: ImageFormat) -> Result<(), StoreError> {
    let mut bytes = Vec::new();
    let written = match format {
        // Two of these for each site: time counts for more than the last fifth of their size.
        ImageFormat::Png => {
            let encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, PngFilter::Sub);
            picture.write_with_encoder(encoder)
        }
        format => picture.write_to(&mut Cursor::new(&mut bytes), format),
    };
    written.map_err(std::io::Error::other)?;
    Ok(fs_err::write(path, bytes)?)
}

/// The top of the page, small; nothing for a picture without pixels.
fn thumb(desktop: &RgbImage) -> Option<RgbImage> {
    let (width, height) = desktop.dimensions();
    let top = height.min(width.saturating_mul(THUMB.1) / THUMB.0).max(1);
    let whole = ImageRef::new(width, height, desktop.as_raw(), PixelType::U8x3).ok()?;
    let mut small = Image::new(THUMB.0, THUMB.1, PixelType::U8x3);
    let options = ResizeOptions::new()
        .crop(0.0, 0.0, f64::from(width), f64::from(top))
        .resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
    Resizer::new().resize(&whole, &mut small, &options).ok()?;
    RgbImage::from_raw(THUMB.0, THUMB.1, small.into_vec())
}

/// The part of the page around a badge that fails or needs a person, its box and what covers it marked.
fn marked(desktop: &RgbImage, finding: &Finding) -> Option<RgbImage> {
    if !matches!(finding.status, Status::Fail | Status::Review) {
        return None;
    }
    let badge = rect(finding.measured.get("rect"))?;
    let cover = rect(finding.measured.get("coverer_rect"));
    let (width, height) = (f64::from(desktop.width()), f64::from(desktop.height()));
    let page = Rect {
        width,
        height,
        ..Rect::default()
    };
    if badge.intersection(&page).area() <= 0.0 {
        return None;
    }
    let top = (badge.y - MARGIN).clamp(0.0, height);
    let bottom = (badge.bottom() + MARGIN)
        .clamp(top, top + MARKED_HEIGHT_MAX)
        .min(height);
    let mut picture = imageops::crop_imm(
        desktop,
        0,
        pixel(top),
        desktop.width(),
        pixel(bottom - top).max(1),
    )
    .to_image();
    let moved = |rect: &Rect| Rect {
        y: rect.y - top,
        ..*rect
    };
    if let Some(cover) = cover {
        outline(&mut picture, &moved(&cover), ORANGE);
    }
    outline(&mut picture, &moved(&badge), RED);
    Some(picture)
}

fn rect(value: Option<&Value>) -> Option<Rect> {
    serde_json::from_value(value?.clone()).ok()
}

/// Whole pixels inside a picture; negative and endless numbers become the nearest edge.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // clamped before
fn pixel(length: f64) -> u32 {
    if length.is_nan() {
        return 0;
    }
    length.clamp(0.0, 65_535.0).round() as u32
}

/// Draws a frame around `rect`, as far as it is in the picture.
fn outline(picture: &mut RgbImage, rect: &Rect, colour: Rgb<u8>) {
    let (width, height) = picture.dimensions();
    let (left, top) = (
        pixel(rect.x).saturating_sub(LINE),
        pixel(rect.y).saturating_sub(LINE),
    );
    let right = (pixel(rect.right()) + LINE).min(width);
    let bottom = (pixel(rect.bottom()) + LINE).min(height);
    for y in top..bottom {
        for x in left..right {
            let inside = x >= left + LINE && x + LINE < right && y >= top + LINE && y + LINE < bottom;
            if !inside {
                picture.put_pixel(x, y, colour);
            }
        }
    }
}

/// The portal's region over the site's own, as the finding tells of them.
fn pair(
    folder: &RunFolder,
    (portal, site): (&SiteId, &SiteId),
    visit: u32,
    kind: PictureKind,
    finding: &Finding,
) -> Option<RgbImage> {
    let ours = folder.picture(site, visit, kind)?;
    // The portal was seen once or more; any of its visits will do for the eye.
    let theirs = (1..=4)
        .rev()
        .find_map(|visit| folder.picture(portal, visit, kind))?;
    Some(side_by_side::draw(finding, &theirs, &ours))
}
