//! Repairs of the tracking code: script, call, site id.

use super::Repairs;
use super::plan::{Place, Plan};
use super::snippet::{NO_ID, allowing, emc_code, origin, tracker, wants_nonce};
use crate::rules::place_key;
use crate::verdict::SiteResult;

impl Repairs<'_> {
    pub(super) fn script(&self, plan: &mut Plan<'_>, result: &SiteResult) {
        plan.fact("script", self.emc.script_url.as_str());
        plan.place(Place::Code);
        match plan.code() {
            "mixed_content" => {
                plan.prefer("line");
                return self.to_https(plan);
            }
            "blocked_by_csp" => return self.policy(plan, "script-src"),
            "network_error" => return,
            "not_executed" => {
                plan.fact("origin", origin(self.emc));
                plan.prefer("inline");
                if let Some(place) = plan.found("place") {
                    plan.prefer(place_key(place));
                }
            }
            "commented_out" | "http_error" | "not_javascript" => plan.prefer("line"),
            _ => {}
        }
        if let Some(excerpt) = plan.found("excerpt") {
            plan.paste("found", excerpt);
        }
        self.snippet(plan, result);
    }

    pub(super) fn beacon(&self, plan: &mut Plan<'_>, result: &SiteResult) {
        plan.fact("tracker", tracker(self.emc));
        match plan.code() {
            "blocked_by_csp" => return self.policy(plan, "connect-src"),
            "uncertain" => return,
            "none" if plan.found("script").is_some_and(|script| script != "loaded") => {
                return plan.prefer("script");
            }
            _ => {}
        }
        plan.place(Place::Code);
        if plan.code() != "failed" {
            self.snippet(plan, result);
        }
    }

    pub(super) fn site_id(&self, plan: &mut Plan<'_>, result: &SiteResult) {
        if !matches!(plan.code(), "shared" | "uncertain") {
            plan.place(Place::Code);
            self.snippet(plan, result);
        }
    }

    /// The code with the id that is registered for the site, where the list has exactly one.
    fn snippet(&self, plan: &mut Plan<'_>, result: &SiteResult) {
        let id = match result.emc_site_ids.as_slice() {
            [id] => Some(id.to_string()),
            _ => None,
        };
        let caption = if id.is_some() { "snippet" } else { "snippet_no_id" };
        let id = id.unwrap_or_else(|| NO_ID.to_owned());
        plan.fact("id", id.as_str());
        plan.paste(caption, emc_code(self.emc, &id));
    }

    fn to_https(&self, plan: &mut Plan<'_>) {
        let url = plan.found("url").unwrap_or(&self.emc.script_url);
        let address = url
            .strip_prefix("http://")
            .map_or_else(|| url.to_owned(), |rest| format!("https://{rest}"));
        plan.fact("https_url", address.as_str());
        plan.paste("address", address);
    }

    fn policy(&self, plan: &mut Plan<'_>, kind: &str) {
        let origin = origin(self.emc);
        plan.fact("origin", origin.as_str());
        plan.place(if plan.found("policy_in") == Some("meta") {
            Place::PolicyInPage
        } else {
            Place::Policy
        });
        match plan.found("directive") {
            Some(directive) if wants_nonce(directive) => plan.prefer("nonce"),
            // Cut where it was stored: what is left of it must not be copied.
            Some(directive) if directive.ends_with('…') => {}
            Some(directive) => {
                plan.prefer("directive");
                plan.paste("policy", allowing(directive, kind, &origin));
            }
            None => {}
        }
    }
}
