//! How the way to a server is kept private: `sslmode` of the URL, as libpq names it
//! (<https://www.postgresql.org/docs/current/libpq-ssl.html>), with one difference. Where libpq encrypts without looking whose
//! certificate it is (`require`), we look: `require`, `verify-ca` and `verify-full` are one mode.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::Config;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

/// What the URL says of encryption.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tls {
    /// The driver knows three modes; it is told by [`Tls::apply`].
    must_verify: bool,
    /// The authority, if it is not one of the system's.
    root: Option<PathBuf>,
}

impl Tls {
    pub(super) fn apply(&self, config: &mut Config) {
        if self.must_verify {
            config.ssl_mode(SslMode::Require);
        }
    }

    /// Certificates are always looked at. A server that offers no encryption is taken in mode `prefer` only.
    pub(super) fn connector(&self, config: &Config) -> Result<MakeRustlsConnect, String> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider));
        let builder = builder
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?;
        let client = match &self.root {
            Some(file) => builder.with_root_certificates(roots(file)?),
            None if config.get_ssl_mode() == SslMode::Disable => {
                builder.with_root_certificates(RootCertStore::empty())
            }
            None => {
                let verifier = rustls_platform_verifier::Verifier::new(provider);
                let verifier: Arc<dyn ServerCertVerifier> =
                    Arc::new(verifier.map_err(|error| error.to_string())?);
                builder
                    .dangerous()
                    .with_custom_certificate_verifier(verifier)
            }
        };
        Ok(MakeRustlsConnect::new(client.with_no_client_auth()))
    }
}

fn roots(file: &std::path::Path) -> Result<RootCertStore, String> {
    let unreadable = |why: String| format!("the certificate {}: {why}", file.display());
    let mut roots = RootCertStore::empty();
    let certificates =
        CertificateDer::pem_file_iter(file).map_err(|error| unreadable(error.to_string()))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| unreadable(error.to_string()))?;
        roots
            .add(certificate)
            .map_err(|error| unreadable(error.to_string()))?;
    }
    match roots.is_empty() {
        true => Err(unreadable("no certificate is in it".to_owned())),
        false => Ok(roots),
    }
}

/// The URL without what the driver does not know, and that.
pub(super) fn split_url(url: &str) -> Result<(String, Tls), String> {
    let mut tls = Tls::default();
    let Some((base, query)) = url.split_once('?') else {
        return Ok((url.to_owned(), tls));
    };
    let mut kept = Vec::new();
    for pair in query.split('&') {
        match pair.split_once('=') {
            Some(("sslmode", "verify-ca" | "verify-full")) => tls.must_verify = true,
            Some(("sslmode", "allow")) => {
                return Err(
                    "sslmode=allow would rather be read by others; use prefer or disable"
                        .to_owned(),
                );
            }
            Some(("sslrootcert", file)) => tls.root = Some(PathBuf::from(file)),
            _ => kept.push(pair),
        }
    }
    let query = kept.join("&");
    let joint = if query.is_empty() { "" } else { "?" };
    Ok((format!("{base}{joint}{query}"), tls))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, plain: &str, must_verify: bool, root: Option<&str>) {
        let root = root.map(PathBuf::from);
        assert_eq!(
            split_url(url),
            Ok((plain.to_owned(), Tls { must_verify, root }))
        );
    }

    #[test]
    fn what_the_driver_does_not_know_is_taken_out_of_the_url() {
        check("postgres://a@b/c", "postgres://a@b/c", false, None);
        check(
            "postgres://a@b/c?sslmode=disable",
            "postgres://a@b/c?sslmode=disable",
            false,
            None,
        );
        check(
            "postgres://a@b/c?sslmode=verify-full&sslrootcert=/etc/ca.pem&application_name=x",
            "postgres://a@b/c?application_name=x",
            true,
            Some("/etc/ca.pem"),
        );
        assert!(split_url("postgres://a@b/c?sslmode=allow").is_err());
    }

    #[test]
    fn a_certificate_that_is_none_is_explained() {
        let tls = Tls {
            must_verify: true,
            root: Some(PathBuf::from("/nonexistent/ca.pem")),
        };
        let error = tls.connector(&Config::new()).err();
        assert!(error.is_some_and(|why| why.contains("/nonexistent/ca.pem")));
    }
}
