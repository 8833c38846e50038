//! The public URL and everything that is written from it. Never from `Host`.

use contract::validate::redirect_uri::split;

/// `https://id.example.com`, or `http` on loopback; without a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    base: String,
    issuer: String,
    host: String,
    https: bool,
    loopback: bool,
}

/// May the public URL be `http` on a host that others can reach?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InsecureHttp {
    Refused,
    Allowed,
}

impl PublicUrl {
    /// # Errors
    /// One sentence that says what is wrong with it.
    pub fn parse(text: &str, insecure: InsecureHttp) -> Result<Self, String> {
        let base = text.strip_suffix('/').unwrap_or(text);
        let parts = split(base).ok_or("it is not an absolute URL")?;
        let authority = parts.authority.unwrap_or_default();
        let https = parts.scheme == "https";
        if !https && parts.scheme != "http" {
            return Err("it starts with neither https:// nor http://".to_owned());
        }
        if parts.host().is_empty() || authority.contains('@') {
            return Err("it names no host, or a user".to_owned());
        }
        if parts.rest.contains(['?', '#']) || !base.bytes().all(|b| b.is_ascii_graphic()) {
            return Err("it has a query, a fragment or characters that no URL has".to_owned());
        }
        if !parts.rest.is_empty() {
            return Err("it has a path: Claviger needs a host of its own".to_owned());
        }
        let loopback = parts.is_loopback_ip() || parts.host() == "localhost";
        if !https && !loopback && insecure == InsecureHttp::Refused {
            return Err(
                "http is for loopback hosts only; use https, or say --insecure-http".to_owned(),
            );
        }
        Ok(Self {
            issuer: format!("{base}/o"),
            host: authority.to_owned(),
            base: base.to_owned(),
            https,
            loopback,
        })
    }

    /// Scheme, host and port: also the origin of our own pages.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// `{public_url}/o` (RFC 8414 §2).
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    pub fn host(&self) -> &str {
        &self.host
    }

    /// The name of the host, for mail: without a port; an address has none, and is `localhost`.
    pub fn hostname(&self) -> &str {
        let name = self
            .host
            .rsplit_once(':')
            .map_or(self.host.as_str(), |(name, port)| {
                if port.bytes().all(|b| b.is_ascii_digit()) {
                    name
                } else {
                    self.host.as_str()
                }
            });
        let is_address = name.starts_with('[') || name.parse::<std::net::IpAddr>().is_ok();
        if is_address { "localhost" } else { name }
    }

    pub fn is_https(&self) -> bool {
        self.https
    }

    /// Whether only this machine can be meant.
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }

    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The resource indicators of this server's own resources, and what people call them.
    pub fn own_resources(&self) -> [(String, &'static str); 2] {
        [
            (self.issuer.clone(), "Claviger"),
            (self.join(contract::routes::API_HELLO), "Hello"),
        ]
    }

    pub fn rule(&self, id: &str) -> String {
        self.join(&contract::routes::rule(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_public_urls_are_taken() {
        let parse = |text| PublicUrl::parse(text, InsecureHttp::Refused);
        for good in [
            "https://id.example.com",
            "https://id.example.com/",
            "http://localhost:8000",
            "http://127.0.0.1:8000",
            "http://[::1]:8000",
        ] {
            assert!(parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "id.example.com",
            "ftp://id.example.com",
            "http://id.example.com",
            "https://user@id.example.com",
            "https://id.example.com/path",
            "https://id.example.com?x",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        for (url, name) in [
            ("https://id.example.com", "id.example.com"),
            ("https://id.example.com:8443", "id.example.com"),
            ("http://127.0.0.1:8000", "localhost"),
            ("http://[::1]:8000", "localhost"),
            ("http://[::1]", "localhost"),
        ] {
            assert_eq!(parse(url).unwrap().hostname(), name);
        }
        assert!(PublicUrl::parse("http://id.example.com", InsecureHttp::Allowed).is_ok());
        assert_eq!(
            parse("https://id.example.com/").map(|u| u.issuer().to_owned()),
            Ok("https://id.example.com/o".to_owned())
        );
    }
}
