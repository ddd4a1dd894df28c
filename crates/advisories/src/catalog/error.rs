//! What can be wrong with a catalog file, told so that the reader knows what to try.

/// A catalog that cannot be used, or not in this place.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// The file does not begin like a catalog.
    #[error(
        "not a catalog file: build one with `daywatch feeds import` or name another with --catalog"
    )]
    NotACatalog,
    /// The file is a catalog of another version of the format.
    #[error(
        "the catalog has format {found}, this program reads format {supported}: build it again with `daywatch feeds import`"
    )]
    WrongVersion {
        /// The version in the file.
        found: u32,
        /// The version this program writes and reads.
        supported: u32,
    },
    /// An offset, a length or a text in the file makes no sense.
    #[error(
        "the catalog is damaged ({section}: {what}): restore the file or build it again with `daywatch feeds import`"
    )]
    Damaged {
        /// The part of the file.
        section: &'static str,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The content is not what was written.
    #[error(
        "the catalog was changed after it was written (digest {found}, expected {expected}): restore the file or build it again"
    )]
    DigestMismatch {
        /// The digest in the header.
        expected: String,
        /// The digest of the content.
        found: String,
    },
    /// An index that was not given out by this catalog.
    #[error("advisory number {0} is not in this catalog: look it up by id again")]
    NoSuchAdvisory(u32),
    /// Several files laid over each other are asked for what only one file has.
    #[error("the catalog is several laid over each other: take the file it starts from")]
    Overlaid,
    /// The operating system could not map the file.
    #[error("the catalog file cannot be mapped: {0}")]
    Unreadable(#[source] std::io::Error),
}
