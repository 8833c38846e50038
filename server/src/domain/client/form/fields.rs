//! The readers of the fields of an application's form: what was sent, or what there is; and what
//! breaks a rule is named.

use contract::named::Named;
use contract::rules::{self, Rule};
use contract::validate;
use serde_json::{Map, Value};

use super::super::{AuthMethod, ClientType, GrantType};
use super::Known;
use crate::domain::field_errors::FieldErrors;
use crate::domain::jwk;
use crate::domain::resource;
use crate::domain::scope::{self, Scopes};

/// Characters of a name.
const NAME_LENGTH: usize = 100;
/// Rows in a list.
const LIST_LENGTH: usize = 50;

/// Reads a form. Every reader takes the field's name in the API, what was sent, and the value
/// that stays when nothing was.
pub struct Reader<'a> {
    known: Known<'a>,
    /// Whether there is no application yet.
    is_new: bool,
    pub(super) errors: FieldErrors,
}

impl<'a> Reader<'a> {
    pub(super) fn new(known: Known<'a>, is_new: bool) -> Self {
        Self {
            known,
            is_new,
            errors: FieldErrors::default(),
        }
    }
}

/// The kinds of settings that there are many of.
impl Reader<'_> {
    pub fn flag(&mut self, _: &str, sent: Option<&bool>, kept: bool) -> bool {
        sent.copied().unwrap_or(kept)
    }

    /// A time between these, both included.
    pub fn seconds(
        least: i64,
        most: i64,
    ) -> impl Fn(&mut Reader<'_>, &str, Option<&i64>, i64) -> i64 {
        move |reader, field, sent, kept| {
            let Some(&sent) = sent else {
                return kept;
            };
            if !(least..=most).contains(&sent) {
                let bounds = format!("Between {least} and {most} seconds.");
                let rule = &rules::LIFETIME_OUT_OF_RANGE;
                reader.errors.add_detail(field, rule, &bounds);
            }
            sent
        }
    }

    /// A value with a name.
    pub fn choice<T: Named>(&mut self, field: &str, sent: Option<&String>, kept: T) -> T {
        let known = sent.and_then(|name| self.named(field, name));
        known.unwrap_or(kept)
    }

    fn named<T: Named>(&mut self, field: &str, name: &str) -> Option<T> {
        let mut values = T::VALUES.iter().copied();
        let known = values.find(|value| value.written() == name);
        if known.is_none() {
            let names: Vec<_> = T::VALUES.iter().map(|value| value.written()).collect();
            let detail = format!("Use {}.", names.join(", "));
            self.errors
                .add_detail(field, &rules::VALUE_UNKNOWN, &detail);
        }
        known
    }

    /// One address that passes `check`; empty takes the one before away.
    pub fn address(
        check: fn(&str) -> Result<(), &'static Rule>,
    ) -> impl Fn(&mut Reader<'_>, &str, Option<&String>, Option<String>) -> Option<String> {
        move |reader, field, sent, kept| match sent.map(String::as_str) {
            None => kept,
            Some("") => None,
            Some(sent) => {
                if let Err(rule) = check(sent) {
                    reader.errors.add(field, rule);
                }
                Some(sent.to_owned())
            }
        }
    }

    /// Addresses to which people are sent, as they are kept.
    pub fn addresses(
        &mut self,
        field: &str,
        sent: Option<&Vec<String>>,
        kept: Vec<String>,
    ) -> Vec<String> {
        let Some(sent) = sent else {
            return kept;
        };
        let kept_as = sent.iter().map(|uri| validate::redirect_uri::kept(uri));
        let http = self.known.plain_http;
        let check = |uri: &str| validate::redirect_uri::check_with(uri, http);
        self.list(field, &kept_as.collect::<Vec<_>>(), check)
    }

    pub fn origins(
        &mut self,
        field: &str,
        sent: Option<&Vec<String>>,
        kept: Vec<String>,
    ) -> Vec<String> {
        let http = self.known.plain_http;
        let check = |origin: &str| validate::origin::check_with(origin, http);
        match sent {
            Some(sent) => self.list(field, sent, check),
            None => kept,
        }
    }

    /// A list: blank rows are none, a repeated one counts once, and each that breaks a rule is
    /// named by its row as it was sent.
    fn list(
        &mut self,
        field: &str,
        rows: &[String],
        check: impl Fn(&str) -> Result<(), &'static Rule>,
    ) -> Vec<String> {
        let mut values = Vec::new();
        for (row, value) in rows.iter().enumerate() {
            if value.trim().is_empty() || values.contains(value) {
                continue;
            }
            match check(value) {
                Ok(()) if values.len() == LIST_LENGTH => {
                    let rule = &rules::FIELD_TOO_LONG;
                    self.errors.add_detail(field, rule, "At most 50.");
                    break;
                }
                Ok(()) => values.push(value.clone()),
                Err(rule) => self.errors.add(format!("{field}.{row}"), rule),
            }
        }
        values
    }

    pub fn scopes(&mut self, field: &str, sent: Option<&Vec<String>>, kept: Scopes) -> Scopes {
        let Some(names) = sent else {
            return kept;
        };
        let ours = scope::KNOWN.iter().map(|known| known.name);
        let servers = self.known.servers.iter();
        let all: Scopes = ours
            .chain(servers.flat_map(|server| server.scopes.iter()))
            .collect();
        if names.iter().any(|name| !all.contains(name)) {
            let detail = format!("Use {}.", all.to_vec().join(", "));
            self.errors
                .add_detail(field, &rules::VALUE_UNKNOWN, &detail);
        }
        names.iter().map(String::as_str).collect()
    }
}

/// One reader for one setting.
impl Reader<'_> {
    pub fn name(&mut self, sent: Option<&str>, kept: String) -> String {
        let errors = &mut self.errors;
        let name = sent.map_or(kept, |name| name.trim().to_owned());
        if name.is_empty() {
            errors.add("name", &rules::FIELD_REQUIRED);
        } else if name.chars().count() > NAME_LENGTH {
            errors.add_detail("name", &rules::FIELD_TOO_LONG, "At most 100 characters.");
        } else if name.chars().any(unprintable) || name.chars().all(blank) {
            let form = "It contains invisible characters.";
            errors.add_detail("name", &rules::FIELD_MALFORMED, form);
        }
        name
    }

    pub fn client_type(
        &mut self,
        field: &str,
        sent: Option<&String>,
        kept: ClientType,
    ) -> ClientType {
        let Some(text) = sent else {
            return kept;
        };
        match ClientType::parse(text) {
            None => {
                let detail = "Use confidential or public.";
                self.errors.add_detail(field, &rules::VALUE_UNKNOWN, detail);
            }
            // An application whose secret is known to others, or whose codes needed none, stays
            // what it was.
            Some(asked) if !self.is_new && asked != kept => self.errors.say(
                field,
                "The type of an application can't be changed. Register another one.",
            ),
            Some(asked) => return asked,
        }
        kept
    }

    pub fn grant_types(
        &mut self,
        field: &str,
        sent: Option<&Vec<String>>,
        kept: Vec<GrantType>,
    ) -> Vec<GrantType> {
        let Some(names) = sent else {
            return kept;
        };
        if names.is_empty() {
            self.errors.add(field, &rules::FIELD_REQUIRED);
        }
        let mut grants = Vec::new();
        for name in names {
            match GrantType::parse(name) {
                Some(grant) if !grants.contains(&grant) => grants.push(grant),
                Some(_) => {}
                None => {
                    let known = GrantType::ALL.map(GrantType::name).join(", ");
                    let detail = format!("Use {known}.");
                    self.errors
                        .add_detail(field, &rules::VALUE_UNKNOWN, &detail);
                }
            }
        }
        grants
    }

    /// Empty: none is named any more.
    pub fn auth_method(
        &mut self,
        field: &str,
        sent: Option<&String>,
        kept: Option<AuthMethod>,
    ) -> Option<AuthMethod> {
        match sent {
            None => kept,
            Some(name) if name.is_empty() => None,
            Some(name) => self.named(field, name).or(kept),
        }
    }

    /// A JWK Set of public keys that can verify; an empty object takes the one before away.
    pub fn jwks(
        &mut self,
        field: &str,
        sent: Option<&Value>,
        kept: Option<String>,
    ) -> Option<String> {
        let Some(value) = sent else {
            return kept;
        };
        if value.as_object().is_some_and(Map::is_empty) {
            return None;
        }
        match jwk::kept(value) {
            Ok(set) => Some(set.to_string()),
            Err(why) => {
                self.errors.add_detail(field, &rules::JWKS_MALFORMED, &why);
                kept
            }
        }
    }

    /// The resource servers that it may ask for (RFC 8707 §2), registered by now or later; `*`
    /// stands for any.
    pub fn resources(
        &mut self,
        field: &str,
        sent: Option<&Vec<String>>,
        kept: Option<Vec<String>>,
    ) -> Option<Vec<String>> {
        let check = |uri: &str| {
            if resource::is_indicator(uri) {
                Ok(())
            } else {
                Err(&rules::RESOURCE_MALFORMED)
            }
        };
        match sent {
            None => kept,
            Some(uris) if uris.iter().any(|uri| uri == "*") => None,
            Some(uris) => Some(self.list(field, uris, check)),
        }
    }
}

/// Control characters, line ends, marks that turn the direction of writing, and what takes no
/// room: on the consent page they would make a name look like another, or like none.
fn unprintable(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{200e}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// What may stand within a name and shows nothing by itself: spaces, the joiners that some
/// scripts and pictures need, and letters that are empty.
fn blank(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '\u{200c}'
                | '\u{200d}'
                | '\u{115f}'
                | '\u{1160}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{ffa0}'
        )
}
