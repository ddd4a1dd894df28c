//! The text of a list: spreadsheets and PowerShell write UTF-16 and Windows-1252 where one expects UTF-8.

use std::borrow::Cow;

use base::Note;

use super::notes::Notes;

/// The text, with lines that end in `\n`. Bytes that are no UTF-8 are read as Windows-1252, in which every byte has a meaning
/// (Encoding Standard, <https://encoding.spec.whatwg.org/#windows-1252>).
pub(super) fn decode<'b>(bytes: &'b [u8], notes: &mut Notes) -> Cow<'b, str> {
    let text = match encoding_rs::Encoding::for_bom(bytes) {
        Some((encoding, length)) => {
            let (text, has_errors) = encoding.decode_without_bom_handling(&bytes[length..]);
            if has_errors {
                notes.push(Note::warning(format!(
                    "broken characters of {} were replaced",
                    encoding.name()
                )));
            }
            text
        }
        None => match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => {
                notes.push(Note::info(
                    "the text is no UTF-8 and was read as Windows-1252",
                ));
                encoding_rs::WINDOWS_1252
                    .decode_without_bom_handling(bytes)
                    .0
            }
        },
    };
    match text.contains('\r') {
        true => Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")),
        false => text,
    }
}
