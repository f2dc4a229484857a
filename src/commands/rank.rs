//! `emc-audit rank`: imports EMC's figures and writes the rankings of a month.

use std::path::Path;

use super::auditing::{note, say, to_stdout};
use super::{CommandError, Complaint, error, failed, usage};
use crate::cli::{Cli, EXIT_PASS, RankArguments};
use crate::history::History;
use crate::inventory::{ReadOptions, read_list};
use crate::language::Sentence;
use crate::ranking::{Known, VisitsError, newest_month, rank, read_visits_file, write_ranking};
use crate::report::read_results;
use crate::verdict::SiteResult;

/// Imports and ranks; the value is the exit code.
pub(super) fn rank_by_visits(cli: &Cli, arguments: &RankArguments) -> Result<u8, CommandError> {
    let results = newest_results(&arguments.out)?;
    let known = match &arguments.sites {
        Some(list) => {
            let list = read_list(list, &ReadOptions::default()).map_err(usage)?;
            Known::of_list(&list.sites, &results)
        }
        None if results.is_empty() => {
            return Err(usage(
                error("no_sites_to_rank").with("out", arguments.out.display()),
            ));
        }
        None => Known::of_results(&results),
    };
    let read = match &arguments.visits {
        Some(file) => Some(read_visits_file(file, &known).map_err(|cause| wrong(file, cause))?),
        None => None,
    };
    if let (Some(read), Some(file)) = (&read, &arguments.visits)
        && !read.problems.is_empty()
    {
        if !arguments.skip_bad_rows {
            let problems = read.problems.clone();
            return Err(wrong(file, VisitsError::Rows(problems)));
        }
        for line in VisitsError::message(&read.problems).in_language(cli.lang).lines() {
            tracing::warn!("{line}");
        }
    }
    fs_err::create_dir_all(&arguments.out).map_err(usage)?;
    let history = History::open(&arguments.out).map_err(usage)?;
    if let Some(read) = &read {
        history.put_visits(&read.figures).map_err(failed)?;
        let sites = Sentence::new("ranking", "imported").with("sites", read.figures.len());
        let figures: usize = read.figures.values().map(std::collections::BTreeMap::len).sum();
        note(&sites.with("figures", figures), cli.lang);
    }
    let figures = history.visits().map_err(failed)?;
    let month = arguments.month.or_else(|| newest_month(&figures));
    let month = month.ok_or_else(|| usage(error("no_visits").with("out", arguments.out.display())))?;
    let ranking = rank(&known, &figures, month);
    let has_figures = ranking
        .groups
        .iter()
        .any(|group| group.lines.iter().any(|line| line.visits.is_some()));
    if !has_figures {
        say(
            &Sentence::new("ranking", "no_figures").with("month", month.for_people()),
            cli.lang,
        );
    }
    let default = || arguments.out.join("ranking").join(month.to_string());
    let folder = arguments.to.clone().unwrap_or_else(default);
    let page = write_ranking(&ranking, &folder, cli.lang).map_err(failed)?;
    to_stdout(|out| writeln!(out, "{}", page.display()))?;
    Ok(EXIT_PASS)
}

/// What the newest full run said; nothing where there is none.
fn newest_results(out: &Path) -> Result<Vec<SiteResult>, CommandError> {
    let path = out.join("latest/results.jsonl");
    if !path.exists() {
        return Ok(Vec::new());
    }
    read_results(&path).map_err(usage)
}

fn wrong(file: &Path, cause: VisitsError) -> CommandError {
    let path = file.display();
    usage(match cause {
        VisitsError::File(problem) => Complaint::from(crate::inventory::ListError::File {
            path: file.to_owned(),
            problem,
        }),
        VisitsError::NoHeading => error("visits_heading").with("path", path).into(),
        VisitsError::Rows(problems) => error("visits_rows")
            .with("path", path)
            .with("count", problems.len())
            .with_message("text", VisitsError::message(&problems))
            .into(),
    })
}
