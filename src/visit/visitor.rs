//! The course of a visit, from an empty page to an observation.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::addresses;
use super::assemble::addresses_of;
use super::facts::{EvidenceFile, Facts};
use super::recorder::Recorder;
use super::redact::without_credentials;
use super::wake::runaway;
use tracing::Instrument;
use url::Url;

use crate::browser::{BrowserError, Identity, Lease, Page, PageOptions, RequestGate};
use crate::emc::EmcSettings;
use crate::network::{AddressPolicy, SiteGate, TrackerCalls};
use crate::observation::{
    Attempt, DocumentFacts, Ending, Engine, Observation, ProtocolCounts, Provenance, SCHEMA,
};
use crate::settings::VisitSettings;
use crate::site::ListedSite;
use crate::timings::step;

/// What all visits of a run share.
#[derive(Debug, Clone)]
pub struct VisitorOptions {
    pub settings: VisitSettings,
    pub emc: EmcSettings,
    pub policy: Arc<AddressPolicy>,
    pub identity: Arc<Identity>,
    /// What becomes of the calls of EMC's tracker.
    pub tracker: Arc<TrackerCalls>,
    pub command_line: Vec<String>,
    /// Version of the rules, for the record.
    pub rules: String,
}

/// One visit to make.
#[derive(Clone)]
pub struct VisitRequest {
    pub listed: ListedSite,
    /// 1 for the first visit of the site in this run.
    pub visit: u32,
    pub engine: Engine,
    pub course: Course,
    pub questions: Arc<dyn Questions>,
}

/// How much of a visit is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Course {
    /// All that verdicts rest on.
    #[default]
    Whole,
    /// What the page and its answer say, without pictures, and unheard by the national statistics.
    Glance,
}

/// What is asked of a page, as far as the visit has to know.
pub trait Questions: Send + Sync {
    /// Whether every question is answered, so that nothing more has to be waited for.
    fn settled(&self, observation: &Observation) -> bool;

    /// Links to follow because the page alone leaves a question open; best first.
    fn to_follow(&self, observation: &Observation) -> Vec<String>;

    /// Whether an address is the home of another listed site: a link that gets there has arrived.
    fn is_home_of_another(&self, url: &Url) -> bool;
}

impl std::fmt::Debug for VisitRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VisitRequest")
            .field("site", &self.listed.site)
            .field("visit", &self.visit)
            .finish_non_exhaustive()
    }
}

/// What a visit brings home.
#[derive(Debug)]
pub struct VisitOutput {
    pub observation: Observation,
    pub files: Vec<EvidenceFile>,
}

/// Makes visits.
#[derive(Debug, Clone)]
pub struct Visitor {
    pub(super) options: VisitorOptions,
}

/// A visit under way.
pub(super) struct OpenVisit<'a> {
    pub options: &'a VisitorOptions,
    pub request: &'a VisitRequest,
    pub lease: &'a Lease,
    pub page: &'a Page,
    pub recorder: Recorder,
    pub facts: Facts,
    pub gate: Option<SiteGate>,
    pub started: Instant,
    pub started_at: jiff::Timestamp,
}

/// Why a visit went no further.
#[derive(Debug)]
pub(super) enum Stop {
    /// The page cannot be measured: this is how the attempt ended.
    Ended(Ending),
    /// The browser is lost: nothing can be said of the page.
    Lost(BrowserError),
}

impl From<BrowserError> for Stop {
    fn from(error: BrowserError) -> Self {
        match error {
            error if error.is_browser_lost() => Self::Lost(error),
            BrowserError::Crashed => Self::Ended(Ending::Wedged {
                what: "the page crashed".to_owned(),
            }),
            error => Self::Ended(Ending::Wedged {
                what: error.to_string(),
            }),
        }
    }
}

impl Visitor {
    pub fn new(options: VisitorOptions) -> Self {
        Self { options }
    }

    pub fn options(&self) -> &VisitorOptions {
        &self.options
    }

    /// Visits a site in a page of `lease`'s browser. An error means that the browser was lost: the
    /// visit says nothing about the site and has to be made again.
    pub async fn visit(&self, lease: &Lease, request: &VisitRequest) -> Result<VisitOutput, BrowserError> {
        let options = &self.options;
        let (started, started_at) = (Instant::now(), jiff::Timestamp::now());
        let recorder = Recorder::new(started, &options.emc);
        let first = addresses::candidates(&request.listed).into_iter().next();
        let gate = match &first {
            Some(url) => {
                let (policy, tracker) = (Arc::clone(&options.policy), Arc::clone(&options.tracker));
                let gate = SiteGate::for_site(policy, url, tracker).await;
                Some(match request.course {
                    Course::Whole => gate,
                    Course::Glance => gate.aside(),
                })
            }
            None => None,
        };
        let page = lease
            .open_page(PageOptions {
                identity: Arc::clone(&options.identity),
                viewport: options.settings.desktop,
                gate: gate.clone().map(|gate| Arc::new(gate) as Arc<dyn RequestGate>),
                listener: recorder.listener(),
            })
            .instrument(step!("context"))
            .await?;
        recorder.set_main_frame(page.main_frame());
        let mut visit = OpenVisit {
            options,
            request,
            lease,
            page: &page,
            recorder,
            facts: Facts::default(),
            gate,
            started,
            started_at,
        };
        visit.facts.note_time("open", started);
        let ending = visit.run_watched().await;
        let output = ending.map(|()| step!("finish").in_scope(|| visit.finish()));
        end_page(page, lease).instrument(step!("close")).await;
        output
    }

    /// The observation of a visit under which one browser after the other died.
    pub fn without_browser(&self, request: &VisitRequest, lost: &BrowserError) -> VisitOutput {
        let what = format!("every browser died under this page: {lost}");
        self.nothing_seen(request, Ending::Wedged { what })
    }

    /// The observation of a visit that says nothing about the page, because of `ending`.
    pub fn nothing_seen(&self, request: &VisitRequest, ending: Ending) -> VisitOutput {
        let now = jiff::Timestamp::now().to_string();
        let attempt = Attempt {
            url: without_credentials(&request.listed.url),
            ending,
        };
        let observation = Observation {
            schema: SCHEMA.to_owned(),
            site: request.listed.site.clone(),
            visit: request.visit,
            engine: request.engine,
            provenance: Provenance {
                program: crate::PROGRAM.to_owned(),
                commit: crate::COMMIT.to_owned(),
                rules: self.options.rules.clone(),
                addresses: addresses_of(&request.listed),
                ..Provenance::default()
            },
            started_at: now.clone(),
            ended_at: now,
            attempts: vec![attempt],
            splash: None,
            final_url: None,
            document: DocumentFacts::default(),
            page: None,
            layout: None,
            requests: Vec::new(),
            console: Vec::new(),
            dialogs: Vec::new(),
            overlay: None,
            certificate: None,
            followed: Vec::new(),
            pictures: Vec::new(),
            kept: Vec::new(),
            timings: Vec::new(),
            cut_short: Vec::new(),
            protocol: ProtocolCounts::default(),
        };
        VisitOutput {
            observation,
            files: Vec::new(),
        }
    }
}

impl OpenVisit<'_> {
    /// Runs the visit under the watchdog and in sight of the browser's end.
    async fn run_watched(&mut self) -> Result<(), BrowserError> {
        let watchdog = self.options.settings.watchdog();
        let gone = self.lease.gone().clone();
        let recorder = self.recorder.clone();
        let stop = tokio::select! {
            stop = self.run(self.request.course) => stop,
            stop = runaway(&recorder) => Err(stop),
            () = gone.cancelled() => Err(Stop::Lost(BrowserError::Gone("it ended during the visit".to_owned()))),
            () = tokio::time::sleep(watchdog) => {
                let what = format!("no end within {} s", watchdog.as_secs());
                Err(Stop::Ended(Ending::Wedged { what }))
            }
        };
        match stop {
            Ok(()) => Ok(()),
            Err(Stop::Lost(error)) => Err(error),
            Err(Stop::Ended(ending)) => {
                self.end_attempt(ending);
                Ok(())
            }
        }
    }

    /// The visit, step by step.
    async fn run(&mut self, course: Course) -> Result<(), Stop> {
        self.open_home().instrument(step!("navigate")).await?;
        self.settle().instrument(step!("settle")).await?;
        if self.try_plain_site().await? {
            self.settle().instrument(step!("settle")).await?;
        } else if self.pass_splash().await? {
            self.settle_behind_splash().instrument(step!("settle")).await?;
        }
        if course == Course::Glance {
            return Ok(());
        }
        self.close_overlays().instrument(step!("dialogs")).await?;
        self.look_at_badges().instrument(step!("badge")).await?;
        let first_look = Instant::now();
        self.take_desktop_pictures().instrument(step!("pictures")).await?;
        let watched = self.watch_regions().instrument(step!("motion")).await?;
        self.keep_documents().instrument(step!("documents")).await?;
        self.wait_for_second_look(first_look)
            .instrument(step!("wait"))
            .await;
        self.look_at_badges().instrument(step!("badge again")).await?;
        self.look_at_regions_again(watched)
            .instrument(step!("motion again"))
            .await?;
        self.find_style_lines().await;
        self.look_on_mobile().instrument(step!("mobile")).await?;
        self.follow_links().instrument(step!("follow")).await
    }

    /// The last attempt's ending is what the visit ended with, unless the page was probed before.
    fn end_attempt(&mut self, ending: Ending) {
        let probed = self.facts.page.is_some();
        let runaway = matches!(ending, Ending::Runaway { .. });
        if probed && !runaway {
            self.facts.note_cut(format!("visit: {ending:?}"));
            return;
        }
        match self.facts.attempts.last_mut() {
            Some(last) => last.ending = ending,
            None => self.facts.note_cut(format!("visit: {ending:?}")),
        }
    }

    /// A page beside the home page, whose evidence stays as it is.
    pub(super) async fn open_aside(&self, recorder: &Recorder) -> Result<Page, BrowserError> {
        let gate = self.gate.as_ref().map(SiteGate::aside);
        let gate = gate.map(|gate| Arc::new(gate) as Arc<dyn RequestGate>);
        self.open_behind(gate, recorder).await
    }

    /// As [`open_aside`](Self::open_aside), behind another gate.
    pub(super) async fn open_behind(
        &self,
        gate: Option<Arc<dyn RequestGate>>,
        recorder: &Recorder,
    ) -> Result<Page, BrowserError> {
        let page = self
            .lease
            .open_page(PageOptions {
                identity: Arc::clone(&self.options.identity),
                viewport: self.options.settings.desktop,
                gate,
                listener: recorder.listener(),
            })
            .await?;
        recorder.set_main_frame(page.main_frame());
        Ok(page)
    }

    /// Time left before the hard limit; a second at least, so that every step may fail in an orderly way.
    pub(super) fn time_left(&self) -> Duration {
        let left = self
            .options
            .settings
            .hard_limit()
            .saturating_sub(self.started.elapsed());
        left.max(Duration::from_secs(1))
    }

    /// The limit of one call to a page that behaves.
    pub(super) fn call_limit(&self) -> Duration {
        self.time_left().min(Duration::from_secs(8))
    }
}

/// Gives the page back; a page that cannot be closed takes its browser with it.
async fn end_page(page: Page, lease: &Lease) {
    if let Err(error) = page.close(Duration::from_secs(5)).await
        && !error.is_browser_lost()
    {
        tracing::warn!(%error, "a page could not be closed");
        lease.kill_browser();
    }
}
