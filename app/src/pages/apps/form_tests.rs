use super::*;

fn patch(change: impl FnOnce(&mut Application)) -> ApplicationPatch {
    let app = sample();
    let mut new = app.clone();
    change(&mut new);
    let all = Owner::new()
        .with(|| ApplicationForm::of(&new).values())
        .unwrap();
    only_changes(all, &app)
}

#[test]
fn what_is_as_it_was_is_not_sent() {
    assert_eq!(patch(|_| {}), ApplicationPatch::default());
    let order = patch(|app| app.scopes.reverse());
    assert_eq!(order, ApplicationPatch::default());
}

#[test]
fn what_was_changed_is_sent_and_nothing_else() {
    let sent = patch(|app| {
        app.redirect_uris.push("https://b.example/cb".into());
        app.require_pkce = false;
    });
    let sent = serde_json::to_value(sent).unwrap();
    assert_eq!(
        sent,
        serde_json::json!({
            "redirect_uris": ["https://photos.acme.example/callback", "https://b.example/cb"],
            "require_pkce": false
        })
    );
}

#[test]
fn what_was_taken_away_is_sent_as_empty() {
    let mut app = sample();
    app.jwks = Some(serde_json::json!({ "keys": [] }));
    app.jwks_uri = Some("https://b.example/jwks".into());
    let sent = Owner::new().with(|| {
        let draft = ApplicationForm::of(&app);
        draft.jwks.set(" ".into());
        draft.jwks_uri.set(String::new());
        only_changes(draft.values().unwrap(), &app)
    });
    let sent = serde_json::to_value(sent).unwrap();
    assert_eq!(sent, serde_json::json!({ "jwks": {}, "jwks_uri": "" }));
}

#[test]
fn keys_that_are_no_json_are_named() {
    for typed in ["{", "[]", "{}", "keys"] {
        assert_eq!(keys(typed), None, "{typed}");
    }
    assert_eq!(keys(" "), Some(serde_json::json!({})));
}

#[test]
fn a_lifetime_that_is_no_number_is_named() {
    let errors = Owner::new().with(|| {
        let draft = ApplicationForm::of(&sample());
        draft.access_token_lifetime.set("an hour".into());
        draft.values()
    });
    let errors = errors.map(drop).unwrap_err();
    assert_eq!(errors.keys().collect::<Vec<_>>(), ["access_token_lifetime"]);
}

#[test]
fn seconds_are_said_in_words() {
    for (seconds, words) in [
        (0, "0 seconds"),
        (1, "1 second"),
        (60, "1 minute"),
        (3600, "1 hour"),
        (5400, "1 hour 30 minutes"),
        (2_592_000, "30 days"),
    ] {
        assert_eq!(span(seconds), words);
    }
}

#[test]
fn an_application_is_called_by_what_it_does() {
    let mut app = sample();
    assert_eq!(Kind::of(&app), Kind::Web);
    app.grant_types = Kind::Service.grants();
    assert_eq!(Kind::of(&app), Kind::Service);
    app.client_type = ClientType::Public;
    assert_eq!(Kind::of(&app), Kind::App);
}
