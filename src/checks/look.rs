//! Header and footer against the portal's: what `look` measured, as findings.

use image::RgbImage;
use serde_json::{Value, json};

use super::VisitFinding;
use super::finding::rect_value;
use crate::judge::PictureSource;
use crate::look::{
    LookCode, LookFinding, LookThresholds, Region, RegionKind, Regions, Side, compare, dress_files, regions,
};
use crate::observation::{LayoutFacts, Observation, Picture, PictureKind, Rect};
use crate::rules::CheckId;

/// What the comparison says of both regions.
#[derive(Debug, Clone, PartialEq)]
pub struct LookFindings {
    pub header: VisitFinding,
    pub footer: VisitFinding,
}

/// Compares one visit of a component with one visit of its portal in the same engine. `thresholds` is the
/// table `[look]` of the rules; what it leaves out has the program's own value.
pub fn judge_look(
    component: &Observation,
    portal: &Observation,
    pictures: &dyn PictureSource,
    thresholds: &toml::Table,
) -> LookFindings {
    // The table was checked when the rules were read.
    let thresholds: LookThresholds = thresholds.clone().try_into().unwrap_or_default();
    let (ours, theirs) = (Page::of(component), Page::of(portal));
    let veiled = is_veiled(component) || is_veiled(portal);
    let judge = |check, kind| {
        let finding = match (&ours, &theirs) {
            (_, None) => return VisitFinding::new(check, "portal_not_measured"),
            (None, _) => return VisitFinding::new(check, "uncertain").fact("cause", "no_layout"),
            (Some(ours), Some(theirs)) => {
                let (page, reference) = (ours.cut_out(kind, pictures), theirs.cut_out(kind, pictures));
                compare(
                    kind,
                    &theirs.side(kind, reference.as_ref()),
                    &ours.side(kind, page.as_ref()),
                    &thresholds,
                )
            }
        };
        let seen = as_finding(check, &finding, component);
        if veiled && finding.code != LookCode::Absent {
            return under_veil(check, &seen, component);
        }
        seen
    };
    LookFindings {
        header: judge(CheckId::LookHeader, RegionKind::Header),
        footer: judge(CheckId::LookFooter, RegionKind::Footer),
    }
}

/// A dialog that nothing closed darkens or lightens the whole page, and all pictures of it.
fn is_veiled(observation: &Observation) -> bool {
    let overlay = observation.overlay.as_ref();
    overlay.is_some_and(|overlay| overlay.veil && overlay.closed_by.is_none())
}

/// Whatever the pictures say, they say it of the veil: of what was measured only the measures are kept.
fn under_veil(check: CheckId, seen: &VisitFinding, component: &Observation) -> VisitFinding {
    let mut finding = VisitFinding::new(check, "uncertain")
        .doubt("dialog_not_closed")
        .fact("cause", "dialog_not_closed")
        .stable("uncertain")
        .pictures(
            component,
            &[PictureKind::OverlayBefore, PictureKind::OverlayAfter],
        );
    for (name, value) in &seen.facts {
        if name != "reasons" && !finding.facts.contains_key(name) {
            finding = finding.fact(name, value.clone());
        }
    }
    finding.evidence.extend(seen.evidence.iter().cloned());
    finding
}

/// One page with its regions.
struct Page<'a> {
    observation: &'a Observation,
    layout: &'a LayoutFacts,
    regions: Regions,
    dress_files: Vec<String>,
}

impl<'a> Page<'a> {
    fn of(observation: &'a Observation) -> Option<Self> {
        let layout = observation.layout.as_ref()?;
        Some(Self {
            observation,
            layout,
            regions: regions::find(layout),
            dress_files: dress_files(&observation.requests),
        })
    }

    fn region(&self, kind: RegionKind) -> Option<&Region> {
        match kind {
            RegionKind::Header => self.regions.header.as_ref(),
            RegionKind::Footer => self.regions.footer.as_ref(),
        }
    }

    fn side<'b>(&'b self, kind: RegionKind, picture: Option<&'b RgbImage>) -> Side<'b> {
        let absent = match kind {
            RegionKind::Header => self.regions.header_absent,
            RegionKind::Footer => self.regions.footer_absent,
        };
        Side {
            layout: self.layout,
            region: self.region(kind),
            absent,
            picture,
            changed: self.stored(kind).map_or(&[], |picture| &picture.changed),
            dress_files: &self.dress_files,
        }
    }

    /// The picture of a region that the visit took.
    fn stored(&self, kind: RegionKind) -> Option<&Picture> {
        let kind = picture_kind(kind);
        self.observation
            .pictures
            .iter()
            .find(|picture| picture.kind == kind)
    }

    /// The region's pixels. Rules that cut the region otherwise than the rules of the visit did get
    /// their part of the stored picture, if it has it.
    fn cut_out(&self, kind: RegionKind, pictures: &dyn PictureSource) -> Option<RgbImage> {
        let wanted = self.region(kind)?.rect;
        let stored = self.stored(kind)?.rect;
        let picture = pictures.picture(&self.observation.site, self.observation.visit, picture_kind(kind))?;
        if stored == wanted {
            Some(picture)
        } else {
            crop(&picture, &stored, &wanted)
        }
    }
}

fn picture_kind(kind: RegionKind) -> PictureKind {
    match kind {
        RegionKind::Header => PictureKind::Header,
        RegionKind::Footer => PictureKind::Footer,
    }
}

/// The part of a picture of `stored` that shows `wanted`, if all of it is there.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // offsets inside a picture, checked
fn crop(picture: &RgbImage, stored: &Rect, wanted: &Rect) -> Option<RgbImage> {
    let inside = wanted.x >= stored.x
        && wanted.y >= stored.y
        && wanted.right() <= stored.right() + 1.0
        && wanted.bottom() <= stored.bottom() + 1.0;
    if !inside {
        return None;
    }
    let (x, y) = ((wanted.x - stored.x) as u32, (wanted.y - stored.y) as u32);
    let width = (wanted.width as u32).min(picture.width().checked_sub(x)?);
    let height = (wanted.height as u32).min(picture.height().checked_sub(y)?);
    Some(image::imageops::crop_imm(picture, x, y, width, height).to_image())
}

fn as_finding(check: CheckId, look: &LookFinding, component: &Observation) -> VisitFinding {
    let kinds = if check == CheckId::LookHeader {
        [PictureKind::Header, PictureKind::HeaderLater]
    } else {
        [PictureKind::Footer, PictureKind::FooterLater]
    };
    let code = match look.code {
        LookCode::Alike => "alike",
        LookCode::Borderline => "borderline",
        LookCode::Different => "different",
        LookCode::Uncertain => "uncertain",
        LookCode::Absent => "absent",
    };
    let sentences = |pick: fn(&crate::verdict::Message) -> &String| {
        // Numbered as what they point at is in the picture of both regions.
        let numbered = (1..).zip(&look.reasons);
        let reasons = numbered.map(|(number, reason)| format!("({number}) {}", pick(&reason.message)));
        let cause = look.cause_message.iter().map(|message| pick(message).clone());
        reasons.chain(cause).collect::<Vec<_>>()
    };
    let reasons: Vec<Value> = look
        .reasons
        .iter()
        .map(|reason| {
            json!({
                "vi": reason.message.vi,
                "en": reason.message.en,
                "alike": reason.alike,
                "effect": reason.effect,
                "portal_rect": reason.portal_rect.as_ref().map(rect_value),
                "page_rect": reason.page_rect.as_ref().map(rect_value),
            })
        })
        .collect();
    VisitFinding::new(check, code)
        .fact_if("portal_region", look.portal_region.as_ref().map(rect_value))
        .fact_if("page_region", look.page_region.as_ref().map(rect_value))
        .fact_if("score", look.score)
        .fact_if("colour", look.colour)
        .fact_if("layout", look.layout)
        .fact("parts", serde_json::to_value(&look.parts).unwrap_or_default())
        .fact("reasons", reasons)
        .fact("reason", sentences(|message| &message.vi).join("; "))
        .fact("reason_en", sentences(|message| &message.en).join("; "))
        .fact_if("cause", look.cause.clone())
        .fact("picture_share", look.picture_share)
        .fact_if(
            "changed_share",
            Some(look.changed_share).filter(|share| *share > 0.0),
        )
        .fact_if(
            "dress",
            Some(look.dress.clone()).filter(|dress| !dress.is_empty()),
        )
        .fact_if("portal_palette", serde_json::to_value(&look.portal_palette).ok())
        .fact_if("page_palette", serde_json::to_value(&look.page_palette).ok())
        .stable(code)
        .pictures(component, &kinds)
}
