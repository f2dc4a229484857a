//! Repairs of the badge: the rule that hides it, and the rule that brings it back.

use serde_json::Value;

use super::Repairs;
use super::plan::{Place, Plan};
use super::snippet::{style, undone};

/// Brings a box back into the page, at the place where it stands.
const IN_PLACE: &[(&str, &str)] = &[
    ("position", "static"),
    ("transform", "none"),
    ("text-indent", "0"),
    ("margin", "0"),
];
const READABLE: &[(&str, &str)] = &[
    ("min-width", "120px"),
    ("min-height", "24px"),
    ("overflow", "visible"),
    ("clip-path", "none"),
    ("transform", "none"),
];
const IN_CONTRAST: &[(&str, &str)] = &[("color", "#ffffff"), ("background-color", "#9f1d20")];
/// Above a badge at the lower edge.
const LIFTED: &[(&str, &str)] = &[("bottom", "120px")];

impl Repairs<'_> {
    #[allow(clippy::unused_self)] // beside the other checks'
    pub(super) fn badge(&self, plan: &mut Plan<'_>) {
        let badge = plan.found("selector");
        let rule = match plan.code() {
            "hidden" => return hidden(plan),
            "absent" => {
                if plan.found("script").is_some_and(|script| script != "loaded") {
                    plan.prefer("script");
                }
                return;
            }
            "covered" => {
                let coverer = plan.found("coverer");
                if coverer.is_none() {
                    plan.prefer("cause");
                }
                let lifted = coverer.map(|coverer| (coverer, LIFTED));
                lifted.or(badge.map(|badge| (badge, IN_PLACE)))
            }
            "off_screen" => badge.map(|badge| (badge, IN_PLACE)),
            "too_small" => badge.map(|badge| (badge, READABLE)),
            "invisible_colour" => badge.map(|badge| (badge, IN_CONTRAST)),
            _ => return,
        };
        plan.place(Place::Style);
        if let Some((selector, declarations)) = rule {
            plan.paste("style", style(selector, declarations));
        }
    }
}

fn hidden(plan: &mut Plan<'_>) {
    plan.place(Place::Style);
    let by_script = plan
        .found("cause")
        .is_some_and(|cause| cause.ends_with("(script)"));
    let element = plan.found("hidden_element").or(plan.found("selector"));
    if let Some(element) = element {
        plan.fact("element", element);
    }
    let rule = plan.finding.measured.get("rule");
    let part = |name: &str| rule.and_then(|rule| rule.get(name)).and_then(Value::as_str);
    if by_script {
        plan.prefer("script");
    } else if let (Some(declaration), Some(place)) = (part("declaration"), part("place")) {
        plan.fact("declaration", declaration);
        if place == "attribute" {
            plan.prefer("attribute");
        } else {
            named_rule(plan, rule, place);
        }
    }
    // The rule's own selector says what is meant; a path from the top of the page changes with it.
    let meant = part("selector")
        .filter(|selector| !selector.is_empty())
        .or(element);
    if let (Some(selector), Some(property)) = (meant, plan.found("hidden_property")) {
        plan.paste("style", style(selector, &[undone(property)]));
    }
}

/// A rule of a style sheet: where it stands, and what it says.
fn named_rule(plan: &mut Plan<'_>, rule: Option<&Value>, place: &str) {
    let part = |name: &str| rule.and_then(|rule| rule.get(name)).and_then(Value::as_str);
    let (selector, declaration) = (
        part("selector").unwrap_or_default(),
        part("declaration").unwrap_or_default(),
    );
    if let Some(sheet) = part("sheet") {
        plan.fact("sheet", sheet);
    }
    let line = rule.and_then(|rule| rule.get("line")).and_then(Value::as_u64);
    if let Some(line) = line {
        plan.fact("line", line.to_string());
    }
    let with_line = plan.said("common", &format!("{place}_line"));
    let Some(place) = with_line.or_else(|| plan.said("common", place)) else {
        return;
    };
    plan.fact("where", place);
    plan.prefer("rule");
    let text = format!("{selector} {{ {declaration}; }}");
    plan.paste(
        "rule",
        match part("media") {
            Some(media) => format!("@media {media} {{\n  {text}\n}}"),
            None => text,
        },
    );
}
