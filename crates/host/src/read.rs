//! One file, whole.

use std::io;
use std::path::Path;

use base::Limit;

use crate::error::ReadError;
use crate::expand::read_all;
use crate::open::{is_inherited_pipe, is_stdin, regular};

/// Reads the file a user named, or standard input for `-`, decompressing gzip and Zstandard. The limit holds for the
/// decompressed bytes; a file that is larger as it stands is refused without reading it.
pub fn read(path: &Path, limit: Limit) -> Result<Vec<u8>, ReadError> {
    let fail = |cause| ReadError::from_io(path, cause);
    if is_stdin(path) {
        return read_all(io::stdin().lock(), limit, 0).map_err(fail);
    }
    if is_inherited_pipe(path) {
        let pipe = std::fs::File::open(path).map_err(fail)?;
        return read_all(pipe, limit, 0).map_err(fail);
    }
    let (source, len) = regular(path)?;
    if limit.is_exceeded_by(len) {
        let path = crate::name::shown(path);
        return Err(ReadError::TooLarge { path, limit });
    }
    read_all(source, limit, len).map_err(fail)
}
