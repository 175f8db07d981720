//! Closed lists: names and their meaning, written once.

/// Declares an enum with the name and one line of meaning of each variant: its documentation, its list in order, what
/// files call it, and what people are told.
macro_rules! catalogue {
    ($(#[$attribute:meta])* $visibility:vis enum $list:ident { $($(#[$mark:meta])* $variant:ident $name:literal $about:literal,)* }) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $visibility enum $list {
            $(#[doc = $about] $(#[$mark])* $variant,)*
        }

        impl $list {
            /// All of them, in the order in which they are listed.
            $visibility const ALL: &[$list] = &[$($list::$variant,)*];

            /// The name, as files and reports use it.
            $visibility const fn name(self) -> &'static str {
                match self { $($list::$variant => $name,)* }
            }

            /// One line for people.
            $visibility const fn about(self) -> &'static str {
                match self { $($list::$variant => $about,)* }
            }
        }
    };
}

pub(crate) use catalogue;
