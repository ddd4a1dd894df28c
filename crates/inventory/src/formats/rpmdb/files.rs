//! The files of installed rpm packages: three lists a header, the last part of each path, the folders, and which folder each is
//! in (<https://rpm-software-management.github.io/rpm/manual/tags.html>, "File tags").

use super::header::{self, Header};
use super::{Layout, PACKAGES, berkeley, layout, ndb, sqlite};

/// Hands over every file with the name of its package. What cannot be read is passed over: reading the packages notes it.
pub fn each_file(database: &[u8], take: &mut dyn FnMut(&str, &[u8])) {
    let each = |_number: i64, blob: &[u8]| {
        if let Ok(header) = Header::parse(blob) {
            files_of(&header, take);
        }
    };
    // An error ends the reading; what came before it counts.
    let _read_to_the_end = match layout(database) {
        Some(Layout::Sqlite) => sqlite::each_blob(database, PACKAGES, each),
        Some(Layout::BerkeleyDb) => berkeley::each_blob(database, PACKAGES, each),
        Some(Layout::Ndb) => ndb::each_blob(database, PACKAGES, each),
        None => Ok(()),
    };
}

fn files_of(header: &Header<'_>, take: &mut dyn FnMut(&str, &[u8])) {
    let Some(package) = header.text(header::NAME) else {
        return;
    };
    let folders: Vec<&[u8]> = header.texts(header::DIRNAMES).collect();
    let names = header.texts(header::BASENAMES);
    for (name, folder) in names.zip(header.numbers(header::DIRINDEXES)) {
        let folder = usize::try_from(folder).ok().and_then(|at| folders.get(at));
        if let Some(folder) = folder {
            take(&package, &[folder, name].concat());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_its_folder_and_its_name() {
        const STRINGS: u32 = 8;
        let numbers = [0_u32, 1, 7].map(u32::to_be_bytes).concat();
        let bytes = header::tests::blob_of(&[
            (header::NAME, 6, 1, b"bash\0"),
            (header::BASENAMES, STRINGS, 3, b"bash\0profile\0lost\0"),
            (header::DIRNAMES, STRINGS, 2, b"/usr/bin/\0/etc/\0"),
            (header::DIRINDEXES, 4, 3, &numbers),
        ]);
        let mut found = Vec::new();
        files_of(
            &Header::parse(&bytes).expect("a header"),
            &mut |package, file| {
                found.push(format!("{package} {}", String::from_utf8_lossy(file)));
            },
        );
        assert_eq!(found, ["bash /usr/bin/bash", "bash /etc/profile"]);
    }
}
