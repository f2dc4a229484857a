//! What stands between a visitor and the home page: a dialog drawn over it, or a page before it.

use std::time::Duration;

use serde_json::json;
use url::Url;

use super::clip::clip_text;
use super::probe::{OverlayGone, OverlayState, SplashState};
use super::visitor::{OpenVisit, Stop};
use crate::browser::{BrowserError, Clip, PictureFormat};
use crate::observation::{Overlay, PictureKind, Rect, Splash};
use crate::site::registrable_domain;

/// Dialogs that are closed one after the other.
const OVERLAYS_MAX: u32 = 3;
/// After an act, until the page has reacted.
const REACTION: Duration = Duration::from_millis(450);

impl OpenVisit<'_> {
    /// Closes what the page has drawn over itself, as a visitor does: a dialog, and the next one that lay below
    /// it or came when it was closed. Says whether the page has changed by it.
    pub(super) async fn close_overlays(&mut self) -> Result<bool, Stop> {
        let mut closed = 0;
        while closed < OVERLAYS_MAX && self.close_overlay(closed == 0).await? {
            closed += 1;
            if self
                .facts
                .overlay
                .as_ref()
                .is_none_or(|overlay| overlay.closed_by.is_none())
            {
                break;
            }
        }
        if closed > 0 {
            self.take_viewport_picture(PictureKind::OverlayAfter, "overlay-after.jpg")
                .await?;
        }
        Ok(closed > 0)
    }

    /// One of them; says whether there was one.
    async fn close_overlay(&mut self, first: bool) -> Result<bool, Stop> {
        let limit = self.call_limit();
        let Some(state) = self.ask_top::<OverlayState>("overlay", &json!({}), limit).await? else {
            return Ok(false);
        };
        if !state.found {
            return Ok(false);
        }
        if first {
            self.take_viewport_picture(PictureKind::OverlayBefore, "overlay-before.jpg")
                .await?;
        }
        let closed_by = self.try_to_close(&state).await?;
        let mut overlay = Overlay {
            selector: state.selector,
            text: clip_text(&state.text, 400),
            rect: state.rect,
            closed_by,
        };
        if let Some(before) = self.facts.overlay.take() {
            // The words of all of them may name the portal.
            overlay.text = clip_text(&format!("{} {}", before.text, overlay.text), 800);
        }
        self.facts.overlay = Some(overlay);
        Ok(true)
    }

    async fn try_to_close(&mut self, state: &OverlayState) -> Result<Option<String>, Stop> {
        let limit = self.call_limit();
        self.page
            .press_escape(limit)
            .await
            .or_else(|error| forgive(&error))?;
        if self.is_gone(state).await? {
            return Ok(Some("escape".to_owned()));
        }
        if let Some(button) = &state.close {
            self.page
                .click(button.x, button.y, limit)
                .await
                .or_else(|error| forgive(&error))?;
            if self.is_gone(state).await? {
                return Ok(Some(
                    format!("button {}", clip_text(&button.words, 60))
                        .trim()
                        .to_owned(),
                ));
            }
        }
        if let Some(backdrop) = &state.backdrop {
            self.page
                .click(backdrop.x, backdrop.y, limit)
                .await
                .or_else(|error| forgive(&error))?;
            if self.is_gone(state).await? {
                return Ok(Some("backdrop".to_owned()));
            }
        }
        Ok(None)
    }

    async fn is_gone(&mut self, state: &OverlayState) -> Result<bool, Stop> {
        let limit = self.call_limit();
        tokio::time::sleep(REACTION).await;
        let answer: Option<OverlayGone> = self.ask_top("overlayGone", &json!(state.selector), limit).await?;
        Ok(answer.is_some_and(|answer| answer.gone))
    }

    /// Goes through a splash or language page with one way in, once. Says whether it did.
    pub(super) async fn pass_splash(&mut self) -> Result<bool, Stop> {
        let limit = self.call_limit();
        let Some(state) = self.ask_top::<SplashState>("splash", &json!({}), limit).await? else {
            return Ok(false);
        };
        if !state.is_splash || self.facts.splash.is_some() || self.leads_away(&state) {
            return Ok(false);
        }
        let code = self
            .facts
            .page
            .as_ref()
            .and_then(|page| page.frames.first())
            .map(|frame| frame.code.clone());
        self.take_viewport_picture(PictureKind::OverlayBefore, "splash.jpg")
            .await?;
        self.facts.splash = Some(Splash {
            url: self.facts.final_url.clone().unwrap_or_default(),
            way_in: state.href.clone().unwrap_or_else(|| clip_text(&state.words, 80)),
            code: code.unwrap_or_default(),
        });
        let before = self.recorder.read().main_navigations;
        self.page
            .click(state.x, state.y, limit)
            .await
            .or_else(|error| forgive(&error))?;
        let went = self.wait_for_navigation(before).await;
        if !went && let Some(href) = &state.href {
            self.page
                .navigate(href, self.options.settings.navigation().min(self.time_left()))
                .await?;
        }
        // What stands behind the splash page is the home page; nothing of the splash page speaks for it.
        self.facts.forget_page();
        Ok(true)
    }

    /// Settles on what lies behind a splash page. Where that is no page, the first one is the home page: it is
    /// gone back to, so that all evidence is of it.
    pub(super) async fn settle_behind_splash(&mut self) -> Result<(), Stop> {
        let behind = match self.settle().await {
            Ok(()) if self.shows_a_page() => return Ok(()),
            Ok(()) => format!("{:?}", self.document_status()),
            Err(Stop::Ended(ending)) => format!("{ending:?}"),
            Err(lost) => return Err(lost),
        };
        let Some(splash) = self.facts.splash.take() else {
            return Ok(());
        };
        self.facts
            .note_cut(format!("splash: no page behind {} ({behind})", splash.way_in));
        self.facts.forget_page();
        self.page
            .navigate(
                &splash.url,
                self.options.settings.navigation().min(self.time_left()),
            )
            .await?;
        self.settle().await
    }

    /// The way in to another domain is no way in: a default page of a server, a parked name.
    fn leads_away(&self, state: &SplashState) -> bool {
        let host = |text: &str| Url::parse(text).ok()?.host_str().map(registrable_domain);
        let here = self.facts.final_url.as_deref().and_then(host);
        state
            .href
            .as_deref()
            .and_then(host)
            .is_some_and(|there| Some(there) != here)
    }

    async fn wait_for_navigation(&self, before: u32) -> bool {
        let waited = tokio::time::timeout(Duration::from_secs(3), async {
            while self.recorder.read().main_navigations == before {
                tokio::select! {
                    () = self.recorder.change() => {}
                    () = tokio::time::sleep(Duration::from_millis(100)) => {}
                }
            }
        });
        waited.await.is_ok()
    }

    /// The viewport as a visitor sees it now.
    pub(super) async fn take_viewport_picture(&mut self, kind: PictureKind, name: &str) -> Result<(), Stop> {
        let limit = self.call_limit();
        let (width, height) = self.options.settings.desktop;
        let rect = Rect {
            x: 0.0,
            y: 0.0,
            width: f64::from(width),
            height: f64::from(height),
        };
        let clip = Clip {
            x: 0.0,
            y: 0.0,
            width: rect.width,
            height: rect.height,
            scale: 1.0,
        };
        let quality = self.options.settings.picture_quality;
        match self
            .page
            .picture(clip, PictureFormat::Jpeg { quality }, false, limit)
            .await
        {
            Ok(bytes) => self.facts.add_picture(kind, name, rect, bytes),
            Err(error) if error.is_browser_lost() => return Err(error.into()),
            Err(error) => self.facts.note_cut(format!("picture {name}: {error}")),
        }
        Ok(())
    }

    /// Runs one of the probe's functions in the top document; a page that refuses is let be.
    pub(super) async fn act_on_top(
        &mut self,
        function: &str,
        argument: serde_json::Value,
    ) -> Result<(), Stop> {
        for last in [false, true] {
            let limit = self.call_limit();
            let acted = match self.top_probe().await {
                Ok(probe) => probe
                    .act(self.page, function, &argument, limit)
                    .await
                    .map_err(Stop::from),
                Err(stop) => Err(stop),
            };
            match acted {
                Ok(()) => break,
                Err(Stop::Ended(ending)) if last => self.facts.note_cut(format!("{function}: {ending:?}")),
                Err(stop) => self.recover(stop, function).await?,
            }
        }
        Ok(())
    }

    /// Back to the top of the page, where fixed elements stand as in the first view.
    pub(super) async fn scroll_to_top(&mut self) -> Result<(), Stop> {
        self.act_on_top("scrollToTop", json!({})).await
    }
}

/// Everything but the loss of the browser is the page's own affair.
fn forgive(error: &BrowserError) -> Result<(), Stop> {
    if error.is_browser_lost() {
        Err(error.clone().into())
    } else {
        Ok(())
    }
}
