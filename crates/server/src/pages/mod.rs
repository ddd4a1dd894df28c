//! The pages: one file a page, and the list of their routes. A page is a template filled with [`text::Text`], which is escaped; the frame
//! around it is [`frame::Frame`].

pub(crate) mod briefing;
pub(crate) mod error;
mod frame;
mod password;
mod set_up;
pub(crate) mod sign_in;
mod text;

use app::accounts::Permission::ReadFleet;
use axum::routing::{get, post};

use crate::route::{Access, Bound, Route};

const NO_ACCOUNT: &str = "who opens it has no account yet, or is not signed in";
const FORM: Bound = Bound::SameForAll("a form and what came of it");

/// Their routes.
pub(crate) fn routes() -> Vec<Route> {
    let anyone = Access::Anyone(NO_ACCOUNT);
    vec![
        Route::page(
            Access::Needs(ReadFleet),
            Bound::Sight,
            "/",
            get(briefing::show),
        ),
        Route::page(
            anyone,
            FORM,
            "/sign-in",
            get(sign_in::show).post(sign_in::sign_in),
        ),
        Route::page(
            anyone,
            FORM,
            "/set-up",
            get(set_up::show).post(set_up::set_up),
        ),
        Route::page(
            anyone,
            FORM,
            "/password",
            get(password::show).post(password::choose),
        ),
        Route::page(
            Access::SignedIn,
            Bound::Own,
            "/sign-out",
            post(sign_in::sign_out),
        ),
    ]
}
