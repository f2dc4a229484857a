//! Scrolling through the page once, as a visitor does. A page that leads away when it is scrolled is gone back
//! to and left where it stands: the evidence has to be of the home page.

use std::time::Duration;

use serde_json::json;
use url::Url;

use super::facts::millis;
use super::probe::{PageState, Scrolled};
use super::visitor::{OpenVisit, Stop};

/// A page that takes longer to hear of the visitor's pointer is busy with itself.
const STIR_LIMIT: Duration = Duration::from_millis(700);
const SCROLL_MAX_PX: u32 = 30_000;
const SCROLL_MAX: Duration = Duration::from_millis(1500);
/// One step, of the view's height: every line of the page is whole in one of the views.
const STEP: f64 = 0.9;
/// A page with less is on its way to another by itself, not because it was scrolled.
const CONTENT_CHARACTERS: u64 = 200;
const CONTENT_LINKS: u64 = 3;
/// How long a navigation that has begun is waited for.
const LEAVING: Duration = Duration::from_secs(2);

impl OpenVisit<'_> {
    pub(super) async fn scroll_through(&mut self) -> Result<(), Stop> {
        if self.facts.left_for.is_some() {
            return Ok(());
        }
        let before = self.state().await?;
        let document = self.recorder.read().document;
        let height = self.options.settings.desktop.1;
        self.page.stir(height, STIR_LIMIT).await?;
        let step = f64::from(height) * STEP;
        let argument = json!({ "max_px": SCROLL_MAX_PX, "max_ms": millis(SCROLL_MAX), "step_px": step });
        let limit = SCROLL_MAX + Duration::from_secs(3);
        let scrolled: Option<Scrolled> = self.ask_top("scrollThrough", &argument, limit).await?;
        if let Some(scrolled) = scrolled
            && scrolled.reached + 1.0 < scrolled.height
        {
            self.facts.note_cut(format!(
                "scroll: {:.0} of {:.0} px",
                scrolled.reached, scrolled.height
            ));
        }
        let shows = before.text_length >= CONTENT_CHARACTERS && before.links >= CONTENT_LINKS;
        if shows && self.recorder.read().document != document {
            self.return_if_left(&before).await?;
        }
        Ok(())
    }

    /// A document was asked for while the page was scrolled: goes back if that is another page of the host.
    async fn return_if_left(&mut self, before: &PageState) -> Result<(), Stop> {
        let began = std::time::Instant::now();
        let mut after = self.state().await?;
        while !is_other_page(&before.url, &after.url) && began.elapsed() < LEAVING {
            tokio::time::sleep(Duration::from_millis(150)).await;
            after = self.state().await?;
        }
        if !is_other_page(&before.url, &after.url) {
            return Ok(());
        }
        self.facts
            .note_cut(format!("scroll: the page left for {}", after.url));
        self.facts.left_for = Some(after.url);
        self.facts.forget_page();
        let limit = self.options.settings.navigation().min(self.time_left());
        self.page.navigate(&before.url, limit).await?;
        Ok(())
    }

    /// The home page was seen and is gone: it left once more when something further down was looked at, or for
    /// an address that is no page.
    pub(super) fn has_left(&self, url: &str) -> bool {
        let home = self.facts.final_url.as_deref().unwrap_or_default();
        let again = self.facts.left_for.is_some() && is_other_page(home, url);
        self.facts.page.is_some() && (again || !url.starts_with("http"))
    }
}

/// Another path of the same host: what leads to another host has moved, scrolled or not.
fn is_other_page(before: &str, after: &str) -> bool {
    let (Ok(before), Ok(after)) = (Url::parse(before), Url::parse(after)) else {
        return false;
    };
    before.host_str() == after.host_str() && before.path() != after.path()
}

#[cfg(test)]
mod tests {
    use super::is_other_page;

    #[test]
    fn another_page_is_another_path_of_the_host() {
        let home = "https://sxd.tinh.gov.vn/";
        assert!(is_other_page(home, "https://sxd.tinh.gov.vn/trang-2.html"));
        assert!(!is_other_page(home, "https://sxd.tinh.gov.vn/#tin"));
        assert!(!is_other_page(home, "https://sxd.tinh.gov.vn/?page=2"));
        assert!(!is_other_page(home, "https://tinh.gov.vn/so-xay-dung"));
        assert!(!is_other_page(home, ""));
    }
}
