//! VEX statements (OpenVEX, CycloneDX) applied to findings.
