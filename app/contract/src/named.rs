//! Values with one name each: in JSON, in columns, in the protocol and on the command line.
//!
//! To add a value: its line in the enumeration. `ALL`, `name` and `parse` follow.

/// What [`named!`](crate::named!) defines, for functions that read any of them.
pub trait Named: Copy + 'static {
    const VALUES: &'static [Self];

    /// How it is written.
    fn written(self) -> &'static str;
}

/// Defines an enumeration: each value once, with its name. A name is a `tt`: in a `literal` utoipa
/// does not see it.
#[macro_export]
macro_rules! named {
    (
        $(#[$attribute:meta])*
        pub enum $enum:ident {
            $($(#[$about:meta])* $value:ident = $name:tt,)*
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ::serde::Serialize, ::serde::Deserialize)]
        pub enum $enum {
            $($(#[$about])* #[serde(rename = $name)] $value,)*
        }

        impl $enum {
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$value),*];

            /// How it is written.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$value => $name,)*
                }
            }

            /// The value with this name.
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|value| value.name() == name)
            }
        }

        impl $crate::named::Named for $enum {
            const VALUES: &'static [Self] = &Self::ALL;

            fn written(self) -> &'static str {
                self.name()
            }
        }
    };
}
