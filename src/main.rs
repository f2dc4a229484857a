//! The program: arguments become one call per subcommand, errors become words and an exit code.

use std::fmt;
use std::io::IsTerminal;
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use emc_audit::cli::{Cli, EXIT_RUN_FAILED, EXIT_USAGE, LogFormat};
use emc_audit::commands::{self, CommandError};
use emc_audit::language::{Language, word};
use emc_audit::settings::LOG_VARIABLE;
use emc_audit::timings::Timings;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(refused) => return refuse(&refused),
    };
    let timings = cli.timings.then(Timings::default);
    if let Err(refused) = start_log(&cli, timings.clone()) {
        report(&format!("{}: {refused}", word("label", "error", cli.lang)));
        return ExitCode::from(EXIT_USAGE);
    }
    let ended = commands::execute(&cli);
    if let Some(timings) = timings {
        report(timings.table(cli.lang).trim_end());
    }
    match ended {
        Ok(code) => ExitCode::from(code),
        Err(CommandError::Usage(complaint)) => {
            report(&complaint.text(cli.lang));
            ExitCode::from(EXIT_USAGE)
        }
        Err(CommandError::Failed(complaint)) => {
            report(&complaint.text(cli.lang));
            ExitCode::from(EXIT_RUN_FAILED)
        }
    }
}

/// A command line that is not right; or help, which is asked for in the same way.
fn refuse(refused: &clap::Error) -> ExitCode {
    let language = commands::language_asked_for(std::env::args());
    match commands::complaint_of(refused) {
        Some(complaint) => {
            report(&complaint.text(language));
            ExitCode::from(EXIT_USAGE)
        }
        None => refused.exit(),
    }
}

/// Words go to stderr; stdout is for data.
#[allow(clippy::print_stderr)] // the one place where errors become words
fn report(text: &str) {
    eprintln!("{text}");
}

fn start_log(cli: &Cli, timings: Option<Timings>) -> anyhow::Result<()> {
    let log = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // Someone who asks for more wants to know when and where; everyone else wants the words.
    let log = match (cli.log_format, cli.verbose) {
        // The facts of what is said are those of its span.
        (LogFormat::Json, _) => log.json().flatten_event(true).with_span_list(false).boxed(),
        (LogFormat::Text, 0) => log.event_format(Words { language: cli.lang }).boxed(),
        (LogFormat::Text, _) => log.boxed(),
    };
    let timings = timings.map(|timings| timings.with_filter(filter_fn(Timings::is_step)));
    tracing_subscriber::registry()
        .with(log.with_filter(log_filter(cli.verbose)?))
        .with(timings)
        .init();
    Ok(())
}

/// What is logged: as the environment says, else by the number of `-v`.
fn log_filter(verbose: u8) -> anyhow::Result<EnvFilter> {
    if std::env::var_os(LOG_VARIABLE).is_some_and(|value| !value.is_empty()) {
        let asked = std::env::var(LOG_VARIABLE).with_context(|| LOG_VARIABLE)?;
        return EnvFilter::try_new(&asked).with_context(|| {
            format!("{LOG_VARIABLE}={asked}: error, warn, info, debug, trace, emc_audit=debug")
        });
    }
    let default = match verbose {
        0 => &format!("warn,{}=info", commands::NOTES),
        1 => "emc_audit=info,warn",
        2 => "emc_audit=debug,info",
        _ => "trace",
    };
    Ok(EnvFilter::new(default))
}

/// One line for each thing that is said, behind a word for how much it matters.
struct Words {
    language: Language,
}

impl<S, N> FormatEvent<S, N> for Words
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let label = match *event.metadata().level() {
            Level::ERROR => "error",
            Level::WARN => "warning",
            _ => "note",
        };
        write!(writer, "{}: ", word("label", label, self.language))?;
        context.field_format().format_fields(writer.by_ref(), event)?;
        writeln!(writer)
    }
}
