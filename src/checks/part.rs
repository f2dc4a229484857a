//! Only a part of the home page could be seen: what is not in it may be in the rest, so that its absence accuses
//! nobody.

use serde_json::Value;

use super::VisitFinding;
use crate::observation::Observation;
use crate::rules::CheckId;

/// `finding` as it is, or in doubt where it rests on what may be in the part that nobody saw.
pub(super) fn doubt_absence(
    check: CheckId,
    finding: VisitFinding,
    observation: &Observation,
) -> VisitFinding {
    let Some(why) = unseen(observation) else {
        return finding;
    };
    let rests_on_absence = matches!(
        (check, finding.code),
        (CheckId::EmcScript, "absent" | "commented_out" | "not_executed")
            | (CheckId::EmcBeacon, "none")
            | (CheckId::EmcBadge, "absent" | "label_without_connection")
            | (CheckId::LinksPortal, "absent")
            | (CheckId::LinksComponents, "missing")
    );
    if !rests_on_absence {
        return finding;
    }
    let fact = |name: &str| finding.facts.get(name).cloned().unwrap_or(Value::Null);
    let (missing, named) = (fact("missing"), fact("missing_named"));
    let mut doubted = VisitFinding::new(check, "uncertain");
    doubted.facts = finding.facts;
    doubted.evidence = finding.evidence;
    doubted.stable = finding.stable;
    if check == CheckId::LinksComponents {
        doubted = doubted.fact("uncertain", missing).fact("uncertain_named", named);
    }
    doubted.doubt(why)
}

/// Why a part of the page was not seen; a key of `[doubt]`.
fn unseen(observation: &Observation) -> Option<&'static str> {
    if observation.document.breaks_off {
        return Some("document_breaks_off");
    }
    let page = observation.page.as_ref()?;
    if page.leaves_when_scrolled {
        return Some("leaves_when_scrolled");
    }
    let skipped = page.truncated.iter().any(|list| list == "frames");
    skipped.then_some("page_not_searched")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use crate::checks::support::*;
    use crate::observation::CodeSnippet;
    use crate::rules::CheckId;

    #[test]
    fn what_is_not_in_a_part_of_the_page_is_in_doubt() {
        let world = world();
        let mut cut = page();
        cut.document.breaks_off = true;
        let mut left = page();
        left.page.as_mut().unwrap().leaves_when_scrolled = true;
        let mut skipped = page();
        let truncated = &mut skipped.page.as_mut().unwrap().truncated;
        truncated.push("frames".to_owned());
        for check in [CheckId::EmcScript, CheckId::EmcBeacon, CheckId::EmcBadge] {
            assert_eq!(world.check(check, &page()).status, crate::verdict::Status::Fail);
            for part in [&cut, &left, &skipped] {
                let finding = world.check(check, part);
                assert_eq!(finding.code, "uncertain", "{check:?}");
                assert!(finding.facts.contains_key("reason_en"));
            }
        }
        let mut code = cut.clone();
        let snippet = CodeSnippet::default();
        code.page.as_mut().unwrap().frames[0].code.snippets.push(snippet);
        code.requests.push(script());
        assert_eq!(
            world.check(CheckId::EmcScript, &code).code,
            "loaded",
            "what is there is there"
        );
    }
}
