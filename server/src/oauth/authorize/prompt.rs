//! `prompt`, `max_age` and `acr_values` (OpenID Connect Core 1.0 §3.1.2.1).

use contract::rules;

use crate::domain::authorization::Prompt;
use crate::domain::refusal::Refusal;
use crate::domain::session::ACR_VALUES;

/// # Errors
/// `prompt-unknown`, `prompt-none-combined`.
pub(super) fn parse(text: Option<&str>) -> Result<Prompt, Refusal> {
    let mut prompt = Prompt::default();
    let text = text.unwrap_or_default();
    for value in text.split(' ').filter(|v| !v.is_empty()) {
        match value {
            "none" => prompt.none = true,
            "login" => prompt.login = true,
            "consent" => prompt.consent = true,
            "select_account" => prompt.select_account = true,
            // Initiating User Registration 1.0 §4.1 asks for the sign-up page. While sign-up is
            // closed there is none: who has no account yet finds that out at the sign-in.
            "create" => {}
            other => return Err(Refusal::new(&rules::PROMPT_UNKNOWN).received(other)),
        }
    }
    if prompt.none && (prompt.login || prompt.consent || prompt.select_account) {
        return Err(Refusal::new(&rules::PROMPT_NONE_COMBINED).received(text));
    }
    Ok(prompt)
}

/// Seconds, zero and up.
///
/// # Errors
/// `max-age-malformed`.
pub(super) fn max_age(text: Option<&str>) -> Result<Option<i64>, Refusal> {
    text.map(|text| {
        // `parse` alone takes a sign.
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        let seconds = text.parse::<u32>().ok().filter(|_| digits);
        seconds
            .map(i64::from)
            .ok_or_else(|| Refusal::new(&rules::MAX_AGE_MALFORMED).received(text))
    })
    .transpose()
}

/// Those that we know, in the client's order. They are a wish: one that can't be granted is no
/// error (OpenID Connect Core 1.0 §5.5.1.1).
pub(super) fn acr_values(text: Option<&str>) -> Vec<String> {
    let mut known: Vec<String> = Vec::new();
    for value in text.unwrap_or_default().split(' ') {
        // Each once: the ticket carries them.
        if ACR_VALUES.contains(&value) && !known.iter().any(|one| one == value) {
            known.push(value.to_owned());
        }
    }
    known
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_prompts_go_together() {
        let rule = |text| parse(Some(text)).map(|_| ()).map_err(|r| r.rule.id);
        for good in [
            "none",
            "login",
            "consent login",
            "select_account",
            "create",
            "none create",
            "",
            " ",
        ] {
            assert_eq!(rule(good), Ok(()), "{good}");
        }
        assert_eq!(rule("none login"), Err("prompt-none-combined"));
        assert_eq!(rule("NONE"), Err("prompt-unknown"));
    }

    #[test]
    fn an_acr_that_is_not_known_is_left_out() {
        assert_eq!(acr_values(Some("2 1 urn:x")), ["1"]);
        assert_eq!(acr_values(Some(&"1 ".repeat(8000))), ["1"]);
        assert!(acr_values(Some("urn:x")).is_empty());
        assert!(acr_values(None).is_empty());
    }

    #[test]
    fn max_age_is_a_number_of_seconds() {
        assert_eq!(max_age(Some("0")).ok(), Some(Some(0)));
        assert_eq!(max_age(None).ok(), Some(None));
        for bad in ["-1", "+1", "1.5", "x", "99999999999"] {
            assert!(max_age(Some(bad)).is_err(), "{bad}");
        }
    }
}
