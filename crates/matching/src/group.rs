//! Records that are the same vulnerability: joined by their ids and aliases.

use std::collections::HashMap;

/// Partitions items into groups that share a key, directly or through others. Each item has its keys; the groups come back
/// in the order of their first item, items in order.
pub(crate) fn groups(keys: &[Vec<&str>]) -> Vec<Vec<usize>> {
    let mut parent: Vec<usize> = (0..keys.len()).collect();
    let mut first_with: HashMap<String, usize> = HashMap::new();
    for (item, item_keys) in keys.iter().enumerate() {
        for key in item_keys {
            let other = *first_with.entry(key.to_ascii_uppercase()).or_insert(item);
            let (a, b) = (root(&mut parent, item), root(&mut parent, other));
            parent[a.max(b)] = a.min(b);
        }
    }
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut group_of_root: HashMap<usize, usize> = HashMap::new();
    for item in 0..keys.len() {
        let root = root(&mut parent, item);
        let group = *group_of_root.entry(root).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[group].push(item);
    }
    groups
}

fn root(parent: &mut [usize], mut item: usize) -> usize {
    while parent[item] != item {
        parent[item] = parent[parent[item]];
        item = parent[item];
    }
    item
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_join_through_shared_aliases() {
        let keys = vec![
            vec!["GHSA-1", "CVE-1"],
            vec!["GHSA-2", "CVE-2"],
            vec!["PYSEC-1", "cve-1"],
            vec!["X", "GHSA-2", "PYSEC-1"],
            vec!["ALONE"],
        ];
        assert_eq!(groups(&keys), vec![vec![0, 1, 2, 3], vec![4]]);
    }

    #[test]
    fn no_records_are_no_groups() {
        assert!(groups(&[]).is_empty());
    }
}
