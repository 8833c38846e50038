//! Asking a person whether an application may act for them.

use leptos::{ev::SubmitEvent, prelude::*};
use leptos_meta::Title;

use super::decision;
use crate::{
    api, browser, page_data,
    ui::{FormAction, Note, Panel, Stage, Tone, reactive},
};
use contract::{
    routes, rules,
    wire::{
        consent::ConsentDecision,
        page::{ConsentPage, PageContent},
        problem::Problem,
        session::Redirect,
    },
};

#[component]
pub fn ConsentView() -> impl IntoView {
    match page_data().content {
        PageContent::Consent(page) => asked(page),
        // Nothing is asked without a request: only a full load brings one.
        _ => view! {
            <Title text="Nothing to allow"/>
            <Stage>
                <Panel>
                    <h1>"Nothing to allow"</h1>
                    <p class="muted">"No app is asking for access. Start again from the app."</p>
                </Panel>
            </Stage>
        }
        .into_any(),
    }
}

fn asked(page: ConsentPage) -> AnyView {
    let ConsentPage { flow, request } = page;
    let application = request.application;
    let submit = FormAction::new();
    // Where an app was opened by a scheme of its own: the browser stays on this page then.
    let left = RwSignal::new(None::<String>);
    let send = {
        let flow = flow.clone();
        move |event: SubmitEvent| {
            event.prevent_default();
            let (decision, scopes) = decision::answer(&event);
            let body = ConsentDecision {
                flow: flow.clone(),
                decision,
                scopes,
            };
            let here = flow.clone();
            submit.run(
                async move {
                    let answer = api::post(routes::API_CONSENT, &body).await;
                    if let Some(path) = answer.as_ref().err().and_then(|p| way_on(p, &here)) {
                        browser::assign(&path);
                    }
                    answer
                },
                move |done: Redirect| {
                    browser::assign(&done.redirect_to);
                    left.set(Some(done.redirect_to).filter(|to| opens_an_app(to)));
                },
            );
        }
    };
    // Another person signs in and comes back to the same request.
    let not_you = format!("{}?flow={}&prompt=login", routes::LOGIN, flow);
    let title = format!("{} asks for access", application.name);
    let checked = application.checked;
    let host = application.redirect_host;
    let next = view! { "You'll be sent to "<b class="wrap">{host.clone()}</b>". " };
    let asks = if checked {
        "asks for access to your account".into_any()
    } else {
        view! { "asks for access to your account, and would send you to "<b class="wrap">{host}</b> }
            .into_any()
    };
    let strip = (!checked)
        .then(|| decision::unchecked(application.registered_at, application.client_id_host));
    view! {
        <Title text=title/>
        <Stage>
            <Panel>
                {strip}
                {decision::application(application.name, checked, asks)}
                {decision::person(request.user, not_you)}
                {reactive(move || left.get().map(opened).into_any())}
                <form class="stack loose" method="post" action=routes::CONSENT on:submit=send
                    hidden=move || left.get().is_some()>
                    <input type="hidden" name="flow" value=flow/>
                    {decision::question(request.scopes, request.resources, checked, submit)}
                </form>
                {decision::take_back(Some(next.into_any()))}
            </Panel>
        </Stage>
    }
    .into_any()
}

/// Where a page goes whose answer was not taken: the server's pages say what has become of the
/// request, and lead on.
fn way_on(problem: &Problem, flow: &str) -> Option<String> {
    let rule = problem.rule();
    let page = if rule == rules::FLOW_COMPLETED.id {
        routes::CONSENT
    } else if [
        rules::SESSION_REQUIRED.id,
        rules::FLOW_EXPIRED.id,
        rules::FLOW_OTHER_BROWSER.id,
    ]
    .contains(&rule)
    {
        routes::LOGIN
    } else {
        return None;
    };
    Some(format!("{page}?flow={flow}"))
}

fn opens_an_app(url: &str) -> bool {
    !(url.starts_with('/') || url.starts_with("http:") || url.starts_with("https:"))
}

/// In place of the form.
fn opened(to: String) -> AnyView {
    view! {
        <Note tone=Tone::Good>
            <b>"You are done here."</b>
            <p>"If the app did not open by itself, "<a href=to rel="external">"open it now"</a>". You can close this page then."</p>
        </Note>
    }
    .into_any()
}
