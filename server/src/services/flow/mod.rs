//! An authorization request on its way to a code: what comes next, and how it is remembered.
//!
//! `ticket` keeps the request while a person signs in and decides, `decide` says what is still
//! missing, `consent` asks and takes the answer, `shown` says what it asks, `redirect` says where
//! the browser goes then, `over` leads on when it is over, `trace` writes down what happened,
//! `checks` what became of each parameter.

pub mod checks;
pub mod consent;
pub mod decide;
pub mod over;
pub mod redirect;
pub(in crate::services) mod shown;
pub mod ticket;
pub mod trace;

pub use checks::Checks;
pub use decide::{AuthorizeStep, advance, error_response};
pub use redirect::Redirect;
pub use trace::Trace;
