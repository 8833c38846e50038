//! Rules on redirect URIs: at registration, and when a request names one.

use super::{Rule, rule};

/// Every rule of this file, in the order of the page.
pub(super) static ALL: &[&Rule] = &[
    &REDIRECT_URI_MISSING,
    &REDIRECT_URI_MISMATCH,
    &REDIRECT_URI_MALFORMED,
    &REDIRECT_URI_FRAGMENT,
    &REDIRECT_URI_SCHEME,
    &REDIRECT_URI_USERINFO,
    &REDIRECT_URI_WILDCARD,
    &REDIRECT_URI_CHARACTERS,
    &REDIRECT_URI_REQUIRED,
];

/// A request must name its redirect_uri unless exactly one is registered.
pub static REDIRECT_URI_MISSING: Rule = rule! {
    id: "redirect-uri-missing",
    status: 400,
    error: "invalid_request",
    title: "A request must name its redirect_uri unless exactly one is registered.",
    said: "The app didn't say where to send you back to.",
    source: "RFC 6749 §3.1.2.3",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-3.1.2.3",
    why: "With none or several registered it is unclear where the answer belongs.",
    fix: "Send redirect_uri, equal to a registered one. If none is registered, add it in the \
        dashboard.",
    example: "redirect_uri=https%3A%2F%2Fapp.example.com%2Fcallback",
};

/// The redirect URI must equal a registered one, character for character.
pub static REDIRECT_URI_MISMATCH: Rule = rule! {
    id: "redirect-uri-mismatch",
    status: 400,
    error: "invalid_request",
    title: "The redirect URI must equal a registered one, character for character.",
    said: "The app sent you here with an address that it hasn't registered.",
    source: "RFC 9700 §4.1.3",
    source_url: "https://www.rfc-editor.org/rfc/rfc9700#section-4.1.3",
    why: "Anyone who can change this address gets the code. Every looser comparison has been \
        abused.",
    fix: "Register the URI exactly as it is sent: scheme, port, path, trailing slash and query. \
        Only 127.0.0.1 and [::1] match any port.",
    example: "https://app.example.com/callback",
};

/// A redirect URI must be a complete absolute URI.
pub static REDIRECT_URI_MALFORMED: Rule = rule! {
    id: "redirect-uri-malformed",
    status: 422,
    error: "invalid_redirect_uri",
    title: "A redirect URI must be a complete absolute URI.",
    said: "Enter a complete URI: scheme, host and path.",
    source: "RFC 6749 §3.1.2",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-3.1.2",
    why: "Every browser repairs a broken address in its own way, and the code would go where it \
        guesses.",
    fix: "Write scheme, host and path in full, without .. in the path.",
    example: "https://app.example.com/callback",
};

/// A redirect URI must not contain a fragment.
pub static REDIRECT_URI_FRAGMENT: Rule = rule! {
    id: "redirect-uri-fragment",
    status: 422,
    error: "invalid_redirect_uri",
    title: "A redirect URI must not contain a fragment.",
    said: "Leave out # and what follows it.",
    source: "RFC 6749 §3.1.2",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-3.1.2",
    why: "What follows # stays in the browser, so the answer added to the address would be lost.",
    fix: "Leave out # and everything after it. A single-page app uses a path and reads the \
        query there.",
    example: "https://app.example.com/callback",
};

/// A redirect URI must use https, http on localhost, or an app's own scheme.
pub static REDIRECT_URI_SCHEME: Rule = rule! {
    id: "redirect-uri-scheme",
    status: 422,
    error: "invalid_redirect_uri",
    title: "A redirect URI must use https, http on localhost, or an app's own scheme.",
    said: "Use https, http on localhost, or your app's own scheme.",
    source: "RFC 9700 §2.6, RFC 8252 §7.1",
    source_url: "https://www.rfc-editor.org/rfc/rfc9700#section-2.6",
    why: "Over plain http everyone on the network can read the code. In javascript: or data: it \
        would run as a program.",
    fix: "Use https; in a mobile app, your domain reversed as the scheme; in development, http \
        on localhost.",
    example: "https://app.example.com/callback\ncom.example.app:/callback",
};

/// A redirect URI must not contain a username or password.
pub static REDIRECT_URI_USERINFO: Rule = rule! {
    id: "redirect-uri-userinfo",
    status: 422,
    error: "invalid_redirect_uri",
    title: "A redirect URI must not contain a username or password.",
    said: "Leave out the username and password before the @.",
    source: "RFC 9110 §4.2.4",
    source_url: "https://www.rfc-editor.org/rfc/rfc9110#section-4.2.4",
    why: "In https://bank.example@evil.example the browser goes to evil.example. People read it \
        differently.",
    fix: "Leave out the part up to and including the @.",
    example: "https://app.example.com/callback",
};

/// A redirect URI must not contain a wildcard.
pub static REDIRECT_URI_WILDCARD: Rule = rule! {
    id: "redirect-uri-wildcard",
    status: 422,
    error: "invalid_redirect_uri",
    title: "A redirect URI must not contain a wildcard.",
    said: "Wildcards aren't allowed. Register each address.",
    source: "RFC 9700 §4.1.3",
    source_url: "https://www.rfc-editor.org/rfc/rfc9700#section-4.1.3",
    why: "A pattern also matches addresses that were never intended, such as a forgotten \
        subdomain.",
    fix: "Register each URI on its own. Put what varies into state.",
    example: "https://one.example.com/callback\nhttps://two.example.com/callback",
};

/// A redirect URI must contain only the characters that RFC 3986 allows.
pub static REDIRECT_URI_CHARACTERS: Rule = rule! {
    id: "redirect-uri-characters",
    status: 422,
    error: "invalid_redirect_uri",
    title: "A redirect URI must contain only the characters that RFC 3986 allows.",
    said: "Percent-encode spaces, accents and other special characters.",
    source: "RFC 3986 §2",
    source_url: "https://www.rfc-editor.org/rfc/rfc3986#section-2",
    why: "Spaces, accents and backslashes are rewritten on the way, and then two equal \
        addresses differ.",
    fix: "Percent-encode what is not plain ASCII, and write the host in its ASCII form.",
    example: "https://app.example.com/r%C3%BCckweg",
};

/// An application that signs people in must register a redirect URI.
pub static REDIRECT_URI_REQUIRED: Rule = rule! {
    id: "redirect-uri-required",
    status: 422,
    error: "invalid_redirect_uri",
    title: "An application that signs people in must register a redirect URI.",
    said: "Add at least one redirect URI.",
    source: "RFC 7591 §2",
    source_url: "https://www.rfc-editor.org/rfc/rfc7591#section-2",
    why: "Users are sent back only to addresses that are known beforehand.",
    fix: "Add the URI at which the app receives its codes.",
    example: "https://app.example.com/callback",
};
