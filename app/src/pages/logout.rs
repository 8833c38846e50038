//! Signing out, asked for by link: nobody is signed out by following one.

use leptos::{ev::SubmitEvent, prelude::*};
use leptos_meta::Title;

use crate::{
    api, browser, page_data, routes,
    ui::{Avatar, Button, LinkButton, Look, Panel, ProblemNote, Stage, Submit},
};

#[component]
pub fn LogoutPage() -> impl IntoView {
    let Some(user) = page_data().user else {
        return view! {
            <Title text="Signed out"/>
            <Stage>
                <Panel>
                    <div class="stack tight">
                        <h1>"You are signed out"</h1>
                        <p class="muted">"Applications that you let in keep their access until you remove it."</p>
                    </div>
                    <LinkButton href=routes::LOGIN wide=true external=true>"Sign in again"</LinkButton>
                </Panel>
            </Stage>
        }
        .into_any();
    };
    let submit = Submit::new();
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        submit.run(async { api::delete(routes::API_SESSION).await }, |()| {
            browser::assign(routes::LOGOUT)
        });
    };
    view! {
        <Title text="Sign out"/>
        <Stage>
            <Panel>
                <div class="stack tight">
                    <h1>"Sign out?"</h1>
                    <p class="muted">"On this browser only. Applications that you let in keep their access."</p>
                </div>
                <div class="who">
                    <Avatar name=user.username.clone()/>
                    <span class="grow clip">{user.username}</span>
                </div>
                <ProblemNote problem=submit.problem()/>
                <form class="stack" method="post" action=routes::LOGOUT on:submit=send>
                    <Button look=Look::Primary wide=true busy=submit.busy()>"Sign out"</Button>
                    <LinkButton href=routes::HOME wide=true external=true>"Stay signed in"</LinkButton>
                </form>
            </Panel>
        </Stage>
    }
    .into_any()
}
