//! Scopes (RFC 6749 §3.3): which there are, what they say to a person, sets of them.

use std::fmt;

use contract::rules;

use super::refusal::Refusal;

/// One scope that the server knows.
#[derive(Debug)]
pub struct ScopeInfo {
    pub name: &'static str,
    /// What it lets an application do, in plain words.
    pub description: &'static str,
    pub detail: &'static str,
    /// The person may untick it on the consent page.
    pub optional: bool,
    /// It says something about a person: of no use to a program on its own.
    pub needs_user: bool,
}

/// The scopes known from the start.
pub static KNOWN: [ScopeInfo; 6] = [
    ScopeInfo {
        name: "openid",
        description: "Know who you are",
        detail: "An identifier that stays the same each time you sign in",
        optional: false,
        needs_user: true,
    },
    ScopeInfo {
        name: "profile",
        description: "See your name and username",
        detail: "",
        optional: true,
        needs_user: true,
    },
    ScopeInfo {
        name: "email",
        description: "See your email address",
        detail: "It could use it to contact you",
        optional: true,
        needs_user: true,
    },
    ScopeInfo {
        name: "offline_access",
        description: "Keep access when you're away",
        detail: "Until you remove it",
        optional: true,
        needs_user: true,
    },
    ScopeInfo {
        name: "read",
        description: "Read your data",
        detail: "Without changing anything",
        optional: false,
        needs_user: false,
    },
    ScopeInfo {
        name: "write",
        description: "Change your data",
        detail: "Add, change and delete on your behalf",
        optional: false,
        needs_user: false,
    },
];

pub fn find(name: &str) -> Option<&'static ScopeInfo> {
    KNOWN.iter().find(|scope| scope.name == name)
}

/// A set of scopes in the order in which they were named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes(Vec<String>);

impl Scopes {
    /// Reads a `scope` parameter: names between single spaces, each of the characters of
    /// RFC 6749 §3.3 (`%x21 / %x23-5B / %x5D-7E`). A repeated name counts once.
    ///
    /// # Errors
    /// `scope-malformed`.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let allowed = |b: u8| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e | b' ');
        if !text.bytes().all(allowed) {
            return Err(Refusal::new(&rules::SCOPE_MALFORMED).received(text));
        }
        Ok(text.split(' ').filter(|name| !name.is_empty()).collect())
    }

    pub fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|scope| scope == name)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    pub fn to_vec(&self) -> Vec<String> {
        self.0.clone()
    }

    pub fn is_subset_of(&self, other: &Self) -> bool {
        self.iter().all(|scope| other.contains(scope))
    }

    /// Those that `keep` keeps.
    pub fn filter(&self, keep: impl Fn(&str) -> bool) -> Self {
        self.iter().filter(|scope| keep(scope)).collect()
    }

    /// Drops all but those that `keep` keeps.
    pub fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.0.retain(|scope| keep(scope));
    }

    /// Both sets' names.
    pub fn union(&self, other: &Self) -> Self {
        self.iter().chain(other.iter()).collect()
    }
}

impl<'a> FromIterator<&'a str> for Scopes {
    fn from_iter<I: IntoIterator<Item = &'a str>>(names: I) -> Self {
        let mut scopes = Self::default();
        for name in names {
            if !scopes.contains(name) {
                scopes.0.push(name.to_owned());
            }
        }
        scopes
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

/// Whether a request may be for nobody in particular.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantSubject {
    /// A person decides.
    User,
    /// The application acts for itself (`client_credentials`).
    Client,
}

/// What the resource servers say about a scope that is none of [`KNOWN`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Foreign {
    /// No resource server has it.
    Unknown,
    /// One has it.
    Known,
    /// One has it, and the request names that one.
    Named,
}

/// The scopes of a request that names no resource server. See [`requested_with`].
///
/// # Errors
/// `scope-malformed`, `scope-unknown`, `scope-not-allowed`.
pub fn requested(
    text: Option<&str>,
    registered: &Scopes,
    who: GrantSubject,
) -> Result<Scopes, Refusal> {
    requested_with(text, registered, who, |_| Foreign::Unknown)
}

/// The scopes of a request: what it names, or the application's default when it names none
/// (RFC 6749 §3.3). The default leaves out `offline_access`, which has to be asked for
/// (OpenID Connect Core 1.0 §11), and for an application on its own whatever needs a person.
///
/// # Errors
/// `scope-malformed`, `scope-unknown`, `scope-not-allowed`.
pub fn requested_with(
    text: Option<&str>,
    registered: &Scopes,
    who: GrantSubject,
    foreign: impl Fn(&str) -> Foreign,
) -> Result<Scopes, Refusal> {
    let Some(text) = text else {
        return Ok(registered.filter(|name| {
            name != "offline_access"
                && (who == GrantSubject::User || find(name).is_none_or(|scope| !scope.needs_user))
        }));
    };
    let scopes = Scopes::parse(text)?;
    for name in scopes.iter() {
        let foreign = match find(name) {
            Some(_) => Foreign::Known,
            None => foreign(name),
        };
        let rule = match foreign {
            Foreign::Unknown => &rules::SCOPE_UNKNOWN,
            Foreign::Known if !registered.contains(name) => &rules::SCOPE_NOT_ALLOWED,
            Foreign::Known | Foreign::Named => continue,
        };
        return Err(Refusal::new(rule)
            .expected(registered.to_string())
            .received(name));
    }
    Ok(scopes)
}

/// The scopes of a refresh: at most those that were granted (RFC 6749 §6).
///
/// # Errors
/// `scope-malformed`, `scope-widened`.
pub fn narrowed(text: Option<&str>, granted: &Scopes) -> Result<Scopes, Refusal> {
    let Some(text) = text else {
        return Ok(granted.clone());
    };
    let scopes = Scopes::parse(text)?;
    if scopes.is_subset_of(granted) {
        Ok(scopes)
    } else {
        Err(Refusal::new(&rules::SCOPE_WIDENED)
            .expected(granted.to_string())
            .received(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str) -> Scopes {
        text.split(' ').filter(|s| !s.is_empty()).collect()
    }

    /// RFC 6749 §3.3: a request gets the scopes that it names, or the default.
    #[test]
    fn a_request_gets_what_it_names_or_the_default() {
        let registered = set("openid profile offline_access read");
        let ask = |text, who| requested(text, &registered, who).map(|s| s.to_string());
        assert_eq!(
            ask(None, GrantSubject::User).ok().as_deref(),
            Some("openid profile read")
        );
        assert_eq!(
            ask(None, GrantSubject::Client).ok().as_deref(),
            Some("read")
        );
        assert_eq!(
            ask(Some("read openid read"), GrantSubject::User)
                .ok()
                .as_deref(),
            Some("read openid")
        );
        for (text, rule) in [
            ("nothing", "scope-unknown"),
            ("read write", "scope-not-allowed"),
            ("re\"ad", "scope-malformed"),
            ("re\\ad", "scope-malformed"),
            ("read\tprofile", "scope-malformed"),
            ("l\u{e9}", "scope-malformed"),
        ] {
            assert_eq!(
                ask(Some(text), GrantSubject::User).map_err(|r| r.rule.id),
                Err(rule),
                "{text}"
            );
        }
    }

    /// RFC 6749 §6: the scope of a refresh is a part of what was granted.
    #[test]
    fn a_refresh_narrows_and_never_widens() {
        let granted = set("openid read");
        assert_eq!(narrowed(None, &granted).ok(), Some(granted.clone()));
        assert_eq!(narrowed(Some("read"), &granted).ok(), Some(set("read")));
        assert_eq!(
            narrowed(Some("read write"), &granted).map_err(|r| r.rule.id),
            Err("scope-widened")
        );
    }
}
