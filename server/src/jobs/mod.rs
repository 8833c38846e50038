//! What a server does on its own, beside the requests.
//!
//! A job never holds up a request, logs what fails and tries again, and ends when it is told
//! to. To add one: a file here with `async fn run(state, stop)`, and a line in [`start`].

use tokio::sync::watch as channel;
use tokio::task::JoinSet;

use crate::state::AppState;

pub mod clock_watch;
pub mod keys;
pub mod logout;
pub mod mail;
mod sweeper;
mod upkeep;
mod watch;

/// The jobs of a server. When this is dropped they end at once.
pub struct Jobs {
    stop: channel::Sender<bool>,
    tasks: JoinSet<()>,
}

/// Starts every job.
pub fn start(state: &AppState) -> Jobs {
    let (stop, stopped) = channel::channel(false);
    let stop_of = || Stop(stopped.clone());
    let mut tasks = JoinSet::new();
    tasks.spawn(sweeper::run(state.clone(), stop_of()));
    tasks.spawn(watch::run(state.clone(), stop_of()));
    tasks.spawn(keys::run(state.clone(), stop_of()));
    tasks.spawn(logout::run(state.clone(), stop_of()));
    tasks.spawn(mail::run(state.clone(), stop_of()));
    tasks.spawn(upkeep::run(stop_of()));
    Jobs { stop, tasks }
}

impl Jobs {
    /// Tells all of them to end, and waits until they have.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Says when to end.
#[derive(Clone)]
struct Stop(channel::Receiver<bool>);

impl Stop {
    /// Whether it is time to end.
    fn is_due(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits that long. `false` when it is time to end.
    async fn sleep(&mut self, time: std::time::Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(time) => true,
            // An error says that the other end was dropped.
            _ = self.0.wait_for(|stop| *stop) => false,
        }
    }
}
