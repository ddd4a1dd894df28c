//! The rules of package types (<https://github.com/package-url/purl-spec/tree/main/types>), as far as the canonical text
//! or validity depends on them. A type without an entry has none.
//!
//! Namespaces that a definition requires but that SBOMs leave out in practice (rpm, golang, apk) are not asked for.

use super::{Purl, PurlError};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Namespace {
    Optional,
    Required,
    Prohibited,
}

use Namespace::{Optional, Prohibited, Required};

/// What of a package URL is written in lower case.
struct Lower {
    namespace: bool,
    name: bool,
}

const KEPT: Lower = Lower {
    namespace: false,
    name: false,
};
const NAME: Lower = Lower {
    namespace: false,
    name: true,
};
const NAMESPACE: Lower = Lower {
    namespace: true,
    name: false,
};
const BOTH: Lower = Lower {
    namespace: true,
    name: true,
};

/// Sorted by type.
const RULES: [(&str, Namespace, Lower); 36] = [
    ("alpm", Optional, BOTH),
    ("apk", Optional, BOTH),
    ("bitbucket", Optional, BOTH),
    ("bitnami", Prohibited, NAME),
    ("cargo", Prohibited, KEPT),
    ("chrome-extension", Prohibited, KEPT),
    ("cocoapods", Prohibited, KEPT),
    ("composer", Required, BOTH),
    ("conda", Prohibited, KEPT),
    ("cpan", Required, KEPT),
    ("cran", Prohibited, KEPT),
    ("deb", Optional, BOTH),
    ("gem", Prohibited, KEPT),
    ("github", Optional, BOTH),
    ("golang", Optional, BOTH),
    ("hackage", Prohibited, KEPT),
    ("hex", Optional, BOTH),
    ("huggingface", Required, KEPT),
    ("julia", Prohibited, KEPT),
    ("luarocks", Optional, BOTH),
    ("mlflow", Prohibited, KEPT),
    ("npm", Optional, BOTH),
    ("nuget", Prohibited, KEPT),
    ("oci", Prohibited, NAME),
    ("otp", Prohibited, KEPT),
    ("pub", Prohibited, NAME),
    ("pypi", Prohibited, NAME),
    ("qpkg", Optional, NAMESPACE),
    ("rpm", Optional, NAMESPACE),
    ("swift", Required, KEPT),
    ("vcpkg", Prohibited, KEPT),
    ("vscode-extension", Required, KEPT),
    // Not registered, but with the rules of the forges that are.
    ("codeberg", Optional, BOTH),
    ("gitea", Optional, BOTH),
    ("gitee", Optional, BOTH),
    ("gitlab", Optional, BOTH),
];

fn rule(ty: &str) -> Option<&'static (&'static str, Namespace, Lower)> {
    RULES.iter().find(|rule| rule.0 == ty)
}

/// Writes namespace, name and version as the type wants them.
pub(super) fn normalize(purl: &mut Purl) {
    let Some((_, _, lower)) = rule(&purl.ty) else {
        return;
    };
    if lower.namespace {
        purl.namespace = purl.namespace.take().map(lowered);
    }
    // Databricks takes names in any case, other MLflow servers do not.
    let databricks = purl.ty == "mlflow"
        && purl
            .qualifier("repository_url")
            .is_some_and(|url| url.contains("databricks"));
    if lower.name || databricks {
        purl.name = lowered(std::mem::take(&mut purl.name));
    }
    match purl.ty.as_str() {
        "pypi" => purl.name = purl.name.replace('_', "-"),
        // Commits in any case are one commit; a tag (`100B`) is kept.
        "huggingface" if purl.version.as_deref().is_some_and(is_commit) => {
            purl.version = purl.version.take().map(lowered)
        }
        "pub" => purl.name = purl.name.replace('-', "_"),
        _ => {}
    }
}

fn is_commit(version: &str) -> bool {
    const SHA1_DIGITS: usize = 40;
    version.len() == SHA1_DIGITS && version.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Unicode's full lower case, as clause 5.5 says.
fn lowered(text: String) -> String {
    let already = text
        .bytes()
        .all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    if already { text } else { text.to_lowercase() }
}

/// What the type's definition forbids.
pub(super) fn check(purl: &Purl) -> Result<(), PurlError> {
    let namespace = rule(&purl.ty).map_or(Optional, |rule| rule.1);
    match (namespace, &purl.namespace) {
        (Required, None) => {
            return Err(PurlError::new(format!("{} requires a namespace", purl.ty)));
        }
        (Prohibited, Some(_)) => {
            return Err(PurlError::new(format!("{} has no namespace", purl.ty)));
        }
        _ => {}
    }
    match purl.ty.as_str() {
        "chrome-extension" => check_chrome_extension(purl),
        "cpan" if purl.name.contains("::") => Err(PurlError::new(
            "cpan names a distribution, not a module: no ::",
        )),
        _ => Ok(()),
    }
}

/// An extension's id is 32 letters, its version one to four numbers.
fn check_chrome_extension(purl: &Purl) -> Result<(), PurlError> {
    const ID_LETTERS: usize = 32;
    const NUMBERS_MAX: usize = 4;
    if purl.name.len() != ID_LETTERS || !purl.name.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Err(PurlError::new(
            "the name of a chrome-extension is not 32 lower case letters",
        ));
    }
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let fits = |version: &String| {
        version.split('.').count() <= NUMBERS_MAX && version.split('.').all(number)
    };
    if purl.version.as_ref().is_none_or(fits) {
        Ok(())
    } else {
        Err(PurlError::new(
            "the version of a chrome-extension is not one to four numbers",
        ))
    }
}

/// Qualifiers without which the type's definition says a package is not named. Only asked of a text: a builder adds them later.
pub(super) fn check_required(purl: &Purl) -> Result<(), PurlError> {
    if purl.ty.eq_ignore_ascii_case("julia") && purl.qualifier("uuid").is_none() {
        return Err(PurlError::new("julia requires the qualifier uuid"));
    }
    Ok(())
}
