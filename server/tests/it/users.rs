//! Managing people: one service behind the command line and the API.

use claviger::crypto::password::Passwords;
use claviger::domain::user::{User, login_key};
use claviger::error::Error;
use claviger::services::by::By;
use claviger::services::users::{self, Fault, NewPerson, UserFailure};
use claviger::store::UserFilter;
use contract::wire::session::Role;
use macro_rules_attribute::apply;

use crate::harness::{TestServer, TestUser, on_both};

fn new<'a>(username: &'a str, email: &'a str) -> NewPerson<'a> {
    NewPerson {
        username,
        email,
        email_verified: false,
        role: Role::Developer,
        password: "correct horse battery staple",
    }
}

async fn person(server: &TestServer, user: &TestUser) -> User {
    let found = server.state.store.user_by_id(user.id).await;
    found.unwrap().unwrap()
}

/// The names on every page of a list, in pages of two.
async fn names(server: &TestServer, filter: &UserFilter) -> Vec<String> {
    let (mut names, mut after) = (Vec::new(), None);
    loop {
        let from: Option<&str> = after.as_deref();
        let page = users::list(&server.state, By::Operator, filter, from, 2).await;
        let page = page.unwrap();
        assert!(page.items.len() == 2 || page.next.is_none());
        names.extend(page.items.into_iter().map(|user| user.username));
        after = page.next;
        if after.is_none() {
            return names;
        }
    }
}

#[apply(on_both!)]
async fn a_list_comes_in_pages_by_name(server: TestServer) {
    let mut all = vec![
        "Zoe",
        "ada",
        "Bob",
        "b_b",
        "b%b",
        "bob2",
        "\u{e4}rger",
        "\\",
    ];
    for name in &all {
        server.user(name).await;
    }
    // The same on both databases: by code points, and case makes no difference.
    all.sort_by_cached_key(|name| login_key(name));
    assert_eq!(names(&server, &UserFilter::default()).await, all);
    for (query, found) in [
        ("B", &["b%b", "b_b", "Bob", "bob2"][..]),
        ("bO", &["Bob", "bob2"]),
        ("_", &["b_b"]),
        ("%", &["b%b"]),
        ("\\", &["\\"]),
        ("ZOE@example.com", &["Zoe"]),
        ("nobody", &[]),
        ("a\0", &[]),
    ] {
        let filter = UserFilter {
            query: Some(query.to_owned()),
            ..UserFilter::default()
        };
        assert_eq!(names(&server, &filter).await, found, "{query}");
    }
}

#[apply(on_both!)]
async fn a_list_is_narrowed_by_role_and_by_who_is_disabled(server: TestServer) {
    server.admin("root").await;
    server.developer("dan").await;
    let ada = person(&server, &server.user("ada").await).await;
    let disabled = users::set_disabled(&server.state, By::Operator, &ada, true).await;
    assert!(disabled.unwrap().disabled_at.is_some());
    let of = |role, disabled| UserFilter {
        role,
        disabled,
        query: None,
    };
    for (filter, found) in [
        (of(Some(Role::Admin), None), &["root"][..]),
        (of(Some(Role::User), Some(false)), &[]),
        (of(None, Some(true)), &["ada"]),
        (of(None, Some(false)), &["dan", "root"]),
    ] {
        assert_eq!(names(&server, &filter).await, found, "{filter:?}");
    }
}

#[apply(on_both!)]
async fn only_administrators_manage_people(server: TestServer) {
    let state = &server.state;
    let passwords = Passwords::new(state.random.clone());
    let developer = person(&server, &server.developer("dan").await).await;
    let ada = person(&server, &server.user("ada").await).await;
    let by = By::Person(&developer);
    let before = server.count("audit_events").await;
    let all = UserFilter::default();
    let refused = [
        users::create(state, &passwords, by, &new("eve", "eve@example.com"))
            .await
            .err(),
        users::set_password(state, &passwords, by, &ada, "another long password")
            .await
            .err(),
        users::set_disabled(state, by, &ada, true)
            .await
            .err()
            .map(UserFailure::Failed),
        users::set_role(state, by, &developer, Role::Admin)
            .await
            .err()
            .map(UserFailure::Failed),
        users::list(state, by, &all, None, 10)
            .await
            .err()
            .map(UserFailure::Failed),
    ];
    for failure in refused {
        let Some(UserFailure::Failed(Error::Refused(refusal))) = failure else {
            panic!("{failure:?}");
        };
        assert_eq!(refusal.rule.id, "role-required");
    }
    assert_eq!(names(&server, &all).await, ["ada", "dan"]);
    let unchanged = state.store.user_by_id(ada.id).await.unwrap();
    assert_eq!(unchanged, Some(ada));
    assert_eq!(server.count("audit_events").await, before);
}

#[apply(on_both!)]
async fn a_change_of_a_person_is_written_with_who_made_it(server: TestServer) {
    let state = &server.state;
    let passwords = Passwords::new(state.random.clone());
    let root = person(&server, &server.admin("root").await).await;
    let by = By::Person(&root);
    let eve = users::create(state, &passwords, by, &new("eve", "eve@example.com")).await;
    let eve = eve.unwrap();
    server.advance(1);
    let promoted = users::set_role(state, by, &eve, Role::Admin).await.unwrap();
    assert_eq!(promoted.role, Role::Admin);
    // Once more changes nothing, and nothing is written of it.
    users::set_role(state, By::Operator, &eve, Role::Admin)
        .await
        .unwrap();
    server.advance(1);
    users::set_disabled(state, by, &eve, true).await.unwrap();
    server.advance(1);
    users::set_disabled(state, By::Operator, &eve, false)
        .await
        .unwrap();
    server.advance(1);
    users::set_password(state, &passwords, by, &eve, "another long password")
        .await
        .unwrap();
    let of_eve = "FROM audit_events WHERE user_id IS NOT NULL";
    let said = format!("SELECT kind || ' (' || detail || ')' {of_eve} ORDER BY id");
    assert_eq!(
        server.database.texts(&said).await,
        [
            "user.created ()",
            "user.role_changed (admin)",
            "user.disabled ()",
            "user.enabled (command line)",
            "user.password_set ()",
        ]
    );
    let unnamed = format!("SELECT kind {of_eve} AND actor_id IS NULL");
    assert_eq!(server.database.texts(&unnamed).await, ["user.enabled"]);
    let browser = server.browser();
    let answer = browser
        .try_sign_in("eve", "another long password", None)
        .await
        .is(200);
    assert_eq!(answer.json()["user"]["role"], "admin");
}

#[apply(on_both!)]
async fn every_fault_of_a_new_person_is_named(server: TestServer) {
    let state = &server.state;
    let passwords = Passwords::new(state.random.clone());
    server.user("ada").await;
    let create = async |new: &NewPerson<'_>| {
        let made = users::create(state, &passwords, By::Operator, new).await;
        let Err(UserFailure::Faults(faults)) = made else {
            panic!("{made:?}");
        };
        faults
    };
    let mut bad = new("a@b", "nonsense");
    bad.password = "password";
    let faults = create(&bad).await;
    assert!(
        matches!(
            faults[..],
            [
                Fault::UsernameMalformed,
                Fault::EmailMalformed,
                Fault::Password(_)
            ]
        ),
        "{faults:?}"
    );
    let faults = create(&new("ADA", "other@example.com")).await;
    assert!(matches!(faults[..], [Fault::UsernameTaken]), "{faults:?}");
    let faults = create(&new("other", "ADA@example.com")).await;
    assert!(matches!(faults[..], [Fault::EmailTaken]), "{faults:?}");
    assert_eq!(state.store.count_users().await.unwrap(), 1);
}
