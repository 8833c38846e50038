//! Signing out, asked for by link or by an application: following one signs no one out
//! without a question, unless the application shows that it was let in by this very session.

use leptos::{ev::SubmitEvent, prelude::*};
use leptos_meta::Title;

use crate::{
    api, browser, page_data,
    ui::{
        Avatar, Button, ButtonVariant, FormAction, LinkButton, Note, Panel, ProblemNote, Stage,
        Tone,
    },
};
use contract::{
    routes,
    wire::{
        logout::{LogoutPage as Asked, SignOut},
        page::PageContent,
        session::Redirect,
    },
};

#[component]
pub fn LogoutPage() -> impl IntoView {
    let data = page_data();
    let asked = match data.content {
        PageContent::Logout(page) => page,
        _ => Asked::default(),
    };
    match data.user {
        Some(user) => confirm(user.username, asked),
        None => signed_out(),
    }
}

fn signed_out() -> AnyView {
    view! {
        <Title text="Signed out"/>
        <Stage>
            <Panel>
                <div class="stack tight">
                    <h1>"You are signed out"</h1>
                    <p class="muted">"Apps that may keep access when you're away stay connected until you remove them."</p>
                </div>
                <LinkButton href=routes::LOGIN wide=true external=true>"Sign in again"</LinkButton>
            </Panel>
        </Stage>
    }
    .into_any()
}

fn confirm(username: String, asked: Asked) -> AnyView {
    let Asked {
        flow,
        application,
        redirect_host,
        refused,
    } = asked;
    let flow = Some(flow).filter(|flow| !flow.is_empty());
    let submit = FormAction::new();
    let send = {
        let flow = flow.clone();
        move |event: SubmitEvent| {
            event.prevent_default();
            let body = SignOut {
                flow: flow.clone(),
                everywhere: browser::form_values(&event).some("everywhere").is_some(),
            };
            submit.run(
                async move { api::post(routes::API_LOGOUT, &body).await },
                |done: Redirect| browser::assign(&done.redirect_to),
            );
        }
    };
    let about = match application {
        Some(name) => format!("{name} asks to sign you out."),
        None => "You're signed in as".to_owned(),
    };
    view! {
        <Title text="Sign out"/>
        <Stage>
            <Panel>
                <div class="stack tight">
                    <h1>"Sign out?"</h1>
                    <p class="muted wrap">{about}</p>
                </div>
                {refused.map(stays)}
                <div class="who">
                    <Avatar name=username.clone()/>
                    <span class="grow clip" title=username.clone()>{username.clone()}</span>
                </div>
                <form class="stack" method="post" action=routes::LOGOUT on:submit=send>
                    {flow.map(|flow| view! { <input type="hidden" name="flow" value=flow/> })}
                    <div class="check">
                        <input
                            id="everywhere"
                            name="everywhere"
                            type="checkbox"
                            value="true"
                        />
                        <div><label for="everywhere">"Also sign out of my other devices"</label></div>
                    </div>
                    <ProblemNote problem=submit.problem()/>
                    <Button look=ButtonVariant::Primary wide=true busy=submit.busy()>"Sign out"</Button>
                    <LinkButton href=routes::HOME wide=true external=true>"Stay signed in"</LinkButton>
                </form>
                <p class="small muted">
                    "Apps you used in this session are signed out too. Apps that may keep access when you're away stay connected."
                    {redirect_host.map(|host| view! { " Then you'll be sent to "<b class="wrap">{host}</b>"." })}
                </p>
            </Panel>
        </Stage>
    }
    .into_any()
}

/// The address for afterwards is not gone to.
fn stays(rule: String) -> AnyView {
    let page = routes::rule(&rule);
    view! {
        <Note tone=Tone::Warn>
            "The address that you came with for afterwards isn't registered, so you'll stay here. "
            <a href=page rel="external">{rule}</a>
        </Note>
    }
    .into_any()
}
