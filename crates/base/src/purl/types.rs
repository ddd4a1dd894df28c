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

/// Sorted by type. codeberg, gitea, gitee and gitlab are not registered; they get the rules of the forges that are.
const RULES: [(&str, Namespace, Lower); 36] = [
    ("alpm", Optional, BOTH),
    ("apk", Optional, BOTH),
    ("bitbucket", Optional, BOTH),
    ("bitnami", Prohibited, NAME),
    ("cargo", Prohibited, KEPT),
    ("chrome-extension", Prohibited, KEPT),
    ("cocoapods", Prohibited, KEPT),
    ("codeberg", Optional, BOTH),
    ("composer", Required, BOTH),
    ("conda", Prohibited, KEPT),
    ("cpan", Required, KEPT),
    ("cran", Prohibited, KEPT),
    ("deb", Optional, BOTH),
    ("gem", Prohibited, KEPT),
    ("gitea", Optional, BOTH),
    ("gitee", Optional, BOTH),
    ("github", Optional, BOTH),
    ("gitlab", Optional, BOTH),
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
];

fn rule(ty: &str) -> Option<&'static (&'static str, Namespace, Lower)> {
    RULES
        .binary_search_by_key(&ty, |rule| rule.0)
        .ok()
        .map(|at| &RULES[at])
}

/// Writes namespace, name and version as the type wants them, and keeps what was written.
pub(super) fn normalize(purl: &mut Purl) {
    let lower = rule(&purl.ty).map_or(&KEPT, |rule| &rule.2);
    let namespace = purl
        .namespace
        .as_deref()
        .filter(|_| lower.namespace)
        .and_then(lowered);
    let name = canonical_name(purl, lower);
    if namespace.is_some() || name.is_some() {
        let written = (purl.namespace.clone(), purl.name.clone());
        purl.written.get_or_insert_with(|| Box::new(written));
    }
    purl.namespace = namespace.or_else(|| purl.namespace.take());
    purl.name = name.unwrap_or_else(|| std::mem::take(&mut purl.name));
    // A commit is the same in any case; a tag (`100B`) is kept.
    if purl.ty == "huggingface" {
        let commit = purl
            .version
            .as_deref()
            .filter(|version| is_commit(version))
            .and_then(lowered);
        purl.version = commit.or_else(|| purl.version.take());
    }
}

/// The name as the type wants it, where that is not how it is.
fn canonical_name(purl: &Purl, lower: &Lower) -> Option<String> {
    // Databricks takes names in any case, other MLflow servers do not.
    let databricks = || {
        purl.ty == "mlflow"
            && purl
                .qualifier("repository_url")
                .is_some_and(|url| url.contains("databricks"))
    };
    let name = if lower.name || databricks() {
        lowered(&purl.name)
    } else {
        None
    };
    let (from, to) = match purl.ty.as_str() {
        "pypi" => ('_', "-"),
        "pub" => ('-', "_"),
        _ => return name,
    };
    let current = name.as_deref().unwrap_or(&purl.name);
    if current.contains(from) {
        Some(current.replace(from, to))
    } else {
        name
    }
}

fn is_commit(version: &str) -> bool {
    const SHA1_DIGITS: usize = 40;
    version.len() == SHA1_DIGITS && version.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// In Unicode's full lower case, as clause 5.5 says; `None` if it is already.
fn lowered(text: &str) -> Option<String> {
    let already = text
        .bytes()
        .all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    if already {
        return None;
    }
    Some(text.to_lowercase()).filter(|lower| lower != text)
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
