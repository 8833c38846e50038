//! Who asks for a change.

use uuid::Uuid;

use crate::domain::user::User;

/// Who asks.
#[derive(Clone, Copy)]
pub enum By<'a> {
    Person(&'a User),
    /// The person at the command line, who may do what an administrator may.
    Operator,
}

impl By<'_> {
    pub fn is_administrator(self) -> bool {
        match self {
            Self::Person(user) => user.is_admin(),
            Self::Operator => true,
        }
    }

    /// Actor and detail of an event in the audit log, which knows no operator.
    pub fn audited(self, detail: &str) -> (Option<Uuid>, String) {
        match self {
            Self::Person(user) => (Some(user.id), detail.to_owned()),
            Self::Operator if detail.is_empty() => (None, "command line".to_owned()),
            Self::Operator => (None, format!("{detail}, command line")),
        }
    }
}
