//! Data as bytes to take a fingerprint of: equal data gives equal bytes, different data different ones.
//!
//! It is a form for nobody to read back, so that it costs less than JSON: no names of fields, no escapes, no decimal
//! numbers. Every value begins with a mark of what it is, and everything of varying length is closed or counted.

use serde::ser::{self, Serialize};
use std::fmt::{self, Display};

/// Adds the bytes of a value.
pub(crate) fn append(bytes: &mut Vec<u8>, data: &impl Serialize) {
    data.serialize(Writer(bytes)).expect("our own types do not fail to serialise");
}

struct Writer<'b>(&'b mut Vec<u8>);

/// What a type says that refuses to be serialised; none of ours does.
#[derive(Debug)]
struct Refused(String);

impl Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

impl ser::Error for Refused {
    fn custom<T: Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

const END: u8 = 0;

impl Writer<'_> {
    fn fixed(self, mark: u8, bytes: &[u8]) -> Result<(), Refused> {
        self.0.push(mark);
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn counted(self, mark: u8, bytes: &[u8]) -> Result<(), Refused> {
        self.0.push(mark);
        self.0.extend_from_slice(&bytes.len().to_le_bytes());
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn open(self, mark: u8) -> Result<Self, Refused> {
        self.0.push(mark);
        Ok(self)
    }

    fn variant(self, mark: u8, index: u32) -> Self {
        self.0.push(mark);
        self.0.extend_from_slice(&index.to_le_bytes());
        self
    }
}

macro_rules! fixed {
    ($($name:ident $type:ty: $mark:literal,)*) => {
        $(fn $name(self, value: $type) -> Result<(), Refused> {
            self.fixed($mark, &value.to_le_bytes())
        })*
    };
}

impl<'b> ser::Serializer for Writer<'b> {
    type Ok = ();
    type Error = Refused;
    type SerializeSeq = Writer<'b>;
    type SerializeTuple = Writer<'b>;
    type SerializeTupleStruct = Writer<'b>;
    type SerializeTupleVariant = Writer<'b>;
    type SerializeMap = Writer<'b>;
    type SerializeStruct = Writer<'b>;
    type SerializeStructVariant = Writer<'b>;

    fixed! {
        serialize_i8 i8: 1,
        serialize_i16 i16: 2,
        serialize_i32 i32: 3,
        serialize_i64 i64: 4,
        serialize_u8 u8: 5,
        serialize_u16 u16: 6,
        serialize_u32 u32: 7,
        serialize_u64 u64: 8,
        serialize_f32 f32: 9,
        serialize_f64 f64: 10,
    }

    fn serialize_bool(self, value: bool) -> Result<(), Refused> {
        self.fixed(11, &[u8::from(value)])
    }

    fn serialize_char(self, value: char) -> Result<(), Refused> {
        self.fixed(12, &u32::from(value).to_le_bytes())
    }

    fn serialize_str(self, value: &str) -> Result<(), Refused> {
        self.counted(13, value.as_bytes())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Refused> {
        self.counted(14, value)
    }

    fn serialize_none(self) -> Result<(), Refused> {
        self.fixed(15, &[])
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Refused> {
        value.serialize(self.open(16)?)
    }

    fn serialize_unit(self) -> Result<(), Refused> {
        self.fixed(17, &[])
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), Refused> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _name: &'static str, index: u32, _variant: &'static str) -> Result<(), Refused> {
        self.variant(18, index);
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _name: &'static str, value: &T) -> Result<(), Refused> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        index: u32,
        _variant: &'static str,
        value: &T,
    ) -> Result<(), Refused> {
        value.serialize(self.variant(19, index))
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<Self, Refused> {
        self.open(20)
    }

    fn serialize_tuple(self, _len: usize) -> Result<Self, Refused> {
        self.open(21)
    }

    fn serialize_tuple_struct(self, _name: &'static str, _len: usize) -> Result<Self, Refused> {
        self.open(21)
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        index: u32,
        _variant: &'static str,
        _len: usize,
    ) -> Result<Self, Refused> {
        Ok(self.variant(22, index))
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Self, Refused> {
        self.open(23)
    }

    fn serialize_struct(self, _name: &'static str, _len: usize) -> Result<Self, Refused> {
        self.open(24)
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        index: u32,
        _variant: &'static str,
        _len: usize,
    ) -> Result<Self, Refused> {
        Ok(self.variant(25, index))
    }
}

/// Parts follow one another until the end; what has fields says which of them it leaves out.
macro_rules! parts {
    ($($of:ident $part:ident,)*) => {
        $(impl ser::$of for Writer<'_> {
            type Ok = ();
            type Error = Refused;

            fn $part<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
                value.serialize(Writer(self.0))
            }

            fn end(self) -> Result<(), Refused> {
                self.fixed(END, &[])
            }
        })*
    };
}

parts! {
    SerializeSeq serialize_element,
    SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field,
}

macro_rules! fields {
    ($($of:ident,)*) => {
        $(impl ser::$of for Writer<'_> {
            type Ok = ();
            type Error = Refused;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, _key: &'static str, value: &T) -> Result<(), Refused> {
                value.serialize(Writer(self.0))
            }

            fn skip_field(&mut self, _key: &'static str) -> Result<(), Refused> {
                Writer(self.0).fixed(26, &[])
            }

            fn end(self) -> Result<(), Refused> {
                self.fixed(END, &[])
            }
        })*
    };
}

fields! {
    SerializeStruct,
    SerializeStructVariant,
}

impl ser::SerializeMap for Writer<'_> {
    type Ok = ();
    type Error = Refused;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Refused> {
        key.serialize(Writer(self.0))
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
        value.serialize(Writer(self.0))
    }

    fn end(self) -> Result<(), Refused> {
        self.fixed(END, &[])
    }
}

#[cfg(test)]
mod tests {
    use super::append;
    use serde::Serialize;
    use std::collections::BTreeMap;

    fn of(data: &impl Serialize) -> Vec<u8> {
        let mut bytes = Vec::new();
        append(&mut bytes, data);
        bytes
    }

    #[derive(Serialize)]
    struct Two {
        #[serde(skip_serializing_if = "Option::is_none")]
        a: Option<u8>,
        #[serde(skip_serializing_if = "Option::is_none")]
        b: Option<u8>,
    }

    #[test]
    fn different_data_has_different_bytes() {
        assert_ne!(of(&("ab", "c")), of(&("a", "bc")));
        assert_ne!(of(&vec![vec![1u8], vec![]]), of(&vec![vec![], vec![1u8]]));
        assert_ne!(of(&Two { a: Some(1), b: None }), of(&Two { a: None, b: Some(1) }));
        assert_ne!(of(&Some(())), of(&None::<()>));
        assert_ne!(of(&0.0f64), of(&-0.0f64));
        assert_ne!(of(&Ok::<u8, u8>(1)), of(&Err::<u8, u8>(1)));
        assert_ne!(of(&BTreeMap::from([("a", 1)])), of(&BTreeMap::from([("b", 1)])));
    }

    #[test]
    fn equal_data_has_equal_bytes() {
        let data = || (BTreeMap::from([("a", vec![1, 2])]), Two { a: None, b: Some(3) }, 'x', 1.5);
        assert_eq!(of(&data()), of(&data()));
    }
}
