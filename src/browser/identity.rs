//! Who the robot says it is: an ordinary Chrome, in header, client hints and `navigator` alike.

use chromiumoxide::cdp::browser_protocol::emulation::{
    SetUserAgentOverrideParams, UserAgentBrandVersion, UserAgentMetadata,
};

/// The visitor that pages see.
#[derive(Debug, Clone)]
pub struct Identity {
    pub user_agent: String,
    /// Languages in the order of preference; Chromium makes `Accept-Language` with its weights and
    /// `navigator.languages` of them.
    pub accept_language: String,
    major: String,
    full_version: String,
}

impl Identity {
    /// The identity of an ordinary Chrome of `version` (`156.0.8078.79`), with an optional contact
    /// token that lets an administrator ask who is visiting.
    pub fn chrome(version: &str, locale: &str, contact: Option<&str>) -> Self {
        let major = version.split('.').next().unwrap_or("0").to_owned();
        let token = contact.map(|contact| format!(" {contact}")).unwrap_or_default();
        let user_agent = format!(
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{major}.0.0.0 Safari/537.36{token}"
        );
        let language = locale.split('-').next().unwrap_or(locale);
        let accept_language = format!("{locale},{language},en-US,en");
        Self {
            user_agent,
            accept_language,
            major,
            full_version: version.to_owned(),
        }
    }

    pub(super) fn user_agent_override(&self) -> SetUserAgentOverrideParams {
        let brands = |version: &str| {
            vec![
                UserAgentBrandVersion::new("Google Chrome", version),
                UserAgentBrandVersion::new("Chromium", version),
                UserAgentBrandVersion::new("Not=A?Brand", "24"),
            ]
        };
        let metadata = UserAgentMetadata {
            brands: Some(brands(&self.major)),
            full_version_list: Some(brands(&self.full_version)),
            platform: "Linux".to_owned(),
            platform_version: "6.1.0".to_owned(),
            architecture: "x86".to_owned(),
            model: String::new(),
            mobile: false,
            bitness: Some("64".to_owned()),
            wow64: Some(false),
            form_factors: None,
        };
        let mut params = SetUserAgentOverrideParams::new(self.user_agent.clone());
        params.accept_language = Some(self.accept_language.clone());
        params.platform = Some("Linux x86_64".to_owned());
        params.user_agent_metadata = Some(metadata);
        params
    }
}
