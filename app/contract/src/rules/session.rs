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
    &LINK_USED,
    &TOO_MANY_MAILS,
    &PASSWORD_TOO_WEAK,
    &PASSWORD_TOO_LONG,
];

/// You have to be signed in for this.
pub static SESSION_REQUIRED: Rule = rule! {
    id: "session-required",
    status: 401,
    error: "",
    title: "You have to be signed in for this.",
    said: "You're not signed in.",
    source: "RFC 9110 §15.5.2",
    source_url: "https://www.rfc-editor.org/rfc/rfc9110#section-15.5.2",
    why: "This page or call belongs to an account, and we don't know yet whether it's yours.",
    fix: "Sign in and try again. If you were signed in, your session has ended.",
    example: "/login",
};

/// Username and password must belong together.
pub static BAD_CREDENTIALS: Rule = rule! {
    id: "bad-credentials",
    status: 401,
    error: "",
    title: "Username and password must belong together.",
    said: "Wrong username or password.",
    source: "OWASP ASVS 5.0 V6.3.8",
    source_url: "https://github.com/OWASP/ASVS/blob/master/5.0/en/0x15-V6-Authentication.md",
    why: "We don't say which of the two was wrong, so that the answer doesn't give away which \
        accounts exist.",
    fix: "Check both, and Caps Lock. If you forgot your password, have a link sent to your \
        address, or ask an administrator for one.",
    example: "Username or email: zoe@example.com",
};

/// After several failed attempts the next one must wait.
pub static TOO_MANY_ATTEMPTS: Rule = rule! {
    id: "too-many-attempts",
    status: 429,
    error: "",
    title: "After several failed attempts the next one must wait.",
    said: "Too many attempts.",
    source: "NIST SP 800-63B-4 §3.2.2",
    source_url: "https://pages.nist.gov/800-63-4/sp800-63b.html#throttle",
    why: "Otherwise a program could try passwords until one works.",
    fix: "Wait a moment, then try again. If it wasn't you, tell an administrator.",
    example: "HTTP/1.1 429 Too Many Requests\nRetry-After: 60",
};

/// The account must have the role that this needs.
pub static ROLE_REQUIRED: Rule = rule! {
    id: "role-required",
    status: 403,
    error: "",
    title: "The account must have the role that this needs.",
    said: "Your role doesn't allow this.",
    source: "RFC 9110 §15.5.4",
    source_url: "https://www.rfc-editor.org/rfc/rfc9110#section-15.5.4",
    why: "Some settings affect everyone, so only certain roles can change them.",
    fix: "Ask an administrator to do it for you, or to give you the role.",
    example: "role: developer",
};

/// A change must be sent from Claviger's own pages.
pub static CROSS_SITE_REQUEST: Rule = rule! {
    id: "cross-site-request",
    status: 403,
    error: "",
    title: "A change must be sent from Claviger's own pages.",
    said: "The request came from another site.",
    source: "W3C Fetch Metadata §2.3",
    source_url: "https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header",
    why: "Otherwise any page you visit could make changes in your name.",
    fix: "Open Claviger at its public URL and try again. If you run it, check that your proxy \
        keeps the Origin header.",
    example: "Sec-Fetch-Site: same-origin",
};

/// A setup link must be used once only, before there is an administrator.
pub static SETUP_DONE: Rule = rule! {
    id: "setup-done",
    status: 403,
    error: "",
    title: "A setup link must be used once only, before there is an administrator.",
    said: "This setup link has been used.",
    source: "OWASP ASVS 5.0 V6.4.1",
    source_url: "https://github.com/OWASP/ASVS/blob/master/5.0/en/0x15-V6-Authentication.md",
    why: "It grants every right. A second use would be a takeover.",
    fix: "Sign in instead. On a new server, use the link that its last start printed.",
    example: "/setup?token=…",
};

/// A link from a mail must be used once, before it expires.
pub static LINK_USED: Rule = rule! {
    id: "link-used",
    status: 403,
    error: "",
    title: "A link from a mail must be used once, before it expires.",
    said: "This link has been used, or is too old.",
    source: "OWASP ASVS 5.0 V6.4.1",
    source_url: "https://github.com/OWASP/ASVS/blob/master/5.0/en/0x15-V6-Authentication.md",
    why: "Mails are forwarded and kept for years. A link that worked for as long would open the \
        account to anyone who finds it.",
    fix: "Ask for a new link, and use the newest mail. A link also ends when the address of the \
        account changes.",
    example: "/reset?token=…",
};

/// An address must not get more than a few mails of a kind in an hour.
pub static TOO_MANY_MAILS: Rule = rule! {
    id: "too-many-mails",
    status: 429,
    error: "",
    title: "An address must not get more than a few mails of a kind in an hour.",
    said: "Several of these mails were just sent.",
    source: "OWASP ASVS 5.0 V2.4.1",
    source_url: "https://github.com/OWASP/ASVS/blob/master/5.0/en/0x11-V2-Validation-and-Business-Logic.md",
    why: "Otherwise anyone could fill a mailbox by pressing a button.",
    fix: "Look in the spam folder, and wait an hour before you ask for another one.",
    example: "POST /api/mail/test",
};

/// A password must have 12 characters or more, or be hard to guess.
pub static PASSWORD_TOO_WEAK: Rule = rule! {
    id: "password-too-weak",
    status: 422,
    error: "",
    title: "A password must have 12 characters or more, or be hard to guess.",
    said: "Too easy to guess. Use 12 characters or more.",
    source: "NIST SP 800-63B-4 §3.1.1.2",
    source_url: "https://pages.nist.gov/800-63-4/sp800-63b.html#passwordver",
    why: "Short and common passwords, and those made from your name, are the first that \
        attackers try.",
    fix: "Use 12 characters or more: a few unrelated words work well, or let your password \
        manager make one. Symbols and digits aren't required.",
    example: "lantern gravel ostrich tuesday",
};

/// A password must not be longer than the limit.
pub static PASSWORD_TOO_LONG: Rule = rule! {
    id: "password-too-long",
    status: 422,
    error: "",
    title: "A password must not be longer than the limit.",
    said: "Too long.",
    source: "NIST SP 800-63B-4 §3.1.1.2",
    source_url: "https://pages.nist.gov/800-63-4/sp800-63b.html#passwordver",
    why: "We check the whole password and cut nothing off; without a limit, checking one could \
        stall the server.",
    fix: "Choose a shorter one. Beyond about 20 random characters there is nothing to gain.",
    example: "20 random characters from a password manager",
};
