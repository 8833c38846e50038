//! Asking a person whether an application may act for them.

use leptos::{ev::SubmitEvent, prelude::*};
use leptos_meta::Title;

use crate::{
    api, browser, page_data, routes,
    ui::{Avatar, Button, Chip, Look, Panel, ProblemNote, Stage, Submit, Tile},
    wire::{
        consent::{ConsentDecision, ConsentScope, Decision},
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
                    <p class="muted">"No application is asking for access. Start again from the application."</p>
                </Panel>
            </Stage>
        }
        .into_any(),
    }
}

fn asked(page: ConsentPage) -> AnyView {
    let ConsentPage { flow, request } = page;
    let application = request.application;
    let submit = Submit::new();
    let send = {
        let flow = flow.clone();
        move |event: SubmitEvent| {
            event.prevent_default();
            let decision = match browser::submitter_value(&event).as_deref() {
                Some("allow") => Decision::Allow,
                _ => Decision::Deny,
            };
            let scopes = browser::form_values(&event).all("scope");
            let body = ConsentDecision {
                flow: flow.clone(),
                decision,
                scopes: (decision == Decision::Allow).then_some(scopes),
            };
            let login = format!("{}?flow={}", routes::LOGIN, flow);
            submit.run(
                async move {
                    let answer = api::post(routes::API_CONSENT, &body).await;
                    // They have to prove again who they are: `max_age` has passed meanwhile.
                    let again = |problem: &Problem| problem.status == 401;
                    if answer.as_ref().is_err_and(again) {
                        browser::assign(&login);
                    }
                    answer
                },
                |done: Redirect| browser::assign(&done.redirect_to),
            );
        }
    };
    // Another person signs in and comes back to the same request.
    let not_you = format!("{}?flow={}&prompt=login", routes::LOGIN, flow);
    let known = request.scopes.iter().any(|scope| scope.granted);
    let scopes = request
        .scopes
        .into_iter()
        .map(|scope| scope_item(scope, known))
        .collect_view();
    let person = if request.user.email.is_empty() {
        request.user.username.clone()
    } else {
        request.user.email
    };
    let title = format!("{} asks for access", application.name);
    // Its name is only what it says of itself; who answers for it is the host.
    let published = application.client_id_host.map(|host| {
        view! {
            <p class="small muted">
                "It says of itself who it is, at "<b class="wrap">{host}</b>
                ". Nobody here has checked that."
            </p>
        }
    });
    view! {
        <Title text=title/>
        <Stage>
            <Panel>
                <div class="row top">
                    <Tile name=application.name.clone()/>
                    <div class="grow">
                        <h1 class="wrap">{application.name}</h1>
                        <p class="muted">"asks for access to your account"</p>
                        {published}
                    </div>
                </div>
                <div class="who">
                    <Avatar name=request.user.username/>
                    <span class="grow clip" title=person.clone()>{person.clone()}</span>
                    <a href=not_you rel="external">"Not you?"</a>
                </div>
                <form class="stack loose" method="post" action=routes::CONSENT on:submit=send>
                    <input type="hidden" name="flow" value=flow/>
                    <ul class="scopes" aria-label="What it may do">{scopes}</ul>
                    <ProblemNote problem=submit.problem()/>
                    <div class="two">
                        <Button name="decision" value="deny" busy=submit.busy()>"Deny"</Button>
                        <Button look=Look::Primary name="decision" value="allow" busy=submit.busy()>"Allow"</Button>
                    </div>
                </form>
                <p class="small muted">
                    "You will go to "<b class="wrap">{application.redirect_host}</b>
                    ". You can take this back at any time under "
                    <a href=routes::CONNECTIONS rel="external">"Connections"</a>"."
                </p>
            </Panel>
        </Stage>
    }
    .into_any()
}

/// A fixed scope is said with a tick and sent hidden; an optional one is a checkbox. For an
/// application that is `known` already, what it asks for anew is marked.
pub(super) fn scope_item(scope: ConsentScope, known: bool) -> AnyView {
    let ConsentScope {
        name,
        description,
        detail,
        granted,
        optional,
    } = scope;
    let quiet = match (detail.is_empty(), granted, optional) {
        (_, true, _) => "You gave this before.".to_owned(),
        (true, _, true) => "Optional".to_owned(),
        (false, _, true) => format!("Optional. {detail}"),
        _ => detail,
    };
    let quiet = (!quiet.is_empty()).then(|| view! { <span class="small muted">{quiet}</span> });
    let new = (known && !granted).then(|| view! { <Chip>"new"</Chip> });
    let what = view! { <span><b>{description}</b>" "{new}</span> };
    if optional {
        let id = format!("scope-{name}");
        view! {
            <li>
                <input id=id.clone() type="checkbox" name="scope" value=name checked=true/>
                <label for=id class="stack-0">
                    {what}
                    {quiet}
                </label>
            </li>
        }
        .into_any()
    } else {
        view! {
            <li>
                <span class="tick" aria-hidden="true">"✓"</span>
                <span class="stack-0">{what}{quiet}</span>
                <input type="hidden" name="scope" value=name/>
            </li>
        }
        .into_any()
    }
}
