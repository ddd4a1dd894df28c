//! Lines out of blocks of bytes. A line may be cut anywhere, and one that is too long is passed over to its end.

use base::Limit;

/// The longest line of a host.
pub const LINE_BYTES: Limit = Limit::new("host-line-bytes", 32 << 20);

/// What is left of the blocks so far: the begin of a line.
#[derive(Debug, Default)]
pub(super) struct Lines {
    begun: Vec<u8>,
    /// The begun line is too long, so that its rest is passed over.
    is_over: bool,
    number: u64,
}

/// A line with its number, or the number of one that was too long.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    Whole(u64, Vec<u8>),
    TooLong(u64),
}

impl Lines {
    /// The lines that end in this block, without blank ones.
    pub(super) fn feed(&mut self, block: &[u8]) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut parts = block.split(|b| *b == b'\n').peekable();
        while let Some(part) = parts.next() {
            self.add(part);
            if parts.peek().is_some() {
                lines.extend(self.end());
            }
        }
        lines
    }

    /// The last line, where no line end follows it.
    pub(super) fn finish(mut self) -> Option<Line> {
        self.end()
    }

    fn add(&mut self, part: &[u8]) {
        let length = (self.begun.len() + part.len()) as u64;
        if self.is_over || LINE_BYTES.is_exceeded_by(length) {
            self.is_over = true;
            self.begun = Vec::new();
        } else {
            self.begun.extend_from_slice(part);
        }
    }

    fn end(&mut self) -> Option<Line> {
        self.number += 1;
        if std::mem::take(&mut self.is_over) {
            return Some(Line::TooLong(self.number));
        }
        let line = std::mem::take(&mut self.begun);
        let is_blank = line.trim_ascii().is_empty();
        (!is_blank).then_some(Line::Whole(self.number, line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(blocks: &[&[u8]]) -> Vec<Line> {
        let mut lines = Lines::default();
        let mut found: Vec<Line> = blocks.iter().flat_map(|block| lines.feed(block)).collect();
        found.extend(lines.finish());
        found
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over() {
        let long = vec![b'x'; (LINE_BYTES.max + 1) as usize];
        let blocks: [&[u8]; 4] = [b"a\n", &long, b"xx", b"\nb"];
        let expected = [
            Line::Whole(1, b"a".to_vec()),
            Line::TooLong(2),
            Line::Whole(3, b"b".to_vec()),
        ];
        assert_eq!(all(&blocks), expected);
    }

    proptest! {
        #[test]
        fn where_blocks_are_cut_makes_no_difference(text in "[ab\n\r ]{0,60}", cuts in prop::collection::vec(0_usize..60, 0..5)) {
            let mut cuts: Vec<usize> = cuts.into_iter().map(|at| at.min(text.len())).collect();
            cuts.sort_unstable();
            let mut blocks = Vec::new();
            let mut from = 0;
            for at in cuts {
                blocks.push(&text.as_bytes()[from..at]);
                from = at;
            }
            blocks.push(&text.as_bytes()[from..]);
            let numbered = (1..).zip(text.split('\n')).filter(|(_, line)| !line.trim().is_empty());
            let expected: Vec<Line> = numbered.map(|(n, line)| Line::Whole(n, line.as_bytes().to_vec())).collect();
            prop_assert_eq!(all(&blocks), expected);
        }
    }
}
