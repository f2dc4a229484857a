//! What is reached from here: the browser starts, names resolve, EMC answers and nobody stands between.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use url::Url;

use super::Remark;
use crate::browser::{BrowserError, BrowserPool, Identity, TrustStore, installed_version};
use crate::commands::auditing::trust_store;
use crate::commands::{CommandError, failed};
use crate::dispatch::{Reach, Reached, pool_options};
use crate::inventory::SiteList;
use crate::network::{AddressPolicy, ConnectToRules, PolicyOptions, Proxy, is_private};
use crate::observation::Engine;
use crate::settings::Settings;

/// A clock that is further off makes certificates and times in the evidence doubtful.
const CLOCK_SECONDS: i64 = 60;

pub(super) fn look_at(
    settings: &Settings,
    engines: &HashMap<Engine, PathBuf>,
    list: Option<&SiteList>,
    offline: bool,
) -> Result<Vec<Remark>, CommandError> {
    let trust = trust_store(settings)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(failed)?;
    let remarks = runtime.block_on(async {
        if offline {
            return browsers(settings, engines, None, trust).await;
        }
        let mut remarks = vec![names(settings).await];
        remarks.append(&mut browsers(settings, engines, Some(&settings.emc.script_url), trust).await);
        if let Some(list) = list {
            remarks.push(private_sites(settings, list).await);
        }
        remarks
    });
    Ok(remarks)
}

fn policy(settings: &Settings) -> AddressPolicy {
    AddressPolicy::new(PolicyOptions {
        connect_to: ConnectToRules::new(settings.network.connect_to.clone()),
        allow_private: settings.network.allow_private,
        allow_private_for: settings.network.allow_private_for.clone(),
        proxied: settings.network.proxy.is_some(),
    })
}

async fn names(settings: &Settings) -> Remark {
    let host = settings.emc.hosts.first().cloned().unwrap_or_default();
    let Ok(url) = Url::parse(&format!("https://{host}/")) else {
        return Remark::warning("names_unknown").with("host", host);
    };
    let policy = policy(settings);
    if settings.network.proxy.is_some() || policy.is_local(&url).await {
        return Remark::good("names_elsewhere").with("host", host);
    }
    let addresses = policy.addresses(&url).await;
    if addresses.is_empty() {
        return Remark::problem("names_fail").with("host", host);
    }
    let listed: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    Remark::good("names_good")
        .with("host", host)
        .with("addresses", listed.join(", "))
}

/// Each engine is started; the first that works asks for `script`, if there is one.
async fn browsers(
    settings: &Settings,
    engines: &HashMap<Engine, PathBuf>,
    script: Option<&str>,
    trust: Option<Arc<TrustStore>>,
) -> Vec<Remark> {
    let version = engines.values().find_map(|program| installed_version(program));
    let locale = &settings.visit.locale;
    let identity = Arc::new(Identity::chrome(&version.unwrap_or_default(), locale, None));
    let connect_to = ConnectToRules::new(settings.network.connect_to.clone());
    let sandbox = !rustix::process::geteuid().is_root();
    let options = pool_options(settings, engines, sandbox, &identity, &connect_to, trust.as_ref());
    let pool = Arc::new(BrowserPool::new(options));
    let (mut remarks, mut script) = (Vec::new(), script);
    for engine in [Engine::Shell, Engine::Chrome] {
        if !engines.contains_key(&engine) {
            continue;
        }
        let reach = Reach {
            pool: Arc::clone(&pool),
            engine,
            identity: Arc::clone(&identity),
            gate: None,
        };
        let before = Timestamp::now();
        let asked = match script {
            Some(url) => ask(&reach, url).await.map(Some),
            None => pool.lease(engine).await.map(|_| None),
        };
        match asked {
            Ok(reached) => {
                remarks.push(Remark::good("starts_good").with("engine", engine.as_str()));
                if let Some((reached, distrust)) = reached {
                    let proxy = settings.network.proxy.as_ref();
                    remarks.extend(answer(script.unwrap_or_default(), &reached, distrust, proxy));
                    remarks.extend(clock(&reached, before));
                    script = None;
                }
            }
            Err(error) => remarks.push(
                Remark::problem("starts_not")
                    .with("engine", engine.as_str())
                    .with("error", error),
            ),
        }
    }
    pool.close().await;
    remarks
}

/// What answers at `url`, and why its certificate is not trusted.
async fn ask(reach: &Reach, url: &str) -> Result<(Reached, Option<String>), BrowserError> {
    Ok((reach.ask(url).await?, reach.certificate_error(url).await?))
}

/// EMC's script, or somebody who answers in its place.
fn answer(url: &str, reached: &Reached, distrust: Option<String>, proxy: Option<&Proxy>) -> Vec<Remark> {
    let Some(status) = reached.status else {
        let error = reached.error.clone().unwrap_or_default();
        let remark = match proxy {
            Some(proxy) => Remark::problem("emc_proxy_silent").with("proxy", proxy.server()),
            None => Remark::problem("emc_unreached"),
        };
        return vec![remark.with("url", url).with("error", error)];
    };
    let mime = reached.mime_type.clone().unwrap_or_default();
    let remark = if status >= 400 {
        Remark::problem("emc_error")
    } else if !mime.contains("javascript") && !mime.contains("ecmascript") {
        // A filter answers with a page of its own.
        Remark::problem("emc_filtered")
    } else {
        Remark::good("emc_good")
    };
    let mut remarks = vec![remark.with("url", url).with("status", status).with("mime", mime)];
    if let Some(issuer) = &reached.certificate_issuer {
        remarks.push(match distrust {
            Some(error) => Remark::problem("emc_untrusted")
                .with("issuer", issuer)
                .with("error", error),
            None => Remark::good("emc_certificate").with("issuer", issuer),
        });
    }
    remarks
}

/// The server's clock against ours; the answer lies between `before` and now.
fn clock(reached: &Reached, before: Timestamp) -> Option<Remark> {
    let date = reached.header("date")?;
    let theirs = jiff::fmt::rfc2822::parse(date).ok()?.timestamp();
    let after = Timestamp::now();
    let early = before.as_second() - theirs.as_second();
    let late = theirs.as_second() - after.as_second();
    let off = early.max(late).max(0);
    let remark = if off > CLOCK_SECONDS {
        Remark::problem("clock_off")
    } else {
        Remark::good("clock_good")
    };
    Some(remark.with("seconds", off))
}

/// How many listed sites are in private networks, which are refused unless allowed.
async fn private_sites(settings: &Settings, list: &SiteList) -> Remark {
    if settings.network.proxy.is_some() {
        return Remark::good("private_unknown").with("sites", list.sites.len());
    }
    let policy = policy(settings);
    let (mut private, mut refused, mut silent) = (0, 0, 0);
    for listed in &list.sites {
        let Ok(url) = Url::parse(&listed.url) else {
            continue;
        };
        let addresses = policy.addresses(&url).await;
        silent += usize::from(addresses.is_empty() && !policy.is_local(&url).await);
        private += usize::from(addresses.iter().any(|address| is_private(*address)));
        refused += usize::from(policy.refusal_for_site(&url).await.is_some());
    }
    let remark = if refused > 0 {
        Remark::warning("private_refused")
    } else {
        Remark::good("private_good")
    };
    remark
        .with("sites", list.sites.len())
        .with("private", private)
        .with("refused", refused)
        .with("silent", silent)
}
