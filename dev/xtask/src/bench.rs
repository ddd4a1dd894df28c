//! `cargo xtask bench --data DIR`: whole processes of the release binary on a folder of public feeds, as one table: time,
//! memory, and the limit each must keep. Never part of a test: machines differ, and a busy one lies.

mod fleet;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::{docs, tree};

/// What to measure.
#[derive(clap::Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct BenchArgs {
    #[command(subcommand)]
    part: Option<Part>,
    #[command(flatten)]
    processes: Option<ProcessArgs>,
}

#[derive(clap::Subcommand, Debug)]
enum Part {
    /// Measure a fleet of 100,000 hosts, in this process
    Fleet(fleet::FleetArgs),
}

/// What to measure whole processes on.
#[derive(clap::Args, Debug)]
struct ProcessArgs {
    /// A folder with `osv/<Ecosystem>/all.zip`, `kev/*.json`, `epss/epss-*.csv.gz`, `cve/cve5-*.jsonl.zst`, `sbom/`, `inventory/`
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Runs of each measurement; the median counts
    #[arg(long, default_value_t = 15)]
    runs: usize,
    /// Write the table into docs/performance.md
    #[arg(long)]
    write: bool,
}

/// One measurement against its limit.
struct Row {
    what: String,
    limit: &'static str,
    result: String,
}

/// A finished process.
#[derive(Clone, Copy)]
struct Measured {
    time: Duration,
    peak_kib: u64,
}

pub(crate) fn run(args: &BenchArgs) -> anyhow::Result<()> {
    match (&args.part, &args.processes) {
        (Some(Part::Fleet(args)), _) => fleet::run(args),
        (None, Some(args)) => processes(args),
        (None, None) => anyhow::bail!("name the folder of public feeds: --data DIR"),
    }
}

fn processes(args: &ProcessArgs) -> anyhow::Result<()> {
    let daywatch = docs::build(&["--release"])?;
    let folder = tempfile::tempdir()?;
    let bench = Bench {
        daywatch,
        folder: folder.path().to_owned(),
        runs: args.runs,
    };
    let mut rows = bench.catalog(&args.data)?;
    rows.push(bench.sbom(&args.data)?);
    rows.push(bench.dpkg(&args.data)?);
    rows.push(bench.directory()?);
    let table = render(&rows)?;
    println!("{table}");
    if args.write {
        write("bench", &table)?;
    }
    Ok(())
}

struct Bench {
    daywatch: PathBuf,
    folder: PathBuf,
    runs: usize,
}

impl Bench {
    fn catalog_file(&self) -> PathBuf {
        self.folder.join("catalog.dwcat")
    }

    /// Building it (once: it takes seconds), its size, and opening it.
    fn catalog(&self, data: &Path) -> anyhow::Result<Vec<Row>> {
        let inputs = feed_files(data)?;
        let catalog = self.catalog_file();
        let mut arguments: Vec<String> = vec![
            "feeds".into(),
            "import".into(),
            "--catalog".into(),
            shown(&catalog),
        ];
        arguments.extend(inputs.iter().map(|p| shown(p)));
        let built = measure(&self.daywatch, &arguments)?;
        let raw = raw_bytes(&inputs)?;
        let size = fs::metadata(&catalog)?.len();
        let share = 100.0 * size as f64 / raw as f64;
        Ok(vec![
            Row {
                what: format!("catalog of {} MB of JSON and CSV", raw / 1_000_000),
                limit: "60 s, 2 GiB",
                result: format!(
                    "{:.1} s, {} MiB",
                    built.time.as_secs_f64(),
                    built.peak_kib / 1024
                ),
            },
            Row {
                what: "the file, as a share of that".to_owned(),
                limit: "10 %",
                result: format!("{:.1} MB, {share:.1} %", size as f64 / 1e6),
            },
            Row {
                what: "opening it".to_owned(),
                limit: "5 ms",
                result: format!("{:.2} ms", 1e3 * self.open()?.as_secs_f64()),
            },
        ])
    }

    fn open(&self) -> anyhow::Result<Duration> {
        let mut times = Vec::new();
        for _ in 0..self.runs {
            let file = fs::File::open(self.catalog_file())?;
            let began = Instant::now();
            advisories::catalog::Catalog::map(&file)?;
            times.push(began.elapsed());
        }
        times.sort();
        Ok(times[times.len() / 2])
    }

    fn sbom(&self, data: &Path) -> anyhow::Result<Row> {
        let path = self.folder.join("thousand.cdx.json");
        let (text, packages) = thousand_packages(data)?;
        fs::write(&path, text)?;
        let scanned = self.median(&self.scan(&path, &[]))?;
        Ok(Row {
            what: format!("`scan` of a {packages}-package SBOM, whole process"),
            limit: "50 ms, 64 MiB",
            result: milliseconds(scanned),
        })
    }

    fn dpkg(&self, data: &Path) -> anyhow::Result<Row> {
        let source = newest(&data.join("inventory"), "dpkg-status")?;
        let status = self.folder.join("status");
        fs::write(
            &status,
            host::read(&source, base::Limit::new("bench-file-bytes", 1 << 30))?,
        )?;
        let scanned = self.median(&self.scan(&status, &[]))?;
        Ok(Row {
            what: "`scan` of the dpkg status of a Debian 12 machine (707 packages)".to_owned(),
            limit: "–",
            result: milliseconds(scanned),
        })
    }

    /// 10,000 files of which 100 are lockfiles.
    fn directory(&self) -> anyhow::Result<Row> {
        let root = self.folder.join("tree");
        for directory in 0..100 {
            let folder = root.join(format!("d{directory}"));
            fs::create_dir_all(&folder)?;
            fs::write(
                folder.join("requirements.txt"),
                "requests==2.31.0\njinja2==3.1.2\n",
            )?;
            for file in 0..99 {
                fs::write(folder.join(format!("f{file}.c")), "int x;\n")?;
            }
        }
        let scanned = self.median(&self.scan(&root, &[]))?;
        Ok(Row {
            what: "`scan` of a directory of 10,000 files".to_owned(),
            limit: "1 s",
            result: milliseconds(scanned),
        })
    }

    fn scan(&self, target: &Path, more: &[&str]) -> Vec<String> {
        let mut arguments = vec![
            "scan".to_owned(),
            shown(target),
            "--catalog".to_owned(),
            shown(&self.catalog_file()),
        ];
        arguments.extend(more.iter().map(|a| (*a).to_owned()));
        arguments
    }

    fn median(&self, arguments: &[String]) -> anyhow::Result<Measured> {
        let mut all = (0..self.runs)
            .map(|_| measure(&self.daywatch, arguments))
            .collect::<anyhow::Result<Vec<_>>>()?;
        all.sort_by_key(|m| m.time);
        Ok(all[all.len() / 2])
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn milliseconds(measured: Measured) -> String {
    format!(
        "{:.0} ms, {} MiB",
        1e3 * measured.time.as_secs_f64(),
        measured.peak_kib / 1024
    )
}

/// Runs a program to its end. Its peak memory is the kernel's high-water mark, read while it runs.
fn measure(program: &Path, arguments: &[String]) -> anyhow::Result<Measured> {
    let began = Instant::now();
    let mut child = Command::new(program)
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let status_file = format!("/proc/{}/status", child.id());
    let mut peak_kib = 0;
    let status = loop {
        peak_kib = peak_kib.max(high_water_kib(&status_file));
        if let Some(status) = child.try_wait()? {
            break status;
        }
        std::thread::sleep(Duration::from_micros(500));
    };
    let time = began.elapsed();
    anyhow::ensure!(
        status.success(),
        "{} {} failed",
        program.display(),
        arguments.join(" ")
    );
    Ok(Measured { time, peak_kib })
}

fn high_water_kib(status_file: &str) -> u64 {
    let status = fs::read_to_string(status_file).unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}

/// The files of the full catalog.
fn feed_files(data: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for ecosystem in tree::directories(&data.join("osv"))? {
        files.push(ecosystem.join("all.zip"));
    }
    files.push(newest(&data.join("kev"), "kev-")?);
    files.push(newest(&data.join("epss"), "epss-2")?);
    files.push(newest(&data.join("cve"), "cve5-")?);
    Ok(files)
}

/// The last file by name with a prefix.
fn newest(folder: &Path, prefix: &str) -> anyhow::Result<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .with_context(|| shown(folder))?
        .filter_map(Result::ok)
        .map(|e| e.path())
        .collect();
    found.retain(|p| {
        p.file_name()
            .is_some_and(|n| n.to_string_lossy().starts_with(prefix))
    });
    found.sort();
    found
        .pop()
        .with_context(|| format!("no {prefix}* in {}", folder.display()))
}

/// The size of the inputs, decompressed.
fn raw_bytes(inputs: &[PathBuf]) -> anyhow::Result<u64> {
    let mut total = 0;
    for path in inputs {
        host::documents(path, &host::DocumentLimits::default(), |document| {
            total += document.bytes.len() as u64;
            std::ops::ControlFlow::Continue(())
        })?;
    }
    Ok(total)
}

/// A CycloneDX document of 1,000 components that real projects have.
fn thousand_packages(data: &Path) -> anyhow::Result<(String, usize)> {
    let mut components: Vec<Value> = Vec::new();
    host::documents(
        &data.join("sbom"),
        &host::DocumentLimits::default(),
        |document| {
            let is_project = document.name.contains("/SBOM/") && document.name.ends_with(".json");
            if is_project && let Ok(bom) = serde_json::from_slice::<Value>(&document.bytes) {
                components.extend(
                    bom["components"]
                        .as_array()
                        .into_iter()
                        .flatten()
                        .filter(|c| c["purl"].is_string())
                        .cloned(),
                );
            }
            std::ops::ControlFlow::Continue(())
        },
    )?;
    components.sort_by_key(|c| c["purl"].as_str().unwrap_or_default().to_owned());
    components.dedup_by_key(|c| c["purl"].as_str().unwrap_or_default().to_owned());
    let step = (components.len() / 1000).max(1);
    let chosen: Vec<Value> = components.into_iter().step_by(step).take(1000).collect();
    let count = chosen.len();
    let bom =
        json!({"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": chosen});
    Ok((bom.to_string(), count))
}

fn render(rows: &[Row]) -> anyhow::Result<String> {
    let mut out = format!(
        "Machine: {}\n\n| What | Limit | Measured |\n|---|---|---|\n",
        machine()?
    );
    for row in rows {
        out.push_str(&format!(
            "| {} | {} | {} |\n",
            row.what, row.limit, row.result
        ));
    }
    Ok(out)
}

fn machine() -> anyhow::Result<String> {
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus
        .lines()
        .find_map(|l| l.strip_prefix("model name"))
        .map_or("unknown", |l| l.trim_start_matches([':', '\t', ' ']));
    let cores = std::thread::available_parallelism()?;
    let version = Command::new("rustc").arg("--version").output()?.stdout;
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("unknown").to_owned();
    Ok(format!(
        "{cores} cores of {model}, {}, load {load}",
        String::from_utf8_lossy(&version).trim()
    ))
}

/// Puts a table between its marks in docs/performance.md.
fn write(mark: &str, table: &str) -> anyhow::Result<()> {
    let (begin, end) = (
        format!("<!-- {mark}: begin -->"),
        format!("<!-- {mark}: end -->"),
    );
    let path = tree::root().join("docs/performance.md");
    let text = tree::text(&path)?;
    let (before, rest) = text
        .split_once(&begin)
        .context("docs/performance.md has no begin mark")?;
    let (_, after) = rest
        .split_once(&end)
        .context("docs/performance.md has no end mark")?;
    fs::write(&path, format!("{before}{begin}\n{table}{end}{after}"))?;
    println!("wrote {}", tree::shown(&path));
    Ok(())
}
