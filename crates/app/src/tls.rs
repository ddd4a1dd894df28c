//! Which cryptography TLS uses: ring, chosen once for the whole process.

/// Chooses it. A second call changes nothing.
pub fn prepare() {
    // Refused when it was chosen before.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
