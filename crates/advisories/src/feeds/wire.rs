//! The tolerant pieces that wire structs of JSON feeds are made of: every optional field may hold any JSON kind.
//!
//! A derived `Deserialize` refuses a whole record for one wrong type or one repeated key, and feeds have both. Here a value
//! of another kind than expected is read past and counts as absent, a lone value where a list is expected is a list of one,
//! and the last of a repeated key counts, as in every common JSON library. Texts are borrowed from the document where they
//! hold no escape. Only JSON that breaks the grammar (RFC 8259) is an error. Unknown keys are skipped by `serde_json`
//! without recursion, known ones keep its recursion limit of 128. Memory follows the document: empty objects where records
//! are expected cost most, some thirty times their bytes, so the caller's limit on a document bounds it.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use base::Limit;
use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer, StrDeserializer};
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;

/// The most elements kept of one JSON list inside a record.
pub(super) const LIST_MAX: Limit = Limit::new("feed-list-elements", 200_000);

/// Declares a wire struct: `"key" => field: Type,`. Every field type has a `Default`, which is what an absent key gives.
macro_rules! wire {
    ($(#[$doc:meta])* $vis:vis struct $name:ident<$life:lifetime> { $($key:literal => $field:ident: $ty:ty,)+ }) => {
        $(#[$doc])*
        #[derive(Default)]
        $vis struct $name<$life> { $($field: $ty,)+ }

        impl<$life> $crate::feeds::wire::Object<$life> for $name<$life> {
            fn read<A: serde::de::MapAccess<$life>>(&mut self, key: &str, map: &mut A) -> Result<u32, A::Error> {
                let mut bit = 1_u32;
                $(
                    if key == $key {
                        self.$field = map.next_value()?;
                        return Ok(bit);
                    }
                    bit = bit.wrapping_shl(1);
                )+
                let _ = bit;
                map.next_value::<serde::de::IgnoredAny>()?;
                Ok(0)
            }
        }
    };
}
pub(super) use wire;

/// A wire struct, filled key by key.
pub(super) trait Object<'de>: Default {
    /// Reads the value of one key. Gives the bit of the field, 0 for a key nobody asked for.
    fn read<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<u32, A::Error>;
}

/// An object, or the default where the JSON holds something else.
#[derive(Default)]
pub(super) struct Lenient<T> {
    /// The fields.
    pub(super) value: T,
    /// Whether a known key came twice.
    pub(super) repeated: bool,
}

/// A text; a number as written, anything else empty.
#[derive(Clone, Default)]
pub(super) struct Text<'a>(pub(super) Cow<'a, str>);

/// A truth value, also as the text `true` or `false`; `None` for anything else.
#[derive(Clone, Copy, Default)]
pub(super) struct Truth(pub(super) Option<bool>);

/// A list; `cut` when elements over [`LIST_MAX`] were dropped.
pub(super) struct List<T> {
    /// The elements.
    pub(super) items: Vec<T>,
    /// Whether there were more.
    pub(super) cut: bool,
}

/// A value kept as JSON text, to be read only if it is needed.
#[derive(Clone, Copy, Default)]
pub(super) struct Raw<'a>(Option<&'a RawValue>);

impl Text<'_> {
    /// Without surrounding blanks.
    pub(super) fn trimmed(&self) -> &str {
        self.0.trim()
    }

    /// Trimmed and owned; `None` when empty.
    pub(super) fn owned(&self) -> Option<String> {
        Some(self.trimmed())
            .filter(|t| !t.is_empty())
            .map(str::to_owned)
    }
}

impl List<Text<'_>> {
    /// The elements that are not empty, trimmed and owned.
    pub(super) fn owned(&self) -> Vec<String> {
        self.items.iter().filter_map(Text::owned).collect()
    }
}

impl<'a> Raw<'a> {
    /// The text, if the value is one.
    pub(super) fn text(self) -> Text<'a> {
        self.0
            .and_then(|raw| serde_json::from_str(raw.get()).ok())
            .unwrap_or_default()
    }
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            cut: false,
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Raw<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&RawValue>::deserialize(deserializer).map(|raw| Self(Some(raw)))
    }
}

impl<'de, T: Object<'de>> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ObjectVisitor(PhantomData))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

impl<'de> Deserialize<'de> for Truth {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Raw::deserialize(deserializer)?;
        let text = raw.0.map(RawValue::get).unwrap_or_default();
        Ok(Self(match text.trim_matches('"') {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListVisitor(PhantomData))
    }
}

/// The scalars a visitor has no use for.
macro_rules! scalars_are_default {
    () => {
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
    };
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Object<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Lenient<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Lenient<T>, A::Error> {
        let mut object: Lenient<T> = Lenient::default();
        let mut seen = 0;
        while let Some(key) = map.next_key::<Text<'de>>()? {
            let bit = object.value.read(&key.0, &mut map)?;
            object.repeated |= seen & bit != 0;
            seen |= bit;
        }
        Ok(object)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Lenient<T>, A::Error> {
        drain(seq)?;
        Ok(Lenient::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<Lenient<T>, E> {
        Ok(Lenient::default())
    }

    scalars_are_default!();
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Owned(text.to_owned())))
    }

    fn visit_string<E>(self, text: String) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Owned(text)))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Text<'de>, E> {
        Ok(Text::default())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Owned(value.to_string())))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Owned(value.to_string())))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Owned(value.to_string())))
    }

    fn visit_unit<E>(self) -> Result<Text<'de>, E> {
        Ok(Text::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Text<'de>, A::Error> {
        drain(seq)?;
        Ok(Text::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text<'de>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Text::default())
    }
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
    type Value = List<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<List<T>, A::Error> {
        let mut list = List::default();
        while !LIST_MAX.is_exceeded_by(list.items.len() as u64 + 1) {
            match seq.next_element()? {
                Some(item) => list.items.push(item),
                None => return Ok(list),
            }
        }
        list.cut = drain(seq)?;
        Ok(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<List<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(List::one)
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<List<T>, E> {
        T::deserialize(BorrowedStrDeserializer::new(text)).map(List::one)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<List<T>, E> {
        T::deserialize(StrDeserializer::new(text)).map(List::one)
    }

    scalars_are_default!();
}

impl<T> List<T> {
    fn one(item: T) -> Self {
        Self {
            items: vec![item],
            cut: false,
        }
    }
}

/// Reads past the rest of a list; whether there was any.
fn drain<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<bool, A::Error> {
    let mut any = false;
    while seq.next_element::<IgnoredAny>()?.is_some() {
        any = true;
    }
    Ok(any)
}

/// What a document holds, handed over as it is read, so that what comes before a break in the JSON is kept.
pub(super) enum Item<'a, T> {
    /// A scalar beside the list, by key.
    Header(Cow<'a, str>, Text<'a>),
    /// One record.
    Record(Lenient<T>),
}

/// Where and why a text stopped being JSON.
pub(super) struct Broken {
    /// The 1-based line.
    pub(super) line: u64,
    /// The parser's message.
    pub(super) why: String,
}

/// Reads every record of a JSON text: one object, a list of objects, several of either one after the other, or (with
/// `under`) an object that holds the list under that key.
pub(super) fn each<'de, T: Object<'de>>(
    text: &'de str,
    under: Option<&str>,
    sink: &mut dyn FnMut(Item<'de, T>),
) -> Result<(), Broken> {
    let mut rest = text;
    loop {
        let mut deserializer = serde_json::Deserializer::from_str(rest);
        let walk = Walk {
            under,
            sink: &mut *sink,
            object: PhantomData,
        };
        walk.deserialize(&mut deserializer).map_err(|e| {
            let before = &text[..text.len() - rest.len()];
            Broken {
                line: before.bytes().filter(|b| *b == b'\n').count() as u64 + e.line() as u64,
                why: e.to_string(),
            }
        })?;
        // Asking the deserializer whether it is at its end costs a count of all lines so far; its offset is free.
        let read = deserializer.into_iter::<IgnoredAny>().byte_offset();
        rest = rest.get(read..).unwrap_or_default().trim_ascii_start();
        if rest.is_empty() {
            return Ok(());
        }
    }
}

struct Walk<'w, 'de, T> {
    under: Option<&'w str>,
    sink: &'w mut dyn FnMut(Item<'de, T>),
    object: PhantomData<T>,
}

impl<'de, T: Object<'de>> DeserializeSeed<'de> for Walk<'_, 'de, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Object<'de>> Visitor<'de> for Walk<'_, 'de, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or a list of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(record) = seq.next_element()? {
            (self.sink)(Item::Record(record));
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some(under) = self.under else {
            let record = Lenient::deserialize(MapAccessDeserializer::new(map))?;
            (self.sink)(Item::Record(record));
            return Ok(());
        };
        while let Some(key) = map.next_key::<Text<'de>>()? {
            if key.0 == under {
                map.next_value_seed(Walk {
                    under: None,
                    sink: &mut *self.sink,
                    object: self.object,
                })?;
            } else {
                (self.sink)(Item::Header(key.0, map.next_value()?));
            }
        }
        Ok(())
    }

    scalars_are_default!();

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
}
