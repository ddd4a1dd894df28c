//! JSON read so that a broken end does not lose the beginning: the entries of chosen members are handed out one by one
//! as they are met, as pieces of the text (which also tells their line).

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// A value of another type than expected (null, a string) holds nothing.
macro_rules! no_scalars {
    () => {
        fn visit_unit<E>(self) -> Result<(), E> {
            Ok(())
        }

        fn visit_bool<E>(self, _: bool) -> Result<(), E> {
            Ok(())
        }

        fn visit_i64<E>(self, _: i64) -> Result<(), E> {
            Ok(())
        }

        fn visit_u64<E>(self, _: u64) -> Result<(), E> {
            Ok(())
        }

        fn visit_f64<E>(self, _: f64) -> Result<(), E> {
            Ok(())
        }

        fn visit_str<E>(self, _: &str) -> Result<(), E> {
            Ok(())
        }
    };
}

/// One entry of a list (object or array) at the top of the document.
pub(super) struct Entry<'a> {
    /// The member of the document it is in; empty for a member of the document itself.
    pub(super) list: &'static str,
    /// Its key, empty in an array.
    pub(super) key: String,
    /// Its value, a piece of the text.
    pub(super) value: &'a RawValue,
}

/// Hands out the entries of the named lists, and every other member of the document as an entry of the list `""`.
/// An error comes after what stands before it was handed out.
pub(super) fn entries<'a>(
    text: &'a str,
    lists: &'static [&'static str],
    mut each: impl FnMut(Entry<'a>),
) -> Result<(), serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(text);
    reader.deserialize_map(Document {
        lists,
        each: &mut each,
    })?;
    reader.end()
}

/// The same for a document that is itself a list: its items are the entries of a list of the given name.
pub(super) fn items<'a>(
    text: &'a str,
    list: &'static str,
    mut each: impl FnMut(Entry<'a>),
) -> Result<(), serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(text);
    reader.deserialize_seq(List {
        list,
        each: &mut each,
    })?;
    reader.end()
}

/// Which member of an object leads on.
pub(super) enum Step {
    /// The one of this name.
    Member(&'static str),
    /// Every one but that of this name.
    AllBut(&'static str),
    /// Every one.
    All,
}

/// Hands out the entries at the end of a way from the document down, one by one as [`entries`] does.
pub(super) fn entries_along<'a>(
    text: &'a str,
    way: &'static [Step],
    mut each: impl FnMut(Entry<'a>),
) -> Result<(), serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let along = Along {
        way,
        each: &mut each,
    };
    along.deserialize(&mut reader)?;
    reader.end()
}

struct Along<'s, 'a> {
    way: &'static [Step],
    each: Each<'s, 'a>,
}

impl<'a> DeserializeSeed<'a> for Along<'_, 'a> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'a>>(self, reader: D) -> Result<(), D::Error> {
        match self.way {
            [] => reader.deserialize_any(List {
                list: "",
                each: self.each,
            }),
            [step, way @ ..] => reader.deserialize_any(Steps {
                step,
                way,
                each: self.each,
            }),
        }
    }
}

/// An object on the way; anything else on it is its end.
struct Steps<'s, 'a> {
    step: &'static Step,
    way: &'static [Step],
    each: Each<'s, 'a>,
}

impl<'a> Visitor<'a> for Steps<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(key) = members.next_key::<String>()? {
            let leads_on = match self.step {
                Step::Member(name) => *name == key,
                Step::AllBut(name) => *name != key,
                Step::All => true,
            };
            if leads_on {
                members.next_value_seed(Along {
                    way: self.way,
                    each: self.each,
                })?;
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    no_scalars!();
}

type Each<'s, 'a> = &'s mut dyn FnMut(Entry<'a>);

struct Document<'s, 'a> {
    lists: &'static [&'static str],
    each: Each<'s, 'a>,
}

impl<'a> Visitor<'a> for Document<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(key) = members.next_key::<String>()? {
            match self.lists.iter().find(|list| **list == key) {
                Some(list) => members.next_value_seed(List {
                    list,
                    each: self.each,
                })?,
                None => {
                    let value = members.next_value::<&RawValue>()?;
                    (self.each)(Entry {
                        list: "",
                        key,
                        value,
                    });
                }
            }
        }
        Ok(())
    }
}

struct List<'s, 'a> {
    list: &'static str,
    each: Each<'s, 'a>,
}

impl<'a> DeserializeSeed<'a> for List<'_, 'a> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'a>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

/// A list of another type than expected (null, a string) is an empty one.
impl<'a> Visitor<'a> for List<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some((key, value)) = members.next_entry::<String, &RawValue>()? {
            let list = self.list;
            (self.each)(Entry { list, key, value });
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut items: A) -> Result<(), A::Error> {
        while let Some(value) = items.next_element::<&RawValue>()? {
            let (list, key) = (self.list, String::new());
            (self.each)(Entry { list, key, value });
        }
        Ok(())
    }

    no_scalars!();
}

/// The members of one object, each still a piece of the text. Anything but an object has none.
pub(super) struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'a> Members<'a> {
    pub(super) fn of(value: &'a RawValue) -> Self {
        let mut members = Vec::new();
        let keep = |entry: Entry<'a>| members.push((entry.key, entry.value));
        match entries(value.get(), &[], keep) {
            Ok(()) | Err(_) => Self(members),
        }
    }

    /// The value of a member, the last one where a key is repeated.
    pub(super) fn value(&self, key: &str) -> Option<&'a RawValue> {
        self.0
            .iter()
            .rev()
            .find(|(name, _)| name == key)
            .map(|(_, value)| *value)
    }

    /// A member that is a string.
    pub(super) fn string(&self, key: &str) -> Option<String> {
        serde_json::from_str(self.value(key)?.get()).ok()
    }

    /// Whether a member is `true`.
    pub(super) fn is_true(&self, key: &str) -> bool {
        self.value(key).is_some_and(|value| value.get() == "true")
    }
}

impl<'a> IntoIterator for Members<'a> {
    type Item = (String, &'a RawValue);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Whether the text is a JSON object with a member of this name at its top, as far as it can be read.
pub(super) fn has_member(text: &str, wanted: &str) -> bool {
    let mut found = false;
    let search = Search {
        wanted,
        found: &mut found,
    };
    // Leaving the object early is an error to the reader, and so is a broken end; what was found counts.
    match serde_json::Deserializer::from_str(text).deserialize_map(search) {
        Ok(()) | Err(_) => found,
    }
}

struct Search<'w, 'f> {
    wanted: &'w str,
    found: &'f mut bool,
}

impl<'a> Visitor<'a> for Search<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(key) = members.next_key::<String>()? {
            if key == self.wanted {
                *self.found = true;
                return Ok(());
            }
            members.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}
