//! The description of the API.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder, SecurityRequirement,
};

use crate::state::Server;

/// Its head: what it is, and how to sign in.
pub(crate) fn document() -> OpenApi {
    let token = SecurityScheme::Http(
        HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("a token from `daywatch admin token add`"))
            .build(),
    );
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Daywatch")
                .version("1")
                .description(Some(
                    "What a worm could use against the fleet, which patches stop it, by when.",
                ))
                .build(),
        )
        .components(Some(
            ComponentsBuilder::new()
                .security_scheme("token", token)
                .build(),
        ))
        .security(Some([SecurityRequirement::new(
            "token",
            Vec::<String>::new(),
        )]))
        .build()
}

/// The description of this API, OpenAPI 3.1
#[utoipa::path(
    get,
    operation_id = "description",
    path = "/api/v1/openapi.json",
    tag = "about",
    responses((status = 200, description = "The description", content_type = "application/json"))
)]
pub(crate) async fn show(State(server): State<Server>) -> impl IntoResponse {
    let json = [(header::CONTENT_TYPE, "application/json")];
    (json, server.description.clone())
}
