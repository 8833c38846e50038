//! Against a server on this machine that stands in for the public one.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::{TlsAcceptor, rustls};

use super::*;

/// Names and what they resolve to: at the first lookup, at the second, and so on; the last stays.
#[derive(Default)]
struct Names(Mutex<HashMap<&'static str, Vec<Vec<&'static str>>>>);

impl Names {
    fn of(entries: &[(&'static str, &[&[&'static str]])]) -> Arc<Self> {
        let map = entries
            .iter()
            .map(|(name, turns)| (*name, turns.iter().map(|turn| turn.to_vec()).collect()))
            .collect();
        Arc::new(Self(Mutex::new(map)))
    }
}

impl Resolver for Names {
    fn lookup(&self, name: &str) -> Lookup {
        let mut map = self.0.lock().unwrap();
        let found = map.get_mut(name).map(|turns| {
            if turns.len() > 1 {
                turns.remove(0)
            } else {
                turns[0].clone()
            }
        });
        Box::pin(async move {
            let found = found.ok_or_else(|| std::io::Error::other("no such name"))?;
            Ok(found
                .into_iter()
                .map(|text| text.parse().unwrap())
                .collect())
        })
    }
}

/// Answers every request with `answer`, then closes; remembers what it was asked.
async fn server(answer: Vec<u8>, pause: Duration) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let asked = seen.clone();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let (answer, asked) = (answer.clone(), asked.clone());
            tokio::spawn(async move {
                let mut buffer = vec![0; 8192];
                let length = socket.read(&mut buffer).await.unwrap_or(0);
                let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
                asked.lock().unwrap().push(text);
                tokio::time::sleep(pause).await;
                let _ = socket.write_all(&answer).await;
                let _ = socket.shutdown().await;
            });
        }
    });
    (address, seen)
}

const GOOD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
    Cache-Control: public, max-age=600\r\nConnection: close\r\n\r\n{}";

fn outbound(resolver: Arc<Names>, stand_in: SocketAddr) -> Outbound {
    Outbound::new(Policy {
        resolver,
        reach: Reach::StandIn(stand_in),
        deadline: Duration::from_millis(800),
        ..Policy::default()
    })
}

#[tokio::test]
async fn a_public_name_is_fetched_with_nothing_of_ours_in_the_request() {
    let (address, seen) = server(GOOD.to_vec(), Duration::ZERO).await;
    let names = Names::of(&[("docs.example", &[&["93.184.216.34", "2606:4700::1"]])]);
    let fetched = outbound(names, address)
        .get("https://docs.example:8443/a?b=c", 100)
        .await;
    assert_eq!(
        fetched,
        Ok(Fetched {
            body: b"{}".to_vec(),
            max_age: Some(Duration::from_secs(600)),
            content_type: Some("application/json".to_owned())
        })
    );
    let request = seen.lock().unwrap()[0].to_ascii_lowercase();
    assert!(request.starts_with("get /a?b=c http/1.1\r\n"), "{request}");
    assert!(request.contains("host: docs.example:8443\r\n"), "{request}");
    assert!(request.contains("user-agent: claviger\r\n"), "{request}");
    for header in ["cookie", "referer", "authorization"] {
        assert!(!request.contains(header), "{request}");
    }
}

#[tokio::test]
async fn no_address_that_is_not_public_is_ever_asked() {
    let (address, seen) = server(GOOD.to_vec(), Duration::ZERO).await;
    let names = Names::of(&[
        ("private.example", &[&["10.0.0.1"]]),
        ("local.example", &[&["127.0.0.1"]]),
        ("link.example", &[&["fe80::1"]]),
        ("mapped.example", &[&["::ffff:127.0.0.1"]]),
        // One good address does not excuse the other.
        ("mixed.example", &[&["93.184.216.34", "192.168.0.1"]]),
        ("empty.example", &[&[]]),
    ]);
    let outbound = outbound(names, address);
    for url in [
        "https://private.example/",
        "https://local.example/",
        "https://link.example/",
        "https://mapped.example/",
        "https://mixed.example/",
        "https://empty.example/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://0x7f.1/",
        "https://2130706433/",
        "https://[::ffff:10.0.0.1]/",
        "https://169.254.169.254/latest/meta-data/",
    ] {
        let answer = outbound.get(url, 100).await;
        assert_eq!(answer, Err(OutboundError::NotPublic), "{url}");
        let answer = outbound.post_form(url, "a=b".to_owned()).await;
        assert_eq!(answer, Err(OutboundError::NotPublic), "{url}");
    }
    for url in [
        "http://docs.example/",
        "ftp://docs.example/",
        "file:///etc/passwd",
        "https://user@docs.example/",
        "https://:secret@docs.example/",
        "https://docs.example/#fragment",
        "https:///path",
        "docs.example",
        "https://docs.example/ x",
    ] {
        assert!(outbound.get(url, 100).await.is_err(), "{url}");
        assert!(
            outbound.post_form(url, String::new()).await.is_err(),
            "{url}"
        );
    }
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_name_that_changes_its_address_is_checked_each_time() {
    let (address, seen) = server(GOOD.to_vec(), Duration::ZERO).await;
    let names = Names::of(&[("turn.example", &[&["93.184.216.34"], &["127.0.0.1"]])]);
    let outbound = outbound(names, address);
    assert!(outbound.get("https://turn.example/", 100).await.is_ok());
    let second = outbound.get("https://turn.example/", 100).await;
    assert_eq!(second, Err(OutboundError::NotPublic));
    assert_eq!(seen.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let answer = b"HTTP/1.1 302 Found\r\nLocation: https://docs.example/other\r\n\
        Content-Length: 0\r\nConnection: close\r\n\r\n";
    let (address, seen) = server(answer.to_vec(), Duration::ZERO).await;
    let names = Names::of(&[("docs.example", &[&["93.184.216.34"]])]);
    let outbound = outbound(names, address);
    let got = outbound.get("https://docs.example/", 100).await;
    assert_eq!(got, Err(OutboundError::Status(302)));
    let posted = outbound
        .post_form("https://docs.example/", String::new())
        .await;
    assert_eq!(posted, Ok(302));
    assert_eq!(seen.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn an_answer_is_read_no_further_than_its_limit() {
    let names = || Names::of(&[("docs.example", &[&["93.184.216.34"]])]);
    let mut answer = GOOD.to_vec();
    answer.extend(vec![b' '; 98]);
    let (address, _) = server(answer.clone(), Duration::ZERO).await;
    let client = outbound(names(), address);
    let got = client.get("https://docs.example/", 100);
    assert_eq!(got.await.map(|fetched| fetched.body.len()), Ok(100));
    answer.push(b' ');
    let (address, _) = server(answer, Duration::ZERO).await;
    let client = outbound(names(), address);
    let got = client.get("https://docs.example/", 100);
    assert_eq!(got.await, Err(OutboundError::TooLarge(100)));
    let announced = b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n".to_vec();
    let (address, _) = server(announced, Duration::ZERO).await;
    let client = outbound(names(), address);
    let got = client.get("https://docs.example/", 100);
    assert_eq!(got.await, Err(OutboundError::TooLarge(100)));
}

#[tokio::test]
async fn who_is_slow_is_left() {
    let (address, _) = server(GOOD.to_vec(), Duration::from_secs(5)).await;
    let names = Names::of(&[("docs.example", &[&["93.184.216.34"]])]);
    let client = outbound(names, address);
    let got = client.get("https://docs.example/", 100);
    let soon = tokio::time::timeout(Duration::from_secs(3), got).await;
    assert_eq!(soon, Ok(Err(OutboundError::Timeout)));
}

#[tokio::test]
async fn logout_tokens_go_to_this_machine_only_when_that_is_allowed() {
    let (address, seen) = server(GOOD.to_vec(), Duration::ZERO).await;
    let names = Names::of(&[
        ("localhost", &[&["127.0.0.1"]]),
        ("public.example", &[&["93.184.216.34"]]),
        ("private.example", &[&["10.0.0.1"]]),
    ]);
    let with = |loopback| {
        Outbound::new(Policy {
            loopback,
            resolver: names.clone(),
            deadline: Duration::from_millis(800),
            ..Policy::default()
        })
    };
    let local = format!("http://127.0.0.1:{}/logout", address.port());
    let named = format!("http://localhost:{}/logout", address.port());
    for url in [&local, &named] {
        let form = || "logout_token=x".to_owned();
        let refused = with(Loopback::Refused).post_form(url, form()).await;
        assert_eq!(refused, Err(OutboundError::Address), "{url}");
        let allowed = with(Loopback::Allowed).post_form(url, form()).await;
        assert_eq!(allowed, Ok(200), "{url}");
        let read = with(Loopback::Allowed).get(url, 100).await;
        assert_eq!(read, Err(OutboundError::Address), "{url}");
    }
    assert!(seen.lock().unwrap()[0].ends_with("\r\n\r\nlogout_token=x"));
    for url in [
        "http://public.example/",
        "http://private.example/",
        "https://private.example/",
    ] {
        let refused = with(Loopback::Allowed).post_form(url, String::new()).await;
        assert_eq!(refused, Err(OutboundError::NotPublic), "{url}");
    }
}

#[test]
fn how_long_an_answer_may_be_kept() {
    for (header, age) in [
        ("max-age=60", Some(60)),
        ("public, Max-Age=\"60\"", Some(60)),
        ("no-store", Some(0)),
        ("no-cache, max-age=60", Some(0)),
        ("public", None),
        ("max-age=-1", None),
        ("max-age=x", None),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert(CACHE_CONTROL, header.parse().unwrap());
        assert_eq!(max_age(&headers), age.map(Duration::from_secs), "{header}");
    }
}

/// RFC 9110 §4.3.4: an untrusted certificate ends the connection before any part of the request is
/// sent.
#[tokio::test]
async fn an_untrusted_certificate_is_refused() {
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(own.signing_key.serialize_der());
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key.into())
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let greeted = tokio::spawn(async move {
        let (socket, _) = listener.accept().await.unwrap();
        let greeted = TlsAcceptor::from(Arc::new(config)).accept(socket).await;
        greeted.map(drop).map_err(|error| error.to_string())
    });
    let outbound = Outbound::new(Policy {
        loopback: Loopback::Allowed,
        resolver: Names::of(&[("localhost", &[&["127.0.0.1"]])]),
        ..Policy::default()
    });
    let url = format!("https://localhost:{port}/");
    let sent = outbound.post_form(&url, "logout_token=x".to_owned()).await;
    assert!(matches!(sent, Err(OutboundError::Transport(_))), "{sent:?}");
    let told = greeted.await.unwrap().unwrap_err();
    assert!(told.contains("UnknownCA"), "{told}");
}
