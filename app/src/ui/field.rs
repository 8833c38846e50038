//! Form controls: label above, hint and errors below, both read out with the control.
//!
//! A control is either bound to a signal (`bind`) or left alone with a first `value` and read
//! when the form is sent; sign-in forms are left alone, since password managers write into them.

use crate::ui::reactive;
use leptos::{html, prelude::*};

/// Messages at one control.
#[component]
pub fn Errors(#[prop(into)] id: String, errors: Signal<Vec<String>>) -> impl IntoView {
    view! {
        <div class="errs" id=id aria-live="polite">
            {reactive(move || { {
                errors.get().into_iter().map(|error| view! { <p class="err">{error}</p> }).collect_view()
            } }.into_any())}
        </div>
    }
}

/// Ids of hint and errors for `aria-describedby`.
fn described(name: &str, hint: &str) -> String {
    if hint.is_empty() {
        format!("{name}-errors")
    } else {
        format!("{name}-hint {name}-errors")
    }
}

fn below(name: &str, hint: String, errors: Signal<Vec<String>>) -> AnyView {
    let hint =
        (!hint.is_empty()).then(|| view! { <p class="hint" id=format!("{name}-hint")>{hint}</p> });
    view! { {hint} <Errors id=format!("{name}-errors") errors/> }.into_any()
}

/// The signal writes into the control; what was typed before the page was taken over is kept.
fn keep_in_step(node: NodeRef<html::Input>, bind: RwSignal<String>) {
    Effect::new(move |before: Option<()>| {
        let Some(input) = node.get() else { return };
        let value = bind.get();
        let shown = input.value();
        if before.is_none() && !shown.is_empty() {
            bind.set(shown);
        } else if shown != value {
            input.set_value(&value);
        }
    });
}

/// One line of text. `name` is also the id, so it stands once on a page. A password can be shown.
#[component]
pub fn Field(
    #[prop(into)] label: String,
    #[prop(into)] name: String,
    #[prop(default = "text")] kind: &'static str,
    #[prop(optional, into)] value: String,
    #[prop(optional)] bind: Option<RwSignal<String>>,
    #[prop(optional, into)] hint: String,
    #[prop(optional, into)] errors: Signal<Vec<String>>,
    #[prop(optional)] autocomplete: Option<&'static str>,
    #[prop(optional, into)] placeholder: Option<String>,
    #[prop(optional)] inputmode: Option<&'static str>,
    #[prop(optional)] autocapitalize: Option<&'static str>,
    #[prop(optional)] maxlength: Option<&'static str>,
    #[prop(optional)] required: bool,
    #[prop(optional)] readonly: bool,
    #[prop(optional)] autofocus: bool,
    /// Type of even width: ids, addresses, codes.
    #[prop(optional)]
    mono: bool,
    /// Keeps the label for screen readers only.
    #[prop(optional)]
    hide_label: bool,
    #[prop(optional, into)] on_input: Option<Callback<String>>,
) -> impl IntoView {
    // Names and addresses are not prose: no capitals, no red lines.
    let literal = mono || matches!(autocomplete, Some("username" | "email"));
    let node = NodeRef::<html::Input>::new();
    if let Some(bind) = bind {
        keep_in_step(node, bind);
    }
    let secret = kind == "password";
    let shown = RwSignal::new(false);
    let show = secret.then(|| {
        // The word alone: with "password" in its name it would be found in place of the field.
        view! {
            <button
                type="button"
                class="btn quiet sm show"
                aria-pressed=move || shown.get().to_string()
                aria-controls=name.clone()
                on:click=move |_| shown.update(|shown| *shown = !*shown)
            >
                "Show"
            </button>
        }
        .into_any()
    });
    view! {
        <div class="field" class:secret=secret>
            <label for=name.clone() class=if hide_label { "visually-hidden" } else { "" }>{label}</label>
            <input
                id=name.clone()
                name=name.clone()
                type=move || if secret && shown.get() { "text" } else { kind }
                class=if mono { "mono" } else { "" }
                maxlength=maxlength
                value=match bind {
                    Some(bind) => bind.get_untracked(),
                    None => value,
                }
                node_ref=node
                placeholder=placeholder
                autocomplete=autocomplete
                autocapitalize=autocapitalize.or(literal.then_some("none"))
                spellcheck=literal.then_some("false")
                inputmode=inputmode
                required=required
                readonly=readonly
                autofocus=autofocus
                aria-describedby=described(&name, &hint)
                aria-invalid=move || (!errors.get().is_empty()).then_some("true")
                on:input=move |event| {
                    let typed = event_target_value(&event);
                    if let Some(bind) = bind {
                        bind.set(typed.clone());
                    }
                    if let Some(on_input) = on_input {
                        on_input.run(typed);
                    }
                }
            />
            {show}
            {below(&name, hint, errors)}
        </div>
    }
}

/// Several lines of text: one value a line.
#[component]
pub fn TextArea(
    #[prop(into)] label: String,
    #[prop(into)] name: String,
    bind: RwSignal<String>,
    #[prop(optional, into)] hint: String,
    #[prop(optional, into)] errors: Signal<Vec<String>>,
    #[prop(optional, into)] placeholder: Option<String>,
    #[prop(default = 3)] rows: u32,
    #[prop(optional)] mono: bool,
) -> impl IntoView {
    view! {
        <div class="field">
            <label for=name.clone()>{label}</label>
            <textarea
                id=name.clone()
                name=name.clone()
                rows=rows.to_string()
                class=if mono { "mono" } else { "" }
                placeholder=placeholder
                spellcheck=mono.then_some("false")
                prop:value=move || bind.get()
                aria-describedby=described(&name, &hint)
                aria-invalid=move || (!errors.get().is_empty()).then_some("true")
                on:input=move |event| bind.set(event_target_value(&event))
            >
                {bind.get_untracked()}
            </textarea>
            {below(&name, hint, errors)}
        </div>
    }
}

/// One of several: `(value, words)`.
#[component]
pub fn Select(
    #[prop(into)] label: String,
    #[prop(into)] name: String,
    bind: RwSignal<String>,
    #[prop(into)] options: Vec<(String, String)>,
    #[prop(optional, into)] hint: String,
    #[prop(optional, into)] errors: Signal<Vec<String>>,
) -> impl IntoView {
    let options = options
        .into_iter()
        .map(|(value, words)| {
            let selected = bind.get_untracked() == value;
            view! { <option value=value selected=selected>{words}</option> }
        })
        .collect_view();
    view! {
        <div class="field">
            <label for=name.clone()>{label}</label>
            <select
                id=name.clone()
                name=name.clone()
                prop:value=move || bind.get()
                aria-describedby=described(&name, &hint)
                aria-invalid=move || (!errors.get().is_empty()).then_some("true")
                on:change=move |event| bind.set(event_target_value(&event))
            >
                {options}
            </select>
            {below(&name, hint, errors)}
        </div>
    }
}

/// A yes or no, with a quieter second sentence.
#[component]
pub fn Check(
    #[prop(into)] label: String,
    #[prop(into)] name: String,
    bind: RwSignal<bool>,
    #[prop(optional, into)] hint: String,
    #[prop(optional, into)] disabled: Signal<bool>,
) -> impl IntoView {
    let hint_id = format!("{name}-hint");
    let described = (!hint.is_empty()).then(|| hint_id.clone());
    view! {
        <div class="check">
            <input
                id=name.clone()
                name=name.clone()
                type="checkbox"
                value="true"
                checked=bind.get_untracked()
                prop:checked=move || bind.get()
                disabled=move || disabled.get()
                aria-describedby=described
                on:change=move |event| bind.set(event_target_checked(&event))
            />
            <div>
                <label for=name>{label}</label>
                {(!hint.is_empty()).then(|| view! { <p class="hint" id=hint_id>{hint}</p> })}
            </div>
        </div>
    }
}
