//! The mail server: where it is, and one mail at a time to it (RFC 5321, over TLS by RFC 3207 or
//! RFC 8314).

use std::fmt;
use std::time::Duration;

use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{AsyncSmtpTransportBuilder, Error};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use reqwest::Url;

use crate::mail::Rendered;

/// For each command and its answer.
const COMMAND: Duration = Duration::from_secs(20);
/// For a whole mail; shorter than the time for which a server holds it.
const DEADLINE: Duration = Duration::from_secs(60);

/// Sends mails, each over a connection of its own. (lettre's pool starts a task when it is made and
/// one when it is dropped: settings are read where there is no runtime.)
#[derive(Clone)]
pub struct MailServer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    host: String,
    deadline: Duration,
}

impl fmt::Debug for MailServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MailServer").field(&self.host).finish()
    }
}

/// Why a mail was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotSent {
    /// In the mail server's words, where it had any.
    pub why: String,
    /// Trying again would change nothing.
    pub for_good: bool,
}

impl NotSent {
    fn again(why: impl Into<String>) -> Self {
        Self {
            why: why.into(),
            for_good: false,
        }
    }
}

/// Says that no person wrote it, so that no absence notice comes back (RFC 3834 §5).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

impl MailServer {
    /// `smtp://user:password@host:587` begins with STARTTLS, `smtps://…` with TLS;
    /// `smtp://127.0.0.1:25?tls=none` needs neither, on this machine only. `hello`: our own name.
    ///
    /// # Errors
    /// One sentence that says what is wrong with it, without the password.
    pub fn parse(text: &str, hello: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|_| "not a URL like smtp://mail.example.com:587")?;
        let host = url
            .host_str()
            .filter(|host| !host.is_empty())
            .ok_or("it names no host")?
            .trim_matches(['[', ']'])
            .to_owned();
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err("it has a path: a mail server has none".to_owned());
        }
        let plain = match url.query() {
            None | Some("") => false,
            Some("tls=none") => true,
            Some(_) => return Err("?tls=none is the only query it may have".to_owned()),
        };
        let mut builder = match (url.scheme(), plain) {
            ("smtp", true) if is_loopback(&host) => Self::builder(&host, url.port().unwrap_or(25)),
            (_, true) => {
                return Err("?tls=none is for smtp:// on a loopback address only".to_owned());
            }
            ("smtp", false) => {
                Self::builder(&host, url.port().unwrap_or(587)).tls(Tls::Required(tls(&host)?))
            }
            ("smtps", false) => {
                Self::builder(&host, url.port().unwrap_or(465)).tls(Tls::Wrapper(tls(&host)?))
            }
            _ => return Err("it starts with neither smtp:// nor smtps://".to_owned()),
        };
        let decode = |part: &str| {
            let decoded = percent_encoding::percent_decode_str(part).decode_utf8();
            decoded
                .map(|text| text.into_owned())
                .map_err(|_| "its user or password is not UTF-8")
        };
        match (url.username(), url.password()) {
            ("", None) => {}
            ("", Some(_)) | (_, None) => {
                return Err("it has a user without a password, or the other way round".to_owned());
            }
            (user, Some(password)) => {
                builder = builder.credentials(Credentials::new(decode(user)?, decode(password)?));
            }
        }
        let transport = builder
            .hello_name(ClientId::Domain(hello.to_owned()))
            .build();
        Ok(Self {
            transport,
            host,
            deadline: DEADLINE,
        })
    }

    fn builder(host: &str, port: u16) -> AsyncSmtpTransportBuilder {
        AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(port)
            .timeout(Some(COMMAND))
    }

    /// Gives a mail up after this time.
    #[must_use]
    pub fn with_deadline(self, deadline: Duration) -> Self {
        Self { deadline, ..self }
    }

    pub fn host(&self) -> &str {
        &self.host
    }

    /// Hands one mail over. `id` names it in its `Message-ID`, the same each time: a mailbox that
    /// gets it twice may drop the second one.
    ///
    /// # Errors
    /// [`NotSent`].
    pub async fn send(
        &self,
        from: &str,
        to: &str,
        id: &str,
        mail: Rendered,
    ) -> Result<(), NotSent> {
        let message = message(from, to, id, mail).map_err(|why| NotSent {
            why,
            for_good: true,
        })?;
        match tokio::time::timeout(self.deadline, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(not_sent(&error)),
            Err(_) => Err(NotSent::again("the mail server did not answer in time")),
        }
    }
}

fn tls(host: &str) -> Result<TlsParameters, String> {
    TlsParameters::new(host.to_owned()).map_err(|error| error.to_string())
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host
            .parse()
            .is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

/// What a sender's address may look like: `Claviger <no-reply@example.com>`.
///
/// # Errors
/// One sentence that says what is wrong with it.
pub fn parse_sender(text: &str) -> Result<Mailbox, String> {
    text.parse()
        .map_err(|_| "not an address like Claviger <no-reply@example.com>".to_owned())
}

fn message(from: &str, to: &str, id: &str, mail: Rendered) -> Result<Message, String> {
    let to: Address = to
        .parse()
        .map_err(|_| "this is no address that mail goes to".to_owned())?;
    let from = parse_sender(from)?;
    let domain = from.email.domain().to_owned();
    Message::builder()
        .from(from)
        .to(Mailbox::new(None, to))
        .subject(mail.subject)
        .message_id(Some(format!("<{id}@{domain}>")))
        .header(AutoSubmitted)
        .multipart(
            MultiPart::alternative()
                .singlepart(part(ContentType::TEXT_PLAIN, mail.text))
                .singlepart(part(ContentType::TEXT_HTML, mail.html)),
        )
        .map_err(|error| error.to_string())
}

fn part(kind: ContentType, body: String) -> SinglePart {
    SinglePart::builder().header(kind).body(body)
}

/// A refusal for good is a 5yz answer (RFC 5321 §4.2.1), but for those that say nothing of this
/// mail: the server wants other credentials (530 to 538), or knows no such command (500 to 504).
fn not_sent(error: &Error) -> NotSent {
    let code = error
        .status()
        .and_then(|code| code.to_string().parse::<u16>().ok());
    let ours = |code: u16| matches!(code, 500 | 502..=504 | 530..=538);
    NotSent {
        why: reason(error),
        for_good: code.is_some_and(|code| code >= 500 && !ours(code)),
    }
}

/// The error with its causes, the innermost last.
fn reason(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_servers_url_is_read() {
        for (text, host) in [
            (
                "smtp://user:pass%40word@mail.example.com:587",
                "mail.example.com",
            ),
            ("smtps://mail.example.com", "mail.example.com"),
            ("smtp://127.0.0.1:2525?tls=none", "127.0.0.1"),
            ("smtp://[::1]:2525?tls=none", "::1"),
            ("smtp://localhost?tls=none", "localhost"),
        ] {
            let server = MailServer::parse(text, "id.example").unwrap();
            assert_eq!(server.host(), host);
            assert!(!format!("{server:?}").contains("word"));
        }
    }

    #[test]
    fn a_url_that_is_wrong_is_told_why() {
        for (text, said) in [
            ("mail.example.com", "not a URL"),
            ("smtp://", "names no host"),
            ("https://mail.example.com", "neither smtp"),
            ("smtp://mail.example.com?tls=none", "loopback"),
            ("smtps://127.0.0.1?tls=none", "loopback"),
            ("smtp://127.0.0.1?tls=maybe", "only query"),
            ("smtp://user@mail.example.com", "without a password"),
            ("smtp://mail.example.com/inbox", "path"),
        ] {
            let problem = MailServer::parse(text, "id.example").unwrap_err();
            assert!(problem.contains(said), "{text}: {problem}");
        }
    }

    #[test]
    fn a_message_has_both_forms_and_no_second_header() {
        let from = "Claviger <no-reply@id.example>";
        let mail = Rendered {
            subject: "Hi\r\nBcc: eve@example.com".to_owned(),
            text: "text".to_owned(),
            html: "<p>html</p>".to_owned(),
        };
        let message = message(from, "ada@example.com", "17", mail).unwrap();
        let text = String::from_utf8(message.formatted()).unwrap();
        assert!(text.contains("Message-ID: <17@id.example>"));
        assert!(text.contains("Auto-Submitted: auto-generated"));
        assert!(text.contains("multipart/alternative"));
        assert!(!text.lines().any(|line| line.starts_with("Bcc:")));
        let envelope = message.envelope();
        assert_eq!(envelope.to().len(), 1);
    }

    #[test]
    fn an_address_that_is_none_gets_no_mail() {
        for to in ["", "ada", "ada@example.com\r\nRCPT TO:<eve@example.com>"] {
            let mail = Rendered {
                subject: String::new(),
                text: String::new(),
                html: String::new(),
            };
            assert!(
                message("no-reply@id.example", to, "17", mail).is_err(),
                "{to}"
            );
        }
    }
}
