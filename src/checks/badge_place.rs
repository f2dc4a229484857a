//! Whether a candidate is a badge at all: a label says that this site is connected, news speaks about it.

use url::Url;

use super::CheckContext;
use crate::emc::fold_words;
use crate::observation::{BadgeCandidate, BadgeKind};
use crate::rules::plain;
use crate::site::Place;

/// A block with nothing but a label in it, however the label is worded.
const LABEL_CHARACTERS: u64 = 100;
/// Outside footers and sidebars, longer words than these are a sentence about EMC.
const SENTENCE_CHARACTERS: usize = 70;
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
    /// Perhaps: a picture that only its name, link or place suggests, or a cell of a table.
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
    if badge.kind == BadgeKind::Suggested {
        return Standing::Suggested;
    }
    let words = fold_words(&badge.words);
    if !context.emc.has_badge_words(&words) || speaks_of_others(badge, &words, context) {
        return Standing::NoBadge;
    }
    let length = words.chars().count();
    if leads_into_own_site(badge, context) && is_headline(&words, length, badge, context) {
        return Standing::NoBadge;
    }
    let exact = length <= label_length(&words, context) + BESIDE_CHARACTERS;
    let is_label = match badge.kind {
        BadgeKind::Attribute | BadgeKind::Background => exact || length <= ATTRIBUTE_CHARACTERS,
        _ => {
            let block = badge.placement.block_text_length;
            // Words that are nothing but a label are one, in whatever they stand; news were left out before.
            (exact && badge.kind == BadgeKind::Text)
                || (block <= LABEL_CHARACTERS && length <= SENTENCE_CHARACTERS)
                || (block <= COLUMN_CHARACTERS && exact)
                || (badge.placement.in_frame_area && block <= FOOTER_CHARACTERS)
        }
    };
    let in_frame = badge.placement.in_frame_area;
    let in_table = badge.placement.in_data_row && !in_frame;
    // What is counted before the words are others.
    let numbered =
        || around_labels(&words, context).any(|(before, _)| before.contains(|c: char| c.is_ascii_digit()));
    match is_label {
        true if in_table || (!in_frame && numbered()) => Standing::Suggested,
        true => Standing::Badge,
        // A long line at the foot of the page says it beside much else.
        false if in_frame && badge.kind == BadgeKind::Text => Standing::Suggested,
        false => Standing::NoBadge,
    }
}

/// A question, a count of those who are connected, or a legend that also names those who are not.
fn speaks_of_others(badge: &BadgeCandidate, words: &str, context: &CheckContext<'_>) -> bool {
    let place = &badge.placement;
    let (line, neighbours) = (fold_words(&place.line), fold_words(&place.neighbours));
    let signals = context.signals;
    let denied = |text: &str| signals.badge_denials.iter().any(|words| text.contains(words));
    let counted = |text: &str, starts: &[String]| {
        around_labels(text, context).any(|(before, _)| {
            let whole = before.chars().all(|c| c.is_alphabetic() || c == ' ');
            whole && starts.iter().any(|start| is_start(before, start))
        })
    };
    // "… chưa?" asks; "Chưa có bình luận" after it is another line of the page.
    let doubted = |text: &str| {
        around_labels(text, context).any(|(_, after)| {
            let after = after.trim().trim_start_matches("hay ");
            after
                .strip_prefix("chưa")
                .is_some_and(|rest| !rest.contains(char::is_alphanumeric))
        })
    };
    let asked = around_labels(words, context).any(|(_, after)| {
        let after = after.trim();
        after.ends_with('?') || after == "không" || after == "chưa"
    });
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
fn around_labels<'a>(text: &'a str, context: &CheckContext<'_>) -> impl Iterator<Item = (&'a str, &'a str)> {
    let labels: Vec<String> = context
        .emc
        .badge_words
        .iter()
        .map(|label| fold_words(label))
        .collect();
    labels
        .into_iter()
        .filter_map(move |label| text.split_once(&label))
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
fn is_headline(words: &str, length: usize, badge: &BadgeCandidate, context: &CheckContext<'_>) -> bool {
    let label = label_length(words, context);
    length > HEADLINE_CHARACTERS || (!badge.placement.in_frame_area && length > label + BESIDE_CHARACTERS)
}

/// Characters of the longest label that the words contain.
fn label_length(words: &str, context: &CheckContext<'_>) -> usize {
    let labels = context.emc.badge_words.iter().map(|label| fold_words(label));
    labels
        .filter(|label| words.contains(label))
        .map(|label| label.chars().count())
        .max()
        .unwrap_or(0)
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
