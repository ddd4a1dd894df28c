//! `cargo xtask bench fleet --data DIR`: a fleet of 100,000 hosts with about 700 packages each, made of real names and
//! versions, and how fast it is asked. See docs/performance.md.

mod changes;
mod hosts;
mod measured;
mod pages;
mod reports;
mod stock;
mod world;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use advisories::catalog::Catalog;
use app::feeds_import::{ImportOptions, import};
use app::progress::Silent;

use hosts::{Hosts, Shape};
use measured::{Line, Times, exponent, resident_kib, table};
use stock::Stock;
use world::World;

/// What to measure on, and how many hosts.
#[derive(clap::Args, Debug)]
pub(crate) struct FleetArgs {
    /// The folder of public feeds that `bench` takes, with `windows/definitions.zip`
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Hosts of the fleet
    #[arg(long, default_value_t = 100_000)]
    hosts: u32,
    /// Fleets to compare, to see how the cost grows
    #[arg(long, value_name = "HOSTS", value_delimiter = ',')]
    sizes: Vec<u32>,
    /// Only the fleet where every host differs
    #[arg(long)]
    worst: bool,
    /// Write the table into docs/performance.md
    #[arg(long)]
    write: bool,
    /// Make the fleet from this seed
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Keep the compiled catalog here, and take it from here the next time
    #[arg(long, value_name = "FILE")]
    catalog: Option<PathBuf>,
}

pub(crate) fn run(args: &FleetArgs) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let made = folder.path().join("fleet.dwcat");
    let path = args.catalog.as_deref().unwrap_or(&made);
    let catalog = catalog(&args.data, path)?;
    let status = super::newest(&args.data.join("inventory"), "dpkg-status")?;
    let stock = Stock::of(&catalog, &stock::dpkg_status(&status)?)?;
    let odd = if args.worst { 1.0 } else { 0.25 };
    let shape = Shape {
        seed: args.seed,
        odd,
    };
    let hosts = Hosts::new(&stock, shape);
    let text = match args.sizes.is_empty() {
        true => table(&whole(&catalog, &stock, &hosts, args.hosts)?),
        false => growth(&catalog, &stock, &hosts, &args.sizes)?,
    };
    println!("\n{text}");
    if args.write {
        let mark = match (args.sizes.is_empty(), args.worst) {
            (false, _) => "fleet-growth",
            (true, true) => "fleet-worst",
            (true, false) => "fleet",
        };
        super::write(mark, &text)?;
    }
    Ok(())
}

/// Everything about one fleet.
fn whole(
    catalog: &Catalog,
    stock: &Stock,
    hosts: &Hosts<'_>,
    many: u32,
) -> anyhow::Result<Vec<Line>> {
    let before = resident_kib();
    let mut world = World::new(stock);
    let (first, matching) = world.import(hosts, many, catalog)?;
    let size = world.index.size();
    let sets: BTreeSet<_> = (0..many.min(100_000))
        .map(|host| hosts.host(host))
        .collect();
    println!(
        "{many} hosts, {:.0} packages each, {} releases, {} package sets, {size:?}",
        world.packages as f64 / f64::from(many),
        world.releases.list.len(),
        sets.len(),
    );
    drop(sets);
    let grown = resident_kib().saturating_sub(before);
    let mut lines = vec![
        Line {
            what: format!(
                "the fleet: {many} hosts × {:.0} packages, {} releases, {} package sets",
                world.packages as f64 / f64::from(many),
                size.releases,
                size.package_sets
            ),
            limit: "–",
            measured: format!("{} findings on {} hits", size.findings, size.hits),
            ratio: None,
        },
        Line::once("all releases matched", matching, "60 s", 60.0),
        Line::of("a host's first report", &first, "5 ms", 0.005),
        Line::memory(
            "memory of the process after it, index and releases",
            grown,
            "1 GiB",
            1_048_576.0,
        ),
    ];
    lines.extend(reports::measure(&mut world, hosts, many)?);
    lines.extend(reports::checkpoint(&world)?);
    lines.extend(changes::one_by_one(&mut world, catalog)?);
    lines.extend(pages::measure(&world, catalog, many)?);
    lines.extend(changes::matched(&mut world, catalog)?);
    lines.extend(changes::day_and_all(&mut world, catalog)?);
    println!(
        "memory of the process at its highest: {} MiB",
        super::high_water_kib("/proc/self/status") / 1024
    );
    Ok(lines)
}

/// How costs grow with the hosts.
fn growth(
    catalog: &Catalog,
    stock: &Stock,
    hosts: &Hosts<'_>,
    sizes: &[u32],
) -> anyhow::Result<String> {
    let mut out = "| Hosts | Findings | Releases | An advisory → its hosts, 99 of 100 | A host's report, 99 of 100 | A page, 99 of 100 | Memory of the index |\n|---|---|---|---|---|---|---|\n".to_owned();
    let mut points: [Vec<(f64, f64)>; 4] = Default::default();
    for &many in sizes {
        let before = resident_kib();
        let mut world = World::new(stock);
        world.import(hosts, many, catalog)?;
        let grown = resident_kib().saturating_sub(before).max(1);
        let asked = changes::asked(&world);
        let report = reports::again(&mut world, hosts, many)?;
        let page = pages::times(&world, catalog, many)?;
        let high = |times: &Times| times.percentile(99);
        let times = [&asked, &report, &page].map(high);
        for (points, time) in points.iter_mut().zip(times) {
            points.push((f64::from(many), time.as_secs_f64()));
        }
        points[3].push((f64::from(many), grown as f64));
        let [asked, report, page] = times.map(measured::shown);
        let size = world.index.size();
        out.push_str(&format!(
            "| {many} | {} | {} | {asked} | {report} | {page} | {} MiB |\n",
            size.findings,
            size.releases,
            grown / 1024
        ));
    }
    let [asked, report, page, memory] = points.map(|points| exponent(&points));
    out.push_str(&format!(
        "| grows like hosts to the power | | | {asked:.2} | {report:.2} | {page:.2} | {memory:.2} |\n"
    ));
    Ok(out)
}

/// All feeds of the folder, compiled.
fn catalog(data: &Path, path: &Path) -> anyhow::Result<Catalog> {
    if fs::metadata(path).is_err() {
        let mut paths = super::feed_files(data)?;
        paths.push(data.join("windows/definitions.zip"));
        let options = ImportOptions {
            paths,
            catalog: path.to_owned(),
            feed: None,
            max_shrink: 1.0,
        };
        import(&options, &Silent)?;
    }
    Ok(Catalog::map(&fs::File::open(path)?)?)
}
