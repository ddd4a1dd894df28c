//! The rules of the house, held by a program: see docs/decisions/001-floors.md and ARCHITECTURE.md.

mod circles;
mod imports;
mod links;
mod modules;
mod plugins;
mod sources;

/// One breach of a rule: where, and what to do about it.
type Breaches = Vec<String>;

/// Runs every rule and lists all breaches.
pub(crate) fn run() -> anyhow::Result<()> {
    let mut breaches: Breaches = Vec::new();
    breaches.extend(imports::check()?);
    breaches.extend(circles::check()?);
    breaches.extend(sources::check()?);
    breaches.extend(modules::check()?);
    breaches.extend(plugins::check()?);
    breaches.extend(links::check()?);
    for breach in &breaches {
        println!("tidy: {breach}");
    }
    anyhow::ensure!(
        breaches.is_empty(),
        "{} breaches of the rules of the house",
        breaches.len()
    );
    println!("tidy: fine");
    Ok(())
}
