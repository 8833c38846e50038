//! Requests that the server makes by itself: clients' keys, client id metadata documents, and
//! logout tokens on their way. Another party chose the address, so every request could be aimed at
//! what only this machine can reach (RFC 9700 §4.11; OpenID Connect Core 1.0 §15 calls it
//! server-side request forgery).
//!
//! What holds for each: `https`; the addresses that a name resolves to are checked, all of them,
//! and only those that were checked are connected to; no redirects, no proxy, no cookies, no
//! referrer; a few seconds in all; a body that is read no further than its limit; a bounded
//! number at a time. `http` goes to this machine only, and only when the server itself is one
//! that is tried out on a loopback address.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::header::{CACHE_CONTROL, CONTENT_TYPE, HOST, HeaderMap};
use reqwest::{Client, RequestBuilder, Response, Url, redirect};
use tokio::sync::Semaphore;

mod address;
mod jwks;
mod resolver;
pub mod smtp;

pub use address::is_public;
pub use jwks::{Found, Keys, Want};
use resolver::{Checked, NotAllowed};
pub use resolver::{Lookup, Resolver, SystemResolver};

/// Bytes of a metadata document.
pub const DOCUMENT_LIMIT: usize = 16 * 1024;
/// Bytes of a JWK Set.
pub const JWKS_LIMIT: usize = 64 * 1024;
/// Requests under way at a time, of those that read and of those that send.
const CONCURRENT: usize = 16;
const DEADLINE: Duration = Duration::from_secs(5);
/// Characters of an address.
const URL_LENGTH: usize = 2000;

/// May logout tokens go to this machine?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Loopback {
    #[default]
    Refused,
    /// The server's own public URL is a loopback URL: it runs for a trial.
    Allowed,
}

/// Where an address that passed the check is reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Where it says, over TLS.
    #[default]
    Itself,
    /// For tests, which have no public address and no certificate: every public address stands
    /// for this one, where a server speaks plain HTTP. No setting leads here, and the addresses
    /// that names resolve to are checked all the same.
    StandIn(SocketAddr),
}

/// What is decided once for a server. The default is the only one outside of tests, but for
/// `loopback`.
#[derive(Clone)]
pub struct Policy {
    pub loopback: Loopback,
    pub resolver: Arc<dyn Resolver>,
    pub reach: Reach,
    /// For a whole request, from the first name lookup to the last byte.
    pub deadline: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            loopback: Loopback::Refused,
            resolver: Arc::new(SystemResolver),
            reach: Reach::Itself,
            deadline: DEADLINE,
        }
    }
}

/// What came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    pub body: Vec<u8>,
    /// How long it may be kept; 0 when it says that it must not.
    pub max_age: Option<Duration>,
    pub content_type: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    #[error("this is no address that the server goes to")]
    Address,
    #[error("the host has an address that is not public")]
    NotPublic,
    #[error("no answer in time")]
    Timeout,
    #[error("the answer has status {0}")]
    Status(u16),
    #[error("the answer is longer than {0} bytes")]
    TooLarge(usize),
    #[error("{0}")]
    Transport(String),
}

/// Which addresses one request may go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AllowedNetwork {
    Public,
    Loopback,
    /// All of one kind or all of the other.
    Either,
}

/// A handle; clones share everything.
#[derive(Clone)]
pub struct Outbound {
    inner: Arc<Inner>,
}

struct Inner {
    policy: Policy,
    /// One for each [`AllowedNetwork`]. Made when they are needed: most servers never go out.
    clients: [OnceLock<Option<Client>>; 3],
    /// Documents and keys. Any client can cause some of these reads, so nothing else waits for
    /// them.
    reads: Semaphore,
    /// Logout tokens.
    posts: Semaphore,
    sets: jwks::Sets,
}

impl Default for Outbound {
    fn default() -> Self {
        Self::new(Policy::default())
    }
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbound").finish_non_exhaustive()
    }
}

impl Outbound {
    pub fn new(policy: Policy) -> Self {
        // reqwest comes without cryptography of its own. An error says that a provider is there
        // already; it can only be this one.
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        Self {
            inner: Arc::new(Inner {
                policy,
                clients: Default::default(),
                reads: Semaphore::new(CONCURRENT),
                posts: Semaphore::new(CONCURRENT),
                sets: jwks::Sets::default(),
            }),
        }
    }

    /// Reads an `https` address on the public network: status 200, `limit` bytes at most.
    ///
    /// # Errors
    /// Everything else.
    pub async fn get(&self, url: &str, limit: usize) -> Result<Fetched, OutboundError> {
        let url = parse(url)?;
        if url.scheme() != "https" {
            return Err(OutboundError::Address);
        }
        self.in_time(&self.inner.reads, async {
            let mut response = self
                .request(AllowedNetwork::Public, url, Client::get)?
                .send()
                .await
                .map_err(failed)?;
            if response.status().as_u16() != 200 {
                return Err(OutboundError::Status(response.status().as_u16()));
            }
            let max_age = max_age(response.headers());
            let content_type = text(response.headers(), CONTENT_TYPE.as_str());
            Ok(Fetched {
                body: read(&mut response, limit).await?,
                max_age,
                content_type,
            })
        })
        .await
    }

    /// Posts a form (`application/x-www-form-urlencoded`, already encoded) and returns the
    /// answer's status, whatever it is; the body is not read. `https` on the public network, or
    /// this machine when the policy allows it.
    ///
    /// # Errors
    /// No answer.
    pub async fn post_form(&self, url: &str, body: String) -> Result<u16, OutboundError> {
        let url = parse(url)?;
        let target = match (url.scheme(), self.inner.policy.loopback) {
            ("https", Loopback::Refused) => AllowedNetwork::Public,
            ("https", Loopback::Allowed) => AllowedNetwork::Either,
            ("http", Loopback::Allowed) => AllowedNetwork::Loopback,
            _ => return Err(OutboundError::Address),
        };
        self.in_time(&self.inner.posts, async {
            let response = self
                .request(target, url, Client::post)?
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(body)
                .send()
                .await
                .map_err(failed)?;
            Ok(response.status().as_u16())
        })
        .await
    }

    async fn in_time<T>(
        &self,
        slots: &Semaphore,
        work: impl Future<Output = Result<T, OutboundError>>,
    ) -> Result<T, OutboundError> {
        let all = async {
            let _slot = slots.acquire().await;
            work.await
        };
        tokio::time::timeout(self.inner.policy.deadline, all)
            .await
            .unwrap_or(Err(OutboundError::Timeout))
    }

    /// A request to a URL whose host, if it is an address already, was checked; a name is
    /// checked when it is resolved.
    fn request(
        &self,
        target: AllowedNetwork,
        mut url: Url,
        method: impl FnOnce(&Client, Url) -> RequestBuilder,
    ) -> Result<RequestBuilder, OutboundError> {
        let client = self.client(target)?;
        let literal = literal(&url);
        if literal.is_some_and(|address| !target.allows(&[address])) {
            return Err(OutboundError::NotPublic);
        }
        let local = literal.is_some_and(|address| address.is_loopback());
        let Reach::StandIn(stand_in) = self.inner.policy.reach else {
            return Ok(method(client, url));
        };
        if target == AllowedNetwork::Loopback || local {
            return Ok(method(client, url));
        }
        let host = authority(&url);
        let changed = url.set_scheme("http").and_then(|()| {
            url.set_port(Some(stand_in.port()))?;
            match literal {
                Some(_) => url.set_ip_host(stand_in.ip()),
                None => Ok(()),
            }
        });
        changed.map_err(|()| OutboundError::Address)?;
        Ok(method(client, url).header(HOST, host))
    }

    fn client(&self, target: AllowedNetwork) -> Result<&Client, OutboundError> {
        let policy = &self.inner.policy;
        self.inner.clients[target as usize]
            .get_or_init(|| {
                Client::builder()
                    .user_agent("Claviger")
                    .no_proxy()
                    .redirect(redirect::Policy::none())
                    .referer(false)
                    .https_only(target != AllowedNetwork::Loopback && policy.reach == Reach::Itself)
                    .timeout(policy.deadline)
                    // A connection is used once: the next request checks addresses anew.
                    .pool_max_idle_per_host(0)
                    .dns_resolver(Arc::new(Checked {
                        resolver: policy.resolver.clone(),
                        target,
                        reach: policy.reach,
                    }))
                    .build()
                    .ok()
            })
            .as_ref()
            .ok_or_else(|| OutboundError::Transport("the TLS library does not start".to_owned()))
    }
}

impl AllowedNetwork {
    /// Whether every one of these addresses may be connected to; none of them if one may not.
    fn allows(self, addresses: &[IpAddr]) -> bool {
        let public = || addresses.iter().copied().all(is_public);
        let loopback = || addresses.iter().all(|address| address.is_loopback());
        !addresses.is_empty()
            && match self {
                Self::Public => public(),
                Self::Loopback => loopback(),
                Self::Either => public() || loopback(),
            }
    }
}

/// An absolute URL with a host, without user and fragment.
fn parse(text: &str) -> Result<Url, OutboundError> {
    if text.len() > URL_LENGTH || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(OutboundError::Address);
    }
    let url = Url::parse(text).map_err(|_| OutboundError::Address)?;
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    if plain && url.host_str().is_some_and(|host| !host.is_empty()) {
        Ok(url)
    } else {
        Err(OutboundError::Address)
    }
}

/// The host, when it is an address. The URL standard has turned `0x7f.1` and its like into
/// `127.0.0.1` by now.
fn literal(url: &Url) -> Option<IpAddr> {
    let host = url.host_str()?;
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    bare.unwrap_or(host).parse().ok()
}

fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

async fn read(response: &mut Response, limit: usize) -> Result<Vec<u8>, OutboundError> {
    let announced = response.content_length().unwrap_or(0);
    if usize::try_from(announced).map_or(true, |length| length > limit) {
        return Err(OutboundError::TooLarge(limit));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if body.len() + chunk.len() > limit {
            return Err(OutboundError::TooLarge(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// `max-age` of `Cache-Control` (RFC 9111 §5.2.2).
fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let text = text(headers, CACHE_CONTROL.as_str())?.to_ascii_lowercase();
    let mut directives = text.split(',').map(str::trim);
    if directives
        .clone()
        .any(|d| d == "no-store" || d == "no-cache")
    {
        return Some(Duration::ZERO);
    }
    let value = directives.find_map(|directive| directive.strip_prefix("max-age="))?;
    value
        .trim_matches('"')
        .parse()
        .ok()
        .map(Duration::from_secs)
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

fn failed(error: reqwest::Error) -> OutboundError {
    if error.is_timeout() {
        return OutboundError::Timeout;
    }
    let mut cause: &(dyn std::error::Error + 'static) = &error;
    while let Some(source) = cause.source() {
        cause = source;
        if cause.is::<NotAllowed>() {
            return OutboundError::NotPublic;
        }
    }
    // The innermost cause says it best, and names no address.
    OutboundError::Transport(cause.to_string())
}

#[cfg(test)]
mod tests;
