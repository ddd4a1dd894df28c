//! Recog's own examples against our reading of its fingerprints: every `example` must match its pattern and give the facts that
//! stand on it. The oracle is Recog's authors; the files are theirs (BSD-2-Clause) and not in this repository:
//!
//! `DAYWATCH_RECOG=recog/xml cargo test -p inventory --test recog -- --nocapture`
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test reads the files it is given and prints what it measured"
)]

use inventory::Fingerprints;

/// Examples that must pass, of a thousand.
const PER_MILLE_MIN: usize = 980;

#[test]
fn recog_s_examples_come_out_as_its_authors_say() {
    let Some(folder) = std::env::var_os("DAYWATCH_RECOG") else {
        return;
    };
    let mut fingerprints = Fingerprints::default();
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "xml"))
        .collect();
    paths.sort();
    let start = std::time::Instant::now();
    for path in &paths {
        let bytes = std::fs::read(path).expect("a file");
        for note in fingerprints.add(&path.display().to_string(), &bytes) {
            println!("{note}");
        }
    }
    println!("read in {:?}", start.elapsed());
    let (mut all, mut passed, mut ambiguous) = (0, 0, 0);
    for database in fingerprints.databases() {
        for fingerprint in &database.fingerprints {
            for example in &fingerprint.examples {
                all += 1;
                let wrong = match fingerprint.identify(&example.banner) {
                    None => Some("does not match".to_owned()),
                    Some(facts) => example.expected.iter().find_map(|(name, value)| {
                        let found = facts.get(name).map(String::as_str);
                        (found != Some(value)).then(|| format!("{name}: {value:?}, got {found:?}"))
                    }),
                };
                let first = database
                    .fingerprints
                    .iter()
                    .find(|f| f.identify(&example.banner).is_some());
                ambiguous += usize::from(first.is_some_and(|f| !std::ptr::eq(f, fingerprint)));
                match wrong {
                    None => passed += 1,
                    Some(why) => println!(
                        "{} | {} | {why} | {:?}",
                        database.matches,
                        fingerprint.description,
                        String::from_utf8_lossy(&example.banner[..example.banner.len().min(100)])
                    ),
                }
            }
        }
    }
    println!(
        "{passed} of {all} examples, {ambiguous} of them answered by an earlier fingerprint; {:?}",
        start.elapsed()
    );
    assert!(passed * 1000 >= all * PER_MILLE_MIN && all > 1000);
}
