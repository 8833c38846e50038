//! Rules on values that both the form and the server check: the same words while typing and
//! after sending.

pub mod https_uri;
pub mod logout_uri;
pub mod origin;
pub mod redirect_uri;
