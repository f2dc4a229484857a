//! A visit in real Chromium, against the fixture web.
#![allow(clippy::unwrap_used)]

use std::collections::HashMap;
use std::sync::Arc;

use emc_audit::browser::{BrowserPool, Identity, LaunchOptions, PoolOptions, find_engine};
use emc_audit::emc::EmcSettings;
use emc_audit::network::{AddressPolicy, ConnectToRules, PolicyOptions};
use emc_audit::observation::{Engine, Observation};
use emc_audit::settings::VisitSettings;
use emc_audit::site::{ListedSite, Role};
use emc_audit::visit::{VisitOutput, VisitRequest, Visitor, VisitorOptions};
use fixture_web::{FixtureWeb, Options};

struct Stand {
    web: FixtureWeb,
    pool: BrowserPool,
    visitor: Visitor,
}

async fn stand(folder: &str) -> Stand {
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
        settings: VisitSettings::default(),
        emc: EmcSettings::default(),
        policy,
        identity,
        stub_beacon: false,
        command_line: Vec::new(),
    });
    Stand { web, pool, visitor }
}

impl Stand {
    async fn visit(&self, site: &str, engine: Engine) -> VisitOutput {
        let request = VisitRequest {
            listed: ListedSite::new(site.parse().unwrap(), Role::Component),
            visit: 1,
            engine,
            settled: Arc::new(|observation: &Observation| {
                observation
                    .requests
                    .iter()
                    .any(|request| request.url.contains("/tracking"))
            }),
        };
        let lease = self.pool.lease(engine).await.unwrap();
        self.visitor.visit(&lease, &request).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_sees_code_beacon_and_badge() {
    let stand = stand("sites").await;
    for engine in [Engine::Shell, Engine::Chrome] {
        let output = stand.visit("stp.tinhmau.gov.vn", engine).await;
        let seen = &output.observation;
        std::fs::create_dir_all(format!("/tmp/look/{engine:?}")).unwrap();
        for file in &output.files {
            std::fs::write(format!("/tmp/look/{engine:?}/{}", file.name), &file.bytes).unwrap();
        }
        std::fs::write(
            format!("/tmp/look/{engine:?}/o.json"),
            serde_json::to_vec_pretty(seen).unwrap(),
        )
        .unwrap();
        assert_eq!(seen.document.status, Some(200), "{:?}", seen.attempts);
    }
    stand.pool.close().await;
    stand.web.shutdown().await;
}
