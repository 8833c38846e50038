//! What only a browser can do. On the server each function exists and does nothing, so that a
//! page compiles for both; call them in event handlers and effects, never while building a view.

pub mod form;
pub mod time;
#[cfg(feature = "hydrate")]
mod window;
#[cfg(not(feature = "hydrate"))]
mod window_ssr;

pub use form::{FormValues, form_values, submitter_value};
pub use time::{ago, date, millis, now, relative};
#[cfg(feature = "hydrate")]
pub use window::*;
#[cfg(not(feature = "hydrate"))]
pub use window_ssr::*;
