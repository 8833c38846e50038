//! Scopes (RFC 6749 §3.3): which there are, what they say to a person, sets of them.

use std::fmt;

use contract::rules;

use super::refusal::Refusal;

/// Characters of a scope's name in a message.
const SHOWN: usize = 100;

/// One scope that the server knows.
#[derive(Debug)]
pub struct ScopeInfo {
    pub name: &'static str,
    /// What it lets an application do, in plain words.
    pub description: &'static str,
    /// A quieter sentence about it; may be empty.
    pub detail: &'static str,
    /// It says something about a person: of no use to a program on its own.
    pub needs_user: bool,
}

/// The scopes known from the start.
pub static KNOWN: [ScopeInfo; 7] = [
    ScopeInfo {
        name: "openid",
        description: "Know who you are",
        detail: "An identifier that stays the same each time you sign in",
        needs_user: true,
    },
    ScopeInfo {
        name: "profile",
        description: "See your name and username",
        detail: "",
        needs_user: true,
    },
    ScopeInfo {
        name: "email",
        description: "See your email address",
        detail: "It could use it to contact you",
        needs_user: true,
    },
    ScopeInfo {
        name: "groups",
        description: "See which groups you are in",
        detail: "",
        needs_user: true,
    },
    ScopeInfo {
        name: "offline_access",
        description: "Keep access when you're away",
        detail: "Until you remove it",
        needs_user: true,
    },
    ScopeInfo {
        name: "read",
        description: "Read your data",
        detail: "Without changing anything",
        needs_user: false,
    },
    ScopeInfo {
        name: "write",
        description: "Change your data",
        detail: "Add, change and delete on your behalf",
        needs_user: false,
    },
];

/// Those that people may decline where the application does not say which.
pub const OPTIONAL: [&str; 3] = ["profile", "email", "groups"];

pub fn find(name: &str) -> Option<&'static ScopeInfo> {
    KNOWN.iter().find(|scope| scope.name == name)
}

/// Names in one `scope` parameter.
const MAX_NAMES: usize = 100;

/// A set of scopes in the order in which they were named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes(Vec<String>);

impl Scopes {
    /// Reads a `scope` parameter: names between single spaces, each of the characters of
    /// RFC 6749 §3.3 (`%x21 / %x23-5B / %x5D-7E`). A repeated name counts once.
    ///
    /// # Errors
    /// `scope-malformed`, `scope-too-many`.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let allowed = |b: u8| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e | b' ');
        if !text.bytes().all(allowed) {
            return Err(Refusal::new(&rules::SCOPE_MALFORMED).received(text));
        }
        let names = text.split(' ').filter(|name| !name.is_empty());
        // Repeated ones count too: nothing is compared before it is known how many there are.
        if names.clone().nth(MAX_NAMES).is_some() {
            return Err(Refusal::new(&rules::SCOPE_TOO_MANY));
        }
        Ok(names.collect())
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

/// The subject of a request: a user, or the application itself.
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

/// What a request named, sorted out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Requested {
    pub scopes: Scopes,
    /// Unknown names, left out of `scopes`.
    pub ignored: Vec<String>,
}

/// The scopes of a request: what it names, or the application's default when it names none
/// (RFC 6749 §3.3). The default leaves out `offline_access`, which has to be asked for
/// (OpenID Connect Core 1.0 §11). For an application on its own it also leaves out scopes that need
/// a user.
///
/// An unknown name is ignored beside `openid` (OpenID Connect Core 1.0 §3.1.2.1): libraries ask
/// every provider for scopes that only some have.
///
/// # Errors
/// `scope-malformed`, `scope-unknown`, `scope-not-allowed`.
pub fn requested(
    asked: Option<Scopes>,
    registered: &Scopes,
    who: GrantSubject,
    foreign: impl Fn(&str) -> Foreign,
) -> Result<Requested, Refusal> {
    let Some(named) = asked else {
        let scopes = registered.filter(|name| {
            name != "offline_access"
                && (who == GrantSubject::User || find(name).is_none_or(|scope| !scope.needs_user))
        });
        return Ok(Requested {
            scopes,
            ignored: Vec::new(),
        });
    };
    let lenient = named.contains("openid");
    let mut scopes = Scopes::default();
    let mut ignored = Vec::new();
    for name in named.0 {
        let name = name.as_str();
        let foreign = match find(name) {
            Some(_) => Foreign::Known,
            None => foreign(name),
        };
        let (rule, detail) = match foreign {
            Foreign::Unknown if lenient => {
                ignored.push(name.to_owned());
                continue;
            }
            Foreign::Unknown => (&rules::SCOPE_UNKNOWN, "is not known to this server"),
            Foreign::Known if !registered.contains(name) => (
                &rules::SCOPE_NOT_ALLOWED,
                "is not registered for this application",
            ),
            Foreign::Known | Foreign::Named => {
                scopes.0.push(name.to_owned());
                continue;
            }
        };
        return Err(about(rule, name, detail)
            .expected(registered.to_string())
            .received(name));
    }
    Ok(Requested { scopes, ignored })
}

/// The scopes of a refresh: at most those that were granted (RFC 6749 §6). Unknown names are
/// ignored as in [`requested`], so a client may send its first `scope` again.
///
/// # Errors
/// `scope-malformed`, `scope-widened`.
pub fn narrowed(
    text: Option<&str>,
    granted: &Scopes,
    known: impl Fn(&str) -> bool,
) -> Result<Scopes, Refusal> {
    let Some(text) = text else {
        return Ok(granted.clone());
    };
    let mut scopes = Scopes::parse(text)?;
    if scopes.contains("openid") {
        scopes.retain(|name| granted.contains(name) || find(name).is_some() || known(name));
    }
    if let Some(name) = scopes.iter().find(|name| !granted.contains(name)) {
        return Err(about(&rules::SCOPE_WIDENED, name, "was not granted")
            .expected(granted.to_string())
            .received(text));
    }
    Ok(scopes)
}

/// A refusal that names the scope: the client has sent it, so it learns nothing new.
fn about(rule: &'static rules::Rule, name: &str, detail: &str) -> Refusal {
    Refusal::new(rule).detail(format!("The scope {} {detail}.", shown(name)))
}

/// A name as long as a message may carry it.
pub fn shown(name: &str) -> String {
    name.chars().take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str) -> Scopes {
        text.split(' ').filter(|s| !s.is_empty()).collect()
    }

    fn requested_text(
        text: &str,
        registered: &Scopes,
        who: GrantSubject,
        foreign: impl Fn(&str) -> Foreign,
    ) -> Result<Requested, Refusal> {
        requested(Some(Scopes::parse(text)?), registered, who, foreign)
    }

    /// RFC 6749 §3.3: a request gets the scopes that it names, or the default.
    #[test]
    fn a_request_gets_what_it_names_or_the_default() {
        let registered = set("openid profile offline_access read");
        let ask = |text: Option<&str>, who| {
            let asked = text.map(Scopes::parse).transpose()?;
            requested(asked, &registered, who, |_| Foreign::Unknown).map(|r| r.scopes.to_string())
        };
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

    /// OpenID Connect Core 1.0 §3.1.2.1: scope values that are not understood are ignored.
    #[test]
    fn unknown_scopes_are_ignored_beside_openid_only() {
        let registered = set("openid profile");
        let known = |name: &str| match name {
            "api" => Foreign::Known,
            _ => Foreign::Unknown,
        };
        let ask = |text| requested_text(text, &registered, GrantSubject::User, known);
        let asked = ask("roles openid profile urn:x").unwrap();
        assert_eq!(asked.scopes, set("openid profile"));
        assert_eq!(asked.ignored, ["roles", "urn:x"]);
        for (text, rule, named) in [
            ("profile roles", "scope-unknown", "roles"),
            ("roles", "scope-unknown", "roles"),
            ("openid email", "scope-not-allowed", "email"),
            ("openid api", "scope-not-allowed", "api"),
        ] {
            let refusal = ask(text).unwrap_err();
            assert_eq!(refusal.rule.id, rule, "{text}");
            assert!(refusal.description().contains(named), "{text}");
        }
        let unregistered = requested_text("openid x", &set("read"), GrantSubject::User, known);
        assert_eq!(unregistered.unwrap_err().rule.id, "scope-not-allowed");
    }

    #[test]
    fn a_name_of_any_length_makes_a_short_message() {
        let long = "x".repeat(9000);
        let read = set("read");
        let asked = requested_text(&long, &read, GrantSubject::User, |_| Foreign::Unknown);
        assert!(asked.unwrap_err().description().len() < 200);
    }

    #[test]
    fn scopes_are_counted_before_they_are_compared() {
        let names = |count: usize| -> String { (0..count).map(|n| format!("{n:x} ")).collect() };
        assert!(Scopes::parse(&names(MAX_NAMES)).is_ok());
        for text in [names(MAX_NAMES + 1), "a ".repeat(8000), names(3000)] {
            let rule = Scopes::parse(&text).map_err(|r| r.rule.id);
            assert_eq!(rule, Err("scope-too-many"));
        }
    }

    /// RFC 6749 §6: the scope of a refresh is a part of what was granted.
    #[test]
    fn a_refresh_narrows_and_never_widens() {
        let granted = set("openid read");
        let known = |name: &str| name == "api";
        let ask = |text| narrowed(text, &granted, known);
        assert_eq!(ask(None).ok(), Some(granted.clone()));
        assert_eq!(ask(Some("read")).ok(), Some(set("read")));
        assert_eq!(ask(Some("openid roles")).ok(), Some(set("openid")));
        for (text, named) in [
            ("read write", "write"),
            ("openid write", "write"),
            ("openid api", "api"),
            ("read roles", "roles"),
        ] {
            let refusal = ask(Some(text)).unwrap_err();
            assert_eq!(refusal.rule.id, "scope-widened", "{text}");
            assert!(refusal.description().contains(named), "{text}");
        }
    }
}
