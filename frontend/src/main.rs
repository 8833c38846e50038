//! The browser's side: takes over the page that the server rendered.
//!
//! Built by Trunk for WASM only, never together with the server: `app` is compiled with `hydrate`
//! here and with `ssr` there.

fn main() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
}
