//! The server's side of `window.rs`: nothing happens, nothing is known.

pub fn assign(_url: &str) {}

pub fn sign_in_again() {}

pub fn reload() {}

pub fn origin() -> String {
    String::new()
}

pub fn path_and_query() -> String {
    String::new()
}

pub fn query(_name: &str) -> Option<String> {
    None
}

pub fn forget_query() {}

pub async fn copy(_text: &str) -> bool {
    false
}

pub fn stored(_key: &str) -> Option<String> {
    None
}

pub fn store(_key: &str, _value: &str) {}

pub fn unstore(_key: &str) {}

pub fn focus_first_invalid() {}

pub fn focus_soon(_selector: &'static str) {}

pub fn focus_if_lost(_selector: &'static str) {}

pub fn replace_query(_name: &str, _value: &str) {}

pub fn ask_before_leaving(_dirty: impl Fn() -> bool + Copy + 'static) {}
