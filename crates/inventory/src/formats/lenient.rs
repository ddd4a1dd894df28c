//! JSON read the tolerant way: a value of the wrong type is skipped, never the end of the document.
//!
//! Everything streams; nothing is built that is not wanted. serde_json's recursion limit of 128 stays on.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use base::Limit;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A string, or `None` for anything else; numbers and booleans count as the text they are written with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Text<'a>(pub(crate) Option<Cow<'a, str>>);

impl Text<'_> {
    /// The text without surrounding space, unless it is empty.
    pub(crate) fn get(&self) -> Option<&str> {
        self.0.as_deref().map(str::trim).filter(|t| !t.is_empty())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }
            fn visit_borrowed_str<E>(self, v: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Some(Cow::Borrowed(v))))
            }
            fn visit_str<E>(self, v: &str) -> Result<Text<'de>, E> {
                Ok(Text(Some(Cow::Owned(v.to_owned()))))
            }
            fn visit_u64<E>(self, v: u64) -> Result<Text<'de>, E> {
                Ok(Text(Some(v.to_string().into())))
            }
            fn visit_i64<E>(self, v: i64) -> Result<Text<'de>, E> {
                Ok(Text(Some(v.to_string().into())))
            }
            fn visit_f64<E>(self, v: f64) -> Result<Text<'de>, E> {
                Ok(Text(Some(v.to_string().into())))
            }
            fn visit_bool<E>(self, v: bool) -> Result<Text<'de>, E> {
                Ok(Text(Some(v.to_string().into())))
            }
            fn visit_unit<E>(self) -> Result<Text<'de>, E> {
                Ok(Text(None))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Text<'de>, A::Error> {
                skip_list(seq).map(|_| Text(None))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Text<'de>, A::Error> {
                skip_object(map).map(|()| Text(None))
            }
        }
        deserializer.deserialize_any(TextVisitor)
    }
}

/// An object as `T`, or `None` for anything else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Object<T>(pub(crate) Option<T>);

impl<T> Default for Object<T> {
    fn default() -> Self {
        Self(None)
    }
}

/// The most members kept of one list: an empty object costs three bytes in the file and a hundred times that in memory.
/// It lies above the limits of formats that count for themselves, so that those are reached first.
pub(crate) const LIST_MEMBERS: Limit = Limit::new("list-members", 600_000);

/// A list of objects; members of the wrong type are left out, and one object where a list belongs is a list of one. With it, how
/// many members over [`LIST_MEMBERS`] were left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct List<T>(pub(crate) Vec<T>, pub(crate) u64);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new(), 0)
    }
}

/// A list of strings; one string where a list belongs is a list of one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Texts<'a>(pub(crate) Vec<Text<'a>>);

impl<'de: 'a, 'a> Deserialize<'de> for Texts<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextsVisitor;
        impl<'de> Visitor<'de> for TextsVisitor {
            type Value = Texts<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }
            fn visit_borrowed_str<E>(self, v: &'de str) -> Result<Texts<'de>, E> {
                Ok(Texts(vec![Text(Some(Cow::Borrowed(v)))]))
            }
            fn visit_str<E>(self, v: &str) -> Result<Texts<'de>, E> {
                Ok(Texts(vec![Text(Some(Cow::Owned(v.to_owned())))]))
            }
            fn visit_u64<E>(self, _: u64) -> Result<Texts<'de>, E> {
                Ok(Texts::default())
            }
            fn visit_i64<E>(self, _: i64) -> Result<Texts<'de>, E> {
                Ok(Texts::default())
            }
            fn visit_f64<E>(self, _: f64) -> Result<Texts<'de>, E> {
                Ok(Texts::default())
            }
            fn visit_bool<E>(self, _: bool) -> Result<Texts<'de>, E> {
                Ok(Texts::default())
            }
            fn visit_unit<E>(self) -> Result<Texts<'de>, E> {
                Ok(Texts::default())
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Texts<'de>, A::Error> {
                let mut texts = Vec::new();
                while let Some(text) = seq.next_element()? {
                    texts.push(text);
                }
                Ok(Texts(texts))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Texts<'de>, A::Error> {
                skip_object(map).map(|()| Texts::default())
            }
        }
        deserializer.deserialize_any(TextsVisitor)
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

macro_rules! wrong_scalars {
    ($value:ty, $empty:expr) => {
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("anything")
        }
        fn visit_str<E>(self, _: &str) -> Result<$value, E> {
            Ok($empty)
        }
        fn visit_u64<E>(self, _: u64) -> Result<$value, E> {
            Ok($empty)
        }
        fn visit_i64<E>(self, _: i64) -> Result<$value, E> {
            Ok($empty)
        }
        fn visit_f64<E>(self, _: f64) -> Result<$value, E> {
            Ok($empty)
        }
        fn visit_bool<E>(self, _: bool) -> Result<$value, E> {
            Ok($empty)
        }
        fn visit_unit<E>(self) -> Result<$value, E> {
            Ok($empty)
        }
    };
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Object<T>;

    wrong_scalars!(Object<T>, Object(None));

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Object<T>, A::Error> {
        skip_list(seq).map(|_| Object(None))
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|t| Object(Some(t)))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ObjectVisitor(PhantomData))
    }
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
    type Value = List<T>;

    wrong_scalars!(List<T>, List::default());

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<List<T>, A::Error> {
        let mut list = Vec::new();
        while !LIST_MEMBERS.is_exceeded_by(list.len() as u64 + 1) {
            match seq.next_element()? {
                Some(Object(member)) => list.extend(member),
                None => return Ok(List(list, 0)),
            }
        }
        skip_list(seq).map(|left_out| List(list, left_out))
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<List<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|t| List(vec![t], 0))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListVisitor(PhantomData))
    }
}

/// Passes over what is left of a list; how many members that were.
fn skip_list<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<u64, A::Error> {
    let mut skipped = 0;
    while seq.next_element::<IgnoredAny>()?.is_some() {
        skipped += 1;
    }
    Ok(skipped)
}

fn skip_object<'de, A: MapAccess<'de>>(mut map: A) -> Result<(), A::Error> {
    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(default)]
    struct Thing<'a> {
        #[serde(borrow)]
        name: Text<'a>,
        #[serde(borrow)]
        parts: List<Self>,
    }

    fn names(json: &str) -> Vec<String> {
        let thing: Thing<'_> = serde_json::from_str(json).unwrap();
        let name = |t: &Thing<'_>| t.name.get().unwrap_or("-").to_owned();
        std::iter::once(name(&thing))
            .chain(thing.parts.0.iter().map(name))
            .collect()
    }

    #[test]
    fn a_wrong_type_is_skipped_and_its_neighbours_are_kept() {
        assert_eq!(
            names(
                r#"{"name":"a","parts":[{"name":"b"},7,"x",null,[1],{"name":["c"]},{"name":1.5}]}"#
            ),
            ["a", "b", "-", "1.5"]
        );
        assert_eq!(
            names(r#"{"name":{"x":[{}]},"parts":{"name":true}}"#),
            ["-", "true"]
        );
        for other in ["1", "-1", "1.5", "true", "null", "\"x\""] {
            assert_eq!(names(&format!(r#"{{"parts":{other}}}"#)), ["-"]);
        }
    }
}
