//! `prompt` and `max_age` (OpenID Connect Core 1.0 §3.1.2.1).

use app::rules;

use crate::domain::authorization::Prompt;
use crate::domain::refusal::Refusal;

/// # Errors
/// `prompt-unknown`, `prompt-none-combined`, `prompt-create-unsupported`.
pub(super) fn parse(text: Option<&str>) -> Result<Prompt, Refusal> {
    let mut prompt = Prompt::default();
    let text = text.unwrap_or_default();
    for value in text.split(' ').filter(|v| !v.is_empty()) {
        match value {
            "none" => prompt.none = true,
            "login" => prompt.login = true,
            "consent" => prompt.consent = true,
            "select_account" => prompt.select_account = true,
            // Initiating User Registration 1.0 §4.1: nobody can sign up by themselves here.
            "create" => return Err(Refusal::new(&rules::PROMPT_CREATE_UNSUPPORTED)),
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
        text.parse::<u32>()
            .map(i64::from)
            .map_err(|_| Refusal::new(&rules::MAX_AGE_MALFORMED).received(text))
    })
    .transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_prompts_go_together() {
        let rule = |text| parse(Some(text)).map(|_| ()).map_err(|r| r.rule.id);
        for good in ["none", "login", "consent login", "select_account", "", " "] {
            assert_eq!(rule(good), Ok(()), "{good}");
        }
        assert_eq!(rule("none login"), Err("prompt-none-combined"));
        assert_eq!(rule("create"), Err("prompt-create-unsupported"));
        assert_eq!(rule("NONE"), Err("prompt-unknown"));
    }

    #[test]
    fn max_age_is_a_number_of_seconds() {
        assert_eq!(max_age(Some("0")).ok(), Some(Some(0)));
        assert_eq!(max_age(None).ok(), Some(None));
        for bad in ["-1", "1.5", "x", "99999999999"] {
            assert!(max_age(Some(bad)).is_err(), "{bad}");
        }
    }
}
