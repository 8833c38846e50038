//! Asking for a link to set a new password. A plain form: it needs no script.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    page_data,
    ui::{Button, ButtonVariant, Field, Note, Panel, Stage, Tone},
};
use contract::{
    routes,
    wire::page::{ForgotPage, PageContent},
};

#[component]
pub fn ForgotView() -> impl IntoView {
    let page = match page_data().content {
        PageContent::Forgot(page) => page,
        _ => ForgotPage::default(),
    };
    let says = if page.sends {
        "We'll email you a link that works for an hour."
    } else {
        "No mail can be sent from here. Send this form, then ask the people who run this service: \
         they can give you the link."
    };
    view! {
        <Title text="Reset your password"/>
        <Stage>
            <Panel>
                <div class="stack tight">
                    <h1>"Reset your password"</h1>
                    <p class="muted">{says}</p>
                </div>
                <div role="alert" class="alert">
                    {page.error.map(|error| view! { <Note tone=Tone::Bad>{error}</Note> })}
                </div>
                <form class="stack" method="post" action=routes::FORGOT>
                    <Field label="Username or email" name="username" value=page.username
                        autocomplete="username" required=true autofocus=true/>
                    <Button look=ButtonVariant::Primary wide=true>"Send the link"</Button>
                </form>
                <p class="small"><a href=routes::LOGIN rel="external">"Back to sign in"</a></p>
            </Panel>
        </Stage>
    }
}
