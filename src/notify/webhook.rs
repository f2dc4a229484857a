//! By a webhook: the message as JSON, signed, so that its receiver knows whom it is from and how old it is.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use url::Url;

use super::channels::{ChannelsError, DeliveryError, PATIENCE, client_through, secret, web};
use super::mail::with_causes;
use super::message::Message;
use crate::bundle::hex;
use crate::network::Proxy;
use crate::settings::WebhookSettings;

const TIMESTAMP: &str = "Emc-Audit-Timestamp";
const SIGNATURE: &str = "Emc-Audit-Signature";
/// The same in every attempt.
const ID: &str = "Emc-Audit-Message";

pub(super) struct Webhook {
    client: reqwest::Client,
    url: Url,
    signer: Hmac<Sha256>,
}

impl std::fmt::Debug for Webhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Webhook")
            .field("server", &self.url.origin().ascii_serialization())
            .finish_non_exhaustive()
    }
}

impl Webhook {
    pub fn new(
        settings: &WebhookSettings,
        trusted: &[Vec<u8>],
        proxy: Option<&Proxy>,
    ) -> Result<Self, ChannelsError> {
        Ok(Self {
            client: client_through(proxy, PATIENCE, trusted)?,
            url: web("notify.webhook.url", &settings.url)?,
            signer: signer(&secret("notify.webhook.secret_file", &settings.secret_file)?)?,
        })
    }

    pub async fn send(&self, message: &Message) -> Result<(), DeliveryError> {
        let body = serde_json::to_vec(message).map_err(|cause| DeliveryError::Http(cause.to_string()))?;
        let at = Timestamp::now().as_second();
        let answer = self
            .client
            .post(self.url.clone())
            .header("Content-Type", "application/json")
            .header("User-Agent", crate::PROGRAM.replace(' ', "/"))
            .header(ID, &message.id)
            .header(TIMESTAMP, at)
            .header(SIGNATURE, signature(self.signer.clone(), at, &body))
            .body(body)
            .send()
            .await
            // The address may hold a token.
            .map_err(|cause| DeliveryError::Http(with_causes(&cause.without_url())))?;
        if answer.status().is_success() {
            Ok(())
        } else {
            Err(DeliveryError::Status(answer.status().as_u16()))
        }
    }
}

/// What signs with a secret; any length will do.
fn signer(secret: &str) -> Result<Hmac<Sha256>, ChannelsError> {
    Hmac::new_from_slice(secret.as_bytes()).map_err(|cause| ChannelsError::Tls(cause.to_string()))
}

/// `v1=` and the HMAC-SHA256, in hexadecimal digits, of the timestamp in seconds, a full stop, and the body.
fn signature(mut mac: Hmac<Sha256>, at: i64, body: &[u8]) -> String {
    mac.update(format!("{at}.").as_bytes());
    mac.update(body);
    format!("v1={}", hex(&mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_signature_is_of_the_time_and_the_body() {
        // printf '%s' '1795716601.{"a":1}' | openssl dgst -sha256 -hmac khóa
        let known = "v1=cce30f528a7ec613c33b2cd55921c389cbe31cfa05d4c69548b073aafc68523a";
        let signed = |secret: &str, at: i64| signature(signer(secret).unwrap(), at, b"{\"a\":1}");
        assert_eq!(signed("khóa", 1_795_716_601), known);
        assert_ne!(signed("khóa", 1_795_716_602), known);
        assert_ne!(signed("khoá", 1_795_716_601), known);
    }
}
