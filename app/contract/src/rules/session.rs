//! Rules on signing in, on passwords, and on what a session may do.

use super::{Rule, rule};

/// Every rule of this file, in the order of the page.
pub(super) static ALL: &[&Rule] = &[
    &SESSION_REQUIRED,
    &BAD_CREDENTIALS,
    &TOO_MANY_ATTEMPTS,
    &ROLE_REQUIRED,
    &CROSS_SITE_REQUEST,
    &SETUP_DONE,
    &PASSWORD_TOO_WEAK,
    &PASSWORD_TOO_LONG,
];

/// You have to be signed in for this.
pub static SESSION_REQUIRED: Rule = rule! {
    id: "session-required",
    status: 401,
    error: "",
    title: "You have to be signed in for this.",
    source: "RFC 9110 §15.5.2",
    source_url: "https://www.rfc-editor.org/rfc/rfc9110#section-15.5.2",
    why: "What stands here belongs to somebody, and we don't know yet whether that is you.",
    fix: "Sign in and try again. If you were signed in, the session has ended.",
    example: "/login",
};

/// User name and password must belong together.
pub static BAD_CREDENTIALS: Rule = rule! {
    id: "bad-credentials",
    status: 401,
    error: "",
    title: "User name and password must belong together.",
    source: "OWASP ASVS 5.0 V6.3.8",
    source_url: "https://github.com/OWASP/ASVS/blob/master/5.0/en/0x15-V6-Authentication.md",
    why: "We don't say which of the two was wrong, so that nobody can find out who has an account.",
    fix: "Check both, and the Caps Lock key. If the password is lost, an administrator can set a \
        new one.",
    example: "Username or email: zoe@example.com",
};

/// After several failed attempts you have to wait before the next.
pub static TOO_MANY_ATTEMPTS: Rule = rule! {
    id: "too-many-attempts",
    status: 429,
    error: "",
    title: "After several failed attempts you have to wait before the next.",
    source: "NIST SP 800-63B-4 §3.2.2",
    source_url: "https://pages.nist.gov/800-63-4/sp800-63b.html#throttle",
    why: "Otherwise a program could try passwords until one fits.",
    fix: "Wait as long as Retry-After says, then try again. If it was not you, tell an \
        administrator.",
    example: "HTTP/1.1 429 Too Many Requests\nRetry-After: 60",
};

/// Your account needs another role for this.
pub static ROLE_REQUIRED: Rule = rule! {
    id: "role-required",
    status: 403,
    error: "",
    title: "Your account needs another role for this.",
    source: "RFC 9110 §15.5.4",
    source_url: "https://www.rfc-editor.org/rfc/rfc9110#section-15.5.4",
    why: "Settings that concern everybody are left to those who answer for them.",
    fix: "Ask an administrator to do it for you, or to give you the role.",
    example: "role: developer",
};

/// A change must be sent from Claviger's own pages.
pub static CROSS_SITE_REQUEST: Rule = rule! {
    id: "cross-site-request",
    status: 403,
    error: "",
    title: "A change must be sent from Claviger's own pages.",
    source: "W3C Fetch Metadata §2.3",
    source_url: "https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header",
    why: "Otherwise any page that you visit could make changes in your name.",
    fix: "Open Claviger at its public URL and try again. Whoever runs it should check that \
        proxies keep Origin.",
    example: "Sec-Fetch-Site: same-origin",
};

/// A setup link works once, until the first administrator exists.
pub static SETUP_DONE: Rule = rule! {
    id: "setup-done",
    status: 403,
    error: "",
    title: "A setup link works once, until the first administrator exists.",
    source: "OWASP ASVS 5.0 V6.4.1",
    source_url: "https://github.com/OWASP/ASVS/blob/master/5.0/en/0x15-V6-Authentication.md",
    why: "Whoever opens it gets all rights. A second use would be a takeover.",
    fix: "Sign in as the administrator. On a new server, take the link that its last start \
        printed.",
    example: "/setup?token=…",
};

/// A password must be hard to guess.
pub static PASSWORD_TOO_WEAK: Rule = rule! {
    id: "password-too-weak",
    status: 422,
    error: "",
    title: "A password must be hard to guess.",
    source: "NIST SP 800-63B-4 §3.1.1.2",
    source_url: "https://pages.nist.gov/800-63-4/sp800-63b.html#passwordver",
    why: "Short and common ones, and those made of your name, are the first that attackers try.",
    fix: "Join four random words, or let your password manager make one. Signs and digits are \
        not demanded.",
    example: "four unrelated words, longer than 15 characters",
};

/// A password must not be longer than the limit.
pub static PASSWORD_TOO_LONG: Rule = rule! {
    id: "password-too-long",
    status: 422,
    error: "",
    title: "A password must not be longer than the limit.",
    source: "NIST SP 800-63B-4 §3.1.1.2",
    source_url: "https://pages.nist.gov/800-63-4/sp800-63b.html#passwordver",
    why: "We check the whole password and cut nothing off; without a limit, checking one could \
        stall the server.",
    fix: "Choose a shorter one. Beyond some 20 random characters nothing is gained.",
    example: "20 random characters from a password manager",
};
