//! The members of a request's body, asked of the type that it is read as: a type tells the format what its structs are made
//! of. So a member that is new stands in the matrix before anybody thinks of it.

use std::cell::Cell;

use serde::{
    Deserializer,
    de::{
        DeserializeOwned, DeserializeSeed, Error as _, IntoDeserializer, MapAccess, SeqAccess, Visitor,
        value::{Error, StrDeserializer},
    },
    forward_to_deserialize_any,
};

type Names = &'static [&'static str];

/// Every member, with those of members behind a dot (`intents.buttons`); of a list those of its items.
pub fn members<T: DeserializeOwned>() -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut open: Vec<Vec<&'static str>> = vec![Vec::new()];
    while let Some(path) = open.pop() {
        let names = Cell::new(&[] as Names);
        let read = T::deserialize(Looking { path: &path, names: &names });
        assert!(read.is_err(), "nothing was given that could be read");
        for name in names.get() {
            let member: Vec<&'static str> = path.iter().chain([name]).copied().collect();
            found.push(member.join("."));
            open.push(member);
        }
    }
    found.sort();
    found
}

/// Goes down this path and notes which members the struct at its end has; nothing where something else is.
#[derive(Clone, Copy)]
struct Looking<'a> {
    path: &'a [&'static str],
    names: &'a Cell<Names>,
}

impl<'de> Deserializer<'de> for Looking<'_> {
    type Error = Error;

    fn deserialize_struct<V: Visitor<'de>>(self, _: &'static str, names: Names, visitor: V) -> Result<V::Value, Error> {
        match self.path.split_first() {
            None => {
                self.names.set(names);
                Err(Error::custom("the end of the path"))
            }
            Some((first, path)) => visitor.visit_map(One { name: Some(first), of: Looking { path, ..self } }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(One { name: None, of: self })
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("no struct"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf unit unit_struct tuple tuple_struct map enum
        identifier ignored_any
    }
}

/// A struct with one member, or a list with one item.
struct One<'a> {
    name: Option<&'static str>,
    of: Looking<'a>,
}

impl<'de> MapAccess<'de> for One<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let name: Option<StrDeserializer<'_, Error>> = self.name.take().map(IntoDeserializer::into_deserializer);
        name.map(|name| seed.deserialize(name)).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        seed.deserialize(self.of)
    }
}

impl<'de> SeqAccess<'de> for One<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        seed.deserialize(self.of).map(Some)
    }
}
