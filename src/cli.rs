//! The command line: names and help of every subcommand and flag.

mod discover;
mod key;
mod log;
mod prune;
mod rank;
mod timestamp;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

mod review;
mod schedule;

pub use review::{ServeArguments, UserCommand};

use crate::language::Language;
use crate::network::{ConnectTo, Proxy};
use crate::observation::Engine;
use crate::settings::{Beacon, LOG_FORMAT_VARIABLE};

pub use discover::DiscoverArguments;
pub use key::KeyCommand;
pub use log::{LogCommand, LogPlace, LogShowArguments, LogVerifyArguments};
pub use prune::PruneArguments;
pub use rank::RankArguments;
pub use schedule::{HealthArguments, NotifyArguments, ScheduleArguments};
pub use timestamp::TimestampArguments;

/// Every site passes.
pub const EXIT_PASS: u8 = 0;
/// The run itself failed.
pub const EXIT_RUN_FAILED: u8 = 1;
/// Bad usage or input; nothing was audited.
pub const EXIT_USAGE: u8 = 2;
/// At least one site fails.
pub const EXIT_FAIL: u8 = 3;
/// No site fails, but something has to be reviewed or was not measured.
pub const EXIT_REVIEW: u8 = 4;
/// Interrupted; what was finished is written.
pub const EXIT_INTERRUPTED: u8 = 130;

const EXIT_CODES: &str = "\
Exit codes:
  0    every site passes
  1    the run itself failed
  2    bad usage or input; nothing was audited
  3    at least one site fails
  4    no site fails, but something has to be reviewed or was not measured
  130  interrupted; what was finished is written

Settings come from emc-audit.toml, then from EMC_AUDIT_SECTION__KEY variables, then from flags.";

const VERIFY_EXIT_CODES: &str = "\
Exit codes:
  0    nothing was changed, nothing is missing, and nothing was added
  2    the path is no visit, no site and no run
  3    something is wrong; each thing is named";

/// Checks government sites for the EMC tracking code, its badge, the links and the look that they share
/// with their portal, with evidence for every verdict.
#[derive(Debug, Parser)]
#[command(name = "emc-audit", version, after_help = EXIT_CODES)]
pub struct Cli {
    /// Settings file [default: emc-audit.toml, if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    pub settings: Option<PathBuf>,

    /// Language of what is written for people
    #[arg(long, global = true, default_value = "vi", value_name = "vi|en")]
    pub lang: Language,

    /// Say more on stderr (-vv: everything)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,

    /// How the log on stderr is written: in words, or as JSON lines for programs
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        env = LOG_FORMAT_VARIABLE,
        value_name = "text|json"
    )]
    pub log_format: LogFormat,

    /// Say at the end where the time went, step by step (stderr)
    #[arg(long, global = true)]
    pub timings: bool,

    #[command(subcommand)]
    pub command: Command,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum LogFormat {
    #[default]
    Text,
    Json,
}

impl LogFormat {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Audit every site of a list
    #[command(after_help = EXIT_CODES)]
    Run(RunArguments),
    /// Audit one address, without a list
    #[command(after_help = EXIT_CODES)]
    Check(CheckArguments),
    /// Audit sites of the newest full run again and say what changed
    #[command(after_help = EXIT_CODES)]
    Recheck(RecheckArguments),
    /// Judge the stored visits of a run again, without browser and network
    #[command(after_help = EXIT_CODES)]
    Judge(JudgeArguments),
    /// Make one ZIP of all that is kept of a site, for its agency
    Pack(PackArguments),
    /// Write the report of a run anew, with what the history says by now
    Report(ReportArguments),
    /// Say whether this machine is fit to audit, and what to do where it is not
    #[command(after_help = "Exit codes: 0 fit, 1 something has to be mended, 2 bad usage")]
    Doctor(DoctorArguments),
    /// Look for the component sites of portals, and write a draft of a list
    #[command(
        after_help = "Exit codes: 0 found, 1 nothing found, 2 bad usage, 130 interrupted; what was found is written"
    )]
    Discover(DiscoverArguments),
    /// Rank portals and component sites by the visits that EMC counted
    Rank(RankArguments),
    /// Completions of this command line for a shell, on stdout
    Completions {
        #[arg(value_name = "SHELL")]
        shell: clap_complete::Shell,
    },
    /// Say what changed from one run to another
    Diff(DiffArguments),
    /// Say how a site went from run to run
    History(HistoryArguments),
    /// The log of the connection to EMC: a control log with a line for each visit
    #[command(subcommand)]
    Log(LogCommand),
    /// Keys that runs are signed with
    #[command(subcommand)]
    Key(KeyCommand),
    /// The manual page, on stdout
    Man,
    /// Remove evidence and lines of the connection log whose time is over, as the settings say
    #[command(after_help = "Exit codes: 0 done, 1 a run was left as it is and is named, 2 bad usage")]
    Prune(PruneArguments),
    /// Ask for time stamps of a run that has none yet
    Timestamp(TimestampArguments),
    /// Check stored evidence offline: a visit, a site's folder or a whole run
    #[command(after_help = VERIFY_EXIT_CODES)]
    Verify(VerifyArguments),
    /// Check a list of sites, or make a new one
    #[command(subcommand)]
    List(ListCommand),
    /// Serve the page on which people confirm or overrule findings
    Serve(ServeArguments),
    /// Accounts of reviewers
    #[command(subcommand)]
    User(UserCommand),
    /// Audit the lists of the settings whenever they are due
    #[command(after_help = schedule::EXIT_CODES)]
    Schedule(ScheduleArguments),
    /// Try the messages that the scheduler sends
    #[command(after_help = "Exit codes: 0 they arrived, 1 one did not, 2 bad usage or settings")]
    Notify(NotifyArguments),
    /// Ask the scheduler on this machine whether it is well
    #[command(after_help = "Exit codes: 0 well, 1 not well, or nobody answers")]
    Health(HealthArguments),
}

#[derive(Debug, Subcommand)]
pub enum ListCommand {
    /// Give a list back as XLSX with a column of remarks
    Check {
        /// The list, CSV or XLSX
        file: PathBuf,
        /// Where the list with remarks goes [default: beside the list]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Write an empty list with headings, examples and drop-downs
    New {
        /// Where it goes
        #[arg(default_value = "sites.xlsx")]
        file: PathBuf,
    },
}

#[derive(Debug, Args)]
pub struct RunArguments {
    /// List of sites, CSV or XLSX
    #[arg(long, value_name = "FILE", required_unless_present = "resume")]
    pub sites: Option<PathBuf>,

    /// Go on with a run that was killed or interrupted: its name, or its folder
    #[arg(long, value_name = "RUN", conflicts_with_all = ["sites", "only", "profile"])]
    pub resume: Option<String>,

    /// Go on without the rows of the list that are not right
    #[arg(long)]
    pub skip_bad_rows: bool,

    #[command(flatten)]
    pub visiting: VisitArguments,
}

#[derive(Debug, Args)]
pub struct CheckArguments {
    /// Address of the site
    #[arg(value_name = "URL")]
    pub url: String,

    /// The portal that it belongs to: its link and its look are compared
    #[arg(long, value_name = "URL")]
    pub portal: Option<String>,

    /// The id that it has at EMC (repeatable)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub emc_site_id: Vec<u64>,

    #[command(flatten)]
    pub visiting: VisitArguments,
}

#[derive(Debug, Args)]
pub struct RecheckArguments {
    /// Sites of the newest full run, as results name them
    #[arg(value_name = "SITE")]
    pub sites: Vec<String>,

    /// All sites of this agency
    #[arg(long, value_name = "NAME")]
    pub agency: Option<String>,

    /// All sites that failed
    #[arg(long)]
    pub failed: bool,

    #[command(flatten)]
    pub visiting: VisitArguments,
}

#[derive(Debug, Args)]
pub struct PackArguments {
    /// The site, as results name it
    #[arg(value_name = "SITE")]
    pub site: String,

    /// The run: its name, or its folder
    #[arg(long, default_value = "latest", value_name = "RUN")]
    pub run: String,

    /// Where the package goes [default: SITE-RUN.zip here]
    #[arg(long, value_name = "FILE")]
    pub to: Option<PathBuf>,

    /// Folder of all runs
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub out: PathBuf,
}

#[derive(Debug, Args)]
pub struct ReportArguments {
    /// The run: its name, or its folder
    #[arg(default_value = "latest", value_name = "RUN")]
    pub run: String,

    /// Folder of all runs
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub out: PathBuf,
}

#[derive(Debug, Args)]
pub struct DiffArguments {
    /// The earlier run: its name, `latest`, or its folder [default: the full run before the later one]
    #[arg(value_name = "RUN")]
    pub earlier: Option<String>,

    /// The later run [default: the newest full run]
    #[arg(value_name = "RUN")]
    pub later: Option<String>,

    /// One JSON object instead of text
    #[arg(long)]
    pub json: bool,

    /// Folder of all runs
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub out: PathBuf,
}

#[derive(Debug, Args)]
pub struct HistoryArguments {
    /// The host, or the site as results name it
    #[arg(value_name = "HOST")]
    pub host: String,

    /// How many runs back
    #[arg(long, default_value_t = 20, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub last: u32,

    /// JSON, one line for each site, instead of text
    #[arg(long)]
    pub json: bool,

    /// Folder of all runs
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub out: PathBuf,
}

#[derive(Debug, Args)]
pub struct DoctorArguments {
    /// List whose sites are looked up
    #[arg(long, value_name = "FILE")]
    pub sites: Option<PathBuf>,

    /// Only the machine itself: nothing is looked up and nobody is asked
    #[arg(long, conflicts_with = "sites")]
    pub offline: bool,

    #[command(flatten)]
    pub visiting: VisitArguments,
}

#[derive(Debug, Args)]
pub struct VerifyArguments {
    /// A visit, a site's folder or a run, such as out/latest
    pub path: PathBuf,

    /// The findings as one JSON object on stdout
    #[arg(long)]
    pub json: bool,

    /// Public key of minisign, or a file with it, by which the list of a run has to be signed
    #[arg(long, value_name = "FILE|KEY")]
    pub public_key: Option<String>,

    /// Certificates of authorities to which time stamps have to lead [default: those of the settings]
    #[arg(long, value_name = "FILE")]
    pub timestamp_ca: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct JudgeArguments {
    /// The run: its name, or its folder
    #[arg(value_name = "RUN")]
    pub run: String,

    /// Other rules than the run had
    #[arg(long, value_name = "FILE")]
    pub rules: Option<PathBuf>,

    /// The rules that this version of the program carries
    #[arg(long, conflicts_with = "rules")]
    pub current_rules: bool,

    /// Other criteria than the run had
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,

    /// Folder of all runs
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub out: PathBuf,

    /// Results as JSON lines on stdout instead of the summary table
    #[arg(long)]
    pub json: bool,
}

/// How sites are visited and judged; the same for every command that visits.
#[derive(Debug, Args)]
pub struct VisitArguments {
    /// Folder of all runs
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub out: PathBuf,

    /// Only these checks, such as emc.script,emc.badge
    #[arg(long, value_delimiter = ',', value_name = "CHECK")]
    pub only: Vec<String>,

    /// Criteria to judge by [default: province]
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,

    /// Results as JSON lines on stdout instead of a table
    #[arg(long)]
    pub json: bool,

    /// Visits in flight [default: six for each core]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub concurrency: Option<usize>,

    /// Engine of first visits [default: shell where installed]
    #[arg(long, value_name = "shell|chrome", value_parser = parse_engine)]
    pub engine: Option<Engine>,

    /// Connect to ADDR:PORT instead of HOST:PORT, as curl does; an empty HOST or PORT means any (repeatable)
    #[arg(long, value_name = "HOST:PORT:ADDR:PORT")]
    pub connect_to: Vec<ConnectTo>,

    /// Visit listed sites on private addresses too
    #[arg(long)]
    pub allow_private: bool,

    /// Let calls of EMC's tracker out, or answer them here
    #[arg(long, value_enum)]
    pub emc_beacon: Option<Beacon>,

    /// Proxy for everything the robot loads, such as `http://proxy:3128`
    #[arg(long, value_name = "URL")]
    pub proxy: Option<Proxy>,

    /// Trust the certificates in FILE (PEM or DER) besides the browser's own: of an own authority, or of a proxy
    /// that opens TLS (repeatable; needs certutil)
    #[arg(long, value_name = "FILE")]
    pub extra_ca: Vec<PathBuf>,

    /// Report fails after one visit, without a second one that confirms
    #[arg(long)]
    pub no_confirm: bool,
}

fn parse_engine(text: &str) -> Result<Engine, String> {
    match text {
        "shell" => Ok(Engine::Shell),
        "chrome" => Ok(Engine::Chrome),
        _ => Err("engines are shell and chrome".to_owned()),
    }
}
