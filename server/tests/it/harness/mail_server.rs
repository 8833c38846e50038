//! A mail server that keeps what it gets, or misbehaves in one of the ways in which they do.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What it does with a mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mood {
    #[default]
    Takes,
    /// Answers `RCPT` with this line.
    Answers(&'static str),
    /// Accepts connections and says nothing.
    Hangs,
    /// Says what is no SMTP.
    Babbles,
}

#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) to: String,
    /// Headers and body, with soft line breaks of quoted-printable taken out.
    pub(crate) data: String,
}

#[derive(Clone)]
pub(crate) struct MailServer {
    pub(crate) url: String,
    mood: Arc<Mutex<Mood>>,
    received: Arc<Mutex<Vec<Received>>>,
}

impl MailServer {
    pub(crate) async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let this = Self {
            url: format!("smtp://127.0.0.1:{port}?tls=none"),
            mood: Arc::default(),
            received: Arc::default(),
        };
        let server = this.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let server = server.clone();
                tokio::spawn(async move {
                    // A client that went away is no fault.
                    let _ = server.talk(stream).await;
                });
            }
        });
        this
    }

    pub(crate) fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    /// What came since the last look.
    pub(crate) fn take(&self) -> Vec<Received> {
        std::mem::take(&mut self.received.lock().unwrap())
    }

    async fn talk(&self, stream: TcpStream) -> std::io::Result<()> {
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        let mood = *self.mood.lock().unwrap();
        if mood == Mood::Hangs {
            while lines.next_line().await?.is_some() {}
            return Ok(());
        }
        if mood == Mood::Babbles {
            return write.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
        write.write_all(b"220 test ESMTP\r\n").await?;
        let mut to = String::new();
        while let Some(line) = lines.next_line().await? {
            let mood = *self.mood.lock().unwrap();
            let verb = line.split([' ', ':']).next().unwrap_or_default();
            let answer = match (verb.to_ascii_uppercase().as_str(), mood) {
                ("RCPT", Mood::Answers(answer)) => answer.to_owned(),
                ("RCPT", _) => {
                    let address = line.split(['<', '>']).nth(1);
                    address.unwrap_or_default().clone_into(&mut to);
                    "250 OK".to_owned()
                }
                ("DATA", _) => {
                    write.write_all(b"354 go on\r\n").await?;
                    let mut data = String::new();
                    while let Some(line) = lines.next_line().await? {
                        if line == "." {
                            break;
                        }
                        data.push_str(&line);
                        data.push('\n');
                    }
                    let data = data.replace("=\n", "").replace("=3D", "=");
                    let to = std::mem::take(&mut to);
                    self.received.lock().unwrap().push(Received { to, data });
                    "250 taken".to_owned()
                }
                ("EHLO", _) => "250 test".to_owned(),
                ("QUIT", _) => {
                    write.write_all(b"221 bye\r\n").await?;
                    return Ok(());
                }
                _ => "250 OK".to_owned(),
            };
            write.write_all(format!("{answer}\r\n").as_bytes()).await?;
        }
        Ok(())
    }
}
