//! What a commit says of itself, read leniently: real histories have commits by old or broken programs,
//! and one odd line must not hide all the others.

use gix::bstr::ByteSlice as _;
use gix::objs::CommitRef;

use super::history::Identity;
use super::tree::readable;

/// The fields of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) tree: gix::ObjectId,
    pub(super) parents: Vec<gix::ObjectId>,
    /// Without an address where the line is not as git writes it: such an author is nobody.
    pub(super) author: Identity,
    pub(super) committer: Identity,
    /// In seconds since 1970; 0 where it does not read.
    pub(super) seconds: i64,
    pub(super) message: String,
}

impl Header {
    /// Reads a commit. What git itself can read of it is read; the error is that of the strict parser, for
    /// a commit that has not even a tree.
    pub(super) fn read(bytes: &[u8], kind: gix::hash::Kind) -> Result<Self, gix::Error> {
        match CommitRef::from_bytes(bytes, kind) {
            Ok(commit) => Ok(Self {
                tree: commit.tree(),
                parents: commit.parents().collect(),
                author: identity(commit.author),
                committer: identity(commit.committer),
                seconds: seconds(commit.committer),
                message: readable(commit.message),
            }),
            Err(error) => Self::salvage(bytes).ok_or(error),
        }
    }

    /// Reads what is there of a commit whose lines are not those that they should be, or not in their
    /// order. Nobody is its author: readers could differ in whom such lines name.
    fn salvage(bytes: &[u8]) -> Option<Self> {
        let (head, message) = match bytes.find(b"\n\n") {
            Some(at) => (&bytes[..at], &bytes[at + 2..]),
            None => (bytes, &b""[..]),
        };
        let mut lines = head.lines();
        let tree = object_id(lines.next()?, b"tree ")?;
        let mut out = Self {
            tree,
            parents: Vec::new(),
            author: Identity::default(),
            committer: Identity::default(),
            seconds: 0,
            message: readable(message),
        };
        let mut among_parents = true;
        for line in lines {
            match object_id(line, b"parent ").filter(|_| among_parents) {
                Some(parent) => out.parents.push(parent),
                None => among_parents = false,
            }
            if let Some(author) = line.strip_prefix(b"author ") {
                out.author = nobody(author);
            } else if let Some(committer) = line.strip_prefix(b"committer ") {
                out.committer = nobody(committer);
                out.seconds = seconds(committer);
            }
        }
        Some(out)
    }
}

fn object_id(line: &[u8], key: &[u8]) -> Option<gix::ObjectId> {
    gix::ObjectId::from_hex(line.strip_prefix(key)?).ok()
}

fn identity(line: &[u8]) -> Identity {
    match gix::actor::SignatureRef::from_bytes(line) {
        Ok(person) => Identity {
            name: readable(person.name.trim()),
            email: readable(person.email.trim()),
        },
        Err(_) => nobody(line),
    }
}

fn nobody(line: &[u8]) -> Identity {
    Identity {
        name: readable(line.trim()),
        email: String::new(),
    }
}

fn seconds(line: &[u8]) -> i64 {
    gix::actor::SignatureRef::from_bytes(line).map_or(0, |person| person.seconds())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
    const GOOD: &str = "A U Thor <a@example.org> 1700000000 +0000";

    fn read(rest: &str) -> Header {
        let bytes = format!("tree {TREE}\n{rest}");
        Header::read(bytes.as_bytes(), gix::hash::Kind::Sha1).expect("reads")
    }

    #[test]
    fn a_commit_is_read_whatever_its_people_are_called() {
        let parent = format!("parent {TREE}\n");
        for (author, name, email) in [
            (GOOD, "A U Thor", "a@example.org"),
            ("A U Thor 1700000000 +0000", "A U Thor 1700000000 +0000", ""),
            ("a@example.org", "a@example.org", ""),
            ("A U Thor <> 1700000000 +0000", "A U Thor", ""),
            ("A U Thor <a@example.org", "A U Thor <a@example.org", ""),
            (" 1700000000 +0000", "1700000000 +0000", ""),
        ] {
            let header = read(&format!(
                "{parent}author {author}\ncommitter {GOOD}\n\nwhy\n"
            ));
            assert_eq!(header.author.name, name, "{author}");
            assert_eq!(header.author.email, email, "{author}");
            assert_eq!((header.parents.len(), header.seconds), (1, 1_700_000_000));
            assert_eq!(header.message, "why\n", "{author}");
        }
    }

    #[test]
    fn lines_that_are_missing_or_astray_name_nobody() {
        for rest in [
            format!("committer {GOOD}\n\nwhy\n"),
            format!("committer {GOOD}\nauthor {GOOD}\n\nwhy\n"),
            format!("author \ncommitter {GOOD}\n\nwhy\n"),
        ] {
            let header = read(&rest);
            assert_eq!(header.author.email, "", "{rest}");
            assert_eq!(
                (header.seconds, header.message.as_str()),
                (1_700_000_000, "why\n")
            );
        }
        assert_eq!(read("").message, "");
        let parent = format!("parent {TREE}\n");
        assert_eq!(read(&parent).parents.len(), 1);
        // What stands after other lines is no parent to git either.
        assert_eq!(read(&format!("author x\n{parent}")).parents.len(), 0);
    }

    #[test]
    fn what_has_no_tree_is_no_commit() {
        for bytes in ["", "tree\n", "tree 12\n\nwhy", "parent 12\n\nwhy"] {
            assert!(Header::read(bytes.as_bytes(), gix::hash::Kind::Sha1).is_err());
        }
    }
}
