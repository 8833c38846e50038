use proptest::prelude::*;

use super::crowd::SHARED_WAIT;
use super::*;

const START: Timestamp = Timestamp(1_800_000_000_000);

fn at(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn home() -> IpAddr {
    at("192.0.2.1")
}

fn account(name: impl ToString) -> ThrottleKey {
    ThrottleKey::Account(name.to_string())
}

/// This many other accounts fail from an address, each as soon as it may.
fn spray(throttle: &Throttle, from: IpAddr, accounts: usize, mut now: Timestamp) -> Timestamp {
    for n in 0..accounts {
        while let Err(wait) = throttle.begin(&account(format!("ghost{n}")), from, now) {
            now = now.plus_seconds(wait);
        }
    }
    now
}

#[test]
fn failures_slow_an_account_down_and_are_forgotten() {
    let throttle = Throttle::default();
    let ada = account("ada");
    // From many addresses: the account has one count.
    let from = |n: u32| IpAddr::from(n.to_be_bytes());
    let mut now = START;
    for n in 0..5 {
        assert_eq!(throttle.begin(&ada, from(n), now), Ok(()));
    }
    assert_eq!(throttle.begin(&ada, from(6), now), Err(1));
    for (n, wait) in (7..).zip([1, 2, 4, 8, 16, 32, 60, 60]) {
        assert_eq!(throttle.begin(&ada, from(n), now), Err(wait));
        now = now.plus_seconds(wait);
        assert_eq!(throttle.begin(&ada, from(n), now), Ok(()));
    }
    let known = ThrottleKey::KnownBrowser("ada".to_owned());
    assert_eq!(throttle.begin(&known, home(), now), Ok(()));
    assert_eq!(throttle.begin(&ada, home(), now + MEMORY), Ok(()));
    throttle.succeeded(&ada, home());
    for _ in 0..5 {
        assert_eq!(throttle.begin(&ada, home(), now), Ok(()));
    }
}

#[test]
fn a_network_that_failed_for_many_accounts_lets_a_known_browser_pass() {
    let throttle = Throttle::default();
    let now = spray(&throttle, home(), 60, START);
    let ada = ThrottleKey::KnownBrowser("ada".to_owned());
    for _ in 0..5 {
        assert_eq!(throttle.begin(&ada, home(), now), Ok(()));
    }
}

#[test]
fn one_account_that_fails_often_holds_up_no_other_one_of_its_network() {
    let throttle = Throttle::default();
    let mut now = START;
    for _ in 0..200 {
        if let Err(wait) = throttle.begin(&account("ada"), home(), now) {
            now = now.plus_seconds(wait);
        }
    }
    assert_eq!(throttle.begin(&account("bob"), home(), now), Ok(()));
}

/// An attacker who goes on with two attempts a second changes nothing of it.
#[test]
fn who_was_told_to_wait_passes_afterwards_whatever_others_do() {
    let throttle = Throttle::default();
    let mut now = spray(&throttle, home(), 80, START);
    let ada = account("ada");
    let wait = throttle.begin(&ada, home(), now).unwrap_err();
    assert!(wait <= SHARED_WAIT);
    for n in 0..2 * wait {
        let _ = throttle.begin(&account(format!("more{n}")), home(), now);
        now = Timestamp(now.millis() + 500);
    }
    assert_eq!(throttle.begin(&ada, home(), now), Ok(()));
}

#[test]
fn a_program_that_tries_many_accounts_at_once_gets_few_attempts() {
    for accounts in [64, 1000] {
        let throttle = Throttle::default();
        let mut now = spray(&throttle, home(), 60, START);
        let mut passed = 0;
        for _ in 0..4 {
            for n in 0..accounts {
                let tried = throttle.begin(&account(format!("more{n}")), home(), now);
                passed += u32::from(tried.is_ok());
            }
            now = now.plus_seconds(SHARED_WAIT);
        }
        // One for each turn, and those of the promises.
        assert!((1..=4 * 65).contains(&passed), "{passed} of {accounts}");
    }
}

#[test]
fn the_failures_of_a_network_grow_old_one_by_one() {
    let throttle = Throttle::default();
    for n in 0..50 {
        let now = START.plus_seconds(n * 10);
        assert_eq!(throttle.begin(&account(n), home(), now), Ok(()));
    }
    let now = START.plus_seconds(490);
    assert_eq!(throttle.begin(&account("x"), home(), now), Err(1));
    // The first one is forgotten, though the others failed all the while.
    let now = START + MEMORY;
    assert_eq!(throttle.begin(&account("y"), home(), now), Ok(()));
}

#[test]
fn a_success_takes_back_only_what_its_own_account_failed() {
    let throttle = Throttle::default();
    let mut now = spray(&throttle, home(), 50, START);
    let own = account("own");
    for _ in 0..20 {
        while let Err(wait) = throttle.begin(&own, home(), now) {
            now = now.plus_seconds(wait);
        }
        throttle.succeeded(&own, home());
    }
    assert_eq!(throttle.begin(&account("other"), home(), now), Err(1));
}

#[test]
fn the_addresses_of_a_link_count_together_and_a_site_has_a_limit_too() {
    let throttle = Throttle::default();
    for n in 0..50 {
        let from = at(&format!("2001:db8::{n}"));
        assert_eq!(throttle.begin(&account(n), from, START), Ok(()));
    }
    let other = account("other");
    assert_eq!(throttle.begin(&other, at("2001:db8::ffff"), START), Err(1));
    for n in 50..200 {
        let from = at(&format!("2001:db8:0:{n}::1"));
        assert_eq!(throttle.begin(&account(n), from, START), Ok(()), "{n}");
    }
    assert_eq!(
        throttle.begin(&account("y"), at("2001:db8:0:fff::1"), START),
        Err(1)
    );
    assert_eq!(
        throttle.begin(&account("z"), at("2001:db8:1::1"), START),
        Ok(())
    );
}

#[test]
fn a_right_code_takes_back_its_own_count_and_no_guess() {
    let throttle = Throttle::default();
    let ada = ThrottleKey::CodeTyper("ada".to_owned());
    for _ in 0..4 {
        assert_eq!(throttle.begin(&ada, home(), START), Ok(()));
        assert_eq!(throttle.begin(&ada, at("192.0.2.2"), START), Ok(()));
        throttle.undo(&ada, at("192.0.2.2"));
    }
    assert_eq!(throttle.begin(&ada, home(), START), Ok(()));
    assert_eq!(throttle.begin(&ada, home(), START), Err(1));
}

#[test]
fn every_wrong_code_of_a_network_counts() {
    let throttle = Throttle::default();
    let typer = |n: u32| ThrottleKey::CodeTyper(n.to_string());
    for n in 0..50 {
        assert_eq!(throttle.begin(&typer(n / 5), home(), START), Ok(()));
    }
    assert_eq!(throttle.begin(&typer(99), home(), START), Err(1));
    // Passwords are another matter.
    assert_eq!(throttle.begin(&account("ada"), home(), START), Ok(()));
}

#[test]
fn a_clock_that_went_back_makes_the_wait_no_longer() {
    let throttle = Throttle::default();
    let mut ahead = spray(&throttle, home(), 60, START.plus_seconds(3600));
    let elsewhere = at("198.51.100.1");
    for _ in 0..12 {
        while let Err(wait) = throttle.begin(&account("ada"), elsewhere, ahead) {
            ahead = ahead.plus_seconds(wait);
        }
    }
    for (name, from, wait) in [("ada", elsewhere, MAX_WAIT), ("bob", home(), SHARED_WAIT)] {
        assert_eq!(throttle.begin(&account(name), from, START), Err(wait));
        let later = START.plus_seconds(wait);
        assert_eq!(throttle.begin(&account(name), from, later), Ok(()));
    }
}

proptest! {
    #[test]
    fn the_wait_grows_with_the_failures_up_to_its_end(
        over in any::<u32>(),
        longest in 1..=MAX_WAIT,
    ) {
        let wait = wait_after(over, longest);
        prop_assert!((1..=longest).contains(&wait));
        prop_assert!(wait <= wait_after(over.saturating_add(1), longest));
    }

    #[test]
    fn no_count_and_no_clock_makes_an_account_wait_for_longer(
        count in any::<u32>(),
        last in any::<i64>(),
        now in any::<i64>(),
    ) {
        let failures = Failures { count, last: Timestamp(last) };
        prop_assert!((0..=MAX_WAIT).contains(&failures.at(Timestamp(now)).wait(Timestamp(now))));
    }
}

/// The property above over the counts where a shift turned negative once.
#[test]
fn the_wait_never_falls_back() {
    for over in 0..200 {
        assert_eq!(
            wait_after(over, MAX_WAIT),
            (1_i64 << over.min(6)).min(MAX_WAIT)
        );
        assert!(over < 6 || wait_after(over, MAX_WAIT) == MAX_WAIT);
    }
}
