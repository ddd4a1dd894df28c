//! Values as both databases have them: whole numbers, texts, bytes, nothing. Moments are whole microseconds since 1970, as a
//! number, so that they sort.

use base::Digest;
use jiff::Timestamp;

use crate::error::{Result, StoreError};

/// One value of a row or a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Int(i64),
    Text(String),
    Blob(Vec<u8>),
}

/// The types of columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Int,
    Text,
    Blob,
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Int(number.into())
    }
}

/// Sequences and sizes; they stay far below 2^63.
impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Int(flag.into())
    }
}

/// A text as a store keeps it: PostgreSQL has no NUL in texts, so both keep its picture (U+2400) instead.
pub(crate) fn kept_text(text: &str) -> String {
    text.replace('\0', "\u{2400}")
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(kept_text(text))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        match text.contains('\0') {
            true => text.as_str().into(),
            false => Self::Text(text),
        }
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Blob(bytes)
    }
}

impl From<Digest> for Value {
    fn from(digest: Digest) -> Self {
        Self::Blob(digest.0.to_vec())
    }
}

/// Whole microseconds; what is finer is dropped.
impl From<Timestamp> for Value {
    fn from(moment: Timestamp) -> Self {
        Self::Int(microseconds(moment))
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Since 1970, rounded down.
fn microseconds(moment: Timestamp) -> i64 {
    let whole = moment.as_microsecond();
    let is_early = moment.as_nanosecond() < i128::from(whole) * 1000;
    whole - i64::from(is_early)
}

/// A moment as a store keeps it: whole microseconds, rounded down.
pub fn kept_moment(moment: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(microseconds(moment)).unwrap_or(Timestamp::MIN)
}

/// A row of an answer, and whose it is for the messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row(pub(crate) Vec<Value>);

impl Row {
    fn wrong<T>(&self, at: usize, expected: &str) -> Result<T> {
        let found = self.0.get(at);
        Err(StoreError::damaged(
            "a row",
            format!("column {at} should be {expected} and is {found:?}"),
        ))
    }

    pub(crate) fn int(&self, at: usize) -> Result<i64> {
        match self.0.get(at) {
            Some(Value::Int(number)) => Ok(*number),
            _ => self.wrong(at, "a number"),
        }
    }

    pub(crate) fn sequence(&self, at: usize) -> Result<u64> {
        u64::try_from(self.int(at)?).or_else(|_| self.wrong(at, "a sequence"))
    }

    pub(crate) fn id(&self, at: usize) -> Result<u32> {
        u32::try_from(self.int(at)?).or_else(|_| self.wrong(at, "an id"))
    }

    pub(crate) fn flag(&self, at: usize) -> Result<bool> {
        Ok(self.int(at)? != 0)
    }

    pub(crate) fn text(&self, at: usize) -> Result<String> {
        match self.0.get(at) {
            Some(Value::Text(text)) => Ok(text.clone()),
            _ => self.wrong(at, "a text"),
        }
    }

    pub(crate) fn blob(&self, at: usize) -> Result<&[u8]> {
        match self.0.get(at) {
            Some(Value::Blob(bytes)) => Ok(bytes),
            _ => self.wrong(at, "bytes"),
        }
    }

    pub(crate) fn digest(&self, at: usize) -> Result<Digest> {
        let bytes: std::result::Result<[u8; 32], _> = self.blob(at)?.try_into();
        bytes.map(Digest).or_else(|_| self.wrong(at, "a SHA-256"))
    }

    pub(crate) fn moment(&self, at: usize) -> Result<Timestamp> {
        let moment = Timestamp::from_microsecond(self.int(at)?);
        moment.or_else(|_| self.wrong(at, "a moment"))
    }

    /// The value, if there is one.
    pub(crate) fn opt<T>(
        &self,
        at: usize,
        read: impl Fn(&Self, usize) -> Result<T>,
    ) -> Result<Option<T>> {
        match self.0.get(at) {
            Some(Value::Null) => Ok(None),
            _ => read(self, at).map(Some),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let moment: Timestamp = text.parse().unwrap();
        assert_eq!(kept_moment(moment).to_string(), expected);
    }

    #[test]
    fn moments_are_rounded_down() {
        check(
            "2026-11-24T08:00:00.123456789Z",
            "2026-11-24T08:00:00.123456Z",
        );
        check(
            "1969-12-31T23:59:59.9999999Z",
            "1969-12-31T23:59:59.999999Z",
        );
        check("2026-11-24T08:00:00Z", "2026-11-24T08:00:00Z");
    }

    #[test]
    fn another_type_than_expected_is_damage_and_no_panic() {
        let row = Row(vec![
            Value::Text("x".to_owned()),
            Value::Int(-1),
            Value::Null,
        ]);
        assert!(row.int(0).is_err());
        assert!(row.sequence(1).is_err());
        assert!(row.text(7).is_err());
        assert!(matches!(row.opt(2, Row::int), Ok(None)));
    }
}
