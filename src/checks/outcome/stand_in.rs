//! What stands in place of the home page: a browser check, a captcha, a firewall's refusal, a login, a notice,
//! a server's own page.
//!
//! Words tell what kind of page it is, and are believed only where a page is nearly empty, because a real home
//! page may report on anything. That it is none is told by its build as well: a few words that lead nowhere
//! are no home page, whatever they say.

use super::OutcomeFacts;
use super::notice::Notice;
use crate::rules::Signals;
use crate::verdict::Outcome;

/// A page with less than this holds nothing that a visitor came for.
const SHELL_CHARACTERS: u64 = 40;
/// A login form with more links than these stands on a page of the site.
const LOGIN_LINKS: u64 = 3;
/// So much of a notice is told.
const TOLD_CHARACTERS: usize = 120;

/// A browser check, a captcha or a firewall's refusal in place of the page.
pub(super) fn obstacle(notice: &Notice, signals: &Signals, own: bool) -> Option<OutcomeFacts> {
    let blocked = |reason, words: Option<&str>| {
        OutcomeFacts::new(Outcome::Blocked, Some(reason), words.map(str::to_owned))
    };
    if own {
        return None;
    }
    // Every marker but the password's is the name of a captcha; the corner badge of an invisible one stands on
    // ordinary pages.
    let widget = notice
        .markers()
        .find(|marker| !marker.contains("badge") && !marker.contains("password"));
    if notice.has_unread_frame() {
        // The captcha's own frame may be large, and is of another host.
        return widget
            .filter(|_| notice.leads_nowhere())
            .map(|widget| blocked("captcha", Some(widget)));
    }
    if let Some(words) = notice.says(&signals.challenge) {
        return Some(blocked("challenge", Some(words)));
    }
    let is_login = notice.is_short() && notice.links() <= LOGIN_LINKS;
    // Nothing but a login form: what is behind it nobody sees. One that stands on a page of the site may ask
    // for a captcha too.
    if notice.markers().any(|marker| marker.contains("password")) {
        if is_login {
            return Some(blocked("login", None));
        }
    } else {
        if let Some(words) = notice.whispers(&signals.captcha) {
            return Some(blocked("captcha", Some(words)));
        }
        if let Some(widget) = widget
            && notice.is_short()
        {
            return Some(blocked("captcha", Some(widget)));
        }
    }
    if let Some(words) = notice.says(&signals.waf) {
        return Some(blocked("waf", Some(words)));
    }
    notice
        .asks_to_log_in(&signals.login)
        .filter(|_| is_login)
        .map(|words| blocked("login", Some(words)))
}

/// Maintenance, a server's default page, a parking page, an empty shell or any other notice in place of the
/// home page.
pub(super) fn not_the_site(notice: &Notice, signals: &Signals, own: bool) -> Option<OutcomeFacts> {
    let found =
        |reason, words: &str| OutcomeFacts::new(Outcome::NotTheSite, Some(reason), Some(words.to_owned()));
    let empty = || OutcomeFacts::new(Outcome::NotTheSite, Some("empty_shell"), None);
    if own {
        // The agency's own page; only its title may still say that it is closed for work.
        if is_empty_shell(notice) {
            return Some(empty());
        }
        return notice
            .closed_for_work(signals)
            .filter(|_| notice.leads_nowhere())
            .map(|words| found("maintenance", words));
    }
    if notice.has_unread_frame() {
        return None;
    }
    if let Some(words) = notice.listing(&signals.listing) {
        return Some(found("default_page", words));
    }
    for (reason, words) in [("suspended", &signals.suspended), ("parking", &signals.parking)] {
        if let Some(words) = notice.says(words) {
            return Some(found(reason, words));
        }
    }
    if let Some(words) = notice.default_page(&signals.default_page) {
        return Some(found("default_page", words));
    }
    if let Some(words) = notice.maintenance(signals) {
        return Some(found("maintenance", words));
    }
    if let Some(words) = notice.error_page(&signals.error_page, &signals.error_text) {
        return Some(found("error_page", words));
    }
    if is_empty_shell(notice) || notice.whispers(&signals.loading).is_some() {
        return Some(empty());
    }
    let told = || notice.beginning(TOLD_CHARACTERS);
    notice
        .is_only_a_notice(&signals.address_words)
        .then(|| OutcomeFacts::new(Outcome::NotTheSite, Some("notice"), Some(told())))
}

fn is_empty_shell(notice: &Notice) -> bool {
    notice.length() < SHELL_CHARACTERS
        && notice.links() <= 1
        && notice.images() <= 1
        && notice.forms() == 0
        && notice.ways() <= 1
        && !notice.has_unread_frame()
}

#[cfg(test)]
mod tests;
