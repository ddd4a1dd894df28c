//! `cargo xtask fuzz`: every parser of the plug-in lists against mutated fixtures and random bytes, for a bounded time. A panic
//! is caught, and the input is kept below fuzz/artifacts, so that it can be played again. Needs nothing but Rust.

use std::fs;
use std::panic;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::tree;

/// What to fuzz and for how long.
#[derive(clap::Args, Debug)]
pub(crate) struct FuzzArgs {
    /// Seconds for each target
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Only targets whose name contains this
    #[arg(long)]
    target: Option<String>,
    /// Play from this seed
    #[arg(long)]
    seed: Option<u64>,
    /// Run one input file against the target instead
    #[arg(long, requires = "target")]
    input: Option<PathBuf>,
}

/// A parser under a file name; what it returns does not matter, that it returns does.
type Parse = dyn Fn(&str, &[u8]);

/// One parser with the inputs it starts from.
struct Target {
    name: String,
    seeds: Vec<(String, Vec<u8>)>,
    run: Box<Parse>,
}

/// Inputs never grow past this; a parser must survive larger ones, but they teach nothing new here.
const INPUT_BYTES_MAX: usize = 1 << 18;
/// A single run that takes longer has a cost that grows out of proportion to its input.
const SLOW: Duration = Duration::from_secs(5);

pub(crate) fn run(args: &FuzzArgs) -> anyhow::Result<()> {
    let chosen: Vec<Target> = targets()?
        .into_iter()
        .filter(|t| args.target.as_deref().is_none_or(|n| t.name.contains(n)))
        .collect();
    anyhow::ensure!(!chosen.is_empty(), "no target of that name");
    if let Some(path) = &args.input {
        let bytes = fs::read(path)?;
        chosen
            .iter()
            .for_each(|t| (t.run)(&path.display().to_string(), &bytes));
        println!("survived");
        return Ok(());
    }
    // A panic is what we look for; its default message would drown the table.
    panic::set_hook(Box::new(|_| {}));
    let seed = args.seed.unwrap_or_else(rand::random);
    println!("seed {seed}");
    let mut failures = 0;
    for target in &chosen {
        let outcome = fuzz(target, seed, Duration::from_secs(args.seconds))?;
        println!("{:<28} {outcome}", target.name);
        failures += usize::from(outcome.starts_with("FAILED"));
    }
    let _ = panic::take_hook();
    anyhow::ensure!(failures == 0, "{failures} targets failed");
    Ok(())
}

fn targets() -> anyhow::Result<Vec<Target>> {
    let root = tree::root();
    let mut all = Vec::new();
    for format in inventory::FORMATS {
        all.push(Target {
            name: format!("inventory/{}", format.id()),
            seeds: seeds(&root.join("crates/inventory/testdata"), format.id()),
            run: Box::new(move |name, bytes| {
                let input = inventory::Input { path: name, bytes };
                let _ = format.recognise(&input);
                let listing = format.parse(&input).value;
                let _ = inventory::assemble("fuzz", vec![listing]);
            }),
        });
    }
    for feed in advisories::feeds::FEEDS {
        all.push(Target {
            name: format!("feeds/{}", feed.id()),
            seeds: seeds(&root.join("crates/advisories/testdata/feeds"), feed.id()),
            run: Box::new(move |name, bytes| {
                let document = advisories::feeds::Document { name, bytes };
                let _ = feed.recognise(&document);
                let batch = feed.parse(&document).value;
                let mut builder = advisories::catalog::Builder::new();
                builder.add("fuzz", batch);
                let _ = advisories::catalog::Catalog::from_bytes(builder.finish());
            }),
        });
    }
    for reader in fleet::imported::READERS {
        all.push(Target {
            name: format!("results/{}", reader.id()),
            seeds: seeds(&root.join("crates/fleet/testdata/imported"), reader.id()),
            run: Box::new(move |_, bytes| {
                let _ = fleet::imported::recognise(bytes);
                drop(reader.parse(bytes));
            }),
        });
    }
    for list in fleet::lists::LISTS {
        all.push(Target {
            name: format!("lists/{}", list.id()),
            seeds: seeds(&root.join("crates/fleet/testdata/lists"), list.id()),
            run: Box::new(move |name, bytes| {
                drop(fleet::lists::read(list.id(), name, bytes, None));
                drop(fleet::lists::preview(name, bytes, None, 3));
                let _ = fleet::lists::ColumnMap::parse(name, bytes);
            }),
        });
    }
    all.push(hosts());
    all.push(rules());
    for scheme in versions::SCHEMES {
        all.push(Target {
            name: format!("versions/{}", scheme.id()),
            seeds: vec![("v".to_owned(), b"1:2.3~rc1-4.el9_2\n1.0-SNAPSHOT".to_vec())],
            run: Box::new(move |_, bytes| {
                let text = String::from_utf8_lossy(bytes);
                let (a, b) = text.split_once('\n').unwrap_or((&text, ""));
                let _ = (scheme.compare(a, b), scheme.sort_key(a));
            }),
        });
    }
    all.extend(small_languages());
    all.push(image());
    all.push(delta());
    Ok(all)
}

/// Lines of hosts, as an import of the fleet reads them.
fn hosts() -> Target {
    let root = tree::root();
    Target {
        name: "fleet/hosts".to_owned(),
        seeds: seeds(&root.join("crates/inventory/testdata"), "daywatch-host"),
        run: Box::new(|name, bytes| {
            let mut stream = fleet::intake::Stream::new(name, jiff::Timestamp::UNIX_EPOCH);
            for block in bytes.chunks(4096) {
                drop(stream.feed(block));
            }
            let _ = stream.finish();
        }),
    }
}

/// The file of rules about hosts.
fn rules() -> Target {
    let rules = br#"[baseline]
date = 2026-07-01
[identity]
address = "none"
[[host]]
name = ["web-*", "db-1"]
when = { os = "windows*", tag = "x" }
scope = { pci = "in", from = 2026-01-01 }
window = "2nd Tue 22:00 4h Europe/Berlin"
exposed = "unknown"
tags = ["x"]
"#;
    Target {
        name: "fleet/rules".to_owned(),
        seeds: vec![("fleet.toml".to_owned(), rules.to_vec())],
        run: Box::new(|name, bytes| {
            if let Ok(rules) = fleet::rules::Rules::parse(name, bytes) {
                let kind = inventory::HostKind::Machine;
                let host = fleet::rules::Subject::new(kind, ["web-01", "db-1"]);
                let asset = rules.asset(&host, Vec::new()).asset;
                let _ = asset.window.map(|w| w.next(jiff::Timestamp::UNIX_EPOCH));
            }
        }),
    }
}

/// A delta of the catalog, and what it starts from.
fn delta() -> Target {
    let catalog = |batch: Option<advisories::model::Batch>| {
        let mut builder = advisories::catalog::Builder::new();
        builder.add("fuzz", batch.unwrap_or_default());
        advisories::catalog::Catalog::from_bytes(builder.finish()).ok()
    };
    let kev = br#"{"catalogVersion":"1","dateReleased":"2026-01-01T00:00:00Z","vulnerabilities":[{"cveID":"CVE-2021-44228","dateAdded":"2021-12-10"}]}"#;
    let document = advisories::feeds::Document {
        name: "kev.json",
        bytes: kev,
    };
    let feed = advisories::feeds::FEEDS
        .iter()
        .find(|feed| feed.recognise(&document));
    let (from, to) = (
        catalog(None),
        catalog(feed.map(|feed| feed.parse(&document).value)),
    );
    let whole = to
        .as_ref()
        .and_then(|to| advisories::catalog::delta::make(None, to).ok());
    let step = to
        .as_ref()
        .and_then(|to| advisories::catalog::delta::make(from.as_ref(), to).ok());
    let named = |bytes: Vec<u8>| ("a.dwdelta".to_owned(), bytes);
    Target {
        name: "catalog/delta".to_owned(),
        seeds: whole.into_iter().chain(step).map(named).collect(),
        run: Box::new(move |_, bytes| {
            drop(advisories::catalog::delta::manifest(bytes));
            drop(advisories::catalog::delta::apply(bytes, from.as_ref()));
            drop(advisories::catalog::Catalog::from_bytes(bytes.to_vec()));
        }),
    }
}

/// A tar archive: of files, or an image as old programs saved it, which has no digest that would stop a changed layer.
fn image() -> Target {
    let layer = tar_of(&[
        ("etc/os-release", b"ID=debian\nVERSION_ID=12\n"),
        ("var/lib/dpkg/status", b"Package: bash\nVersion: 5.2-1\n"),
        ("app/.wh.old", b""),
        ("app/.wh..wh..opq", b""),
    ]);
    let image = tar_of(&[
        ("a/json", br#"{"id":"a","parent":"b"}"#),
        ("a/layer.tar", &layer),
        ("b/json", br#"{"id":"b"}"#),
        ("b/layer.tar", &layer),
        ("repositories", br#"{"app":{"1":"a"}}"#),
    ]);
    Target {
        name: "host/image".to_owned(),
        seeds: vec![
            ("files.tar".to_owned(), layer),
            ("image.tar".to_owned(), image),
        ],
        run: Box::new(|name, bytes| {
            let options = host::InspectOptions::default();
            drop(host::inspect_bytes(name.as_ref(), bytes.to_vec(), &options));
        }),
    }
}

/// What the library writes; writing to memory cannot fail, and an archive cut short would be a seed as well.
fn tar_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        let _ = builder.append_data(&mut header, path, *bytes);
    }
    builder.into_inner().unwrap_or_default()
}

/// A small OpenVEX document to start from.
const VEX: &str = r#"{"@context":"https://openvex.dev/ns/v0.2.0","@id":"x","author":"a","timestamp":"2026-01-01T00:00:00Z","version":1,
"statements":[{"vulnerability":{"name":"CVE-2021-44228"},"products":[{"@id":"pkg:npm/a@1"}],"status":"not_affected"}]}"#;

/// A file of one fingerprint to start from.
const FINGERPRINTS: &str = r#"<fingerprints matches="ssh.banner"><fingerprint pattern="^Acmeshd_([\d.]+)$" flags="REG_ICASE">
<description>Acme</description><example service.version="1.2">Acmeshd_1.2</example><param pos="1" name="service.version"/>
<param pos="0" name="service.cpe23" value="cpe:/a:acme:acmeshd:{service.version}"/></fingerprint></fingerprints>"#;

/// The two YAML ignore files in one to start from.
const IGNORES: &str = "vulnerabilities:\n  - id: CVE-2024-1\n    paths: [\"a/*\"]\n    expired_at: 2026-01-01\nignore:\n  - vulnerability: CVE-2024-1\n    package: {name: x, type: deb}\n";

fn ignore(file: &str, text: &str) {
    drop(fleet::suppression::Rules::parse(file, text.as_bytes()));
}

/// Texts a user or a neighbour writes.
fn small_languages() -> Vec<Target> {
    let text = |name: &str, seed: &str, run: fn(&str)| Target {
        name: name.to_owned(),
        seeds: vec![("seed".to_owned(), seed.as_bytes().to_vec())],
        run: Box::new(move |_, bytes| run(&String::from_utf8_lossy(bytes))),
    };
    vec![
        text("purl", "pkg:npm/%40angular/core@17.0.0?a=b#c/d", |t| {
            drop(t.parse::<base::Purl>())
        }),
        text(
            "cvss",
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            |t| drop(risk::cvss::score(t)),
        ),
        text("gate", "severity>=high and not (kev or epss>=0.5)", |t| {
            drop(fleet::gate::Gate::parse(t))
        }),
        text("policy", "id = \"x\"\n[[row]]\n", |t| {
            drop(risk::policy::read("f", t))
        }),
        text("ignore/trivy-yaml", IGNORES, |t| {
            ignore(".trivyignore.yaml", t)
        }),
        text("ignore/grype", IGNORES, |t| ignore(".grype.yaml", t)),
        text("ignore/trivy", "CVE-2024-1 exp:2026-01-01 # x\n", |t| {
            ignore(".trivyignore", t);
        }),
        text(
            "ignore/osv-scanner",
            "[[IgnoredVulns]]\nid = \"x\"\nignoreUntil = 2026-01-01\n",
            |t| {
                ignore("osv-scanner.toml", t);
            },
        ),
        text(
            "baseline",
            "{\"schema\":\"daywatch.scan/1\",\"targets\":[{\"target\":\"a\"}],\"findings\":[{\"id\":\"x\",\"package\":\"p\",\"target\":0}]}",
            |t| {
                drop(reports::baseline::Baseline::parse(t.as_bytes()));
            },
        ),
        text("vex", VEX, |t| {
            let mut statements = fleet::vex::Statements::default();
            statements.add("f", t.as_bytes());
        }),
        text("fingerprints", FINGERPRINTS, |t| {
            let mut fingerprints = inventory::Fingerprints::default();
            let _ = fingerprints.add("f.xml", t.as_bytes());
            let _ = fingerprints.identify("ssh.banner", b"Acmeshd_1.2");
        }),
        text(
            "briefing",
            "{\"schema\":\"daywatch.briefing/1\",\"now\":\"2026-08-05T06:00:00Z\"}",
            |t| {
                drop(reports::briefing::PreviousBriefing::parse(t.as_bytes()));
            },
        ),
        text(
            "suppressions",
            "[[suppress]]\nid = \"CVE-2024-1234\"\n",
            |t| drop(fleet::suppression::Rules::parse("f", t.as_bytes())),
        ),
    ]
}

/// Every fixture of a plug-in, with its own file name: some formats are recognised by it.
fn seeds(below: &Path, id: &str) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut open = vec![below.to_owned()];
    while let Some(folder) = open.pop() {
        for path in fs::read_dir(&folder)
            .into_iter()
            .flatten()
            .filter_map(Result::ok)
            .map(|e| e.path())
        {
            if path.is_dir() {
                open.push(path);
            } else if path.components().any(|c| c.as_os_str() == id)
                && !path.to_string_lossy().contains("expected")
            {
                let name = path
                    .file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned();
                found.extend(
                    fs::read(&path)
                        .ok()
                        .filter(|b| b.len() <= INPUT_BYTES_MAX)
                        .map(|b| (name, b)),
                );
            }
        }
    }
    found.sort();
    found
}

fn fuzz(target: &Target, seed: u64, time: Duration) -> anyhow::Result<String> {
    let mut rng = StdRng::seed_from_u64(seed);
    let began = Instant::now();
    let mut runs = 0_u64;
    while began.elapsed() < time {
        let (name, input) = next_input(&mut rng, target);
        let run_began = Instant::now();
        let survived =
            panic::catch_unwind(panic::AssertUnwindSafe(|| (target.run)(&name, &input))).is_ok();
        let is_slow = run_began.elapsed() > SLOW;
        runs += 1;
        if !survived || is_slow {
            let kept = keep(&target.name, &input)?;
            let what = if survived {
                "took too long"
            } else {
                "panicked"
            };
            return Ok(format!(
                "FAILED: {what}; run: cargo xtask fuzz --target {} --input {kept}",
                target.name
            ));
        }
    }
    Ok(format!("{runs} runs"))
}

fn next_input(rng: &mut StdRng, target: &Target) -> (String, Vec<u8>) {
    if target.seeds.is_empty() || rng.random_ratio(1, 20) {
        let length = rng.random_range(0..2048);
        return (
            "random".to_owned(),
            (0..length).map(|_| rng.random()).collect(),
        );
    }
    let (name, seed) = &target.seeds[rng.random_range(0..target.seeds.len())];
    let mut bytes = seed.clone();
    for _ in 0..rng.random_range(1..8) {
        mutate(rng, &mut bytes);
    }
    bytes.truncate(INPUT_BYTES_MAX);
    (name.clone(), bytes)
}

/// Bytes that parsers trip over: brackets, quotes, ends of text, huge numbers, escapes.
const TOKENS: &[&[u8]] = &[
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b"\\",
    b"\\u0000",
    b"\0",
    b"\n",
    b"\r\n",
    b":",
    b",",
    b"<",
    b"&#x0;",
    b"<!DOCTYPE a>",
    b"99999999999999999999999",
    b"-1",
    b"1e999",
    b"null",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"*a",
    b"&a",
    b"<<: *a",
    b"~",
    b"%",
    b"../..",
    b"\xf0\x9f\x98\x80",
];

fn mutate(rng: &mut StdRng, bytes: &mut Vec<u8>) {
    let at = rng.random_range(0..=bytes.len());
    match rng.random_range(0..6) {
        0 if at < bytes.len() => bytes[at] ^= 1 << rng.random_range(0..8),
        1 => bytes.truncate(at),
        2 => {
            let token = TOKENS[rng.random_range(0..TOKENS.len())];
            bytes.splice(at..at, token.iter().copied());
        }
        3 => {
            let end = rng.random_range(at..=bytes.len().min(at + 64));
            bytes.drain(at..end);
        }
        4 => {
            let end = rng.random_range(at..=bytes.len().min(at + 256));
            let piece = bytes[at..end].to_vec();
            let to = rng.random_range(0..=bytes.len());
            bytes.splice(to..to, piece);
        }
        _ => {
            let token = TOKENS[rng.random_range(0..TOKENS.len())];
            let many = token.repeat(rng.random_range(1..400));
            bytes.splice(at..at, many);
        }
    }
}

/// Keeps an input that broke something, and says where.
fn keep(target: &str, input: &[u8]) -> anyhow::Result<String> {
    let folder = tree::root()
        .join("fuzz/artifacts")
        .join(target.replace('/', "-"));
    fs::create_dir_all(&folder)?;
    let digest = input.iter().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| {
        (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3)
    });
    let path = folder.join(format!("{digest:016x}"));
    fs::write(&path, input)?;
    Ok(tree::shown(&path))
}
