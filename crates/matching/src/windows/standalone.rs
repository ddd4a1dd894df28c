//! Updates that come beside the cumulative ones and are not part of them.

use std::sync::LazyLock;

use base::Kb;

/// One number a line, what it is after it.
static LIST: &str = include_str!("standalone.txt");

static NUMBERS: LazyLock<Vec<Kb>> = LazyLock::new(|| {
    let numbers = LIST.lines().filter_map(|line| {
        let number = line.split('#').next()?.trim();
        number.parse().ok()
    });
    let mut numbers: Vec<Kb> = numbers.collect();
    numbers.sort_unstable();
    numbers
});

/// Whether a cumulative update of Windows does not hold this one.
pub(super) fn is_standalone(kb: Kb) -> bool {
    NUMBERS.binary_search(&kb).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_list_is_a_number_and_a_reason() {
        let lines: Vec<&str> = LIST.lines().filter(|l| !l.starts_with('#')).collect();
        assert_eq!(NUMBERS.len(), lines.len());
        assert!(lines.iter().all(|l| l.contains(" # ")));
    }

    #[test]
    fn the_revocation_list_of_secure_boot_is_no_part_of_a_cumulative_update() {
        assert!(is_standalone(Kb::new(5_012_170)));
        assert!(!is_standalone(Kb::new(5_094_123)));
    }
}
