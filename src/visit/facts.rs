//! What a visit gathers on its way: kept even when the page dies half-way through.

use std::time::{Duration, Instant};

use super::probe::Probe;
use crate::observation::{
    Attempt, CodeFacts, FollowedLink, LayoutFacts, Overlay, PageFacts, Picture, PictureKind, Rect, Splash,
    Timing,
};

/// The document as it was served.
pub(super) const SERVED: &str = "served.html";

/// A file that belongs into the visit's `data` folder.
#[derive(Debug)]
pub struct EvidenceFile {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// Grows during the visit; the observation is made of it and of the recorder.
#[allow(clippy::struct_excessive_bools)] // independent facts of the visit
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub attempts: Vec<Attempt>,
    pub splash: Option<Splash>,
    pub final_url: Option<String>,
    pub page: Option<PageFacts>,
    pub layout: Option<LayoutFacts>,
    pub served_code: CodeFacts,
    pub served_bytes: Option<u64>,
    pub served_badge: bool,
    /// The served document ends in the middle of something.
    pub breaks_off: bool,
    pub script_hashes: Vec<(String, String)>,
    pub overlay: Option<Overlay>,
    pub followed: Vec<FollowedLink>,
    pub pictures: Vec<Picture>,
    pub files: Vec<EvidenceFile>,
    pub timings: Vec<Timing>,
    pub cut_short: Vec<String>,
    /// Every question was answered by what had come.
    pub settled: bool,
    /// The page that it led to when it was scrolled.
    pub left_for: Option<String>,
    /// A script that kept the page busy had to be stopped.
    pub script_stopped: bool,
    /// Probes by frame, with the frame's offset in the page; index 0 is the top document.
    pub probes: Vec<(Probe, (f64, f64))>,
}

impl Facts {
    pub(super) fn add_picture(&mut self, kind: PictureKind, name: &str, rect: Rect, bytes: Vec<u8>) {
        self.pictures.push(Picture {
            kind,
            file: name.to_owned(),
            rect,
            changed: Vec::new(),
        });
        self.add_file(name, bytes);
    }

    pub(super) fn add_file(&mut self, name: &str, bytes: Vec<u8>) {
        self.files.push(EvidenceFile {
            name: name.to_owned(),
            bytes,
        });
    }

    /// Another address is visited: what the first one served is not this site's.
    pub(super) fn forget_served(&mut self) {
        self.final_url = None;
        self.served_bytes = None;
        self.served_badge = false;
        self.breaks_off = false;
        self.served_code = CodeFacts::default();
        self.files.retain(|file| file.name != SERVED);
    }

    /// Another page is shown: nothing of the one before speaks for it.
    pub(super) fn forget_page(&mut self) {
        self.probes.clear();
        self.page = None;
        self.layout = None;
        self.forget_served();
    }

    pub(super) fn note_time(&mut self, step: &str, since: Instant) {
        self.timings.push(Timing {
            step: step.to_owned(),
            took_ms: millis(since.elapsed()),
        });
    }

    pub(super) fn note_cut(&mut self, what: impl Into<String>) {
        let what = what.into();
        if self.cut_short.len() < 40 && !self.cut_short.contains(&what) {
            self.cut_short.push(what);
        }
    }
}

pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
