//! The words of a client's settings, which the protocol, the API and the database share.

use crate::named;

named! {
    // Whether it can keep a secret (RFC 6749 §2.1).
    #[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
    pub enum ClientType {
        Confidential = "confidential",
        Public = "public",
    }
}

named! {
    /// A grant that an application may hold (RFC 6749 §1.3, §1.5).
    pub enum GrantType {
        AuthorizationCode = "authorization_code",
        RefreshToken = "refresh_token",
        ClientCredentials = "client_credentials",
        /// RFC 8628 §3.4.
        DeviceCode = "urn:ietf:params:oauth:grant-type:device_code",
    }
}

named! {
    /// How an application's id_tokens are signed (RFC 7518 §3.1, RFC 8037 §3.1).
    pub enum SigningAlg {
        Rs256 = "RS256",
        Ps256 = "PS256",
        Es256 = "ES256",
        EdDsa = "EdDSA",
    }
}

named! {
    /// The form of access tokens: a reference that only we can read, or a signed statement that
    /// resource servers can check by themselves (RFC 9068).
    #[derive(Default)]
    pub enum TokenFormat {
        #[default]
        Opaque = "opaque",
        Jwt = "jwt",
    }
}

named! {
    /// How a client authenticates (`token_endpoint_auth_method`, RFC 7591 §2,
    /// OpenID Connect Core 1.0 §9).
    pub enum AuthMethod {
        ClientSecretBasic = "client_secret_basic",
        ClientSecretPost = "client_secret_post",
        PrivateKeyJwt = "private_key_jwt",
        None = "none",
    }
}

named! {
    /// Where an application came from.
    #[derive(Default)]
    pub enum Origin {
        /// A user registered it: in the dashboard, by the API or on the command line.
        #[default]
        Dashboard = "dashboard",
        /// It registered itself (RFC 7591).
        Registration = "registration",
        /// Its client id is the address of its metadata.
        Document = "document",
    }
}

impl Origin {
    /// Which grants a client of this origin may hold. `client_credentials` needs no person, so a
    /// client without an owner on this server may not hold it (RFC 6749 §4.4).
    pub const fn allows_grant(self, grant: GrantType) -> bool {
        match self {
            Self::Dashboard => true,
            Self::Registration | Self::Document => matches!(
                grant,
                GrantType::AuthorizationCode | GrantType::RefreshToken | GrantType::DeviceCode
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::named::Named;

    /// Every value reads back from its name, by `parse` and in JSON.
    fn reads_back<T>(parse: fn(&str) -> Option<T>)
    where
        T: Named + PartialEq + std::fmt::Debug + serde::Serialize + serde::de::DeserializeOwned,
    {
        for value in T::VALUES {
            let name = value.written();
            assert_eq!(parse(name), Some(*value));
            let json = serde_json::to_string(value).unwrap();
            assert_eq!(json, format!("\"{name}\""));
            assert_eq!(serde_json::from_str::<T>(&json).unwrap(), *value);
        }
        assert_eq!(parse(""), None);
    }

    #[test]
    fn a_name_is_the_same_everywhere() {
        reads_back(ClientType::parse);
        reads_back(GrantType::parse);
        reads_back(SigningAlg::parse);
        reads_back(TokenFormat::parse);
        reads_back(AuthMethod::parse);
        reads_back(Origin::parse);
    }
}
