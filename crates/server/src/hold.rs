//! Who may ask for a route, held before its handler runs.

use app::accounts::Caller;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::error::Problem;
use crate::pages;
use crate::route::Access;

/// Holds a route: a program gets a problem, a person who is not signed in is led there, one who may not gets a page that says so.
pub(crate) async fn hold(
    State((access, is_personal)): State<(Access, bool)>,
    request: Request,
    next: Next,
) -> Response {
    let caller = request.extensions().get::<Caller>();
    let Err(problem) = access.check(caller) else {
        let mut response = next.run(request).await;
        if is_personal {
            let vary = HeaderValue::from_static("authorization, cookie");
            response.headers_mut().append(header::VARY, vary);
        }
        return response;
    };
    if request.uri().path().starts_with("/api/") {
        return problem.into_response();
    }
    match problem {
        Problem::NotSignedIn if request.method() == Method::GET => {
            let wanted = request.uri().path_and_query().map_or("/", |p| p.as_str());
            Redirect::to(&pages::sign_in::address(wanted)).into_response()
        }
        problem => pages::error::page(&problem, caller),
    }
}
