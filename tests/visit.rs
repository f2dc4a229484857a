//! A visit in real Chromium, against the fixture web.
#![allow(clippy::unwrap_used)]

use std::collections::HashMap;
use std::sync::Arc;

use emc_audit::browser::{BrowserPool, Identity, LaunchOptions, PoolOptions, find_engine};
use emc_audit::emc::EmcSettings;
use emc_audit::network::{AddressPolicy, ConnectToRules, PolicyOptions, TrackerCalls};
use emc_audit::observation::{Attempt, Ending, Engine, Observation, SnippetPlace};
use emc_audit::settings::VisitSettings;
use emc_audit::site::{ListedSite, Role};
use emc_audit::visit::{Course, Questions, VisitOutput, VisitRequest, Visitor, VisitorOptions};
use fixture_web::{FixtureWeb, Options};

struct Stand {
    web: FixtureWeb,
    pool: BrowserPool,
    visitor: Visitor,
}

async fn stand(folder: &str, settings: VisitSettings) -> Stand {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/");
    let web = FixtureWeb::start(Options::new(format!("{root}{folder}")))
        .await
        .unwrap();
    let rules = ConnectToRules::new(
        web.connect_to()
            .iter()
            .map(|rule| rule.parse().unwrap())
            .collect(),
    );
    let identity = Arc::new(Identity::chrome("156.0.8078.79", "vi-VN", None));
    let launch = |engine| {
        let options = LaunchOptions {
            program: find_engine(engine, None).unwrap().program,
            engine,
            sandbox: false,
            user_agent: identity.user_agent.clone(),
            script_memory_mib: 512,
            host_rules: rules.resolver_rules(),
            proxy: None,
            trust: None,
            locale: "vi-VN".to_owned(),
            time_zone: "Asia/Ho_Chi_Minh".to_owned(),
            viewport: (1366, 900),
        };
        (engine, options)
    };
    let pool = BrowserPool::new(PoolOptions {
        launch: HashMap::from([launch(Engine::Shell), launch(Engine::Chrome)]),
        browsers_per_engine: 1,
        retire_after: 100,
    });
    let policy = Arc::new(AddressPolicy::new(PolicyOptions {
        connect_to: rules,
        ..PolicyOptions::default()
    }));
    let visitor = Visitor::new(VisitorOptions {
        settings,
        emc: EmcSettings::default(),
        policy,
        identity,
        tracker: Arc::new(TrackerCalls::new(EmcSettings::default(), false)),
        command_line: Vec::new(),
        rules: String::new(),
    });
    Stand { web, pool, visitor }
}

/// Waits for the tracker call alone.
struct UntilTracked;

impl Questions for UntilTracked {
    fn settled(&self, observation: &Observation) -> bool {
        observation
            .requests
            .iter()
            .any(|request| request.url.contains("/tracking"))
    }

    fn to_follow(&self, _observation: &Observation) -> Vec<String> {
        Vec::new()
    }

    fn is_home_of_another(&self, _url: &url::Url) -> bool {
        false
    }
}

impl Stand {
    async fn visit(&self, site: &str, engine: Engine) -> VisitOutput {
        let request = VisitRequest {
            listed: ListedSite::new(site.parse().unwrap(), Role::Component),
            visit: 1,
            engine,
            course: Course::Whole,
            questions: Arc::new(UntilTracked),
        };
        let lease = self.pool.lease(engine).await.unwrap();
        self.visitor.visit(&lease, &request).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_sees_code_beacon_and_badge() {
    let stand = stand("sites", VisitSettings::default()).await;
    for engine in [Engine::Shell, Engine::Chrome] {
        let output = stand.visit("stp.tinhmau.gov.vn", engine).await;
        let seen = &output.observation;
        assert_eq!(seen.document.status, Some(200), "{:?}", seen.attempts);
        let page = seen.page.as_ref().unwrap();
        assert!(
            page.frames[0]
                .code
                .snippets
                .iter()
                .any(|snippet| snippet.place == SnippetPlace::Live)
        );
        assert!(
            seen.requests
                .iter()
                .any(|request| request.url.contains("/tracking?") && request.finished)
        );
        let exchange = &seen.requests[0].exchange;
        let languages = exchange
            .request_headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("accept-language"));
        assert_eq!(
            languages.map(|(_, value)| value.as_str()),
            Some("vi-VN,vi;q=0.9,en-US;q=0.8,en;q=0.7"),
            "what an ordinary Chrome sends"
        );
        let badge = &page.badges[0];
        assert_eq!(badge.looks.len(), 2);
        assert!(badge.looks[1].at_ms >= badge.looks[0].at_ms + 2000);
        assert!(
            badge.looks.iter().all(|look| look.changed_pixels > Some(100)),
            "{badge:?}"
        );
        assert_eq!(
            seen.protocol.undecodable + seen.protocol.unknown,
            0,
            "{:?}",
            seen.protocol
        );
        for name in [
            "desktop.jpg",
            "mobile.jpg",
            "header.png",
            "footer.png",
            "badge.png",
            "page.html",
            "served.html",
        ] {
            assert!(
                output
                    .files
                    .iter()
                    .any(|file| file.name == name && !file.bytes.is_empty()),
                "{name}"
            );
        }
    }
    stand.pool.close().await;
    stand.web.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_never_answers_is_no_page_kept_busy() {
    let settings = VisitSettings {
        navigation_s: 1,
        ..VisitSettings::default()
    };
    let stand = stand("cases/hostile/hang", settings).await;
    for engine in [Engine::Shell, Engine::Chrome] {
        let output = stand.visit("hang.hostile.thu.gov.vn", engine).await;
        let seen = &output.observation;
        let timed_out = |attempt: &Attempt| matches!(attempt.ending, Ending::TimedOut { .. });
        // Over https and over http.
        assert!(seen.attempts[..2].iter().all(timed_out), "{:?}", seen.attempts);
        // The host's other name was tried in the time that is left.
        assert_eq!(seen.attempts.len(), 4, "{:?}", seen.attempts);
        assert!(seen.cut_short.is_empty(), "{:?}", seen.cut_short);
        let took: u64 = seen.timings.iter().map(|timing| timing.took_ms).sum();
        assert!(took < 12_000, "nothing was waited for but the server: {took} ms");
    }
    stand.pool.close().await;
    stand.web.shutdown().await;
}
