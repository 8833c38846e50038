//! Asking a person whether an application may act for them.

use leptos::{ev::SubmitEvent, prelude::*};
use leptos_meta::Title;

use super::decision;
use crate::{
    api, browser, page_data,
    ui::{FormAction, Panel, Stage},
};
use contract::{
    routes,
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
    let title = format!("{} asks for access", application.name);
    // Its name is only what it says of itself; who answers for it is the host.
    let published = application.client_id_host.map(|host| {
        view! {
            <p class="small muted">
                "It describes itself at "<b class="wrap">{host}</b>". Claviger hasn't checked that."
            </p>
        }
        .into_any()
    });
    let next = view! { "You'll be sent to "<b class="wrap">{application.redirect_host}</b>". " };
    view! {
        <Title text=title/>
        <Stage>
            <Panel>
                {decision::application(application.name, "asks for access to your account", published)}
                {decision::person(request.user, not_you)}
                <form class="stack loose" method="post" action=routes::CONSENT on:submit=send>
                    <input type="hidden" name="flow" value=flow/>
                    {decision::question(request.scopes, submit)}
                </form>
                {decision::take_back(Some(next.into_any()))}
            </Panel>
        </Stage>
    }
    .into_any()
}
