//! Batch forms: one answer a line, for every line (blank ones and those that are no UTF-8 too), flushed per block read.

use std::io::{self, Read, Write};

/// Longer lines are answered with an error, so that input without line ends cannot fill the memory.
const LINE_BYTES: base::Limit = base::Limit::new("batch-line-bytes", 1 << 20);

/// Reads lines and writes `answer(line)` for each. A CR before the LF is ignored, as is the last LF of the input.
pub(crate) fn answer_lines(
    mut input: impl Read,
    mut output: impl Write,
    answer: impl Fn(&str) -> String,
) -> io::Result<()> {
    let mut block = vec![0; 1 << 16];
    let mut line: Vec<u8> = Vec::new();
    let mut answers = String::new();
    loop {
        let count = match input.read(&mut block) {
            Ok(count) => count,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        if count == 0 {
            break;
        }
        for piece in block[..count].split_inclusive(|b| *b == b'\n') {
            let (text, is_whole) = match piece.split_last() {
                Some((b'\n', text)) => (text, true),
                _ => (piece, false),
            };
            // One byte over the limit is enough to know that it is over.
            let room = (LINE_BYTES.max as usize + 1).saturating_sub(line.len());
            line.extend_from_slice(&text[..text.len().min(room)]);
            if is_whole {
                push_answer(&mut answers, &line, &answer);
                line.clear();
            }
        }
        output.write_all(answers.as_bytes())?;
        output.flush()?;
        answers.clear();
    }
    if !line.is_empty() {
        push_answer(&mut answers, &line, &answer);
        output.write_all(answers.as_bytes())?;
    }
    output.flush()
}

fn push_answer(answers: &mut String, line: &[u8], answer: &impl Fn(&str) -> String) {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if LINE_BYTES.is_exceeded_by(line.len() as u64) {
        answers.push_str(&error(format!("the line is too long (limit {LINE_BYTES})")));
    } else {
        match std::str::from_utf8(line) {
            Ok(text) => answers.push_str(&answer(text)),
            Err(_) => answers.push_str(&error("the line is not UTF-8")),
        }
    }
    answers.push('\n');
}

/// An error as a batch answer: one line, safe to print.
pub(crate) fn error(what: impl std::fmt::Display) -> String {
    let text = what.to_string();
    format!(
        "error: {}",
        drawing::escape::printable(&text).replace('\n', " ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &[u8], expected: &str) {
        let mut output = Vec::new();
        answer_lines(input, &mut output, |line| format!("[{line}]")).unwrap();
        assert_eq!(String::from_utf8(output).unwrap(), expected);
    }

    #[test]
    fn every_line_has_an_answer() {
        check(b"a\nb\r\n\nc", "[a]\n[b]\n[]\n[c]\n");
        check(b"", "");
        check(b"\n", "[]\n");
    }

    #[test]
    fn bytes_that_are_no_text_are_answered_with_an_error() {
        check(b"\xff\na\n", "error: the line is not UTF-8\n[a]\n");
    }

    #[test]
    fn an_endless_line_does_not_fill_the_memory() {
        let long = vec![b'x'; (LINE_BYTES.max + 10) as usize];
        check(
            &long,
            &format!("error: the line is too long (limit {LINE_BYTES})\n"),
        );
    }

    #[test]
    fn a_line_across_two_blocks_is_one_line() {
        let mut input = vec![b'a'; (1 << 16) - 1];
        input.extend_from_slice(b"bc\nd\n");
        let expected = format!(
            "[{}]\n[d]\n",
            String::from_utf8_lossy(&input[..(1 << 16) + 1])
        );
        check(&input, &expected);
    }
}
