//! What people and programs may do, apart from the way in which they ask for it: the JSON API,
//! the plain forms and the command line call the same functions.
//!
//! A function in here checks who asks, then what is asked, then changes it in one transaction.
//! It never renders an answer. To add one: a file for the thing that it changes.

pub mod account;
pub mod applications;
pub mod by;
pub mod client_document;
pub mod clients;
pub mod connections;
pub mod device;
pub mod flow;
pub mod flows;
pub mod form;
pub mod logout;
pub mod mail;
pub mod password_reset;
pub mod registration;
pub mod resource;
pub mod setup;
pub mod sign_in;
pub mod users;
