//! How mails look: from what one holds to its subject, its text and its HTML.
//!
//! Pure, like `domain`: no clock, no database, nothing is sent from here. `words` says what each
//! mail says, `layout` how all of them look. To add a mail: its variant of
//! [`MailContent`], and its arm in [`words::of`].

mod layout;
mod words;

use crate::domain::mail::MailContent;

/// What becomes of mails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    Sent,
    /// Nothing sends them: administrators hand them over.
    Kept,
}

/// Whose mails these are.
#[derive(Clone, Debug)]
pub struct Sender {
    /// As people know the service.
    pub name: String,
    /// The host of its public URL.
    pub host: String,
}

/// A mail as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// The mail that holds this.
pub fn render(content: &MailContent, sender: &Sender) -> Rendered {
    let words = words::of(content, sender);
    Rendered {
        text: layout::text(&words, sender),
        html: layout::html(&words, sender),
        subject: words.heading,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sender() -> Sender {
        Sender {
            name: "Example & Sons".to_owned(),
            host: "id.example.com".to_owned(),
        }
    }

    fn reset() -> MailContent {
        MailContent::PasswordReset {
            username: "<b>mira</b>".to_owned(),
            link: "https://id.example.com/reset?token=clv_ml_x&y".to_owned(),
        }
    }

    #[test]
    fn nothing_that_people_wrote_is_markup() {
        let mail = render(&reset(), &sender());
        assert!(mail.html.contains("&lt;b&gt;mira&lt;/b&gt;"));
        assert!(mail.html.contains("Example &amp; Sons"));
        assert!(!mail.html.contains("<b>mira"));
        assert!(mail.text.contains("<b>mira</b>"));
    }

    #[test]
    fn the_link_stands_in_both_forms() {
        let mail = render(&reset(), &sender());
        assert!(
            mail.text
                .contains("https://id.example.com/reset?token=clv_ml_x&y")
        );
        let href = "href=\"https://id.example.com/reset?token=clv_ml_x&amp;y\"";
        assert_eq!(mail.html.matches(href).count(), 2);
        // A filter that knows nothing but the subject and the preview learns nothing.
        assert!(!mail.subject.contains("clv_"));
    }

    #[test]
    fn a_mail_is_small_and_loads_nothing() {
        for content in [
            reset(),
            MailContent::Test {
                username: "ada".to_owned(),
            },
            MailContent::PasswordChanged {
                username: "ada".to_owned(),
                at: "2026-11-27T21:26:02Z".to_owned(),
            },
        ] {
            let mail = render(&content, &sender());
            assert!(mail.html.len() < 12_000);
            for word in ["<img", "src=", "<script", "<link", "url("] {
                assert!(!mail.html.contains(word), "{word}");
            }
            assert!(!mail.subject.contains(['\r', '\n']));
            assert!(mail.text.lines().all(|line| line.len() < 900));
        }
    }
}
