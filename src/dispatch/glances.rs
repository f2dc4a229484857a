//! Visits that nobody is judged by: what a site says of itself, to learn what it is. As polite as those of a run,
//! through the same browsers and gates, unheard by the national statistics, and nothing of them is kept.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use url::Url;

use super::pace::{Pace, Slot};
use super::politeness::{Politeness, Turn};
use super::prepare::{address_policy, first_engine, pool_options};
use super::reach::{Reach, Reached};
use super::visits::visit_until_seen;
use crate::browser::{BrowserError, BrowserPool, Identity, TrustStore};
use crate::emc::EmcSettings;
use crate::network::{AddressPolicy, ConnectToRules, SiteGate, TrackerCalls};
use crate::observation::{Engine, Observation};
use crate::settings::Settings;
use crate::site::ListedSite;
use crate::visit::{Course, Questions, VisitRequest, Visitor, VisitorOptions};

/// What glances are made with.
#[derive(Debug)]
pub struct GlanceOptions {
    pub settings: Settings,
    /// Programs by engine; at least one.
    pub engines: HashMap<Engine, PathBuf>,
    pub trust: Option<Arc<TrustStore>>,
    pub browser_version: String,
    pub sandbox: bool,
}

/// Makes glances, many at a time.
#[derive(Debug)]
pub struct Glances {
    pool: Arc<BrowserPool>,
    visitor: Visitor,
    politeness: Politeness,
    policy: Arc<AddressPolicy>,
    tracker: Arc<TrackerCalls>,
    identity: Arc<Identity>,
    pace: Pace,
    engine: Engine,
    stop: CancellationToken,
}

impl Glances {
    /// When `stop` fires, what is under way is finished and nothing new begins.
    pub fn new(options: &GlanceOptions, stop: CancellationToken) -> Self {
        let mut settings = options.settings.clone();
        settings.visit.soft_limit_s = settings.discovery.soft_limit_s;
        let identity = Arc::new(Identity::chrome(
            &options.browser_version,
            &settings.visit.locale,
            settings.visit.contact.as_deref(),
        ));
        let connect_to = ConnectToRules::new(settings.network.connect_to.clone());
        let trust = options.trust.as_ref();
        let launch = pool_options(
            &settings,
            &options.engines,
            options.sandbox,
            &identity,
            &connect_to,
            trust,
        );
        let policy = Arc::new(address_policy(&settings, connect_to));
        let tracker = Arc::new(TrackerCalls::new(settings.emc.clone(), true));
        Self {
            pool: Arc::new(BrowserPool::new(launch)),
            politeness: Politeness::new(Arc::clone(&policy), &settings.run),
            pace: Pace::new(settings.run.visits_in_flight(), settings.run.most_in_flight()),
            engine: first_engine(&settings, &options.engines),
            visitor: Visitor::new(VisitorOptions {
                settings: settings.visit,
                emc: settings.emc,
                policy: Arc::clone(&policy),
                identity: Arc::clone(&identity),
                tracker: Arc::clone(&tracker),
                command_line: Vec::new(),
                rules: String::new(),
            }),
            policy,
            tracker,
            identity,
            stop,
        }
    }

    pub fn policy(&self) -> &AddressPolicy {
        &self.policy
    }

    pub fn emc(&self) -> &EmcSettings {
        &self.visitor.options().emc
    }

    pub fn stopped(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// What is seen of a site; nothing when the search is being stopped or the server asked to be left alone.
    pub async fn look(
        &self,
        listed: &ListedSite,
        questions: Arc<dyn Questions>,
    ) -> Result<Option<Observation>, BrowserError> {
        let Some((turn, _slot)) = self.turn(Url::parse(&listed.url).ok().as_ref()).await else {
            return Ok(None);
        };
        let request = VisitRequest {
            listed: listed.clone(),
            visit: 1,
            engine: self.engine,
            course: Course::Glance,
            questions,
        };
        let output = visit_until_seen(&self.pool, &self.visitor, &request).await?;
        turn.note_answer(&output.observation.document);
        Ok(Some(output.observation))
    }

    /// Whether and how an address answers, for names that no name server is asked for.
    pub async fn ask(&self, url: &Url) -> Result<Option<Reached>, BrowserError> {
        let Some((_turn, _slot)) = self.turn(Some(url)).await else {
            return Ok(None);
        };
        let (policy, tracker) = (Arc::clone(&self.policy), Arc::clone(&self.tracker));
        let reach = Reach {
            pool: Arc::clone(&self.pool),
            engine: self.engine,
            identity: Arc::clone(&self.identity),
            gate: Some(Arc::new(SiteGate::for_site(policy, url, tracker).await.aside())),
        };
        reach.ask(url.as_str()).await.map(Some)
    }

    /// Reads files of the site at `home`, one after the other: `next` is given the text of the last one and names
    /// the next one, until it names none.
    pub async fn read_files(
        &self,
        home: &Url,
        bytes_max: u64,
        mut next: impl FnMut(Option<String>) -> Option<Url>,
    ) -> Result<(), BrowserError> {
        let Some((_turn, _slot)) = self.turn(Some(home)).await else {
            return Ok(());
        };
        let lease = self.pool.lease(self.engine).await?;
        let Some(files) = self.visitor.open_files(&lease, home).await? else {
            return Ok(());
        };
        let mut wanted = next(None);
        while let Some(url) = wanted.filter(|_| !self.stopped()) {
            wanted = next(files.read(&url, bytes_max).await?);
        }
        files.close().await;
        Ok(())
    }

    async fn turn(&self, url: Option<&Url>) -> Option<(Turn, Slot<'_>)> {
        let turn = async {
            let turn = self.politeness.turn(url?).await.ok()?;
            Some((turn, self.pace.slot(1).await))
        };
        let turn = tokio::select! {
            turn = turn => turn,
            () = self.stop.cancelled() => None,
        };
        turn.filter(|_| !self.stopped())
    }

    pub async fn close(&self) {
        self.pool.close().await;
    }
}
