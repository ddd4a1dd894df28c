//! The numbers of advisories over several files. They are in the order of ids, as if all had been compiled into one: most
//! stand in one long run of the first file, cut where the record of another stands between or in place of one.

use std::ops::Range;

use super::view::AdvisoryIx;

/// A run of advisories of one file whose numbers follow each other in both.
#[derive(Clone, Copy, Debug)]
struct Run {
    /// The number of the first, over all files.
    first: u32,
    /// The file.
    part: usize,
    /// The number of the first in its file.
    number: u32,
    len: u32,
}

/// Which advisory of which file has which number.
#[derive(Clone, Debug, Default)]
pub(super) struct Numbers {
    /// By the number over all files; without gaps.
    runs: Vec<Run>,
    /// For each file its runs, by the number in the file. What is in no run is hidden.
    of_part: Vec<Vec<Run>>,
}

/// Where one list of advisories is laid into another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cut {
    /// The next of the other list stands before the one with this number.
    Before(u32),
    /// The one with this number is hidden.
    Hidden(u32),
}

impl Numbers {
    /// Of a single file.
    pub(super) fn of_one(len: u32) -> Self {
        let mut numbers = Self::default();
        numbers.push(0, 0..len);
        numbers
    }

    /// These with others laid over them. The cuts are sorted by number, insertions before what is hidden at the same one;
    /// there are as many insertions as others.
    pub(super) fn overlaid(&self, others: &Self, cuts: &[Cut]) -> Self {
        let mut all = Self::default();
        let (mut at, mut next) = (0, 0);
        for &cut in cuts {
            let (Cut::Before(number) | Cut::Hidden(number)) = cut;
            all.copy(self, at..number, 0);
            match cut {
                Cut::Before(_) => {
                    all.copy(others, next..next + 1, self.of_part.len());
                    (at, next) = (number, next + 1);
                }
                Cut::Hidden(_) => at = number + 1,
            }
        }
        all.copy(self, at..self.len(), 0);
        // A file of which every record is hidden still is one of the files.
        let files = self.of_part.len() + others.of_part.len();
        all.of_part.resize_with(files, Vec::new);
        all
    }

    /// How many there are.
    pub(super) fn len(&self) -> u32 {
        self.runs.last().map_or(0, |run| run.first + run.len)
    }

    /// The file of an advisory, and its number there.
    pub(super) fn locate(&self, ix: AdvisoryIx) -> Option<(usize, u32)> {
        self.run_from(ix).map(|(part, number, _)| (part, number))
    }

    /// The same, and how many follow it in the same file one after the other, itself included.
    pub(super) fn run_from(&self, ix: AdvisoryIx) -> Option<(usize, u32, u32)> {
        let after = self.runs.partition_point(|run| run.first <= ix.0);
        let run = self.runs[..after].last()?;
        let within = ix.0 - run.first;
        (within < run.len).then(|| (run.part, run.number + within, run.len - within))
    }

    /// The number of an advisory of a file, unless it is hidden.
    pub(super) fn number(&self, part: usize, number: u32) -> Option<AdvisoryIx> {
        let runs = self.of_part.get(part)?;
        let after = runs.partition_point(|run| run.number <= number);
        let run = runs[..after].last()?;
        let within = number - run.number;
        (within < run.len).then(|| AdvisoryIx(run.first + within))
    }

    /// Appends some of another's, with its files counted from `part` on.
    fn copy(&mut self, from: &Self, numbers: Range<u32>, part: usize) {
        let start = from
            .runs
            .partition_point(|run| run.first + run.len <= numbers.start);
        let touched = from.runs[start..].iter();
        for run in touched.take_while(|run| run.first < numbers.end) {
            let first = run.first.max(numbers.start);
            let end = (run.first + run.len).min(numbers.end);
            let number = run.number + (first - run.first);
            self.push(part + run.part, number..number + (end - first));
        }
    }

    fn push(&mut self, part: usize, numbers: Range<u32>) {
        if self.of_part.len() <= part {
            self.of_part.resize_with(part + 1, Vec::new);
        }
        if numbers.is_empty() {
            return;
        }
        let run = Run {
            first: self.len(),
            part,
            number: numbers.start,
            len: numbers.end - numbers.start,
        };
        self.runs.push(run);
        self.of_part[part].push(run);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All numbers of `numbers` as (file, number there), checked in both directions.
    fn all(numbers: &Numbers) -> Vec<(usize, u32)> {
        let places: Vec<(usize, u32)> = (0..numbers.len())
            .map(|n| numbers.locate(AdvisoryIx(n)).unwrap())
            .collect();
        for (n, &(part, number)) in places.iter().enumerate() {
            assert_eq!(numbers.number(part, number), Some(AdvisoryIx(n as u32)));
        }
        assert_eq!(numbers.locate(AdvisoryIx(numbers.len())), None);
        places
    }

    #[test]
    fn runs_are_cut_where_others_stand_between_or_in_place() {
        let (three, two) = (Numbers::of_one(3), Numbers::of_one(2));
        let cuts = [Cut::Before(1), Cut::Hidden(1), Cut::Before(3)];
        let over = three.overlaid(&two, &cuts);
        assert_eq!(all(&over), [(0, 0), (1, 0), (0, 2), (1, 1)]);
        assert_eq!(over.number(0, 1), None);
        let again = over.overlaid(&Numbers::of_one(1), &[Cut::Hidden(0), Cut::Before(2)]);
        assert_eq!(all(&again), [(1, 0), (2, 0), (0, 2), (1, 1)]);
    }

    #[test]
    fn none_over_none_is_none() {
        let none = Numbers::of_one(0);
        assert!(all(&none.overlaid(&none, &[])).is_empty());
        assert_eq!(none.number(0, 0), None);
    }
}
