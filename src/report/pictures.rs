//! Pictures that judging makes beside the bags: thumbnails, the badge marked in its place, and the regions
//! of a site under those of its portal. They may be made again at any time.

use std::io::Cursor;
use std::path::Path;

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::codecs::png::{CompressionType, FilterType as PngFilter, PngEncoder};
use image::imageops;
use image::{ImageFormat, Rgb, RgbImage};
use serde_json::Value;

use super::side_by_side;
use crate::bundle::{RunFolder, StoreError};
use crate::judge::PictureSource;
use crate::observation::{PictureKind, Rect};
use crate::rules::CheckId;
use crate::verdict::{Finding, SiteResult, Status};

/// Width of a thumbnail in pixels, and the height at which a page is cut in it.
const THUMB: (u32, u32) = (280, 210);
/// A header, a footer or a badge is made to fit into it.
const STRIP: (u32, u32) = (300, 52);
/// Room around what is marked.
const MARGIN: f64 = 160.0;
/// A marked part of a page is not taller.
const MARKED_HEIGHT_MAX: f64 = 1400.0;
const LINE: u32 = 3;
const RED: Rgb<u8> = Rgb([215, 38, 30]);
const ORANGE: Rgb<u8> = Rgb([232, 135, 0]);

/// The small pictures of a site: the name of each, and what it is made of.
pub(super) const THUMBS: [ThumbKind; 4] = [
    ThumbKind::new("thumb.jpg", PictureKind::Desktop, "desktop.jpg", "desktop"),
    ThumbKind::new("thumb-header.jpg", PictureKind::Header, "header.png", "header"),
    ThumbKind::new("thumb-footer.jpg", PictureKind::Footer, "footer.png", "footer"),
    ThumbKind::new("thumb-badge.jpg", PictureKind::Badge, "badge.png", "badge"),
];

/// A kind of small picture.
pub(super) struct ThumbKind {
    pub name: &'static str,
    of: PictureKind,
    whole: &'static str,
    caption: &'static str,
}

impl ThumbKind {
    const fn new(name: &'static str, of: PictureKind, whole: &'static str, caption: &'static str) -> Self {
        Self {
            name,
            of,
            whole,
            caption,
        }
    }
}

/// A small picture, with what it is the small one of; paths are relative to the run's folder.
#[derive(Debug, Clone)]
pub(super) struct Thumb {
    /// Its place in [`THUMBS`].
    pub kind: usize,
    pub path: String,
    pub whole: String,
    /// Key of its words in the section `report` of the language file.
    pub caption: &'static str,
    pub visit: u32,
}

/// One picture of a site's page.
#[derive(Debug, Clone)]
pub(super) struct ShownPicture {
    pub path: String,
    /// Key of the caption in the section `report` of the language file.
    pub caption: &'static str,
    pub visit: u32,
    pub wide: bool,
    /// In pixels, as the file says; a page keeps room for it before it is there.
    pub size: Option<(u32, u32)>,
}

/// Makes the pictures of one site in `base` (relative to the run's folder) and says which there are. A picture that is
/// missing or damaged is left out: it is evidence of nothing. Without `make`, those that are there stay as they are.
///
/// # Errors
/// When a picture cannot be written.
pub(super) fn make_pictures(
    folder: &RunFolder,
    result: &SiteResult,
    base: &str,
    make: bool,
) -> Result<(Vec<Thumb>, Vec<ShownPicture>), StoreError> {
    let (visit, make) = match shown_visit(folder, result) {
        Some(visit) => (visit, make),
        // Where the visits were removed, what was made of them stays.
        None if folder.bag_numbers(&result.site)?.is_empty()
            && !folder.evidence_sums(&result.site).is_empty() =>
        {
            (u32::try_from(result.visits.len()).unwrap_or(1), false)
        }
        None => return Ok((Vec::new(), Vec::new())),
    };
    let site = Site {
        folder,
        result,
        visit,
        base,
        make,
    };
    let stored = |kind| make.then(|| folder.picture(&result.site, visit, kind)).flatten();
    let pictures = THUMBS.map(|thumb| stored(thumb.of));
    Ok((site.thumbs(&pictures)?, site.shown(&pictures)?))
}

/// A site whose pictures are made, or looked for.
struct Site<'a> {
    folder: &'a RunFolder,
    result: &'a SiteResult,
    visit: u32,
    base: &'a str,
    make: bool,
}

impl Site<'_> {
    /// Whether there is such a picture now: made, or found where none are made.
    fn settle(&self, name: &str, image: Option<&RgbImage>, format: ImageFormat) -> Result<bool, StoreError> {
        let path = self.folder.path().join(self.base).join(name);
        match image {
            Some(image) => save(&path, image, format).map(|()| true),
            None => Ok(!self.make && path.is_file()),
        }
    }

    fn stored(&self, name: &str) -> String {
        let site = self.result.site.folder_name();
        format!("sites/{site}/visit-{}/data/{name}", self.visit)
    }

    fn thumbs(&self, pictures: &[Option<RgbImage>; 4]) -> Result<Vec<Thumb>, StoreError> {
        let mut thumbs = Vec::new();
        for (kind, (thumb, picture)) in THUMBS.iter().zip(pictures).enumerate() {
            let small = picture.as_ref().and_then(|picture| match thumb.of {
                PictureKind::Desktop => top_of(picture),
                _ => fitted(picture),
            });
            if self.settle(thumb.name, small.as_ref(), ImageFormat::Jpeg)? {
                let path = format!("{}/{}", self.base, thumb.name);
                let whole = self.stored(thumb.whole);
                // Of a visit that was removed the small picture is all that is left.
                let is_there = self.folder.path().join(&whole).is_file();
                thumbs.push(Thumb {
                    kind,
                    whole: if is_there { whole } else { path.clone() },
                    path,
                    caption: thumb.caption,
                    visit: self.visit,
                });
            }
        }
        Ok(thumbs)
    }

    fn finding(&self, check: CheckId) -> Option<&Finding> {
        let mut findings = self.result.findings.iter();
        findings.find(|finding| finding.check == check.as_str())
    }

    /// What is marked and compared first, then what was stored; a region that is shown beside the portal's is not
    /// shown once more by itself.
    fn shown(
        &self,
        [desktop, header, footer, _]: &[Option<RgbImage>; 4],
    ) -> Result<Vec<ShownPicture>, StoreError> {
        let mut shown = Vec::new();
        let mut show = |path: String, caption, wide| {
            let size = image::image_dimensions(self.folder.path().join(&path)).ok();
            shown.push(ShownPicture {
                path,
                caption,
                visit: self.visit,
                wide,
                size,
            });
        };
        let annotated = match (desktop, self.finding(CheckId::EmcBadge)) {
            (Some(desktop), Some(finding)) => marked(desktop, finding),
            _ => None,
        };
        if self.settle("annotated.png", annotated.as_ref(), ImageFormat::Png)? {
            show(format!("{}/annotated.png", self.base), "annotated", true);
        }
        let mut single = vec![(PictureKind::Badge, "badge.png", "badge")];
        for (kind, ours, check, name, both, alone) in [
            (
                PictureKind::Header,
                header,
                CheckId::LookHeader,
                "header.png",
                "look_header",
                "header",
            ),
            (
                PictureKind::Footer,
                footer,
                CheckId::LookFooter,
                "footer.png",
                "look_footer",
                "footer",
            ),
        ] {
            let pair = self.pair(ours.as_ref(), kind, check);
            let path = format!("look/{name}");
            if pair.is_some() {
                fs_err::create_dir_all(self.folder.path().join(self.base).join("look"))?;
            }
            if self.settle(&path, pair.as_ref(), ImageFormat::Png)? {
                show(format!("{}/{path}", self.base), both, true);
            } else {
                single.push((kind, name, alone));
            }
        }
        single.push((PictureKind::Desktop, "desktop.jpg", "desktop"));
        single.push((PictureKind::Mobile, "mobile.jpg", "mobile"));
        for (kind, name, caption) in single {
            let path = self.stored(name);
            if self.folder.path().join(&path).is_file() {
                show(
                    path,
                    caption,
                    !matches!(kind, PictureKind::Badge | PictureKind::Mobile),
                );
            }
        }
        Ok(shown)
    }

    /// The portal's region over the site's own, as the finding tells of them.
    fn pair(&self, ours: Option<&RgbImage>, kind: PictureKind, check: CheckId) -> Option<RgbImage> {
        let (finding, portal) = (self.finding(check)?, self.result.portal.as_ref()?);
        let ours = ours?;
        // The portal was seen once or more; any of its visits will do for the eye.
        let theirs = (1..=4)
            .rev()
            .find_map(|visit| self.folder.picture(portal, visit, kind))?;
        Some(side_by_side::draw(finding, &theirs, ours))
    }
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

/// A whole picture made small enough for its box; one that is small already stays as it is.
fn fitted(picture: &RgbImage) -> Option<RgbImage> {
    let (width, height) = picture.dimensions();
    let scale = (f64::from(STRIP.0) / f64::from(width))
        .min(f64::from(STRIP.1) / f64::from(height))
        .min(1.0);
    let size = |length: u32| pixel(f64::from(length) * scale).max(1);
    resized(picture, (width, height), (size(width), size(height)))
}

/// The top of the page, small; nothing for a picture without pixels.
fn top_of(desktop: &RgbImage) -> Option<RgbImage> {
    let (width, height) = desktop.dimensions();
    let top = height.min(width.saturating_mul(THUMB.1) / THUMB.0).max(1);
    resized(desktop, (width, top), THUMB)
}

/// The upper left `part` of a picture in another size.
fn resized(picture: &RgbImage, part: (u32, u32), size: (u32, u32)) -> Option<RgbImage> {
    let whole = ImageRef::new(
        picture.width(),
        picture.height(),
        picture.as_raw(),
        PixelType::U8x3,
    )
    .ok()?;
    let mut small = Image::new(size.0, size.1, PixelType::U8x3);
    let options = ResizeOptions::new()
        .crop(0.0, 0.0, f64::from(part.0), f64::from(part.1))
        .resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
    Resizer::new().resize(&whole, &mut small, &options).ok()?;
    RgbImage::from_raw(size.0, size.1, small.into_vec())
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
