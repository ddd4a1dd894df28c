//! The platform an image is for, `linux/arm64/v8` (OCI image specification, image-index.md, `platform`).

use std::fmt;
use std::str::FromStr;

/// Operating system, processor, and its variant where that is said. Go's names: `linux`, `amd64`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Platform {
    os: String,
    arch: String,
    variant: Option<String>,
}

/// A text that names no platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a platform: write linux/amd64 or linux/arm/v7")]
pub struct NotAPlatform;

impl Platform {
    pub(crate) fn new(os: &str, arch: &str, variant: Option<&str>) -> Self {
        let arch = arch.to_ascii_lowercase();
        let (arch, implied) = match arch.as_str() {
            "x86_64" | "x86-64" => ("amd64", None),
            "aarch64" | "arm64" => ("arm64", Some("v8")),
            "i386" | "i686" => ("386", None),
            "armhf" => ("arm", Some("v7")),
            other => (other, None),
        };
        Self {
            os: os.to_ascii_lowercase(),
            arch: arch.to_owned(),
            variant: variant
                .filter(|v| !v.is_empty())
                .or(implied)
                .map(str::to_ascii_lowercase),
        }
    }

    /// What is read when nobody says.
    pub(crate) fn usual() -> Self {
        Self::new("linux", "amd64", None)
    }

    /// Whether an image for `other` is what is asked for.
    pub(crate) fn accepts(&self, other: &Self) -> bool {
        let same_variant = self.variant.is_none() || self.variant == other.variant;
        self.os == other.os && self.arch == other.arch && same_variant
    }
}

impl FromStr for Platform {
    type Err = NotAPlatform;

    fn from_str(text: &str) -> Result<Self, NotAPlatform> {
        let parts: Vec<&str> = text.split('/').collect();
        let is_word = |part: &&str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
        };
        match parts.as_slice() {
            [os, arch, variant @ ..] if variant.len() < 2 && parts.iter().all(is_word) => {
                Ok(Self::new(os, arch, variant.first().copied()))
            }
            _ => Err(NotAPlatform),
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.arch)?;
        match &self.variant {
            // The only one there is; nobody writes it.
            Some(variant) if !(self.arch == "arm64" && variant == "v8") => write!(f, "/{variant}"),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_accepts_its_other_spellings_and_any_variant_if_none_is_asked_for() {
        let check = |asked: &str, offered: &str, accepted: bool| {
            let (asked, offered): (Platform, Platform) =
                (asked.parse().unwrap(), offered.parse().unwrap());
            assert_eq!(asked.accepts(&offered), accepted, "{asked} {offered}");
        };
        check("linux/amd64", "linux/x86_64", true);
        check("linux/amd64", "linux/amd64/v2", true);
        check("linux/arm64", "linux/arm64/v8", true);
        check("linux/arm64/v8", "linux/aarch64", true);
        check("linux/arm", "linux/arm/v7", true);
        check("linux/arm/v6", "linux/arm/v7", false);
        check("linux/amd64", "windows/amd64", false);
    }

    #[test]
    fn what_is_no_platform_is_refused() {
        for text in ["", "linux", "linux/", "a/b/c/d", "linux/amd 64"] {
            assert_eq!(text.parse::<Platform>(), Err(NotAPlatform), "{text}");
        }
        assert_eq!(
            "Linux/ARM64".parse::<Platform>().unwrap().to_string(),
            "linux/arm64"
        );
    }
}
