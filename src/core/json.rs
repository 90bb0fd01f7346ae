//! JSON as our own types are read from it: an object's members go by their names.
//!
//! What serde derives for a struct can read a list as well, whose items are the members in their order. Nothing of ours is ever written
//! so, and the code for it would be a tenth of the Worker: here a list is no struct. All the rest is `serde_json`'s.

use std::fmt::{self, Formatter};

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor,
};

/// Reads a value out of a whole text.
///
/// # Errors
/// The text is not JSON, or not of this type.
pub fn from_str<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, serde_json::Error> {
    let mut json = serde_json::Deserializer::from_str(text);
    let value = T::deserialize(Named(&mut json))?;
    json.end()?;
    Ok(value)
}

/// What reads, is read from, or reads a part, all the way down: a struct’s visitor hears of no list.
struct Named<T>(T);

/// The visitor of a struct.
struct Members<V>(V);

macro_rules! as_it_is {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.0.$method(visitor)
        })*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Named<D> {
    type Error = D::Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_struct(name, fields, Members(visitor))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_option(Named(visitor))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_seq(Named(visitor))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(Named(visitor))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_tuple(len, Named(visitor))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_tuple_struct(name, len, Named(visitor))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_newtype_struct(name, Named(visitor))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_enum(name, variants, Named(visitor))
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_unit_struct(name, visitor)
    }

    as_it_is! {
        deserialize_any deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128 deserialize_f32 deserialize_f64
        deserialize_char deserialize_str deserialize_string deserialize_bytes deserialize_byte_buf deserialize_unit
        deserialize_identifier deserialize_ignored_any
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Members<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Named(map))
    }
}

/// Of everything that holds something; what holds nothing has the visitor itself.
impl<'de, V: Visitor<'de>> Visitor<'de> for Named<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_none()
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<V::Value, D::Error> {
        self.0.visit_some(Named(from))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, from: D) -> Result<V::Value, D::Error> {
        self.0.visit_newtype_struct(Named(from))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(Named(seq))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Named(map))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, variant: A) -> Result<V::Value, A::Error> {
        self.0.visit_enum(Named(variant))
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Named<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(Named(from))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Named<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(Named(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Named<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_key_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(Named(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: EnumAccess<'de>> EnumAccess<'de> for Named<A> {
    type Error = A::Error;
    type Variant = Named<A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self::Variant), A::Error> {
        self.0.variant_seed(seed).map(|(name, variant)| (name, Named(variant)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Named<A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.0.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        self.0.newtype_variant_seed(Named(seed))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.0.tuple_variant(len, Named(visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.0.struct_variant(fields, Members(visitor))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Serialize;
    use serde_json::{Value, json};

    use super::*;
    use crate::core::{chance::Chance, id::Entropy};

    #[derive(Debug, PartialEq, Serialize, serde::Deserialize)]
    struct Whole {
        flag: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        number: Option<i64>,
        text: Option<String>,
        kind: Kind,
        tagged: Tagged,
        pair: (u8, Part),
        name: Name,
        parts: Vec<Part>,
        by_name: BTreeMap<Name, Part>,
        nothing: (),
        any: Value,
        within: Option<Box<Whole>>,
    }

    #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize)]
    struct Name(String);

    #[derive(Debug, PartialEq, Serialize, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Part {
        a: f32,
        #[serde(default)]
        b: char,
    }

    #[derive(Debug, PartialEq, Serialize, serde::Deserialize)]
    enum Kind {
        One,
        Of(Part),
        Two(u64, Part),
        Named { part: Part },
    }

    #[derive(Debug, PartialEq, Serialize, serde::Deserialize)]
    #[serde(tag = "kind", rename_all = "snake_case")]
    enum Tagged {
        Small { part: Part },
        Large(Part),
    }

    fn part(chance: &mut Chance) -> Part {
        Part { a: chance.below(9) as f32 / 4.0, b: ['x', '"', '客'][chance.below(3) as usize] }
    }

    fn name(chance: &mut Chance) -> Name {
        Name(["", "a", "b c", "\\ \"\u{1f600}"][chance.below(4) as usize].into())
    }

    fn whole(chance: &mut Chance, depth: u64) -> Whole {
        Whole {
            flag: chance.percent(50),
            number: chance.percent(50).then(|| chance.below(u64::MAX) as i64),
            text: chance.percent(50).then(|| name(chance).0),
            kind: match chance.below(4) {
                0 => Kind::One,
                1 => Kind::Of(part(chance)),
                2 => Kind::Two(chance.below(9), part(chance)),
                _ => Kind::Named { part: part(chance) },
            },
            tagged: match chance.percent(50) {
                true => Tagged::Small { part: part(chance) },
                false => Tagged::Large(part(chance)),
            },
            pair: (chance.below(256) as u8, part(chance)),
            name: name(chance),
            parts: (0..chance.below(4)).map(|_| part(chance)).collect(),
            by_name: (0..chance.below(4)).map(|_| (name(chance), part(chance))).collect(),
            nothing: (),
            any: json!({"a": [1, {"b": null}], "c": chance.below(9)}),
            within: (depth > 0 && chance.percent(70)).then(|| Box::new(whole(chance, depth - 1))),
        }
    }

    /// Reads alike, or neither of them does. Whether it did.
    fn alike(text: &str) -> bool {
        let (ours, theirs) = (from_str::<Whole>(text), serde_json::from_str::<Whole>(text));
        assert_eq!(ours.as_ref().ok(), theirs.as_ref().ok(), "{text}");
        if let (Err(ours), Err(theirs)) = (&ours, &theirs) {
            assert_eq!((ours.classify(), ours.line()), (theirs.classify(), theirs.line()), "{text}: {ours}; {theirs}");
        }
        ours.is_ok()
    }

    #[test]
    fn it_reads_what_serde_json_reads() {
        for seed in 0..200 {
            let chance = &mut Chance::Seed(Entropy::new(seed));
            let whole = whole(chance, 3);
            let text = serde_json::to_string(&whole).unwrap();
            assert_eq!(from_str::<Whole>(&text).unwrap(), whole, "seed {seed}");
            assert!(alike(&format!(" {text} \n")) && !alike(&format!("{text}x")) && !alike(""));
            // Cut off anywhere, or with another character anywhere.
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            for _ in 0..200 {
                let at = places[chance.below(places.len() as u64) as usize];
                let next = text[at..].chars().next().map_or(at, |it| at + it.len_utf8());
                let other = ["", "x", "\"", ",", "}", "]", "{", "0", "null", "\\", " "][chance.below(11) as usize];
                alike(&text[..at]);
                alike(&format!("{}{other}{}", &text[..at], &text[next..]));
            }
        }
        assert!(!alike(&format!("{}1{}", "[".repeat(1_000), "]".repeat(1_000))), "too deep");
    }

    #[test]
    fn a_list_is_no_struct_wherever_it_stands() {
        fn refused<T: serde::de::DeserializeOwned>(text: &str) {
            assert!(serde_json::from_str::<T>(text).is_ok(), "else this proves nothing: {text}");
            let Err(error) = from_str::<T>(text) else { panic!("{text}") };
            assert_eq!(error.classify(), serde_json::error::Category::Data, "{text}");
        }
        const LIST: &str = r#"[1,"x"]"#;
        refused::<Part>(LIST);
        refused::<Option<Part>>(LIST);
        refused::<Box<Part>>(LIST);
        refused::<Vec<Part>>(&format!("[{LIST}]"));
        refused::<(u8, Part)>(&format!("[1,{LIST}]"));
        refused::<BTreeMap<String, Part>>(&format!(r#"{{"a":{LIST}}}"#));
        refused::<Kind>(&format!(r#"{{"Of":{LIST}}}"#));
        refused::<Kind>(&format!(r#"{{"Two":[1,{LIST}]}}"#));
        refused::<Kind>(&format!(r#"{{"Named":[{LIST}]}}"#));
        refused::<Kind>(&format!(r#"{{"Named":{{"part":{LIST}}}}}"#));
    }
}
