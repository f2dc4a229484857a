//! Whether a candidate is a badge at all: a label says that this site is connected, news speaks about it.

use url::Url;

use super::CheckContext;
use super::badge_saying::{About, Saying};
use crate::emc::{fold_label, fold_words};
use crate::observation::{BadgeCandidate, BadgeKind};
use crate::rules::plain;
use crate::site::Place;

/// A block with nothing but a label in it, however the label is worded.
const LABEL_CHARACTERS: usize = 100;
/// Longer words than these are a sentence about EMC; so are more than these beside a label's own.
const SENTENCE_CHARACTERS: usize = 70;
const ADDED_CHARACTERS: usize = 50;
/// An element with the label's words alone may stand among other blocks of a column.
const COLUMN_CHARACTERS: u64 = 600;
/// A line of a footer that carries the label beside address and copyright.
const FOOTER_CHARACTERS: u64 = 300;
/// Words of an `alt` or `title`; those of news pictures are headlines.
const ATTRIBUTE_CHARACTERS: usize = 90;
/// A text of this length that leads to a page of this site is a headline.
const HEADLINE_CHARACTERS: usize = 40;

/// Signs and blanks that a label may have beside its words.
const BESIDE_CHARACTERS: usize = 4;

/// What a candidate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Badge,
    /// Perhaps: a picture or words that only suggest it, a cell of a table, a line about somebody.
    Suggested,
    NoBadge,
}

/// What this candidate is, by its words and its place.
pub(super) fn standing(badge: &BadgeCandidate, context: &CheckContext<'_>) -> Standing {
    if badge.kind == BadgeKind::Injected {
        return Standing::Badge;
    }
    if badge.placement.in_news || means_something_else(badge, context) {
        return Standing::NoBadge;
    }
    let labels = context.emc.labels();
    let saying = Saying::of(badge, &labels);
    if badge.kind == BadgeKind::Suggested {
        return suggested(badge, &saying, &labels, context);
    }
    let words = fold_label(&badge.words);
    if !labels.iter().any(|label| words.contains(label.as_str()))
        || speaks_of_others(badge, &words, &labels, context)
        || (leads_into_own_site(badge, context) && is_headline(&saying, badge))
    {
        return Standing::NoBadge;
    }
    if !is_label(badge, &saying) {
        // A long line at the foot of the page says it beside much else.
        let beside = badge.placement.in_frame_area && badge.kind == BadgeKind::Text && !saying.asks();
        return if beside {
            Standing::Suggested
        } else {
            Standing::NoBadge
        };
    }
    let in_table = badge.placement.in_data_row && !badge.placement.in_frame_area;
    match about_whom(badge, &saying, &labels, context) {
        Standing::Badge if in_table => Standing::Suggested,
        other => other,
    }
}

/// A picture or words that suggest a badge, unless the words deny it or are about something else.
fn suggested(
    badge: &BadgeCandidate,
    saying: &Saying,
    labels: &[String],
    context: &CheckContext<'_>,
) -> Standing {
    let words = fold_label(&badge.words);
    let of_others = saying.denies()
        || saying.asks()
        || speaks_of_others(badge, &words, labels, context)
        || (words.contains(' ') && leads_into_own_site(badge, context));
    if of_others {
        Standing::NoBadge
    } else {
        Standing::Suggested
    }
}

/// Whether it is short enough for a label of its kind at its place.
fn is_label(badge: &BadgeCandidate, saying: &Saying) -> bool {
    let place = &badge.placement;
    let added = saying.label_length + ADDED_CHARACTERS;
    if matches!(badge.kind, BadgeKind::Attribute | BadgeKind::Background) {
        return saying.length <= ATTRIBUTE_CHARACTERS.max(added);
    }
    let block = usize::try_from(place.block_text_length).unwrap_or(usize::MAX);
    let whole_line = !place.sentence.is_empty();
    let exact = saying.length <= saying.label_length + BESIDE_CHARACTERS;
    let short = saying.length <= SENTENCE_CHARACTERS.max(added);
    // A line with nothing but the label in it is one, whatever else its block holds.
    (exact && (whole_line || place.block_text_length <= COLUMN_CHARACTERS))
        || (short && block <= LABEL_CHARACTERS.max(added))
        || (place.in_frame_area && (place.block_text_length <= FOOTER_CHARACTERS || (whole_line && short)))
}

/// Whether the words speak of this site: by what stands before them, and by the number above them.
fn about_whom(
    badge: &BadgeCandidate,
    saying: &Saying,
    labels: &[String],
    context: &CheckContext<'_>,
) -> Standing {
    let place = &badge.placement;
    let about = saying.about(&context.listed.name);
    let counted = !place.in_frame_area && is_count(&place.line_before);
    let neighbours = fold_label(&place.neighbours);
    let others_too = labels.iter().any(|label| neighbours.contains(label.as_str()));
    if saying.asks() {
        return Standing::NoBadge;
    }
    match about {
        About::ThisSite if counted => Standing::Suggested,
        About::ThisSite => Standing::Badge,
        _ if counted || others_too || place.running => Standing::NoBadge,
        // A footer speaks of its own site, however it begins.
        _ if place.in_footer => Standing::Badge,
        About::Somebody | About::Brief => Standing::Suggested,
        _ if place.in_frame_area => Standing::Suggested,
        About::Something => Standing::NoBadge,
    }
}

/// A number that stands alone and counts what is said below it: "92%", "78/120", "45".
fn is_count(line: &str) -> bool {
    let line = line.trim();
    let digits = line.chars().filter(char::is_ascii_digit).count();
    let bare = line.chars().all(|c| c.is_ascii_digit() || " .,%/+".contains(c));
    bare && digits > 0 && (digits <= 3 || line.contains(['%', '/']))
}

/// A question, a count of those who are connected, or a legend that also names those who are not.
fn speaks_of_others(
    badge: &BadgeCandidate,
    words: &str,
    labels: &[String],
    context: &CheckContext<'_>,
) -> bool {
    let place = &badge.placement;
    let (line, neighbours) = (fold_label(&place.line), fold_words(&place.neighbours));
    let signals = context.signals;
    let denied = |text: &str| signals.badge_denials.iter().any(|words| text.contains(words));
    let counted = |text: &str, starts: &[String]| {
        around_labels(text, labels).any(|(before, _)| {
            let whole = before.chars().all(|c| c.is_alphabetic() || c == ' ');
            whole && starts.iter().any(|start| is_start(before, start))
        })
    };
    // "… chưa?" asks; "Chưa có bình luận" after it is another line of the page.
    let doubted = |text: &str| {
        around_labels(text, labels).any(|(_, after)| {
            let after = after.trim().trim_start_matches("hay ");
            after
                .strip_prefix("chưa")
                .is_some_and(|rest| !rest.contains(char::is_alphanumeric))
        })
    };
    let asked = around_labels(words, labels).any(|(_, after)| after.trim_start().starts_with('?'));
    // Above a label may stand the heading of another block: only what cannot be a heading counts there.
    [words, &line]
        .iter()
        .any(|text| denied(text) || doubted(text) || counted(text, &signals.badge_counts))
        || asked
        || counted(words, &signals.badge_lists)
        || denied(&neighbours)
}

fn is_start(text: &str, start: &str) -> bool {
    text.strip_prefix(start)
        .is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
}

/// What stands before and after a label in a text, for each label in it.
fn around_labels<'a>(text: &'a str, labels: &'a [String]) -> impl Iterator<Item = (&'a str, &'a str)> {
    labels
        .iter()
        .filter_map(move |label| text.split_once(label.as_str()))
}

/// "EMC" of another trade, or another body's badge.
fn means_something_else(badge: &BadgeCandidate, context: &CheckContext<'_>) -> bool {
    let link = badge.placement.link.as_deref().unwrap_or_default();
    if link.to_ascii_lowercase().contains("tinnhiemmang") {
        return true;
    }
    let said = format!(" {} {} ", plain(&badge.words), plain(link));
    let other = context
        .signals
        .other_emc
        .iter()
        .any(|word| said.contains(&format!(" {word} ")));
    // The words of the badge themselves are not doubted because of where it links to.
    other && !context.emc.has_badge_words(&badge.words)
}

/// Whether words that lead to a page of this site are a headline: they are long, or they say who has
/// connected, in the midst of the page.
fn is_headline(saying: &Saying, badge: &BadgeCandidate) -> bool {
    let most = saying.label_length + BESIDE_CHARACTERS;
    saying.length > HEADLINE_CHARACTERS.max(most) || (!badge.placement.in_frame_area && saying.length > most)
}

/// A link to a page of this site other than its home.
fn leads_into_own_site(badge: &BadgeCandidate, context: &CheckContext<'_>) -> bool {
    let Some(url) = badge
        .placement
        .link
        .as_deref()
        .and_then(|link| Url::parse(link).ok())
    else {
        return false;
    };
    matches!(context.index.locate(&url), Some((_, Place::Below)))
}

#[cfg(test)]
mod tests;
