//! Signed updates of the catalog for sites without a network: what changed from one catalog to the next, in a file that is carried
//! over, checked, and applied whole or not at all.
//!
//! Files are named by content (`<to>-from-<from>.dwdelta`), so a directory can hold many and the right ones are found. Signatures are
//! those of minisign (<https://jedisct1.github.io/minisign/>), in a file beside each (`….minisig`); minisign itself can check them.

use std::fs::{self, File};
use std::io::{Cursor, Read as _};
use std::path::{Path, PathBuf};

use advisories::catalog::Catalog;
use advisories::catalog::delta::{self, DeltaError, MANIFEST_HEAD_BYTES, Manifest};
use base::Limit;
use minisign::{KeyPair, PublicKey, PublicKeyBox, SecretKey, SecretKeyBox, SignatureBox};

use crate::catalog_file::{self, replace};
use crate::error::{Failure, Result};

/// What a delta's file name ends in.
const EXTENSION: &str = "dwdelta";
/// What is put behind the name of a signed file.
const SIGNATURE: &str = "minisig";
/// The largest delta read.
const DELTA_BYTES: Limit = Limit::new("delta-bytes", 2 << 30);
/// The largest key or signature read; real ones have 300 bytes.
const KEY_BYTES: Limit = Limit::new("key-bytes", 16 << 10);
/// The most files looked at in a directory of deltas.
const FILES: Limit = Limit::new("delta-files", 10_000);

/// What to export.
#[derive(Clone, Debug)]
pub struct ExportOptions {
    /// The catalog the other side has; `None`: a whole catalog, for a site that has none.
    pub from: Option<PathBuf>,
    /// The catalog it is to have.
    pub catalog: PathBuf,
    /// The directory to write into.
    pub out: PathBuf,
    /// The secret key to sign with; `None`: unsigned.
    pub secret_key: Option<PathBuf>,
    /// The key's password, if it has one.
    pub password: Option<String>,
}

/// A delta that was written.
#[derive(Clone, Debug)]
pub struct Exported {
    /// The file.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// What it says of itself.
    pub manifest: Manifest,
    /// Whether a signature lies beside it.
    pub signed: bool,
}

/// Writes the delta, and its signature.
pub fn export(options: &ExportOptions) -> Result<Exported> {
    // The key first: a wrong password should not cost the minute it takes to make a delta.
    let key = match &options.secret_key {
        Some(path) => Some(secret_key(path, options.password.clone())?),
        None => None,
    };
    let to = catalog_file::open(Some(&options.catalog))?;
    let from = match &options.from {
        Some(path) => Some(catalog_file::open(Some(path))?),
        None => None,
    };
    if let Some(from) = &from {
        refuse_no_change(from, &to)?;
    }
    let bytes = delta::make(from.as_ref(), &to)
        .map_err(|e| Failure::input(format!("cannot make the delta: {e}")))?;
    let manifest = delta::manifest(&bytes)
        .map_err(|e| Failure::internal(format!("the delta just made cannot be read: {e}")))?;
    let path = options.out.join(file_name(&manifest));
    replace(&path, &bytes)?;
    if let Some(key) = &key {
        let comment = format!(
            "daywatch catalog {} from {}",
            manifest.to,
            manifest.from.as_deref().unwrap_or("nothing")
        );
        let signature = minisign::sign(None, key, Cursor::new(&bytes), Some(&comment), None)
            .map_err(|e| Failure::internal(format!("cannot sign: {e}")))?;
        replace(&signature_path(&path), signature.into_string().as_bytes())?;
    }
    Ok(Exported {
        bytes: bytes.len() as u64,
        path,
        manifest,
        signed: key.is_some(),
    })
}

fn refuse_no_change(from: &Catalog, to: &Catalog) -> Result<()> {
    if from.digest() == to.digest() {
        return Err(
            Failure::input("both catalogs are the same; there is nothing to export")
                .hint("update the newer one with `daywatch feeds sync` first"),
        );
    }
    if to.built() < from.built() {
        return Err(
            Failure::usage("the catalog to lead to is older than the one to start from")
                .hint("--from names the older one, --catalog the newer"),
        );
    }
    Ok(())
}

/// `1a2b3c4d5e6f-from-0a1b2c3d4e5f.dwdelta`, `1a2b3c4d5e6f-whole.dwdelta`.
fn file_name(manifest: &Manifest) -> String {
    let to = short(&manifest.to);
    match &manifest.from {
        Some(from) => format!("{to}-from-{}.{EXTENSION}", short(from)),
        None => format!("{to}-whole.{EXTENSION}"),
    }
}

/// Twelve digits of a digest, as people compare them.
fn short(digest: &str) -> &str {
    let hex = digest.split_once(':').map_or(digest, |(_, hex)| hex);
    hex.get(..12).unwrap_or(hex)
}

fn signature_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{SIGNATURE}"));
    PathBuf::from(name)
}

/// What to apply, and whom to trust.
#[derive(Clone, Debug)]
pub struct ApplyOptions {
    /// Deltas, or directories of them.
    pub paths: Vec<PathBuf>,
    /// The catalog to bring up to date; it need not exist if a whole one is among the deltas.
    pub catalog: PathBuf,
    /// The public key deltas must be signed with. `None`: signatures are not looked at.
    pub public_key: Option<String>,
}

/// What applying did.
#[derive(Clone, Debug)]
pub struct Applied {
    /// Digest of the catalog before; `None` if there was none.
    pub before: Option<String>,
    /// Digest of the catalog now.
    pub after: String,
    /// The deltas applied, in order.
    pub steps: Vec<PathBuf>,
    /// Deltas that were not needed.
    pub unused: usize,
    /// Files of a directory that could not be read as a delta, and why.
    pub unread: Vec<String>,
}

/// A delta that lies there, as far as its start tells.
struct Offered {
    path: PathBuf,
    manifest: Manifest,
}

/// Follows the deltas from the catalog there is as far as they lead. Every step is written before the next begins, so that an
/// interrupted run goes on where it stopped.
pub fn apply(options: &ApplyOptions) -> Result<Applied> {
    let key = options.public_key.as_deref().map(public_key).transpose()?;
    let (offered, unread) = offered(&options.paths)?;
    let mut current = match options.catalog.exists() {
        true => Some(catalog_file::open(Some(&options.catalog))?),
        false => None,
    };
    let before = current.as_ref().map(Catalog::digest);
    let mut steps = Vec::new();
    while let Some(next) = next_step(&offered, current.as_ref(), &steps) {
        let bytes = step(next, current.as_ref(), key.as_ref())?;
        replace(&options.catalog, &bytes)?;
        steps.push(next.path.clone());
        current = Some(catalog_file::open(Some(&options.catalog))?);
    }
    let Some(current) = current.filter(|c| !steps.is_empty() || leads_here(&offered, c)) else {
        return Err(no_way(&offered, before.as_deref(), &options.catalog));
    };
    Ok(Applied {
        before,
        after: current.digest(),
        unused: offered.len() - steps.len(),
        unread,
        steps,
    })
}

/// The delta that leads furthest from here: one that starts here before a whole catalog, the newest of each. None leads back in
/// time, whatever its signature says, and none is taken twice.
fn next_step<'o>(
    offered: &'o [Offered],
    current: Option<&Catalog>,
    taken: &[PathBuf],
) -> Option<&'o Offered> {
    let here = current.map(Catalog::digest);
    let built = current.and_then(Catalog::built);
    let fits = |o: &&Offered| {
        let newer = o.manifest.built > built || current.is_none();
        let as_new = newer || o.manifest.built == built;
        let from_here = starts_at(o, here.as_deref()) && as_new;
        let whole = o.manifest.from.is_none() && newer;
        from_here || whole
    };
    offered
        .iter()
        .filter(|o| here.as_ref() != Some(&o.manifest.to) && !taken.contains(&o.path))
        .filter(fits)
        .max_by_key(|o| {
            (
                starts_at(o, here.as_deref()),
                o.manifest.built,
                &o.manifest.to,
            )
        })
}

fn starts_at(offered: &Offered, here: Option<&str>) -> bool {
    here.is_some() && offered.manifest.from.as_deref() == here
}

fn leads_here(offered: &[Offered], current: &Catalog) -> bool {
    let here = current.digest();
    offered.iter().any(|o| o.manifest.to == here)
}

fn step(offered: &Offered, current: Option<&Catalog>, key: Option<&PublicKey>) -> Result<Vec<u8>> {
    let shown = offered.path.display();
    let bytes =
        host::read(&offered.path, DELTA_BYTES).map_err(|e| Failure::input(e.to_string()))?;
    if let Some(key) = key {
        check_signature(&offered.path, &bytes, key)?;
    }
    // The order of the steps was found by the manifest: it must be the one of the bytes that are applied.
    if delta::manifest(&bytes).ok().as_ref() != Some(&offered.manifest) {
        return Err(
            Failure::verification(format!("{shown}: it was changed while it was read"))
                .hint("the catalog was left as it was; run the command again"),
        );
    }
    delta::apply(&bytes, current).map_err(|e| {
        let failure = match e {
            DeltaError::Damaged(_) | DeltaError::Catalog(_) => {
                Failure::verification(format!("{shown}: {e}"))
            }
            _ => Failure::input(format!("{shown}: {e}")),
        };
        failure.hint("the catalog was left as it was")
    })
}

fn check_signature(path: &Path, bytes: &[u8], key: &PublicKey) -> Result<()> {
    let beside = signature_path(path);
    let text = fs::metadata(&beside)
        .map_err(|_| ())
        .and_then(|_| host::read(&beside, KEY_BYTES).map_err(|_| ()));
    let text = text.map_err(|()| {
        Failure::verification(format!("{}: no signature beside it ({})", path.display(), beside.display()))
            .hint("carry the .minisig file over too, or say --unsigned if you know where the delta comes from")
    })?;
    let refused = |why: String| {
        Failure::verification(format!(
            "{}: the signature does not hold: {why}",
            path.display()
        ))
        .hint("the catalog was left as it was; check --public-key, and copy the delta again")
    };
    let signature = SignatureBox::from_string(&String::from_utf8_lossy(&text))
        .map_err(|e| refused(e.to_string()))?;
    minisign::verify(key, &signature, Cursor::new(bytes), true, false, false)
        .map_err(|e| refused(e.to_string()))
}

/// The deltas of the paths, by what their start says.
/// A file that is named must be one; of a directory one that is none is told and left out.
fn offered(paths: &[PathBuf]) -> Result<(Vec<Offered>, Vec<String>)> {
    let (mut offered, mut unread) = (Vec::new(), Vec::new());
    for path in paths {
        if path.is_dir() {
            for file in deltas_in(path)? {
                match look_at(&file) {
                    Ok(delta) => offered.push(delta),
                    Err(why) => unread.push(why.message),
                }
            }
        } else {
            offered.push(look_at(path)?);
        }
    }
    if offered.is_empty() {
        let mut message = "no delta in the paths named".to_owned();
        unread
            .iter()
            .for_each(|why| message.push_str(&format!("\n  {why}")));
        return Err(
            Failure::input(message).hint(format!("deltas are files that end in .{EXTENSION}"))
        );
    }
    Ok((offered, unread))
}

fn deltas_in(directory: &Path) -> Result<Vec<PathBuf>> {
    let failed = |e: std::io::Error| Failure::input(format!("{}: {e}", directory.display()));
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|e| e == EXTENSION) {
            files.push(path);
        }
        if FILES.is_exceeded_by(files.len() as u64) {
            return Err(Failure::input(format!(
                "{}: more than {} deltas (limit {})",
                directory.display(),
                FILES.max,
                FILES.name
            )));
        }
    }
    files.sort();
    Ok(files)
}

fn look_at(path: &Path) -> Result<Offered> {
    let failed = |why: String| Failure::input(format!("{}: {why}", path.display()));
    let mut head = Vec::new();
    let file = File::open(path).map_err(|e| failed(e.to_string()))?;
    file.take(MANIFEST_HEAD_BYTES)
        .read_to_end(&mut head)
        .map_err(|e| failed(e.to_string()))?;
    let manifest = delta::manifest(&head).map_err(|e| failed(e.to_string()))?;
    Ok(Offered {
        path: path.to_owned(),
        manifest,
    })
}

/// Why none of the deltas can be applied: they lead back, or one between is missing.
fn no_way(offered: &[Offered], here: Option<&str>, catalog: &Path) -> Failure {
    let starts = offered.iter().filter(|o| starts_at(o, here)).count();
    let here = here.map_or_else(
        || "there is no catalog".to_owned(),
        |d| format!("the catalog is {}", short(d)),
    );
    let from: Vec<&str> = offered
        .iter()
        .filter_map(|o| o.manifest.from.as_deref())
        .map(short)
        .take(5)
        .collect();
    if from.is_empty() || starts > 0 {
        return Failure::verification(format!(
            "every delta leads to an older catalog than {}; a catalog is never taken back",
            catalog.display()
        ))
        .hint("export from the newer catalog; to start anew, remove the file yourself");
    }
    Failure::input(format!("{here} at {}, the deltas start from {}: one between is missing", catalog.display(), from.join(", ")))
        .hint("carry over the deltas since this catalog, or a whole one (`daywatch feeds export-delta` without --from)")
}

/// A new key pair.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// The secret key's file.
    pub secret: PathBuf,
    /// The public key's file.
    pub public: PathBuf,
    /// The public key itself, one line.
    pub key: String,
}

/// Makes a key pair in the form of minisign, encrypted if there is a password. Never replaces a file.
pub fn new_key(directory: &Path, password: Option<String>) -> Result<NewKey> {
    let (secret, public) = (
        directory.join("daywatch.key"),
        directory.join("daywatch.pub"),
    );
    if let Some(there) = [&secret, &public].into_iter().find(|p| p.exists()) {
        return Err(
            Failure::usage(format!("{} is there already", there.display()))
                .hint("name another directory, or move it away"),
        );
    }
    let made = match password {
        Some(password) => KeyPair::generate_encrypted_keypair(Some(password)),
        None => KeyPair::generate_unencrypted_keypair(),
    };
    let failed = |e: minisign::PError| Failure::internal(format!("cannot make a key: {e}"));
    let pair = made.map_err(failed)?;
    let text = pair.sk.to_box(None).map_err(failed)?.into_string();
    write_secret(&secret, text.as_bytes())?;
    replace(
        &public,
        pair.pk.to_box().map_err(failed)?.into_string().as_bytes(),
    )?;
    Ok(NewKey {
        secret,
        public,
        key: pair.pk.to_base64(),
    })
}

/// Only the owner may read it, from the first byte on.
fn write_secret(path: &Path, text: &[u8]) -> Result<()> {
    use std::io::Write as _;
    let failed =
        |e: std::io::Error| Failure::input(format!("cannot write {}: {e}", path.display()));
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    let mut file = options.open(path).map_err(failed)?;
    file.write_all(text)
        .and_then(|()| file.sync_all())
        .map_err(failed)
}

/// A public key, as the line itself or the file that holds it.
fn public_key(given: &str) -> Result<PublicKey> {
    let wrong = |e: minisign::PError| {
        Failure::usage(format!("not a public key of minisign: {e}"))
            .hint("name the .pub file, or its second line")
    };
    if let Ok(key) = PublicKey::from_base64(given.trim()) {
        return Ok(key);
    }
    let text = host::read(Path::new(given), KEY_BYTES)
        .map_err(|e| Failure::usage(format!("--public-key is neither a key nor a file: {e}")))?;
    let text = String::from_utf8_lossy(&text).into_owned();
    let boxed = PublicKeyBox::from_string(&text).map_err(wrong)?;
    boxed.into_public_key().map_err(wrong)
}

fn secret_key(path: &Path, password: Option<String>) -> Result<SecretKey> {
    let text = host::read(path, KEY_BYTES).map_err(|e| Failure::input(e.to_string()))?;
    let text = String::from_utf8_lossy(&text).into_owned();
    let wrong = |e: minisign::PError| {
        Failure::input(format!(
            "{}: the secret key cannot be used: {e}",
            path.display()
        ))
        .hint("a key with a password needs DAYWATCH_KEY_PASSWORD")
    };
    let boxed = || SecretKeyBox::from_string(&text).map_err(wrong);
    match password {
        Some(password) => boxed()?.into_secret_key(Some(password)).map_err(wrong),
        None => boxed()?.into_unencrypted_secret_key().map_err(wrong),
    }
}

#[cfg(test)]
mod tests {
    use advisories::catalog::Builder;
    use advisories::model::{Advisory, Batch};
    use jiff::Timestamp;

    use super::*;

    /// The catalog of a day, on disk.
    fn day(directory: &Path, number: i64) -> PathBuf {
        let advisory = |n: i64| Advisory {
            id: format!("GHSA-{n}"),
            aliases: Vec::new(),
            related: Vec::new(),
            upstream: Vec::new(),
            published: None,
            modified: None,
            withdrawn: None,
            summary: String::new(),
            scores: Vec::new(),
            severity: None,
            informational: None,
            exploited: None,
            affected: Vec::new(),
            references: Vec::new(),
        };
        let mut builder = Builder::new();
        builder.add(
            "osv/npm",
            Batch {
                advisories: (0..50 + number).map(advisory).collect(),
                as_of: Timestamp::from_second(1_700_000_000 + number * 86_400).ok(),
                ..Batch::default()
            },
        );
        let path = directory.join(format!("day-{number}.dwcat"));
        fs::write(&path, builder.finish()).unwrap();
        path
    }

    fn export_to(out: &Path, from: Option<PathBuf>, to: PathBuf, key: Option<&NewKey>) -> Exported {
        export(&ExportOptions {
            from,
            catalog: to,
            out: out.to_owned(),
            secret_key: key.map(|k| k.secret.clone()),
            password: None,
        })
        .unwrap()
    }

    fn apply_to(catalog: &Path, paths: &[&Path], key: Option<&NewKey>) -> Result<Applied> {
        apply(&ApplyOptions {
            paths: paths.iter().map(|p| p.to_path_buf()).collect(),
            catalog: catalog.to_owned(),
            public_key: key.map(|k| k.key.clone()),
        })
    }

    #[test]
    fn deltas_are_followed_in_order_and_the_result_is_the_full_build() {
        let dir = tempfile::tempdir().unwrap();
        let key = new_key(&dir.path().join("keys"), None).unwrap();
        let days: Vec<PathBuf> = (1..=4).map(|n| day(dir.path(), n)).collect();
        let out = dir.path().join("out");
        for pair in days.windows(2) {
            export_to(&out, Some(pair[0].clone()), pair[1].clone(), Some(&key));
        }
        let here = dir.path().join("here.dwcat");
        fs::copy(&days[0], &here).unwrap();
        let applied = apply_to(&here, &[&out], Some(&key)).unwrap();
        assert_eq!((applied.steps.len(), applied.unused), (3, 0));
        assert_eq!(fs::read(&here).unwrap(), fs::read(&days[3]).unwrap());
        // A copy that was cut short takes nothing from the others.
        fs::write(out.join("cut.dwdelta"), b"DAYWDLT\n").unwrap();
        // Again: nothing to do, and that is no failure.
        assert_eq!(
            apply_to(&here, &[&out], Some(&key)).unwrap().unread.len(),
            1
        );
        assert_eq!(apply_to(&here, &[&out], Some(&key)).unwrap().steps.len(), 0);
    }

    #[test]
    fn a_site_without_a_catalog_starts_from_a_whole_one() {
        let dir = tempfile::tempdir().unwrap();
        let (one, two) = (day(dir.path(), 1), day(dir.path(), 2));
        let out = dir.path().join("out");
        export_to(&out, None, one.clone(), None);
        export_to(&out, Some(one), two.clone(), None);
        let here = dir.path().join("new/here.dwcat");
        assert_eq!(apply_to(&here, &[&out], None).unwrap().steps.len(), 2);
        assert_eq!(fs::read(&here).unwrap(), fs::read(&two).unwrap());
    }

    #[test]
    fn a_gap_and_a_way_back_are_refused_and_the_catalog_stays() {
        let dir = tempfile::tempdir().unwrap();
        let days: Vec<PathBuf> = (1..=3).map(|n| day(dir.path(), n)).collect();
        let out = dir.path().join("out");
        let late = export_to(&out, Some(days[1].clone()), days[2].clone(), None);
        let here = dir.path().join("here.dwcat");
        fs::copy(&days[0], &here).unwrap();
        let gap = apply_to(&here, &[&late.path], None).unwrap_err();
        assert!(gap.message.contains("missing"), "{gap}");
        let whole = export_to(&out, None, days[0].clone(), None);
        fs::copy(&days[2], &here).unwrap();
        let back = apply_to(&here, &[&whole.path], None).unwrap_err();
        assert_eq!(back.kind, crate::error::Kind::Verification);
        assert_eq!(fs::read(&here).unwrap(), fs::read(&days[2]).unwrap());
    }

    #[test]
    fn only_the_key_that_is_trusted_opens_the_door() {
        let dir = tempfile::tempdir().unwrap();
        let (one, two) = (day(dir.path(), 1), day(dir.path(), 2));
        let (ours, theirs) = (
            new_key(&dir.path().join("ours"), None).unwrap(),
            new_key(&dir.path().join("theirs"), None).unwrap(),
        );
        let out = dir.path().join("out");
        let made = export_to(&out, Some(one.clone()), two, Some(&theirs));
        let wrong = apply_to(&one, &[&made.path], Some(&ours)).unwrap_err();
        assert!(wrong.message.contains("signature does not hold"), "{wrong}");
        let mut bytes = fs::read(&made.path).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        fs::write(&made.path, &bytes).unwrap();
        let changed = apply_to(&one, &[&made.path], Some(&theirs)).unwrap_err();
        assert!(
            changed.message.contains("signature does not hold"),
            "{changed}"
        );
        fs::remove_file(signature_path(&made.path)).unwrap();
        let bare = apply_to(&one, &[&made.path], Some(&theirs)).unwrap_err();
        assert!(bare.message.contains("no signature"), "{bare}");
    }

    #[test]
    fn a_key_is_never_written_over_and_a_password_is_asked_for() {
        let dir = tempfile::tempdir().unwrap();
        let made = new_key(dir.path(), Some("correct horse".to_owned())).unwrap();
        assert!(new_key(dir.path(), None).is_err());
        assert!(
            secret_key(&made.secret, None)
                .unwrap_err()
                .hint
                .contains("DAYWATCH_KEY_PASSWORD")
        );
        assert!(secret_key(&made.secret, Some("wrong".to_owned())).is_err());
        assert!(secret_key(&made.secret, Some("correct horse".to_owned())).is_ok());
    }
}
