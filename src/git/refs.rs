//! All references of a repository, and what objects stand for.

use std::path::PathBuf;

use gix::objs::{Kind, TagRefIter};

use super::tree::readable;
use super::{CommitId, GitError, ObjectId, Repo};

/// How many annotated tags may stand one behind the other.
const MAX_TAGS: usize = 64;

/// A reference as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The full name; bytes that are not UTF-8 are written `\xNN`.
    pub name: String,
    pub target: Target,
}

/// What a reference names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    Object(ObjectId),
    /// Another reference, by its full name.
    Symbolic(String),
}

/// What an object is once annotated tags are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peeled {
    Commit(CommitId),
    Tree(ObjectId),
    Blob(ObjectId),
}

impl Repo {
    /// Lists all references below `refs/`, sorted by name.
    ///
    /// # Errors
    /// They can't be read.
    pub fn references(&self) -> Result<Vec<Reference>, GitError> {
        let fail = |source: gix::Error| GitError::Reference {
            name: "refs/".to_owned(),
            source: source.into(),
        };
        let handle = self.handle();
        let platform = handle.repo.references().map_err(fail)?;
        let mut out = Vec::new();
        for reference in platform.all().map_err(fail)? {
            let reference = reference.map_err(|source| GitError::Reference {
                name: "refs/".to_owned(),
                source: source.into(),
            })?;
            let name = readable(reference.name().as_bstr());
            let target = match reference.target() {
                gix::refs::TargetRef::Object(id) => Target::Object(ObjectId(id.to_owned())),
                gix::refs::TargetRef::Symbolic(name) => Target::Symbolic(readable(name.as_bstr())),
            };
            out.push(Reference { name, target });
        }
        out.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(out)
    }

    /// Returns the folder of the repository's hooks, as it is configured.
    pub fn hooks_dir(&self) -> PathBuf {
        let handle = self.handle();
        let config = handle.repo.config_snapshot();
        match config.string("core.hooksPath") {
            Some(path) => {
                let base = self.workdir().unwrap_or(self.common_dir());
                base.join(path.to_string())
            }
            None => self.common_dir().join("hooks"),
        }
    }

    /// Makes a server look at what objects hold before it takes them, unless it is configured; whether
    /// that was new.
    ///
    /// # Errors
    /// git is not there, or the configuration can't be written.
    pub fn check_received_objects(&self) -> Result<bool, GitError> {
        let is_set = {
            let handle = self.handle();
            let config = handle.repo.config_snapshot();
            let keys = ["receive.fsckObjects", "transfer.fsckObjects"];
            keys.iter().any(|key| config.boolean(*key).is_some())
        };
        if !is_set {
            self.program(&["config", "receive.fsckObjects", "true"], b"")?;
        }
        Ok(!is_set)
    }

    /// Follows annotated tags to what they stand for.
    ///
    /// # Errors
    /// An object is missing or damaged, or there are too many tags one behind the other.
    pub fn peel(&self, id: ObjectId) -> Result<Peeled, GitError> {
        let mut id = id;
        for _ in 0..MAX_TAGS {
            match self.kind(id)? {
                Kind::Commit => return Ok(Peeled::Commit(CommitId(id.0))),
                Kind::Tree => return Ok(Peeled::Tree(id)),
                Kind::Blob => return Ok(Peeled::Blob(id)),
                Kind::Tag => {
                    let bytes = self.object(id.0, Kind::Tag)?;
                    let target = TagRefIter::from_bytes(&bytes, id.0.kind()).target_id();
                    id = ObjectId(target.map_err(|source| GitError::Object {
                        id,
                        source: source.into(),
                    })?);
                }
            }
        }
        Err(GitError::Kind {
            id,
            found: format!("tag behind more than {MAX_TAGS} others"),
            expected: "commit",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::Playground;

    #[test]
    fn references_are_listed_and_tags_followed() {
        let play = Playground::new();
        let repo = play.init("main");
        play.write("a.txt", "1");
        play.git(&["add", "."]);
        play.git(&["commit", "-qm", "one"]);
        play.git(&["tag", "-am", "t", "one"]);
        play.git(&["tag", "-am", "t", "two", "one"]);
        play.git(&["tag", "tree", "HEAD^{tree}"]);
        play.git(&["tag", "blob", "HEAD:a.txt"]);
        play.git(&["symbolic-ref", "refs/heads/alias", "refs/heads/main"]);
        play.git(&["pack-refs", "--all"]);
        let all = repo.references().expect("lists");
        let names: Vec<&str> = all.iter().map(|r| r.name.as_str()).collect();
        let expected = [
            "heads/alias",
            "heads/main",
            "tags/blob",
            "tags/one",
            "tags/tree",
            "tags/two",
        ];
        assert_eq!(names, expected.map(|name| format!("refs/{name}")));
        assert_eq!(all[0].target, Target::Symbolic("refs/heads/main".into()));
        let peeled = |rev: &str| {
            let id = play.git(&["rev-parse", rev]);
            let id = ObjectId::parse(id.trim()).expect("an id");
            repo.peel(id).expect("peels")
        };
        let head = repo.resolve("HEAD").expect("a commit");
        for rev in ["main", "one", "two"] {
            assert_eq!(peeled(rev), Peeled::Commit(head));
        }
        assert!(matches!(peeled("tree"), Peeled::Tree(_)));
        assert!(matches!(peeled("blob"), Peeled::Blob(_)));
    }
}
