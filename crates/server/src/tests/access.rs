//! The table of routes, walked: who may not, cannot.

use app::accounts::role::Role;
use axum::http::{Method, StatusCode};

use super::server::Running;
use crate::route::{Access, Bound};
use crate::table::routes;

/// A path that matches a route.
fn example(path: &str) -> String {
    let parts = path.split('/').map(|part| match part.starts_with('{') {
        true => "1",
        false => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

#[test]
fn what_anyone_may_ask_or_is_the_same_for_all_says_why() {
    for route in routes() {
        if let Access::Anyone(why) = route.access {
            assert!(why.len() > 10, "{}", route.path());
        }
        if let Bound::SameForAll(why) = route.bound {
            assert!(why.len() > 10, "{}", route.path());
        }
    }
}

#[test]
fn no_two_routes_have_one_path() {
    let mut paths: Vec<String> = routes().iter().map(crate::route::Route::path).collect();
    paths.sort();
    let all = paths.len();
    paths.dedup();
    assert_eq!(paths.len(), all);
}

#[tokio::test]
async fn who_is_not_signed_in_is_let_in_nowhere_else() {
    let running = Running::new();
    for route in routes() {
        let path = example(&route.path());
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
            let headers = [("sec-fetch-site", "same-origin")];
            let got = running.send(method.clone(), &path, &headers, "").await;
            let is_open = matches!(route.access, Access::Anyone(_));
            let is_shut = match path.starts_with("/api/") {
                true => got.status == StatusCode::UNAUTHORIZED,
                false => {
                    got.location().starts_with("/sign-in") || got.status == StatusCode::UNAUTHORIZED
                }
            };
            let has_no_such_method = got.status == StatusCode::METHOD_NOT_ALLOWED;
            assert!(
                is_open || is_shut || has_no_such_method,
                "{method} {path}: {}",
                got.status
            );
        }
    }
}

#[tokio::test]
async fn each_role_is_held_to_its_permissions_on_every_route() {
    let running = Running::new();
    for role in Role::ALL {
        let bearer = format!("Bearer {}", running.token(role));
        for route in routes() {
            let Access::Needs(permission) = route.access else {
                continue;
            };
            let path = example(&route.path());
            let may = role.permissions().contains(&permission);
            for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
                let headers = [("authorization", bearer.as_str())];
                let got = running.send(method.clone(), &path, &headers, "").await;
                if got.status == StatusCode::METHOD_NOT_ALLOWED {
                    continue;
                }
                let is_forbidden = got.status == StatusCode::FORBIDDEN;
                assert_eq!(
                    is_forbidden, !may,
                    "{role:?} {method} {path}: {}",
                    got.status
                );
            }
        }
    }
}

#[tokio::test]
async fn a_token_that_does_not_hold_is_nobodys() {
    let running = Running::new();
    let good = running.token(Role::Admin);
    for token in ["", "dwt_", "dws_abc", &good[..good.len() - 1]] {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str())];
        let got = running.send(Method::GET, "/api/v1/me", &headers, "").await;
        assert_eq!(got.status, StatusCode::UNAUTHORIZED, "{token}");
        assert!(got.body.contains("/problems/not-signed-in"), "{}", got.body);
    }
}

#[tokio::test]
async fn a_request_to_another_name_or_from_another_site_is_refused() {
    let running = Running::new();
    let cross = [("sec-fetch-site", "cross-site")];
    let got = running
        .send(Method::POST, "/sign-in", &cross, "login=a&password=b")
        .await;
    assert_eq!(got.status, StatusCode::FORBIDDEN);
    let rebound = [("host", "evil.example")];
    let got = running.send(Method::GET, "/healthz", &rebound, "").await;
    assert_eq!(got.status, StatusCode::MISDIRECTED_REQUEST);
}

#[tokio::test]
async fn every_answer_forbids_what_our_pages_do_not_need() {
    let running = Running::new();
    for path in [
        "/sign-in",
        "/healthz",
        "/api/v1/me",
        "/nowhere",
        "/api/v1/nowhere",
    ] {
        let got = running.get(path, None).await;
        let policy = got.headers.get("content-security-policy").unwrap();
        let policy = policy.to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{path}");
        assert!(!policy.contains("unsafe"), "{path}");
        for name in [
            "x-content-type-options",
            "referrer-policy",
            "x-frame-options",
        ] {
            assert!(got.headers.contains_key(name), "{path}: {name}");
        }
    }
}
