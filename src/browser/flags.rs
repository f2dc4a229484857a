//! The flags that Chromium is started with: one list of our own, so that nothing is left to the
//! defaults of a library or of the distribution.

use std::path::PathBuf;
use std::sync::Arc;

use super::trust::TrustStore;
use crate::network::Proxy;
use crate::observation::Engine;

/// What a browser process is started with.
#[derive(Debug, Clone)]
pub struct LaunchOptions {
    pub program: PathBuf,
    pub engine: Engine,
    /// Off only where the kernel leaves no choice (running as root).
    pub sandbox: bool,
    pub user_agent: String,
    /// Heap limit of each page's script, MiB.
    pub script_memory_mib: u32,
    /// `MAP` rules for Chromium's resolver.
    pub host_rules: Vec<String>,
    pub proxy: Option<Proxy>,
    /// Certificates to trust besides the browser's own list.
    pub trust: Option<Arc<TrustStore>>,
    pub locale: String,
    pub time_zone: String,
    pub viewport: (u32, u32),
}

/// Always on. Each entry either stops requests of Chromium's own, keeps the measurement steady, or
/// makes the robot look like the visitor it stands for.
const COMMON: &[&str] = &[
    "--remote-debugging-pipe",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-service-autorun",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-component-extensions-with-background-pages",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-field-trial-config",
    "--disable-sync",
    "--disable-quic",
    "--disable-breakpad",
    "--disable-crash-reporter",
    "--disable-client-side-phishing-detection",
    "--disable-search-engine-choice-screen",
    "--disable-notifications",
    "--disable-print-preview",
    "--metrics-recording-only",
    "--no-pings",
    "--password-store=basic",
    "--use-mock-keychain",
    // Several pages share a process pool; none of them may be slowed down because it is "hidden".
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-ipc-flooding-protection",
    "--disable-hang-monitor",
    // `navigator.webdriver` would tell that no person is there.
    "--disable-blink-features=AutomationControlled",
    // Without a screen both engines say that there is no mouse, and pages hide what they keep for those who
    // have one: it can hover (2), and is fine (4).
    "--blink-settings=primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4",
    // Besides what asks for things on its own: a process that waits for the next page of a context that sees one
    // page only, and interface pages of windows that nobody sees. They cost a quarter of a visit in the full browser.
    "--disable-features=Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider,\
     CertificateTransparencyComponentUpdater,AutofillServerCommunication,InterestFeedContentSuggestions,\
     HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,HttpsFirstModeV2,LocalNetworkAccessChecks,\
     PrivacySandboxSettings4,SafeBrowsingHashPrefixRealTimeLookups,SpareRendererForSitePerProcess,\
     PreloadTopChromeWebUI,WebUIOmniboxPopup,WebUIOmniboxFullPopup,InitialWebUI,WebUIReloadButton",
    "--disable-gpu",
    "--mute-audio",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
    "--disable-lcd-text",
    "--autoplay-policy=user-gesture-required",
];

impl LaunchOptions {
    /// The whole list, without program and profile folder.
    pub fn flags(&self) -> Vec<String> {
        let mut flags: Vec<String> = COMMON.iter().map(|flag| (*flag).to_owned()).collect();
        match self.engine {
            Engine::Chrome => flags.push("--headless=new".to_owned()),
            // The full browser blocks windows that nobody asked for; this engine has to be told.
            Engine::Shell => flags.push("--block-new-web-contents".to_owned()),
        }
        if !self.sandbox {
            flags.push("--no-sandbox".to_owned());
        }
        flags.push(format!("--lang={}", self.locale));
        flags.push(format!("--accept-lang={}", self.locale));
        flags.push(format!("--user-agent={}", self.user_agent));
        flags.push(format!("--window-size={},{}", self.viewport.0, self.viewport.1));
        flags.push(format!(
            "--js-flags=--max-old-space-size={}",
            self.script_memory_mib
        ));
        if !self.host_rules.is_empty() {
            flags.push(format!("--host-resolver-rules={}", self.host_rules.join(",")));
        }
        if let Some(proxy) = &self.proxy {
            flags.push(format!("--proxy-server={}", proxy.server()));
        }
        flags
    }
}
