//! A route: where it is, who may ask, what of the answer depends on who asks. None can be written without saying so.

use app::accounts::{Caller, Permission};
use axum::routing::MethodRouter;
use utoipa_axum::router::UtoipaMethodRouter;

use crate::error::Problem;
use crate::state::Server;

/// Who may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Anyone, for this reason.
    Anyone(&'static str),
    /// Who has an account.
    SignedIn,
    /// Who has an account with this permission.
    Needs(Permission),
}

/// What of an answer depends on who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    /// Nothing: it is this.
    SameForAll(&'static str),
    /// It tells of hosts the caller sees, and of no other.
    Sight,
    /// It is about the caller's own account.
    Own,
}

/// A route.
pub(crate) struct Route {
    /// Who may ask.
    pub(crate) access: Access,
    /// What depends on who asks.
    pub(crate) bound: Bound,
    /// Where, and what answers.
    pub(crate) what: What,
}

/// Where a route is, and what answers.
pub(crate) enum What {
    /// Of the public API: path and method are in its description.
    Api(Box<UtoipaMethodRouter<Server>>),
    /// A page, or a form's target.
    Page(&'static str, Box<MethodRouter<Server>>),
}

impl Access {
    /// Whether this caller may; else what is wrong.
    pub(crate) fn check(self, caller: Option<&Caller>) -> Result<(), Problem> {
        match (self, caller) {
            (Self::Anyone(_), _) | (Self::SignedIn, Some(_)) => Ok(()),
            (_, None) => Err(Problem::NotSignedIn),
            (Self::Needs(permission), Some(caller)) => match caller.may(permission) {
                true => Ok(()),
                false => Err(Problem::Forbidden(format!(
                    "{} may not: it takes the permission {permission:?}",
                    caller.login
                ))),
            },
        }
    }

    /// In words, for the description of the API.
    fn words(self) -> String {
        match self {
            Self::Anyone(why) => format!("Anyone may ask: {why}."),
            Self::SignedIn => "Anybody with an account may ask.".to_owned(),
            Self::Needs(permission) => format!("It takes the permission `{permission:?}`."),
        }
    }
}

impl Bound {
    /// In words, for the description of the API.
    fn words(self) -> String {
        match self {
            Self::SameForAll(what) => format!("The answer is the same for all: {what}."),
            Self::Sight => "The answer tells of the hosts the caller sees.".to_owned(),
            Self::Own => "The answer is about the caller's own account.".to_owned(),
        }
    }
}

impl Route {
    /// A route of the public API. What the table says of it is told in its description too.
    pub(crate) fn api(
        access: Access,
        bound: Bound,
        mut routes: UtoipaMethodRouter<Server>,
    ) -> Self {
        let told = format!("{} {}", access.words(), bound.words());
        for item in routes.1.paths.values_mut() {
            let operations = [
                &mut item.get,
                &mut item.post,
                &mut item.put,
                &mut item.patch,
                &mut item.delete,
            ];
            for operation in operations.into_iter().flatten() {
                operation.description = Some(match operation.description.take() {
                    Some(before) => format!("{before}\n\n{told}"),
                    None => told.clone(),
                });
            }
        }
        Self {
            access,
            bound,
            what: What::Api(Box::new(routes)),
        }
    }

    /// A page, or a form's target.
    pub(crate) fn page(
        access: Access,
        bound: Bound,
        path: &'static str,
        routes: MethodRouter<Server>,
    ) -> Self {
        Self {
            access,
            bound,
            what: What::Page(path, Box::new(routes)),
        }
    }

    /// The path, as it is matched.
    pub(crate) fn path(&self) -> String {
        match &self.what {
            What::Page(path, _) => (*path).to_owned(),
            What::Api(routes) => routes.1.paths.keys().next().cloned().unwrap_or_default(),
        }
    }

    /// How a browser may keep the answer: what is somebody's own is not kept at all.
    pub(crate) const fn is_personal(&self) -> bool {
        !matches!(self.bound, Bound::SameForAll(_))
    }
}
