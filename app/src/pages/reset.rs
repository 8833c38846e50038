//! Setting a new password by a link. A plain form: it needs no script. Opening the page changes
//! nothing, since mail scanners open links too.

use leptos::prelude::*;
use leptos_meta::Title;

use super::account::PASSWORD_HINT;
use crate::{
    page_data,
    ui::{Button, ButtonVariant, Field, Panel, Stage},
};
use contract::{
    routes,
    wire::page::{PageContent, ResetPage},
};

#[component]
pub fn ResetView() -> impl IntoView {
    let page = match page_data().content {
        PageContent::Reset(page) => page,
        _ => ResetPage::default(),
    };
    let wrong = page.errors.get("password").cloned().unwrap_or_default();
    let errors = Signal::derive(move || wrong.clone());
    view! {
        <Title text="Set a new password"/>
        <Stage foot="This link works once.">
            <Panel>
                <div class="stack tight">
                    <h1>"Set a new password"</h1>
                    <p class="muted wrap">"for "<b>{page.username.clone()}</b></p>
                </div>
                <form class="stack" method="post" action=routes::RESET>
                    <input type="hidden" name="token" value=page.token/>
                    // For password managers, which keep the new password beside the name.
                    <input type="hidden" name="username" autocomplete="username" value=page.username/>
                    <Field label="New password" name="password" kind="password"
                        autocomplete="new-password" hint=PASSWORD_HINT required=true autofocus=true
                        errors/>
                    <p class="small muted">"Your other devices are signed out, and apps have to ask you again."</p>
                    <Button look=ButtonVariant::Primary wide=true>"Set password"</Button>
                </form>
            </Panel>
        </Stage>
    }
}
