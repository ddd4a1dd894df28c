//! The hosts of the measured fleet. A few images cover most of them (Zipf), each at some waves of patches; the rest is odd:
//! packages of other versions, packages nobody else has. The same seed makes the same hosts, each without the others.

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use super::stock::{Stock, System};

/// Images, of which the first covers the most hosts.
const IMAGES: u32 = 600;
/// Exponent of the law by which an image's share falls with its rank.
const ZIPF: f64 = 1.1;
/// Waves of patches the hosts of one image stand at.
const WAVES: u32 = 4;
/// Packages an application brings along.
const APPLICATION_PACKAGES: std::ops::Range<usize> = 20..140;

/// How the fleet is made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) seed: u64,
    /// Share of the hosts that differ from their image, 0 to 1.
    pub(super) odd: f64,
}

/// What the hosts of one image have in common.
struct Image {
    system: usize,
    /// How far its packages are patched, 0 (never) to 1 (today).
    level: f64,
    packages: Vec<u32>,
}

/// Makes hosts.
pub(super) struct Hosts<'s> {
    stock: &'s Stock,
    shape: Shape,
    images: Vec<Image>,
    /// Share of the hosts that the images up to this one cover.
    covered: Vec<f64>,
}

/// An item at a version.
pub(super) type Installed = (u32, u16);

impl<'s> Hosts<'s> {
    pub(super) fn new(stock: &'s Stock, shape: Shape) -> Self {
        let images = (0..IMAGES).map(|rank| image(stock, shape.seed, rank));
        let weights = (0..IMAGES).map(|rank| f64::from(rank + 1).powf(-ZIPF));
        let total: f64 = weights.clone().sum();
        let covered = weights.scan(0.0, |sum, weight| {
            *sum += weight / total;
            Some(*sum)
        });
        Self {
            stock,
            shape,
            images: images.collect(),
            covered: covered.collect(),
        }
    }

    /// What a host has, sorted, each item once.
    pub(super) fn host(&self, number: u32) -> Vec<Installed> {
        let mut random = rng(self.shape.seed, 1, number);
        let drawn: f64 = random.random_range(0.0..1.0);
        let rank = self.covered.partition_point(|share| *share < drawn);
        let image = &self.images[rank.min(self.images.len() - 1)];
        let wave = f64::from(random.random_range(0..WAVES)) * 0.06;
        let mut all: Vec<Installed> = image
            .packages
            .iter()
            .map(|&item| (item, self.at(item, image.level + wave)))
            .collect();
        if random.random_bool(self.shape.odd) {
            self.drift(&mut all, &self.stock.systems[image.system], &mut random);
        }
        all.sort_unstable();
        all.dedup_by_key(|(item, _)| *item);
        all
    }

    /// The version an item has where packages are patched up to a level. Some lag, some lead, the same on all hosts.
    fn at(&self, item: u32, level: f64) -> u16 {
        let family = self.stock.items[item as usize].family;
        let mut random = rng(self.shape.seed, 2, family);
        let own: f64 = level + random.random_range(-0.2..0.2);
        let last = f64::from(self.stock.versions(item) - 1);
        (own.clamp(0.0, 1.0) * last).round() as u16
    }

    /// Some packages are of other versions, some are there that the image does not have.
    fn drift(&self, all: &mut Vec<Installed>, system: &System, random: &mut StdRng) {
        for _ in 0..random.random_range(5..60) {
            let at = random.random_range(0..all.len());
            all[at].1 = random.random_range(0..self.stock.versions(all[at].0));
        }
        let languages = &self.stock.languages;
        for _ in 0..random.random_range(1..30) {
            let from = match random.random_bool(0.5) && !system.more.is_empty() {
                true => &system.more,
                false => &languages[random.random_range(0..languages.len())],
            };
            let item = from[random.random_range(0..from.len())];
            all.push((item, random.random_range(0..self.stock.versions(item))));
        }
    }
}

fn image(stock: &Stock, seed: u64, rank: u32) -> Image {
    let mut random = rng(seed, 0, rank);
    let mut drawn = random.random_range(0..stock.systems.iter().map(|s| s.share).sum());
    let below = |system: &System| match drawn < system.share {
        true => true,
        false => {
            drawn -= system.share;
            false
        }
    };
    let system = stock.systems.iter().position(below).unwrap_or_default();
    let of = &stock.systems[system];
    let is_windows = of.more.is_empty() && of.base.len() < 10;
    let mut packages = match is_windows {
        true => vec![of.base[random.random_range(0..of.base.len())]],
        false => of.base.clone(),
    };
    let language = &stock.languages[random.random_range(0..stock.languages.len())];
    for _ in 0..random.random_range(APPLICATION_PACKAGES) {
        packages.push(language[random.random_range(0..language.len())]);
    }
    packages.sort_unstable();
    packages.dedup();
    Image {
        system,
        level: random.random_range(0.85..1.0),
        packages,
    }
}

/// Random numbers for one thing of a kind, whatever was drawn for others.
fn rng(seed: u64, kind: u64, number: u32) -> StdRng {
    StdRng::seed_from_u64(
        seed ^ (kind << 60) ^ u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15),
    )
}
