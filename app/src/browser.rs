//! What only a browser can do. On the server each function exists and does nothing, so that a
//! page compiles for both; call them in event handlers and effects, never while building a view.

pub mod form;
pub mod time;
#[cfg(feature = "hydrate")]
mod window;
#[cfg(not(feature = "hydrate"))]
mod window_ssr;

/// `Effect::new`, compiled once for all callers: it runs in the browser only, now and whenever a
/// signal that it reads changes.
pub fn effect(run: impl FnMut() + 'static) {
    let mut run: Box<dyn FnMut()> = Box::new(run);
    leptos::prelude::Effect::new(move |_| run());
}

pub use form::{FormValues, form_values, submitter_value};
pub use time::{ago, clock, date, millis, now, relative, utc, when};
#[cfg(feature = "hydrate")]
pub use window::*;
#[cfg(not(feature = "hydrate"))]
pub use window_ssr::*;
