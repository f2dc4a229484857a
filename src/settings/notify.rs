//! `[notify]`: who is told of runs, and how. Secrets are not here: they lie in files that these settings name.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NotifySettings {
    /// Where the page of reviewers is, for links: `https://emc.p.gov.vn/`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail: Option<MailSettings>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook: Option<WebhookSettings>,
}

/// `[notify.mail]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailSettings {
    pub server: String,
    /// Else the usual one: 587 with `starttls`, 465 with `tls`, 25 with `none`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    #[serde(default)]
    pub tls: MailTls,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_file: Option<PathBuf>,
    /// `EMC <emc@p.gov.vn>`
    pub from: String,
    pub to: Vec<String>,
    #[serde(default = "usual")]
    pub when: Vec<When>,
}

/// `[notify.webhook]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookSettings {
    pub url: String,
    /// What messages are signed with.
    pub secret_file: PathBuf,
    #[serde(default = "usual")]
    pub when: Vec<When>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTls {
    /// In the clear first, then necessarily encrypted.
    #[default]
    Starttls,
    /// Encrypted from the first byte.
    Tls,
    /// Never; no password is sent then, but to this machine.
    None,
}

/// On what occasion somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum When {
    /// Every finished run.
    Run,
    /// A finished run in which a site changed for the worse.
    Worse,
    /// A run that could not be made.
    Failed,
}

fn usual() -> Vec<When> {
    vec![When::Worse, When::Failed]
}

impl NotifySettings {
    /// The same to be shown: an address may hold a token that lets its holder post.
    pub(super) fn presentable(&self) -> Self {
        let mut shown = self.clone();
        if let Some(webhook) = &mut shown.webhook {
            let server = url::Url::parse(&webhook.url).map(|url| url.origin().ascii_serialization());
            webhook.url = server.unwrap_or_default();
        }
        shown
    }
}
