//! Rules on the device grant.

use super::{Rule, rule};

/// Every rule of this file, in the order of the page.
pub(super) static ALL: &[&Rule] = &[
    &DEVICE_CODE_MISSING,
    &DEVICE_CODE_UNKNOWN,
    &DEVICE_CODE_OTHER_CLIENT,
    &DEVICE_CODE_EXPIRED,
    &DEVICE_CODE_REPLAYED,
    &AUTHORIZATION_PENDING,
    &SLOW_DOWN,
    &DEVICE_ACCESS_DENIED,
    &USER_CODE_UNKNOWN,
    &USER_CODE_EXPIRED,
    &USER_CODE_USED,
    &DEVICE_DECISION_UNKNOWN,
    &DEVICE_REQUEST_QUOTA,
];

/// This grant needs the parameter device_code.
pub static DEVICE_CODE_MISSING: Rule = rule! {
    id: "device-code-missing",
    status: 400,
    error: "invalid_request",
    title: "This grant needs the parameter device_code.",
    said: "The request has no device_code.",
    source: "RFC 8628 §3.4",
    source_url: "https://www.rfc-editor.org/rfc/rfc8628#section-3.4",
    why: "The device code says which pending request is meant.",
    fix: "Send the device_code from the device authorization response. The user_code is for the \
        user.",
    example: "grant_type=urn:ietf:params:oauth:grant-type:device_code&device_code=clv_dc_…",
};

/// The device code must be one that this server issued.
pub static DEVICE_CODE_UNKNOWN: Rule = rule! {
    id: "device-code-unknown",
    status: 400,
    error: "invalid_grant",
    title: "The device code must be one that this server issued.",
    said: "Unknown device code.",
    source: "RFC 8628 §3.5",
    source_url: "https://www.rfc-editor.org/rfc/rfc8628#section-3.5",
    why: "Only a code that this server issued stands for a user's decision. Codes that ended \
        long ago are forgotten.",
    fix: "Send it exactly as it arrived. If it is an old one, ask for a new one.",
    example: "device_code=clv_dc_…",
};

/// A device code can be redeemed only by the application that it was issued to.
pub static DEVICE_CODE_OTHER_CLIENT: Rule = rule! {
    id: "device-code-other-client",
    status: 400,
    error: "invalid_grant",
    title: "A device code can be redeemed only by the application that it was issued to.",
    said: "The device code belongs to another app.",
    source: "RFC 8628 §3.4",
    source_url: "https://www.rfc-editor.org/rfc/rfc8628#section-3.4",
    why: "Otherwise one app could collect what a user has allowed to another.",
    fix: "Poll with the client_id that was used at the device authorization endpoint.",
    example: "client_id=…&device_code=clv_dc_…",
};

/// A device code must be redeemed before it expires.
pub static DEVICE_CODE_EXPIRED: Rule = rule! {
    id: "device-code-expired",
    status: 400,
    error: "expired_token",
    title: "A device code must be redeemed before it expires.",
    said: "The device code has expired.",
    source: "RFC 8628 §3.5",
    source_url: "https://www.rfc-editor.org/rfc/rfc8628#section-3.5",
    why: "The longer a code can be entered, the easier it is to guess.",
    fix: "Stop polling. Ask for a new code when the user wants to try again, not by yourself.",
    example: "POST /o/device-authorization",
};

/// A device code can be redeemed only once.
pub static DEVICE_CODE_REPLAYED: Rule = rule! {
    id: "device-code-replayed",
    status: 400,
    error: "invalid_grant",
    title: "A device code can be redeemed only once.",
    said: "The device code has already been used.",
    source: "RFC 6749 §10.5",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-10.5",
    why: "A second use may be a thief's: it gets nothing, and is noted in the audit log. The \
        tokens of the first use stay, since two polls that cross must not sign the user out.",
    fix: "Stop polling as soon as the tokens are there, and have one poll under way at a time.",
    example: "grant_type=refresh_token&refresh_token=clv_rt_…",
};

/// The user has yet to decide.
pub static AUTHORIZATION_PENDING: Rule = rule! {
    id: "authorization-pending",
    status: 400,
    error: "authorization_pending",
    title: "The user has yet to decide.",
    said: "The user hasn't decided yet.",
    source: "RFC 8628 §3.5",
    source_url: "https://www.rfc-editor.org/rfc/rfc8628#section-3.5",
    why: "They have to open the page, sign in and enter the code. That takes a while.",
    fix: "This isn't an error: wait as many seconds as interval said, and ask again.",
    example: "{\"interval\": 5}",
};

/// A device must wait for the interval between two polls.
pub static SLOW_DOWN: Rule = rule! {
    id: "slow-down",
    status: 400,
    error: "slow_down",
    title: "A device must wait for the interval between two polls.",
    said: "The device is polling too fast.",
    source: "RFC 8628 §3.5",
    source_url: "https://www.rfc-editor.org/rfc/rfc8628#section-3.5",
    why: "Polling faster brings no answer sooner, and many devices together would be a load.",
    fix: "Add 5 seconds to the interval, for this and every further poll, and wait that long.",
    example: "interval: 5, after the first slow_down 10",
};

/// The user must allow the device, and has declined it.
pub static DEVICE_ACCESS_DENIED: Rule = rule! {
    id: "device-access-denied",
    status: 400,
    error: "access_denied",
    title: "The user must allow the device, and has declined it.",
    said: "The user declined.",
    source: "RFC 8628 §3.5",
    source_url: "https://www.rfc-editor.org/rfc/rfc8628#section-3.5",
    why: "Sharing is voluntary. A no is a valid answer, not an error.",
    fix: "Stop polling, and say on the device what won't work.",
    example: "POST /o/device-authorization",
};

/// The code must be one that a device shows.
pub static USER_CODE_UNKNOWN: Rule = rule! {
    id: "user-code-unknown",
    status: 404,
    error: "",
    title: "The code must be one that a device shows.",
    said: "That code isn't right.",
    source: "RFC 8628 §3.3",
    source_url: "https://www.rfc-editor.org/rfc/rfc8628#section-3.3",
    why: "The code connects your account with the device in front of you, and only with that one.",
    fix: "Check it against your device: eight letters, no vowels, no digits. Capitals and the \
        hyphen don't matter.",
    example: "BCDF-GHJK",
};

/// The code must be entered before it expires.
pub static USER_CODE_EXPIRED: Rule = rule! {
    id: "user-code-expired",
    status: 404,
    error: "",
    title: "The code must be entered before it expires.",
    said: "That code has expired.",
    source: "RFC 8628 §5.1",
    source_url: "https://www.rfc-editor.org/rfc/rfc8628#section-5.1",
    why: "The longer a code can be entered, the easier it is to guess.",
    fix: "Start again on the device: it shows a new code.",
    example: "BCDF-GHJK",
};

/// A code can be answered only once.
pub static USER_CODE_USED: Rule = rule! {
    id: "user-code-used",
    status: 404,
    error: "",
    title: "A code can be answered only once.",
    said: "That code has already been used.",
    source: "RFC 8628 §5.1",
    source_url: "https://www.rfc-editor.org/rfc/rfc8628#section-5.1",
    why: "The first answer decides, and can't be changed behind that person's back.",
    fix: "If it was you, you're done. If not, start again on the device: it shows a new code.",
    example: "BCDF-GHJK",
};

/// A device is answered with allow or deny.
pub static DEVICE_DECISION_UNKNOWN: Rule = rule! {
    id: "device-decision-unknown",
    status: 400,
    error: "",
    title: "A device is answered with allow or deny.",
    said: "No decision was sent.",
    source: "RFC 8628 §3.3",
    source_url: "https://www.rfc-editor.org/rfc/rfc8628#section-3.3",
    why: "Anything else could be mistaken for a yes.",
    fix: "Go back and press one of the two buttons.",
    example: "decision=allow",
};

/// Without authentication only so many device codes are issued in a time.
pub static DEVICE_REQUEST_QUOTA: Rule = rule! {
    id: "device-request-quota",
    status: 429,
    error: "temporarily_unavailable",
    title: "Without authentication only so many device codes are issued in a time.",
    said: "The app has asked for too many device codes lately.",
    source: "RFC 8628 §5.1",
    source_url: "https://www.rfc-editor.org/rfc/rfc8628#section-5.1",
    why: "A public application proves nothing, so any program could fill the database with codes in \
        its name; and the more codes wait, the easier one is guessed.",
    fix: "Wait as long as Retry-After says. Ask for a code when a person wants to sign in, and \
        keep it until it expires.",
    example: "HTTP/1.1 429 Too Many Requests\nRetry-After: 600",
};
