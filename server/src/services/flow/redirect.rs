//! Where a browser goes after a person has done what a page asked for.

use super::ticket;
use crate::crypto::CryptoError;
use crate::domain::authorization::AuthorizationResponse;
use crate::domain::session::Session;
use crate::state::App;

/// The next place.
#[derive(Debug)]
pub enum Redirect {
    /// A page of ours.
    Page(String),
    /// Back to the application.
    Client(AuthorizationResponse),
}

impl Redirect {
    /// For a script, which can only go to an address: an answer that a form has to post is
    /// sealed for this session, and a page of ours posts it.
    ///
    /// # Errors
    /// Sealing fails.
    pub fn url(self, state: &App, session: &Session) -> Result<String, CryptoError> {
        match self {
            Self::Page(path) => Ok(path),
            Self::Client(answer) => match answer.location() {
                Some(location) => Ok(location),
                None => ticket::for_answer(state, session, &answer)
                    .map(|ticket| ticket::answer_path(&ticket)),
            },
        }
    }
}
