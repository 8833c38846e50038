//! Native dialogs: the browser keeps the focus inside, and Escape closes.

use crate::ui::reactive;
use leptos::{html, prelude::*};

use super::{Button, ButtonVariant, ProblemNote};
use crate::browser;
use contract::wire::problem::Problem;

/// Shown while `open` is true. The content is made when it opens and dropped when it closes. With
/// `only_sight` the first Escape shows that sentence and closes nothing: for what can't be opened
/// again.
#[component]
pub fn Dialog(
    open: RwSignal<bool>,
    #[prop(into)] title: String,
    #[prop(optional)] only_sight: Option<&'static str>,
    #[prop(into)] children: ViewFn,
) -> impl IntoView {
    let asked = RwSignal::new(false);
    let node = NodeRef::<html::Dialog>::new();
    browser::effect(move || {
        let Some(dialog) = node.get() else { return };
        if !open.get() {
            dialog.close();
        } else if !dialog.open() {
            let _ = dialog.show_modal();
        }
    });
    let id = title_id(&title);
    view! {
        <dialog
            node_ref=node
            aria-labelledby=id
            on:cancel=move |event: leptos::ev::Event| {
                if only_sight.is_some() && !asked.get_untracked() {
                    event.prevent_default();
                    asked.set(true);
                }
            }
            on:close=move |_| {
                asked.set(false);
                open.set(false);
            }
        >
            <div class="dialog stack">
                <h2 id=id.clone()>{title}</h2>
                {reactive(move || { open.get().then(|| children.run()) }.into_any())}
                <p class="err" role="alert">
                    {reactive(move || { only_sight.filter(|_| asked.get()) }.into_any())}
                </p>
            </div>
        </dialog>
    }
}

/// The same on both sides, and two dialogs of one page have two titles.
fn title_id(title: &str) -> String {
    let words = title.chars().filter(char::is_ascii_alphanumeric);
    "dialog-".chars().chain(words).collect()
}

/// Asks before something that can't be undone: what will happen, `Cancel`, and the action in words.
#[component]
pub fn Confirm(
    open: RwSignal<bool>,
    #[prop(into)] title: String,
    /// What will happen, in a sentence or two.
    #[prop(into)]
    text: Signal<String>,
    /// Words of the button that does it: `Delete application`.
    action: &'static str,
    #[prop(into)] on_confirm: Callback<()>,
    #[prop(optional, into)] busy: Signal<bool>,
    #[prop(optional, into)] problem: Signal<Option<Problem>>,
) -> impl IntoView {
    let body = move || {
        view! {
            <p class="muted">{reactive(move || { text.get() }.into_any())}</p>
            <ProblemNote problem/>
            <div class="row end">
                <Button on_press=move |()| open.set(false) autofocus=true>"Cancel"</Button>
                <Button look=ButtonVariant::Danger busy on_press=on_confirm>{action}</Button>
            </div>
        }
    };
    view! { <Dialog open title children=body/> }
}
