//! Window, clipboard and session storage.

use leptos::prelude::{StoredValue, WithValue};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

fn location() -> web_sys::Location {
    leptos::prelude::window().location()
}

/// Leaves this page for `url`: a full load.
pub fn assign(url: &str) {
    // A refused address leaves the person where they are.
    let _ = location().assign(url);
}

/// The session has ended: to the sign-in page, and from there back here.
pub fn sign_in_again() {
    let here = js_sys::encode_uri_component(&path_and_query());
    assign(&format!("{}?next={here}", contract::routes::LOGIN));
}

/// Loads this page anew.
pub fn reload() {
    let _ = location().reload();
}

/// Scheme, host and port of this page.
pub fn origin() -> String {
    location().origin().unwrap_or_default()
}

/// Path and query of this page.
pub fn path_and_query() -> String {
    let location = location();
    format!(
        "{}{}",
        location.pathname().unwrap_or_default(),
        location.search().unwrap_or_default()
    )
}

/// One parameter of this page's query, decoded.
pub fn query(name: &str) -> Option<String> {
    let search = location().search().ok()?;
    web_sys::UrlSearchParams::new_with_str(&search)
        .ok()?
        .get(name)
}

/// Takes the query out of the address bar, without loading: a code does not belong in history.
pub fn forget_query() {
    let location = location();
    if let Ok(history) = leptos::prelude::window().history() {
        let path = location.pathname().unwrap_or_default();
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&path));
    }
}

/// Puts text on the clipboard; false when the browser would not.
pub async fn copy(text: &str) -> bool {
    // Absent on plain http outside loopback.
    let navigator = leptos::prelude::window().navigator();
    let has = js_sys::Reflect::get(&navigator, &"clipboard".into());
    if !has.is_ok_and(|clipboard| clipboard.is_object()) {
        return false;
    }
    JsFuture::from(navigator.clipboard().write_text(text))
        .await
        .is_ok()
}

fn storage() -> Option<web_sys::Storage> {
    leptos::prelude::window().session_storage().ok().flatten()
}

/// What this tab stored under `key`.
pub fn stored(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

/// Stores for as long as this tab lives. Never for tokens of others.
pub fn store(key: &str, value: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(key, value);
    }
}

/// Forgets what was stored under `key`.
pub fn unstore(key: &str) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(key);
    }
}

/// Puts the cursor into the first field that is marked as wrong, else nowhere.
pub fn focus_first_invalid() {
    focus("[aria-invalid=true]");
}

/// Gives the focus to the first element that the selector finds, once the page is drawn anew.
pub fn focus_soon(selector: &'static str) {
    leptos::prelude::request_animation_frame(move || focus(selector));
}

/// [`focus_soon`], unless something that is still there has the focus.
pub fn focus_if_lost(selector: &'static str) {
    leptos::prelude::request_animation_frame(move || {
        let active = leptos::prelude::document().active_element();
        if active.is_none_or(|element| element.tag_name() == "BODY") {
            focus(selector);
        }
    });
}

fn focus(selector: &str) {
    let found = leptos::prelude::document().query_selector(selector);
    if let Ok(Some(element)) = found
        && let Some(element) = element.dyn_ref::<web_sys::HtmlElement>()
    {
        let _ = element.focus();
    }
}

/// Puts a parameter into the query of this page's address, or takes it out when it is empty.
/// Nothing is loaded, and no step is added to the history.
pub fn replace_query(name: &str, value: &str) {
    let location = location();
    let search = location.search().unwrap_or_default();
    let Ok(query) = web_sys::UrlSearchParams::new_with_str(&search) else {
        return;
    };
    if value.is_empty() {
        query.delete(name);
    } else {
        query.set(name, value);
    }
    let path = location.pathname().unwrap_or_default();
    let query = String::from(query.to_string());
    let url = if query.is_empty() {
        path
    } else {
        format!("{path}?{query}")
    };
    if let Ok(history) = leptos::prelude::window().history() {
        // The router keeps what it needs in the state.
        let state = history.state().unwrap_or(JsValue::NULL);
        let _ = history.replace_state_with_url(&state, "", Some(&url));
    }
}

/// Asks before this page is left while `dirty` says so: by a link of ours, by another address, by
/// closing the tab. Lasts as long as the component that calls it.
pub fn ask_before_leaving(dirty: impl Fn() -> bool + Copy + 'static) {
    let on_unload = listener(move |event| {
        if dirty() {
            event.prevent_default();
        }
    });
    let on_click = listener(move |event| {
        if dirty() && is_link_of_ours(&event) && !confirm("Leave without saving your changes?") {
            event.prevent_default();
            event.stop_immediate_propagation();
        }
    });
    let window = leptos::prelude::window();
    let _ = window.add_event_listener_with_callback("beforeunload", &on_unload);
    // Before the router hears of it.
    let _ = window.add_event_listener_with_callback_and_bool("click", &on_click, true);
    let listeners = StoredValue::new_local((on_unload, on_click));
    leptos::prelude::on_cleanup(move || {
        let window = leptos::prelude::window();
        let _ = listeners.try_with_value(|(on_unload, on_click)| {
            let _ = window.remove_event_listener_with_callback("beforeunload", on_unload);
            let _ = window.remove_event_listener_with_callback_and_bool("click", on_click, true);
        });
    });
}

fn listener(heard: impl Fn(web_sys::Event) + 'static) -> js_sys::Function {
    Closure::<dyn Fn(web_sys::Event)>::new(heard)
        .into_js_value()
        .unchecked_into()
}

/// Whether the click follows a link that the router takes; the others unload the page, and are
/// asked about then.
fn is_link_of_ours(event: &web_sys::Event) -> bool {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let link = target.and_then(|element| element.closest("a[href]").ok().flatten());
    link.is_some_and(|link| {
        !link.has_attribute("target")
            && link
                .get_attribute("rel")
                .is_none_or(|rel| !rel.contains("external"))
            && link
                .get_attribute("href")
                .is_some_and(|href| href.starts_with('/'))
    })
}

fn confirm(question: &str) -> bool {
    leptos::prelude::window()
        .confirm_with_message(question)
        .unwrap_or(true)
}
