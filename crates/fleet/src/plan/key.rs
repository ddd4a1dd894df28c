//! Keys that stay the same from plan to plan, so that a tracker updates a ticket instead of opening another.

use std::collections::BTreeMap;

use base::Digest;

use crate::patch::Patch;

/// Hexadecimal digits of a key: 64 bits, so that among a million keys two alike are as likely as one in 37 million.
const KEY_DIGITS: usize = 16;

/// The keys of all patches, in their order. What is installed is no part of one; only where several patches are otherwise alike
/// (updates of a system without cumulative ones) it tells them apart.
pub(super) fn of_items(patches: &[Patch]) -> Vec<String> {
    let parts = |p: &'_ Patch| {
        let texts = [p.work.as_str(), &p.ecosystem, &p.package, &p.line];
        texts.map(str::to_owned).to_vec()
    };
    let mut alike: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    for patch in patches {
        *alike.entry(parts(patch)).or_default() += 1;
    }
    let key = |patch: &Patch| {
        let mut parts = parts(patch);
        if alike.get(&parts).is_some_and(|&n| n > 1) {
            parts.push(patch.to.clone().unwrap_or_default());
        }
        of_parts(&parts)
    };
    patches.iter().map(key).collect()
}

/// The key of a step: of its item, its owner and the name of its window.
pub(super) fn of_step(item: &str, owner: Option<&str>, window: Option<&str>) -> String {
    let word = |text: Option<&str>| text.map_or_else(|| "-".to_owned(), |t| format!("+{t}"));
    of_parts(&[item.to_owned(), word(owner), word(window)])
}

/// Lengths stand before the parts, so that no two lists of parts are written alike.
fn of_parts(parts: &[String]) -> String {
    let mut text = String::new();
    for part in parts {
        text.push_str(&format!("{}:{part}", part.len()));
    }
    let mut digest = Digest::of(text.as_bytes()).to_string();
    digest.truncate(KEY_DIGITS);
    digest
}
