//! Window, clipboard and session storage.

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
        let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&path));
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
    use wasm_bindgen::JsCast;

    let found = leptos::prelude::document().query_selector("[aria-invalid=true]");
    if let Ok(Some(element)) = found
        && let Some(element) = element.dyn_ref::<web_sys::HtmlElement>()
    {
        let _ = element.focus();
    }
}
