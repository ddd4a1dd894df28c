//! A server over a new store, and requests to it.

use std::net::SocketAddr;
use std::sync::Arc;

use app::accounts::role::Role;
use app::accounts::seal::Key;
use app::accounts::token::{self, Wanted};
use app::accounts::{Sight, people, setup, system};
use app::fleet::place::Place;
use app::live::Live;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use tower::ServiceExt as _;

use crate::serve::application;
use crate::state::{Parts, Server};
use crate::throttle::Throttle;

/// The password of whoever has an account here.
pub(super) const PASSWORD: &str = "correct horse 7 battery";

/// A server, and the directory it lives in.
pub(super) struct Running {
    pub(super) server: Server,
    router: axum::Router,
    _directory: tempfile::TempDir,
}

/// What came back.
pub(super) struct Got {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Got {
    /// The session's cookie that was set.
    pub(super) fn cookie(&self) -> Option<String> {
        let set = self.headers.get(header::SET_COOKIE)?.to_str().ok()?;
        set.split(';').next().map(str::to_owned)
    }

    /// Where it leads.
    pub(super) fn location(&self) -> &str {
        self.headers
            .get(header::LOCATION)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

impl Running {
    /// Over an empty store, at a moment.
    pub(super) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let place = Place::File(directory.path().join("fleet.sqlite"));
        let live = Live::open(place, Some(directory.path().join("none.dwcat")), vec![]).unwrap();
        let server: Server = Arc::new(Parts {
            live,
            key: Key::of(directory.path()).unwrap(),
            throttle: Throttle::default(),
            description: crate::table::openapi(),
            is_tls: false,
            names: vec!["localhost".to_owned()],
            now: Some("2026-08-19T08:00:00Z".parse().unwrap()),
        });
        Self {
            router: application(&server),
            server,
            _directory: directory,
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.server.now()
    }

    /// The set-up link's secret.
    pub(super) fn set_up_link(&self) -> String {
        let link = setup::link_if_needed(self.server.live.store(), self.now());
        link.unwrap().unwrap().shown().to_owned()
    }

    /// An account that can sign in.
    pub(super) fn account(&self, login: &str, roles: &[Role]) {
        let (store, now) = (self.server.live.store(), self.now());
        let (_, link) =
            people::invite(store, login, roles, &Sight::Everything, system(), now).unwrap();
        people::choose_password(store, link.shown(), PASSWORD, now).unwrap();
    }

    /// A token of an account that is made for it.
    pub(super) fn token(&self, role: Role) -> String {
        let (store, now) = (self.server.live.store(), self.now());
        let login = format!("{}-program", role.as_str());
        if people::named(store, &login).is_err() {
            people::invite(store, &login, &[role], &Sight::Everything, system(), now).unwrap();
        }
        let wanted = Wanted {
            login,
            name: "test".to_owned(),
            roles: vec![role],
            sight: Sight::Everything,
            lasts: SignedDuration::from_hours(1),
        };
        let (_, secret) = token::make(store, &wanted, system(), now).unwrap();
        secret.shown().to_owned()
    }

    /// Sends a request.
    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Got {
        let mut request = Request::builder().method(method).uri(path);
        if !headers.iter().any(|(name, _)| *name == "host") {
            request = request.header(header::HOST, "localhost:8843");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::from(body.to_owned())).unwrap();
        let from: SocketAddr = "127.0.0.1:50000".parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(from));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        Got {
            status: head.status,
            headers: head.headers,
            body: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    /// Opens a page.
    pub(super) async fn get(&self, path: &str, cookie: Option<&str>) -> Got {
        let headers: Vec<(&str, &str)> = cookie
            .map(|cookie| ("cookie", cookie))
            .into_iter()
            .collect();
        self.send(Method::GET, path, &headers, "").await
    }

    /// Sends a form, as a browser does from one of our pages.
    pub(super) async fn form(
        &self,
        path: &str,
        cookie: Option<&str>,
        fields: &[(&str, &str)],
    ) -> Got {
        let mut headers = vec![
            ("content-type", "application/x-www-form-urlencoded"),
            ("sec-fetch-site", "same-origin"),
        ];
        headers.extend(cookie.map(|cookie| ("cookie", cookie)));
        let body = serde_urlencoded::to_string(fields).unwrap();
        self.send(Method::POST, path, &headers, &body).await
    }

    /// Signs in; the cookie.
    pub(super) async fn sign_in(&self, login: &str) -> String {
        let fields = [("login", login), ("password", PASSWORD)];
        let got = self.form("/sign-in", None, &fields).await;
        assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.body);
        got.cookie().unwrap()
    }
}
