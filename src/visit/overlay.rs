//! What stands between a visitor and the home page: a dialog drawn over it, or a page before it.

use std::time::{Duration, Instant};

use serde_json::json;
use url::Url;

use super::clip::clip_text;
use super::probe::{ClickTarget, OverlayGone, OverlayState, SplashState};
use super::visitor::{OpenVisit, Stop};
use crate::browser::{BrowserError, Clip, PictureFormat};
use crate::observation::{Overlay, PictureKind, Rect, Splash};
use crate::site::registrable_domain;

/// Dialogs that are closed one after the other.
const OVERLAYS_MAX: u32 = 3;
/// After an act, until the page has reacted.
const REACTION: Duration = Duration::from_millis(450);

/// After a question for consent is answered, what waited for that gets so long to come.
const ANSWER_LIMIT: Duration = Duration::from_secs(6);

/// What became of one dialog.
struct Dialog {
    /// It asked for consent.
    consent: bool,
    closed: bool,
}

impl OpenVisit<'_> {
    /// Closes what the page has drawn over itself, as a visitor does: a dialog, and the next one that lay below
    /// it or came when it was closed; and goes through the page again where it has changed by it.
    pub(super) async fn close_overlays(&mut self) -> Result<(), Stop> {
        let navigations = self.recorder.read().main_navigations;
        let mut answered = false;
        let mut seen = 0;
        while seen < OVERLAYS_MAX {
            let Some(dialog) = self.close_overlay(seen == 0).await? else {
                break;
            };
            seen += 1;
            answered |= dialog.consent && dialog.closed;
            if !dialog.closed {
                break;
            }
        }
        if seen == 0 {
            return Ok(());
        }
        self.take_viewport_picture(PictureKind::OverlayAfter, "overlay-after.jpg")
            .await?;
        if answered && self.recorder.read().main_navigations != navigations {
            // Many a page loads itself anew with the answer.
            self.settle().await
        } else if answered {
            self.settle_after_answer().await
        } else {
            self.collect().await
        }
    }

    /// What waited for the answer to a question for consent is loaded only now.
    async fn settle_after_answer(&mut self) -> Result<(), Stop> {
        let began = Instant::now();
        let mut before = None;
        loop {
            let state = self.state().await?;
            let requests = self.recorder.read().requests.len();
            if before.as_ref() != Some(&(state.clone(), requests)) {
                self.collect_deeply().await?;
            }
            let late = began.elapsed() >= ANSWER_LIMIT || self.time_left() <= Duration::from_secs(3);
            if self.is_settled() || late {
                return Ok(());
            }
            before = Some((state, requests));
            self.tick().await;
        }
    }

    /// One of them; what became of it, where there was one.
    async fn close_overlay(&mut self, first: bool) -> Result<Option<Dialog>, Stop> {
        let limit = self.call_limit();
        let Some(state) = self.ask_top::<OverlayState>("overlay", &json!({}), limit).await? else {
            return Ok(None);
        };
        if !state.found {
            return Ok(None);
        }
        if first {
            self.take_viewport_picture(PictureKind::OverlayBefore, "overlay-before.jpg")
                .await?;
        }
        let closed_by = self.try_to_close(&state).await?;
        let dialog = Dialog {
            consent: state.consent,
            closed: closed_by.is_some(),
        };
        let mut overlay = Overlay {
            selector: state.selector,
            text: clip_text(&state.text, 400),
            rect: state.rect,
            veil: state.veil,
            closed_by,
        };
        if let Some(before) = self.facts.overlay.take() {
            // The words of all of them may name the portal.
            overlay.text = clip_text(&format!("{} {}", before.text, overlay.text), 800);
        }
        self.facts.overlay = Some(overlay);
        Ok(Some(dialog))
    }

    /// Says what closed it. A question for consent is answered first: Esc may leave it open for good.
    async fn try_to_close(&mut self, state: &OverlayState) -> Result<Option<String>, Stop> {
        if state.consent
            && let Some(yes) = &state.close
            && self.click_away(yes, &yes.selector).await?
        {
            return Ok(Some(button_named(yes)));
        }
        let limit = self.call_limit();
        self.page
            .press_escape(limit)
            .await
            .or_else(|error| forgive(&error))?;
        if self.is_gone(&state.selector).await? {
            return Ok(Some("escape".to_owned()));
        }
        if !state.consent
            && let Some(button) = &state.close
            && self.click_away(button, &state.selector).await?
        {
            return Ok(Some(button_named(button)));
        }
        if let Some(backdrop) = &state.backdrop
            && self.click_away(backdrop, &state.selector).await?
        {
            return Ok(Some("backdrop".to_owned()));
        }
        Ok(None)
    }

    /// Clicks there; says whether the element of `selector` is gone by it.
    async fn click_away(&mut self, target: &ClickTarget, selector: &str) -> Result<bool, Stop> {
        let limit = self.call_limit();
        self.page
            .click(target.x, target.y, limit)
            .await
            .or_else(|error| forgive(&error))?;
        self.is_gone(selector).await
    }

    async fn is_gone(&mut self, selector: &str) -> Result<bool, Stop> {
        let limit = self.call_limit();
        tokio::time::sleep(REACTION).await;
        let answer: Option<OverlayGone> = self.ask_top("overlayGone", &json!(selector), limit).await?;
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

fn button_named(button: &ClickTarget) -> String {
    format!("button {}", clip_text(&button.words, 60))
        .trim()
        .to_owned()
}

/// Everything but the loss of the browser is the page's own affair.
fn forgive(error: &BrowserError) -> Result<(), Stop> {
    if error.is_browser_lost() {
        Err(error.clone().into())
    } else {
        Ok(())
    }
}
