//! Copying a value: what is shown must be what lands on the clipboard.

use crate::ui::reactive;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser;

/// `Copy`, then for a moment `Copied`.
#[component]
pub fn Copy(
    #[prop(into)] value: Signal<String>,
    /// What is copied, for a screen reader: `client ID`.
    #[prop(into)]
    what: String,
    /// Words on the button instead of `Copy`.
    #[prop(optional)]
    words: Option<&'static str>,
) -> impl IntoView {
    let done = RwSignal::new(None::<bool>);
    let copy = move |_| {
        spawn_local(async move {
            let copied = browser::copy(&value.get_untracked()).await;
            let _ = done.try_set(Some(copied));
            set_timeout(
                move || {
                    let _ = done.try_set(None);
                },
                std::time::Duration::from_millis(1800),
            );
        });
    };
    let shown = move || match done.get() {
        None => words.unwrap_or("Copy"),
        Some(true) => "Copied",
        Some(false) => "Select it and copy",
    };
    let label = move || match done.get() {
        None => Some(format!("{} {what}", words.unwrap_or("Copy"))),
        Some(_) => None,
    };
    view! {
        <button type="button" class="btn sm copy" aria-label=label on:click=copy>
            <span aria-live="polite">{shown}</span>
        </button>
    }
}

/// A value in type of even width with its copy button.
#[component]
pub fn CopyValue(#[prop(into)] value: Signal<String>, #[prop(into)] what: String) -> impl IntoView {
    view! {
        <div class="copy-value">
            <code class="grow">{reactive(move || { value.get() }.into_any())}</code>
            <Copy value what/>
        </div>
    }
}
