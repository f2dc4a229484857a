//! The ways by which messages go, made from the settings and tried as far as that goes without sending.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;

use super::mail::Mailer;
use super::message::Message;
use super::webhook::Webhook;
use crate::network::Proxy;
use crate::settings::{Settings, When};

/// One attempt to deliver.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);
const SECRET_MAX: u64 = 4096;
const PEM: &[u8] = b"-----BEGIN CERTIFICATE-----";
/// No proxy knows what listens on this machine.
const NEVER_PROXIED: &str = "localhost,127.0.0.0/8,::1";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChannelKind {
    Mail,
    Webhook,
}

impl ChannelKind {
    pub const ALL: [Self; 2] = [Self::Mail, Self::Webhook];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Webhook => "webhook",
        }
    }
}

/// Why settings name no way to send.
#[derive(Debug, thiserror::Error)]
pub enum ChannelsError {
    #[error("{key}: {value:?} is not right: {reason}")]
    Wrong {
        key: &'static str,
        value: String,
        reason: String,
    },
    #[error("{key}: {source}")]
    File { key: &'static str, source: io::Error },
    #[error("{key}: nothing is in {path}")]
    EmptySecret { key: &'static str, path: PathBuf },
    /// It would go over the network in the clear.
    #[error("a password and tls = \"none\"")]
    PlainPassword,
    #[error("{0}")]
    Tls(String),
}

/// Why a message did not arrive; another attempt may help.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    #[error("{0}")]
    Mail(String),
    #[error("{0}")]
    Http(String),
    #[error("answered with status {0}")]
    Status(u16),
}

/// Both ways, where they are set.
#[derive(Debug, Default)]
pub struct Channels {
    pub base_url: Option<Url>,
    mail: Option<(Mailer, Vec<When>)>,
    webhook: Option<(Webhook, Vec<When>)>,
}

impl Channels {
    /// # Errors
    /// What cannot be sent by, and why: an address, a file that is not there, an empty secret.
    pub fn of(settings: &Settings) -> Result<Self, ChannelsError> {
        let notify = &settings.notify;
        let base_url = notify.base_url.as_ref().map(|text| web("notify.base_url", text));
        let mut base_url = base_url.transpose()?;
        if let Some(url) = &mut base_url
            && !url.path().ends_with('/')
        {
            url.set_path(&format!("{}/", url.path()));
        }
        let trusted = trusted(&settings.network.extra_ca)?;
        let mail = match &notify.mail {
            Some(mail) => Some((Mailer::new(mail, &trusted)?, mail.when.clone())),
            None => None,
        };
        let webhook = match &notify.webhook {
            Some(webhook) => {
                let proxy = settings.network.proxy.as_ref();
                Some((Webhook::new(webhook, &trusted, proxy)?, webhook.when.clone()))
            }
            None => None,
        };
        Ok(Self {
            base_url,
            mail,
            webhook,
        })
    }

    /// Those that are set.
    pub fn kinds(&self) -> Vec<ChannelKind> {
        let is_set = |kind: &ChannelKind| self.when(*kind).is_some();
        ChannelKind::ALL.into_iter().filter(is_set).collect()
    }

    /// Those by which this message is to go.
    pub fn wanted(&self, message: &Message) -> Vec<ChannelKind> {
        let wants = |kind: &ChannelKind| self.when(*kind).is_some_and(|when| message.is_wanted(when));
        ChannelKind::ALL.into_iter().filter(wants).collect()
    }

    fn when(&self, kind: ChannelKind) -> Option<&[When]> {
        match kind {
            ChannelKind::Mail => self.mail.as_ref().map(|(_, when)| when.as_slice()),
            ChannelKind::Webhook => self.webhook.as_ref().map(|(_, when)| when.as_slice()),
        }
    }

    /// One attempt. Nothing where the way is no longer set.
    pub async fn send(&self, kind: ChannelKind, message: &Message) -> Option<Result<(), DeliveryError>> {
        Some(match kind {
            ChannelKind::Mail => self.mail.as_ref()?.0.send(message).await,
            ChannelKind::Webhook => self.webhook.as_ref()?.0.send(message).await,
        })
    }
}

/// A client of its own for each use: no proxy, no cookies, no redirects, nothing kept.
///
/// # Errors
/// When a certificate cannot be used.
pub fn http_client(patience: Duration, trusted: &[Vec<u8>]) -> Result<reqwest::Client, ChannelsError> {
    client_through(None, patience, trusted)
}

/// The same, by way of a proxy where there is one.
pub(super) fn client_through(
    proxy: Option<&Proxy>,
    patience: Duration,
    trusted: &[Vec<u8>],
) -> Result<reqwest::Client, ChannelsError> {
    // Another part of the program may have been first.
    if rustls::crypto::CryptoProvider::get_default().is_none()
        && rustls::crypto::ring::default_provider()
            .install_default()
            .is_err()
    {
        tracing::debug!("the cryptography was chosen in the same moment");
    }
    let tls = |cause: reqwest::Error| ChannelsError::Tls(cause.to_string());
    let certificates = trusted
        .iter()
        .map(|bytes| {
            if is_pem(bytes) {
                reqwest::Certificate::from_pem_bundle(bytes)
            } else {
                reqwest::Certificate::from_der(bytes).map(|one| vec![one])
            }
        })
        .collect::<Result<Vec<_>, _>>()
        .map_err(tls)?;
    let mut builder = reqwest::Client::builder().no_proxy();
    if let Some(proxy) = proxy {
        builder = builder.proxy(way_through(proxy)?);
    }
    builder
        .redirect(reqwest::redirect::Policy::none())
        .tls_certs_merge(certificates.into_iter().flatten())
        .timeout(patience)
        .build()
        .map_err(tls)
}

fn way_through(proxy: &Proxy) -> Result<reqwest::Proxy, ChannelsError> {
    let server = proxy.server();
    let wrong = |reason: String| ChannelsError::Wrong {
        key: "network.proxy",
        value: server.clone(),
        reason,
    };
    if !matches!(server.split(':').next(), Some("http" | "https")) {
        return Err(wrong("webhooks: http, https".to_owned()));
    }
    let way = reqwest::Proxy::all(&server)
        .map_err(|cause| wrong(cause.to_string()))?
        .no_proxy(reqwest::NoProxy::from_string(NEVER_PROXIED));
    Ok(match proxy.login() {
        Some(login) => way.basic_auth(&login.user, &login.password),
        None => way,
    })
}

pub(super) fn is_pem(bytes: &[u8]) -> bool {
    bytes.windows(PEM.len()).any(|window| window == PEM)
}

fn trusted(files: &[PathBuf]) -> Result<Vec<Vec<u8>>, ChannelsError> {
    let read = files.iter().map(fs_err::read).collect::<io::Result<_>>();
    read.map_err(|source| ChannelsError::File {
        key: "network.extra_ca",
        source,
    })
}

/// An address of the web.
pub(super) fn web(key: &'static str, text: &str) -> Result<Url, ChannelsError> {
    let wrong = |reason: String| ChannelsError::Wrong {
        key,
        value: text.to_owned(),
        reason,
    };
    let url = Url::parse(text).map_err(|cause| wrong(cause.to_string()))?;
    if matches!(url.scheme(), "http" | "https") {
        Ok(url)
    } else {
        Err(wrong("http or https".to_owned()))
    }
}

/// What lies in a file of secrets, without the end of its line.
pub(super) fn secret(key: &'static str, path: &Path) -> Result<String, ChannelsError> {
    use io::Read;
    let mut text = String::new();
    fs_err::File::open(path)
        .and_then(|file| file.take(SECRET_MAX).read_to_string(&mut text))
        .map_err(|source| ChannelsError::File { key, source })?;
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        return Err(ChannelsError::EmptySecret {
            key,
            path: path.to_path_buf(),
        });
    }
    Ok(secret.to_owned())
}
