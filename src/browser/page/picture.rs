//! What a visitor sees and does: the viewport, pictures of it, clicks and keys.

use std::time::Duration;

use chromiumoxide::cdp::browser_protocol::emulation::{
    SetDeviceMetricsOverrideParams, SetTouchEmulationEnabledParams,
};
use chromiumoxide::cdp::browser_protocol::input::{
    DispatchKeyEventParams, DispatchKeyEventType, DispatchMouseEventParams, DispatchMouseEventType,
    MouseButton,
};
use chromiumoxide::cdp::browser_protocol::page::{
    CaptureScreenshotFormat, CaptureScreenshotParams, Viewport,
};
use serde::Deserialize;
use tracing::Instrument;

use super::{Page, QUICK, decode_base64};
use crate::browser::error::BrowserError;
use crate::timings::step;

/// A part of the page to capture, CSS pixels in page coordinates.
#[derive(Debug, Clone, Copy)]
pub struct Clip {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
    /// Device pixels per CSS pixel of the picture.
    pub scale: f64,
}

#[derive(Debug, Clone, Copy)]
pub enum PictureFormat {
    /// Lossless, encoded for speed.
    Png,
    Jpeg {
        quality: u8,
    },
}

#[derive(Deserialize)]
struct PictureAnswer {
    data: String,
}

impl Page {
    /// Captures `clip`; `beyond` lets it reach outside the viewport, which moves fixed elements.
    pub async fn picture(
        &self,
        clip: Clip,
        format: PictureFormat,
        beyond: bool,
        limit: Duration,
    ) -> Result<Vec<u8>, BrowserError> {
        let mut params = CaptureScreenshotParams {
            clip: Some(Viewport {
                x: clip.x,
                y: clip.y,
                width: clip.width,
                height: clip.height,
                scale: clip.scale,
            }),
            capture_beyond_viewport: Some(beyond),
            ..Default::default()
        };
        match format {
            PictureFormat::Png => {
                params.format = Some(CaptureScreenshotFormat::Png);
                params.optimize_for_speed = Some(true);
            }
            PictureFormat::Jpeg { quality } => {
                params.format = Some(CaptureScreenshotFormat::Jpeg);
                params.quality = Some(i64::from(quality));
            }
        }
        let answer: PictureAnswer = self
            .connection
            .call_as(Some(&self.session), &params, limit)
            .instrument(step!("picture"))
            .await?;
        decode_base64("Page.captureScreenshot", &answer.data)
    }

    /// Viewport size in CSS pixels; `mobile` switches touch and the mobile viewport on.
    pub async fn set_viewport(&self, size: (u32, u32), mobile: bool) -> Result<(), BrowserError> {
        let metrics = SetDeviceMetricsOverrideParams::new(i64::from(size.0), i64::from(size.1), 1.0, mobile);
        self.post(&SetTouchEmulationEnabledParams::new(mobile)).await?;
        self.call(&metrics, QUICK).await.map(drop)
    }

    /// A real click, viewport coordinates.
    pub async fn click(&self, x: f64, y: f64, limit: Duration) -> Result<(), BrowserError> {
        let event = |kind| {
            let mut event = DispatchMouseEventParams::new(kind, x, y);
            event.button = Some(MouseButton::Left);
            event.click_count = Some(1);
            event
        };
        self.post(&DispatchMouseEventParams::new(
            DispatchMouseEventType::MouseMoved,
            x,
            y,
        ))
        .await?;
        self.post(&event(DispatchMouseEventType::MousePressed)).await?;
        self.call(&event(DispatchMouseEventType::MouseReleased), limit)
            .await
            .map(drop)
    }

    /// What any visitor does without thinking: moves the pointer, and turns the wheel a little. Pages wait for
    /// it before they load what is not needed at once. Along the left edge, where nothing opens under it.
    pub async fn stir(&self, height: u32, limit: Duration) -> Result<(), BrowserError> {
        let height = f64::from(height);
        for (x, y) in [(2.0, height * 0.5), (5.0, height * 0.6), (3.0, height * 0.7)] {
            let moved = DispatchMouseEventParams::new(DispatchMouseEventType::MouseMoved, x, y);
            self.post(&moved).await?;
        }
        let mut wheel = DispatchMouseEventParams::new(DispatchMouseEventType::MouseWheel, 3.0, height * 0.7);
        wheel.delta_x = Some(0.0);
        // So little that nothing on the page moves for it.
        wheel.delta_y = Some(1.0);
        match self.call(&wheel, limit).await {
            Err(error) if error.is_browser_lost() => Err(error),
            // A busy page takes no notice.
            _ => Ok(()),
        }
    }

    /// Presses and releases Esc.
    pub async fn press_escape(&self, limit: Duration) -> Result<(), BrowserError> {
        let event = |kind| {
            let mut event = DispatchKeyEventParams::new(kind);
            event.key = Some("Escape".to_owned());
            event.code = Some("Escape".to_owned());
            event.windows_virtual_key_code = Some(27);
            event
        };
        self.post(&event(DispatchKeyEventType::RawKeyDown)).await?;
        self.call(&event(DispatchKeyEventType::KeyUp), limit)
            .await
            .map(drop)
    }
}
