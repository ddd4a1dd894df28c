//! `/proc/PID/maps`: the files a process has mapped as code
//! (<https://man7.org/linux/man-pages/man5/proc_pid_maps.5.html>).

/// One mapping of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mapped<'a> {
    /// The path, without the kernel's ` (deleted)`.
    pub(super) path: &'a [u8],
    /// The kernel says that the name is gone.
    pub(super) deleted: bool,
    /// Major and minor number of the device the file is on.
    pub(super) device: (u64, u64),
    /// The file's number on that device.
    pub(super) inode: u64,
}

/// Beginnings of names that are no files of a package: shared memory, devices, temporary code of a compiler.
const NO_FILES: &[&[u8]] = &[
    b"/SYSV",
    b"/dev/",
    b"/drm ",
    b"/memfd:",
    b"/tmp/",
    b"/var/tmp/",
    b"/run/",
    b"/[aio]",
    b"/anon_hugepage",
    b"/i915",
    b"//anon",
];

/// A line of the file, if it maps a file of the disk as code. Data alone (a locale, a cache of fonts) needs no restart.
pub(super) fn mapped_code(line: &[u8]) -> Option<Mapped<'_>> {
    let mut rest = line;
    let mut field = || {
        let (first, after) = split_at_space(rest)?;
        rest = after;
        Some(first)
    };
    let (_address, permissions, _offset) = (field()?, field()?, field()?);
    let (device, inode) = (field()?, field()?);
    if !permissions.contains(&b'x') || !rest.starts_with(b"/") {
        return None;
    }
    if NO_FILES.iter().any(|start| rest.starts_with(start)) {
        return None;
    }
    let (path, deleted) = match rest.strip_suffix(b" (deleted)") {
        Some(path) => (path, true),
        None => (rest, false),
    };
    let inode = std::str::from_utf8(inode).ok()?.parse().ok()?;
    Some(Mapped {
        path,
        deleted,
        device: device_numbers(device)?,
        inode,
    })
    .filter(|m| m.inode != 0)
}

/// The field before the next blanks and what follows them.
fn split_at_space(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = text.iter().position(|b| *b == b' ')?;
    let after = text[end..].iter().position(|b| *b != b' ')?;
    Some((&text[..end], &text[end + after..]))
}

/// `08:01`, in hexadecimal.
fn device_numbers(text: &[u8]) -> Option<(u64, u64)> {
    let (major, minor) = std::str::from_utf8(text).ok()?.split_once(':')?;
    let number = |text| u64::from_str_radix(text, 16).ok();
    Some((number(major)?, number(minor)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: Option<(&str, bool)>) {
        let found = mapped_code(line.as_bytes());
        let found = found.map(|m| (std::str::from_utf8(m.path).unwrap_or("?"), m.deleted));
        assert_eq!(found, expected, "{line}");
    }

    #[test]
    fn only_code_of_files_is_told() {
        check(
            "7f1-7f2 r-xp 00028000 08:01 1311         /usr/lib/libssl.so.3",
            Some(("/usr/lib/libssl.so.3", false)),
        );
        check(
            "7f1-7f2 r-xp 00028000 08:01 1311   /usr/lib/lib ssl.so (deleted)",
            Some(("/usr/lib/lib ssl.so", true)),
        );
        check(
            "7f1-7f2 r--p 00000000 08:01 1311   /usr/lib/libssl.so.3 (deleted)",
            None,
        );
        check(
            "7f1-7f2 rwxp 00000000 00:01 12   /memfd:jit (deleted)",
            None,
        );
        check(
            "7f1-7f2 rwxs 00000000 00:01 12   /SYSV00000000 (deleted)",
            None,
        );
        check(
            "7f1-7f2 rwxs 00000000 00:01 12   /dev/shm/x (deleted)",
            None,
        );
        check("7f1-7f2 r-xp 00000000 08:01 12   /tmp/x.so (deleted)", None);
        check("7ff-7fe r-xp 00000000 00:00 0    [vdso]", None);
        check("7ff-7fe r-xp 00000000 00:00 0", None);
        check("", None);
    }

    #[test]
    fn device_and_inode_are_read() {
        let line = b"7f1-7f2 r-xp 00028000 fd:0a 1311 /a";
        let mapped = mapped_code(line).expect("a mapping");
        assert_eq!((mapped.device, mapped.inode), ((0xfd, 0x0a), 1311));
    }
}
