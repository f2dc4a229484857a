//! By e-mail.

use lettre::address::Envelope;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message as Mail};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use super::channels::{ChannelsError, DeliveryError, PATIENCE, is_pem, secret};
use super::message::Message;
use crate::settings::{MailSettings, MailTls};

/// A server that takes mail, and whom it is for.
pub(super) struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    to: Vec<Mailbox>,
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The transport holds the password.
        f.debug_struct("Mailer")
            .field("from", &self.from)
            .field("to", &self.to)
            .finish_non_exhaustive()
    }
}

impl Mailer {
    pub fn new(settings: &MailSettings, trusted: &[Vec<u8>]) -> Result<Self, ChannelsError> {
        let from = mailbox("notify.mail.from", &settings.from)?;
        let to = settings.to.iter().map(|text| mailbox("notify.mail.to", text));
        let to: Vec<Mailbox> = to.collect::<Result<_, _>>()?;
        if to.is_empty() {
            return Err(ChannelsError::Wrong {
                key: "notify.mail.to",
                value: String::new(),
                reason: "nobody is named".to_owned(),
            });
        }
        let usual = match settings.tls {
            MailTls::Starttls => 587,
            MailTls::Tls => 465,
            MailTls::None => 25,
        };
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.server)
            .port(settings.port.unwrap_or(usual))
            .tls(tls(settings, trusted)?)
            .timeout(Some(PATIENCE));
        if let Some(credentials) = credentials(settings)? {
            transport = transport.credentials(credentials);
        }
        Ok(Self {
            transport: transport.build(),
            from,
            to,
        })
    }

    pub async fn send(&self, message: &Message) -> Result<(), DeliveryError> {
        let (envelope, bytes) = self.mail(message)?;
        let sent = tokio::time::timeout(2 * PATIENCE, self.transport.send_raw(&envelope, &bytes)).await;
        match sent {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(cause)) => Err(DeliveryError::Mail(with_causes(&cause))),
            Err(late) => Err(DeliveryError::Mail(late.to_string())),
        }
    }

    /// A header is one line whatever a name has in it: the builder encodes what is not plain.
    fn mail(&self, message: &Message) -> Result<(Envelope, Vec<u8>), DeliveryError> {
        let own = self.from.email.domain();
        let mut mail = Mail::builder()
            .from(self.from.clone())
            .subject(one_line(&message.subject))
            .message_id(Some(format!("<{}@{own}>", message.id)))
            .date_now()
            // Nobody's holiday notice answers a program.
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ));
        for to in &self.to {
            mail = mail.to(to.clone());
        }
        let mail = mail
            .header(ContentType::TEXT_PLAIN)
            .body(message.text.clone())
            .map_err(|cause| DeliveryError::Mail(cause.to_string()))?;
        Ok((mail.envelope().clone(), mail.formatted()))
    }
}

fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

fn tls(settings: &MailSettings, trusted: &[Vec<u8>]) -> Result<Tls, ChannelsError> {
    if settings.tls == MailTls::None {
        return Ok(Tls::None);
    }
    let wrong = |cause: lettre::transport::smtp::Error| ChannelsError::Tls(cause.to_string());
    let mut parameters = TlsParameters::builder(settings.server.clone());
    for bytes in trusted {
        let certificate = if is_pem(bytes) {
            Certificate::from_pem(bytes)
        } else {
            Certificate::from_der(bytes.clone())
        };
        parameters = parameters.add_root_certificate(certificate.map_err(wrong)?);
    }
    let parameters = parameters.build_rustls().map_err(wrong)?;
    Ok(match settings.tls {
        MailTls::Tls => Tls::Wrapper(parameters),
        _ => Tls::Required(parameters),
    })
}

fn credentials(settings: &MailSettings) -> Result<Option<Credentials>, ChannelsError> {
    let (Some(user), Some(file)) = (&settings.user, &settings.password_file) else {
        return Ok(None);
    };
    let is_here = matches!(settings.server.as_str(), "localhost" | "127.0.0.1" | "::1");
    if settings.tls == MailTls::None && !is_here {
        return Err(ChannelsError::PlainPassword);
    }
    let password = secret("notify.mail.password_file", file)?;
    Ok(Some(Credentials::new(user.clone(), password)))
}

fn mailbox(key: &'static str, text: &str) -> Result<Mailbox, ChannelsError> {
    text.parse()
        .map_err(|cause: lettre::address::AddressError| ChannelsError::Wrong {
            key,
            value: text.to_owned(),
            reason: cause.to_string(),
        })
}

/// What went wrong, down to what the system said.
pub(super) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if more.contains(&text) {
            text = more;
        } else if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::message::MessageFacts;
    use super::*;
    use crate::language::Language;
    use crate::settings::When;

    fn settings() -> MailSettings {
        MailSettings {
            server: "127.0.0.1".to_owned(),
            port: Some(25),
            tls: MailTls::None,
            user: None,
            password_file: None,
            from: "Giám sát EMC <emc@p.gov.vn>".to_owned(),
            to: vec!["a@p.gov.vn".to_owned(), "b@p.gov.vn".to_owned()],
            when: vec![When::Run],
        }
    }

    fn written(subject: &str, text: &str) -> String {
        let facts = MessageFacts {
            list: "tinh",
            at: "2026-11-26T18:00:00Z".parse().unwrap(),
            base_url: None,
            language: Language::Vietnamese,
        };
        let mut message = Message::test(facts);
        subject.clone_into(&mut message.subject);
        text.clone_into(&mut message.text);
        let mailer = Mailer::new(&settings(), &[]).unwrap();
        let (envelope, bytes) = mailer.mail(&message).unwrap();
        assert_eq!(envelope.to().len(), 2);
        String::from_utf8(bytes).unwrap()
    }

    #[tokio::test]
    async fn a_name_with_line_breaks_makes_no_header() {
        let mail = written("a\r\nBcc: x@evil.vn\r\n\r\nnội dung", "thân");
        let (head, _) = mail.split_once("\r\n\r\n").unwrap();
        assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
        assert!(head.contains("Auto-Submitted: auto-generated"), "{head}");
    }

    #[tokio::test]
    async fn vietnamese_goes_through_servers_that_know_seven_bits() {
        let mail = written("3 trang xấu đi", "Sở Xây dựng: Đạt → Không đạt\n");
        assert!(mail.is_ascii(), "{mail}");
        assert!(mail.contains("=?utf-8?"), "the subject is encoded: {mail}");
    }

    #[tokio::test]
    async fn a_password_never_goes_out_in_the_clear() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("password");
        fs_err::write(&file, "mật khẩu\n").unwrap();
        let mut settings = settings();
        settings.user = Some("emc".to_owned());
        settings.password_file = Some(file.clone());
        let mailer = Mailer::new(&settings, &[]).unwrap();
        assert!(!format!("{mailer:?}").contains("mật khẩu"));
        "mail.p.gov.vn".clone_into(&mut settings.server);
        assert!(matches!(
            Mailer::new(&settings, &[]),
            Err(ChannelsError::PlainPassword)
        ));
        settings.tls = MailTls::Starttls;
        assert!(Mailer::new(&settings, &[]).is_ok());
        fs_err::write(&file, "\n").unwrap();
        assert!(matches!(
            Mailer::new(&settings, &[]),
            Err(ChannelsError::EmptySecret { .. })
        ));
    }
}
