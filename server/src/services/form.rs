//! What a form gets back when some of its fields break rules: all of them at once.

use contract::rules;

use crate::crypto::CryptoError;
use crate::domain::field_errors::FieldErrors;
use crate::domain::refusal::Refusal;
use crate::error::Error;
use crate::store::StoreError;

/// Why a form changed nothing.
#[derive(Debug)]
pub enum FormFailure {
    Fields(FieldErrors),
    Failed(Error),
}

impl FormFailure {
    /// The refusal that stands for this failure, and the messages beside it.
    pub fn into_parts(self) -> (Refusal, FieldErrors) {
        match self {
            Self::Fields(errors) => (Refusal::new(&rules::FORM_INVALID), errors),
            Self::Failed(failure) => (failure.refusal(), FieldErrors::default()),
        }
    }
}

impl From<FieldErrors> for FormFailure {
    fn from(errors: FieldErrors) -> Self {
        Self::Fields(errors)
    }
}

impl From<Refusal> for FormFailure {
    fn from(refusal: Refusal) -> Self {
        Self::Failed(refusal.into())
    }
}

impl From<Error> for FormFailure {
    fn from(failure: Error) -> Self {
        Self::Failed(failure)
    }
}

impl From<CryptoError> for FormFailure {
    fn from(error: CryptoError) -> Self {
        Error::from(error).into()
    }
}

/// A value that has to be unique and is not is an error of its field.
impl From<StoreError> for FormFailure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict(field) => {
                let mut errors = FieldErrors::default();
                errors.add(field, &rules::VALUE_TAKEN);
                Self::Fields(errors)
            }
            error => Error::from(error).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_value_is_an_error_of_its_field() {
        let (refusal, errors) = FormFailure::from(StoreError::Conflict("email")).into_parts();
        assert_eq!(refusal.rule.id, "form-invalid");
        assert_eq!(
            errors.to_string(),
            format!("email: {}", rules::VALUE_TAKEN.said)
        );
    }
}
