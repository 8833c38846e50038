//! Places in a queue that all requests share: a network holds only a few of them at a time, and its
//! other requests wait in a line of their own.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use ipnet::IpNet;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::network::networks;

/// Places that a network holds at a time.
const SHARE: usize = 8;
/// Requests of one network that hold a place or wait for one.
const LINE: usize = 128;
/// Requests of all networks that do.
const ALL: usize = 4096;

/// Too many wait already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

#[derive(Debug)]
struct Line {
    free: Arc<Semaphore>,
    waiting: usize,
}

#[derive(Debug, Default)]
struct Lines {
    lines: HashMap<IpNet, Line>,
    waiting: usize,
}

/// Bounded: a line goes with the last request in it.
#[derive(Clone, Debug, Default)]
pub struct Places(Arc<Mutex<Lines>>);

/// A place; free again when dropped.
#[derive(Debug)]
pub struct Place {
    _permit: OwnedSemaphorePermit,
    _seat: Seat,
}

/// What stands in a line.
#[derive(Debug)]
struct Seat {
    places: Places,
    network: IpNet,
}

impl Places {
    /// Waits for a place.
    ///
    /// # Errors
    /// [`Full`] at once, when too many of this network wait, or too many in all.
    pub async fn enter(&self, from: IpAddr) -> Result<Place, Full> {
        let (seat, free) = self.line_up(networks(from).widest())?;
        let permit = free.acquire_owned().await.map_err(|_| Full)?;
        Ok(Place {
            _permit: permit,
            _seat: seat,
        })
    }

    fn line_up(&self, network: IpNet) -> Result<(Seat, Arc<Semaphore>), Full> {
        self.with(|all| {
            let here = all.lines.get(&network).map_or(0, |line| line.waiting);
            if here >= LINE || all.waiting >= ALL {
                return Err(Full);
            }
            let line = all.lines.entry(network).or_insert_with(|| Line {
                free: Arc::new(Semaphore::new(SHARE)),
                waiting: 0,
            });
            line.waiting += 1;
            all.waiting += 1;
            let seat = Seat {
                places: self.clone(),
                network,
            };
            Ok((seat, line.free.clone()))
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut Lines) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.places.with(|all| {
            all.waiting = all.waiting.saturating_sub(1);
            if let Some(line) = all.lines.get_mut(&self.network) {
                line.waiting = line.waiting.saturating_sub(1);
                if line.waiting == 0 {
                    all.lines.remove(&self.network);
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use tokio::task::{JoinHandle, yield_now};

    use super::*;

    fn at(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    /// As many requests of this address as there may be; those past its share wait.
    async fn crowd(places: &Places, from: IpAddr) -> (Vec<Place>, Vec<JoinHandle<()>>) {
        let mut held = Vec::new();
        for _ in 0..SHARE {
            held.push(places.enter(from).await.unwrap());
        }
        let waiting = (SHARE..LINE).map(|_| {
            let places = places.clone();
            tokio::spawn(async move { drop(places.enter(from).await.unwrap()) })
        });
        let waiting: Vec<_> = waiting.collect();
        while places.with(|all| all.waiting) < LINE {
            yield_now().await;
        }
        (held, waiting)
    }

    #[tokio::test]
    async fn one_network_holds_its_share_and_others_pass() {
        let places = Places::default();
        let (held, waiting) = crowd(&places, at("2001:db8::1")).await;
        assert!(waiting.iter().all(|task| !task.is_finished()));
        // All of a site is one network here.
        let same = places.enter(at("2001:db8:0:ffff::1")).await;
        assert_eq!(same.unwrap_err(), Full);
        assert!(places.enter(at("192.0.2.1")).await.is_ok());
        drop(held);
        for task in waiting {
            task.await.unwrap();
        }
        assert!(places.with(|all| all.lines.is_empty() && all.waiting == 0));
    }

    #[tokio::test]
    async fn a_request_that_goes_away_while_it_waits_leaves_its_line() {
        let places = Places::default();
        let (held, waiting) = crowd(&places, at("192.0.2.1")).await;
        for task in waiting {
            task.abort();
            assert!(task.await.is_err());
        }
        drop(held);
        assert!(places.with(|all| all.lines.is_empty() && all.waiting == 0));
    }
}
