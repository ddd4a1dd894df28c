//! How many comparisons and keys a second each scheme makes, over the pairs of its own test data.

use divan::Bencher;
use divan::counter::ItemsCount;
use versions::scheme_for;

const PAIRS: [(&str, &str); 9] = [
    ("deb", include_str!("../testdata/deb/pairs.tsv")),
    ("rpm", include_str!("../testdata/rpm/pairs.tsv")),
    ("apk", include_str!("../testdata/apk/pairs.tsv")),
    ("semver", include_str!("../testdata/semver/pairs.tsv")),
    ("pep440", include_str!("../testdata/pep440/pairs.tsv")),
    ("maven", include_str!("../testdata/maven/pairs.tsv")),
    ("nuget", include_str!("../testdata/nuget/pairs.tsv")),
    ("gem", include_str!("../testdata/gem/pairs.tsv")),
    ("composer", include_str!("../testdata/composer/pairs.tsv")),
];

fn main() {
    divan::main();
}

fn pairs(scheme: &str) -> Vec<(&'static str, &'static str)> {
    let (_, text) = PAIRS
        .iter()
        .find(|(id, _)| *id == scheme)
        .expect("a scheme of the list");
    text.lines()
        .filter_map(|line| {
            let mut fields = line.split('\t');
            let (a, sign, b) = (fields.next()?, fields.next()?, fields.next()?);
            (sign != "!").then_some((a, b))
        })
        .collect()
}

#[divan::bench(args = PAIRS.map(|(id, _)| id))]
fn compare(bencher: Bencher<'_, '_>, id: &str) {
    let scheme = scheme_for(id).expect("a scheme of the list");
    let pairs = pairs(id);
    bencher.counter(ItemsCount::new(pairs.len())).bench(|| {
        pairs
            .iter()
            .filter(|(a, b)| scheme.compare(a, b).is_ok_and(std::cmp::Ordering::is_lt))
            .count()
    });
}

#[divan::bench(args = PAIRS.map(|(id, _)| id))]
fn sort_key(bencher: Bencher<'_, '_>, id: &str) {
    let scheme = scheme_for(id).expect("a scheme of the list");
    let pairs = pairs(id);
    bencher.counter(ItemsCount::new(pairs.len())).bench(|| {
        pairs
            .iter()
            .filter_map(|(a, _)| scheme.sort_key(a))
            .map(|key| key.len())
            .sum::<usize>()
    });
}
