//! The browser's own cryptography. On the server each function exists and does nothing.
//!
//! `SubtleCrypto` is there in secure contexts only (https, and http on this machine): ask
//! [`is_secure`] first, and explain when it is not.

#[cfg(feature = "hydrate")]
pub(super) use browser::*;
#[cfg(not(feature = "hydrate"))]
pub(super) use server::*;

#[cfg(feature = "hydrate")]
mod browser {
    use js_sys::{JSON, Object, Promise, Reflect, Uint8Array};
    use serde_json::{Map, Value};
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::JsFuture;
    use web_sys::SubtleCrypto;

    use crate::pages::playground::jose::{Algorithm, Jwt};

    /// The members of a public JWK that make the key (RFC 7518 §6, RFC 8037 §2). Browsers differ
    /// in what they take for the others.
    const KEY: [&str; 6] = ["kty", "crv", "x", "y", "n", "e"];

    /// Whether this page may use `SubtleCrypto`.
    pub(crate) fn is_secure() -> bool {
        leptos::prelude::window().is_secure_context()
    }

    fn subtle() -> Option<SubtleCrypto> {
        Some(leptos::prelude::window().crypto().ok()?.subtle())
    }

    async fn done(promise: Result<Promise, JsValue>) -> Option<JsValue> {
        JsFuture::from(promise.ok()?).await.ok()
    }

    /// Random bytes from the browser's generator; `None` without one, so that no value is ever
    /// guessable.
    pub(crate) fn random<const N: usize>() -> Option<[u8; N]> {
        let mut bytes = [0; N];
        let crypto = leptos::prelude::window().crypto().ok()?;
        crypto.get_random_values_with_u8_array(&mut bytes).ok()?;
        Some(bytes)
    }

    /// `SHA-256` or `SHA-512` of a text.
    pub(crate) async fn digest(algorithm: &str, text: &str) -> Option<Vec<u8>> {
        let hash = subtle()?.digest_with_str_and_u8_array(algorithm, text.as_bytes());
        Some(Uint8Array::new(&done(hash).await?).to_vec())
    }

    /// Whether the signature is this key's; `None` when the browser can't tell, because it does
    /// not know the algorithm or the key is broken.
    pub(crate) async fn verify(jwt: &Jwt, algorithm: Algorithm, key: &Value) -> Option<bool> {
        let members: Map<String, Value> = KEY
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), key.get(*name)?.clone())))
            .collect();
        let key = JSON::parse(&Value::Object(members).to_string()).ok()?;
        let how = Object::new();
        for (name, value) in [
            ("name", algorithm.webcrypto()),
            ("hash", "SHA-256"),
            ("namedCurve", "P-256"),
        ] {
            Reflect::set(&how, &name.into(), &value.into()).ok()?;
        }
        let subtle = subtle()?;
        let uses = js_sys::Array::of1(&"verify".into());
        let key =
            done(subtle.import_key_with_object("jwk", key.unchecked_ref(), &how, false, &uses));
        let key = key.await?;
        let verdict = done(subtle.verify_with_object_and_u8_array_and_u8_array(
            &how,
            key.unchecked_ref(),
            &jwt.signature,
            jwt.signed.as_bytes(),
        ));
        verdict.await?.as_bool()
    }

    /// JSON with line breaks, its members in the order in which they came; else the text itself.
    pub(crate) fn pretty(text: &str) -> String {
        JSON::parse(text)
            .and_then(|value| {
                JSON::stringify_with_replacer_and_space(&value, &JsValue::NULL, &2.into())
            })
            .map_or_else(|_| text.to_owned(), String::from)
    }

    /// Seconds since 1970 as `2026-11-22 10:04:05 UTC`.
    pub(crate) fn utc(seconds: f64) -> String {
        let date = js_sys::Date::new(&(seconds * 1000.0).into());
        if date.get_time().is_nan() {
            return seconds.to_string();
        }
        let text = String::from(date.to_iso_string());
        match text.split_once('T') {
            Some((day, time)) => format!("{day} {} UTC", time.get(..8).unwrap_or(time)),
            None => text,
        }
    }
}

#[cfg(not(feature = "hydrate"))]
mod server {
    use serde_json::Value;

    use crate::pages::playground::jose::{Algorithm, Jwt};

    pub(crate) fn is_secure() -> bool {
        false
    }

    pub(crate) fn random<const N: usize>() -> Option<[u8; N]> {
        None
    }

    pub(crate) async fn digest(_algorithm: &str, _text: &str) -> Option<Vec<u8>> {
        None
    }

    pub(crate) async fn verify(_jwt: &Jwt, _algorithm: Algorithm, _key: &Value) -> Option<bool> {
        None
    }

    pub(crate) fn pretty(text: &str) -> String {
        text.to_owned()
    }

    pub(crate) fn utc(seconds: f64) -> String {
        seconds.to_string()
    }
}
