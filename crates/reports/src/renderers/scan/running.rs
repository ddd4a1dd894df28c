//! The JSON shapes of what runs on a target, parts of `daywatch.scan/1`.

use drawing::escape::printable;
use inventory::{Service, ServiceProduct, StaleProcess};
use serde::Serialize;

use super::wire::Text;

#[derive(Serialize)]
pub(super) struct ServiceJson<'a> {
    proto: &'static str,
    port: u16,
    address: Option<Text<'a>>,
    program: Option<Text<'a>>,
    package: Option<Text<'a>>,
    product: Option<ProductJson<'a>>,
    confidence: &'static str,
}

#[derive(Serialize)]
struct ProductJson<'a> {
    name: Text<'a>,
    version: Option<Text<'a>>,
}

#[derive(Serialize)]
pub(super) struct RestartJson<'a> {
    program: Text<'a>,
    pid: Option<u32>,
    file: Option<Text<'a>>,
    package: Option<Text<'a>>,
}

pub(super) fn optional(text: &Option<String>) -> Option<Text<'_>> {
    text.as_deref().map(printable)
}

pub(super) fn service(service: &Service) -> ServiceJson<'_> {
    ServiceJson {
        proto: service.transport.as_str(),
        port: service.port,
        address: optional(&service.address),
        program: optional(&service.program),
        package: optional(&service.package),
        product: service.product.as_ref().map(product),
        confidence: service.confidence.as_str(),
    }
}

fn product(product: &ServiceProduct) -> ProductJson<'_> {
    ProductJson {
        name: printable(&product.name),
        version: optional(&product.version),
    }
}

pub(super) fn restart(stale: &StaleProcess) -> RestartJson<'_> {
    RestartJson {
        program: printable(&stale.program),
        pid: stale.pid,
        file: optional(&stale.file),
        package: optional(&stale.package),
    }
}
