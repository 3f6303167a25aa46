//! Identifiers that cannot be mixed up.

/// Declares a UUID newtype that prints, compares, serializes, and binds to SQL.
#[macro_export]
macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $crate::uuid::Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl $crate::serde::Serialize for $name {
            fn serialize<S: $crate::serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                $crate::serde::Serialize::serialize(&self.0, to)
            }
        }

        impl<'de> $crate::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                $crate::serde::Deserialize::deserialize(from).map(Self)
            }
        }

        impl $crate::postgres_types::ToSql for $name {
            fn to_sql(
                &self,
                ty: &$crate::postgres_types::Type,
                out: &mut $crate::postgres_types::private::BytesMut,
            ) -> Result<
                $crate::postgres_types::IsNull,
                Box<dyn std::error::Error + Sync + Send>,
            > {
                $crate::postgres_types::ToSql::to_sql(&self.0, ty, out)
            }

            fn accepts(ty: &$crate::postgres_types::Type) -> bool {
                <$crate::uuid::Uuid as $crate::postgres_types::ToSql>::accepts(ty)
            }

            $crate::postgres_types::to_sql_checked!();
        }

        impl<'a> $crate::postgres_types::FromSql<'a> for $name {
            fn from_sql(
                ty: &$crate::postgres_types::Type,
                raw: &'a [u8],
            ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
                $crate::postgres_types::FromSql::from_sql(ty, raw).map(Self)
            }

            fn accepts(ty: &$crate::postgres_types::Type) -> bool {
                <$crate::uuid::Uuid as $crate::postgres_types::FromSql>::accepts(ty)
            }
        }
    };
}
