//! Enums whose variants have names that are stored and sent.

/// Declares an enum with one name per variant: `ALL`, `as_str`, `from_name`, and serde by the name.
#[macro_export]
macro_rules! named {
    ($(#[$doc:meta])* $set:ident { $($(#[$variant_doc:meta])* $variant:ident => $name:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $set { $($(#[$variant_doc])* $variant,)+ }

        impl $set {
            /// Every variant, in order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Returns the name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Reads a name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)+ _ => None }
            }
        }

        impl $crate::serde::Serialize for $set {
            fn serialize<S: $crate::serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }

        impl<'de> $crate::serde::Deserialize<'de> for $set {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let name: std::borrow::Cow<'de, str> = $crate::serde::Deserialize::deserialize(from)?;
                let unknown = || <D::Error as $crate::serde::de::Error>::unknown_variant(&name, &[$($name),+]);
                Self::from_name(&name).ok_or_else(unknown)
            }
        }
    };
}

#[cfg(test)]
mod tests {
    crate::named! {
        /// Two of them.
        Colour {
            Red => "red",
            /// As the sky.
            Blue => "blue",
        }
    }

    #[test]
    fn name_goes_out_and_comes_back() {
        for colour in Colour::ALL {
            assert_eq!(Colour::from_name(colour.as_str()), Some(*colour));
            let json = serde_json::to_string(colour).unwrap();
            assert_eq!(serde_json::from_str::<Colour>(&json).unwrap(), *colour);
        }
        assert_eq!(serde_json::to_string(&Colour::Blue).unwrap(), r#""blue""#);
        let unknown = serde_json::from_str::<Colour>(r#""green""#).unwrap_err().to_string();
        assert!(unknown.contains("unknown variant `green`"), "{unknown}");
    }
}
