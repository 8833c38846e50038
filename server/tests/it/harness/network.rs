//! A network between a server and PostgreSQL that loses connections without a word.

use std::sync::Arc;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Forwards every connection until it is lost; those that come later are forwarded again.
pub(crate) struct Network {
    lost: Arc<watch::Sender<()>>,
    port: u16,
}

impl Network {
    /// In front of the server that this URL names.
    pub(crate) async fn before(url: &str) -> Self {
        let (_, behind) = url.split_once('@').unwrap();
        let (target, _) = behind.split_once('/').unwrap();
        let target = target.to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let lost = Arc::new(watch::Sender::new(()));
        let losing = lost.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let far = TcpStream::connect(&target).await.unwrap();
                tokio::spawn(forward(near, far, losing.subscribe()));
            }
        });
        Self { lost, port }
    }

    /// The URL of the same database, through this network.
    pub(crate) fn url(&self, url: &str) -> String {
        let (user, behind) = url.split_once('@').unwrap();
        let (_, name) = behind.split_once('/').unwrap();
        format!("{user}@127.0.0.1:{}/{name}", self.port)
    }

    /// Loses all connections that there are: neither end is told.
    pub(crate) fn lose_connections(&self) {
        self.lost.send_replace(());
    }
}

async fn forward(mut near: TcpStream, mut far: TcpStream, mut lost: watch::Receiver<()>) {
    let silent = tokio::select! {
        _ = copy_bidirectional(&mut near, &mut far) => false,
        changed = lost.changed() => changed.is_ok(),
    };
    if silent {
        // Open, and silent for ever.
        std::future::pending::<()>().await;
    }
    drop((near, far));
}
