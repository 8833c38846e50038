//! What came beside what would have passed.

use leptos::prelude::*;

use crate::pages::apps::fields::OnlyIfYours;
use crate::ui::diff::{Diff, closest_first};
use crate::ui::{Button, ButtonVariant, Card, Dialog, LinkButton, Note, Tone};
use contract::routes::encode;
use contract::rules::{self, Rule};
use contract::wire::flow::FlowStep;
use contract::{routes, validate};

#[component]
pub fn Differs(step: FlowStep, client_id: Option<String>) -> impl IntoView {
    let FlowStep {
        rule,
        expected,
        received,
        ..
    } = step;
    let is = |one: &'static Rule| rule.as_deref() == Some(one.id);
    let registered = is(&rules::REDIRECT_URI_MISMATCH);
    let addresses = registered || is(&rules::CODE_REDIRECT_URI_MISMATCH);
    match received {
        Some(received) if registered => view! {
            <Card title="What differs">
                {marked("Registered", &expected, &received)}
                {client_id.map(|client_id| view! { <AddReceived client_id received registered=expected/> })}
            </Card>
        }
        .into_any(),
        Some(received) if addresses => view! {
            <Card title="What differs">{marked("Sent before", &expected, &received)}</Card>
        }
        .into_any(),
        received if received.is_some() || !expected.is_empty() => beside(expected, received),
        _ => ().into_any(),
    }
}

/// The closest one in full view, the others behind a fold.
fn marked(label: &'static str, expected: &[String], received: &str) -> AnyView {
    let mut all = closest_first(expected, received).into_iter();
    let Some((_, closest)) = all.next() else {
        return view! {
            <p class="muted">"No address is registered yet."</p>
            <dl class="diff"><dt>"Received"</dt><dd>{received.to_owned()}</dd></dl>
        }
        .into_any();
    };
    let others: Vec<_> = all
        .map(|(_, pieces)| view! { <Diff label pieces/> })
        .collect();
    let count = others.len();
    view! {
        <Diff label pieces=closest/>
        {(count > 0).then(|| view! {
            <details>
                <summary>
                    {if count == 1 {
                        "Compare with the other registered address".to_owned()
                    } else {
                        format!("Compare with the other {count} registered addresses")
                    }}
                </summary>
                <div class="stack">{others}</div>
            </details>
        })}
    }
    .into_any()
}

/// Values that are no addresses: one beside the other, nothing marked.
fn beside(expected: Vec<String>, received: Option<String>) -> AnyView {
    let expected = (!expected.is_empty()).then(|| {
        let values = expected
            .into_iter()
            .map(|one| view! { <dd>{one}</dd> })
            .collect_view();
        view! { <dt>"Expected"</dt> {values} }
    });
    let received = match received {
        Some(value) if !value.is_empty() => value.into_any(),
        _ => view! { <span class="faint">"nothing"</span> }.into_any(),
    };
    view! {
        <Card title="Expected and received">
            <dl class="diff">{expected} <dt>"Received"</dt> <dd>{received}</dd></dl>
        </Card>
    }
    .into_any()
}

/// The host of an address when none of the registered ones has it.
fn new_host(received: &str, registered: &[String]) -> Option<String> {
    let host = host(received);
    let known = registered.iter().any(|uri| self::host(uri) == host);
    (!known).then_some(host)
}

/// Host and port; of an address without them its scheme.
fn host(uri: &str) -> String {
    let (scheme, rest) = uri.split_once(':').unwrap_or((uri, ""));
    let Some(rest) = rest.strip_prefix("//") else {
        return format!("{scheme}:").to_ascii_lowercase();
    };
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    rest[..end].to_ascii_lowercase()
}

/// To the settings, after a warning: this is how an attacker would like to be registered.
#[component]
fn AddReceived(client_id: String, received: String, registered: Vec<String>) -> impl IntoView {
    // The trace cuts long values.
    if received.ends_with('…') {
        return view! {
            <p class="small muted">"The received address is too long to be kept in full."</p>
        }
        .into_any();
    }
    if let Err(rule) = validate::redirect_uri::check_form(&received) {
        return view! {
            <p class="small muted">
                "The received address can't be registered. " {rule.said} " "
                <a href=routes::rule(rule.id) rel="external">{rule.id}</a>
            </p>
        }
        .into_any();
    }
    let new_host = new_host(&received, &registered).map(|host| {
        let words = format!(
            "No registered address is at {host}. Its owner would receive the codes of your users."
        );
        view! { <Note tone=Tone::Warn><p>{words}</p></Note> }
    });
    let open = RwSignal::new(false);
    let settings = format!(
        "{}/settings?add_redirect_uri={}",
        routes::app(&client_id),
        encode(&received)
    );
    let warning = move || {
        view! {
            <p class="mono wrap">{received.clone()}</p>
            <Note tone=Tone::Warn>
                <OnlyIfYours/>
            </Note>
            <p class="small muted">"Nothing is saved yet. You can look at it once more in the settings."</p>
            <div class="row end">
                <Button on_press=move |()| open.set(false) autofocus=true>"Cancel"</Button>
                <LinkButton href=settings.clone() look=ButtonVariant::Primary>"Go to the settings"</LinkButton>
            </div>
        }
    };
    view! {
        {new_host}
        <div class="row">
            <Button on_press=move |()| open.set(true)>
                "Add the received address…"
            </Button>
        </div>
        <Dialog open title="Is this address yours?" children=warning/>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_that_no_registered_address_has_is_new() {
        let registered = ["https://a.example/cb", "com.example.app:/cb"].map(str::to_owned);
        for (received, host) in [
            ("https://a.example/other", None),
            ("https://A.example", None),
            (
                "https://a.example.evil.test/cb",
                Some("a.example.evil.test"),
            ),
            ("https://a.example:8443/cb", Some("a.example:8443")),
            ("https://evil.test?https://a.example/cb", Some("evil.test")),
            ("com.example.app:/other", None),
            ("com.evil.app:/cb", Some("com.evil.app:")),
        ] {
            let found = new_host(received, &registered);
            assert_eq!(found.as_deref(), host, "{received}");
        }
    }
}
