//! The catalogue of rules: everything that Claviger refuses, it refuses by one of these.
//!
//! A rule's id is part of the outer contract: `error_uri` and the problem's `type` are
//! `{public_url}/rules/{id}`. An id is never renamed and never given a second meaning.
//!
//! To add one: a constant in the file of its area, and its name in that file's `ALL`. Nothing
//! else: the page, the metrics label and the OpenAPI document follow.

mod authorization;
mod client;
mod client_document;
mod device;
mod form;
mod keys;
mod logout;
mod pkce;
mod pushed;
mod redirect_uri;
mod registration;
mod request;
mod resource;
mod session;
mod token;

pub use authorization::*;
pub use client::*;
pub use client_document::*;
pub use device::*;
pub use form::*;
pub use keys::*;
pub use logout::*;
pub use pkce::*;
pub use pushed::*;
pub use redirect_uri::*;
pub use registration::*;
pub use request::*;
pub use resource::*;
pub use session::*;
pub use token::*;

/// One rule: the norm, what to say when it is broken, where it comes from, and how to fix that. The
/// browser carries id, title and `said` only; the texts are the server's, which renders the pages
/// of the rules.
#[derive(Debug)]
pub struct Rule {
    /// Stable, lower case, hyphened; the last part of `/rules/{id}`.
    pub id: &'static str,
    /// The norm in one sentence; also the default `error_description`, so it holds only the
    /// ASCII that RFC 6749 §5.2 allows (no `"` and no `\`).
    pub title: &'static str,
    /// What happened when the rule was broken, for people: pages, forms, the problem's `title`.
    pub said: &'static str,
    /// The HTTP status of an answer that is refused by this rule (when it is not a redirect).
    #[cfg(feature = "texts")]
    pub status: u16,
    /// The protocol's error code (RFC 6749 §4.1.2.1, §5.2 and its extensions); empty for rules
    /// that only the dashboard's API can break.
    #[cfg(feature = "texts")]
    pub error: &'static str,
    /// The standard and its paragraph, as people cite it: `RFC 9700 §4.1.3`.
    #[cfg(feature = "texts")]
    pub source: &'static str,
    /// Where that paragraph can be read.
    #[cfg(feature = "texts")]
    pub source_url: &'static str,
    /// Why the rule exists.
    #[cfg(feature = "texts")]
    pub why: &'static str,
    /// How the people who run the application fix it.
    #[cfg(feature = "texts")]
    pub fix: &'static str,
    /// A request or a value that keeps the rule.
    #[cfg(feature = "texts")]
    pub example: &'static str,
}

impl Rule {
    /// [`Rule::said_of`] as a heading: without the full stop.
    pub fn heading(&self, application: Option<&str>) -> String {
        let said = self.said_of(application);
        said.strip_suffix('.').unwrap_or(&said).to_owned()
    }

    /// [`Rule::said`] with the name of the application in place of "The app", where it is known.
    pub fn said_of(&self, application: Option<&str>) -> String {
        match (application, self.said.strip_prefix("The app ")) {
            (Some(name), Some(rest)) => format!("{name} {rest}"),
            _ => self.said.to_owned(),
        }
    }
}

/// A [`Rule`] of which the browser gets the short part.
macro_rules! rule {
    (
        id: $id:expr,
        status: $status:expr,
        error: $error:expr,
        title: $title:expr,
        said: $said:expr,
        source: $source:expr,
        source_url: $source_url:expr,
        why: $why:expr,
        fix: $fix:expr,
        example: $example:expr $(,)?
    ) => {
        Rule {
            id: $id,
            title: $title,
            said: $said,
            #[cfg(feature = "texts")]
            status: $status,
            #[cfg(feature = "texts")]
            error: $error,
            #[cfg(feature = "texts")]
            source: $source,
            #[cfg(feature = "texts")]
            source_url: $source_url,
            #[cfg(feature = "texts")]
            why: $why,
            #[cfg(feature = "texts")]
            fix: $fix,
            #[cfg(feature = "texts")]
            example: $example,
        }
    };
}
use rule;

/// Every rule, by area.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    [
        request::ALL,
        client::ALL,
        redirect_uri::ALL,
        authorization::ALL,
        pkce::ALL,
        token::ALL,
        device::ALL,
        pushed::ALL,
        keys::ALL,
        resource::ALL,
        registration::ALL,
        client_document::ALL,
        logout::ALL,
        session::ALL,
        form::ALL,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// The rule with this id.
pub fn find(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.id == id)
}

#[cfg(all(test, feature = "texts"))]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_id_is_unique_and_hyphened() {
        let mut seen = HashSet::new();
        for rule in all() {
            assert!(seen.insert(rule.id), "{} stands twice", rule.id);
            assert!(
                rule.id
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
                "{}",
                rule.id
            );
        }
    }

    #[test]
    fn every_title_fits_into_an_error_description() {
        // RFC 6749 §5.2: %x20-21 / %x23-5B / %x5D-7E
        for rule in all() {
            assert!(
                rule.title
                    .bytes()
                    .all(|b| matches!(b, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e)),
                "{}: {}",
                rule.id,
                rule.title
            );
        }
    }

    #[test]
    fn what_happened_is_said_as_people_speak() {
        for rule in all() {
            assert!(rule.said.ends_with('.'), "{}: {}", rule.id, rule.said);
            assert!(!rule.said.contains(" must "), "{}: {}", rule.id, rule.said);
            assert_ne!(rule.said, rule.title, "{}", rule.id);
        }
    }

    #[test]
    fn the_texts_hold_no_word_that_software_does_not_use() {
        for rule in all() {
            for text in [rule.title, rule.said, rule.why, rule.fix] {
                let text = text.to_lowercase();
                let words = text.split(|c: char| !c.is_ascii_alphabetic());
                for word in words {
                    assert!(!ODD.contains(&word), "{}: {word} in {text}", rule.id);
                }
            }
        }
    }

    const ODD: [&str; 8] = [
        "whoever",
        "nobody",
        "somebody",
        "anybody",
        "everybody",
        "mend",
        "mends",
        "mended",
    ];

    #[test]
    fn the_app_is_called_by_its_name_where_it_is_known() {
        assert_eq!(
            REDIRECT_URI_MISMATCH.said_of(Some("Acme Photos")),
            "Acme Photos sent you here with an address that it hasn't registered."
        );
        assert_eq!(
            REDIRECT_URI_MISMATCH.said_of(None),
            REDIRECT_URI_MISMATCH.said
        );
        assert_eq!(
            FLOW_COMPLETED.said_of(Some("Acme Photos")),
            FLOW_COMPLETED.said
        );
    }

    #[test]
    fn every_rule_says_where_it_comes_from_why_and_how_to_fix_it() {
        for rule in all() {
            for (name, text) in [
                ("title", rule.title),
                ("said", rule.said),
                ("source", rule.source),
                ("why", rule.why),
                ("fix", rule.fix),
                ("example", rule.example),
            ] {
                assert!(text.len() > 5, "{}: {name} is missing", rule.id);
            }
            assert!((400..=503).contains(&rule.status), "{}", rule.id);
        }
    }
}
