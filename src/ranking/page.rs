//! The rankings as one page: opens from the disk, asks nobody for anything, runs no script, prints well.

use askama::Template;
use base64::Engine as _;
use sha2::{Digest, Sha256};

use super::chart::trend_svg;
use super::figures::with_points;
use super::rank::{Group, Ranked, Ranking};
use crate::language::{Language, Sentence, word};

const STYLE: &str = include_str!("ranking.css");
const CHART_PX: u32 = 150;
const WIDE_CHART_PX: u32 = 420;

#[derive(Template)]
#[template(path = "ranking.html")]
struct Page<'a> {
    lang: String,
    policy: String,
    style: &'static str,
    title: String,
    note: &'a str,
    headings: Vec<&'a str>,
    groups: Vec<Section>,
    doubts_title: &'a str,
    doubts: Vec<String>,
}

struct Section {
    title: String,
    total: String,
    chart: String,
    lines: Vec<Line>,
}

struct Line {
    rank: String,
    change: String,
    class: &'static str,
    name: String,
    site: String,
    visits: String,
    before: String,
    share: String,
    chart: String,
    doubt: Option<String>,
}

/// The page, or why it could not be filled.
pub(super) fn page(ranking: &Ranking, language: Language) -> Result<String, askama::Error> {
    let say = |key| word("ranking", key, language);
    let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(STYLE));
    let doubts = ranking.groups.iter().flat_map(|group| &group.lines);
    let doubts = doubts.filter_map(|line| {
        let doubt = line.doubt?;
        let told = Sentence::new("ranking", doubt.as_str());
        Some(format!("{} ({}): {}", line.name, line.site, told.text(language)))
    });
    Page {
        lang: language.to_string(),
        policy: format!("default-src 'none'; img-src data:; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'"),
        style: STYLE,
        title: title(ranking, language),
        note: say("note"),
        headings: [
            "rank",
            "change",
            "site",
            "visits",
            "visits_before",
            "share",
            "trend",
        ]
        .map(say)
        .to_vec(),
        groups: ranking
            .groups
            .iter()
            .map(|group| section(group, language))
            .collect(),
        doubts_title: say("doubts"),
        doubts: doubts.collect(),
    }
    .render()
}

pub(super) fn title(ranking: &Ranking, language: Language) -> String {
    Sentence::new("ranking", "title")
        .with("month", ranking.month.for_people())
        .text(language)
}

pub(super) fn group_title(group: &Group, language: Language) -> String {
    match &group.portal {
        None => word("ranking", "portals", language).to_owned(),
        Some((_, name)) if name.is_empty() => word("heading", "no_portal", language).to_owned(),
        Some((_, name)) => Sentence::new("ranking", "components_of")
            .with("portal", name)
            .text(language),
    }
}

fn section(group: &Group, language: Language) -> Section {
    let total = Sentence::new("ranking", "total").with("visits", with_points(group.total));
    Section {
        title: group_title(group, language),
        total: total.text(language),
        chart: trend_svg(&group.trend, WIDE_CHART_PX),
        lines: group
            .lines
            .iter()
            .map(|line| self::line(line, language))
            .collect(),
    }
}

fn line(line: &Ranked, language: Language) -> Line {
    let number = |visits: Option<u64>| visits.map_or_else(|| "–".to_owned(), with_points);
    let (change, class) = change(line, language);
    Line {
        rank: line.rank.map_or_else(|| "–".to_owned(), |rank| rank.to_string()),
        change,
        class,
        name: line.name.clone(),
        site: line.site.to_string(),
        visits: number(line.visits),
        before: number(line.visits_before),
        share: line.share.map_or_else(|| "–".to_owned(), share),
        chart: trend_svg(&line.trend, CHART_PX),
        doubt: line
            .doubt
            .map(|doubt| word("ranking", doubt.as_str(), language).to_owned()),
    }
}

/// With a comma, as numbers here are written.
fn share(percent: f64) -> String {
    format!("{percent:.1}%").replace('.', ",")
}

/// Places won or lost against the month before.
pub(super) fn change(line: &Ranked, language: Language) -> (String, &'static str) {
    match (line.rank, line.rank_before) {
        (Some(rank), Some(before)) if rank < before => (format!("▲ {}", before - rank), "up"),
        (Some(rank), Some(before)) if rank > before => (format!("▼ {}", rank - before), "down"),
        (Some(_), Some(_)) => (word("ranking", "same", language).to_owned(), "same"),
        (Some(_), None) => (word("ranking", "new", language).to_owned(), "same"),
        (None, _) => (String::new(), "same"),
    }
}
