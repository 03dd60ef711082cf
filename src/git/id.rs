//! Ids of objects, as newtypes.

use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub(super) gix::ObjectId);

        impl $name {
            /// Parses the full hex form.
            pub fn parse(hex: &str) -> Option<Self> {
                gix::ObjectId::from_hex(hex.as_bytes()).ok().map(Self)
            }

            /// Returns the first ten hex digits, for people.
            pub fn short(&self) -> String {
                self.0.to_hex_with_len(10).to_string()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
    };
}

id! {
    /// The id of a commit; displayed in hex.
    CommitId
}

id! {
    /// The id of a tree or a blob; displayed in hex.
    ObjectId
}

impl From<CommitId> for ObjectId {
    fn from(id: CommitId) -> Self {
        Self(id.0)
    }
}

impl ObjectId {
    /// The id of the tree without entries.
    pub fn empty_tree() -> Self {
        Self(gix::ObjectId::empty_tree(gix::hash::Kind::Sha1))
    }

    /// Returns the id that bytes have as a blob.
    pub fn of_blob(bytes: &[u8]) -> Self {
        let id = gix::objs::compute_hash(gix::hash::Kind::Sha1, gix::objs::Kind::Blob, bytes);
        Self(id.unwrap_or(gix::hash::Kind::Sha1.null()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_git() {
        let id = ObjectId::of_blob(b"hello\n");
        let hex = "ce013625030ba8dba906f756967f9e9ca394464a";
        assert_eq!((id.to_string(), id.short()), (hex.into(), hex[..10].into()));
        assert_eq!(ObjectId::parse(hex), Some(id));
        assert_eq!(ObjectId::parse("ce01"), None);
    }
}
