//! Buttons, and links that look like them.

use leptos::prelude::*;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonVariant {
    #[default]
    Plain,
    /// The one thing that this page is for.
    Primary,
    /// Ends something for good.
    Danger,
    /// Text only, until it is pointed at.
    Quiet,
}

fn class(look: ButtonVariant, small: bool, wide: bool) -> String {
    let mut class = String::from("btn");
    class.push_str(match look {
        ButtonVariant::Plain => "",
        ButtonVariant::Primary => " primary",
        ButtonVariant::Danger => " danger",
        ButtonVariant::Quiet => " quiet",
    });
    if small {
        class.push_str(" sm");
    }
    if wide {
        class.push_str(" wide");
    }
    class
}

/// Without `on_press` it sends the form that it stands in.
#[component]
pub fn Button(
    #[prop(optional)] look: ButtonVariant,
    #[prop(optional)] small: bool,
    #[prop(optional)] wide: bool,
    /// Sending: no second press, and a turning ring. The focus stays.
    #[prop(optional, into)]
    busy: Signal<bool>,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional, into)] on_press: Option<Callback<()>>,
    /// Name and value that a form sends when this button was pressed.
    #[prop(optional)]
    name: Option<&'static str>,
    #[prop(optional)] value: Option<&'static str>,
    /// For a screen reader, when the words alone do not say which one.
    #[prop(optional, into)]
    label: Option<String>,
    #[prop(optional)] autofocus: bool,
    children: Children,
) -> impl IntoView {
    // Not `disabled`: a button that has the focus would drop it. Enter in a field presses this
    // button too, so what is prevented here is not sent either.
    let off = move || busy.get() || disabled.get();
    view! {
        <button
            class=class(look, small, wide)
            type=if on_press.is_some() { "button" } else { "submit" }
            name=name
            value=value
            aria-label=label
            autofocus=autofocus
            aria-disabled=move || off().then_some("true")
            aria-busy=move || busy.get().then_some("true")
            on:click=move |event| {
                if untrack(off) {
                    event.prevent_default();
                } else if let Some(press) = on_press {
                    press.run(());
                }
            }
        >
            {children()}
        </button>
    }
}

/// A link that looks like a button. `external` makes it a full load.
#[component]
pub fn LinkButton(
    #[prop(into)] href: String,
    #[prop(optional)] look: ButtonVariant,
    #[prop(optional)] small: bool,
    #[prop(optional)] wide: bool,
    #[prop(optional)] external: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <a class=class(look, small, wide) href=href rel=external.then_some("external")>
            {children()}
        </a>
    }
}
